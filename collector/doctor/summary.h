#ifndef CALLBRAID_COLLECTOR_DOCTOR_SUMMARY_H_
#define CALLBRAID_COLLECTOR_DOCTOR_SUMMARY_H_

#include "callbraid/v1/diagnosis.pb.h"
#include "collector/doctor/facts.h"
#include "collector/doctor/host_book.h"

namespace callbraid::collector {

// What passes a capture point, right or wrong: "PBX 10.10.0.10, 2 phones, both
// directions; VLAN 100".
v1::CapturePointHealth SummaryOf(const PointFacts& point,
                                 const HostBook& hosts);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_DOCTOR_SUMMARY_H_
