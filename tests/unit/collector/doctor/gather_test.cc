#include "collector/doctor/gather.h"

#include "collector/store/observation_identity.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/memory_store.h"
#include "tests/unit/collector/query/stored_call.h"

namespace callbraid::collector {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kSecond = 1'000'000'000;

class FakeDirectory final : public SensorDirectory {
 public:
  std::vector<v1::Sensor> ListSensors(const Scope& scope) const override {
    std::vector<v1::Sensor> seen;
    for (const v1::Sensor& sensor : sensors) {
      if (scope.SeesSite(sensor.site())) seen.push_back(sensor);
    }
    return seen;
  }

  void Add(const std::string& id, const std::string& site) {
    v1::Sensor& sensor = sensors.emplace_back();
    sensor.set_id(id);
    sensor.set_site(site);
    sensor.set_connected(true);
    v1::SensorCapturePoint& point = *sensor.add_capture_points();
    point.mutable_capture_point()->set_name("span0");
    point.mutable_report()->set_time_ns(kStartNs + 60 * kSecond);
    point.mutable_report()->set_since_ns(kStartNs);
    point.mutable_report()->set_packets(7);
  }

  std::vector<v1::Sensor> sensors;
};

class GatherTest : public ::testing::Test {
 protected:
  absl::StatusOr<Facts> Gather(const v1::DiagnoseRequest& request = {},
                               const Scope& scope = Scope::All()) {
    return GatherFacts({store_, directory_, history_, clocks_}, request, scope,
                       kStartNs + 100 * kSecond);
  }

  MemoryStore store_;
  FakeDirectory directory_;
  ReportHistory history_;
  ClockBoard clocks_;
};

// A call seen by s1, with media one way, at site "hq".
void StoreCall(const std::string& name, int64_t start_ns, Store& store) {
  StoredCall call(name, start_ns);
  call.AddDialog("s1");
  call.AddRtp("s1");
  call.call().add_flags(v1::CALL_FLAG_ONE_WAY);
  call.SetSite("hq");
  call.StoreIn(store);
}

TEST_F(GatherTest, TakesTheNewestReportWhereThereIsNoHistory) {
  directory_.Add("s1", "hq");
  const auto facts = Gather();
  ASSERT_TRUE(facts.ok()) << facts.status();
  ASSERT_EQ(facts->points.size(), 1u);
  EXPECT_TRUE(facts->points[0].has_report);
  EXPECT_EQ(facts->points[0].window.packets(), 7u);
  EXPECT_EQ(facts->family, v1::SWITCH_FAMILY_CISCO_IOS);
}

TEST_F(GatherTest, TakesCallsOfTheTimeThatSensorsReportedAbout) {
  directory_.Add("s1", "hq");
  StoreCall("now", kStartNs + 10 * kSecond, store_);
  StoreCall("long ago", kStartNs - 7200 * kSecond, store_);
  const auto facts = Gather();
  ASSERT_TRUE(facts.ok());
  ASSERT_EQ(facts->calls.size(), 1u);
  const CallFacts& call = facts->calls[0];
  EXPECT_THAT(call.sites, ::testing::ElementsAre("hq"));
  EXPECT_EQ(call.dialogs.size(), 1u);
  v1::DiagnoseRequest request;
  request.mutable_from()->set_seconds(kStartNs / kSecond - 10'000);
  EXPECT_EQ(Gather(request)->calls.size(), 2u);
}

TEST_F(GatherTest, LooksAtASensorWithAllOfItsSiteAndNoOther) {
  directory_.Add("s1", "hq");
  directory_.Add("s2", "hq");
  directory_.Add("b1", "branch");
  StoreCall("at hq", kStartNs + kSecond, store_);
  v1::DiagnoseRequest request;
  request.set_sensor("s2");
  EXPECT_EQ(Gather(request)->points.size(), 2u);
  EXPECT_EQ(Gather(request)->calls.size(), 1u);
  request.set_sensor("b1");
  EXPECT_EQ(Gather(request)->points.size(), 1u);
  EXPECT_EQ(Gather(request)->calls.size(), 0u);
}

TEST_F(GatherTest, ReadsRtcpOfOneWayCalls) {
  directory_.Add("s1", "hq");
  StoredCall call("rtcp");
  const ObservationId stream = call.AddRtp("s1");
  call.AddFrame(stream, kStartNs + 2 * kSecond, v1::CallFrame());
  call.call().add_flags(v1::CALL_FLAG_ONE_WAY);
  call.SetSite("hq");
  // A receiver report of SSRC 1 about SSRC 9.
  std::string report("\x81\xc9\x00\x07\x00\x00\x00\x01\x00\x00\x00\x09", 12);
  report.resize(32);
  v1::CallFrame frame;
  frame.mutable_rtcp()->set_packet(report);
  const FlowKey flow{{*IpAddress::Parse("10.10.0.101"), 16382},
                     {*IpAddress::Parse("10.10.0.103"), 16930}};
  call.AddFrame(RtcpFramesId({"s1", "span0"}, flow, 1), kStartNs + kSecond,
                frame);
  call.StoreIn(store_);
  const auto facts = Gather();
  ASSERT_TRUE(facts.ok()) << facts.status();
  ASSERT_EQ(facts->calls.size(), 1u);
  ASSERT_EQ(facts->calls[0].receptions.size(), 1u);
  EXPECT_EQ(facts->calls[0].receptions[0].reporter.ToString(), "10.10.0.101");
  EXPECT_EQ(facts->calls[0].receptions[0].heard.count(9), 1u);
  EXPECT_EQ(facts->calls[0].receptions[0].reports, 1u);
  EXPECT_EQ(facts->calls[0].receptions[0].empty_reports, 0u);
}

TEST_F(GatherTest, TakesClocksByRoundTripsAndByWhatSensorsSaw) {
  directory_.Add("s1", "hq");
  directory_.Add("s2", "hq");
  directory_.sensors[0].mutable_round_trip()->set_offset_ns(5);
  v1::SensorClock clock;
  clock.set_reference("s2");
  clocks_.Set({{"s1", clock}});
  EXPECT_EQ(Gather()->sensors[0].clock->reference(), "s2");
  // Of a file: its times are its own.
  EXPECT_FALSE(Gather()->sensors[0].round_trip.has_value());
  directory_.sensors[0].add_clock_epochs();
  EXPECT_EQ(Gather()->sensors[0].round_trip->offset_ns(), 5);
}

TEST_F(GatherTest, KnowsNothingOutOfScope) {
  directory_.Add("s1", "hq");
  directory_.Add("s2", "branch");
  v1::SensorClock clock;
  clock.set_reference("s2");
  clocks_.Set({{"s1", clock}});
  v1::Scope hq;
  hq.add_sites("hq");
  const auto facts = Gather({}, *Scope::Parse(hq));
  ASSERT_TRUE(facts.ok()) << facts.status();
  ASSERT_EQ(facts->sensors.size(), 1u);
  EXPECT_EQ(facts->sensors[0].id, "s1");
  EXPECT_FALSE(facts->sensors[0].clock.has_value()) << "compared with s2";
  EXPECT_TRUE(Gather()->sensors[0].clock.has_value());
  v1::DiagnoseRequest request;
  request.set_sensor("s2");
  EXPECT_EQ(Gather(request, *Scope::Parse(hq)).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(GatherTest, SaysWhichFieldIsWrong) {
  directory_.Add("s1", "hq");
  v1::DiagnoseRequest request;
  request.mutable_from()->set_seconds(20);
  request.mutable_before()->set_seconds(10);
  EXPECT_EQ(Gather(request).status().code(),
            absl::StatusCode::kInvalidArgument);
  request.mutable_before()->set_seconds(-10);
  EXPECT_FALSE(Gather(request).ok());
  request.Clear();
  request.set_switch_family(static_cast<v1::SwitchFamily>(99));
  EXPECT_THAT(std::string(Gather(request).status().message()),
              HasSubstr("switch_family"));
  request.Clear();
  request.set_sensor("nosuch");
  EXPECT_EQ(Gather(request).status().code(), absl::StatusCode::kNotFound);
  request.Clear();
  request.set_site("nosuch");
  EXPECT_EQ(Gather(request).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(GatherTest, IsContentWithoutAnySensor) {
  const auto facts = Gather();
  ASSERT_TRUE(facts.ok());
  EXPECT_TRUE(facts->points.empty());
}

}  // namespace
}  // namespace callbraid::collector
