#include <speex/speex.h>

#include <algorithm>
#include <optional>

#include "collector/codecs/bit_reader.h"
#include "collector/codecs/builtin_codecs.h"

namespace callbraid::collector {
namespace {

// Modes of a narrowband frame that are none (RFC 5574, and libspeex).
constexpr uint32_t kUserMessage = 13;
constexpr uint32_t kRequest = 14;
constexpr uint32_t kEnd = 15;
// Nothing, and comfort noise.
constexpr uint32_t kLastPauseMode = 1;

// Bits of a request that says so with its first four.
size_t RequestBits(uint32_t request) {
  constexpr uint8_t kBits[] = {1, 1, 4,  4,  4,  4,  4,  4,
                               8, 8, 16, 16, 32, 32, 64, 64};
  return kBits[request & 15];
}

// How many bits a frame has in this mode, those that tell the mode included. 0:
// there is no such mode.
size_t FrameBits(int band, uint32_t submode) {
  int bits = static_cast<int>(submode);
  speex_mode_query(speex_lib_get_mode(band), SPEEX_SUBMODE_BITS_PER_FRAME,
                   &bits);
  return static_cast<size_t>(std::max(bits, 0));
}

struct Contents {
  size_t frames = 0;
  uint32_t last_mode = 0;
};

// A frame is one of the narrowband, and up to two layers above it. What is cut
// off is none.
Contents Look(std::span<const uint8_t> payload) {
  Contents contents;
  const size_t most = Codec::kMaxFrameMs / 20;
  BitReader bits(payload);
  while (bits.left() >= 5 && contents.frames < most) {
    if (bits.Read(1) == 1) {
      const size_t size = FrameBits(SPEEX_MODEID_WB, bits.Read(3));
      if (size < 4 || bits.left() < size - 4) break;
      bits.Skip(size - 4);
      continue;
    }
    const uint32_t mode = bits.Read(4);
    if (mode == kEnd) break;
    if (mode == kRequest) {
      bits.Skip(RequestBits(bits.Read(4)));
      continue;
    }
    if (mode == kUserMessage) {
      bits.Skip(5 + 8 * bits.Read(4));
      continue;
    }
    const size_t size = FrameBits(SPEEX_MODEID_NB, mode);
    if (size < 5 || bits.left() < size - 5) break;
    bits.Skip(size - 5);
    contents.last_mode = mode;
    ++contents.frames;
  }
  return contents;
}

class SpeexDecoder final : public Decoder {
 public:
  SpeexDecoder(int mode, size_t frame_samples)
      : frame_samples_(frame_samples),
        state_(speex_decoder_init(speex_lib_get_mode(mode))) {
    int on = 1;
    speex_decoder_ctl(state_, SPEEX_SET_ENH, &on);
    speex_bits_init(&bits_);
  }
  ~SpeexDecoder() override {
    speex_bits_destroy(&bits_);
    speex_decoder_destroy(state_);
  }
  SpeexDecoder(const SpeexDecoder&) = delete;
  SpeexDecoder& operator=(const SpeexDecoder&) = delete;

  bool Decode(std::span<const uint8_t> payload,
              std::vector<int16_t>& pcm) override {
    const size_t frames = Look(payload).frames;
    speex_bits_read_from(&bits_, reinterpret_cast<const char*>(payload.data()),
                         static_cast<int>(payload.size()));
    for (size_t i = 0; i < frames; ++i) {
      if (!Append(&bits_, pcm)) return false;
    }
    return frames > 0;
  }

  bool Conceal(size_t samples, std::span<const uint8_t> /*next*/,
               std::vector<int16_t>& pcm) override {
    const size_t end = pcm.size() + samples;
    while (pcm.size() < end) Append(nullptr, pcm);
    pcm.resize(end);
    return true;
  }

  bool Pause(size_t samples, std::vector<int16_t>& pcm) override {
    return Conceal(samples, {}, pcm);
  }

 private:
  bool Append(SpeexBits* bits, std::vector<int16_t>& pcm) {
    const size_t before = pcm.size();
    pcm.resize(before + frame_samples_);
    return speex_decode_int(state_, bits, pcm.data() + before) == 0;
  }

  const size_t frame_samples_;
  void* const state_;
  SpeexBits bits_;
};

class Speex final : public Codec {
 public:
  Speex(uint32_t rate, int mode) : Codec(rate, rate), mode_(mode) {}

  size_t Samples(std::span<const uint8_t> payload) const override {
    return Look(payload).frames * frame_samples();
  }
  bool SizeTells() const override { return false; }
  bool EndsInPause(std::span<const uint8_t> payload) const override {
    const Contents contents = Look(payload);
    return contents.frames > 0 && contents.last_mode <= kLastPauseMode;
  }
  std::unique_ptr<Decoder> CreateDecoder() const override {
    return std::make_unique<SpeexDecoder>(mode_, frame_samples());
  }

 private:
  size_t frame_samples() const { return sample_rate() / 50; }
  const int mode_;
};

}  // namespace

const Codec* MakeSpeex(const CodecFormat& format) {
  static const Speex narrow(8000, SPEEX_MODEID_NB);
  static const Speex wide(16000, SPEEX_MODEID_WB);
  static const Speex ultra_wide(32000, SPEEX_MODEID_UWB);
  switch (format.clock_rate) {
    case 0:
    case 8000:
      return &narrow;
    case 16000:
      return &wide;
    case 32000:
      return &ultra_wide;
    default:
      return nullptr;
  }
}

}  // namespace callbraid::collector
