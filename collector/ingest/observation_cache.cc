#include "collector/ingest/observation_cache.h"

#include <limits>
#include <utility>

#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kIdleNs = 300'000'000'000;
// Uses of one Call-ID between two hosts that are told apart.
constexpr size_t kMaxDialogs = 64;

}  // namespace

absl::StatusOr<OpenObservation*> ObservationCache::Find(
    const ObservationId& id) {
  if (const auto held = by_id_.find(id); held != by_id_.end()) {
    held->second->used_ns = now_ns_;
    entries_.splice(entries_.begin(), entries_, held->second);
    return &*held->second;
  }
  auto stored = facts_.GetCommitted(id);
  if (absl::IsNotFound(stored.status())) {
    return static_cast<OpenObservation*>(nullptr);
  }
  if (!stored.ok()) return stored.status();
  OpenObservation& observation = Add(id);
  observation.stored = *std::move(stored);
  return &observation;
}

OpenObservation& ObservationCache::Add(const ObservationId& id) {
  OpenObservation& observation = entries_.emplace_front();
  observation.id = id;
  observation.used_ns = now_ns_;
  by_id_[id] = entries_.begin();
  return observation;
}

absl::StatusOr<std::vector<OpenObservation*>> ObservationCache::FindDialogs(
    Token token) {
  auto listed = dialogs_.find(token);
  const bool held = listed != dialogs_.end();
  std::vector<ObservationId> ids;
  if (held) {
    ids = listed->second;
  } else {
    ASSIGN_OR_RETURN(
        const std::vector<ObservationId> newest_first,
        facts_.FindByToken(token, std::numeric_limits<int64_t>::min(),
                           std::numeric_limits<int64_t>::max(), kMaxDialogs));
    ids.assign(newest_first.rbegin(), newest_first.rend());
  }
  std::vector<OpenObservation*> found;
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    ASSIGN_OR_RETURN(OpenObservation* const dialog, Find(*id));
    if (dialog == nullptr) continue;
    dialog->call_id_token = token;
    found.push_back(dialog);
  }
  if (!held) dialogs_.emplace(token, std::move(ids));
  return found;
}

void ObservationCache::ListDialog(Token token, OpenObservation& dialog) {
  dialog.call_id_token = token;
  std::vector<ObservationId>& ids = dialogs_[token];
  ids.push_back(dialog.id);
  if (ids.size() > kMaxDialogs) ids.erase(ids.begin());
}

void ObservationCache::Note(OpenObservation& observation) {
  if (observation.noted) return;
  observation.noted = true;
  noted_.push_back(&observation);
}

void ObservationCache::ForEach(
    const std::function<void(OpenObservation&)>& visit) {
  for (OpenObservation& observation : entries_) visit(observation);
}

void ObservationCache::Collect(CommitGroup& group) {
  for (OpenObservation* const observation : noted_) {
    ObservationUpsert& upsert = group.observations.emplace_back();
    upsert.id = observation->id;
    upsert.first_time_ns = observation->stored.observation.first_time_ns();
    upsert.tokens = std::exchange(observation->new_tokens, {});
    if (observation->observation_changed) {
      upsert.observation = observation->stored.observation;
    }
    if (observation->tally_changed) upsert.tally = observation->stored.tally;
    observation->observation_changed = false;
    observation->tally_changed = false;
    observation->noted = false;
  }
  noted_.clear();
}

void ObservationCache::Committed(int64_t now_ns) {
  now_ns_ = now_ns;
  while (!entries_.empty() && (entries_.size() > capacity_ ||
                               now_ns - entries_.back().used_ns > kIdleNs)) {
    Evict();
  }
}

void ObservationCache::Evict() {
  const OpenObservation& oldest = entries_.back();
  if (oldest.call_id_token != 0) dialogs_.erase(oldest.call_id_token);
  by_id_.erase(oldest.id);
  entries_.pop_back();
}

}  // namespace callbraid::collector
