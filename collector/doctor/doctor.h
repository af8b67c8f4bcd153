#ifndef CALLBRAID_COLLECTOR_DOCTOR_DOCTOR_H_
#define CALLBRAID_COLLECTOR_DOCTOR_DOCTOR_H_

#include <string>

#include "callbraid/v1/diagnosis.pb.h"
#include "collector/doctor/facts.h"

namespace callbraid::collector {

// What is wrong, by everything that is known; worst first. Pure.
//
// `sensor`: only what is about it, or about its site; empty: all.
v1::DiagnoseResponse Diagnose(const Facts& facts, const std::string& sensor);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_DOCTOR_DOCTOR_H_
