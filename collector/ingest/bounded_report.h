#ifndef CALLBRAID_COLLECTOR_INGEST_BOUNDED_REPORT_H_
#define CALLBRAID_COLLECTOR_INGEST_BOUNDED_REPORT_H_

#include "callbraid/v1/frame.pb.h"

namespace callbraid::collector {

// `report` without what would grow from outside.
v1::CaptureReport BoundedReport(const v1::CaptureReport& report);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_BOUNDED_REPORT_H_
