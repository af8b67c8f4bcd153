#include "tests/fakes/memory_store.h"

#include <algorithm>

#include "collector/store/buckets.h"
#include "collector/store/call_annotation.h"
#include "collector/store/call_events.h"
#include "collector/store/call_lookup.h"
#include "collector/store/compose.h"
#include "collector/store/without_deleted.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {

absl::Status MemoryStore::Commit(const CommitGroup& whole) {
  MutexLock lock(mutex_);
  const std::optional<CommitGroup> rest = WithoutDeleted(whole, deletions_);
  const CommitGroup& group = rest ? *rest : whole;
  if (failures_ > 0) {
    --failures_;
    return failure_;
  }
  ++commits_;
  for (const FrameRecord& frame : group.frames) {
    frames_[frame.observation][{frame.time_ns, frame.ordinal}] = frame.frame;
  }
  for (const ObservationUpsert& upsert : group.observations) {
    Facts& facts = observations_[upsert.id];
    if (upsert.observation) {
      facts.exists = true;
      facts.stored.observation = *upsert.observation;
    }
    if (upsert.tally) facts.stored.tally = *upsert.tally;
    for (const Token token : upsert.tokens) {
      tokens_[token].insert({upsert.first_time_ns, upsert.id});
    }
    unsettled_[upsert.id] = {commits_, upsert.first_time_ns};
  }
  for (const SpoolWatermark& watermark : group.watermarks) {
    uint64_t& stored = watermarks_[{watermark.sensor, watermark.spool_id}];
    stored = std::max(stored, watermark.sequence);
  }
  for (const v1::Sensor& sensor : group.sensors) sensors_[sensor.id()] = sensor;
  for (const StreamReportRecord& record : group.reports) {
    const auto [report, added] = reports_.try_emplace(record.id, record.report);
    if (!added && IsNewer(record.report, report->second)) {
      report->second = record.report;
    }
  }
  for (const CaptureEnd& end : group.capture_ends) {
    const auto [stored, added] =
        capture_ends_.try_emplace({end.sensor, end.capture_point}, end.time_ns);
    if (!added) stored->second = std::max(stored->second, end.time_ns);
  }
  return absl::OkStatus();
}

void MemoryStore::FailCommitsWith(absl::Status status, int times) {
  MutexLock lock(mutex_);
  failure_ = std::move(status);
  failures_ = times;
}

size_t MemoryStore::commits() const {
  MutexLock lock(mutex_);
  return commits_;
}

absl::StatusOr<StoredObservation> MemoryStore::GetCommitted(
    const ObservationId& id) {
  MutexLock lock(mutex_);
  const auto facts = observations_.find(id);
  if (facts == observations_.end() || !facts->second.exists) {
    return absl::NotFoundError("no observation " + id.ToHex());
  }
  return facts->second.stored;
}

absl::StatusOr<StoredObservation> MemoryStore::GetObservation(
    const ObservationId& id) {
  ASSIGN_OR_RETURN(StoredObservation stored, GetCommitted(id));
  MutexLock lock(mutex_);
  const auto report = reports_.find(id);
  const auto end = capture_ends_.find(
      {stored.observation.sensor(), stored.observation.capture_point()});
  Compose(report == reports_.end() ? nullptr : &report->second,
          end == capture_ends_.end() ? std::nullopt
                                     : std::optional<int64_t>(end->second),
          stored);
  return stored;
}

absl::StatusOr<std::vector<v1::DtlsSrtp>> MemoryStore::GetDtlsSrtp(
    const ObservationId& id) {
  MutexLock lock(mutex_);
  const auto report = reports_.find(id);
  if (report == reports_.end()) return std::vector<v1::DtlsSrtp>();
  return std::vector<v1::DtlsSrtp>(report->second.dtls_srtp().begin(),
                                   report->second.dtls_srtp().end());
}

uint64_t MemoryStore::LastCommit() {
  MutexLock lock(mutex_);
  return commits_;
}

absl::StatusOr<std::vector<ObservationId>> MemoryStore::FindByToken(
    Token token, int64_t from_ns, int64_t to_ns, size_t limit) {
  MutexLock lock(mutex_);
  std::vector<ObservationId> found;
  const auto entries = tokens_.find(token);
  if (entries == tokens_.end()) return found;
  for (auto entry = entries->second.rbegin();
       entry != entries->second.rend() && found.size() < limit; ++entry) {
    if (entry->first >= from_ns && entry->first <= to_ns) {
      found.push_back(entry->second);
    }
  }
  return found;
}

absl::StatusOr<std::vector<ObservationId>> MemoryStore::Unsettled() {
  MutexLock lock(mutex_);
  std::set<std::pair<int64_t, ObservationId>> found;
  for (const auto& [id, mark] : unsettled_) {
    found.insert({mark.first_time_ns, id});
  }
  std::vector<ObservationId> ids;
  for (const auto& [time_ns, id] : found) ids.push_back(id);
  return ids;
}

void MemoryStore::RemoveRecord(const ObservationId& id) {
  const auto record = calls_.find(id);
  if (record == calls_.end()) return;
  listing_.erase({StartNs(record->second.call()), id});
  calls_.erase(record);
}

absl::Status MemoryStore::ApplyCalls(const CallChange& change) {
  MutexLock lock(mutex_);
  if (failures_ > 0) {
    --failures_;
    return failure_;
  }
  if (change.deletions != deletions_.number()) {
    const auto deleted = deletions_.Since(change.deletions);
    for (const store::v1::CallRecord& record : change.records) {
      for (const std::string& bytes : record.members()) {
        const auto member = ObservationId::FromBytes(bytes);
        if (!deleted || (member && deleted->contains(*member))) {
          return absl::AbortedError("a member was deleted meanwhile");
        }
      }
    }
  }
  const auto before_change =
      holds_.empty() ? decltype(calls_)() : decltype(calls_)(calls_);
  for (const store::v1::Observation& note : change.notes) {
    const auto id = ObservationId::FromBytes(note.id());
    if (!id) return absl::InternalError("a note's id must be an id");
    observations_[*id].exists = true;
    observations_[*id].stored.observation = note;
  }
  CallEvents events(log_clock_ == nullptr ? 0 : log_clock_->WallNs());
  std::map<ObservationId, ObservationId> mapped;
  for (const store::v1::CallRecord& record : change.records) {
    const auto id = ObservationId::FromHex(record.call().id());
    if (!id) return absl::InternalError("a call's id must be an id");
    const store::v1::CallIndexEntry entry = IndexEntry(record.call());
    if (const auto old = calls_.find(*id); old != calls_.end()) {
      const store::v1::CallIndexEntry before = IndexEntry(old->second.call());
      const CallEvents::Seen seen_before{old->second, before};
      told_[*id] =
          events.Update(*id, &seen_before, told_[*id], {record, entry});
    } else {
      told_[*id] = events.Update(*id, nullptr, told_[*id], {record, entry});
    }
    RemoveRecord(*id);
    calls_[*id] = record;
    listing_.insert({StartNs(record.call()), *id});
    for (const ObservationId& member : IdsOf(record)) mapped[member] = *id;
  }
  for (const std::string& hex : change.removed) {
    const auto id = ObservationId::FromHex(hex);
    if (!id) return absl::InternalError("a call's id must be an id");
    const auto old = calls_.find(*id);
    if (old == calls_.end()) continue;
    const std::optional<ObservationId> now = FoundAs(*id, old->second, mapped);
    if (now) mapped.try_emplace(*id, *now);
    if (const auto moved = annotations_.find(*id);
        now && moved != annotations_.end()) {
      const auto there = annotations_.find(*now);
      annotations_[*now] = there == annotations_.end()
                               ? moved->second
                               : Unite(there->second, moved->second);
      annotations_.erase(*id);
    }
    events.Remove(*id, old->second, told_[*id], now);
    told_.erase(*id);
    RemoveRecord(*id);
  }
  SpreadHolds(before_change, mapped);
  for (const auto& [member, call] : mapped) members_[member] = call;
  for (const ObservationId& id : change.settled) {
    const auto mark = unsettled_.find(id);
    if (mark != unsettled_.end() && mark->second.commit <= change.read_at) {
      unsettled_.erase(mark);
    }
  }
  for (const store::v1::CallRecord& record : change.records) {
    if (record.settled() || record.members().empty()) continue;
    if (const auto id = ObservationId::FromBytes(record.members(0))) {
      unsettled_.try_emplace(*id, Mark{change.read_at, StartNs(record.call())});
    }
  }
  Log(events);
  return absl::OkStatus();
}

void MemoryStore::Log(CallEvents& events, bool hide_parties) {
  if (log_clock_ == nullptr) return;
  for (store::v1::CallEvent& event : events.Take()) {
    if (hide_parties) HideParties(event);
    const uint64_t last = log_.empty() ? 0 : log_.rbegin()->first;
    log_[last + 1] = std::move(event);
  }
}

store::v1::CallRecord MemoryStore::Whole(const ObservationId& id) const {
  store::v1::CallRecord record = calls_.at(id);
  const auto annotation = annotations_.find(id);
  if (annotation != annotations_.end()) {
    *record.mutable_call()->mutable_annotation() = annotation->second;
  }
  const auto hold = holds_.find(id);
  if (hold != holds_.end())
    *record.mutable_call()->mutable_hold() = hold->second;
  return record;
}

absl::StatusOr<store::v1::CallRecord> MemoryStore::Annotate(
    const v1::AnnotateCallRequest& request, const std::string& user,
    const Scope& scope) {
  ASSIGN_OR_RETURN(v1::CallAnnotation annotation, ParseAnnotation(request));
  MutexLock lock(mutex_);
  if (failures_ > 0) {
    --failures_;
    return failure_;
  }
  ASSIGN_OR_RETURN(store::v1::CallRecord record, FindCall(request.id(), scope));
  v1::Call& call = *record.mutable_call();
  const v1::CallAnnotation* const replaced =
      call.has_annotation() ? &call.annotation() : nullptr;
  RETURN_IF_ERROR(CheckReplaces(request, replaced));
  const int64_t now_ns = log_clock_ == nullptr ? 0 : log_clock_->WallNs();
  SetTime(now_ns, replaced, annotation);
  annotation.set_user(user);
  const ObservationId id = *ObservationId::FromHex(call.id());
  annotations_[id] = annotation;
  *call.mutable_annotation() = annotation;
  if (IsEmpty(annotation)) {
    annotations_.erase(id);
    call.clear_annotation();
  }
  CallEvents events(now_ns);
  const store::v1::CallIndexEntry entry = IndexEntry(call);
  events.Touch(id, {record, entry});
  Log(events);
  return record;
}

void MemoryStore::SpreadHolds(
    const std::map<ObservationId, store::v1::CallRecord>& before,
    const std::map<ObservationId, ObservationId>& mapped) {
  const std::map<ObservationId, v1::CallHold> holds = holds_;
  for (const auto& [id, hold] : holds) {
    const auto old = before.find(id);
    if (old == before.end()) continue;
    for (const ObservationId& member : IdsOf(old->second)) {
      const auto now = mapped.find(member);
      if (now != mapped.end()) holds_.try_emplace(now->second, hold);
    }
    // Else it may come back.
    if (mapped.count(id) > 0 && calls_.count(id) == 0) holds_.erase(id);
  }
}

absl::StatusOr<store::v1::CallRecord> MemoryStore::SetHold(
    const std::string& id, const Scope& scope,
    const std::optional<v1::CallHold>& hold) {
  MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(store::v1::CallRecord record, FindCall(id, scope));
  const auto call_id = ObservationId::FromHex(record.call().id());
  if (hold) {
    holds_[*call_id] = *hold;
    *record.mutable_call()->mutable_hold() = *hold;
  } else if (holds_.erase(*call_id) == 0) {
    return NotOnHold();
  } else {
    record.mutable_call()->clear_hold();
  }
  CallEvents events(log_clock_ == nullptr ? 0 : log_clock_->WallNs());
  const store::v1::CallIndexEntry entry = IndexEntry(record.call());
  events.Touch(*call_id, {record, entry});
  Log(events);
  return record;
}

absl::StatusOr<bool> MemoryStore::WasDeleted(const ObservationId& id,
                                             int64_t /*time_ns*/) {
  MutexLock lock(mutex_);
  return tombstones_.count(id) > 0;
}

absl::StatusOr<bool> MemoryStore::WasDeleted(Token /*token*/,
                                             int64_t /*time_ns*/) {
  return false;
}

class MemoryStore::Deletion final : public CallDeletion {
 public:
  Deletion(MemoryStore& store, DeletedCall what, int64_t now_ns)
      : store_(store), what_(std::move(what)), now_ns_(now_ns) {}
  const DeletedCall& what() const override { return what_; }
  absl::Status Write() override { return store_.Delete(what_.id, now_ns_); }

 private:
  MemoryStore& store_;
  const DeletedCall what_;
  const int64_t now_ns_;
};

absl::StatusOr<std::unique_ptr<CallDeletion>> MemoryStore::PrepareDeletion(
    const std::string& id, const Scope& scope, int64_t now_ns) {
  MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(DeletedCall what, CheckDeletion(id, scope));
  return std::make_unique<Deletion>(*this, std::move(what), now_ns);
}

absl::StatusOr<DeletedCall> MemoryStore::CheckDeletion(const std::string& id,
                                                       const Scope& scope) {
  ASSIGN_OR_RETURN(const store::v1::CallRecord record, FindCall(id, scope));
  const auto call_id = ObservationId::FromHex(record.call().id());
  if (holds_.count(*call_id) > 0 || !record.settled()) {
    return absl::FailedPreconditionError("on hold, or not settled");
  }
  DeletedCall deleted;
  deleted.id = record.call().id();
  for (const std::string& bytes : record.members()) {
    const ObservationId member = *ObservationId::FromBytes(bytes);
    if (unsettled_.count(member) > 0) {
      return absl::FailedPreconditionError("more of it has just come");
    }
    ++deleted.observations;
    deleted.frames += frames_[member].size();
  }
  return deleted;
}

absl::Status MemoryStore::Delete(const std::string& id, int64_t now_ns) {
  MutexLock lock(mutex_);
  RETURN_IF_ERROR(CheckDeletion(id, Scope::All()).status());
  ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                   FindCall(id, Scope::All()));
  const auto call_id = ObservationId::FromHex(record.call().id());
  std::vector<ObservationId> members;
  for (const std::string& bytes : record.members()) {
    members.push_back(*ObservationId::FromBytes(bytes));
  }
  for (const ObservationId& member : members) {
    frames_.erase(member);
    observations_.erase(member);
    reports_.erase(member);
    for (auto& [token, entries] : tokens_) {
      for (auto entry = entries.begin(); entry != entries.end();) {
        entry = entry->second == member ? entries.erase(entry) : ++entry;
      }
    }
    tombstones_.insert(member);
  }
  members_.erase(*call_id);
  for (const ObservationId& known : IdsOf(record)) members_.erase(known);
  CallEvents events(now_ns);
  events.Remove(*call_id, record, told_[*call_id], std::nullopt);
  told_.erase(*call_id);
  RemoveRecord(*call_id);
  annotations_.erase(*call_id);
  deletions_.Add(members);
  Log(events, /*hide_parties=*/true);
  return absl::OkStatus();
}

// It never drops media alone.
absl::StatusOr<MediaLeft> MemoryStore::LeftOfMedia(
    const store::v1::CallRecord& /*record*/) {
  return MediaLeft::kAll;
}

absl::Status MemoryStore::StartLog(const Clock& clock) {
  MutexLock lock(mutex_);
  log_clock_ = &clock;
  return absl::OkStatus();
}

uint64_t MemoryStore::LastEvent() {
  MutexLock lock(mutex_);
  return log_.empty() ? 0 : log_.rbegin()->first;
}

absl::StatusOr<std::vector<LoggedEvent>> MemoryStore::ReadEvents(uint64_t after,
                                                                 size_t limit) {
  MutexLock lock(mutex_);
  std::vector<LoggedEvent> events;
  for (auto at = log_.upper_bound(after);
       at != log_.end() && events.size() < limit; ++at) {
    events.push_back({at->first, at->second});
  }
  return events;
}

absl::Status MemoryStore::AppendEvents(
    const std::vector<store::v1::CallEvent>& events, const std::string& reader,
    const store::v1::EventCursor& cursor) {
  MutexLock lock(mutex_);
  if (log_clock_ == nullptr) {
    return absl::FailedPreconditionError("the log of events is not started");
  }
  for (const store::v1::CallEvent& event : events) {
    const uint64_t last = log_.empty() ? 0 : log_.rbegin()->first;
    log_[last + 1] = event;
  }
  cursors_[reader] = cursor;
  return absl::OkStatus();
}

absl::StatusOr<bool> MemoryStore::CutEvents(int64_t before_ns, uint64_t keep) {
  MutexLock lock(mutex_);
  while (log_.size() > 1) {
    const auto oldest = log_.begin();
    const bool young = oldest->second.time_ns() >= before_ns;
    if (young && log_.rbegin()->first - oldest->first < keep) break;
    log_.erase(oldest);
  }
  return false;
}

absl::StatusOr<std::optional<store::v1::EventCursor>> MemoryStore::GetCursor(
    const std::string& reader) {
  MutexLock lock(mutex_);
  const auto cursor = cursors_.find(reader);
  return cursor == cursors_.end()
             ? std::nullopt
             : std::optional<store::v1::EventCursor>(cursor->second);
}

absl::Status MemoryStore::SetCursor(const std::string& reader,
                                    const store::v1::EventCursor& cursor,
                                    bool /*sync*/) {
  MutexLock lock(mutex_);
  cursors_[reader] = cursor;
  return absl::OkStatus();
}

absl::StatusOr<store::v1::CallRecord> MemoryStore::GetCall(
    const std::string& id, const Scope& scope) {
  MutexLock lock(mutex_);
  return FindCall(id, scope);
}

absl::StatusOr<store::v1::CallRecord> MemoryStore::FindCall(
    const std::string& id, const Scope& scope) {
  ASSIGN_OR_RETURN(const CallIdQuery query, ParseCallId(id));
  if (query.id) {
    ObservationId at = *query.id;
    for (size_t hops = 0; hops <= members_.size(); ++hops) {
      if (const auto call = calls_.find(at); call != calls_.end()) {
        if (!scope.Sees(call->second.call())) break;
        return Whole(call->first);
      }
      const auto into = members_.find(at);
      if (into == members_.end() || into->second == at) break;
      at = into->second;
    }
    return NoSuchCall(id);
  }
  const ObservationId* found = nullptr;
  for (const auto& [call_id, record] : calls_) {
    if (call_id.ToHex().compare(0, query.prefix.size(), query.prefix) != 0 ||
        !scope.Sees(record.call())) {
      continue;
    }
    if (found != nullptr) return AmbiguousCallId(id);
    found = &call_id;
  }
  if (found == nullptr) return NoSuchCall(id);
  return Whole(*found);
}

absl::Status MemoryStore::VisitCounts(int64_t from_ns, int64_t before_ns,
                                      const VisitCount& visit) {
  std::map<CallCountKey, store::v1::CallCounts> rows;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, record] : calls_) {
      const CallCountKey key = CountedAs(record.call());
      if (key.start_ns < from_ns || key.start_ns >= before_ns) continue;
      AddCounts(CountsOf(record.call()), 1, rows[key]);
    }
  }
  for (const auto& [key, counts] : rows) {
    if (!visit(key, counts)) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<CallPage> MemoryStore::ListCalls(
    const v1::ListCallsRequest& request, const Scope& scope) {
  MutexLock lock(mutex_);
  ASSIGN_OR_RETURN(
      const CallListing listing,
      ParseListing(request, scope,
                   log_clock_ == nullptr ? 0 : log_clock_->WallNs()));
  CallPage page;
  CallPosition last;
  for (const CallPosition& position : listing_) {
    if (position.start_ns >= listing.before_ns ||
        position.start_ns < listing.from_ns ||
        !Matches(listing, Whole(position.id).call()) ||
        (listing.after && !(*listing.after < position))) {
      continue;
    }
    if (page.calls.size() == listing.page_size) {
      page.next_page_token = PageToken(listing, last);
      break;
    }
    page.calls.push_back(Whole(position.id).call());
    StripForListing(page.calls.back());
    last = position;
  }
  return page;
}

absl::StatusOr<std::string> MemoryStore::GetFrame(
    const ObservationId& observation, int64_t time_ns, uint32_t ordinal) {
  MutexLock lock(mutex_);
  const auto found = frames_.find(observation);
  if (found == frames_.end()) return absl::NotFoundError("no such frame");
  const auto frame = found->second.find({time_ns, ordinal});
  if (frame == found->second.end()) return absl::NotFoundError("no such frame");
  return frame->second;
}

absl::Status MemoryStore::ReadFrames(
    const ObservationId& observation,
    const std::vector<uint32_t>& bucket_ranges,
    const std::function<bool(const FrameRecord&)>& visit) {
  // `visit` may call back into the store.
  std::map<FrameKey, std::string> frames;
  {
    MutexLock lock(mutex_);
    const auto found = frames_.find(observation);
    if (found != frames_.end()) frames = found->second;
  }
  for (auto& [key, bytes] : frames) {
    const uint32_t bucket = BucketOf(key.first);
    bool wanted = false;
    for (size_t i = 0; i + 1 < bucket_ranges.size(); i += 2) {
      wanted = wanted ||
               (bucket >= bucket_ranges[i] && bucket <= bucket_ranges[i + 1]);
    }
    if (!wanted) continue;
    if (!visit({observation, key.first, key.second, std::move(bytes)})) break;
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> MemoryStore::GetWatermark(const std::string& sensor,
                                                   uint64_t spool_id) {
  MutexLock lock(mutex_);
  const auto watermark = watermarks_.find({sensor, spool_id});
  return watermark == watermarks_.end() ? 0 : watermark->second;
}

absl::StatusOr<v1::Sensor> MemoryStore::GetSensor(const std::string& id) {
  MutexLock lock(mutex_);
  const auto sensor = sensors_.find(id);
  if (sensor == sensors_.end()) {
    return absl::NotFoundError("no sensor '" + id + "'");
  }
  return sensor->second;
}

absl::StatusOr<std::vector<v1::Sensor>> MemoryStore::ListSensors() {
  MutexLock lock(mutex_);
  std::vector<v1::Sensor> sensors;
  for (const auto& [id, sensor] : sensors_) sensors.push_back(sensor);
  return sensors;
}

absl::Status MemoryStore::WriteAccess(const AccessChange& change) {
  MutexLock lock(mutex_);
  if (failures_ > 0) {
    --failures_;
    return failure_;
  }
  for (const store::v1::TokenRecord& record : change.tokens) {
    access_tokens_[record.hash()] = record;
  }
  for (const std::string& hash : change.removed_tokens) {
    access_tokens_.erase(hash);
  }
  for (const store::v1::UserRecord& record : change.users) {
    users_[record.user().name()] = record;
  }
  for (const std::string& name : change.removed_users) users_.erase(name);
  for (const store::v1::SensorRecord& record : change.sensors) {
    sensor_records_[record.id()] = record;
  }
  if (!change.seal_key.empty()) seal_key_ = change.seal_key;
  audit_.erase(audit_.begin(), audit_.lower_bound(change.cut_before));
  for (const v1::AuditEntry& entry : change.entries) {
    audit_[entry.sequence()] = entry;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> MemoryStore::ReadSealKey() {
  MutexLock lock(mutex_);
  return seal_key_;
}

absl::StatusOr<std::vector<store::v1::TokenRecord>> MemoryStore::ListTokens() {
  MutexLock lock(mutex_);
  std::vector<store::v1::TokenRecord> records;
  for (const auto& [hash, record] : access_tokens_) records.push_back(record);
  return records;
}

absl::StatusOr<std::vector<store::v1::UserRecord>> MemoryStore::ListUsers() {
  MutexLock lock(mutex_);
  std::vector<store::v1::UserRecord> records;
  for (const auto& [name, record] : users_) records.push_back(record);
  return records;
}

absl::StatusOr<std::vector<store::v1::SensorRecord>>
MemoryStore::ListSensorRecords() {
  MutexLock lock(mutex_);
  std::vector<store::v1::SensorRecord> records;
  for (const auto& [id, record] : sensor_records_) records.push_back(record);
  return records;
}

absl::Status MemoryStore::ReadAudit(
    uint64_t from, bool newest_first,
    const std::function<bool(v1::AuditEntry)>& visit) {
  std::vector<v1::AuditEntry> entries;
  {
    MutexLock lock(mutex_);
    for (const auto& [sequence, entry] : audit_) {
      if (newest_first ? sequence <= from : sequence >= from) {
        entries.push_back(entry);
      }
    }
  }
  if (newest_first) std::reverse(entries.begin(), entries.end());
  for (v1::AuditEntry& entry : entries) {
    if (!visit(std::move(entry))) break;
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
