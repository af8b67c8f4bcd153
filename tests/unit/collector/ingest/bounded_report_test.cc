#include "collector/ingest/bounded_report.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

TEST(BoundedReport, KeepsAllNumbersOfAnHonestSensor) {
  v1::CaptureReport report;
  report.set_time_ns(5);
  report.set_packets(1);
  report.set_bytes(2);
  report.set_kernel_drops(3);
  report.set_interface_drops(4);
  report.set_mirror_copies(5);
  report.set_tunnel_drops(6);
  report.set_final(true);
  report.set_since_ns(1);
  (*report.mutable_discarded())["not_ip"] = 7;
  report.mutable_census()->set_unicast_frames(8);
  report.mutable_census()->add_vlans()->set_vlan_id(100);
  report.mutable_interface()->set_speed_mbit(1000);
  report.mutable_interface()->set_mac(std::string(6, 'm'));
  EXPECT_EQ(BoundedReport(report).SerializeAsString(),
            report.SerializeAsString());
}

TEST(BoundedReport, LeavesOutWhatGoesBeyondTheRules) {
  v1::CaptureReport report;
  for (int i = 0; i < 100; ++i) {
    (*report.mutable_discarded())[std::string(i < 50 ? 10 : 100, 'x') +
                                  std::to_string(i)] = 1;
    report.mutable_census()->add_vlans();
    report.mutable_census()->add_tunnels();
    report.mutable_census()->add_other_sip_ports();
    report.add_hosts()->set_address("abcd");
  }
  report.mutable_interface()->set_mac("too long for one");
  const v1::CaptureReport bounded = BoundedReport(report);
  EXPECT_EQ(bounded.discarded().size(), 50u);
  EXPECT_EQ(bounded.census().vlans_size(), 32);
  EXPECT_EQ(bounded.census().tunnels_size(), v1::TunnelKind_ARRAYSIZE);
  EXPECT_EQ(bounded.census().other_sip_ports_size(), 16);
  EXPECT_EQ(bounded.interface().mac(), "");
  EXPECT_EQ(bounded.hosts_size(), 0);
}

TEST(BoundedHosts, LeavesOutHostsThatMakeNoSense) {
  v1::CaptureReport report;
  report.add_hosts()->set_address("abc");
  report.add_hosts()->set_address("abcd");
  report.mutable_hosts(1)->add_registrations();
  v1::HostTraffic& mac = *report.add_hosts();
  mac.set_address("abcd");
  mac.set_mac("12345");
  v1::HostTraffic& vlans = *report.add_hosts();
  vlans.set_address("abcd");
  for (int i = 0; i < 5; ++i) vlans.add_vlan_ids(1);
  ASSERT_EQ(BoundedHosts(report).size(), 1u);
  EXPECT_EQ(BoundedHosts(report)[0].registrations_size(), 0);
  for (int i = 0; i < 2000; ++i) report.add_hosts()->set_address("abcd");
  EXPECT_EQ(BoundedHosts(report).size(), 512u);
}

}  // namespace
}  // namespace callbraid::collector
