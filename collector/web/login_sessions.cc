#include "collector/web/login_sessions.h"

#include "collector/access/token_secret.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxSessions = 10'000;
constexpr size_t kMaxOfToken = 50;

}  // namespace

std::string LoginSessions::Open(const std::string& token) {
  std::string secret = NewTokenSecret();
  MutexLock lock(mutex_);
  EndIdlest(kMaxOfToken,
            [&](const Session& session) { return session.token == token; });
  EndIdlest(kMaxSessions, [](const Session&) { return true; });
  sessions_[HashOfToken(secret)] = {token, clock_.MonotonicNs()};
  return secret;
}

void LoginSessions::EndIdlest(size_t limit,
                              const std::function<bool(const Session&)>& of) {
  size_t count = 0;
  auto idlest = sessions_.end();
  for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
    if (!of(at->second)) continue;
    ++count;
    if (idlest == sessions_.end() ||
        at->second.used_ns < idlest->second.used_ns) {
      idlest = at;
    }
  }
  if (count >= limit) sessions_.erase(idlest);
}

std::string LoginSessions::TokenOf(const std::string& secret) {
  if (!LooksLikeToken(secret)) return "";
  MutexLock lock(mutex_);
  const auto found = sessions_.find(HashOfToken(secret));
  if (found == sessions_.end()) return "";
  const int64_t now_ns = clock_.MonotonicNs();
  if (now_ns - found->second.used_ns > idle_ns_) {
    sessions_.erase(found);
    return "";
  }
  found->second.used_ns = now_ns;
  return found->second.token;
}

void LoginSessions::Close(const std::string& secret) {
  MutexLock lock(mutex_);
  sessions_.erase(HashOfToken(secret));
}

}  // namespace callbraid::collector
