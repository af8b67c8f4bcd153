#include "sensor/tls/tls_keys.h"

#include <algorithm>

namespace callbraid::sensor {

TlsKeys::TlsKeys(const Options& options, const Clock& clock)
    : options_(options),
      clock_(clock),
      active_(options.expected),
      secrets_(options.max_connections) {}

KeyLogLine TlsKeys::Add(std::string_view line) {
  KeyLogEntry entry;
  const KeyLogLine kind = ParseKeyLogLine(line, entry);
  if (kind != KeyLogLine::kEntry) return kind;
  {
    MutexLock lock(mutex_);
    TlsSecrets& secrets =
        secrets_.Use(entry.client_random, clock_.MonotonicNs());
    switch (entry.kind) {
      case SecretKind::kMaster:
        secrets.master = entry.secret;
        break;
      case SecretKind::kClientTraffic:
        secrets.client_traffic = entry.secret;
        break;
      case SecretKind::kServerTraffic:
        secrets.server_traffic = entry.secret;
        break;
      case SecretKind::kExporter:
        secrets.exporter = entry.secret;
        break;
    }
  }
  active_.store(true, std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  return kind;
}

void TlsKeys::AddMaster(const ClientRandom& client_random,
                        const Secret& master) {
  {
    MutexLock lock(mutex_);
    secrets_.Use(client_random, clock_.MonotonicNs()).master = master;
  }
  generation_.fetch_add(1, std::memory_order_release);
}

size_t TlsKeys::AddText(std::string_view text) {
  size_t malformed = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    if (Add(text.substr(0, end)) == KeyLogLine::kMalformed) ++malformed;
    text.remove_prefix(end);
  }
  return malformed;
}

void TlsKeys::Expire() {
  if (options_.keep == absl::InfiniteDuration()) return;
  MutexLock lock(mutex_);
  secrets_.EraseUnusedSince(clock_.MonotonicNs() -
                            absl::ToInt64Nanoseconds(options_.keep));
}

std::optional<TlsSecrets> TlsKeys::Find(const ClientRandom& client_random) {
  MutexLock lock(mutex_);
  const TlsSecrets* found = secrets_.Find(client_random);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

size_t TlsKeys::size() {
  MutexLock lock(mutex_);
  return secrets_.size();
}

}  // namespace callbraid::sensor
