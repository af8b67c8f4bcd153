#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_ANNOTATIONS_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_ANNOTATIONS_H_

#include <map>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/call.pb.h"
#include "collector/store/observation_id.h"
#include "collector/store/rocksdb_batch.h"
#include "collector/store/rocksdb_engine.h"

namespace callbraid::collector {

// What people wrote about calls, in RocksDB: apart from the calls, which are
// braided anew again and again. Changes come one at a time, reads from any
// thread.
class RocksDbAnnotations {
 public:
  // By the call that took others in.
  using Moved = std::map<ObservationId, v1::CallAnnotation>;

  explicit RocksDbAnnotations(RocksDbEngine& engine) : engine_(engine) {}

  // One that is damaged is reported, and hides no call.
  absl::StatusOr<std::optional<v1::CallAnnotation>> Get(
      const ObservationId& id) const;
  absl::Status AddTo(const ObservationId& id, v1::Call& call) const;

  // One that is empty: there is none.
  void Put(const ObservationId& id, const v1::CallAnnotation& annotation,
           RocksDbBatch& batch) const;
  // What was written about `from` goes to `into`, which is in `moved` if it
  // took others in before, in the same batch.
  absl::Status Move(const ObservationId& from, const ObservationId& into,
                    RocksDbBatch& batch, Moved& moved) const;

 private:
  RocksDbEngine& engine_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_ANNOTATIONS_H_
