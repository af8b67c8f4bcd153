#include "collector/store/rocksdb_calls.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "collector/store/call_lookup.h"
#include "collector/store/rocksdb_call_counts.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Index entries that one request looks at: some 20 ms. To read a record,
// because an entry does not say enough, costs as much as so many of them.
constexpr int kMaxScanned = 20'000;
constexpr int kEntriesOfRecord = 20;
constexpr size_t kMaxHeldRecords = kMaxScanned / kEntriesOfRecord;
// Beyond this the index of times is the quicker one.
constexpr int kMaxNumberSteps = 5'000;
// A call may have been merged into one that was merged into another...
constexpr int kMaxMerges = 64;

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// What the indexes have a call under.
struct Indexed {
  CallPosition position;
  std::vector<std::string> numbers;
  store::v1::CallIndexEntry entry;
  // The entry as it is written.
  std::string value;

  bool operator==(const Indexed& other) const {
    return position == other.position && numbers == other.numbers &&
           value == other.value;
  }
};

// `call` is as it was written, and `annotation` what goes with it.
Indexed IndexedAs(const ObservationId& id, const v1::Call& call,
                  const std::optional<v1::CallAnnotation>& annotation) {
  Indexed indexed{CallPosition{StartNs(call), id}, IndexedNumbers(call),
                  IndexEntry(call), ""};
  if (annotation) *indexed.entry.mutable_tags() = annotation->tags();
  indexed.value = indexed.entry.SerializeAsString();
  return indexed;
}

void RemoveIndexEntries(const Indexed& call, RocksDbBatch& batch) {
  batch.Delete(Family::kCallsByTime, EncodeCallTimeKey(call.position));
  for (const std::string& number : call.numbers) {
    batch.Delete(Family::kCallsByNumber,
                 EncodeCallNumberKey(number, call.position));
  }
}

void PutIndexEntries(const Indexed& call, RocksDbBatch& batch) {
  batch.Put(Family::kCallsByTime, EncodeCallTimeKey(call.position), call.value);
  for (const std::string& number : call.numbers) {
    batch.Put(Family::kCallsByNumber,
              EncodeCallNumberKey(number, call.position), call.value);
  }
}

// The newest place that `listing` wants.
std::string FirstTimeKey(const CallListing& listing) {
  const std::string newest = CallTimeSeekKey(listing.before_ns - 1);
  return listing.after ? std::max(newest, EncodeCallTimeKey(*listing.after))
                       : newest;
}

}  // namespace

absl::StatusOr<std::optional<store::v1::CallRecord>> RocksDbCalls::Written(
    const ObservationId& id) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   engine_.Get(Family::kCalls, id.bytes()));
  if (!value) return std::optional<store::v1::CallRecord>();
  std::optional<store::v1::CallRecord> record(std::in_place);
  if (!record->ParseFromString(*value)) return engine_.Damaged(Family::kCalls);
  return record;
}

absl::StatusOr<std::optional<store::v1::CallRecord>> RocksDbCalls::Get(
    const ObservationId& id) const {
  ASSIGN_OR_RETURN(std::optional<store::v1::CallRecord> record, Written(id));
  if (record) RETURN_IF_ERROR(annotations_.AddTo(id, *record->mutable_call()));
  return record;
}

absl::StatusOr<std::optional<store::v1::CallRecord>> RocksDbCalls::Old(
    const ObservationId& id) const {
  auto record = Written(id);
  if (absl::IsDataLoss(record.status())) {
    return std::optional<store::v1::CallRecord>();
  }
  return record;
}

absl::StatusOr<std::string> RocksDbCalls::Told(const ObservationId& id) const {
  ASSIGN_OR_RETURN(
      std::optional<std::string> told,
      engine_.GetUnlessDamaged(Family::kDefault, EncodeToldKey(id)));
  return std::move(told).value_or("");
}

absl::Status RocksDbCalls::Put(const CallChange& change, RocksDbBatch& batch,
                               CallEvents& events) const {
  Changed changed;
  // Removals first: a batch is applied in order, and what is written counts.
  for (const std::string& id : change.removed) {
    RETURN_IF_ERROR(Remove(id, batch, changed));
  }
  for (const store::v1::CallRecord& record : change.records) {
    const auto id = ObservationId::FromHex(record.call().id());
    if (!id) return absl::InternalError("a call's id must be an id");
    for (const ObservationId& member : IdsOf(record)) {
      changed.members[member] = *id;
    }
  }
  // An id that was handed out goes on to find its call.
  for (auto& [id, old] : changed.removed) {
    old.into = FoundAs(id, old.record, changed.members);
    if (old.into) changed.members.try_emplace(id, *old.into);
  }
  for (const auto& [id, old] : changed.removed) {
    // Of one that is no call it waits for it to be one again.
    if (!old.into) continue;
    RETURN_IF_ERROR(
        annotations_.Move(id, *old.into, batch, changed.annotations));
  }
  for (const store::v1::CallRecord& record : change.records) {
    RETURN_IF_ERROR(Replace(record, batch, events, changed));
  }
  for (const auto& [id, old] : changed.removed) {
    events.Remove(id, old.record, old.told, old.into);
  }
  RETURN_IF_ERROR(SpreadHolds(changed, batch));
  for (const auto& [member, call] : changed.members) {
    const auto stored = changed.members_before.find(member);
    if (stored != changed.members_before.end() && stored->second == call) {
      continue;
    }
    batch.Put(Family::kMembers, member.bytes(), call.bytes());
  }
  return absl::OkStatus();
}

absl::Status RocksDbCalls::SpreadHolds(const Changed& changed,
                                       RocksDbBatch& batch) const {
  // The calls that have members of an old one now.
  std::map<ObservationId, std::set<ObservationId>> now;
  const auto add = [&](const ObservationId& member, const ObservationId& old) {
    const auto call = changed.members.find(member);
    if (call != changed.members.end()) now[old].insert(call->second);
  };
  for (const auto& [member, old] : changed.members_before) add(member, old);
  for (const auto& [old, removed] : changed.removed) {
    for (const ObservationId& member : IdsOf(removed.record)) add(member, old);
  }
  for (const auto& [old, calls] : now) {
    RETURN_IF_ERROR(holds_.Spread(old, {calls.begin(), calls.end()}, batch));
  }
  return absl::OkStatus();
}

absl::Status RocksDbCalls::Delete(const ObservationId& id,
                                  const store::v1::CallRecord& record,
                                  RocksDbBatch& batch,
                                  CallEvents& events) const {
  // It may have been written anew since `record` was read: the same call, but
  // not to the last flag.
  ASSIGN_OR_RETURN(const std::optional<store::v1::CallRecord> stored, Old(id));
  if (stored) RocksDbCallCounts::Put(&stored->call(), nullptr, batch);
  RemoveIndexEntries(IndexedAs(id, record.call(), std::nullopt), batch);
  annotations_.Put(id, v1::CallAnnotation(), batch);
  batch.Delete(Family::kCalls, id.bytes());
  batch.Delete(Family::kMembers, id.bytes());
  for (const ObservationId& member : IdsOf(record)) {
    batch.Delete(Family::kMembers, member.bytes());
  }
  ASSIGN_OR_RETURN(const std::string told, Told(id));
  if (!told.empty()) batch.Delete(Family::kDefault, EncodeToldKey(id));
  events.Remove(id, record, told, /*into=*/std::nullopt);
  return absl::OkStatus();
}

absl::Status RocksDbCalls::Complete(const ObservationId& id,
                                    store::v1::CallRecord& record) const {
  RETURN_IF_ERROR(holds_.AddTo(id, *record.mutable_call()));
  ASSIGN_OR_RETURN(const MediaLeft left, media_.Left(record));
  if (left != MediaLeft::kAll) {
    record.mutable_call()->add_flags(v1::CALL_FLAG_MEDIA_DELETED);
  }
  return absl::OkStatus();
}

absl::Status RocksDbCalls::Remove(const std::string& hex, RocksDbBatch& batch,
                                  Changed& changed) const {
  const auto id = ObservationId::FromHex(hex);
  if (!id) return absl::InternalError("a call's id must be an id");
  ASSIGN_OR_RETURN(std::optional<store::v1::CallRecord> old, Old(*id));
  if (!old) return absl::OkStatus();
  // Keys do not depend on what people wrote.
  RemoveIndexEntries(IndexedAs(*id, old->call(), std::nullopt), batch);
  batch.Delete(Family::kCalls, id->bytes());
  RocksDbCallCounts::Put(&old->call(), nullptr, batch);
  ASSIGN_OR_RETURN(std::string told, Told(*id));
  if (!told.empty()) batch.Delete(Family::kDefault, EncodeToldKey(*id));
  changed.removed.emplace(*id, Removed{std::move(*old), std::move(told)});
  return absl::OkStatus();
}

absl::Status RocksDbCalls::Replace(const store::v1::CallRecord& record,
                                   RocksDbBatch& batch, CallEvents& events,
                                   Changed& changed) const {
  const auto id = ObservationId::FromHex(record.call().id());
  ASSIGN_OR_RETURN(const std::optional<store::v1::CallRecord> old, Old(*id));
  batch.Put(Family::kCalls, id->bytes(), record.SerializeAsString());
  RocksDbCallCounts::Put(old ? &old->call() : nullptr, &record.call(), batch);
  ASSIGN_OR_RETURN(const std::optional<v1::CallAnnotation> annotation,
                   annotations_.Get(*id));
  const auto united = changed.annotations.find(*id);
  const Indexed now = IndexedAs(
      *id, record.call(),
      united == changed.annotations.end() ? annotation : united->second);
  if (!old) {
    PutIndexEntries(now, batch);
    events.Update(*id, nullptr, "", {record, now.entry});
    return absl::OkStatus();
  }
  // As a call grows, it is written again and again, with the same of these.
  const Indexed before = IndexedAs(*id, old->call(), annotation);
  if (before != now) {
    RemoveIndexEntries(before, batch);
    PutIndexEntries(now, batch);
  }
  for (const ObservationId& member : IdsOf(*old)) {
    changed.members_before[member] = *id;
  }
  ASSIGN_OR_RETURN(const std::string told_before, Told(*id));
  const CallEvents::Seen seen_before{*old, before.entry};
  const std::string told =
      events.Update(*id, &seen_before, told_before, {record, now.entry});
  if (told == told_before) return absl::OkStatus();
  if (told.empty()) {
    batch.Delete(Family::kDefault, EncodeToldKey(*id));
  } else {
    batch.Put(Family::kDefault, EncodeToldKey(*id), told);
  }
  return absl::OkStatus();
}

absl::Status RocksDbCalls::Annotate(const store::v1::CallRecord& record,
                                    const v1::CallAnnotation& annotation,
                                    RocksDbBatch& batch,
                                    CallEvents& events) const {
  const v1::Call& call = record.call();
  const auto id = ObservationId::FromHex(call.id());
  if (!id) return engine_.Damaged(Family::kCalls);
  annotations_.Put(*id, annotation, batch);
  const Indexed now = IndexedAs(*id, call, annotation);
  PutIndexEntries(now, batch);
  events.Touch(*id, {record, now.entry});
  return absl::OkStatus();
}

absl::StatusOr<store::v1::CallRecord> RocksDbCalls::Find(
    const std::string& id, const Scope& scope) const {
  ASSIGN_OR_RETURN(const CallIdQuery query, ParseCallId(id));
  if (!query.id) return FindByPrefix(id, query.prefix, scope);
  ObservationId at = *query.id;
  for (int i = 0; i < kMaxMerges; ++i) {
    ASSIGN_OR_RETURN(std::optional<store::v1::CallRecord> record, Get(at));
    if (record) {
      if (!scope.Sees(record->call())) break;
      RETURN_IF_ERROR(Complete(at, *record));
      return *std::move(record);
    }
    ASSIGN_OR_RETURN(const std::optional<std::string> into,
                     engine_.Get(Family::kMembers, at.bytes()));
    if (!into) break;
    const auto next = ObservationId::FromBytes(*into);
    if (!next) return engine_.Damaged(Family::kMembers);
    if (*next == at) break;
    at = *next;
  }
  return NoSuchCall(id);
}

absl::StatusOr<store::v1::CallRecord> RocksDbCalls::FindByPrefix(
    const std::string& id, const std::string& prefix,
    const Scope& scope) const {
  std::string first = prefix;
  first.resize(32, '0');
  const auto iterator = engine_.NewIterator(Family::kCalls);
  std::optional<store::v1::CallRecord> found;
  const auto seek = ObservationId::FromHex(first);
  for (iterator->Seek(ToSlice(seek->bytes())); iterator->Valid();
       iterator->Next()) {
    const auto call = ObservationId::FromBytes(ToView(iterator->key()));
    if (!call) return engine_.Damaged(Family::kCalls);
    if (!StartsWith(call->ToHex(), prefix)) break;
    const rocksdb::Slice value = iterator->value();
    store::v1::CallRecord record;
    if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return engine_.Damaged(Family::kCalls);
    }
    if (!scope.Sees(record.call())) continue;
    if (found) return AmbiguousCallId(id);
    RETURN_IF_ERROR(annotations_.AddTo(*call, *record.mutable_call()));
    found = std::move(record);
  }
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  if (!found) return NoSuchCall(id);
  if (const auto whole = ObservationId::FromHex(found->call().id())) {
    RETURN_IF_ERROR(Complete(*whole, *found));
  }
  return *std::move(found);
}

absl::StatusOr<CallPage> RocksDbCalls::ListHeld(
    const CallListing& listing, const std::vector<ObservationId>& held) const {
  // The first of the page, and one more to know that there is one.
  std::set<CallPosition> found;
  for (const ObservationId& id : held) {
    ASSIGN_OR_RETURN(const std::optional<store::v1::CallRecord> record,
                     Get(id));
    // It is no call for now.
    if (!record) continue;
    const CallPosition position{StartNs(record->call()), id};
    if (position.start_ns < listing.from_ns ||
        position.start_ns >= listing.before_ns ||
        (listing.after && !(*listing.after < position)) ||
        !MayMatch(listing, position.start_ns, IndexEntry(record->call()))) {
      continue;
    }
    found.insert(position);
    if (found.size() > listing.page_size + 1) found.erase(--found.end());
  }
  return PageOf(found, listing);
}

void RocksDbCalls::Touch(const store::v1::CallRecord& record,
                         CallEvents& events) const {
  const auto id = ObservationId::FromHex(record.call().id());
  if (!id) return;
  const store::v1::CallIndexEntry entry = IndexEntry(record.call());
  events.Touch(*id, {record, entry});
}

absl::StatusOr<CallPage> RocksDbCalls::List(const CallListing& listing) const {
  if (listing.from_ns >= listing.before_ns) return CallPage();
  if (listing.on_hold) {
    ASSIGN_OR_RETURN(const std::vector<ObservationId> held, holds_.List());
    // Those are few, as a rule, and known by themselves.
    return held.size() <= kMaxHeldRecords ? ListHeld(listing, held)
                                          : ListByTime(listing, &held);
  }
  if (!listing.number_prefix.empty()) {
    ASSIGN_OR_RETURN(std::optional<CallPage> page, ListByNumber(listing));
    if (page) return *std::move(page);
  }
  return ListByTime(listing, nullptr);
}

absl::Status RocksDbCalls::AddToPage(const ObservationId& id,
                                     const CallListing& listing,
                                     CallPage& page) const {
  ASSIGN_OR_RETURN(std::optional<store::v1::CallRecord> record, Get(id));
  // Gone since the index was read.
  if (!record) return absl::OkStatus();
  RETURN_IF_ERROR(Complete(id, *record));
  // Not wanted, as its entry did not say.
  if (!Matches(listing, record->call())) return absl::OkStatus();
  page.calls.push_back(std::move(*record->mutable_call()));
  StripForListing(page.calls.back());
  return absl::OkStatus();
}

absl::StatusOr<CallPage> RocksDbCalls::ListByTime(
    const CallListing& listing, const std::vector<ObservationId>* held) const {
  CallPage page;
  CallPosition last;
  int scanned = 0;
  store::v1::CallIndexEntry entry;
  const auto iterator = engine_.NewIterator(Family::kCallsByTime);
  for (iterator->Seek(FirstTimeKey(listing)); iterator->Valid();
       iterator->Next()) {
    const auto position = DecodeCallTimeKey(ToView(iterator->key()));
    const rocksdb::Slice value = iterator->value();
    if (!position ||
        !entry.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return engine_.Damaged(Family::kCallsByTime);
    }
    if (position->start_ns < listing.from_ns) break;
    if (listing.after && !(*listing.after < *position)) continue;
    const bool match =
        MayMatch(listing, position->start_ns, entry) &&
        (held == nullptr ||
         std::binary_search(held->begin(), held->end(), position->id));
    if (scanned >= kMaxScanned ||
        (match && page.calls.size() == listing.page_size)) {
      page.next_page_token = PageToken(listing, last);
      break;
    }
    ++scanned;
    last = *position;
    if (!match) continue;
    const size_t before = page.calls.size();
    RETURN_IF_ERROR(AddToPage(position->id, listing, page));
    // One that is returned is worth it.
    if (page.calls.size() == before) scanned += kEntriesOfRecord;
  }
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  return page;
}

absl::StatusOr<std::optional<CallPage>> RocksDbCalls::ListByNumber(
    const CallListing& listing) const {
  // The first of the page, and one more to know that there is one.
  std::set<CallPosition> found;
  const std::string first = FirstTimeKey(listing);
  store::v1::CallIndexEntry entry;
  const auto iterator = engine_.NewIterator(Family::kCallsByNumber);
  int steps = 0;
  iterator->Seek(listing.number_prefix);
  while (iterator->Valid()) {
    if (++steps > kMaxNumberSteps) return std::optional<CallPage>();
    const auto key = DecodeCallNumberKey(ToView(iterator->key()));
    if (!key) return engine_.Damaged(Family::kCallsByNumber);
    if (!StartsWith(key->number, listing.number_prefix)) break;
    if (key->position.start_ns < listing.from_ns) {
      iterator->Seek(AfterNumber(key->number));
      continue;
    }
    if (EncodeCallTimeKey(key->position) < first) {
      std::string seek(key->number);
      seek.push_back('\0');
      iterator->Seek(seek + first);
      continue;
    }
    const rocksdb::Slice value = iterator->value();
    if (!entry.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return engine_.Damaged(Family::kCallsByNumber);
    }
    if ((!listing.after || *listing.after < key->position) &&
        MayMatch(listing, key->position.start_ns, entry)) {
      found.insert(key->position);
      if (found.size() > listing.page_size + 1) found.erase(--found.end());
    }
    iterator->Next();
  }
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  ASSIGN_OR_RETURN(CallPage page, PageOf(found, listing));
  return std::optional<CallPage>(std::move(page));
}

absl::StatusOr<CallPage> RocksDbCalls::PageOf(
    const std::set<CallPosition>& found, const CallListing& listing) const {
  CallPage page;
  size_t taken = 0;
  CallPosition last;
  for (const CallPosition& position : found) {
    if (taken++ == listing.page_size) {
      page.next_page_token = PageToken(listing, last);
      break;
    }
    RETURN_IF_ERROR(AddToPage(position.id, listing, page));
    last = position;
  }
  return page;
}

}  // namespace callbraid::collector
