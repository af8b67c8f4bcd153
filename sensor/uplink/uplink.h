#ifndef CALLBRAID_SENSOR_UPLINK_UPLINK_H_
#define CALLBRAID_SENSOR_UPLINK_UPLINK_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "callbraid/v1/config.pb.h"
#include "callbraid/v1/uplink.pb.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/thread.h"
#include "grpcpp/grpcpp.h"
#include "sensor/spool/spool.h"
#include "sensor/spool/wakeup.h"
#include "sensor/uplink/backoff.h"
#include "sensor/uplink/replay_window.h"
#include "sensor/uplink/uplink_stream.h"

namespace callbraid::sensor {

// A spool, and its place in the order in which spools are sent.
struct QueuedSpool {
  std::shared_ptr<Spool> spool;
  // Holds what could not be delivered in time, or what is spare: it is sent as
  // far as that does not delay the others (replay_window.h).
  bool backlog = false;
};

struct UplinkOptions {
  // HOST:PORT, for messages.
  std::string target;
  // To explain why we are refused.
  v1::TlsConfig tls;
  // A channel for one attempt.
  std::function<std::shared_ptr<grpc::Channel>()> dial;
  // What there is to send, in the order in which it is served: each is sent
  // only while those before it have nothing. Asked before each hello. From any
  // thread.
  std::function<std::vector<QueuedSpool>()> spools;
  // Asked after each welcome. True: what comes from now on is in another spool
  // than what waits, so say hello again. May be empty.
  std::function<bool()> set_backlog_apart;
  // What the collector says of media, on the uplink's thread; and that it says
  // so no more, when a connection ends. May be empty.
  std::function<void(const v1::MediaOrder&)> on_media_order;
  std::function<void()> on_disconnected;
  // Who we are. Spools and clock are filled in for each connection.
  v1::Hello hello;
  // Give up when the collector refuses us for a reason that trying again does
  // not change, instead of trying slowly: see refusal().
  bool give_up_when_refused = false;
  // Called once, on the uplink's thread, when it gives up. May be empty.
  std::function<void()> on_refused;

  absl::Duration heartbeat_interval = absl::Seconds(1);
  absl::Duration welcome_timeout = absl::Seconds(10);
  absl::Duration first_backoff = absl::Milliseconds(200);
  absl::Duration longest_backoff = absl::Seconds(15);
  absl::Duration refused_backoff = absl::Seconds(60);
};

// Brings the frames of the spools to the collector, and the acknowledgements
// back (docs/protocol.md): dials, goes on after what the collector has, sends
// within its credit, and begins anew for ever when the connection is lost.
//
// One thread of its own does everything but gRPC's reactions.
class Uplink {
 public:
  // Starts at once. `wakeup` is the one that the spools raise. All must outlive
  // the uplink.
  Uplink(UplinkOptions options, Wakeup& wakeup, const Clock& clock);
  // As Stop().
  ~Uplink();

  // Waits until the collector has stored everything in the spools; false if
  // that is not so after `timeout`, or the uplink has given up.
  bool WaitUntilDelivered(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_);

  // Why the uplink has given up; OK while it has not.
  absl::Status refusal() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends the connection in good order, and the thread. Not thread-safe.
  void Stop();

 private:
  struct Lane {
    std::shared_ptr<Spool> spool;
    bool backlog = false;
    uint64_t spool_id = 0;
    // The next frame to send on this connection.
    uint64_t next = 1;
    // One above the newest frame that was ever sent.
    uint64_t sent_end = 1;
  };

  void Run();
  // One connection, from hello to its end; how it ended.
  grpc::Status Connect();
  // Takes over what there is to send; what is known of a spool stays.
  void QueueUp();
  void SayHello(UplinkStream& stream);
  void WarnOfClock(const v1::Welcome& welcome) const;
  // Nullopt if there is none: the call ended, `welcome_timeout`, Stop().
  std::optional<v1::Welcome> AwaitWelcome(UplinkStream& stream);
  // Sets where to go on. ABORTED if the spools are others now: say hello again.
  absl::Status Resume(const v1::Welcome& welcome);
  void Converse(UplinkStream& stream);
  void ApplyAcks(const std::vector<v1::Watermark>& watermarks);
  void SendBatches(UplinkStream& stream, uint64_t credit);
  // False if the lane has nothing, or must wait.
  bool SendFrom(Lane& lane, UplinkStream& stream);
  void SendHeartbeat(UplinkStream& stream);
  void OnFailure(const grpc::Status& status);
  void Pause(absl::Duration duration);
  void NotifyProgress() ABSL_LOCKS_EXCLUDED(mutex_);

  Lane* FindLane(uint64_t spool_id);
  uint64_t PendingFrames() const;

  const UplinkOptions options_;
  Wakeup& wakeup_;
  const Clock& clock_;
  std::atomic<bool> stopping_ = false;

  // Of the thread.
  std::vector<Lane> lanes_;
  Backoff backoff_;
  bool hello_again_ = false;
  ReplayWindow replay_;
  // Of batches, on this connection.
  uint64_t sent_bytes_ = 0;
  // The newest answer to a heartbeat of this connection, and when it came.
  std::optional<v1::ClockEcho> echo_;
  int64_t echo_clock_ns_ = 0;
  // What was last logged, so that it is not said again.
  std::string last_failure_;

  mutable Mutex mutex_;
  CondVar progress_;
  absl::Status refusal_ ABSL_GUARDED_BY(mutex_);

  Thread thread_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_UPLINK_UPLINK_H_
