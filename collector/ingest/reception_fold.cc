#include "collector/ingest/reception_fold.h"

#include <algorithm>

namespace callbraid::collector {
namespace {

// Reports come every 5 s (RFC 3550, section 6.2), in large sessions every few
// minutes.
constexpr int64_t kSilenceNs = 300'000'000'000;
// Reports may overtake each other; more is another stream under the same SSRC.
constexpr uint32_t kMaxStepBack = 100;

}  // namespace

ReportFit FitOf(const SeenReport& report,
                const store::v1::Observation& observation) {
  if (report.time_ns < observation.first_time_ns()) return ReportFit::kOther;
  if (report.time_ns <= observation.last_time_ns()) return ReportFit::kRepeat;
  const store::v1::ReceptionReport& last = observation.reception().last();
  const bool anew = report.time_ns - observation.last_time_ns() > kSilenceNs ||
                    uint64_t{report.report.highest_sequence} + kMaxStepBack <
                        last.highest_sequence();
  return anew ? ReportFit::kBeginsAnew : ReportFit::kContinues;
}

void BeginReception(const SeenReport& report,
                    store::v1::Observation& observation) {
  observation.set_first_time_ns(report.time_ns);
  store::v1::ReceptionObservation& reception = *observation.mutable_reception();
  *reception.mutable_reporter() = ToProto(report.flow.source);
  *reception.mutable_sender() = ToProto(report.flow.destination);
  reception.set_ssrc(report.report.ssrc);
  reception.set_reporter_ssrc(report.report.reporter);
  FoldReception(report, observation);
  *reception.mutable_first() = reception.last();
}

void FoldReception(const SeenReport& report,
                   store::v1::Observation& observation) {
  observation.set_last_time_ns(report.time_ns);
  store::v1::ReceptionObservation& reception = *observation.mutable_reception();
  reception.set_reports(reception.reports() + 1);
  store::v1::ReceptionReport& last = *reception.mutable_last();
  last.set_time_ns(report.time_ns);
  last.set_highest_sequence(report.report.highest_sequence);
  last.set_cumulative_lost(report.report.cumulative_lost);
  last.set_jitter(report.report.jitter);
  reception.set_max_jitter(
      std::max(reception.max_jitter(), report.report.jitter));
}

}  // namespace callbraid::collector
