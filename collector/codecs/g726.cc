#include <cstdint>
// After cstdint, which it needs, and before what needs it.
#include <spandsp/telephony.h>
//
#include <spandsp/bitstream.h>
//
#include <spandsp/g726.h>

#include <string_view>

#include "collector/codecs/builtin_codecs.h"

namespace callbraid::collector {
namespace {

// How the samples of 2 to 5 bits lie in the bytes.
enum Packing {
  kFirstLow,   // RFC 3551, section 4.5.4: "G726-32".
  kFirstHigh,  // ITU-T I.366.2, annex E: "AAL2-G726-32".
};

struct FreeState {
  void operator()(g726_state_t* state) const { g726_free(state); }
};

class G726 final : public Codec {
 public:
  G726(int bits, Packing packing)
      : Codec(8000, 8000), bits_(bits), packing_(packing) {}

  size_t Samples(std::span<const uint8_t> payload) const override {
    return Whole(payload).size() * 8 / bits_;
  }
  std::unique_ptr<Decoder> CreateDecoder() const override;

  // Without what would be a part of a sample, or of the eight that three or
  // five bytes hold: every packet begins with a whole byte.
  std::span<const uint8_t> Whole(std::span<const uint8_t> payload) const {
    const size_t unit = bits_ % 2 == 0 ? 1 : bits_;
    return payload.first(payload.size() - payload.size() % unit);
  }

 private:
  const size_t bits_;
  const Packing packing_;
};

class G726Decoder final : public Decoder {
 public:
  G726Decoder(const G726& codec, size_t bits, Packing packing)
      : codec_(codec),
        state_(g726_init(
            nullptr, static_cast<int>(bits) * 8000, G726_ENCODING_LINEAR,
            packing == kFirstLow ? G726_PACKING_RIGHT : G726_PACKING_LEFT)) {}

  bool Decode(std::span<const uint8_t> payload,
              std::vector<int16_t>& pcm) override {
    const size_t before = pcm.size();
    pcm.resize(before + codec_.Samples(payload));
    const auto whole = codec_.Whole(payload);
    g726_decode(state_.get(), pcm.data() + before, whole.data(),
                static_cast<int>(whole.size()));
    return !whole.empty();
  }

 private:
  const G726& codec_;
  const std::unique_ptr<g726_state_t, FreeState> state_;
};

std::unique_ptr<Decoder> G726::CreateDecoder() const {
  return std::make_unique<G726Decoder>(*this, bits_, packing_);
}

}  // namespace

const Codec* MakeG726(const CodecFormat& format) {
  static const G726 codecs[2][4] = {
      {{2, kFirstLow}, {3, kFirstLow}, {4, kFirstLow}, {5, kFirstLow}},
      {{2, kFirstHigh}, {3, kFirstHigh}, {4, kFirstHigh}, {5, kFirstHigh}}};
  const std::string_view name = format.name;
  const Packing packing = name.starts_with("AAL2-") ? kFirstHigh : kFirstLow;
  if (name.ends_with("-16")) return &codecs[packing][0];
  if (name.ends_with("-24")) return &codecs[packing][1];
  if (name.ends_with("-40")) return &codecs[packing][3];
  return &codecs[packing][2];
}

}  // namespace callbraid::collector
