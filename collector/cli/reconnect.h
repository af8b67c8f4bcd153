#ifndef CALLBRAID_COLLECTOR_CLI_RECONNECT_H_
#define CALLBRAID_COLLECTOR_CLI_RECONNECT_H_

#include <algorithm>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace callbraid::cli {

// When what runs on asks again after it failed: at once, a second later, then
// after twice as long each time, at most half a minute.
class Reconnect {
 public:
  // Whether it may be better next time: the collector stops or is away, or has
  // too much to do.
  static bool MayPass(const absl::Status& status) {
    return absl::IsUnavailable(status) || absl::IsResourceExhausted(status);
  }

  // It did not fail.
  void Reset() { wait_ = absl::ZeroDuration(); }

  absl::Duration NextWait() {
    const absl::Duration wait = wait_;
    wait_ = std::clamp(2 * wait_, absl::Seconds(1), absl::Seconds(30));
    return wait;
  }

 private:
  absl::Duration wait_;
};

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_RECONNECT_H_
