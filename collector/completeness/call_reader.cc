#include "collector/completeness/call_reader.h"

#include <utility>

#include "collector/store/proto_time.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr uint32_t kPageSize = 1000;

}  // namespace

CallReader::CallReader(FactStore& facts, const Scope& scope, const Clock& clock,
                       std::function<bool()> is_awaited)
    : facts_(facts),
      scope_(scope),
      clock_(clock),
      is_awaited_(std::move(is_awaited)),
      now_(absl::FromUnixNanos(clock.WallNs())),
      end_ns_(clock.MonotonicNs() + absl::ToInt64Nanoseconds(kPatience)) {}

absl::StatusOr<bool> CallReader::Read(
    absl::Time from, absl::Time before,
    const std::function<bool(SeenCall)>& visit) {
  return ReadCalls(from, before, [&](const v1::Call& call) {
    return visit(Summarise(call, now_));
  });
}

absl::StatusOr<bool> CallReader::ReadCalls(
    absl::Time from, absl::Time before,
    const std::function<bool(const v1::Call&)>& visit) {
  v1::ListCallsRequest listing;
  *listing.mutable_start_from() = ToTimestamp(absl::ToUnixNanos(from));
  *listing.mutable_start_before() = ToTimestamp(absl::ToUnixNanos(before));
  listing.set_page_size(kPageSize);
  do {
    RETURN_IF_ERROR(CheckAwaited());
    if (clock_.MonotonicNs() > end_ns_) return false;
    ASSIGN_OR_RETURN(const CallPage page, facts_.ListCalls(listing, scope_));
    for (const v1::Call& call : page.calls) {
      if (!visit(call)) return false;
    }
    listing.set_page_token(page.next_page_token);
  } while (!listing.page_token().empty());
  return true;
}

}  // namespace callbraid::collector
