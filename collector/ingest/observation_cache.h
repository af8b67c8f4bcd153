#ifndef CALLBRAID_COLLECTOR_INGEST_OBSERVATION_CACHE_H_
#define CALLBRAID_COLLECTOR_INGEST_OBSERVATION_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "collector/store/observation_id.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// An observation that ingest works on, and what of it is not committed yet.
struct OpenObservation {
  ObservationId id;
  // As committed last, plus what was folded since.
  StoredObservation stored;
  std::vector<Token> new_tokens;
  bool observation_changed = false;
  bool tally_changed = false;
  // In the next commit, if only to be looked at again.
  bool noted = false;
  // The tokens it is listed under, if it is one of several uses of an identity.
  std::vector<Token> list_tokens;
  int64_t used_ns = 0;
};

// The observations that frames come for, kept in memory over the store.
//
// What is not held is read from the store, so evicting changes nothing but
// time. Only what is committed is evicted: when idle for 5 minutes, or the
// least recently used when there are too many.
//
// One thread. Pointers are valid until Committed().
class ObservationCache {
 public:
  // `facts` must outlive the cache.
  ObservationCache(FactStore& facts, size_t capacity)
      : facts_(facts), capacity_(capacity) {}

  // Null if there is no such observation.
  absl::StatusOr<OpenObservation*> Find(const ObservationId& id);
  // Only if Find() said null.
  OpenObservation& Add(const ObservationId& id);

  // The uses of one identity (a Call-ID) that are listed under a token, newest
  // first; at most 64.
  absl::StatusOr<std::vector<OpenObservation*>> FindListed(Token token);
  // Only after FindListed() of this token. The caller files the observation
  // under it, too.
  void List(Token token, OpenObservation& observation);

  // The next commit takes what changed of it.
  void Note(OpenObservation& observation);
  void ForEach(const std::function<void(OpenObservation&)>& visit);

  // Adds what was noted to `group`.
  void Collect(CommitGroup& group);
  // That group is durable. `now_ns`: monotonic time.
  void Committed(int64_t now_ns);

  // These were deleted from the store; nullopt: it may be any. Between groups.
  void Forget(const std::optional<RecentDeletions::Ids>& deleted);

  size_t size() const { return entries_.size(); }

 private:
  using Entries = std::list<OpenObservation>;

  void Drop(Entries::iterator entry);

  FactStore& facts_;
  const size_t capacity_;
  int64_t now_ns_ = 0;
  // Most recently used first.
  Entries entries_;
  absl::flat_hash_map<ObservationId, Entries::iterator> by_id_;
  // Complete for each token that is here, and all of it is held; in the order
  // of the store: by start.
  using Listed = std::pair<int64_t, ObservationId>;
  absl::flat_hash_map<Token, std::vector<Listed>> lists_;
  std::vector<OpenObservation*> noted_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_OBSERVATION_CACHE_H_
