#ifndef CALLBRAID_COLLECTOR_QUERY_RESUME_TOKENS_H_
#define CALLBRAID_COLLECTOR_QUERY_RESUME_TOKENS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/access/page_seal.h"
#include "collector/store/event_log.h"
#include "collector/store/scope.h"

namespace callbraid::collector {

// How far in the log of events somebody is: everything up to the entry
// `sequence` was told. `mark` is made of that entry: after a power failure, or
// over a backup, another one may stand in its place.
struct LogPosition {
  uint64_t sequence = 0;
  uint64_t mark = 0;
};

LogPosition PositionOf(const LoggedEvent& logged);

// Positions as tokens: sealed, for one scope. Thread-safe.
class ResumeTokens {
 public:
  // Both must outlive it.
  ResumeTokens(EventLog& log, const PageSeal& seal) : log_(log), seal_(seal) {}

  // OUT_OF_RANGE if there is no such entry (any more), or it is damaged. 0 is
  // before the first.
  absl::StatusOr<LogPosition> At(uint64_t sequence) const;
  // OUT_OF_RANGE unless the log goes on from there.
  absl::Status Check(const LogPosition& position) const;

  std::string Seal(const LogPosition& position, const Scope& scope) const;
  // INVALID_ARGUMENT unless it comes from Seal(), for the same scope.
  absl::StatusOr<LogPosition> Open(const std::string& token,
                                   const Scope& scope) const;

 private:
  EventLog& log_;
  const PageSeal& seal_;
};

// That what happened since a position is no longer known, in words.
absl::Status NoLongerKnown();

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_RESUME_TOKENS_H_
