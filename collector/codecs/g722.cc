#include <cstdint>
// After cstdint, which it needs, and before what needs it.
#include <spandsp/telephony.h>
//
#include <spandsp/g722.h>

#include "collector/codecs/builtin_codecs.h"

namespace callbraid::collector {
namespace {

struct FreeState {
  void operator()(g722_decode_state_t* state) const { g722_decode_free(state); }
};

class G722Decoder final : public Decoder {
 public:
  G722Decoder() : state_(g722_decode_init(nullptr, 64000, 0)) {}

  bool Decode(std::span<const uint8_t> payload,
              std::vector<int16_t>& pcm) override {
    const size_t before = pcm.size();
    pcm.resize(before + 2 * payload.size());
    g722_decode(state_.get(), pcm.data() + before, payload.data(),
                static_cast<int>(payload.size()));
    return true;
  }

 private:
  const std::unique_ptr<g722_decode_state_t, FreeState> state_;
};

class G722 final : public Codec {
 public:
  G722() : Codec(8000, 16000) {}

  size_t Samples(std::span<const uint8_t> payload) const override {
    return 2 * payload.size();
  }
  std::unique_ptr<Decoder> CreateDecoder() const override {
    return std::make_unique<G722Decoder>();
  }
};

}  // namespace

const Codec* MakeG722(const CodecFormat&) {
  static const G722 codec;
  return &codec;
}

}  // namespace callbraid::collector
