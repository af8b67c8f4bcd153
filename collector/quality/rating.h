#ifndef CALLBRAID_COLLECTOR_QUALITY_RATING_H_
#define CALLBRAID_COLLECTOR_QUALITY_RATING_H_

#include <cstdint>
#include <optional>

#include "callbraid/v1/quality.pb.h"
#include "collector/emodel/codec_impairment.h"
#include "collector/quality/quality_slices.h"

namespace callbraid::collector {

// Mean length of runs of missing packets against random loss (ITU-T G.107,
// BurstR). At least 1.
double BurstRatioOf(const QualityCounts& counts);

// `interval_ns`: from one packet to the next, to tell how long bursts are; 0 if
// not known. `told_duplicates`: whether copies can be told from what was seen
// twice.
v1::PacketFigures ToProto(const QualityCounts& counts, int64_t interval_ns,
                          bool told_duplicates);

// What else a rating goes by.
struct RatingTerms {
  // Lost where the counts do not tell of it, at random.
  uint64_t lost_further_on = 0;
  // Of those counted as lost: not lost.
  uint64_t not_lost = 0;
  // From mouth to ear, in milliseconds.
  std::optional<double> delay_ms = {};
};

// Without worst_mos_listening. Of nothing, as if nothing was lost.
v1::Rating Rate(const QualityCounts& counts, const CodecImpairment& codec,
                const RatingTerms& terms = {});

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUALITY_RATING_H_
