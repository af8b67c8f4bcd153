#include "collector/ingest/uplink_service.h"

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "collector/ingest/ingest_pipeline.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/open_gate.h"

namespace callbraid::collector {
namespace {

class NoListener final : public CommitListener {
 public:
  void OnCommitted(const std::string&,
                   const std::vector<ObservationId>&) override {}
  size_t Backlog(const std::string&) const override { return 0; }
};

// A whole ingest side on a port of its own, without TLS.
class UplinkServiceTest : public testing::Test {
 protected:
  using Stream =
      grpc::ClientReaderWriter<v1::ConnectRequest, v1::ConnectResponse>;

  UplinkServiceTest() {
    pipeline_.Start();
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port_);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::UplinkService::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(port_),
                            grpc::InsecureChannelCredentials()));
  }
  ~UplinkServiceTest() override {
    pipeline_.Stop();
    server_->Shutdown();
  }

  // One connection of a sensor.
  struct Connection {
    grpc::ClientContext context;
    std::unique_ptr<Stream> stream;

    v1::ConnectResponse Read() {
      v1::ConnectResponse response;
      EXPECT_TRUE(stream->Read(&response));
      return response;
    }
    // Until the end of the connection.
    grpc::Status Finish() {
      v1::ConnectResponse response;
      while (stream->Read(&response)) {
      }
      return stream->Finish();
    }
  };
  std::unique_ptr<Connection> Connect() {
    auto connection = std::make_unique<Connection>();
    connection->stream = stub_->Connect(&connection->context);
    return connection;
  }
  std::unique_ptr<Connection> Greet(uint64_t instance = 1) {
    auto connection = Connect();
    v1::ConnectRequest request;
    v1::Hello& hello = *request.mutable_hello();
    hello.set_sensor_id("s1");
    hello.set_site("here");
    hello.set_instance_id(instance);
    hello.add_capture_points()->set_name("eth0");
    hello.add_spools()->set_spool_id(5);
    EXPECT_TRUE(connection->stream->Write(request));
    return connection;
  }
  static v1::ConnectRequest Batch(uint64_t sequence) {
    v1::ConnectRequest request;
    v1::FrameBatch& batch = *request.mutable_batch();
    batch.set_spool_id(5);
    batch.set_first_sequence(sequence);
    const auto begin = static_cast<uint32_t>(25 * sequence);
    *batch.add_frames() = fakes::Stream().Run(begin, begin + 25);
    return request;
  }

  MemoryStore store_;
  NoListener listener_;
  SystemClock clock_;
  fakes::OpenGate gate_;
  IngestPipeline pipeline_{{}, "1.2.3", store_, gate_, listener_, clock_};
  UplinkService service_{{},
                         /*insecure=*/true,
                         gate_,
                         pipeline_,
                         clock_};
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::UplinkService::Stub> stub_;
};

TEST_F(UplinkServiceTest, WelcomesThenAcknowledgesWhatIsDurable) {
  const auto connection = Greet();
  EXPECT_EQ(connection->Read().welcome().version(), "1.2.3");
  for (uint64_t sequence = 1; sequence <= 50; ++sequence) {
    ASSERT_TRUE(connection->stream->Write(Batch(sequence)));
  }
  uint64_t stored = 0;
  while (stored < 50) {
    const v1::ConnectResponse response = connection->Read();
    ASSERT_TRUE(response.has_ack());
    EXPECT_GT(response.ack().watermarks(0).stored(), stored);
    stored = response.ack().watermarks(0).stored();
    EXPECT_GE(*store_.coordination().GetWatermark("s1", 5), stored);
  }
  connection->stream->WritesDone();
  EXPECT_TRUE(connection->Finish().ok());
}

TEST_F(UplinkServiceTest, AnswersEachHeartbeatWithItsClocks) {
  const auto connection = Greet();
  const int64_t before_ns = connection->Read().welcome().clock_ns();
  v1::ConnectRequest request;
  for (int64_t beat = 1; beat <= 3; ++beat) {
    request.mutable_heartbeat()->set_clock_ns(beat);
    ASSERT_TRUE(connection->stream->Write(request));
    const v1::ConnectResponse response = connection->Read();
    ASSERT_TRUE(response.has_clock_echo());
    EXPECT_EQ(response.clock_echo().sensor_clock_ns(), beat);
    EXPECT_GE(response.clock_echo().received_ns(), before_ns);
    EXPECT_GE(response.clock_echo().sent_ns(),
              response.clock_echo().received_ns());
    EXPECT_LE(response.clock_echo().sent_ns(), clock_.WallNs());
  }
  connection->stream->WritesDone();
  EXPECT_TRUE(connection->Finish().ok());
}

TEST_F(UplinkServiceTest, AcknowledgesAllBeforeItEndsAClosedConnection) {
  const auto connection = Greet();
  for (uint64_t sequence = 1; sequence <= 20; ++sequence) {
    ASSERT_TRUE(connection->stream->Write(Batch(sequence)));
  }
  connection->stream->WritesDone();
  uint64_t stored = 0;
  v1::ConnectResponse response;
  while (connection->stream->Read(&response)) {
    if (response.has_ack()) stored = response.ack().watermarks(0).stored();
  }
  EXPECT_EQ(stored, 20u);
  EXPECT_TRUE(connection->stream->Finish().ok());
}

TEST_F(UplinkServiceTest, RefusesWhoDoesNotGreet) {
  const auto connection = Connect();
  connection->stream->Write(Batch(1));
  const grpc::Status status = connection->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "the first message must be a hello");
}

TEST_F(UplinkServiceTest, RefusesALongFirstMessage) {
  const auto connection = Connect();
  v1::ConnectRequest request;
  request.mutable_hello()->set_sensor_id(std::string(100'000, 'x'));
  connection->stream->Write(request);
  const grpc::Status status = connection->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "a first message of more than 64 KiB");
}

TEST_F(UplinkServiceTest, RefusesALongHeartbeat) {
  const auto connection = Greet();
  connection->Read();
  v1::ConnectRequest request;
  for (int i = 0; i < 50'000; ++i) request.mutable_heartbeat()->add_spools();
  connection->stream->Write(request);
  EXPECT_EQ(connection->Finish().error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(UplinkServiceTest, RefusesWhoConnectsTooOften) {
  grpc::Status status;
  for (int i = 0;
       i < 200 && status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED;
       ++i) {
    // Each is replaced by the next.
    const auto connection = Greet();
    connection->stream->WritesDone();
    status = connection->Finish();
  }
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(UplinkServiceTest, RefusesAnEmptyMessage) {
  const auto connection = Greet();
  connection->Read();
  connection->stream->Write(v1::ConnectRequest());
  EXPECT_EQ(connection->Finish().error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(UplinkServiceTest, RefusesASecondSensorUnderTheSameId) {
  const auto first = Greet(1);
  first->Read();
  const auto second = Greet(2);
  EXPECT_EQ(second->Finish().error_code(), grpc::StatusCode::ALREADY_EXISTS);
  // The first goes on.
  ASSERT_TRUE(first->stream->Write(Batch(1)));
  EXPECT_EQ(first->Read().ack().watermarks(0).stored(), 1u);
}

TEST_F(UplinkServiceTest, TheSameSensorTakesItsOldPlace) {
  const auto first = Greet(1);
  first->Read();
  const auto second = Greet(1);
  EXPECT_TRUE(second->Read().has_welcome());
  EXPECT_EQ(first->Finish().error_code(), grpc::StatusCode::ABORTED);
}

TEST_F(UplinkServiceTest, ACancelledConnectionMakesRoom) {
  auto first = Greet(1);
  first->Read();
  first->context.TryCancel();
  first->Finish();
  for (;;) {
    const auto second = Greet(2);
    v1::ConnectResponse response;
    if (second->stream->Read(&response)) {
      EXPECT_TRUE(response.has_welcome());
      break;
    }
    EXPECT_EQ(second->stream->Finish().error_code(),
              grpc::StatusCode::ALREADY_EXISTS);
  }
}

TEST_F(UplinkServiceTest, EndsConnectionsWhenTheCollectorStops) {
  const auto connection = Greet();
  connection->Read();
  pipeline_.Stop();
  EXPECT_EQ(connection->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  const auto late = Greet();
  EXPECT_EQ(late->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

// Takes everything and consumes nothing.
class Hoard final : public UplinkSink {
 public:
  bool Push(UplinkEvent event) override {
    MutexLock lock(mutex_);
    events_.push_back(std::move(event));
    return true;
  }
  void OnRefused(const std::string& sensor, const std::string&,
                 const SensorRefusal& refusal) override {
    MutexLock lock(mutex_);
    refused_.push_back(sensor + ": " + refusal.reason);
  }
  bool Congested() const override { return false; }
  size_t bytes() {
    MutexLock lock(mutex_);
    size_t bytes = 0;
    for (const UplinkEvent& event : events_) bytes += event.bytes;
    return bytes;
  }
  void EndAll() {
    MutexLock lock(mutex_);
    for (const UplinkEvent& event : events_) {
      event.peer->End(absl::UnavailableError("enough"));
    }
  }
  std::vector<std::string> refused() {
    MutexLock lock(mutex_);
    return refused_;
  }
  // Who said the first thing; null if nobody did.
  std::shared_ptr<UplinkPeer> first() {
    MutexLock lock(mutex_);
    return events_.empty() ? nullptr : events_.front().peer;
  }
  bool closed() {
    MutexLock lock(mutex_);
    return !events_.empty() &&
           std::holds_alternative<UplinkClosed>(events_.back().what);
  }

 private:
  Mutex mutex_;
  std::vector<UplinkEvent> events_;
  std::vector<std::string> refused_;
};

class UplinkServiceBackpressure : public testing::Test {
 protected:
  UplinkServiceBackpressure() {
    config_.set_window_mib(1);
    service_ =
        std::make_unique<UplinkService>(config_, true, gate_, hoard_, clock_);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    stub_ = v1::UplinkService::NewStub(
        grpc::CreateChannel("127.0.0.1:" + std::to_string(port),
                            grpc::InsecureChannelCredentials()));
  }

  Hoard hoard_;
  const SystemClock clock_;
  v1::IngestConfig config_;
  const fakes::OpenGate gate_;
  std::unique_ptr<UplinkService> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::UplinkService::Stub> stub_;
};

TEST_F(UplinkServiceBackpressure, StopsReadingWhenTheDiskIsBehind) {
  grpc::ClientContext context;
  const auto stream = stub_->Connect(&context);
  v1::ConnectRequest request;
  request.mutable_hello()->set_sensor_id("s1");
  ASSERT_TRUE(stream->Write(request));
  v1::ConnectRequest batch;
  batch.mutable_batch()->add_frames()->mutable_sip()->set_message(
      std::string(size_t{1} << 18, 'x'));
  // A second thread, for a write that nobody reads waits.
  Thread writer("writer", [&] {
    for (int i = 0; i < 100 && stream->Write(batch); ++i) {
    }
  });
  while (hoard_.bytes() < (size_t{1} << 20)) std::this_thread::yield();
  // While others come and are sent away it has the time to read on.
  for (int i = 0; i < 50; ++i) {
    grpc::ClientContext other_context;
    const auto other = stub_->Connect(&other_context);
    other->Write(v1::ConnectRequest());
    EXPECT_EQ(other->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  }
  // One more read may have been under way.
  EXPECT_LE(hoard_.bytes(), (size_t{1} << 20) + (size_t{1} << 19));
  hoard_.EndAll();
  writer.Join();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  server_->Shutdown();
}

TEST_F(UplinkServiceBackpressure, EndsWhoDoesNotReadItsOrders) {
  grpc::ClientContext context;
  const auto stream = stub_->Connect(&context);
  v1::ConnectRequest request;
  request.mutable_hello()->set_sensor_id("s1");
  ASSERT_TRUE(stream->Write(request));
  while (hoard_.first() == nullptr) std::this_thread::yield();
  v1::ConnectResponse response;
  for (uint32_t i = 0; i < 10'000; ++i) {
    v1::MediaOrder& order = *response.mutable_media_orders()->add_orders();
    order.set_kind(v1::MediaOrder::KIND_KEEP);
    order.set_ssrc(i + 1'000'000'000);
    order.set_near_ns(1'700'000'000'000'000'000);
  }
  // Some are on their way before it would have to read.
  for (int i = 0; i < 1000 && hoard_.refused().empty(); ++i) {
    hoard_.first()->Send(response);
  }
  EXPECT_EQ(hoard_.refused(), std::vector<std::string>{"s1: orders"});
  while (!hoard_.closed()) std::this_thread::yield();
  hoard_.first()->Send(response);
  while (stream->Read(&response)) {
  }
  EXPECT_FALSE(stream->Finish().ok());
  server_->Shutdown();
}

}  // namespace
}  // namespace callbraid::collector
