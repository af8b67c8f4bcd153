#include "collector/alerts/alert_watch.h"

#include <memory>
#include <vector>

#include "collector/access/access_control.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMinuteNs = 60'000'000'000;

class OneSensor final : public SensorDirectory {
 public:
  std::vector<v1::Sensor> ListSensors(const Scope&) const override {
    v1::Sensor sensor;
    sensor.set_id("s1");
    sensor.set_site("berlin");
    sensor.set_connected(connected);
    sensor.add_capture_points()->mutable_capture_point()->set_name("eth0");
    return {sensor};
  }
  bool connected = true;
};

class AlertWatchTest : public testing::Test {
 protected:
  AlertWatchTest() { EXPECT_TRUE(store_.events().StartLog(clock_).ok()); }

  // Whose sinks ask for alerts.
  static v1::CollectorConfig Told() {
    v1::CollectorConfig config;
    config.mutable_events()->add_syslog()->set_alerts(true);
    return config;
  }
  std::unique_ptr<AlertWatch> Make(const v1::CollectorConfig& config = Told()) {
    return std::make_unique<AlertWatch>(
        config, FactSources{store_, sensors_, reports_, clocks_}, book_,
        store_.events(), clock_);
  }
  void LookFor(AlertWatch& watch, int minutes) {
    for (int i = 0; i < minutes; ++i) {
      clock_.Advance(kMinuteNs);
      ASSERT_TRUE(watch.Look().ok());
    }
  }
  std::vector<v1::CallEventKind> Logged() {
    std::vector<v1::CallEventKind> kinds;
    const auto events = store_.events().ReadEvents(0, 100);
    EXPECT_TRUE(events.ok());
    for (const LoggedEvent& logged : *events) {
      EXPECT_EQ(logged.event.alert().sensor(), "s1");
      kinds.push_back(logged.event.kind());
    }
    return kinds;
  }

  fakes::FakeClock clock_;
  MemoryStore store_;
  OneSensor sensors_;
  ReportHistory reports_;
  ClockBoard clocks_;
  v1::AccessConfig access_config_;
  AccessControl access_{access_config_, /*insecure=*/true, "", store_.access(),
                        clock_};
  SensorBook book_{{}, store_.access(), access_.audit(), clock_};
};

TEST_F(AlertWatchTest, TellsWhenASensorGoesAndWhenItIsBack) {
  const auto watch = Make();
  LookFor(*watch, 10);
  EXPECT_THAT(Logged(), testing::IsEmpty());
  sensors_.connected = false;
  LookFor(*watch, 10);
  EXPECT_THAT(Logged(), testing::ElementsAre(v1::CALL_EVENT_KIND_ALERT_BEGAN));
  sensors_.connected = true;
  LookFor(*watch, 10);
  EXPECT_THAT(Logged(), testing::ElementsAre(v1::CALL_EVENT_KIND_ALERT_BEGAN,
                                             v1::CALL_EVENT_KIND_ALERT_ENDED));
}

TEST_F(AlertWatchTest, SaysWhatIsOpen) {
  const auto watch = Make();
  sensors_.connected = false;
  LookFor(*watch, 3);
  EXPECT_THAT(watch->Open(), testing::IsEmpty()) << "it may be over soon";
  LookFor(*watch, 7);
  const auto open = watch->Open();
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0].kind(), v1::ALERT_KIND_SENSOR_AWAY);
  EXPECT_EQ(open[0].sensor(), "s1");
  // Also after a restart, at once.
  const auto again = Make();
  ASSERT_TRUE(again->Start().ok());
  EXPECT_EQ(again->Open().size(), 1u);
  again->Stop();
  sensors_.connected = true;
  LookFor(*watch, 3);
  EXPECT_THAT(watch->Open(), testing::IsEmpty());
}

// The log is for sinks; one that asks later is told of all that is wrong then.
TEST_F(AlertWatchTest, SaysItWhereNoSinkAsksAndLogsNothing) {
  const auto watch = Make(v1::CollectorConfig());
  sensors_.connected = false;
  LookFor(*watch, 10);
  EXPECT_EQ(watch->Open().size(), 1u);
  EXPECT_THAT(Logged(), testing::IsEmpty());
  const auto told = Make();
  ASSERT_TRUE(told->Start().ok());
  told->Stop();
  EXPECT_THAT(told->Open(), testing::IsEmpty());
}

// A look may take long where there are many calls.
TEST_F(AlertWatchTest, BreaksOffALookWhenItIsTimeToStop) {
  v1::CollectorConfig config;
  config.mutable_events()->set_min_whole_percent(95);
  const auto watch = Make(config);
  EXPECT_TRUE(watch->Look().ok());
  watch->Stop();
  EXPECT_TRUE(absl::IsCancelled(watch->Look()));
}

TEST(WantsAlerts, IfASinkAsks) {
  v1::EventsConfig config;
  config.add_syslog();
  EXPECT_FALSE(WantsAlerts(config));
  config.add_webhooks()->set_alerts(true);
  EXPECT_TRUE(WantsAlerts(config));
}

}  // namespace
}  // namespace callbraid::collector
