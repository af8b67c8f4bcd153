#ifndef CALLBRAID_COLLECTOR_STORE_STORE_H_
#define CALLBRAID_COLLECTOR_STORE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/store/v1/observation.pb.h"
#include "callbraid/v1/frame.pb.h"
#include "callbraid/v1/query.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "collector/store/access_store.h"
#include "collector/store/call_counts.h"
#include "collector/store/observation_id.h"
#include "collector/store/recent_deletions.h"
#include "collector/store/scope.h"

// The interfaces behind which the collector keeps everything. Each has one
// contract test suite (tests/unit/collector/store/*_contract.h) that every
// implementation passes; RocksDB (rocksdb_store.h) is the first.
//
// Every write is an idempotent upsert: written twice, in any order among
// writers, it leaves the same state. All methods are thread-safe and may touch
// the disk: never call them from a gRPC reaction.
//
// Errors of every method: UNAVAILABLE (the disk is full or the engine cannot
// write for now; try again), DATA_LOSS (what is stored is damaged), INTERNAL.

namespace callbraid::collector {

// A frame as stored: MediaStore's unit.
struct FrameRecord {
  ObservationId observation;
  // Capture time of the (first packet of the) frame; orders frames.
  int64_t time_ns = 0;
  // Tells frames of one observation and time apart.
  uint32_t ordinal = 0;
  // A serialized v1::CallFrame.
  std::string frame;
  // A message: kept when the media of its call are deleted. Not read back.
  bool is_signalling = false;
};

// Frames of observations: SIP and RTCP messages and media, as captured. RTCP is
// filed under an id of its own: RtcpFramesId() in observation_identity.h.
class MediaStore {
 public:
  virtual ~MediaStore() = default;

  // Calls `visit` with each frame of `observation` in the order of (time_ns,
  // ordinal) until it returns false. `bucket_ranges` as in
  // store::v1::Observation: where to look.
  virtual absl::Status ReadFrames(
      const ObservationId& observation,
      const std::vector<uint32_t>& bucket_ranges,
      const std::function<bool(const FrameRecord&)>& visit) = 0;

  // One of them. NOT_FOUND if there is none.
  virtual absl::StatusOr<std::string> GetFrame(const ObservationId& observation,
                                               int64_t time_ns,
                                               uint32_t ordinal) = 0;
};

// A 64-bit hash of something two observations may have in common: the index by
// which candidates for evidence are found. See tokens.h.
using Token = uint64_t;

struct ObservationUpsert {
  ObservationId id;
  // Whose it is, whether or not `observation` says so.
  std::string sensor;
  // Absent: unchanged.
  std::optional<store::v1::Observation> observation;
  std::optional<store::v1::RtpTally> tally;
  // Tokens to add to the index, filed under the observation's first time.
  std::vector<Token> tokens;
  int64_t first_time_ns = 0;
};

// What a sensor said of a stream, apart from its packets. It comes by another
// spool than they do, so it may be the first that is heard of the stream.
struct StreamReportRecord {
  ObservationId id;
  v1::StreamReport report;
};

// Everything that a capture point had to say up to `time_ns` has come.
struct CaptureEnd {
  std::string sensor;
  std::string capture_point;
  int64_t time_ns = 0;
};

// Everything known of an observation.
struct StoredObservation {
  store::v1::Observation observation;
  // Of an RTP observation.
  store::v1::RtpTally tally;
};

// One atomic change of the calls, made by the correlator.
struct CallChange {
  // Records to write; the key is record.call().id(). Without what people wrote
  // about the calls, which is kept apart. The first member of one
  // that is not settled becomes unsettled, if it was not: a call that is open
  // again is looked at after a restart, though none of its observations
  // changed.
  std::vector<store::v1::CallRecord> records;
  // Ids of calls that no longer exist under this id. Their observations are
  // members of other records of this change.
  std::vector<std::string> removed;
  // Observations that need no further look until they change again.
  std::vector<ObservationId> settled;
  // Notes to write, under their own ids (clock_window.h).
  std::vector<store::v1::Observation> notes;
  // FactStore::LastCommit() from before the observations were read. What a
  // later commit changed stays unsettled, whatever `settled` says; so with the
  // 0 of a change that does not tell, everything does.
  uint64_t read_at = 0;
  // FactStore::deletions().number() from then. If anything that was deleted
  // since is a member here, the change is ABORTED: it would bring it back.
  uint64_t deletions = 0;
};

struct CallPage {
  std::vector<v1::Call> calls;
  std::string next_page_token;
};

// Facts and calls.
class FactStore {
 public:
  virtual ~FactStore() = default;

  // With all that is stored apart put together (compose.h). NOT_FOUND if there
  // is none, DATA_LOSS if it is damaged.
  virtual absl::StatusOr<StoredObservation> GetObservation(
      const ObservationId& id) = 0;

  // Exactly as committed: what a fold goes on from. Errors as above.
  virtual absl::StatusOr<StoredObservation> GetCommitted(
      const ObservationId& id) = 0;

  // What the sensor told of the keys of a stream that DTLS agreed on: secrets.
  // Empty if it told nothing, or of no such observation.
  virtual absl::StatusOr<std::vector<v1::DtlsSrtp>> GetDtlsSrtp(
      const ObservationId& id) = 0;

  // Number of the newest commit that reads can see. Grows.
  virtual uint64_t LastCommit() = 0;

  // Observations filed under `token` with first time in [from_ns, to_ns],
  // newest first, at most `limit`. Leaves out what is damaged.
  virtual absl::StatusOr<std::vector<ObservationId>> FindByToken(
      Token token, int64_t from_ns, int64_t to_ns, size_t limit) = 0;

  // Observations that changed and have not been settled since, by their first
  // times: what a correlator must look at after a restart.
  virtual absl::StatusOr<std::vector<ObservationId>> Unsettled() = 0;

  // Need not be synced to disk: derived from observations, and an observation
  // stays unsettled until the change that settles it is as durable. A hold goes
  // with the members of its call, to every call that has any of them now.
  virtual absl::Status ApplyCalls(const CallChange& change) = 0;

  // Puts a call on hold, or, with nullopt, ends that (FAILED_PRECONDITION: it
  // was not on hold). On disk when this returns OK. `id` and errors as in
  // GetCall(); the answer too.
  virtual absl::StatusOr<store::v1::CallRecord> SetHold(
      const std::string& id, const Scope& scope,
      const std::optional<v1::CallHold>& hold) = 0;

  // What was deleted lately: whoever holds observations in memory drops these.
  virtual const RecentDeletions& deletions() const = 0;

  // Whether what was captured at `time_ns` was deleted on order, as a part of
  // this observation, or of whatever is filed under this token: so it is if it
  // is delivered again, or late.
  virtual absl::StatusOr<bool> WasDeleted(const ObservationId& id,
                                          int64_t time_ns) = 0;
  virtual absl::StatusOr<bool> WasDeleted(Token token, int64_t time_ns) = 0;

  // `id` is the id of the call or of any observation or leg or stream in it, or
  // the first 8 or more hex digits of a call id. NOT_FOUND; INVALID_ARGUMENT
  // (not hex, too short, or ambiguous). A call outside of `scope` is not there,
  // and makes nothing ambiguous. With what people wrote about it, its hold, and
  // CALL_FLAG_MEDIA_DELETED.
  virtual absl::StatusOr<store::v1::CallRecord> GetCall(const std::string& id,
                                                        const Scope& scope) = 0;

  // Newest first, of `scope` only. INVALID_ARGUMENT if the page token is not
  // one of ours, or from a listing with other conditions or another scope. A
  // token tells where the listing is: whoever hands it out seals it. Now, up to
  // which a call in progress lasts, is by the clock of EventLog::StartLog();
  // before that it has no length.
  virtual absl::StatusOr<CallPage> ListCalls(
      const v1::ListCallsRequest& request, const Scope& scope) = 0;

  // How many calls start in [from_ns, before_ns), both QuarterOf() themselves:
  // calls `visit` with each row of which there are any, in the order of keys,
  // until it returns false. The same as counting all that ListCalls() has, by
  // CountedAs() and CountsOf() (call_counts.h), but it looks at no call. A call
  // whose record was damaged, and is written anew, counts twice.
  using VisitCount =
      std::function<bool(const CallCountKey&, const store::v1::CallCounts&)>;
  virtual absl::Status VisitCounts(int64_t from_ns, int64_t before_ns,
                                   const VisitCount& visit) = 0;

  // Puts what `request` says in the place of what was written about the call
  // before, as written by `user` now (by the clock of EventLog::StartLog());
  // the log of events says that something happened. On disk when this returns
  // OK: the call as it is then. Errors as GetCall(), ParseAnnotation() and
  // CheckReplaces() (call_annotation.h).
  //
  // What was written about a call goes with it to the one that it becomes part
  // of, in the same change (Unite()).
  virtual absl::StatusOr<store::v1::CallRecord> Annotate(
      const v1::AnnotateCallRequest& request, const std::string& user,
      const Scope& scope) = 0;
};

struct SpoolWatermark {
  std::string sensor;
  uint64_t spool_id = 0;
  uint64_t sequence = 0;
};

// Who has delivered what: sensors and watermarks.
class CoordinationStore {
 public:
  virtual ~CoordinationStore() = default;

  // 0 if nothing of that spool was ever stored.
  virtual absl::StatusOr<uint64_t> GetWatermark(const std::string& sensor,
                                                uint64_t spool_id) = 0;
  // The sensor as last written. NOT_FOUND.
  virtual absl::StatusOr<v1::Sensor> GetSensor(const std::string& id) = 0;
  // By id.
  virtual absl::StatusOr<std::vector<v1::Sensor>> ListSensors() = 0;
};

// What a deletion removes.
struct DeletedCall {
  // Whole id.
  std::string id;
  uint32_t observations = 0;
  uint64_t frames = 0;
};

// A call that is to be deleted on order. Holds nothing of the store.
class CallDeletion {
 public:
  virtual ~CallDeletion() = default;
  virtual const DeletedCall& what() const = 0;
  // Removes the call for good, in one write that is on disk when this returns
  // OK. FAILED_PRECONDITION: it has changed, or is on hold, meanwhile; nothing
  // was removed. Once.
  virtual absl::Status Write() = 0;
};

// What is left of the media of a call.
enum class MediaLeft {
  // As captured; of a call without media, too.
  kAll,
  // It was long, and its beginning was deleted.
  kSome,
  kNone,
};

// What becomes durable together: frames, the facts folded from them, and how
// far each spool has come.
struct CommitGroup {
  std::vector<FrameRecord> frames;
  std::vector<ObservationUpsert> observations;
  // Only ever grow: a lower value than the stored one is ignored.
  std::vector<SpoolWatermark> watermarks;
  std::vector<v1::Sensor> sensors;
  // One that is not later than the stored one is ignored. Marks nothing as
  // unsettled: upsert the observation, if there is one, without content.
  std::vector<StreamReportRecord> reports;
  // Only ever grow, as watermarks do. Mark nothing as unsettled either.
  std::vector<CaptureEnd> capture_ends;
  // FactStore::deletions().number() from before anything was read that is in
  // here. What was deleted since is left out.
  uint64_t deletions = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual FactStore& facts() = 0;
  virtual MediaStore& media() = 0;
  virtual CoordinationStore& coordination() = 0;
  virtual AccessStore& access() = 0;

  // When this returns OK, `group` survives kill -9 and power loss; otherwise
  // none of it may be acknowledged. Marks its observations as unsettled.
  virtual absl::Status Commit(const CommitGroup& group) = 0;

  // Looks up what there is to remove of a call: it, its observations, their
  // frames, and all that finds them. What comes of it after the deletion is
  // dropped (FactStore::WasDeleted). `id` and errors as in GetCall();
  // FAILED_PRECONDITION: on hold, or not settled. Reads all frames of the call.
  // The store must outlive what it returns.
  virtual absl::StatusOr<std::unique_ptr<CallDeletion>> PrepareDeletion(
      const std::string& id, const Scope& scope, int64_t now_ns) = 0;

  // Errors of the store.
  virtual absl::StatusOr<MediaLeft> LeftOfMedia(
      const store::v1::CallRecord& record) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_STORE_H_
