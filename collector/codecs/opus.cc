#include <opus/opus.h>

#include <algorithm>

#include "collector/codecs/builtin_codecs.h"

namespace callbraid::collector {
namespace {

constexpr int kRate = 48000;
// No packet is longer (RFC 6716, section 3.2.5).
constexpr int kMaxSamples = kRate / 1000 * 120;
// What is decoded without a packet is a whole number of these.
constexpr size_t kStep = kRate / 400;

struct Destroy {
  void operator()(OpusDecoder* state) const { opus_decoder_destroy(state); }
};

// Of one channel: libopus mixes a stereo packet.
class OpusDecoding final : public Decoder {
 public:
  OpusDecoding() : state_(opus_decoder_create(kRate, 1, nullptr)) {}

  bool Decode(std::span<const uint8_t> payload,
              std::vector<int16_t>& pcm) override {
    // To libopus no bytes are a loss.
    return !payload.empty() && Append(payload, kMaxSamples, /*fec=*/false, pcm);
  }

  // Of the frame before `next` that may hold a coarser copy (in-band FEC, RFC
  // 6716, section 2.1.7); libopus looks for it, and conceals what is before.
  bool Conceal(size_t samples, std::span<const uint8_t> next,
               std::vector<int16_t>& pcm) override {
    if (samples == 0 || samples % kStep != 0 || samples > kMaxSamples ||
        next.empty() ||
        !Append(next, static_cast<int>(samples), /*fec=*/true, pcm)) {
      Extrapolate(samples, pcm);
    }
    return true;
  }

  bool Pause(size_t samples, std::vector<int16_t>& pcm) override {
    Extrapolate(samples, pcm);
    return true;
  }

 private:
  bool Append(std::span<const uint8_t> payload, int room, bool fec,
              std::vector<int16_t>& pcm) {
    const size_t before = pcm.size();
    pcm.resize(before + static_cast<size_t>(room));
    const int count = opus_decode(state_.get(), payload.data(),
                                  static_cast<opus_int32>(payload.size()),
                                  pcm.data() + before, room, fec);
    pcm.resize(before + static_cast<size_t>(std::max(count, 0)));
    return count > 0;
  }

  void Extrapolate(size_t samples, std::vector<int16_t>& pcm) {
    const size_t end = pcm.size() + samples;
    while (pcm.size() < end) {
      const size_t left = (end - pcm.size() + kStep - 1) / kStep * kStep;
      const auto room = std::min<size_t>(left, kRate / 50);
      if (!Append({}, static_cast<int>(room), /*fec=*/false, pcm)) break;
    }
    pcm.resize(end);
  }

  const std::unique_ptr<OpusDecoder, Destroy> state_;
};

class Opus final : public Codec {
 public:
  // RFC 7587, section 4.1: always.
  Opus() : Codec(kRate, kRate) {}

  size_t Samples(std::span<const uint8_t> payload) const override {
    const int samples = opus_packet_get_nb_samples(
        payload.data(), static_cast<opus_int32>(payload.size()), kRate);
    return static_cast<size_t>(std::max(samples, 0));
  }
  bool SizeTells() const override { return false; }
  // Nothing but the table of contents.
  bool EndsInPause(std::span<const uint8_t> payload) const override {
    return payload.size() <= 2;
  }
  std::unique_ptr<Decoder> CreateDecoder() const override {
    return std::make_unique<OpusDecoding>();
  }
};

}  // namespace

const Codec* MakeOpus(const CodecFormat&) {
  static const Opus codec;
  return &codec;
}

}  // namespace callbraid::collector
