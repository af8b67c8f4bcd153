#ifndef CALLBRAID_COLLECTOR_CLI_RENDER_H_
#define CALLBRAID_COLLECTOR_CLI_RENDER_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/diagnosis.pb.h"
#include "callbraid/v1/query.pb.h"
#include "callbraid/v1/sensor.pb.h"

namespace callbraid::cli {

// What people see: text of whole lines, at most kLineWidth wide where the data
// allow. Pure functions of their arguments.

// A table, one call a row. Ids are as long as it takes to tell these calls
// apart.
std::string RenderCalls(const std::vector<v1::Call>& calls, absl::Time now,
                        absl::TimeZone zone);

// All about one call.
std::string RenderCall(const v1::Call& call, absl::Time now,
                       absl::TimeZone zone);

// One line about a change.
std::string RenderChange(const v1::WatchCallsResponse& change, absl::Time now,
                         absl::TimeZone zone);

// Messages and streams by time, one column a host.
std::string RenderLadder(const v1::Call& call,
                         const v1::GetSignallingResponse& signalling,
                         absl::TimeZone zone);

// A table, one event a row.
std::string RenderTimeline(const v1::Call& call,
                           const v1::GetTimelineResponse& timeline,
                           absl::TimeZone zone);

// What became of each fax, and a table of its pages.
std::string RenderFaxes(const v1::GetFaxResponse& faxes, absl::TimeZone zone);

// A table, one stream a row, and below it what each capture point saw and what
// receivers said; then slices and what is heard, if they are there.
std::string RenderQuality(const v1::Call& call,
                          const v1::GetQualityResponse& quality,
                          absl::TimeZone zone);

// A table, one party a row, and what it has no room for.
std::string RenderListening(const v1::CallListening& listening,
                            absl::TimeZone zone);

std::string RenderSensors(const std::vector<v1::Sensor>& sensors,
                          absl::Time now, absl::TimeZone zone);

// What passes each capture point, then each verdict with evidence and cure.
std::string RenderDiagnosis(const v1::DiagnoseResponse& diagnosis,
                            absl::TimeZone zone);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_RENDER_H_
