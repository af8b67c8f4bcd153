#include "collector/web/login_sessions.h"

#include <algorithm>

#include "collector/access/token_secret.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxSessions = 10'000;

}  // namespace

std::string LoginSessions::Open(const std::string& token) {
  std::string secret = NewTokenSecret();
  MutexLock lock(mutex_);
  const int64_t now_ns = clock_.MonotonicNs();
  if (sessions_.size() >= kMaxSessions) {
    sessions_.erase(std::min_element(
        sessions_.begin(), sessions_.end(), [](const auto& a, const auto& b) {
          return a.second.used_ns < b.second.used_ns;
        }));
  }
  sessions_[HashOfToken(secret)] = {token, now_ns};
  return secret;
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
