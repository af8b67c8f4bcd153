#ifndef CALLBRAID_SENSOR_UPLINK_RENEWAL_H_
#define CALLBRAID_SENSOR_UPLINK_RENEWAL_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "callbraid/v1/config.pb.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/thread.h"
#include "grpcpp/grpcpp.h"
#include "sensor/spool/wakeup.h"

namespace callbraid::sensor {

// Keeps the certificate of the uplink good: when a third of its life is left it
// asks the collector, with it, for the next one, and replaces the file, and
// that of the authorities if these changed. The key stays, so that key and
// certificate fit to each other at every moment. gRPC reads the files for its
// next connection; the stream under way goes on.
//
// A certificate that the collector did not make is left alone: it says so once.
class Renewal {
 public:
  struct Options {
    v1::TlsConfig tls;
    std::string sensor_id;
    // HOST:PORT, for messages.
    std::string target;
    std::function<std::shared_ptr<grpc::Channel>()> dial;
    // At most so long after the start, then about every so often.
    absl::Duration first_look = absl::Seconds(10);
    absl::Duration interval = absl::Hours(1);
  };

  // Starts its thread, "renewal". `clock` must outlive it.
  Renewal(Options options, const Clock& clock);
  // As Stop().
  ~Renewal();
  // Ends a request under way. Once.
  void Stop();

  // One look: whether there is a new certificate. Errors are for people.
  // Blocks, for 20 s at most, or until `context` (not yet used) is cancelled.
  static absl::StatusOr<bool> RenewIfDue(const Options& options,
                                         const Clock& clock,
                                         grpc::ClientContext& context);

 private:
  void Run();
  absl::StatusOr<bool> Look();
  // Between 90 % and 110 % of `duration`.
  absl::Duration Jittered(absl::Duration duration);

  const Options options_;
  const Clock& clock_;
  Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  // Of the request under way.
  grpc::ClientContext* request_ ABSL_GUARDED_BY(mutex_) = nullptr;
  Wakeup stop_;
  Thread thread_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_UPLINK_RENEWAL_H_
