#include "collector/ingest/observation_cache.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kIdleNs = 300'000'000'000;
// Uses of one identity that are told apart.
constexpr size_t kMaxListed = 64;

void AddListToken(Token token, OpenObservation& observation) {
  std::vector<Token>& tokens = observation.list_tokens;
  if (std::find(tokens.begin(), tokens.end(), token) == tokens.end()) {
    tokens.push_back(token);
  }
}

}  // namespace

absl::StatusOr<OpenObservation*> ObservationCache::Find(
    const ObservationId& id) {
  if (const auto held = by_id_.find(id); held != by_id_.end()) {
    held->second->used_ns = now_ns_;
    entries_.splice(entries_.begin(), entries_, held->second);
    return &*held->second;
  }
  auto stored = facts_.GetCommitted(id);
  // One that is damaged begins anew with what comes.
  if (absl::IsNotFound(stored.status()) || absl::IsDataLoss(stored.status())) {
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

absl::StatusOr<std::vector<OpenObservation*>> ObservationCache::FindListed(
    Token token) {
  std::vector<OpenObservation*> found;
  if (const auto held = lists_.find(token); held != lists_.end()) {
    for (auto use = held->second.rbegin(); use != held->second.rend(); ++use) {
      ASSIGN_OR_RETURN(found.emplace_back(), Find(use->second));
    }
    return found;
  }
  ASSIGN_OR_RETURN(
      const std::vector<ObservationId> newest_first,
      facts_.FindByToken(token, std::numeric_limits<int64_t>::min(),
                         std::numeric_limits<int64_t>::max(), kMaxListed));
  std::vector<Listed> listed;
  for (const ObservationId& id : newest_first) {
    ASSIGN_OR_RETURN(OpenObservation* const use, Find(id));
    if (use == nullptr) continue;
    AddListToken(token, *use);
    found.push_back(use);
    listed.emplace_back(use->stored.observation.first_time_ns(), id);
  }
  std::reverse(listed.begin(), listed.end());
  lists_.emplace(token, std::move(listed));
  return found;
}

void ObservationCache::List(Token token, OpenObservation& observation) {
  AddListToken(token, observation);
  std::vector<Listed>& listed = lists_[token];
  const Listed entry(observation.stored.observation.first_time_ns(),
                     observation.id);
  // As the store will have it, were it asked: the clock of a capture may have
  // been set back since the last one began.
  listed.insert(std::upper_bound(listed.begin(), listed.end(), entry), entry);
  if (listed.size() > kMaxListed) listed.erase(listed.begin());
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
    upsert.sensor = observation->stored.observation.sensor();
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
    Drop(std::prev(entries_.end()));
  }
}

void ObservationCache::Forget(
    const std::optional<RecentDeletions::Ids>& deleted) {
  if (!deleted) {
    while (!entries_.empty()) Drop(entries_.begin());
    return;
  }
  for (const ObservationId& id : *deleted) {
    const auto held = by_id_.find(id);
    if (held != by_id_.end()) Drop(held->second);
  }
}

void ObservationCache::Drop(Entries::iterator entry) {
  for (const Token token : entry->list_tokens) lists_.erase(token);
  by_id_.erase(entry->id);
  entries_.erase(entry);
}

}  // namespace callbraid::collector
