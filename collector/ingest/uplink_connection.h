#ifndef CALLBRAID_COLLECTOR_INGEST_UPLINK_CONNECTION_H_
#define CALLBRAID_COLLECTOR_INGEST_UPLINK_CONNECTION_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/uplink.grpc.pb.h"
#include "collector/access/sensor_gate.h"
#include "collector/ingest/uplink_peer.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "grpcpp/alarm.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::collector {

// The stream from one sensor. Messages are taken apart here, not by gRPC, which
// would end the stream of one that is malformed as if the sensor had closed it.
//
// gRPC runs the reactions, on threads of its own; the ingest thread calls the
// methods of UplinkPeer. Lives until gRPC is done with it and no event refers
// to it any more.
class UplinkConnection final
    : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
      public UplinkPeer {
 public:
  struct Settings {
    UplinkSink& sink;
    const Clock& clock;
    // How far a sensor may be ahead of the disk.
    size_t window_bytes;
    // Whether this connection may be the sensor that it says it is. Never
    // blocks.
    std::function<std::optional<SensorRefusal>(const v1::Hello&)> check_hello;
    // Of the certificate.
    pki::Validity certificate;
    // Ends the call at once, whatever waits to be written. Only until on_done.
    std::function<void()> cancel;
    // Runs when gRPC is done with the connection.
    std::function<void()> on_done;
  };

  // Begins to read; with `refusal`, ends at once. gRPC takes the pointer, which
  // is valid until on_done.
  static UplinkConnection* Start(Settings settings, std::string address,
                                 std::optional<SensorRefusal> refusal);

  void Send(v1::ConnectResponse response) override ABSL_LOCKS_EXCLUDED(mutex_);
  void End(absl::Status status) override ABSL_LOCKS_EXCLUDED(mutex_);
  void Consumed(size_t bytes) override ABSL_LOCKS_EXCLUDED(mutex_);
  const std::string& address() const override { return address_; }
  int64_t last_heard_ns() const override { return last_heard_ns_; }
  pki::Validity certificate() const override { return settings_.certificate; }

 private:
  UplinkConnection(Settings settings, std::string address);

  void OnReadDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_);
  void OnCancel() override;
  void OnDone() override ABSL_LOCKS_EXCLUDED(mutex_);

  // Who connects and says nothing holds a place that a sensor may need.
  void WaitForHello() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The message just read, if it has a size that is its due.
  absl::Status Parse();
  // The event of that message. An error ends the connection.
  absl::StatusOr<UplinkEvent> TakeEvent();
  absl::StatusOr<UplinkEvent> TakeHello();
  // Counts it, and returns `status`.
  absl::Status Refuse(const char* reason, absl::Status status);
  void Push(UplinkEvent event) ABSL_LOCKS_EXCLUDED(mutex_);
  // Whoever does not read does not hear of an end either.
  void EndUnread() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AnswerHeartbeat(int64_t received_ns) ABSL_LOCKS_EXCLUDED(mutex_);
  void MaybeRead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MaybeWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Of what waits the next message, or as much of it as may go at once.
  v1::ConnectResponse TakePending() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Settings settings_;
  const std::string address_;
  std::atomic<int64_t> last_heard_ns_;

  // Of the read under way, and of whoever handles it.
  grpc::ByteBuffer buffer_;
  v1::ConnectRequest request_;
  bool greeted_ = false;
  std::string claimed_sensor_;

  grpc::Alarm hello_due_;

  Mutex mutex_;
  // Keeps this alive until OnDone().
  std::shared_ptr<UplinkConnection> self_ ABSL_GUARDED_BY(mutex_);
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  bool read_all_ ABSL_GUARDED_BY(mutex_) = false;
  // Pushed and not consumed.
  size_t ahead_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t ahead_events_ ABSL_GUARDED_BY(mutex_) = 0;
  // At most one of each kind: a later one takes up an earlier one.
  std::deque<v1::ConnectResponse> pending_ ABSL_GUARDED_BY(mutex_);
  grpc::ByteBuffer in_flight_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_UPLINK_CONNECTION_H_
