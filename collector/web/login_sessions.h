#ifndef CALLBRAID_COLLECTOR_WEB_LOGIN_SESSIONS_H_
#define CALLBRAID_COLLECTOR_WEB_LOGIN_SESSIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// Browsers that are logged in: a random secret in a cookie stands for the token
// that was shown when it was made. In memory only: a restart of the collector
// ends them all. What the token allows is asked anew at each request.
//
// At most 10,000, and 50 of one token; beyond that the one that was not used
// for longest ends. Thread-safe.
class LoginSessions {
 public:
  LoginSessions(absl::Duration idle, const Clock& clock)
      : idle_ns_(absl::ToInt64Nanoseconds(idle)), clock_(clock) {}

  // The secret of a new session.
  std::string Open(const std::string& token) ABSL_LOCKS_EXCLUDED(mutex_);
  // "" if there is no such session. It was used now.
  std::string TokenOf(const std::string& secret) ABSL_LOCKS_EXCLUDED(mutex_);
  void Close(const std::string& secret) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Session {
    std::string token;
    int64_t used_ns = 0;
  };

  // Makes room for one more of those that `of` names, if there are `limit`.
  void EndIdlest(size_t limit, const std::function<bool(const Session&)>& of)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int64_t idle_ns_;
  const Clock& clock_;
  Mutex mutex_;
  // By the hash of the secret, so that how long a look takes tells nothing.
  std::map<std::string, Session> sessions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_LOGIN_SESSIONS_H_
