#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_SWEEP_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_SWEEP_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/store/recent_deletions.h"
#include "collector/store/rocksdb_batch.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/rocksdb_fact_store.h"
#include "collector/store/rocksdb_media_store.h"

namespace callbraid::collector {

// Removes what no call owns, by age: observations that make no call (a phone's
// registrations, what receivers say of streams of none, notes about clocks),
// what people wrote about calls that are no more, reports of streams of which
// nothing else came, entries of the token index that find nothing,
// positions in spools that are no more, tombstones. Goes through these families
// a little at a time. One thread.
class RocksDbSweep {
 public:
  // References must outlive it.
  RocksDbSweep(RocksDbEngine& engine, RocksDbFactStore& facts,
               const RocksDbMediaStore& media, RecentDeletions& recent)
      : engine_(engine), facts_(facts), media_(media), recent_(recent) {}

  // As RetentionStore::Sweep().
  absl::StatusOr<uint64_t> Run(int64_t before_ns, int64_t orders_before_ns,
                               std::string& cursor);

 private:
  struct Found {
    // Key of each entry that goes.
    std::vector<std::string> keys;
    // Observations that go, with all that is filed of them.
    std::vector<ObservationId> observations;
  };
  struct Ages {
    int64_t before_ns = 0;
    int64_t orders_before_ns = 0;
  };

  absl::StatusOr<bool> IsThere(Family family, std::string_view key) const;
  // Whether the entry goes; adds it to `found` if so.
  absl::Status LookAt(Family family, std::string_view key,
                      std::string_view value, const Ages& ages,
                      Found& found) const;
  absl::Status LookAtObservation(std::string_view key, std::string_view value,
                                 const Ages& ages, Found& found) const;
  absl::StatusOr<bool> IsOfCall(
      const store::v1::Observation& observation) const;
  absl::Status LookAtNote(std::string_view key, std::string_view value,
                          const Ages& ages, Found& found) const;
  absl::Status LookAtWatermark(std::string_view key, Found& found) const;
  absl::Status Remove(Family family, const Found& found);

  RocksDbEngine& engine_;
  RocksDbFactStore& facts_;
  const RocksDbMediaStore& media_;
  RecentDeletions& recent_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_SWEEP_H_
