#ifndef CALLBRAID_COLLECTOR_COMPLETENESS_CALL_READER_H_
#define CALLBRAID_COLLECTOR_COMPLETENESS_CALL_READER_H_

#include <cstdint>
#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "collector/completeness/seen_call.h"
#include "collector/store/scope.h"
#include "collector/store/store.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// All calls of a time, for one question, which may take as long as kPatience
// and no longer than somebody waits for its answer. One thread.
class CallReader {
 public:
  static constexpr absl::Duration kPatience = absl::Seconds(40);

  // `is_awaited` is asked now and then. References must outlive it.
  CallReader(FactStore& facts, const Scope& scope, const Clock& clock,
             std::function<bool()> is_awaited);

  // Calls `visit` with every call of the scope that starts in [from, before),
  // newest first, until it returns false. Whether all were visited: not so,
  // too, if kPatience is over. CANCELLED: nobody waits. Errors of the store.
  absl::StatusOr<bool> Read(absl::Time from, absl::Time before,
                            const std::function<bool(SeenCall)>& visit);
  // The same, as FactStore::ListCalls() has them.
  absl::StatusOr<bool> ReadCalls(
      absl::Time from, absl::Time before,
      const std::function<bool(const v1::Call&)>& visit);

  // CANCELLED: nobody waits any more.
  absl::Status CheckAwaited() const {
    return is_awaited_() ? absl::OkStatus() : absl::CancelledError();
  }
  // When the question was put.
  absl::Time now() const { return now_; }

 private:
  FactStore& facts_;
  const Scope& scope_;
  const Clock& clock_;
  const std::function<bool()> is_awaited_;
  const absl::Time now_;
  const int64_t end_ns_;  // Monotonic.
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COMPLETENESS_CALL_READER_H_
