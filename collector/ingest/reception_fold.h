#ifndef CALLBRAID_COLLECTOR_INGEST_RECEPTION_FOLD_H_
#define CALLBRAID_COLLECTOR_INGEST_RECEPTION_FOLD_H_

#include <cstdint>

#include "callbraid/store/v1/observation.pb.h"
#include "common/net/endpoint.h"
#include "common/rtp/rtcp_packet.h"

// The fold of RTCP reception reports into what the receiver of a stream says of
// it. Pure: what it needs to go on is in the observation.

namespace callbraid::collector {

// One report, as one capture point saw it.
struct SeenReport {
  int64_t time_ns = 0;
  // Of the RTCP: from the receiver of the stream to its sender.
  FlowKey flow;
  RtcpReport report;
};

// How a report relates to those of the same hosts and SSRC before it.
enum class ReportFit {
  // Of an older use of the SSRC.
  kOther,
  // The report, or a later one, was folded before.
  kRepeat,
  kContinues,
  // The SSRC is used again.
  kBeginsAnew,
};
ReportFit FitOf(const SeenReport& report,
                const store::v1::Observation& observation);

// Sets up the reception part of a new observation by its first report, and
// folds it; the caller has set id, sensor, site and capture point.
void BeginReception(const SeenReport& report,
                    store::v1::Observation& observation);

// Folds the next report.
void FoldReception(const SeenReport& report,
                   store::v1::Observation& observation);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_RECEPTION_FOLD_H_
