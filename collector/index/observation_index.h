#ifndef CALLBRAID_COLLECTOR_INDEX_OBSERVATION_INDEX_H_
#define CALLBRAID_COLLECTOR_INDEX_OBSERVATION_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/evidence/node.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// A cache of observations and of look-ups by token. The store is the truth;
// this is rebuilt from it, piece by piece, as it is asked.
//
// Refresh() must be called for every observation that a commit changed: it
// reads the observation anew and completes the look-ups that are held. Bounded
// by the number of observations; what was not used for long goes first.
//
// One thread. Errors are those of FactStore.
class ObservationIndex {
 public:
  ObservationIndex(FactStore& facts, size_t max_observations);

  // A look-up: observations under a token with first time in [from, to].
  struct Query {
    int64_t from_ns = 0;
    int64_t to_ns = 0;
    size_t limit = 0;
    // There are more than `limit`; then `ids` are not all.
    bool over = false;
    std::vector<ObservationId> ids;
  };

  // What Refresh() found.
  struct Change {
    // Nullptr if the observation is gone or malformed.
    const Node* node = nullptr;
    // What others' evidence may rest on changed since the last Refresh().
    bool structural = false;
    // Observations whose look-ups became too large to be evidence.
    std::vector<ObservationId> crowded;
  };
  absl::StatusOr<Change> Refresh(const ObservationId& id);

  // Reads an observation anew without noting what it says: the next Refresh()
  // finds a structural change. Nullptr as in Change.
  absl::StatusOr<const Node*> Reload(const ObservationId& id);

  // Nullptr if there is none, or it is malformed. Valid until its Refresh() or
  // Trim().
  absl::StatusOr<const Node*> Get(const ObservationId& id);
  // Nullptr if not held.
  const Node* Held(const ObservationId& id) const;

  // Valid until Trim(); Refresh() may add to it.
  absl::StatusOr<const Query*> Find(Token token, int64_t from_ns, int64_t to_ns,
                                    size_t limit);

  // Forgets what exceeds the limit. Between rounds of work.
  void Trim();
  // Forgets what was not used since the call before. Between rounds of work.
  void ForgetUnused();
  // These were deleted from the store; nullopt: it may be any. Between rounds.
  void Forget(const std::optional<RecentDeletions::Ids>& deleted);
  // Forgets everything: each Refresh() is then a structural change.
  void Clear();

  size_t size() const { return nodes_.size(); }

 private:
  struct Entry {
    std::unique_ptr<Node> node;  // Null: malformed.
    // Node::structure at the last Refresh(); 0 if there was none.
    uint64_t refreshed = 0;
    uint64_t used = 0;
  };
  struct Lookups {
    std::vector<std::unique_ptr<Query>> queries;
    uint64_t used = 0;
  };

  absl::StatusOr<Entry*> Load(const ObservationId& id);
  void Insert(const Node& node, std::vector<ObservationId>& crowded);

  FactStore& facts_;
  const size_t max_observations_;
  absl::flat_hash_map<ObservationId, Entry> nodes_;
  absl::flat_hash_map<Token, Lookups> lookups_;
  // Whatever was used last in this round or before goes next.
  uint64_t forgotten_until_ = 0;
  // Grows with each round: the age of what is held.
  uint64_t round_ = 1;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INDEX_OBSERVATION_INDEX_H_
