#include "collector/quality/rating.h"

#include <algorithm>

#include "collector/emodel/loss_score.h"

namespace callbraid::collector {
namespace {

constexpr double kNsPerMs = 1e6;

double Share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0
                    : static_cast<double>(part) / static_cast<double>(whole);
}

v1::BurstGapFigures ToProto(const BurstGapCounts& counts, int64_t interval_ns) {
  const double interval_ms = static_cast<double>(interval_ns) / kNsPerMs;
  v1::BurstGapFigures figures;
  figures.set_bursts(static_cast<uint32_t>(counts.bursts));
  figures.set_burst_density(Share(counts.burst_missing, counts.burst_packets));
  figures.set_gap_density(Share(counts.gap_missing, counts.gap_packets));
  figures.set_burst_duration_ms(Share(counts.burst_packets, counts.bursts) *
                                interval_ms);
  figures.set_gap_duration_ms(Share(counts.gap_packets, counts.gaps) *
                              interval_ms);
  return figures;
}

}  // namespace

double BurstRatioOf(const QualityCounts& counts) {
  // A run that goes on from the slice before is a run here, too.
  return BurstRatio(counts.lost + counts.discarded, counts.burst_gap.runs,
                    counts.expected);
}

v1::PacketFigures ToProto(const QualityCounts& counts, int64_t interval_ns,
                          bool told_duplicates) {
  v1::PacketFigures figures;
  figures.set_expected(counts.expected);
  figures.set_lost(counts.lost);
  figures.set_discarded(counts.discarded);
  figures.set_reordered(counts.reordered);
  if (told_duplicates) figures.set_duplicates(counts.duplicates);
  if (counts.measured > 0) {
    figures.set_jitter_ms(counts.jitter_sum_ns /
                          static_cast<double>(counts.measured) / kNsPerMs);
  }
  figures.set_max_jitter_ms(counts.max_jitter_ns / kNsPerMs);
  figures.set_delay_variation_p95_ms(
      static_cast<double>(counts.delay_variation_p95_ns) / kNsPerMs);
  *figures.mutable_burst_gap() = ToProto(counts.burst_gap, interval_ns);
  figures.set_burst_ratio(BurstRatioOf(counts));
  return figures;
}

v1::Rating Rate(const QualityCounts& counts, const CodecImpairment& codec,
                const RatingTerms& terms) {
  const uint64_t missing = counts.lost - std::min(terms.not_lost, counts.lost) +
                           counts.discarded + terms.lost_further_on;
  EModelInput input =
      InputOf(codec, missing, counts.expected, BurstRatioOf(counts));
  v1::Rating rating;
  const EModelScore listening = ScoreOf(input, codec.wideband);
  rating.set_r_listening(listening.r);
  rating.set_mos_listening(listening.mos);
  if (terms.delay_ms) {
    // Echo comes from the far end, with the defaults of the standard for how
    // loud it is.
    input.t = *terms.delay_ms;
    input.ta = *terms.delay_ms;
    input.tr = 2 * *terms.delay_ms;
    const EModelScore conversation = ScoreOf(input, codec.wideband);
    rating.set_r_conversation(conversation.r);
    rating.set_mos_conversation(conversation.mos);
  }
  return rating;
}

}  // namespace callbraid::collector
