#include "collector/store/call_events.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>

#include "collector/store/call_listing.h"
#include "collector/store/call_lookup.h"

namespace callbraid::collector {
namespace {

using Kinds = std::set<v1::CallEventKind>;

// What a call looks as if it had been told of.
Kinds ShownBy(const store::v1::CallRecord& record) {
  Kinds kinds = {v1::CALL_EVENT_KIND_STARTED};
  if (record.call().has_answer_time()) {
    kinds.insert(v1::CALL_EVENT_KIND_ANSWERED);
  }
  if (record.call().has_end_time()) kinds.insert(v1::CALL_EVENT_KIND_ENDED);
  if (record.settled()) kinds.insert(v1::CALL_EVENT_KIND_SETTLED);
  return kinds;
}

Kinds AllTold(const store::v1::CallRecord* record, const std::string& told) {
  if (record == nullptr) return {};
  Kinds kinds = ShownBy(*record);
  for (const char kind : told) {
    kinds.insert(static_cast<v1::CallEventKind>(kind));
  }
  return kinds;
}

bool SameOutline(const v1::Call& a, const v1::Call& b) {
  const auto same_ids = [](const auto& left, const auto& right) {
    return std::equal(
        left.begin(), left.end(), right.begin(), right.end(),
        [](const auto& x, const auto& y) { return x.id() == y.id(); });
  };
  return a.caller() == b.caller() && a.callee() == b.callee() &&
         same_ids(a.legs(), b.legs()) && same_ids(a.streams(), b.streams());
}

// Whether the same people may see both.
bool SameForScopes(const store::v1::CallIndexEntry& a,
                   const store::v1::CallIndexEntry& b) {
  return a.caller() == b.caller() && a.callee() == b.callee() &&
         std::equal(a.sites().begin(), a.sites().end(), b.sites().begin(),
                    b.sites().end());
}

void SetBefore(const store::v1::CallIndexEntry& entry,
               store::v1::CallEvent& event) {
  store::v1::CallIndexEntry& before = *event.mutable_before();
  before.set_caller(entry.caller());
  before.set_callee(entry.callee());
  *before.mutable_sites() = entry.sites();
}

bool IsChange(const Kinds& told, const store::v1::CallRecord& old,
              const store::v1::CallRecord& record) {
  if (told.count(v1::CALL_EVENT_KIND_SETTLED) == 0) {
    return !SameOutline(old.call(), record.call());
  }
  // While it is open again more is to come: what it comes to is the news.
  return record.settled() &&
         (!old.settled() || old.call().revision() != record.call().revision());
}

}  // namespace

std::optional<ObservationId> FoundAs(
    const ObservationId& id, const store::v1::CallRecord& old,
    const std::map<ObservationId, ObservationId>& members) {
  if (const auto own = members.find(id); own != members.end()) {
    return own->second;
  }
  for (const ObservationId& member : IdsOf(old)) {
    const auto into = members.find(member);
    if (into != members.end()) return into->second;
  }
  return std::nullopt;
}

void HideParties(store::v1::CallEvent& event) {
  event.set_parties_hidden(true);
  event.mutable_before()->clear_caller();
  event.mutable_before()->clear_callee();
}

store::v1::CallEvent CallEvents::Make(v1::CallEventKind kind,
                                      const ObservationId& id,
                                      const Seen& seen) const {
  store::v1::CallEvent event;
  event.set_kind(kind);
  event.set_call_id(std::string(id.bytes()));
  event.set_revision(seen.record.call().revision());
  event.set_time_ns(now_ns_);
  *event.mutable_sites() = seen.entry.sites();
  return event;
}

std::string CallEvents::Update(const ObservationId& id, const Seen* old,
                               const std::string& told_before,
                               const Seen& now) {
  const Kinds told =
      AllTold(old == nullptr ? nullptr : &old->record, told_before);
  const Kinds shown = ShownBy(now.record);
  const size_t before = updates_.size();
  for (const v1::CallEventKind kind : shown) {
    if (told.count(kind) == 0) updates_.push_back(Make(kind, id, now));
  }
  if (old != nullptr) {
    const bool news = updates_.size() > before;
    if (!news && IsChange(told, old->record, now.record)) {
      updates_.push_back(Make(v1::CALL_EVENT_KIND_CHANGED, id, now));
    }
    if (!SameForScopes(old->entry, now.entry)) {
      if (updates_.size() == before) Touch(id, now);
      SetBefore(old->entry, updates_[before]);
    }
  }
  std::string not_shown;
  for (const v1::CallEventKind kind : told) {
    if (shown.count(kind) == 0) not_shown.push_back(static_cast<char>(kind));
  }
  return not_shown;
}

void CallEvents::Touch(const ObservationId& id, const Seen& now) {
  updates_.push_back(Make(v1::CALL_EVENT_KIND_UNSPECIFIED, id, now));
}

void CallEvents::Remove(const ObservationId& id,
                        const store::v1::CallRecord& old,
                        const std::string& told,
                        const std::optional<ObservationId>& into) {
  const store::v1::CallIndexEntry entry = IndexEntry(old.call());
  store::v1::CallEvent& event = removals_.emplace_back(
      Make(into ? v1::CALL_EVENT_KIND_MERGED : v1::CALL_EVENT_KIND_REMOVED, id,
           {old, entry}));
  SetBefore(entry, event);
  if (into) event.set_merged_into(std::string(into->bytes()));
  event.set_was_settled(AllTold(&old, told).count(v1::CALL_EVENT_KIND_SETTLED) >
                        0);
}

std::vector<store::v1::CallEvent> CallEvents::Take() {
  std::vector<store::v1::CallEvent> events = std::move(updates_);
  events.insert(events.end(), std::make_move_iterator(removals_.begin()),
                std::make_move_iterator(removals_.end()));
  updates_.clear();
  removals_.clear();
  return events;
}

}  // namespace callbraid::collector
