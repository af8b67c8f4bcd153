#include "collector/ingest/bounded_report.h"

#include <cstdint>
#include <map>
#include <string>

namespace callbraid::collector {
namespace {

constexpr size_t kMaxReasons = 64;
constexpr size_t kMaxReasonBytes = 64;

}  // namespace

v1::CaptureReport BoundedReport(const v1::CaptureReport& report) {
  v1::CaptureReport bounded = report;
  bounded.clear_discarded();
  // In order, so that which ones are left does not depend on the map.
  const std::map<std::string, uint64_t> reasons(report.discarded().begin(),
                                                report.discarded().end());
  for (const auto& [reason, count] : reasons) {
    if (bounded.discarded().size() == kMaxReasons) break;
    if (reason.size() > kMaxReasonBytes) continue;
    (*bounded.mutable_discarded())[reason] = count;
  }
  return bounded;
}

}  // namespace callbraid::collector
