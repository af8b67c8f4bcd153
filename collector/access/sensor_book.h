#ifndef CALLBRAID_COLLECTOR_ACCESS_SENSOR_BOOK_H_
#define CALLBRAID_COLLECTOR_ACCESS_SENSOR_BOOK_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/store/v1/sensor_record.pb.h"
#include "callbraid/v1/config.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "collector/access/audit_log.h"
#include "collector/access/caller.h"
#include "collector/access/sensor_gate.h"
#include "collector/store/access_store.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/pki/issuer.h"

namespace callbraid::collector {

// What was decided about each sensor: in memory to be asked, in the store to be
// kept, each change in one write with its note in the audit log. Thread-safe.
class SensorBook final : public SensorGate {
 public:
  static constexpr size_t kMaxRecords = 10'000;

  // References must outlive the book.
  SensorBook(const v1::IngestConfig& config, AccessStore& store,
             AuditLog& audit, const Clock& clock);

  // Before anything else.
  absl::Status Load() ABSL_LOCKS_EXCLUDED(mutex_);

  std::optional<SensorRefusal> Check(
      const v1::Hello& hello, const pki::Validity& certificate) const override
      ABSL_LOCKS_EXCLUDED(mutex_);
  uint64_t changes() const override { return changes_; }

  std::optional<v1::SensorTrust> TrustOf(const std::string& id) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<store::v1::SensorRecord> List() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The sensor that a token of this hash is for. UNAUTHENTICATED, in the same
  // words whether it never was, was used, or is too old.
  absl::StatusOr<std::string> SensorOfToken(const std::string& hash) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  // UNAUTHENTICATED, PERMISSION_DENIED: this certificate gives no right to the
  // next one.
  absl::Status CheckRenewal(const std::string& id,
                            const pki::Validity& certificate) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // The rest touches the disk.
  //
  // A token of this hash, to be used until then. What `request` binds the
  // sensor to counts when it is used.
  absl::Status Invite(const v1::EnrollSensorRequest& request,
                      const std::string& token_hash, int64_t expire_s,
                      const Caller& by);
  // A certificate was made for the token, which is used up by that. As
  // SensorOfToken(): two may come with one token at once.
  absl::Status Enrolled(const std::string& token_hash,
                        const pki::IssuedCertificate& certificate,
                        const Caller& sensor);
  absl::Status Renewed(const std::string& id,
                       const pki::IssuedCertificate& certificate,
                       const Caller& sensor);
  // As SensorService says; whoever calls knows that there is such a sensor.
  // Holds at once, also when it cannot be written: then UNAVAILABLE.
  absl::StatusOr<v1::SensorTrust> Revoke(const std::string& id,
                                         const Caller& by);
  absl::StatusOr<v1::SensorTrust> Allow(const std::string& id,
                                        const Caller& by);

 private:
  using Record = store::v1::SensorRecord;

  // Empty if there is none.
  Record Find(const std::string& id) const ABSL_LOCKS_EXCLUDED(mutex_);
  // RESOURCE_EXHAUSTED: there is no room for one more.
  absl::StatusOr<Record> FindOrNew(const std::string& id) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Write(const Record& record, v1::AuditEntry note)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_) ABSL_LOCKS_EXCLUDED(mutex_);
  // From now on this is what holds.
  void Remember(const Record& record) ABSL_LOCKS_EXCLUDED(mutex_);
  int64_t NowS() const { return clock_.WallNs() / 1'000'000'000; }

  const bool enrolled_only_;
  const int64_t grace_s_;
  AccessStore& store_;
  AuditLog& audit_;
  const Clock& clock_;
  std::atomic<uint64_t> changes_ = 0;
  // Held over changes, which touch the disk. Before mutex_.
  Mutex write_mutex_;
  // Revoked, and the disk does not know.
  std::set<std::string> unwritten_ ABSL_GUARDED_BY(write_mutex_);
  mutable Mutex mutex_;
  std::map<std::string, Record> records_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_SENSOR_BOOK_H_
