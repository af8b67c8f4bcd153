#ifndef CALLBRAID_COLLECTOR_CLI_RENDER_COMPLETENESS_H_
#define CALLBRAID_COLLECTOR_CLI_RENDER_COMPLETENESS_H_

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "callbraid/v1/diagnosis.pb.h"
#include "collector/completeness/cdr_file.h"
#include "collector/completeness/reconcile.h"
#include "collector/completeness/seen_call.h"

namespace callbraid::cli {

using collector::CdrFile;
using collector::Reconciliation;
using collector::SeenCall;

// Answered calls by day and site, and what is missing in how many of them.
std::string RenderCompleteness(const std::vector<SeenCall>& calls,
                               absl::TimeZone zone);
// One JSON object a line: of each day and site.
std::string CompletenessJson(const std::vector<SeenCall>& calls,
                             absl::TimeZone zone);

// Phones that signalled calls and were heard in none; "" if there are none.
std::string RenderUnheard(const v1::DiagnoseResponse& diagnosis);

// What became of the rows of the PBX's file `path`: how many, then each that is
// not recorded whole.
std::string RenderReconciliation(const std::string& path, const CdrFile& file,
                                 const Reconciliation& found,
                                 absl::TimeZone zone);
// One JSON object a line: of each row, then of each call without one.
std::string ReconciliationJson(const Reconciliation& found);

// One line: the PBX's times are off by so much, and what to do.
std::string RenderShift(absl::Duration shift);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_RENDER_COMPLETENESS_H_
