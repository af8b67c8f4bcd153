#include "collector/ingest/report_history.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'700'000'040 * kSecond;  // A full minute.

v1::CaptureReport At(int64_t second, uint64_t packets) {
  v1::CaptureReport report;
  report.set_since_ns(kStart);
  report.set_time_ns(kStart + second * kSecond);
  report.set_packets(packets);
  return report;
}

v1::HostTraffic& AddHost(const std::string& address, uint64_t sent,
                         v1::CaptureReport& report) {
  v1::HostTraffic& host = *report.add_hosts();
  host.set_address(address);
  host.set_rtp_sent(sent);
  return host;
}

TEST(ReportHistory, KeepsOneReportAMinuteAndTheNewest) {
  ReportHistory history;
  for (int64_t second = 0; second <= 150; ++second) {
    history.Add("s1", "eth0", At(second, static_cast<uint64_t>(second)));
  }
  const auto reports = history.Of("s1", "eth0").reports;
  ASSERT_EQ(reports.size(), 4u);
  EXPECT_EQ(reports[0].packets(), 0u);
  EXPECT_EQ(reports[1].packets(), 60u);
  EXPECT_EQ(reports[2].packets(), 120u);
  EXPECT_EQ(reports[3].packets(), 150u);
  EXPECT_TRUE(history.Of("s1", "eth1").reports.empty());
  EXPECT_TRUE(history.Of("s2", "eth0").reports.empty());
}

TEST(ReportHistory, ForgetsWhatIsOlderThanAnHour) {
  ReportHistory history;
  for (int64_t minute = 0; minute < 500; ++minute) {
    v1::CaptureReport report = At(minute * 60, static_cast<uint64_t>(minute));
    AddHost("abcd", 1, report);
    history.Add("s1", "eth0", report);
  }
  const CaptureHistory kept = history.Of("s1", "eth0");
  EXPECT_EQ(kept.reports.size(), ReportHistory::kMaxReports);
  EXPECT_EQ(kept.hosts.size(), ReportHistory::kMaxMinutes);
  EXPECT_EQ(kept.reports.back().packets(), 499u);
}

TEST(ReportHistory, BeginsAnewWithTheSensor) {
  ReportHistory history;
  v1::CaptureReport first = At(0, 1000);
  AddHost("abcd", 1, first);
  history.Add("s1", "eth0", first);
  v1::CaptureReport restarted = At(90, 2000);
  restarted.set_since_ns(kStart + 80 * kSecond);
  history.Add("s1", "eth0", restarted);
  EXPECT_EQ(history.Of("s1", "eth0").reports.size(), 1u);
  EXPECT_TRUE(history.Of("s1", "eth0").hosts.empty());
  // Read again, a file begins with smaller numbers.
  restarted.set_packets(5);
  history.Add("s1", "eth0", restarted);
  EXPECT_EQ(history.Of("s1", "eth0").reports.size(), 1u);
}

TEST(ReportHistory, AddsUpHostsWithinAMinute) {
  ReportHistory history;
  for (const int64_t second : {10, 20, 70}) {
    v1::CaptureReport report = At(second, 1);
    AddHost("abcd", 5, report).add_vlan_ids(20);
    AddHost("efgh", 1, report).set_arp(second == 20);
    history.Add("s1", "eth0", report);
  }
  const auto minutes = history.Of("s1", "eth0").hosts;
  ASSERT_EQ(minutes.size(), 2u);
  ASSERT_EQ(minutes[0].hosts.size(), 2u);
  EXPECT_EQ(minutes[0].hosts[0].rtp_sent(), 10u);
  EXPECT_EQ(minutes[0].hosts[0].vlan_ids_size(), 1);
  EXPECT_TRUE(minutes[0].hosts[1].arp());
  EXPECT_EQ(minutes[1].hosts[0].rtp_sent(), 5u);
}

TEST(ReportHistory, BoundsHostsAndPoints) {
  ReportHistory history;
  for (int64_t minute = 0; minute < 60; ++minute) {
    for (int part = 0; part < 3; ++part) {
      v1::CaptureReport report = At(minute * 60 + part, 1);
      for (int i = 0; i < 512; ++i) {
        std::string address = "m" + std::to_string(part * 512 + i + 1000);
        address.resize(16, 'x');
        AddHost(address, 1, report);
      }
      history.Add("s1", "eth0", report);
    }
  }
  size_t hosts = 0;
  for (const auto& minute : history.Of("s1", "eth0").hosts) {
    hosts += minute.hosts.size();
  }
  EXPECT_LE(hosts, ReportHistory::kMaxHosts);
  EXPECT_GE(hosts, ReportHistory::kMaxHosts / 2);
  for (size_t i = 0; i < 2 * ReportHistory::kMaxPoints; ++i) {
    history.Add("s" + std::to_string(i), "eth0", At(0, 1));
  }
  // The oldest made room.
  EXPECT_TRUE(history.Of("s1000", "eth0").reports.empty());
  EXPECT_FALSE(history.Of("s1024", "eth0").reports.empty());
  EXPECT_FALSE(history.Of("s2047", "eth0").reports.empty());
  // One that always comes with other names takes nothing from others.
  for (size_t i = 0; i < 2 * ReportHistory::kMaxPoints; ++i) {
    history.Add("s2000", "tap" + std::to_string(i), At(0, 1));
  }
  EXPECT_TRUE(history.Of("s2000", "eth0").reports.empty());
  EXPECT_FALSE(history.Of("s2000", "tap2047").reports.empty());
  EXPECT_FALSE(history.Of("s1999", "eth0").reports.empty());
}

TEST(ReportHistory, GoesOnFromWhatWasStored) {
  v1::Sensor sensor;
  sensor.set_id("s1");
  v1::SensorCapturePoint& point = *sensor.add_capture_points();
  point.mutable_capture_point()->set_name("eth0");
  *point.mutable_report() = At(60, 7);
  ReportHistory history;
  history.Load({sensor});
  history.Add("s1", "eth0", At(200, 9));
  EXPECT_EQ(history.Of("s1", "eth0").reports.size(), 2u);
}

google::protobuf::RepeatedPtrField<v1::SpoolState> Spools(uint64_t discarded) {
  google::protobuf::RepeatedPtrField<v1::SpoolState> spools;
  spools.Add()->set_discarded_frames(discarded);
  spools.Add()->set_discarded_frames(1);
  return spools;
}

TEST(ReportHistory, CountsWhatSpoolsThrewAwayInTheLastHour) {
  constexpr int64_t kMinute = 60 * kSecond;
  ReportHistory history;
  EXPECT_EQ(history.DiscardedBy("s1"), 0u);
  history.AddSpools("s1", Spools(100), kStart);
  // Nobody knows when that was.
  EXPECT_EQ(history.DiscardedBy("s1"), 0u);
  for (int64_t second = 1; second < 120; ++second) {
    history.AddSpools("s1", Spools(107), kStart + second * kSecond);
    EXPECT_EQ(history.DiscardedBy("s1"), 7u);
  }
  // Back after a day of which nothing is known, with more.
  history.AddSpools("s1", Spools(150), kStart + 1440 * kMinute);
  EXPECT_EQ(history.DiscardedBy("s1"), 43u);
  for (int64_t minute = 1441; minute <= 1500; ++minute) {
    history.AddSpools("s1", Spools(150), kStart + minute * kMinute);
  }
  EXPECT_EQ(history.DiscardedBy("s1"), 0u);
}

TEST(ReportHistory, BeginsAnewWithTheSpool) {
  ReportHistory history;
  history.AddSpools("s1", Spools(100), kStart);
  history.AddSpools("s1", Spools(0), kStart + kSecond);
  EXPECT_EQ(history.DiscardedBy("s1"), 0u);
  history.AddSpools("s1", Spools(3), kStart + 2 * kSecond);
  EXPECT_EQ(history.DiscardedBy("s1"), 3u);
}

TEST(ReportHistory, KnowsFromTheStoreWhatWasThrownAwayBefore) {
  v1::Sensor sensor;
  sensor.set_id("s1");
  *sensor.mutable_spools() = Spools(100);
  ReportHistory history;
  history.Load({sensor});
  history.AddSpools("s1", Spools(120), kStart);
  EXPECT_EQ(history.DiscardedBy("s1"), 20u);
}

}  // namespace
}  // namespace callbraid::collector
