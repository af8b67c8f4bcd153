#ifndef CALLBRAID_COLLECTOR_CLI_RENDER_COMPLETENESS_H_
#define CALLBRAID_COLLECTOR_CLI_RENDER_COMPLETENESS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "callbraid/v1/completeness.pb.h"
#include "callbraid/v1/diagnosis.pb.h"
#include "google/protobuf/duration.pb.h"

namespace callbraid::cli {

// Answered calls by day and site, and what is missing in how many of them.
std::string RenderCompleteness(const v1::GetCompletenessResponse& found);
// One JSON object a line: of each day and site.
std::string CompletenessJson(const v1::GetCompletenessResponse& found);

// Phones that signalled calls and were heard in none; "" if there are none.
std::string RenderUnheard(const v1::DiagnoseResponse& diagnosis);

// Answered calls that were recorded whole, as long as the PBX says.
uint64_t WholeOf(const v1::ReconcileCallsResponse& found);
// What became of the records of the PBX's file `path`: how many, then each that
// is not recorded whole.
std::string RenderReconciliation(const std::string& path,
                                 const v1::ReconcileCallsResponse& found,
                                 absl::TimeZone zone);
// One JSON object a line: of each record, then of each call without one.
std::string ReconciliationJson(const v1::ReconcileCallsResponse& found);

// One line: the PBX's times are off by so much, and what to do.
std::string RenderShift(const google::protobuf::Duration& shift);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_RENDER_COMPLETENESS_H_
