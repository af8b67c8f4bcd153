#ifndef CALLBRAID_COLLECTOR_EMODEL_LOSS_SCORE_H_
#define CALLBRAID_COLLECTOR_EMODEL_LOSS_SCORE_H_

#include <cstdint>

#include "collector/emodel/codec_impairment.h"
#include "collector/emodel/e_model.h"

// What the E-model makes of a codec and of lost packets.

namespace callbraid::collector {

// Mean length of runs of missing packets, against what it would be if as many
// were missing at random (ITU-T G.107, BurstR). At least 1.
double BurstRatio(uint64_t missing, uint64_t runs, uint64_t expected);

// A connection by `codec` that is perfect but for `missing` of `expected`
// packets, and has no delay. Of nothing, as if nothing was missing.
EModelInput InputOf(const CodecImpairment& codec, uint64_t missing,
                    uint64_t expected, double burst_ratio);

struct EModelScore {
  double r = 0;    // At least 0; on the codec's scale.
  double mos = 0;  // 1 to 4.5.
};
EModelScore ScoreOf(const EModelInput& input, bool wideband);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EMODEL_LOSS_SCORE_H_
