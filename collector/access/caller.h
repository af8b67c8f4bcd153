#ifndef CALLBRAID_COLLECTOR_ACCESS_CALLER_H_
#define CALLBRAID_COLLECTOR_ACCESS_CALLER_H_

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "callbraid/v1/access.pb.h"
#include "collector/store/scope.h"

namespace callbraid::collector {

// What a token gives, while it does. Shared by the book of tokens and by
// everything that runs on the token. Thread-safe.
class Grant {
 public:
  Grant(const v1::Token& token, Scope seen, int64_t end_ns)
      : id(token.id()),
        name(token.name()),
        role(token.role()),
        scope(std::move(seen)),
        expire_ns(end_ns),
        revoked(token.has_revoke_time()) {}

  // UNAUTHENTICATED once it was revoked or has expired. A login is a token,
  // too.
  absl::Status Check(int64_t now_ns) const {
    if (revoked) return absl::UnauthenticatedError("the token was revoked");
    if (now_ns >= expire_ns) {
      return absl::UnauthenticatedError("the token has expired");
    }
    return absl::OkStatus();
  }

  const std::string id;
  const std::string name;
  const v1::Role role;
  const Scope scope;
  const int64_t expire_ns;
  std::atomic<bool> revoked;
  // Wall clock, whole hours; 0 if never.
  std::atomic<int64_t> last_use_ns = 0;
  // Hash of the address that last used it.
  std::atomic<uint64_t> last_address = 0;
};

// Somebody whose request was admitted: who it is, and what it may see. What a
// handler reads it reads with `scope`.
struct Caller {
  v1::Role role = v1::ROLE_UNSPECIFIED;
  Scope scope = Scope::All();
  // Whether it may learn which keys were pressed in a call.
  bool sees_pressed_keys = false;
  v1::Credential credential = v1::CREDENTIAL_NONE;
  // Name in the certificate, name of the token; "" of anyone (plaintext).
  std::string name;
  // Of the peer, without port.
  std::string address;
  // "callbraid.v1.CallService.GetCall".
  std::string method;
  // Null without a token.
  std::shared_ptr<const Grant> grant;
  // When the certificate ends, if there is no token. Seconds since the epoch.
  int64_t certificate_end_s = std::numeric_limits<int64_t>::max();

  // UNAUTHENTICATED if what it came with is good no more.
  absl::Status Check(int64_t now_ns) const {
    if (grant != nullptr) return grant->Check(now_ns);
    if (now_ns / 1'000'000'000 <= certificate_end_s) return absl::OkStatus();
    return absl::UnauthenticatedError("the certificate has expired");
  }
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_CALLER_H_
