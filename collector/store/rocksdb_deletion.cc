#include "collector/store/rocksdb_deletion.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "callbraid/store/v1/deletion.pb.h"
#include "collector/store/filed_tokens.h"
#include "collector/store/observation_identity.h"
#include "collector/store/proto_time.h"
#include "collector/store/tokens.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kEver = std::numeric_limits<int64_t>::max();
// What comes of a deleted call by a capture point that had not told of it yet:
// a dialog is nobody else's, by whatever clock; of a stream the next call may
// have addresses and SSRC.
constexpr int64_t kDialogSlackNs = 3600 * kSecondNs;
constexpr int64_t kStreamSlackNs = 5 * kSecondNs;
// A call that is over, of which some sensor may still have something to say:
// after so long nobody waits for that.
constexpr int64_t kExpectedForNs = 24 * 3600 * kSecondNs;

bool IsOpenCall(const store::v1::CallRecord& record, int64_t now_ns) {
  return !record.settled() &&
         (!record.call().has_end_time() ||
          ToNs(record.call().end_time()) > now_ns - kExpectedForNs);
}

absl::Status NotYet(const char* why) {
  return absl::FailedPreconditionError(
      absl::StrCat("the call cannot be deleted: ", why));
}

void AddPairs(const std::set<uint32_t>& buckets,
              google::protobuf::RepeatedField<uint32_t>& ranges) {
  for (const uint32_t bucket : buckets) {
    if (!ranges.empty() && ranges[ranges.size() - 1] + 1 == bucket) {
      ranges[ranges.size() - 1] = bucket;
    } else {
      ranges.Add(bucket);
      ranges.Add(bucket);
    }
  }
}

}  // namespace

struct RocksDbDeletion::Touched {
  std::set<uint32_t> media;
  std::set<uint32_t> signalling;
};

absl::StatusOr<RocksDbDeletion::Plan> RocksDbDeletion::MakePlan(
    Why why, const std::string& id, const Scope& scope, int64_t now_ns) {
  Plan plan;
  plan.why = why;
  plan.read_at = facts_.LastCommit();
  ASSIGN_OR_RETURN(plan.record, facts_.GetCall(id, scope));
  const v1::Call& call = plan.record.call();
  const auto call_id = ObservationId::FromHex(call.id());
  if (!call_id) return engine_.Damaged(Family::kCalls);
  plan.call = *call_id;
  if (call.has_hold()) return NotYet("it is on hold");
  if (IsOpenCall(plan.record, now_ns)) {
    return NotYet(call.has_end_time() ? "sensors may still bring more of it"
                                      : "it is in progress");
  }
  ASSIGN_OR_RETURN(plan.doomed, parts_.Of(plan.record));
  if (why == Why::kAge) RETURN_IF_ERROR(Spare(plan, now_ns));
  return plan;
}

absl::Status RocksDbDeletion::Spare(Plan& plan, int64_t now_ns) {
  RETURN_IF_ERROR(held_.Update(now_ns));
  std::erase_if(plan.doomed, [this](const CallPart& part) {
    return held_.Contains(part.id);
  });
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> RocksDbDeletion::CountFrames(const Plan& plan) {
  uint64_t frames = 0;
  std::set<ObservationId> counted;
  for (const CallPart& doomed : plan.doomed) {
    for (const FiledFrames& filed : doomed.Media()) {
      // RTCP of several parts is filed as one.
      if (!counted.insert(filed.id).second) continue;
      RETURN_IF_ERROR(
          media_.ReadFrames(filed.id, filed.buckets,
                            [&](const FrameRecord&) { return ++frames > 0; }));
    }
  }
  return frames;
}

absl::Status RocksDbDeletion::Check(const Plan& plan) {
  ASSIGN_OR_RETURN(const std::optional<v1::CallHold> hold,
                   holds_.Get(plan.call));
  if (hold) return NotYet("it is on hold");
  if (plan.why == Why::kAge && !held_.IsCurrent()) {
    return NotYet("holds have just changed; try again");
  }
  const auto now = facts_.GetCall(plan.call.ToHex(), Scope::All());
  RETURN_IF_ERROR(now.status());
  if (now->call().id() != plan.record.call().id() ||
      now->call().revision() != plan.record.call().revision() ||
      now->settled() != plan.record.settled()) {
    return NotYet("it has just changed; try again");
  }
  for (const std::string& member : plan.record.members()) {
    ASSIGN_OR_RETURN(const std::optional<std::string> value,
                     engine_.GetUnlessDamaged(Family::kUnsettled, member));
    const auto mark = value ? DecodeUnsettledMark(*value) : std::nullopt;
    if (mark && (plan.record.settled() || mark->commit > plan.read_at)) {
      return NotYet("more of it has just come; try again");
    }
  }
  return absl::OkStatus();
}

absl::Status RocksDbDeletion::PutMedia(Why why, const CallPart& doomed,
                                       RocksDbBatch& batch,
                                       Touched& touched) const {
  for (const FiledFrames& filed : doomed.Media()) {
    RETURN_IF_ERROR(
        media_.Delete(Family::kFrames, filed.id,
                      why == Why::kAge ? held_.Rest(filed) : filed.buckets,
                      batch, touched.media));
  }
  return absl::OkStatus();
}

void RocksDbDeletion::PutFacts(const CallPart& doomed, RocksDbBatch& batch) {
  for (const Family family : {Family::kObservations, Family::kTallies,
                              Family::kReports, Family::kUnsettled}) {
    batch.Delete(family, doomed.id.bytes());
  }
  for (const Token token : FiledTokens(doomed.observation)) {
    batch.Delete(Family::kTokens,
                 EncodeTokenKey(token, doomed.first_ns, doomed.id));
  }
}

void RocksDbDeletion::AddTombstones(const CallPart& doomed,
                                    Tombstones& tombstones) {
  const auto add = [&](const std::string& key, int64_t from, int64_t until) {
    auto& [first, last] =
        tombstones.try_emplace(key, from, until).first->second;
    first = std::min(first, from);
    last = std::max(last, until);
  };
  const store::v1::Observation& observation = doomed.observation;
  add(EncodeTombstoneKey(doomed.id), -kEver, kEver);
  if (const auto rtcp = RtcpOf(observation)) {
    add(EncodeTombstoneKey(*rtcp), doomed.first_ns - kRtcpBeforeNs,
        doomed.last_ns + kRtcpAfterNs);
  }
  if (observation.has_dialog()) {
    const store::v1::DialogObservation& dialog = observation.dialog();
    std::set<std::string> tags(dialog.to_tags().begin(),
                               dialog.to_tags().end());
    tags.insert(dialog.from_tag());
    for (const std::string& tag : tags) {
      add(EncodeTombstoneKey(DialogToken(dialog.call_id(), tag)),
          doomed.first_ns - kDialogSlackNs, doomed.last_ns + kDialogSlackNs);
    }
  }
  if (observation.has_reception()) {
    for (const Token token : FiledTokens(observation)) {
      add(EncodeTombstoneKey(token), doomed.first_ns - kRtcpBeforeNs,
          doomed.last_ns + kRtcpAfterNs);
    }
  }
  const auto source = FromProto(observation.rtp().source());
  const auto destination = FromProto(observation.rtp().destination());
  if (observation.has_rtp() && source && destination) {
    add(EncodeTombstoneKey(
            FlowToken(*source, *destination, observation.rtp().ssrc())),
        doomed.first_ns - kStreamSlackNs, doomed.last_ns + kStreamSlackNs);
  }
}

void RocksDbDeletion::PutTombstones(const Plan& plan, int64_t now_ns,
                                    RocksDbBatch& batch) {
  Tombstones tombstones;
  for (const CallPart& doomed : plan.doomed) AddTombstones(doomed, tombstones);
  for (const auto& [key, times] : tombstones) {
    store::v1::Tombstone tombstone;
    tombstone.set_from_ns(times.first);
    tombstone.set_until_ns(times.second);
    tombstone.set_deleted_ns(now_ns);
    batch.Put(Family::kDefault, key, tombstone.SerializeAsString());
  }
}

void RocksDbDeletion::PutPurge(const Plan& plan, const Touched& touched,
                               int64_t now_ns, RocksDbBatch& batch) {
  store::v1::Purge purge;
  purge.set_deleted_ns(now_ns);
  purge.set_call_id(std::string(plan.call.bytes()));
  purge.set_start_ns(StartNs(plan.record.call()));
  for (const CallPart& doomed : plan.doomed) {
    purge.add_observations(std::string(doomed.id.bytes()));
  }
  AddPairs(touched.media, *purge.mutable_media_buckets());
  AddPairs(touched.signalling, *purge.mutable_signalling_buckets());
  batch.Put(Family::kDefault, EncodePurgeKey(plan.call),
            purge.SerializeAsString());
}

absl::Status RocksDbDeletion::Write(const Plan& plan, int64_t now_ns) {
  RocksDbBatch batch(engine_);
  RETURN_IF_ERROR(batch.status());
  RETURN_IF_ERROR(Check(plan));
  Touched touched;
  for (const CallPart& doomed : plan.doomed) {
    RETURN_IF_ERROR(PutMedia(plan.why, doomed, batch, touched));
    RETURN_IF_ERROR(media_.Delete(Family::kSignalling, doomed.id,
                                  doomed.buckets, batch, touched.signalling));
  }
  CallEvents events(now_ns);
  RETURN_IF_ERROR(facts_.calls().Delete(plan.call, plan.record, batch, events));
  std::vector<ObservationId> ids;
  for (const CallPart& doomed : plan.doomed) {
    ids.push_back(doomed.id);
    PutFacts(doomed, batch);
  }
  std::vector<store::v1::CallEvent> to_log;
  if (plan.why == Why::kOrder) {
    PutTombstones(plan, now_ns, batch);
    PutPurge(plan, touched, now_ns, batch);
    if (log_.clock() != nullptr) to_log = events.Take();
    for (store::v1::CallEvent& event : to_log) HideParties(event);
    log_.Put(to_log, batch);
    // Before the write: whoever looks must not miss it.
    facts_.LookForTombstones();
  }
  // What goes by age and is there again after a power failure goes again.
  RETURN_IF_ERROR(batch.Write(/*sync=*/plan.why == Why::kOrder));
  recent_.Add(ids);
  log_.Written(to_log.size());
  return absl::OkStatus();
}

// On order.
class RocksDbDeletion::Ordered final : public CallDeletion {
 public:
  Ordered(RocksDbDeletion& deletion, Plan plan, uint64_t frames, int64_t now_ns)
      : deletion_(deletion),
        plan_(std::move(plan)),
        what_{plan_.call.ToHex(), static_cast<uint32_t>(plan_.doomed.size()),
              frames},
        now_ns_(now_ns) {}

  const DeletedCall& what() const override { return what_; }
  absl::Status Write() override { return deletion_.Write(plan_, now_ns_); }

 private:
  RocksDbDeletion& deletion_;
  const Plan plan_;
  const DeletedCall what_;
  const int64_t now_ns_;
};

absl::StatusOr<std::unique_ptr<CallDeletion>> RocksDbDeletion::Prepare(
    const std::string& id, const Scope& scope, int64_t now_ns) {
  ASSIGN_OR_RETURN(Plan plan, MakePlan(Why::kOrder, id, scope, now_ns));
  ASSIGN_OR_RETURN(const uint64_t frames, CountFrames(plan));
  return std::make_unique<Ordered>(*this, std::move(plan), frames, now_ns);
}

absl::StatusOr<bool> RocksDbDeletion::IsOpen(const ObservationId& call,
                                             int64_t now_ns) {
  const auto record = facts_.GetCall(call.ToHex(), Scope::All());
  if (absl::IsNotFound(record.status()) || absl::IsDataLoss(record.status())) {
    return false;
  }
  RETURN_IF_ERROR(record.status());
  return IsOpenCall(*record, now_ns);
}

absl::Status RocksDbDeletion::Expire(const ObservationId& call,
                                     int64_t now_ns) {
  ASSIGN_OR_RETURN(const Plan plan,
                   MakePlan(Why::kAge, call.ToHex(), Scope::All(), now_ns));
  return Write(plan, now_ns);
}

absl::StatusOr<bool> RocksDbDeletion::ExpireMedia(const ObservationId& call,
                                                  int64_t now_ns) {
  ASSIGN_OR_RETURN(const Plan plan,
                   MakePlan(Why::kAge, call.ToHex(), Scope::All(), now_ns));
  RocksDbBatch batch(engine_);
  RETURN_IF_ERROR(batch.status());
  RETURN_IF_ERROR(Check(plan));
  Touched touched;
  for (const CallPart& doomed : plan.doomed) {
    // Messages lie there, too, if schema 2 stored them.
    if (doomed.observation.has_dialog()) continue;
    RETURN_IF_ERROR(PutMedia(plan.why, doomed, batch, touched));
  }
  if (touched.media.empty()) return false;
  const uint32_t from = *touched.media.rbegin() + 1;
  media_.PutDeleted(from, batch);
  RETURN_IF_ERROR(batch.Write(/*sync=*/false));
  media_.Deleted(from);
  return true;
}

}  // namespace callbraid::collector
