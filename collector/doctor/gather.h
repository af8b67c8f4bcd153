#ifndef CALLBRAID_COLLECTOR_DOCTOR_GATHER_H_
#define CALLBRAID_COLLECTOR_DOCTOR_GATHER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "callbraid/v1/diagnosis.pb.h"
#include "collector/clocks/clock_board.h"
#include "collector/doctor/facts.h"
#include "collector/ingest/report_history.h"
#include "collector/ingest/sensor_directory.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Where facts come from.
struct FactSources {
  Store& store;
  const SensorDirectory& sensors;
  const ReportHistory& reports;
  const ClockBoard& clocks;
};

// The facts that `request` asks for, as far as `scope` reaches: sensors and
// calls outside of it are not there. INVALID_ARGUMENT and NOT_FOUND as
// SensorService.Diagnose says. Touches the disk.
absl::StatusOr<Facts> GatherFacts(const FactSources& from,
                                  const v1::DiagnoseRequest& request,
                                  const Scope& scope, int64_t now_ns);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_DOCTOR_GATHER_H_
