#ifndef CALLBRAID_SENSOR_TLS_TLS_KEYS_H_
#define CALLBRAID_SENSOR_TLS_TLS_KEYS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "sensor/flow/lru_map.h"
#include "sensor/tls/key_log.h"
#include "sensor/tls/server_keys.h"

namespace callbraid::sensor {

// What a key log told of one connection; those that it did not are empty.
struct TlsSecrets {
  Secret master;
  Secret client_traffic;
  Secret server_traffic;
  Secret exporter;
};

// The secrets of TLS connections, from key logs, capture files and what
// servers' keys decrypt, for the capture points to look up. Bounded in number
// and age: what is oldest is forgotten and wiped first. One key log line is at
// most some 200 bytes, one connection takes about 400.
//
// Thread-safe.
class TlsKeys {
 public:
  struct Options {
    // There is a key log to follow: keys may come.
    bool expected = false;
    size_t max_connections = 65'536;
    // How long they are kept; for good, up to the number, if infinite.
    absl::Duration keep = absl::InfiniteDuration();
  };

  // `clock` must outlive this.
  TlsKeys(const Options& options, const Clock& clock);

  // A line of a key log.
  KeyLogLine Add(std::string_view line) ABSL_LOCKS_EXCLUDED(mutex_);
  // Several; how many were malformed.
  size_t AddText(std::string_view text) ABSL_LOCKS_EXCLUDED(mutex_);
  // A master secret that was found out otherwise.
  void AddMaster(const ClientRandom& client_random, const Secret& master)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Before anything is captured: servers whose connections can be read without
  // a key log.
  void SetServerKeys(ServerKeys keys) {
    server_keys_ = std::move(keys);
    if (!server_keys_.empty()) active_ = true;
  }
  const ServerKeys& server_keys() const { return server_keys_; }

  // Forgets what is old. Call about once a second.
  void Expire() ABSL_LOCKS_EXCLUDED(mutex_);

  std::optional<TlsSecrets> Find(const ClientRandom& client_random)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether it makes sense to follow TLS: there are keys, or there may be.
  bool active() const { return active_.load(std::memory_order_relaxed); }
  // Another number than before: secrets have been added since.
  uint64_t generation() const {
    return generation_.load(std::memory_order_acquire);
  }
  size_t size() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const Options options_;
  const Clock& clock_;
  ServerKeys server_keys_;
  std::atomic<bool> active_;
  std::atomic<uint64_t> generation_ = 1;
  Mutex mutex_;
  LruMap<ClientRandom, TlsSecrets> secrets_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_TLS_KEYS_H_
