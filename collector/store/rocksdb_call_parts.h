#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_CALL_PARTS_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_CALL_PARTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/store/v1/observation.pb.h"
#include "collector/store/observation_id.h"
#include "collector/store/rocksdb_fact_store.h"

namespace callbraid::collector {

// Frames of a family: under this id, in these buckets, as pairs of first and
// last.
struct FiledFrames {
  ObservationId id;
  std::vector<uint32_t> buckets;
};

// One observation that a call is made of, and when it was.
struct CallPart {
  ObservationId id;
  // Empty if it cannot be read: its frames go by age.
  store::v1::Observation observation;
  int64_t first_ns = 0;
  int64_t last_ns = 0;
  // Of its own frames: media, or messages.
  std::vector<uint32_t> buckets;

  // What is filed of it among the media: its own frames, and the RTCP of the
  // stream or of who receives it.
  std::vector<FiledFrames> Media() const;
};

// RTCP comes a little before the first packet, and goes on after the last.
inline constexpr int64_t kRtcpBeforeNs = 10'000'000'000;
inline constexpr int64_t kRtcpAfterNs = 60'000'000'000;

// Where RTCP of a stream, or of who receives one, is filed.
std::optional<ObservationId> RtcpOf(const store::v1::Observation& observation);

// What calls are made of, in RocksDB: to be held, or deleted, as a whole.
// Thread-safe.
class RocksDbCallParts {
 public:
  // `facts` must outlive it.
  explicit RocksDbCallParts(RocksDbFactStore& facts) : facts_(facts) {}

  // Its members, and behind them what receivers said of its streams.
  absl::StatusOr<std::vector<CallPart>> Of(
      const store::v1::CallRecord& record) const;
  absl::StatusOr<CallPart> Read(const ObservationId& id) const;

 private:
  absl::Status AddReceptions(const CallPart& stream,
                             std::vector<CallPart>& parts) const;

  RocksDbFactStore& facts_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_CALL_PARTS_H_
