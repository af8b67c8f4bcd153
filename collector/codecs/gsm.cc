#include <gsm.h>

#include <algorithm>

#include "collector/codecs/builtin_codecs.h"

namespace callbraid::collector {
namespace {

constexpr size_t kFrameBytes = 33;
constexpr size_t kFrameSamples = 160;

size_t Frames(std::span<const uint8_t> payload) {
  return std::min(payload.size() / kFrameBytes,
                  Codec::kMaxFrameMs * 8 / kFrameSamples);
}

struct Destroy {
  void operator()(gsm_state* state) const { gsm_destroy(state); }
};

class GsmDecoder final : public Decoder {
 public:
  GsmDecoder() : state_(gsm_create()) {}

  bool Decode(std::span<const uint8_t> payload,
              std::vector<int16_t>& pcm) override {
    const size_t frames = Frames(payload);
    for (size_t i = 0; i < frames; ++i) {
      // libgsm wants them writable.
      std::copy_n(payload.begin() + static_cast<ptrdiff_t>(i * kFrameBytes),
                  kFrameBytes, frame_);
      const size_t before = pcm.size();
      pcm.resize(before + kFrameSamples);
      if (gsm_decode(state_.get(), frame_, pcm.data() + before) != 0) {
        return false;
      }
    }
    return frames > 0;
  }

 private:
  const std::unique_ptr<gsm_state, Destroy> state_;
  gsm_frame frame_;
};

class Gsm final : public Codec {
 public:
  Gsm() : Codec(8000, 8000) {}

  size_t Samples(std::span<const uint8_t> payload) const override {
    return Frames(payload) * kFrameSamples;
  }
  std::unique_ptr<Decoder> CreateDecoder() const override {
    return std::make_unique<GsmDecoder>();
  }
};

}  // namespace

const Codec* MakeGsm(const CodecFormat&) {
  static const Gsm codec;
  return &codec;
}

}  // namespace callbraid::collector
