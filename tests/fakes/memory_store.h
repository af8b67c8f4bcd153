#ifndef CALLBRAID_TESTS_FAKES_MEMORY_STORE_H_
#define CALLBRAID_TESTS_FAKES_MEMORY_STORE_H_

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "collector/store/call_events.h"
#include "collector/store/call_listing.h"
#include "collector/store/event_log.h"
#include "collector/store/store.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// A Store that forgets everything when destroyed. Passes the same contract
// tests as the real one. Thread-safe.
class MemoryStore final : public Store,
                          private FactStore,
                          private MediaStore,
                          private CoordinationStore,
                          private AccessStore,
                          private EventLog {
 public:
  FactStore& facts() override { return *this; }
  MediaStore& media() override { return *this; }
  CoordinationStore& coordination() override { return *this; }
  AccessStore& access() override { return *this; }
  EventLog& events() { return *this; }
  absl::Status Commit(const CommitGroup& group) override;
  absl::StatusOr<std::unique_ptr<CallDeletion>> PrepareDeletion(
      const std::string& id, const Scope& scope, int64_t now_ns) override;
  absl::StatusOr<MediaLeft> LeftOfMedia(
      const store::v1::CallRecord& record) override;

  // The next `times` commits, of frames or of calls, write nothing and answer
  // `status`.
  void FailCommitsWith(absl::Status status,
                       int times = std::numeric_limits<int>::max());
  size_t commits() const;

 private:
  absl::StatusOr<StoredObservation> GetObservation(
      const ObservationId& id) override;
  absl::StatusOr<std::vector<v1::DtlsSrtp>> GetDtlsSrtp(
      const ObservationId& id) override;
  absl::StatusOr<StoredObservation> GetCommitted(
      const ObservationId& id) override;
  uint64_t LastCommit() override;
  absl::StatusOr<std::vector<ObservationId>> FindByToken(Token token,
                                                         int64_t from_ns,
                                                         int64_t to_ns,
                                                         size_t limit) override;
  absl::StatusOr<std::vector<ObservationId>> Unsettled() override;
  absl::Status ApplyCalls(const CallChange& change) override;
  absl::StatusOr<store::v1::CallRecord> SetHold(
      const std::string& id, const Scope& scope,
      const std::optional<v1::CallHold>& hold) override;
  const RecentDeletions& deletions() const override { return deletions_; }
  absl::StatusOr<bool> WasDeleted(const ObservationId& id,
                                  int64_t time_ns) override;
  absl::StatusOr<bool> WasDeleted(Token token, int64_t time_ns) override;
  absl::StatusOr<store::v1::CallRecord> GetCall(const std::string& id,
                                                const Scope& scope) override;
  absl::StatusOr<store::v1::CallRecord> Annotate(
      const v1::AnnotateCallRequest& request, const std::string& user,
      const Scope& scope) override;
  absl::StatusOr<CallPage> ListCalls(const v1::ListCallsRequest& request,
                                     const Scope& scope) override;
  absl::Status VisitCounts(int64_t from_ns, int64_t before_ns,
                           const VisitCount& visit) override;

  absl::Status ReadFrames(
      const ObservationId& observation,
      const std::vector<uint32_t>& bucket_ranges,
      const std::function<bool(const FrameRecord&)>& visit) override;
  absl::StatusOr<std::string> GetFrame(const ObservationId& observation,
                                       int64_t time_ns,
                                       uint32_t ordinal) override;

  absl::StatusOr<uint64_t> GetWatermark(const std::string& sensor,
                                        uint64_t spool_id) override;
  absl::StatusOr<v1::Sensor> GetSensor(const std::string& id) override;
  absl::StatusOr<std::vector<v1::Sensor>> ListSensors() override;

  absl::Status WriteAccess(const AccessChange& change) override;
  absl::StatusOr<std::string> ReadSealKey() override;
  absl::StatusOr<std::vector<store::v1::TokenRecord>> ListTokens() override;
  absl::StatusOr<std::vector<store::v1::UserRecord>> ListUsers() override;
  absl::StatusOr<std::vector<store::v1::SensorRecord>> ListSensorRecords()
      override;
  absl::Status ReadAudit(
      uint64_t from, bool newest_first,
      const std::function<bool(v1::AuditEntry)>& visit) override;

  absl::Status StartLog(const Clock& clock) override;
  uint64_t LastEvent() override;
  absl::StatusOr<std::vector<LoggedEvent>> ReadEvents(uint64_t after,
                                                      size_t limit) override;
  absl::Status AppendEvents(const std::vector<store::v1::CallEvent>& events,
                            const std::string& reader,
                            const store::v1::EventCursor& cursor) override;
  absl::StatusOr<bool> CutEvents(int64_t before_ns, uint64_t keep) override;
  absl::StatusOr<std::optional<store::v1::EventCursor>> GetCursor(
      const std::string& reader) override;
  absl::Status SetCursor(const std::string& reader,
                         const store::v1::EventCursor& cursor,
                         bool sync) override;

  struct Facts {
    bool exists = false;
    StoredObservation stored;
  };
  struct Mark {
    uint64_t commit = 0;  // Number of the one that last changed it.
    int64_t first_time_ns = 0;
  };
  // Order of the token index: newest first.
  using TokenEntry = std::pair<int64_t, ObservationId>;
  using FrameKey = std::pair<int64_t, uint32_t>;

  // As GetCall().
  absl::StatusOr<store::v1::CallRecord> FindCall(const std::string& id,
                                                 const Scope& scope)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void SpreadHolds(const std::map<ObservationId, store::v1::CallRecord>& before,
                   const std::map<ObservationId, ObservationId>& mapped)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RemoveRecord(const ObservationId& id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A call with what is stored apart: what was written about it, and its hold.
  store::v1::CallRecord Whole(const ObservationId& id) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Log(CallEvents& events, bool hide_parties = false)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  class Deletion;
  // With what there is to remove in it.
  absl::StatusOr<DeletedCall> CheckDeletion(const std::string& id,
                                            const Scope& scope)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Delete(const std::string& id, int64_t now_ns)
      ABSL_LOCKS_EXCLUDED(mutex_);

  mutable Mutex mutex_;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t commits_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<ObservationId, std::map<FrameKey, std::string>> frames_
      ABSL_GUARDED_BY(mutex_);
  std::map<ObservationId, Facts> observations_ ABSL_GUARDED_BY(mutex_);
  std::map<ObservationId, v1::StreamReport> reports_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, std::string>, int64_t> capture_ends_
      ABSL_GUARDED_BY(mutex_);
  std::map<Token, std::set<TokenEntry>> tokens_ ABSL_GUARDED_BY(mutex_);
  std::map<ObservationId, Mark> unsettled_ ABSL_GUARDED_BY(mutex_);
  std::map<ObservationId, store::v1::CallRecord> calls_ ABSL_GUARDED_BY(mutex_);
  std::map<ObservationId, v1::CallAnnotation> annotations_
      ABSL_GUARDED_BY(mutex_);
  std::set<CallPosition> listing_ ABSL_GUARDED_BY(mutex_);
  // To the call.
  std::map<ObservationId, ObservationId> members_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<std::string, uint64_t>, uint64_t> watermarks_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, v1::Sensor> sensors_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, store::v1::TokenRecord> access_tokens_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, store::v1::UserRecord> users_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, store::v1::SensorRecord> sensor_records_
      ABSL_GUARDED_BY(mutex_);
  std::map<uint64_t, v1::AuditEntry> audit_ ABSL_GUARDED_BY(mutex_);
  std::string seal_key_ ABSL_GUARDED_BY(mutex_);
  std::map<ObservationId, v1::CallHold> holds_ ABSL_GUARDED_BY(mutex_);
  // Only whole observations: what capture points that had not told of a call
  // yet say of it is the business of the real store.
  std::set<ObservationId> tombstones_ ABSL_GUARDED_BY(mutex_);
  RecentDeletions deletions_;
  std::map<ObservationId, std::string> told_ ABSL_GUARDED_BY(mutex_);
  const Clock* log_clock_ ABSL_GUARDED_BY(mutex_) = nullptr;
  std::map<uint64_t, store::v1::CallEvent> log_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, store::v1::EventCursor> cursors_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_FAKES_MEMORY_STORE_H_
