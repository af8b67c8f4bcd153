#ifndef CALLBRAID_COLLECTOR_DOCTOR_REPORT_WINDOW_H_
#define CALLBRAID_COLLECTOR_DOCTOR_REPORT_WINDOW_H_

#include <cstdint>
#include <vector>

#include "callbraid/v1/frame.pb.h"
#include "collector/doctor/facts.h"
#include "collector/ingest/report_history.h"

namespace callbraid::collector {

// What a capture point reported of one stretch of time.
struct ReportWindow {
  int64_t from_ns = 0;
  int64_t to_ns = 0;
  v1::CaptureReport report;
  std::vector<HostFacts> hosts;
};

// Of `history`, which must have reports, the part that is nearest to
// [from_ns, to_ns]: totals are the difference of two reports. Where the history
// does not reach back to `from_ns` it begins with the history; where that holds
// a single report, it is all since the sensor began.
ReportWindow WindowOf(const CaptureHistory& history, int64_t from_ns,
                      int64_t to_ns);

// `later` less `earlier`: totals are subtracted (none below 0), and gauges
// (the longest frame, speed, load...) are those of `later`.
v1::CaptureReport Difference(const v1::CaptureReport& later,
                             const v1::CaptureReport& earlier);

// "02:10:00:00:01:03"; empty unless `mac` has 6 bytes.
std::string MacText(const std::string& mac);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_DOCTOR_REPORT_WINDOW_H_
