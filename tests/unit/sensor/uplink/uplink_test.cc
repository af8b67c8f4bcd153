#include "sensor/uplink/uplink.h"

#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/sensor/uplink/fake_collector.h"

namespace callbraid::sensor {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kLong = absl::Seconds(60);

// The field `frames` of a batch with one SIP frame.
std::string Sip(const std::string& message) {
  v1::FrameBatch batch;
  batch.add_frames()->mutable_sip()->set_message(message);
  return batch.SerializeAsString();
}

class UplinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "uplinkXXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
    OpenSpools();
  }
  void TearDown() override {
    CloseSpools();
    fs::remove_all(dir_);
  }

  void OpenSpools() {
    signalling_ = OpenSpool("signalling", v1::SPOOL_LANE_SIGNALLING);
    media_ = OpenSpool("media", v1::SPOOL_LANE_MEDIA);
  }
  void CloseSpools() {
    signalling_ = nullptr;
    media_ = nullptr;
  }
  std::unique_ptr<Spool> OpenSpool(const std::string& name,
                                   v1::SpoolLane lane) {
    SpoolOptions options;
    options.dir = dir_ + "/" + name;
    options.lane = lane;
    options.limit_bytes = limit_bytes_;
    options.cache_bytes = 4096;
    options.appended = &wakeup_;
    auto spool = Spool::Open(options);
    EXPECT_TRUE(spool.ok()) << spool.status();
    return *std::move(spool);
  }

  static void Append(Spool& spool, const std::string& message) {
    EXPECT_TRUE(
        spool.Append(std::make_shared<const std::string>(Sip(message)), 1)
            .ok());
  }

  UplinkOptions Options(const std::string& target) const {
    UplinkOptions options;
    options.target = target;
    options.dial = [target] {
      return grpc::CreateChannel(target, grpc::InsecureChannelCredentials());
    };
    options.hello.set_sensor_id("sensor");
    options.hello.set_instance_id(7);
    options.first_backoff = absl::Milliseconds(1);
    options.longest_backoff = absl::Milliseconds(5);
    options.refused_backoff = absl::Milliseconds(5);
    options.heartbeat_interval = absl::Milliseconds(20);
    return options;
  }

  std::unique_ptr<Uplink> Start(UplinkOptions options) {
    if (!options.spools) {
      options.spools = [this]() -> std::vector<QueuedSpool> {
        return {{signalling_}, {media_}};
      };
    }
    return std::make_unique<Uplink>(std::move(options), wakeup_, clock_);
  }

  uint64_t limit_bytes_ = 1 << 20;
  const SystemClock clock_{};
  Wakeup wakeup_;
  std::string dir_;
  std::shared_ptr<Spool> signalling_;
  std::shared_ptr<Spool> media_;
};

TEST_F(UplinkTest, DeliversWhatWasThereAndWhatComes) {
  FakeCollector collector({});
  Append(*signalling_, "before");
  const auto uplink = Start(Options(collector.target()));
  ASSERT_TRUE(uplink->WaitUntilDelivered(kLong));
  Append(*signalling_, "later");
  Append(*media_, "media");
  ASSERT_TRUE(uplink->WaitUntilDelivered(kLong));
  uplink->Stop();

  auto received = collector.received();
  EXPECT_THAT(received.violations, IsEmpty());
  ASSERT_THAT(received.hellos, SizeIs(1));
  EXPECT_EQ(received.hellos[0].sensor_id(), "sensor");
  EXPECT_NE(received.hellos[0].clock_ns(), 0);
  ASSERT_THAT(received.hellos[0].spools(), SizeIs(2));
  EXPECT_THAT(received.stored[signalling_->State().spool_id()],
              ElementsAre("before", "later"));
  EXPECT_THAT(received.stored[media_->State().spool_id()],
              ElementsAre("media"));
}

TEST_F(UplinkTest, SendsAllSignallingBeforeAnyMedia) {
  for (int i = 0; i < 20; ++i) Append(*media_, std::string(1000, 'm'));
  for (int i = 0; i < 20; ++i) Append(*signalling_, "s");
  FakeCollector collector({});
  const auto uplink = Start(Options(collector.target()));
  ASSERT_TRUE(uplink->WaitUntilDelivered(kLong));
  const auto received = collector.received();
  EXPECT_THAT(received.violations, IsEmpty());
  ASSERT_THAT(received.batches, SizeIs(40));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(received.batches[static_cast<size_t>(i)].spool_id(),
              signalling_->State().spool_id());
  }
}

TEST_F(UplinkTest, SendsABacklogBesideWhatIsNew) {
  const std::shared_ptr<Spool> backlog =
      OpenSpool("media-1", v1::SPOOL_LANE_MEDIA);
  for (int i = 0; i < 20; ++i) Append(*backlog, std::string(1000, 'b'));
  for (int i = 0; i < 20; ++i) Append(*media_, "m");
  FakeCollector collector({});
  UplinkOptions options = Options(collector.target());
  options.spools = [&]() -> std::vector<QueuedSpool> {
    return {{signalling_}, {media_}, {backlog, /*backlog=*/true}};
  };
  const auto uplink = Start(std::move(options));
  ASSERT_TRUE(uplink->WaitUntilDelivered(kLong));
  const auto received = collector.received();
  EXPECT_THAT(received.violations, IsEmpty());
  ASSERT_THAT(received.batches, SizeIs(40));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(received.batches[static_cast<size_t>(i)].spool_id(),
              media_->State().spool_id());
  }
  uplink->Stop();
}

TEST_F(UplinkTest, SendsSpareMediaLastAndAllOfIt) {
  const std::shared_ptr<Spool> spare =
      OpenSpool("spare-media", v1::SPOOL_LANE_SPARE_MEDIA);
  const std::shared_ptr<Spool> backlog =
      OpenSpool("media-1", v1::SPOOL_LANE_MEDIA);
  for (int i = 0; i < 20; ++i) {
    Append(*spare, std::string(1000, 's'));
    Append(*backlog, "b");
    Append(*media_, "m");
  }
  FakeCollector collector({});
  UplinkOptions options = Options(collector.target());
  options.spools = [&]() -> std::vector<QueuedSpool> {
    return {{signalling_},
            {media_},
            {backlog, /*backlog=*/true},
            {spare, /*backlog=*/true}};
  };
  const auto uplink = Start(std::move(options));
  ASSERT_TRUE(uplink->WaitUntilDelivered(kLong));
  auto received = collector.received();
  EXPECT_THAT(received.violations, IsEmpty());
  ASSERT_THAT(received.batches, SizeIs(60));
  for (size_t i = 40; i < 60; ++i) {
    EXPECT_EQ(received.batches[i].spool_id(), spare->State().spool_id());
  }
  EXPECT_EQ(received.hellos[0].spools(3).lane(), v1::SPOOL_LANE_SPARE_MEDIA);
  uplink->Stop();
}

TEST_F(UplinkTest, SaysHelloAgainWhenTheBacklogWasSetApart) {
  for (int i = 0; i < 5; ++i) Append(*media_, "old");
  const std::shared_ptr<Spool> old = media_;
  std::shared_ptr<Spool> fresh;
  FakeCollector collector({});
  UplinkOptions options = Options(collector.target());
  Mutex mutex;
  options.spools = [&]() -> std::vector<QueuedSpool> {
    MutexLock lock(mutex);
    if (fresh == nullptr) return {{signalling_}, {old}};
    return {{signalling_}, {fresh}, {old, /*backlog=*/true}};
  };
  options.set_backlog_apart = [&] {
    MutexLock lock(mutex);
    if (fresh != nullptr) return false;
    fresh = OpenSpool("media-2", v1::SPOOL_LANE_MEDIA);
    Append(*fresh, "new");
    return true;
  };
  const auto uplink = Start(std::move(options));
  ASSERT_TRUE(collector.WaitUntil([](const FakeCollector::Received& received) {
    return received.batches.size() == 6;
  }));
  uplink->Stop();
  auto received = collector.received();
  EXPECT_THAT(received.violations, IsEmpty());
  ASSERT_THAT(received.hellos, SizeIs(2));
  EXPECT_THAT(received.hellos[1].spools(), SizeIs(3));
  EXPECT_THAT(received.stored[fresh->State().spool_id()], ElementsAre("new"));
  EXPECT_THAT(received.stored[old->State().spool_id()], SizeIs(5));
}

TEST_F(UplinkTest, GoesOnAfterTheWatermarkWhenTheStreamIsCut) {
  FakeCollector::Behaviour behaviour;
  behaviour.end_after_batches = {3, 1, 7, 20};
  FakeCollector collector(behaviour);
  std::vector<std::string> messages;
  for (int i = 0; i < 100; ++i) {
    messages.push_back("message " + std::to_string(i));
    Append(*signalling_, messages.back());
  }
  const auto uplink = Start(Options(collector.target()));
  ASSERT_TRUE(uplink->WaitUntilDelivered(kLong));
  auto received = collector.received();
  // Any frame sent twice, left out or out of order would be a violation.
  EXPECT_THAT(received.violations, IsEmpty());
  EXPECT_THAT(received.hellos, SizeIs(5));
  EXPECT_EQ(received.stored[signalling_->State().spool_id()], messages);
}

TEST_F(UplinkTest, GoesOnAfterTheWatermarkWhenTheSensorIsStartedAnew) {
  FakeCollector collector({});
  Append(*signalling_, "one");
  Append(*signalling_, "two");
  {
    const auto uplink = Start(Options(collector.target()));
    ASSERT_TRUE(uplink->WaitUntilDelivered(kLong));
  }
  CloseSpools();
  OpenSpools();
  Append(*signalling_, "three");
  const auto uplink = Start(Options(collector.target()));
  ASSERT_TRUE(uplink->WaitUntilDelivered(kLong));
  auto received = collector.received();
  EXPECT_THAT(received.violations, IsEmpty());
  EXPECT_THAT(received.stored[signalling_->State().spool_id()],
              ElementsAre("one", "two", "three"));
}

TEST_F(UplinkTest, AnnouncesWhatTheSpoolHadToDiscard) {
  for (int i = 0; i < 2000; ++i) Append(*signalling_, std::string(1000, 'x'));
  const uint64_t discarded = signalling_->State().discarded_frames();
  ASSERT_GT(discarded, 0u);
  FakeCollector collector({});
  const auto uplink = Start(Options(collector.target()));
  ASSERT_TRUE(uplink->WaitUntilDelivered(kLong));
  const auto received = collector.received();
  EXPECT_THAT(received.violations, IsEmpty());
  EXPECT_EQ(received.batches.front().discarded_before(), discarded);
  EXPECT_EQ(received.batches.back().discarded_before(), 0u);
}

TEST_F(UplinkTest, NeverSendsBeyondItsCredit) {
  FakeCollector::Behaviour behaviour;
  behaviour.credit = 1;
  behaviour.more_credit = 1;
  FakeCollector collector(behaviour);
  for (int i = 0; i < 50; ++i) Append(*signalling_, std::string(1000, 'x'));
  const auto uplink = Start(Options(collector.target()));
  ASSERT_TRUE(uplink->WaitUntilDelivered(kLong));
  EXPECT_THAT(collector.received().violations, IsEmpty());
}

TEST_F(UplinkTest, SendsAheadOfTheAcksAsFarAsCreditGoes) {
  FakeCollector::Behaviour behaviour;
  behaviour.acknowledge = false;
  behaviour.credit = 50'000;
  FakeCollector collector(behaviour);
  for (int i = 0; i < 100; ++i) Append(*signalling_, std::string(1000, 'x'));
  const auto uplink = Start(Options(collector.target()));
  // 1,020 bytes each: the 49th ends above 49,000, the 50th reaches the credit.
  ASSERT_TRUE(collector.WaitUntil([](const FakeCollector::Received& received) {
    return received.batches.size() == 50;
  }));
  // Heartbeats go on without credit, behind all that was sent.
  const size_t heartbeats = collector.received().heartbeats.size();
  ASSERT_TRUE(collector.WaitUntil([&](const FakeCollector::Received& received) {
    return received.heartbeats.size() > heartbeats + 2;
  }));
  EXPECT_THAT(collector.received().batches, SizeIs(50));
  EXPECT_FALSE(uplink->WaitUntilDelivered(absl::ZeroDuration()));
  uplink->Stop();
}

TEST_F(UplinkTest, HeartbeatsTellClockAndSpools) {
  FakeCollector collector({});
  const auto uplink = Start(Options(collector.target()));
  ASSERT_TRUE(collector.WaitUntil([](const FakeCollector::Received& received) {
    return received.heartbeats.size() >= 2;
  }));
  const auto heartbeat = collector.received().heartbeats.front();
  EXPECT_NE(heartbeat.clock_ns(), 0);
  ASSERT_THAT(heartbeat.spools(), SizeIs(2));
  EXPECT_EQ(heartbeat.spools(0).spool_id(), signalling_->State().spool_id());
}

TEST_F(UplinkTest, HeartbeatsBringTheEchoOfTheOneBefore) {
  FakeCollector collector({});
  const auto uplink = Start(Options(collector.target()));
  ASSERT_TRUE(collector.WaitUntil([](const FakeCollector::Received& received) {
    return received.heartbeats.size() >= 5;
  }));
  const auto heartbeats = collector.received().heartbeats;
  EXPECT_FALSE(heartbeats.front().has_echo());
  const v1::Heartbeat& last = heartbeats.back();
  ASSERT_TRUE(last.has_echo());
  EXPECT_EQ(last.echo().received_ns(), 5);
  EXPECT_EQ(last.echo().sent_ns(), 6);
  // Of one of those before, and it came in between.
  EXPECT_GE(last.echo().sensor_clock_ns(), heartbeats.front().clock_ns());
  EXPECT_GE(last.echo_clock_ns(), last.echo().sensor_clock_ns());
  EXPECT_LE(last.echo_clock_ns(), last.clock_ns());
}

TEST_F(UplinkTest, KeepsTryingUntilTheCollectorIsThere) {
  std::string target;
  {
    const FakeCollector gone({});
    target = gone.target();
  }
  Append(*signalling_, "one");
  UplinkOptions options = Options(target);
  int attempts = 0;
  std::unique_ptr<FakeCollector> collector;
  // Dialled on the uplink's thread: the third attempt finds one.
  options.dial = [&] {
    if (++attempts == 3)
      collector = std::make_unique<FakeCollector>(FakeCollector::Behaviour{});
    return grpc::CreateChannel(
        collector != nullptr ? collector->target() : target,
        grpc::InsecureChannelCredentials());
  };
  const auto uplink = Start(std::move(options));
  EXPECT_TRUE(uplink->WaitUntilDelivered(kLong));
  uplink->Stop();
  EXPECT_THAT(collector->received().batches, SizeIs(1));
}

TEST_F(UplinkTest, TriesAgainWhenItIsRefusedWhileLive) {
  FakeCollector::Behaviour behaviour;
  behaviour.refusals = 3;
  behaviour.refusal =
      grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "another name");
  FakeCollector collector(behaviour);
  Append(*signalling_, "one");
  const auto uplink = Start(Options(collector.target()));
  EXPECT_TRUE(uplink->WaitUntilDelivered(kLong));
  EXPECT_THAT(collector.received().hellos, SizeIs(4));
}

TEST_F(UplinkTest, GivesUpWhenItIsRefusedIfToldSo) {
  FakeCollector::Behaviour behaviour;
  behaviour.refusals = 1;
  behaviour.refusal =
      grpc::Status(grpc::StatusCode::PERMISSION_DENIED, "another name");
  FakeCollector collector(behaviour);
  Append(*signalling_, "one");
  UplinkOptions options = Options(collector.target());
  options.give_up_when_refused = true;
  const auto uplink = Start(std::move(options));
  EXPECT_FALSE(uplink->WaitUntilDelivered(kLong));
  const absl::Status refusal = uplink->refusal();
  EXPECT_EQ(refusal.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(std::string(refusal.message()),
              testing::HasSubstr("another name"));
}

TEST_F(UplinkTest, WaitsForAnotherSensorOfItsNameToGo) {
  FakeCollector::Behaviour behaviour;
  behaviour.refusals = 2;
  behaviour.refusal =
      grpc::Status(grpc::StatusCode::ALREADY_EXISTS, "is connected");
  FakeCollector collector(behaviour);
  Append(*signalling_, "one");
  UplinkOptions options = Options(collector.target());
  options.give_up_when_refused = true;
  const auto uplink = Start(std::move(options));
  EXPECT_TRUE(uplink->WaitUntilDelivered(kLong));
}

// After a power failure the spool may have lost frames that the collector has.
// New frames under their numbers would be taken for repeats.
TEST_F(UplinkTest, TakesANewSpoolIdWhenTheCollectorHasMoreThanTheSpool) {
  Append(*signalling_, "old");
  const uint64_t id = signalling_->State().spool_id();
  CloseSpools();
  OpenSpools();
  FakeCollector collector({});
  collector.SetWatermark(id, 3);
  Append(*signalling_, "new one");
  Append(*signalling_, "new two");
  Append(*signalling_, "new three");
  const auto uplink = Start(Options(collector.target()));
  ASSERT_TRUE(uplink->WaitUntilDelivered(kLong));
  auto received = collector.received();
  EXPECT_THAT(received.violations, IsEmpty());
  EXPECT_NE(signalling_->State().spool_id(), id);
  EXPECT_THAT(received.stored[id], IsEmpty());
  EXPECT_THAT(received.stored[signalling_->State().spool_id()],
              ElementsAre("new one", "new two", "new three"));
}

TEST_F(UplinkTest, TakesANewSpoolIdEvenIfItWasStartedOnceMoreInBetween) {
  Append(*signalling_, "old");
  const uint64_t id = signalling_->State().spool_id();
  ASSERT_TRUE(signalling_->Confirm().ok());
  for (int start = 0; start < 2; ++start) {
    CloseSpools();
    OpenSpools();
    Append(*signalling_, "new");
  }
  FakeCollector collector({});
  // What a power failure took from the spool: frame 2.
  collector.SetWatermark(id, 2);
  const auto uplink = Start(Options(collector.target()));
  ASSERT_TRUE(uplink->WaitUntilDelivered(kLong));
  auto received = collector.received();
  EXPECT_THAT(received.violations, IsEmpty());
  EXPECT_THAT(received.stored[signalling_->State().spool_id()],
              ElementsAre("new", "new"));
}

TEST_F(UplinkTest, StopsAtOnceThoughItWouldWaitForAnHour) {
  Append(*signalling_, "one");
  UplinkOptions options = Options("127.0.0.1:1");
  options.first_backoff = options.longest_backoff = absl::Hours(1);
  std::promise<void> tried;
  options.dial = [&tried, dial = options.dial] {
    tried.set_value();
    return dial();
  };
  const auto uplink = Start(std::move(options));
  tried.get_future().wait();
  uplink->Stop();
  EXPECT_EQ(signalling_->pending_frames(), 1u);
}

}  // namespace
}  // namespace callbraid::sensor
