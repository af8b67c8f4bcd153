#include <algorithm>
#include <array>

#include "collector/codecs/builtin_codecs.h"

namespace callbraid::collector {
namespace {

constexpr std::array<uint32_t, 9> kRates = {8000,  11025, 12000, 16000, 22050,
                                            24000, 32000, 44100, 48000};

class L16Decoder final : public Decoder {
 public:
  explicit L16Decoder(size_t channels) : channels_(channels) {}

  bool Decode(std::span<const uint8_t> payload,
              std::vector<int16_t>& pcm) override {
    const size_t size = 2 * channels_;
    for (; payload.size() >= size; payload = payload.subspan(size)) {
      int sum = 0;
      for (size_t i = 0; i < size; i += 2) {
        sum += static_cast<int16_t>(payload[i] << 8 | payload[i + 1]);
      }
      pcm.push_back(static_cast<int16_t>(sum / static_cast<int>(channels_)));
    }
    return true;
  }

 private:
  const size_t channels_;
};

class L16 final : public Codec {
 public:
  L16(uint32_t rate, size_t channels)
      : Codec(rate, rate), channels_(channels) {}

  size_t Samples(std::span<const uint8_t> payload) const override {
    return payload.size() / (2 * channels_);
  }
  std::unique_ptr<Decoder> CreateDecoder() const override {
    return std::make_unique<L16Decoder>(channels_);
  }

 private:
  const size_t channels_;
};

}  // namespace

const Codec* MakeL16(const CodecFormat& format) {
  static const auto* codecs = [] {
    auto* all =
        new std::array<std::array<std::unique_ptr<L16>, 2>, kRates.size()>();
    for (size_t i = 0; i < kRates.size(); ++i) {
      for (size_t channels : {1, 2}) {
        (*all)[i][channels - 1] = std::make_unique<L16>(kRates[i], channels);
      }
    }
    return all;
  }();
  const uint32_t wanted = format.clock_rate == 0 ? 44100 : format.clock_rate;
  const auto rate = std::find(kRates.begin(), kRates.end(), wanted);
  if (rate == kRates.end() || format.channels > 2) return nullptr;
  return (*codecs)[static_cast<size_t>(rate - kRates.begin())]
                  [format.channels - 1]
                      .get();
}

}  // namespace callbraid::collector
