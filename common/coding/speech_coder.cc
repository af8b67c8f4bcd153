#include "common/coding/speech_coder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "common/coding/range_coder.h"

namespace callbraid {
namespace {

// Samples that the predictor takes, that it is fitted to, and after how many it
// is fitted anew.
constexpr size_t kOrder = 12;
constexpr size_t kWindow = 200;
constexpr size_t kRefit = 40;
// Of autocorrelation; a multiple of what a processor adds at once.
constexpr size_t kLags = 16;
static_assert(kLags > kOrder);

// What a prediction is off by is coded in one of so many contexts, by how much
// the last ones were off.
constexpr size_t kContexts = 16;
// A value has so many bits, and so many is coded first.
constexpr int kMostBits = 8;

// How likely it is, of 65536, that a value has no more than 0 to 7 bits, if it
// has no fewer: where to begin learning. Of Laplace distributions.
constexpr uint16_t kBegin[kContexts][kMostBits] = {
    {60732, 29577, 55859, 14781, 2136, 4369, 9362, 21845},
    {55068, 29196, 57121, 41220, 2882, 4369, 9362, 21845},
    {47227, 27147, 53793, 56066, 12023, 4376, 9362, 21845},
    {38539, 24138, 48075, 58602, 40138, 4790, 9362, 21845},
    {30305, 20666, 41250, 55777, 57323, 12184, 9365, 21845},
    {23254, 17139, 34245, 50327, 60182, 41272, 9602, 21845},
    {17577, 13849, 27685, 43576, 57624, 58972, 15557, 21846},
    {13170, 10961, 21918, 36468, 52458, 61584, 44077, 21966},
    {9818, 8537, 17072, 29683, 45856, 59248, 60680, 26169},
    {7299, 6566, 13133, 23628, 38714, 54438, 62753, 49968},
    {5417, 5003, 10007, 18484, 31746, 48073, 60647, 62604},
    {4017, 3785, 7570, 14266, 25423, 40970, 56257, 63746},
    {2978, 2848, 5697, 10898, 19983, 33868, 50212, 61850},
    {2207, 2135, 4270, 8262, 15484, 27310, 43245, 57998},
    {1637, 1597, 3196, 6237, 11883, 21626, 36175, 52689},
    {1222, 1200, 2400, 4715, 9101, 16979, 29733, 46800},
};

// Weights of the last samples, the newest first: (1 - u)^2 (1 + 2 u), which
// goes from 1 to 0.
const std::array<float, kWindow>& Weights() {
  static const auto weights = [] {
    std::array<float, kWindow> w;
    for (size_t i = 0; i < kWindow; ++i) {
      const float u = static_cast<float>(i + 1) / (kWindow + 1);
      const float rest = 1 - u;
      w[i] = rest * rest * (1 + 2 * u);
    }
    return w;
  }();
  return weights;
}

// Predicts a sample from those before it.
class Predictor {
 public:
  Predictor() { coefficients_[0] = 0.9F; }

  int16_t Predict() const {
    float even = 0;
    float odd = 0;
    const float* const last = &history_[at_ - 1];
    for (size_t i = 0; i < kOrder; i += 2) {
      even += coefficients_[i] * *(last - i);
      odd += coefficients_[i + 1] * *(last - i - 1);
    }
    const float sum = even + odd;
    // What is no number is none of these either.
    if (sum >= 32767) return 32767;
    if (sum > -32768) return static_cast<int16_t>(sum);
    return -32768;
  }

  void Add(int16_t sample) {
    if (at_ == history_.size()) {
      std::copy(history_.end() - kWindow, history_.end(), history_.begin());
      at_ = kWindow;
    }
    history_[at_++] = sample;
    if (++since_fit_ == kRefit) Fit();
  }

 private:
  void Fit();
  void Solve(const std::array<float, kLags>& correlation);

  std::array<float, kOrder> coefficients_ = {};
  // Those up to `at_`; before the first there was silence.
  std::array<float, 8 * kWindow> history_ = {};
  size_t at_ = kWindow;
  size_t since_fit_ = 0;
};

void Predictor::Fit() {
  since_fit_ = 0;
  const std::array<float, kWindow>& weights = Weights();
  std::array<float, kWindow + kLags> weighted = {};
  for (size_t i = 0; i < kWindow; ++i) {
    weighted[i] = history_[at_ - 1 - i] * weights[i];
  }
  std::array<float, kLags> correlation = {};
  for (size_t i = 0; i < kWindow; ++i) {
    for (size_t lag = 0; lag < kLags; ++lag) {
      correlation[lag] += weighted[i] * weighted[i + lag];
    }
  }
  // Noise as of the law's own steps.
  correlation[0] = correlation[0] * 1.0005F + 30;
  Solve(correlation);
}

// By Levinson and Durbin.
void Predictor::Solve(const std::array<float, kLags>& correlation) {
  coefficients_ = {};
  float error = correlation[0];
  for (size_t i = 0; i < kOrder; ++i) {
    if (!(error > 1e-6F)) return;
    float reflection = correlation[i + 1];
    for (size_t j = 0; j < i; ++j) {
      reflection -= coefficients_[j] * correlation[i - j];
    }
    reflection /= error;
    const std::array<float, kOrder> before = coefficients_;
    for (size_t j = 0; j < i; ++j) {
      coefficients_[j] = before[j] - reflection * before[i - 1 - j];
    }
    coefficients_[i] = reflection;
    error *= 1 - reflection * reflection;
  }
}

// What the place is off by as a number from 0 on: to either side in turn while
// there are places on both, then on to the longer side.
uint32_t Fold(int place, int predicted) {
  const int off = place - predicted;
  const int both = std::min(predicted, 255 - predicted);
  const int distance = std::abs(off);
  if (distance > both) return static_cast<uint32_t>(both + distance);
  return static_cast<uint32_t>(off < 0 ? 2 * distance - 1 : 2 * distance);
}

int Unfold(uint32_t value, int predicted) {
  const int folded = static_cast<int>(value);
  const int both = std::min(predicted, 255 - predicted);
  if (folded > 2 * both) {
    return predicted > 127 ? predicted - (folded - both)
                           : predicted + (folded - both);
  }
  return folded % 2 == 1 ? predicted - (folded + 1) / 2
                         : predicted + folded / 2;
}

// Codes what predictions are off by.
class OffCoder {
 public:
  OffCoder() {
    float limit = 1.4F;
    for (size_t i = 0; i < kContexts; ++i) {
      limits_[i] = limit;
      limit *= 1.35F;
      for (int bits = 0; bits < kMostBits; ++bits) {
        lengths_[i][bits] = BitModel(kBegin[i][bits]);
      }
    }
  }

  // 0..255; a decoder does not look at `value`, but returns it.
  template <typename Coder>
  uint32_t Code(Coder& coder, uint32_t value) {
    auto& lengths = lengths_[Context()];
    const int wanted = std::bit_width(value);
    int bits = 0;
    while (bits < kMostBits && coder.Code(wanted > bits, lengths[bits])) ++bits;
    if (bits <= 1) return static_cast<uint32_t>(bits);
    // The first bit is set.
    uint32_t coded = 1;
    for (int bit = bits - 2; bit >= 0; --bit) {
      coded =
          coded * 2 + coder.Code((value >> bit & 1) != 0, values_[bits][coded]);
    }
    return coded;
  }

  void Learn(int distance) {
    mean_ += (static_cast<float>(4 * std::min(distance, 48)) - mean_) * 0.1F;
  }

 private:
  size_t Context() const {
    size_t context = 0;
    while (context < kContexts - 1 && mean_ > limits_[context]) ++context;
    return context;
  }

  std::array<float, kContexts> limits_;
  std::array<std::array<BitModel, kMostBits>, kContexts> lengths_;
  // By length, and by the bits before.
  std::array<std::array<BitModel, 128>, kMostBits + 1> values_;
  // Of four times the last distances.
  float mean_ = 4;
};

// One sample, by either kind of coder. `code`: of an encoder.
class SampleCoder {
 public:
  explicit SampleCoder(const CompandingLaw& law) : law_(law) {}

  template <typename Coder>
  uint8_t Code(Coder& coder, uint8_t code) {
    const int predicted = law_.Nearest(predictor_.Predict());
    const uint32_t value =
        offs_.Code(coder, Fold(law_.PlaceOf(code), predicted));
    const int place = Unfold(value, predicted);
    offs_.Learn(std::abs(place - predicted));
    predictor_.Add(law_.AmplitudeAt(static_cast<uint8_t>(place)));
    return law_.CodeAt(static_cast<uint8_t>(place));
  }

 private:
  const CompandingLaw& law_;
  Predictor predictor_;
  OffCoder offs_;
};

}  // namespace

void EncodeSpeech(const CompandingLaw& law, std::span<const uint8_t> codes,
                  std::string& out) {
  SampleCoder samples(law);
  RangeEncoder coder(out);
  for (const uint8_t code : codes) samples.Code(coder, code);
  coder.Finish();
}

void DecodeSpeech(const CompandingLaw& law, std::span<const uint8_t> coded,
                  size_t count, std::string& out) {
  SampleCoder samples(law);
  RangeDecoder coder(coded);
  for (size_t i = 0; i < count; ++i) {
    out.push_back(static_cast<char>(samples.Code(coder, 0)));
  }
}

}  // namespace callbraid
