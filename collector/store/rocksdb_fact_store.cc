#include "collector/store/rocksdb_fact_store.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "callbraid/store/v1/deletion.pb.h"
#include "collector/store/call_annotation.h"
#include "collector/store/call_lookup.h"
#include "collector/store/compose.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {

absl::Status RocksDbFactStore::Load() {
  // Marks are the only place where numbers of commits are compared.
  uint64_t newest = 0;
  const auto iterator = engine_.NewIterator(Family::kUnsettled);
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    const auto mark = DecodeUnsettledMark(ToView(iterator->value()));
    if (!mark) return engine_.Damaged(Family::kUnsettled);
    newest = std::max(newest, mark->commit);
  }
  last_commit_ = newest;
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  const auto tombstones = engine_.NewIterator(Family::kDefault);
  tombstones->Seek(ToSlice(kTombstonePrefix));
  has_tombstones_ = tombstones->Valid() &&
                    tombstones->key().starts_with(ToSlice(kTombstonePrefix));
  return engine_.ToStatus(tombstones->status());
}

absl::StatusOr<StoredObservation> RocksDbFactStore::GetCommitted(
    const ObservationId& id) {
  ASSIGN_OR_RETURN(const std::optional<std::string> observation,
                   engine_.Get(Family::kObservations, id.bytes()));
  if (!observation) return absl::NotFoundError("no observation " + id.ToHex());
  StoredObservation stored;
  if (!stored.observation.ParseFromString(*observation)) {
    return engine_.Damaged(Family::kObservations);
  }
  if (!stored.observation.has_rtp()) return stored;
  ASSIGN_OR_RETURN(const std::optional<std::string> tally,
                   engine_.Get(Family::kTallies, id.bytes()));
  if (tally && !stored.tally.ParseFromString(*tally)) {
    return engine_.Damaged(Family::kTallies);
  }
  return stored;
}

absl::StatusOr<StoredObservation> RocksDbFactStore::GetObservation(
    const ObservationId& id) {
  ASSIGN_OR_RETURN(StoredObservation stored, GetCommitted(id));
  v1::StreamReport report;
  bool has_report = false;
  if (stored.observation.has_rtp()) {
    ASSIGN_OR_RETURN(const std::optional<std::string> value,
                     engine_.Get(Family::kReports, id.bytes()));
    has_report = value.has_value();
    if (value && !report.ParseFromString(*value)) {
      return engine_.Damaged(Family::kReports);
    }
  }
  ASSIGN_OR_RETURN(
      const std::optional<std::string> end,
      engine_.Get(Family::kCaptureEnds,
                  EncodeCaptureEndKey(stored.observation.sensor(),
                                      stored.observation.capture_point())));
  std::optional<int64_t> end_ns;
  if (end) {
    end_ns = DecodeTime(*end);
    if (!end_ns) return engine_.Damaged(Family::kCaptureEnds);
  }
  Compose(has_report ? &report : nullptr, end_ns, stored);
  return stored;
}

absl::StatusOr<std::vector<v1::DtlsSrtp>> RocksDbFactStore::GetDtlsSrtp(
    const ObservationId& id) {
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   engine_.Get(Family::kReports, id.bytes()));
  v1::StreamReport report;
  if (value && !report.ParseFromString(*value)) {
    return engine_.Damaged(Family::kReports);
  }
  return std::vector<v1::DtlsSrtp>(report.dtls_srtp().begin(),
                                   report.dtls_srtp().end());
}

absl::StatusOr<std::vector<ObservationId>> RocksDbFactStore::FindByToken(
    Token token, int64_t from_ns, int64_t to_ns, size_t limit) {
  std::vector<ObservationId> found;
  const auto iterator = engine_.NewIterator(Family::kTokens);
  for (iterator->Seek(TokenSeekKey(token, to_ns));
       iterator->Valid() && found.size() < limit; iterator->Next()) {
    const auto key = DecodeTokenKey(ToView(iterator->key()));
    if (!key) return engine_.Damaged(Family::kTokens);
    if (key->token != token || key->first_time_ns < from_ns) break;
    found.push_back(key->observation);
  }
  // What is damaged is left out: a call then lacks what only that told.
  const absl::Status status = engine_.ToStatus(iterator->status());
  if (!status.ok() && !absl::IsDataLoss(status)) return status;
  return found;
}

absl::StatusOr<std::vector<ObservationId>> RocksDbFactStore::Unsettled() {
  std::vector<std::pair<int64_t, ObservationId>> found;
  const auto iterator = engine_.NewIterator(Family::kUnsettled);
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    const auto id = ObservationId::FromBytes(ToView(iterator->key()));
    const auto mark = DecodeUnsettledMark(ToView(iterator->value()));
    if (!id || !mark) return engine_.Damaged(Family::kUnsettled);
    found.emplace_back(mark->first_time_ns, *id);
  }
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  std::sort(found.begin(), found.end());
  std::vector<ObservationId> ids;
  ids.reserve(found.size());
  for (const auto& [time_ns, id] : found) ids.push_back(id);
  return ids;
}

absl::Status RocksDbFactStore::ApplyCalls(const CallChange& change) {
  // There is one batch at a time: a mark of unsettled must not change between
  // being read and being removed.
  RocksDbBatch batch(engine_);
  RETURN_IF_ERROR(batch.status());
  RETURN_IF_ERROR(CheckDeletions(change));
  const Clock* const clock = log_.clock();
  CallEvents events(clock == nullptr ? 0 : clock->WallNs());
  RETURN_IF_ERROR(calls_.Put(change, batch, events));
  std::vector<store::v1::CallEvent> to_log;
  if (clock != nullptr) to_log = events.Take();
  log_.Put(to_log, batch);
  for (const store::v1::Observation& note : change.notes) {
    batch.Put(Family::kObservations, note.id(), note.SerializeAsString());
  }
  for (const ObservationId& id : change.settled) {
    ASSIGN_OR_RETURN(const std::optional<std::string> value,
                     engine_.GetUnlessDamaged(Family::kUnsettled, id.bytes()));
    if (!value) continue;
    const auto mark = DecodeUnsettledMark(*value);
    if (!mark) return engine_.Damaged(Family::kUnsettled);
    if (mark->commit > change.read_at) continue;
    batch.Delete(Family::kUnsettled, id.bytes());
  }
  for (const store::v1::CallRecord& record : change.records) {
    if (record.settled() || record.members().empty()) continue;
    ASSIGN_OR_RETURN(
        const std::optional<std::string> mark,
        engine_.GetUnlessDamaged(Family::kUnsettled, record.members(0)));
    if (mark) continue;
    batch.Put(Family::kUnsettled, record.members(0),
              EncodeUnsettledMark({change.read_at, StartNs(record.call())}));
  }
  RETURN_IF_ERROR(batch.Write(/*sync=*/false));
  log_.Written(to_log.size());
  return absl::OkStatus();
}

absl::Status RocksDbFactStore::CheckDeletions(const CallChange& change) const {
  if (change.deletions == deletions_.number()) return absl::OkStatus();
  const auto deleted = deletions_.Since(change.deletions);
  for (const store::v1::CallRecord& record : change.records) {
    for (const std::string& bytes : record.members()) {
      const auto member = ObservationId::FromBytes(bytes);
      if (!deleted || (member && deleted->contains(*member))) {
        return absl::AbortedError("a member of the call was deleted meanwhile");
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<store::v1::CallRecord> RocksDbFactStore::SetHold(
    const std::string& id, const Scope& scope,
    const std::optional<v1::CallHold>& hold) {
  RocksDbBatch batch(engine_);
  RETURN_IF_ERROR(batch.status());
  ASSIGN_OR_RETURN(store::v1::CallRecord record, calls_.Find(id, scope));
  v1::Call& call = *record.mutable_call();
  const auto call_id = ObservationId::FromHex(call.id());
  if (!call_id) return engine_.Damaged(Family::kCalls);
  if (hold) {
    *call.mutable_hold() = *hold;
  } else if (call.has_hold()) {
    call.clear_hold();
  } else {
    return NotOnHold();
  }
  holds_.Set(*call_id, hold, batch);
  std::vector<store::v1::CallEvent> to_log;
  if (const Clock* const clock = log_.clock(); clock != nullptr) {
    CallEvents events(clock->WallNs());
    calls_.Touch(record, events);
    to_log = events.Take();
  }
  log_.Put(to_log, batch);
  RETURN_IF_ERROR(batch.Write(/*sync=*/true));
  log_.Written(to_log.size());
  return record;
}

absl::StatusOr<bool> RocksDbFactStore::IsBuried(const std::string& key,
                                                int64_t time_ns) const {
  if (!has_tombstones_) return false;
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   engine_.GetUnlessDamaged(Family::kDefault, key));
  store::v1::Tombstone tombstone;
  return value && tombstone.ParseFromString(*value) &&
         time_ns >= tombstone.from_ns() && time_ns <= tombstone.until_ns();
}

absl::StatusOr<bool> RocksDbFactStore::WasDeleted(const ObservationId& id,
                                                  int64_t time_ns) {
  return IsBuried(EncodeTombstoneKey(id), time_ns);
}

absl::StatusOr<bool> RocksDbFactStore::WasDeleted(Token token,
                                                  int64_t time_ns) {
  return IsBuried(EncodeTombstoneKey(token), time_ns);
}

absl::StatusOr<store::v1::CallRecord> RocksDbFactStore::GetCall(
    const std::string& id, const Scope& scope) {
  return calls_.Find(id, scope);
}

absl::StatusOr<store::v1::CallRecord> RocksDbFactStore::Annotate(
    const v1::AnnotateCallRequest& request, const std::string& user,
    const Scope& scope) {
  ASSIGN_OR_RETURN(v1::CallAnnotation annotation, ParseAnnotation(request));
  // Nobody else writes until it is written.
  RocksDbBatch batch(engine_);
  RETURN_IF_ERROR(batch.status());
  ASSIGN_OR_RETURN(store::v1::CallRecord record,
                   calls_.Find(request.id(), scope));
  v1::Call& call = *record.mutable_call();
  const v1::CallAnnotation* const replaced =
      call.has_annotation() ? &call.annotation() : nullptr;
  RETURN_IF_ERROR(CheckReplaces(request, replaced));
  const Clock* const clock = log_.clock();
  const int64_t now_ns = clock == nullptr ? 0 : clock->WallNs();
  SetTime(now_ns, replaced, annotation);
  annotation.set_user(user);
  CallEvents events(now_ns);
  RETURN_IF_ERROR(calls_.Annotate(record, annotation, batch, events));
  std::vector<store::v1::CallEvent> to_log;
  if (clock != nullptr) to_log = events.Take();
  log_.Put(to_log, batch);
  RETURN_IF_ERROR(batch.Write(/*sync=*/true));
  log_.Written(to_log.size());
  if (IsEmpty(annotation)) {
    call.clear_annotation();
  } else {
    *call.mutable_annotation() = std::move(annotation);
  }
  return record;
}

absl::StatusOr<CallPage> RocksDbFactStore::ListCalls(
    const v1::ListCallsRequest& request, const Scope& scope) {
  const Clock* const clock = log_.clock();
  ASSIGN_OR_RETURN(
      const CallListing listing,
      ParseListing(request, scope, clock == nullptr ? 0 : clock->WallNs()));
  return calls_.List(listing);
}

absl::Status RocksDbFactStore::Put(const CommitGroup& group,
                                   RocksDbBatch& batch) {
  const uint64_t commit = last_commit_ + 1;
  for (const ObservationUpsert& upsert : group.observations) {
    const std::string_view id = upsert.id.bytes();
    if (upsert.observation) {
      batch.Put(Family::kObservations, id,
                upsert.observation->SerializeAsString());
    }
    if (upsert.tally) {
      batch.Put(Family::kTallies, id, upsert.tally->SerializeAsString());
    }
    for (const Token token : upsert.tokens) {
      batch.Put(Family::kTokens,
                EncodeTokenKey(token, upsert.first_time_ns, upsert.id), "");
    }
    batch.Put(Family::kUnsettled, id,
              EncodeUnsettledMark({commit, upsert.first_time_ns}));
  }

  std::map<ObservationId, const v1::StreamReport*> reports;
  for (const StreamReportRecord& record : group.reports) {
    const auto [report, added] = reports.try_emplace(record.id, &record.report);
    if (!added && IsNewer(record.report, *report->second)) {
      report->second = &record.report;
    }
  }
  for (const auto& [id, report] : reports) {
    ASSIGN_OR_RETURN(const std::optional<std::string> value,
                     engine_.GetUnlessDamaged(Family::kReports, id.bytes()));
    v1::StreamReport stored;
    if (value && stored.ParseFromString(*value) && !IsNewer(*report, stored)) {
      continue;
    }
    batch.Put(Family::kReports, id.bytes(), report->SerializeAsString());
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
