#ifndef CALLBRAID_COLLECTOR_STORE_ACCESS_STORE_H_
#define CALLBRAID_COLLECTOR_STORE_ACCESS_STORE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/store/v1/sensor_record.pb.h"
#include "callbraid/store/v1/token_record.pb.h"
#include "callbraid/store/v1/user_record.pb.h"
#include "callbraid/v1/access.pb.h"

namespace callbraid::collector {

// What is written at once: an act, and the note of it.
struct AccessChange {
  // The key is the hash.
  std::vector<store::v1::TokenRecord> tokens;
  // Hashes.
  std::vector<std::string> removed_tokens;
  // The key is the name.
  std::vector<store::v1::UserRecord> users;
  // Names.
  std::vector<std::string> removed_users;
  // The key is the id.
  std::vector<store::v1::SensorRecord> sensors;
  // The key is the sequence.
  std::vector<v1::AuditEntry> entries;
  // Entries with a lower sequence are removed.
  uint64_t cut_before = 0;
  // Of tokens that outlive the process: replaces the stored one. Empty: none.
  std::string seal_key;
};

// API tokens, users, what was decided about sensors, and the audit log.
// Thread-safe; errors as in store.h.
class AccessStore {
 public:
  virtual ~AccessStore() = default;

  // All or nothing. On disk when this returns OK.
  virtual absl::Status WriteAccess(const AccessChange& change) = 0;
  // A secret; empty if none was written.
  virtual absl::StatusOr<std::string> ReadSealKey() = 0;
  // By hash.
  virtual absl::StatusOr<std::vector<store::v1::TokenRecord>> ListTokens() = 0;
  // By name.
  virtual absl::StatusOr<std::vector<store::v1::UserRecord>> ListUsers() = 0;
  // By id.
  virtual absl::StatusOr<std::vector<store::v1::SensorRecord>>
  ListSensorRecords() = 0;
  // Entries from sequence `from` on until `visit` returns false: upwards, or
  // downwards if `newest_first`.
  virtual absl::Status ReadAudit(
      uint64_t from, bool newest_first,
      const std::function<bool(v1::AuditEntry)>& visit) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ACCESS_STORE_H_
