#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_HELD_PARTS_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_HELD_PARTS_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "collector/store/observation_id.h"
#include "collector/store/rocksdb_call_parts.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/rocksdb_fact_store.h"
#include "collector/store/rocksdb_holds.h"

namespace callbraid::collector {

// What a call on hold may have in common with the calls before and after it:
// RTCP, which is filed by hosts and SSRC, and what receivers say. It is to stay
// when they go. In memory: some 100 bytes a stream.
//
// One thread.
class RocksDbHeldParts {
 public:
  // References must outlive it.
  RocksDbHeldParts(RocksDbEngine& engine, RocksDbFactStore& facts,
                   const RocksDbHolds& holds)
      : engine_(engine), facts_(facts), holds_(holds), parts_(facts) {}

  // Reads them anew if holds have changed, or a minute later: more of a call on
  // hold may have come.
  absl::Status Update(int64_t now_ns);
  // Whether no hold has changed since. Within a change of the database it stays
  // so.
  bool IsCurrent() const { return holds_.changes() == changes_; }

  // Of what a receiver says.
  bool Contains(const ObservationId& reception) const {
    return receptions_.contains(reception);
  }
  // The buckets of `filed` that are of no call on hold.
  std::vector<uint32_t> Rest(const FiledFrames& filed) const;

 private:
  absl::Status Add(const ObservationId& call);

  RocksDbEngine& engine_;
  RocksDbFactStore& facts_;
  const RocksDbHolds& holds_;
  const RocksDbCallParts parts_;
  uint64_t changes_ = 0;
  int64_t read_ns_ = std::numeric_limits<int64_t>::min();
  absl::flat_hash_set<ObservationId> receptions_;
  // By where it is filed, pairs of first and last bucket.
  absl::flat_hash_map<ObservationId, std::vector<uint32_t>> rtcp_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_HELD_PARTS_H_
