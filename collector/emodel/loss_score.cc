#include "collector/emodel/loss_score.h"

#include <algorithm>

namespace callbraid::collector {
namespace {

double Share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0
                    : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double BurstRatio(uint64_t missing, uint64_t runs, uint64_t expected) {
  if (missing == 0) return 1;
  const double mean = Share(missing, std::max<uint64_t>(1, runs));
  const double at_random = 1 - Share(missing, expected);
  return std::max(1.0, mean * at_random);
}

EModelInput InputOf(const CodecImpairment& codec, uint64_t missing,
                    uint64_t expected, double burst_ratio) {
  EModelInput input;
  input.ie = codec.ie;
  input.bpl = codec.bpl;
  input.ppl = 100 * Share(missing, expected);
  input.burst_r = burst_ratio;
  return input;
}

EModelScore ScoreOf(const EModelInput& input, bool wideband) {
  if (wideband) {
    const double r = std::max(0.0, RateWideband(input).r);
    return {r, MosOfWideband(r)};
  }
  const double r = std::max(0.0, RateNarrowband(input).r);
  return {r, MosOfNarrowband(r)};
}

}  // namespace callbraid::collector
