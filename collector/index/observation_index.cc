#include "collector/index/observation_index.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Look-ups held for an observation, on average, and for one token.
constexpr size_t kLookupsPerObservation = 8;
constexpr size_t kMaxQueries = 128;

// Forgets what was used last in round `oldest` or before.
template <typename Map>
void DropUsedUntil(uint64_t oldest, Map& map) {
  for (auto it = map.begin(); it != map.end();) {
    if (it->second.used <= oldest) {
      map.erase(it++);
    } else {
      ++it;
    }
  }
}

// Forgets the older half of `map`, and at least what has `used` of the oldest.
template <typename Map>
void DropOlderHalf(Map& map) {
  std::vector<uint64_t> ages;
  ages.reserve(map.size());
  for (const auto& [key, value] : map) ages.push_back(value.used);
  const auto middle = ages.begin() + ages.size() / 2;
  std::nth_element(ages.begin(), middle, ages.end());
  DropUsedUntil(*middle, map);
}

}  // namespace

ObservationIndex::ObservationIndex(FactStore& facts, size_t max_observations)
    : facts_(facts), max_observations_(std::max<size_t>(1, max_observations)) {}

absl::StatusOr<ObservationIndex::Entry*> ObservationIndex::Load(
    const ObservationId& id) {
  absl::StatusOr<StoredObservation> stored = facts_.GetObservation(id);
  // What is damaged is missing in its call; all other calls go on.
  if (!stored.ok() && !absl::IsNotFound(stored.status()) &&
      !absl::IsDataLoss(stored.status())) {
    return stored.status();
  }
  std::optional<Node> node;
  if (stored.ok()) node = MakeNode(*std::move(stored));
  if (node && node->id != id) node.reset();
  Entry& entry = nodes_[id];
  entry.node = node ? std::make_unique<Node>(*std::move(node)) : nullptr;
  entry.used = round_;
  return &entry;
}

absl::StatusOr<ObservationIndex::Change> ObservationIndex::Refresh(
    const ObservationId& id) {
  ASSIGN_OR_RETURN(Entry* const entry, Load(id));
  Change change;
  change.node = entry->node.get();
  if (change.node == nullptr) return change;
  change.structural = entry->refreshed != entry->node->structure;
  entry->refreshed = entry->node->structure;
  if (change.structural) Insert(*entry->node, change.crowded);
  return change;
}

absl::StatusOr<const Node*> ObservationIndex::Reload(const ObservationId& id) {
  ASSIGN_OR_RETURN(Entry* const entry, Load(id));
  return entry->node.get();
}

void ObservationIndex::Insert(const Node& node,
                              std::vector<ObservationId>& crowded) {
  for (const NodeToken& token : node.tokens) {
    const auto found = lookups_.find(token.token);
    if (found == lookups_.end()) continue;
    for (const auto& query : found->second.queries) {
      if (query->over || node.first_ns < query->from_ns ||
          node.first_ns > query->to_ns ||
          std::find(query->ids.begin(), query->ids.end(), node.id) !=
              query->ids.end()) {
        continue;
      }
      query->ids.push_back(node.id);
      if (query->ids.size() <= query->limit) continue;
      query->over = true;
      crowded.insert(crowded.end(), query->ids.begin(), query->ids.end());
      query->ids.clear();
    }
  }
}

absl::StatusOr<const Node*> ObservationIndex::Get(const ObservationId& id) {
  const auto found = nodes_.find(id);
  if (found != nodes_.end()) {
    found->second.used = round_;
    return found->second.node.get();
  }
  ASSIGN_OR_RETURN(Entry* const entry, Load(id));
  return entry->node.get();
}

const Node* ObservationIndex::Held(const ObservationId& id) const {
  const auto found = nodes_.find(id);
  return found == nodes_.end() ? nullptr : found->second.node.get();
}

absl::StatusOr<const ObservationIndex::Query*> ObservationIndex::Find(
    Token token, int64_t from_ns, int64_t to_ns, size_t limit) {
  Lookups& lookups = lookups_[token];
  lookups.used = round_;
  for (const auto& query : lookups.queries) {
    if (query->from_ns == from_ns && query->to_ns == to_ns) return query.get();
  }
  ASSIGN_OR_RETURN(std::vector<ObservationId> ids,
                   facts_.FindByToken(token, from_ns, to_ns, limit + 1));
  auto query = std::make_unique<Query>();
  query->from_ns = from_ns;
  query->to_ns = to_ns;
  query->limit = limit;
  query->over = ids.size() > limit;
  if (!query->over) query->ids = std::move(ids);
  lookups.queries.push_back(std::move(query));
  return lookups.queries.back().get();
}

void ObservationIndex::Forget(
    const std::optional<RecentDeletions::Ids>& deleted) {
  if (!deleted) return Clear();
  // Look-ups that have them find nothing there.
  for (const ObservationId& id : *deleted) nodes_.erase(id);
}

void ObservationIndex::Clear() {
  nodes_.clear();
  lookups_.clear();
}

void ObservationIndex::Trim() {
  ++round_;
  if (nodes_.size() > max_observations_) DropOlderHalf(nodes_);
  if (lookups_.size() > max_observations_ * kLookupsPerObservation) {
    DropOlderHalf(lookups_);
  }
  for (auto it = lookups_.begin(); round_ % 64 == 0 && it != lookups_.end();
       ++it) {
    if (it->second.queries.size() > kMaxQueries) it->second.queries.clear();
  }
}

void ObservationIndex::ForgetUnused() {
  ++round_;
  DropUsedUntil(forgotten_until_, nodes_);
  DropUsedUntil(forgotten_until_, lookups_);
  forgotten_until_ = round_;
}

}  // namespace callbraid::collector
