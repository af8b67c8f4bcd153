#ifndef CALLBRAID_SENSOR_UPLINK_UPLINK_STREAM_H_
#define CALLBRAID_SENSOR_UPLINK_UPLINK_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "callbraid/v1/uplink.pb.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/impl/codegen/proto_utils.h"
#include "sensor/spool/wakeup.h"
#include "sensor/uplink/batch_message.h"

namespace callbraid::sensor {

// One connection to the collector: the gRPC call, and nothing of what is said
// over it. Reactions only keep what came and raise `changed`; one thread, the
// uplink's, looks at it and writes.
class UplinkStream final
    : private grpc::ClientBidiReactor<grpc::ByteBuffer, v1::ConnectResponse> {
 public:
  // What has come since the last call of Take(). Watermarks are the newest of
  // each spool.
  struct Events {
    std::optional<v1::Welcome> welcome;
    std::vector<v1::Watermark> watermarks;
    // Total so far.
    uint64_t credit = 0;
    // The newest answer to a heartbeat, and the wall clock when it came.
    std::optional<v1::ClockEcho> echo;
    int64_t echo_clock_ns = 0;
    // In the order in which they came.
    std::vector<v1::MediaOrder> media_orders;
    // Nothing more will come: see Finish().
    bool ended = false;
  };

  // Begins the call. `changed` and `clock` must outlive the stream.
  UplinkStream(std::shared_ptr<grpc::Channel> channel, Wakeup& changed,
               const Clock& clock);
  // Cancels the call if it still runs, and waits for its end.
  ~UplinkStream() override;

  // Room for Write(): few messages wait, so that a signalling batch never
  // stands behind much media.
  bool writable() const ABSL_LOCKS_EXCLUDED(mutex_);
  void Write(UplinkMessage message) ABSL_LOCKS_EXCLUDED(mutex_);

  Events Take() ABSL_LOCKS_EXCLUDED(mutex_);

  // Tells the collector that nothing follows, and waits up to `timeout` for it
  // to end the call.
  void HalfClose(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_);

  // Cancels the call unless it has ended; returns how it ended.
  grpc::Status Finish() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnDone(const grpc::Status& status) override ABSL_LOCKS_EXCLUDED(mutex_);

  void Keep(v1::ConnectResponse& response, int64_t clock_ns)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MaybeWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Gives up the right to start operations, without which the call cannot end.
  void ReleaseHold() ABSL_LOCKS_EXCLUDED(mutex_);

  Wakeup& changed_;
  const Clock& clock_;
  const std::shared_ptr<grpc::Channel> channel_;
  grpc::ClientContext context_;
  // Owned by gRPC between StartRead() and OnReadDone().
  v1::ConnectResponse incoming_;

  mutable Mutex mutex_;
  CondVar state_changed_;
  std::deque<grpc::ByteBuffer> outgoing_ ABSL_GUARDED_BY(mutex_);
  // Owned by gRPC while `writing_`.
  grpc::ByteBuffer in_flight_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool half_close_ ABSL_GUARDED_BY(mutex_) = false;
  bool held_ ABSL_GUARDED_BY(mutex_) = true;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> status_ ABSL_GUARDED_BY(mutex_);
  std::optional<v1::Welcome> welcome_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<uint64_t, v1::Watermark> watermarks_
      ABSL_GUARDED_BY(mutex_);
  uint64_t credit_ ABSL_GUARDED_BY(mutex_) = 0;
  std::optional<v1::ClockEcho> echo_ ABSL_GUARDED_BY(mutex_);
  int64_t echo_clock_ns_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<v1::MediaOrder> media_orders_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_UPLINK_UPLINK_STREAM_H_
