#include "collector/ingest/sensor_registry.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

v1::Hello HelloOf(const std::string& id) {
  v1::Hello hello;
  hello.set_sensor_id(id);
  hello.set_site("here");
  hello.add_capture_points()->set_name("eth0");
  return hello;
}

class SensorRegistryTest : public testing::Test {
 protected:
  v1::Sensor Only() {
    const auto sensors = registry_.ListSensors(Scope::All());
    EXPECT_EQ(sensors.size(), 1u);
    return sensors.empty() ? v1::Sensor() : sensors[0];
  }

  fakes::FakeClock clock_;
  SensorRegistry registry_{clock_};
};

TEST_F(SensorRegistryTest, KnowsWhoIsConnectedAndWhoWas) {
  ASSERT_TRUE(registry_.Connected(HelloOf("s1"), "10.0.0.1:99"));
  EXPECT_TRUE(Only().connected());
  EXPECT_EQ(Only().peer(), "10.0.0.1:99");
  EXPECT_EQ(Only().connected_time().seconds(), clock_.WallNs() / kSecond);
  registry_.Disconnected("s1");
  EXPECT_FALSE(Only().connected());
  EXPECT_EQ(Only().peer(), "");
}

TEST_F(SensorRegistryTest, SumsUpWhatCame) {
  registry_.Connected(HelloOf("s1"), "");
  clock_.Advance(5 * kSecond);
  registry_.Received("s1", 100, {3, 2, 1});
  registry_.Received("s1", 100, {3, 2, 1});
  registry_.Received("unknown", 100, {3, 2, 1});
  EXPECT_EQ(Only().frames_stored(), 6u);
  EXPECT_EQ(Only().frames_repeated(), 4u);
  EXPECT_EQ(Only().frames_malformed(), 2u);
  EXPECT_EQ(Only().bytes_received(), 200u);
  EXPECT_EQ(Only().last_seen_time().seconds(), clock_.WallNs() / kSecond);
}

TEST_F(SensorRegistryTest, WhatIsAcknowledgedWaitsNoMore) {
  v1::Hello hello = HelloOf("s1");
  v1::SpoolState& spool = *hello.add_spools();
  spool.set_spool_id(7);
  spool.set_first_sequence(3);
  spool.set_next_sequence(9);
  registry_.Connected(hello, "");
  v1::Ack ack;
  v1::Watermark& watermark = *ack.add_watermarks();
  watermark.set_spool_id(7);
  watermark.set_stored(5);
  registry_.Acknowledged("s1", ack);
  EXPECT_EQ(Only().spools(0).first_sequence(), 6u);
  EXPECT_EQ(Only().spools(0).next_sequence(), 9u);
  // More than the sensor had when it last told.
  watermark.set_stored(20);
  registry_.Acknowledged("s1", ack);
  EXPECT_EQ(Only().spools(0).first_sequence(), 21u);
  EXPECT_EQ(Only().spools(0).next_sequence(), 21u);
  watermark.set_spool_id(8);
  watermark.set_stored(99);
  registry_.Acknowledged("s1", ack);
  EXPECT_EQ(Only().spools(0).first_sequence(), 21u);
}

TEST_F(SensorRegistryTest, KeepsTheNewestReportOverAReconnection) {
  registry_.Connected(HelloOf("s1"), "");
  v1::CaptureReport report;
  report.set_packets(7);
  registry_.Report("s1", 0, report);
  registry_.Report("s1", 1, report);
  registry_.Connected(HelloOf("s1"), "");
  ASSERT_EQ(Only().capture_points_size(), 1);
  EXPECT_EQ(Only().capture_points(0).report().packets(), 7u);
}

TEST_F(SensorRegistryTest, BoundsWhatAReportMayHold) {
  registry_.Connected(HelloOf("s1"), "");
  v1::CaptureReport report;
  for (int i = 0; i < 1000; ++i) {
    (*report.mutable_discarded())["reason" + std::to_string(i)] = 1;
  }
  (*report.mutable_discarded())[std::string(65, 'a')] = 1;
  registry_.Report("s1", 0, report);
  EXPECT_EQ(Only().capture_points(0).report().discarded_size(), 64);
  EXPECT_EQ(
      Only().capture_points(0).report().discarded().count(std::string(65, 'a')),
      0u);
}

TEST_F(SensorRegistryTest, WritesAtALowRateAndWhatMattersAtOnce) {
  registry_.TakeDue();
  registry_.Connected(HelloOf("s1"), "");
  EXPECT_EQ(registry_.TakeDue().size(), 1u);
  EXPECT_EQ(registry_.TakeDue().size(), 0u);
  registry_.Received("s1", 1, {});
  EXPECT_EQ(registry_.TakeDue().size(), 0u);
  v1::CaptureReport end;
  end.set_final(true);
  registry_.Report("s1", 0, end);
  EXPECT_EQ(registry_.TakeDue().size(), 1u);
  registry_.Received("s1", 1, {});
  clock_.Advance(10 * kSecond);
  EXPECT_EQ(registry_.TakeDue().size(), 1u);
  clock_.Advance(10 * kSecond);
  EXPECT_EQ(registry_.TakeDue().size(), 0u);
}

// Beats that a sensor whose clock is 3 s ahead would send.
v1::Heartbeat Beat(int64_t time_ns) {
  constexpr int64_t kAhead = 3 * kSecond;
  v1::Heartbeat heartbeat;
  heartbeat.mutable_echo()->set_sensor_clock_ns(time_ns + kAhead);
  heartbeat.mutable_echo()->set_received_ns(time_ns + 1000);
  heartbeat.mutable_echo()->set_sent_ns(time_ns + 1000);
  heartbeat.set_echo_clock_ns(time_ns + 2000 + kAhead);
  return heartbeat;
}

TEST_F(SensorRegistryTest, ComparesClocksByRoundTrips) {
  v1::Hello hello = HelloOf("s1");
  hello.mutable_capture_points(0)->set_kind(v1::CAPTURE_KIND_INTERFACE);
  registry_.Connected(hello, "");
  registry_.TakeDue();
  for (int i = 1; i <= 3; ++i) registry_.Heard("s1", Beat(i * kSecond));
  EXPECT_EQ(Only().round_trip().offset_ns(), 3 * kSecond);
  EXPECT_LE(Only().round_trip().uncertainty_ns(), 2'000'000u);
  ASSERT_EQ(Only().clock_epochs_size(), 1);
  EXPECT_EQ(Only().clock_epochs(0).offset_ns(), 3 * kSecond);
  // Correlation must hear of it.
  EXPECT_EQ(registry_.TakeDue().size(), 1u);
  // On the next connection it is measured anew.
  registry_.Connected(hello, "");
  EXPECT_FALSE(Only().has_round_trip());
  EXPECT_EQ(Only().clock_epochs_size(), 1);
}

TEST_F(SensorRegistryTest, DoesNotTakeTheTimesInAFileForThoseOfTheClock) {
  v1::Hello hello = HelloOf("s1");
  hello.mutable_capture_points(0)->set_kind(v1::CAPTURE_KIND_FILE);
  registry_.Connected(hello, "");
  for (int i = 1; i <= 5; ++i) registry_.Heard("s1", Beat(i * kSecond));
  EXPECT_TRUE(Only().has_round_trip());
  EXPECT_EQ(Only().clock_epochs_size(), 0);
}

TEST_F(SensorRegistryTest, RemembersOverARestartButCountsAnew) {
  MemoryStore store;
  registry_.Connected(HelloOf("s1"), "10.0.0.1:99");
  registry_.Received("s1", 100, {3, 2, 1});
  CommitGroup group;
  group.sensors = registry_.TakeDue();
  ASSERT_TRUE(store.Commit(group).ok());
  SensorRegistry next(clock_);
  ASSERT_TRUE(next.Load(store.coordination()).ok());
  const auto sensors = next.ListSensors(Scope::All());
  ASSERT_EQ(sensors.size(), 1u);
  EXPECT_EQ(sensors[0].site(), "here");
  EXPECT_FALSE(sensors[0].connected());
  EXPECT_EQ(sensors[0].peer(), "");
  EXPECT_EQ(sensors[0].frames_stored(), 0u);
}

}  // namespace
}  // namespace callbraid::collector
