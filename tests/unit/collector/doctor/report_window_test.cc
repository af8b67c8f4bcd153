#include "collector/doctor/report_window.h"

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMinute = 60'000'000'000;
constexpr int64_t kStart = 28'333'334 * kMinute;

v1::CaptureReport At(int64_t minute, uint64_t packets) {
  v1::CaptureReport report;
  report.set_since_ns(kStart);
  report.set_time_ns(kStart + minute * kMinute);
  report.set_packets(packets);
  report.mutable_census()->set_broadcast_frames(packets / 10);
  report.mutable_interface()->set_rx_frames(packets * 2);
  return report;
}

// Minutes 10 to 70: the sensor had run for ten minutes before.
CaptureHistory History() {
  CaptureHistory history;
  for (int64_t minute = 10; minute <= 70; ++minute) {
    history.reports.push_back(At(minute, static_cast<uint64_t>(minute) * 100));
    v1::HostTraffic host;
    host.set_address(std::string("\x0a\x00\x00\x01", 4));
    host.set_mac(std::string("\x02\x00\x00\x00\x00\x01", 6));
    host.set_sip_sent(1);
    history.hosts.push_back({kStart / kMinute + minute, {host}});
  }
  return history;
}

TEST(WindowOf, IsTheDifferenceOfTwoReports) {
  const ReportWindow window =
      WindowOf(History(), kStart + 20 * kMinute, kStart + 50 * kMinute);
  EXPECT_EQ(window.from_ns, kStart + 20 * kMinute);
  EXPECT_EQ(window.to_ns, kStart + 50 * kMinute);
  EXPECT_EQ(window.report.packets(), 3000u);
  EXPECT_EQ(window.report.census().broadcast_frames(), 300u);
  EXPECT_EQ(window.report.interface().rx_frames(), 6000u);
  ASSERT_EQ(window.hosts.size(), 1u);
  EXPECT_EQ(window.hosts[0].mac, "02:00:00:00:00:01");
  EXPECT_EQ(window.hosts[0].address.ToString(), "10.0.0.1");
  EXPECT_EQ(window.hosts[0].sip_sent, 31u);
}

TEST(WindowOf, BeginsWithTheHistoryWhereThatIsShorter) {
  const ReportWindow window =
      WindowOf(History(), kStart + 5 * kMinute, kStart + 100 * kMinute);
  EXPECT_EQ(window.from_ns, kStart + 10 * kMinute);
  EXPECT_EQ(window.report.packets(), 6000u);
}

TEST(WindowOf, IsAllSinceTheSensorBeganWithinIt) {
  const ReportWindow window =
      WindowOf(History(), kStart - kMinute, kStart + 70 * kMinute);
  EXPECT_EQ(window.from_ns, kStart);
  EXPECT_EQ(window.report.packets(), 7000u);
}

TEST(WindowOf, TakesASingleReportAsAWhole) {
  CaptureHistory history;
  history.reports.push_back(At(500, 77));
  const ReportWindow window =
      WindowOf(history, kStart + 440 * kMinute, kStart + 500 * kMinute);
  EXPECT_EQ(window.report.packets(), 77u);
  EXPECT_EQ(window.from_ns, kStart);
}

TEST(WindowOf, TakesTheHighestLoadOfTheWindow) {
  CaptureHistory history = History();
  for (auto& report : history.reports) {
    const int64_t minute = (report.time_ns() - kStart) / kMinute;
    report.mutable_interface()->set_peak_bits_per_second(minute == 15   ? 900
                                                         : minute == 30 ? 500
                                                                        : 10);
  }
  EXPECT_EQ(WindowOf(history, kStart + 20 * kMinute, kStart + 50 * kMinute)
                .report.interface()
                .peak_bits_per_second(),
            500u);
}

TEST(Difference, SubtractsTotalsAndKeepsGauges) {
  v1::CaptureReport earlier = At(1, 100);
  earlier.mutable_census()->set_longest_frame(9000);
  (*earlier.mutable_discarded())["not_ip"] = 5;
  v1::VlanCount& before = *earlier.mutable_census()->add_vlans();
  before.set_vlan_id(20);
  before.set_frames(7);
  v1::CaptureReport later = earlier;
  later.set_packets(150);
  later.set_kernel_drops(3);
  later.mutable_interface()->set_speed_mbit(1000);
  (*later.mutable_discarded())["not_ip"] = 6;
  (*later.mutable_discarded())["bad_ip"] = 2;
  v1::VlanCount& another = *later.mutable_census()->add_vlans();
  another.set_vlan_id(30);
  another.set_frames(4);
  const v1::CaptureReport window = Difference(later, earlier);
  EXPECT_EQ(window.packets(), 50u);
  EXPECT_EQ(window.kernel_drops(), 3u);
  EXPECT_EQ(window.census().longest_frame(), 9000u);
  EXPECT_EQ(window.interface().speed_mbit(), 1000u);
  EXPECT_EQ(window.discarded().at("not_ip"), 1u);
  EXPECT_EQ(window.discarded().at("bad_ip"), 2u);
  // VLAN 20 did not occur since.
  ASSERT_EQ(window.census().vlans_size(), 1);
  EXPECT_EQ(window.census().vlans(0).vlan_id(), 30u);
  EXPECT_EQ(window.census().vlans(0).frames(), 4u);
}

TEST(MacText, IsEmptyUnlessItIsAMac) {
  EXPECT_EQ(MacText(std::string("\x02\x10\x00\x00\x01\xff", 6)),
            "02:10:00:00:01:ff");
  EXPECT_EQ(MacText(""), "");
  EXPECT_EQ(MacText("longer than that"), "");
}

}  // namespace
}  // namespace callbraid::collector
