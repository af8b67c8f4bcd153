#include "collector/ingest/ingest_pipeline.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/delete_call.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/open_gate.h"
#include "tests/fakes/read_only_store.h"

namespace callbraid::collector {
namespace {

using fakes::kSecond;

// A connection that notes what it is told.
class FakePeer final : public UplinkPeer {
 public:
  void Send(v1::ConnectResponse response) override {
    sent.push_back(std::move(response));
  }
  void End(absl::Status status) override {
    if (!end) end = std::move(status);
  }
  void Consumed(size_t bytes) override {
    ++consumed_events;
    consumed_bytes += bytes;
  }
  const std::string& address() const override { return address_; }
  int64_t last_heard_ns() const override { return heard_ns; }

  // The newest watermark of spool 5; 0 if none was acknowledged.
  uint64_t Acknowledged() const {
    uint64_t stored = 0;
    for (const v1::ConnectResponse& response : sent) {
      for (const v1::Watermark& watermark : response.ack().watermarks()) {
        if (watermark.spool_id() == 5) stored = watermark.stored();
      }
    }
    return stored;
  }

  // 0 if none was given after the welcome.
  uint64_t Credit() const {
    uint64_t bytes = 0;
    for (const v1::ConnectResponse& response : sent) {
      if (response.has_credit()) bytes = response.credit().bytes();
    }
    return bytes;
  }

  std::vector<v1::ConnectResponse> sent;
  std::optional<absl::Status> end;
  int consumed_events = 0;
  size_t consumed_bytes = 0;
  int64_t heard_ns = 0;

 private:
  const std::string address_ = "10.0.0.1:99";
};

class ListenerRecorder final : public CommitListener {
 public:
  void OnCommitted(const std::string& sensor,
                   const std::vector<ObservationId>& changed) override {
    EXPECT_FALSE(sensor.empty());
    batches.push_back(changed);
  }
  size_t Backlog(const std::string& sensor) const override {
    const auto found = backlog.find(sensor);
    return found == backlog.end() ? 0 : found->second;
  }
  std::vector<std::vector<ObservationId>> batches;
  std::map<std::string, size_t> backlog;
};

v1::IngestConfig FastConfig() {
  v1::IngestConfig config;
  config.set_commit_ms(1);
  config.set_window_mib(1);
  config.set_max_sensors(2);
  return config;
}

class IngestPipelineTest : public testing::Test {
 protected:
  std::shared_ptr<FakePeer> Connect(const std::string& sensor = "s1",
                                    uint64_t instance = 1) {
    auto peer = std::make_shared<FakePeer>();
    peer->heard_ns = clock_.MonotonicNs();
    v1::Hello hello;
    hello.set_sensor_id(sensor);
    hello.set_site("here");
    hello.set_instance_id(instance);
    hello.add_capture_points()->set_name("eth0");
    hello.add_spools()->set_spool_id(5);
    EXPECT_TRUE(pipeline_.Push({peer, hello, 0}));
    Run();
    return peer;
  }
  void Send(const std::shared_ptr<FakePeer>& peer, uint64_t first,
            const std::vector<v1::CallFrame>& frames, uint64_t discarded = 0) {
    v1::FrameBatch batch;
    batch.set_spool_id(5);
    batch.set_first_sequence(first);
    batch.set_discarded_before(discarded);
    for (const auto& frame : frames) *batch.add_frames() = frame;
    const size_t bytes = batch.ByteSizeLong();
    EXPECT_TRUE(pipeline_.Push({peer, std::move(batch), bytes}));
  }
  // Worth a credit, and waits until it is acknowledged.
  void SendMuch(const std::shared_ptr<FakePeer>& peer) {
    uint32_t chunk = 0;
    size_t bytes = 0;
    while (bytes < (size_t{1} << 18)) {
      const v1::CallFrame frame = stream_.Run(25 * chunk, 25 * chunk + 25);
      Send(peer, ++chunk, {frame});
      bytes += frame.ByteSizeLong();
    }
    while (peer->Acknowledged() < chunk) Run();
  }
  void Run() { pipeline_.RunOnce(0); }
  v1::Sensor Sensor() {
    return pipeline_.sensors().ListSensors(Scope::All()).at(0);
  }

  fakes::FakeClock clock_;
  MemoryStore store_;
  ListenerRecorder listener_;
  fakes::OpenGate gate_;
  IngestPipeline pipeline_{FastConfig(), "1.2.3",   store_,
                           gate_,        listener_, clock_};
  const fakes::Stream stream_{};
};

TEST_F(IngestPipelineTest, WelcomesASensor) {
  const auto peer = Connect();
  ASSERT_EQ(peer->sent.size(), 1u);
  const v1::Welcome& welcome = peer->sent[0].welcome();
  EXPECT_EQ(welcome.version(), "1.2.3");
  ASSERT_EQ(welcome.watermarks_size(), 1);
  EXPECT_EQ(welcome.watermarks(0).spool_id(), 5u);
  EXPECT_EQ(welcome.watermarks(0).stored(), 0u);
  EXPECT_EQ(welcome.credit().bytes(), 1u << 20);
  EXPECT_TRUE(Sensor().connected());
}

TEST_F(IngestPipelineTest, CommitsThenAcknowledgesThenTellsTheListener) {
  const auto peer = Connect();
  Send(peer, 1, {stream_.Run(0, 25), stream_.Run(25, 50)});
  Send(peer, 3, {stream_.Run(50, 75)});
  const size_t commits = store_.commits();
  Run();
  EXPECT_EQ(store_.commits(), commits + 1);
  EXPECT_EQ(peer->Acknowledged(), 3u);
  EXPECT_EQ(*store_.coordination().GetWatermark("s1", 5), 3u);
  ASSERT_EQ(listener_.batches.size(), 1u);
  ASSERT_EQ(listener_.batches[0].size(), 1u);
  const auto stored = store_.facts().GetObservation(listener_.batches[0][0]);
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->tally.statistics().packets(), 75u);
  EXPECT_EQ(Sensor().frames_stored(), 3u);
  EXPECT_EQ(peer->consumed_events, 3);
}

TEST_F(IngestPipelineTest, GoesOnWhenTheDiskHasSpaceAgain) {
  const auto peer = Connect();
  Send(peer, 1, {stream_.Run(0, 25)});
  store_.FailCommitsWith(absl::UnavailableError("no space"), 2);
  Run();
  EXPECT_EQ(*store_.coordination().GetWatermark("s1", 5), 1u);
  EXPECT_EQ(peer->Acknowledged(), 1u);
  EXPECT_EQ(Sensor().frames_stored(), 1u);
  EXPECT_EQ(listener_.batches.size(), 1u);
}

TEST_F(IngestPipelineTest, AcknowledgesNothingThatIsNotDurable) {
  const auto peer = Connect();
  Send(peer, 1, {stream_.Run(0, 25)});
  store_.FailCommitsWith(absl::UnavailableError("no space"));
  pipeline_.Start();
  pipeline_.Stop();
  EXPECT_EQ(peer->Acknowledged(), 0u);
  EXPECT_EQ(peer->consumed_events, 1) << "the hello";
  EXPECT_TRUE(listener_.batches.empty());
  EXPECT_TRUE(absl::IsUnavailable(*peer->end));
}

TEST_F(IngestPipelineTest, StopsAfterCommittingWhatWasPushed) {
  const auto peer = Connect();
  pipeline_.Start();
  for (uint32_t i = 0; i < 100; ++i) {
    Send(peer, i + 1, {stream_.Run(25 * i, 25 * i + 25)});
  }
  pipeline_.Stop();
  EXPECT_EQ(*store_.coordination().GetWatermark("s1", 5), 100u);
  EXPECT_EQ(peer->Acknowledged(), 100u);
  EXPECT_TRUE(absl::IsUnavailable(*peer->end));
  EXPECT_FALSE(pipeline_.Push({peer, UplinkClosed{}, 0}));
}

TEST_F(IngestPipelineTest, TakesWhatIsSentTwiceOnce) {
  const auto peer = Connect();
  Send(peer, 1, {stream_.Run(0, 25), stream_.Run(25, 50)});
  Send(peer, 1, {stream_.Run(0, 25), stream_.Run(25, 50), stream_.Run(50, 75)});
  Run();
  EXPECT_EQ(Sensor().frames_stored(), 3u);
  EXPECT_EQ(Sensor().frames_repeated(), 2u);
  EXPECT_EQ(peer->Acknowledged(), 3u);
}

TEST_F(IngestPipelineTest, GoesOnWhereTheLastConnectionWas) {
  const auto first = Connect();
  Send(first, 1, {stream_.Run(0, 25)});
  pipeline_.Push({first, UplinkClosed{}, 0});
  Run();
  ASSERT_TRUE(first->end);
  EXPECT_TRUE(first->end->ok());
  EXPECT_EQ(first->Acknowledged(), 1u) << "before the end";
  EXPECT_FALSE(Sensor().connected());
  const auto second = Connect("s1", 2);
  EXPECT_EQ(second->sent[0].welcome().watermarks(0).stored(), 1u);
}

TEST_F(IngestPipelineTest, EndsAConnectionThatLeavesAGap) {
  const auto peer = Connect();
  Send(peer, 3, {stream_.Run(0, 25)});
  Run();
  ASSERT_TRUE(peer->end);
  EXPECT_TRUE(absl::IsInvalidArgument(*peer->end)) << *peer->end;
  EXPECT_EQ(Sensor().frames_malformed(), 1u);
  EXPECT_FALSE(Sensor().connected());
  // What it sent in the meantime changes nothing.
  Send(peer, 1, {stream_.Run(0, 25)});
  Run();
  EXPECT_EQ(Sensor().frames_stored(), 0u);
}

TEST_F(IngestPipelineTest, TakesAGapThatIsAnnounced) {
  const auto peer = Connect();
  Send(peer, 3, {stream_.Run(0, 25)}, 2);
  Run();
  EXPECT_FALSE(peer->end);
  EXPECT_EQ(peer->Acknowledged(), 3u);
}

TEST_F(IngestPipelineTest, CountsFramesThatBreakTheRulesAndGoesOn) {
  const auto peer = Connect();
  v1::CallFrame nowhere = stream_.Run(0, 25);
  nowhere.set_capture_point(1);
  Send(peer, 1, {{}, nowhere, stream_.Run(0, 25)});
  Run();
  EXPECT_FALSE(peer->end);
  EXPECT_EQ(peer->Acknowledged(), 3u);
  EXPECT_EQ(Sensor().frames_malformed(), 2u);
  EXPECT_EQ(Sensor().frames_stored(), 1u);
}

TEST_F(IngestPipelineTest, RefusesASecondSensorUnderTheSameId) {
  const auto first = Connect("s1", 1);
  clock_.Advance(10 * kSecond);
  const auto second = Connect("s1", 2);
  ASSERT_TRUE(second->end);
  EXPECT_TRUE(absl::IsAlreadyExists(*second->end)) << *second->end;
  EXPECT_FALSE(first->end);
}

TEST_F(IngestPipelineTest, TheSameSensorTakesItsOldPlace) {
  const auto first = Connect("s1", 1);
  Send(first, 1, {stream_.Run(0, 25)});
  const auto second = Connect("s1", 1);
  ASSERT_TRUE(first->end);
  EXPECT_TRUE(absl::IsAborted(*first->end));
  EXPECT_FALSE(second->end);
  EXPECT_EQ(second->sent[0].welcome().watermarks(0).stored(), 1u);
  EXPECT_TRUE(Sensor().connected());
}

TEST_F(IngestPipelineTest, ASensorThatWentSilentIsReplaced) {
  const auto first = Connect("s1", 1);
  clock_.Advance(10 * kSecond + 1);
  const auto second = Connect("s1", 2);
  EXPECT_TRUE(first->end);
  EXPECT_FALSE(second->end);
}

TEST_F(IngestPipelineTest, RefusesMoreSensorsThanConfigured) {
  Connect("s1");
  Connect("s2");
  const auto third = Connect("s3");
  ASSERT_TRUE(third->end);
  EXPECT_TRUE(absl::IsResourceExhausted(*third->end)) << *third->end;
}

TEST_F(IngestPipelineTest, RefusesAHelloThatBreaksTheRules) {
  const auto peer = Connect("not a name");
  ASSERT_TRUE(peer->end);
  EXPECT_TRUE(absl::IsInvalidArgument(*peer->end));
  const auto twice = Connect("s1");
  v1::Hello hello;
  hello.set_sensor_id("s1");
  hello.set_site("here");
  pipeline_.Push({twice, hello, 0});
  Run();
  EXPECT_TRUE(twice->end);
}

TEST_F(IngestPipelineTest, KeepsWhatSensorsSayOfThemselves) {
  const auto peer = Connect();
  Send(peer, 1, {fakes::CaptureFrame(5 * kSecond, false)});
  v1::Heartbeat heartbeat;
  heartbeat.add_spools()->set_bytes(77);
  pipeline_.Push({peer, heartbeat, 0});
  Run();
  EXPECT_EQ(Sensor().capture_points(0).report().packets(), 7u);
  EXPECT_EQ(Sensor().spools(0).bytes(), 77u);
}

TEST_F(IngestPipelineTest, GivesCreditForWhatIsCommitted) {
  const auto peer = Connect();
  SendMuch(peer);
  EXPECT_GT(peer->Credit(), (1u << 20) + (1u << 18));
}

TEST_F(IngestPipelineTest, LetsASensorWaitWhoseObservationsAreInArrears) {
  listener_.backlog["s1"] = 1'000'000;
  const auto in_arrears = Connect("s1");
  const auto other = Connect("s2", 2);
  SendMuch(in_arrears);
  SendMuch(other);
  EXPECT_EQ(in_arrears->Credit(), 0u);
  EXPECT_GT(other->Credit(), 0u);
  // Nothing more comes from it, and yet it hears when it may go on.
  listener_.backlog.clear();
  Run();
  EXPECT_GT(in_arrears->Credit(), (1u << 20) + (1u << 18));
}

TEST_F(IngestPipelineTest, WhoIsShutOutIsSentAwayBeforeItsNextBatchIsTaken) {
  const auto peer = Connect();
  Send(peer, 1, {stream_.Run(0, 25)});
  Run();
  gate_.Shut("s1", {"revoked", absl::PermissionDeniedError("not any more")});
  Send(peer, 2, {stream_.Run(25, 50)});
  Run();
  ASSERT_TRUE(peer->end.has_value());
  EXPECT_TRUE(absl::IsPermissionDenied(*peer->end));
  EXPECT_EQ(*store_.coordination().GetWatermark("s1", 5), 1u);
  EXPECT_EQ(Sensor().frames_stored(), 1u);
  EXPECT_FALSE(Sensor().connected());
  EXPECT_EQ(Sensor().refused().at("revoked"), 1u);
}

TEST_F(IngestPipelineTest, WhoIsShutOutIsSentAwayAlsoWhenItIsSilent) {
  const auto peer = Connect();
  gate_.Shut("s1", {"revoked", absl::PermissionDeniedError("not any more")});
  Run();
  ASSERT_TRUE(peer->end.has_value());
  EXPECT_TRUE(absl::IsPermissionDenied(*peer->end));
}

TEST_F(IngestPipelineTest, WhoIsShutOutIsNotWelcome) {
  gate_.Shut("s1", {"site", absl::PermissionDeniedError("elsewhere")});
  const auto peer = Connect();
  EXPECT_TRUE(peer->sent.empty());
  ASSERT_TRUE(peer->end.has_value());
  EXPECT_TRUE(absl::IsPermissionDenied(*peer->end));
  EXPECT_EQ(pipeline_.sensors().RefusedStrangers().at("site"), 1u);
}

TEST_F(IngestPipelineTest, WhoSendsTooMuchWaitsAndLosesNothing) {
  v1::IngestConfig config = FastConfig();
  config.set_max_frames_per_second(100);
  IngestPipeline slow(config, "1.2.3", store_, gate_, listener_, clock_);
  const auto peer = std::make_shared<FakePeer>();
  v1::Hello hello;
  hello.set_sensor_id("s1");
  hello.set_site("here");
  hello.add_capture_points()->set_name("eth0");
  hello.add_spools()->set_spool_id(5);
  slow.Push({peer, hello, 0});
  // 400 frames are saved up; the batches have 300 each.
  uint64_t next = 1;
  for (int i = 0; i < 3; ++i) {
    v1::FrameBatch batch;
    batch.set_spool_id(5);
    batch.set_first_sequence(next);
    for (int j = 0; j < 300; ++j) batch.add_frames();
    next += 300;
    slow.Push({peer, std::move(batch), 10});
  }
  for (int i = 0; i < 8; ++i) slow.RunOnce(0);
  // Two were taken, the third is held, and with it the room that it takes.
  EXPECT_EQ(peer->Acknowledged(), 600u);
  EXPECT_EQ(peer->consumed_events, 3);
  EXPECT_EQ(slow.sensors().ListSensors(Scope::All()).at(0).held_back(), 1u);
  clock_.Advance(3 * kSecond);
  for (int i = 0; i < 3; ++i) slow.RunOnce(0);
  EXPECT_EQ(peer->Acknowledged(), 900u);
  EXPECT_EQ(peer->consumed_events, 4);
}

TEST_F(IngestPipelineTest, ALiveFrameOfAnotherCenturyIsCountedAndNotStored) {
  const auto peer = std::make_shared<FakePeer>();
  v1::Hello hello;
  hello.set_sensor_id("s1");
  hello.set_site("here");
  v1::CapturePoint& point = *hello.add_capture_points();
  point.set_name("eth0");
  point.set_kind(v1::CAPTURE_KIND_INTERFACE);
  hello.add_spools()->set_spool_id(5);
  pipeline_.Push({peer, hello, 0});
  v1::CallFrame frame = stream_.Run(0, 25);
  frame.mutable_media()->set_stream_start_ns(clock_.WallNs() +
                                             25 * 3600 * kSecond);
  Send(peer, 1, {frame});
  Run();
  Run();
  EXPECT_EQ(peer->Acknowledged(), 1u);
  EXPECT_EQ(Sensor().frames_absurd(), 1u);
  EXPECT_EQ(Sensor().frames_stored(), 0u);
}

TEST_F(IngestPipelineTest, CountsWhyConnectionsEnd) {
  const auto peer = Connect();
  Send(peer, 3, {stream_.Run(0, 25)});
  Run();
  EXPECT_EQ(Sensor().refused().at("sequence"), 1u);
  const SensorRefusal refusal{"certificate", absl::PermissionDeniedError("no")};
  pipeline_.OnRefused("s1", "10.0.0.1:4000", refusal);
  pipeline_.OnRefused("nobody", "10.0.0.1:4000", refusal);
  EXPECT_EQ(Sensor().refused().at("certificate"), 1u);
  EXPECT_EQ(pipeline_.sensors().RefusedStrangers().at("certificate"), 1u);
}

TEST_F(IngestPipelineTest, IsCongestedWhileTheQueueIsFull) {
  const auto peer = Connect();
  EXPECT_FALSE(pipeline_.Congested());
  // As large as connections say that they are.
  const size_t large = size_t{8} << 20;
  for (int i = 0; i < 33; ++i) {
    ASSERT_TRUE(pipeline_.Push({peer, v1::Heartbeat(), large}));
  }
  EXPECT_TRUE(pipeline_.Congested());
  Run();
  EXPECT_FALSE(pipeline_.Congested());
}

// Notes from when on each group is to be judged.
class DeletionsNoted final : public ReadOnlyStore {
 public:
  using ReadOnlyStore::ReadOnlyStore;
  absl::Status Commit(const CommitGroup& group) override {
    noted.push_back(group.deletions);
    return store_.Commit(group);
  }

  std::vector<uint64_t> noted;

 private:
  absl::Status ReadFrames(
      const ObservationId&, const std::vector<uint32_t>&,
      const std::function<bool(const FrameRecord&)>&) override {
    return absl::OkStatus();
  }
};

TEST_F(IngestPipelineTest, EachGroupOfARoundKnowsTheSameDeletions) {
  const auto id = *ObservationId::FromHex(std::string(32, '7'));
  CallChange change;
  store::v1::CallRecord& record = change.records.emplace_back();
  record.mutable_call()->set_id(id.ToHex());
  record.add_members(std::string(id.bytes()));
  record.set_settled(true);
  ASSERT_TRUE(store_.facts().ApplyCalls(change).ok());
  ASSERT_TRUE(fakes::DeleteCall(store_, id.ToHex(), Scope::All(), 0).ok());
  ASSERT_EQ(store_.facts().deletions().number(), 1u);

  DeletionsNoted store(store_);
  IngestPipeline pipeline(FastConfig(), "1.2.3", store, gate_, listener_,
                          clock_);
  for (const std::string sensor : {"s1", "s2"}) {
    v1::Hello hello;
    hello.set_sensor_id(sensor);
    hello.set_site("here");
    hello.add_capture_points()->set_name("eth0");
    hello.add_spools()->set_spool_id(5);
    const auto peer = std::make_shared<FakePeer>();
    pipeline.Push({peer, hello, 0});
    v1::FrameBatch batch;
    batch.set_spool_id(5);
    batch.set_first_sequence(1);
    *batch.add_frames() = stream_.Run(0, 25);
    pipeline.Push({peer, std::move(batch), 10});
  }
  pipeline.RunOnce(0);
  EXPECT_GE(store.noted.size(), 2u);
  EXPECT_THAT(store.noted, testing::Each(1u));
}

}  // namespace
}  // namespace callbraid::collector
