#ifndef CALLBRAID_COLLECTOR_INGEST_BOUNDED_REPORT_H_
#define CALLBRAID_COLLECTOR_INGEST_BOUNDED_REPORT_H_

#include <vector>

#include "callbraid/v1/frame.pb.h"

namespace callbraid::collector {

// `report` without what would grow from outside, and without its hosts, which
// are no totals and are kept elsewhere (ReportHistory).
v1::CaptureReport BoundedReport(const v1::CaptureReport& report);

// The hosts of `report` that make sense, at most 512; without what they
// registered, which is kept elsewhere, too (PhoneBook).
std::vector<v1::HostTraffic> BoundedHosts(const v1::CaptureReport& report);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_BOUNDED_REPORT_H_
