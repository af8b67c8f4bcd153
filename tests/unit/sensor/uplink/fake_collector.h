#ifndef CALLBRAID_TESTS_UNIT_SENSOR_UPLINK_FAKE_COLLECTOR_H_
#define CALLBRAID_TESTS_UNIT_SENSOR_UPLINK_FAKE_COLLECTOR_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "callbraid/v1/uplink.grpc.pb.h"
#include "common/base/mutex.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::sensor {

// The collector's side of docs/protocol.md over a real socket, with faults on
// demand. What breaks the rules is noted in `violations`.
class FakeCollector final : public v1::UplinkService::Service {
 public:
  struct Behaviour {
    // End the first streams after so many batches each; the last batch is
    // stored, and not acknowledged any more.
    std::vector<int> end_after_batches;
    // Refuse so many hellos with this.
    int refusals = 0;
    grpc::Status refusal;
    // Credit in the welcome, and how much is granted with each ack.
    uint64_t credit = uint64_t{8} << 20;
    uint64_t more_credit = uint64_t{1} << 20;
    bool acknowledge = true;
  };

  struct Received {
    std::vector<v1::Hello> hellos;
    // In order of arrival, with those that were repeated.
    std::vector<v1::FrameBatch> batches;
    std::vector<v1::Heartbeat> heartbeats;
    std::vector<std::string> violations;
    // By spool id: SIP messages as stored.
    std::map<uint64_t, std::vector<std::string>> stored;
    std::map<uint64_t, uint64_t> watermarks;
  };

  explicit FakeCollector(Behaviour behaviour)
      : behaviour_(std::move(behaviour)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.SetMaxReceiveMessageSize(16 << 20);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~FakeCollector() override { Stop(); }

  void Stop() {
    server_->Shutdown(absl::ToChronoTime(absl::UnixEpoch()));
    server_->Wait();
  }

  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

  Received received() const ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return received_;
  }
  void SetWatermark(uint64_t spool_id, uint64_t sequence)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    received_.watermarks[spool_id] = sequence;
  }

  // Waits until `done` of what was received is true.
  template <typename Predicate>
  bool WaitUntil(Predicate done) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    while (!done(received_)) {
      if (!changed_.WaitFor(mutex_, absl::Seconds(30))) return false;
    }
    return true;
  }

 private:
  using Stream =
      grpc::ServerReaderWriter<v1::ConnectResponse, v1::ConnectRequest>;

  grpc::Status Connect(grpc::ServerContext*, Stream* stream) override
      ABSL_LOCKS_EXCLUDED(mutex_) {
    v1::ConnectRequest request;
    if (!stream->Read(&request) || !request.has_hello()) {
      Violation("no hello");
      return grpc::Status::OK;
    }
    v1::ConnectResponse response;
    {
      MutexLock lock(mutex_);
      received_.hellos.push_back(request.hello());
      changed_.NotifyAll();
      if (behaviour_.refusals > 0) {
        --behaviour_.refusals;
        return behaviour_.refusal;
      }
      v1::Welcome& welcome = *response.mutable_welcome();
      welcome.set_version("fake");
      for (const v1::SpoolState& spool : request.hello().spools()) {
        *welcome.add_watermarks() = WatermarkOf(spool.spool_id());
      }
      welcome.mutable_credit()->set_bytes(behaviour_.credit);
    }
    stream->Write(response);
    return Serve(*stream);
  }

  grpc::Status Serve(Stream& stream) ABSL_LOCKS_EXCLUDED(mutex_) {
    uint64_t credit = 0;
    int end_after = -1;
    {
      MutexLock lock(mutex_);
      credit = behaviour_.credit;
      const size_t connection = connections_++;
      if (connection < behaviour_.end_after_batches.size()) {
        end_after = behaviour_.end_after_batches[connection];
      }
    }
    uint64_t bytes = 0;
    v1::ConnectRequest request;
    for (int batches = 0; stream.Read(&request);) {
      if (request.has_heartbeat()) {
        Echo(request.heartbeat(), stream);
        MutexLock lock(mutex_);
        received_.heartbeats.push_back(request.heartbeat());
        changed_.NotifyAll();
        continue;
      }
      if (bytes >= credit) Violation("more than the credit");
      bytes += request.batch().ByteSizeLong();
      Store(request.batch());
      if (++batches == end_after) {
        return grpc::Status(grpc::StatusCode::UNAVAILABLE, "on demand");
      }
      if (!behaviour_.acknowledge) continue;
      v1::ConnectResponse response;
      {
        MutexLock lock(mutex_);
        *response.mutable_ack()->add_watermarks() =
            WatermarkOf(request.batch().spool_id());
      }
      stream.Write(response);
      credit = bytes + behaviour_.more_credit;
      response.mutable_credit()->set_bytes(credit);
      stream.Write(response);
    }
    return grpc::Status::OK;
  }

  static void Echo(const v1::Heartbeat& heartbeat, Stream& stream) {
    v1::ConnectResponse response;
    v1::ClockEcho& echo = *response.mutable_clock_echo();
    echo.set_sensor_clock_ns(heartbeat.clock_ns());
    echo.set_received_ns(5);
    echo.set_sent_ns(6);
    stream.Write(response);
  }

  void Store(const v1::FrameBatch& batch) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    received_.batches.push_back(batch);
    uint64_t& watermark = received_.watermarks[batch.spool_id()];
    const uint64_t expected = watermark + 1 + batch.discarded_before();
    if (batch.first_sequence() != expected) {
      received_.violations.push_back("frame " +
                                     std::to_string(batch.first_sequence()) +
                                     " instead of " + std::to_string(expected));
    }
    watermark = batch.first_sequence() - 1;
    for (const v1::CallFrame& frame : batch.frames()) {
      ++watermark;
      received_.stored[batch.spool_id()].push_back(frame.sip().message());
    }
    changed_.NotifyAll();
  }

  v1::Watermark WatermarkOf(uint64_t spool_id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    v1::Watermark watermark;
    watermark.set_spool_id(spool_id);
    watermark.set_received(received_.watermarks[spool_id]);
    watermark.set_stored(received_.watermarks[spool_id]);
    return watermark;
  }

  void Violation(const std::string& what) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    received_.violations.push_back(what);
    changed_.NotifyAll();
  }

  int port_ = 0;
  mutable Mutex mutex_;
  CondVar changed_;
  Behaviour behaviour_;  // `refusals` under the lock; the rest is constant.
  Received received_ ABSL_GUARDED_BY(mutex_);
  size_t connections_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_TESTS_UNIT_SENSOR_UPLINK_FAKE_COLLECTOR_H_
