#include "sensor/inventory/traffic_inventory.h"

#include <map>
#include <string>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

constexpr std::array<uint8_t, 6> kPhoneMac = {2, 0, 0, 0, 0, 1};
constexpr std::array<uint8_t, 6> kPbxMac = {2, 0, 0, 0, 0, 2};

IpAddress Ip(const std::string& text) { return *IpAddress::Parse(text); }

LinkHeader Link(const std::array<uint8_t, 6>& from,
                const std::array<uint8_t, 6>& to) {
  LinkHeader link;
  link.source_mac = from;
  link.destination_mac = to;
  link.has_mac = true;
  return link;
}

MessageView Sip(std::string_view message, const FlowKey& flow,
                Transport transport = Transport::kUdp) {
  MessageView sip;
  sip.message = message;
  sip.flow = flow;
  sip.transport = transport;
  sip.link = Link(kPhoneMac, kPbxMac);
  return sip;
}

FlowKey PhoneToPbx(uint16_t pbx_port = 5060) {
  return {{Ip("10.0.0.1"), 5060}, {Ip("10.0.0.2"), pbx_port}};
}

// A run of a stream with so many packets.
void SetPackets(Stream& stream, int packets) {
  RtpPacket packet = {};
  stream.meter.Start(stream.start_ns, packet);
  for (int i = 1; i < packets; ++i) {
    packet.sequence = static_cast<uint16_t>(i);
    stream.meter.Add(stream.start_ns + i, packet);
  }
}

Stream Voice(int packets) {
  Stream stream;
  stream.flow = {{Ip("10.0.0.1"), 4000}, {Ip("10.0.0.2"), 4002}};
  stream.link = Link(kPhoneMac, kPbxMac);
  stream.start_ns = 7;
  SetPackets(stream, packets);
  return stream;
}

class TrafficInventoryTest : public ::testing::Test {
 protected:
  // By address.
  std::map<std::string, v1::HostTraffic> TakeHosts() {
    v1::CaptureReport report;
    inventory_.TakeHosts(report);
    std::map<std::string, v1::HostTraffic> hosts;
    for (const v1::HostTraffic& host : report.hosts()) {
      const auto* bytes =
          reinterpret_cast<const uint8_t*>(host.address().data());
      hosts[IpAddress::FromBytes({bytes, host.address().size()})->ToString()] =
          host;
    }
    return hosts;
  }
  v1::TrafficCensus Census() const {
    v1::TrafficCensus census;
    inventory_.Fill(census);
    return census;
  }

  TrafficInventory inventory_{SipPorts({5060})};
};

TEST_F(TrafficInventoryTest, CountsSipOfBothEnds) {
  inventory_.OnMessage(Sip("REGISTER sip:x SIP/2.0\r\n", PhoneToPbx()));
  inventory_.OnMessage(Sip("INVITE sip:x SIP/2.0\r\n", PhoneToPbx()));
  auto hosts = TakeHosts();
  ASSERT_EQ(hosts.size(), 2u);
  const v1::HostTraffic& phone = hosts["10.0.0.1"];
  EXPECT_EQ(phone.mac(), std::string(kPhoneMac.begin(), kPhoneMac.end()));
  EXPECT_EQ(phone.sip_sent(), 2u);
  EXPECT_EQ(phone.sip_received(), 0u);
  EXPECT_EQ(phone.registers_sent(), 1u);
  const v1::HostTraffic& pbx = hosts["10.0.0.2"];
  EXPECT_EQ(pbx.mac(), std::string(kPbxMac.begin(), kPbxMac.end()));
  EXPECT_EQ(pbx.sip_received(), 2u);
  EXPECT_EQ(pbx.registers_received(), 1u);
  EXPECT_EQ(Census().sip_messages(), 2u);
  // Each report has what came since the one before.
  EXPECT_TRUE(TakeHosts().empty());
}

// Of a phone with this number.
std::string Register(const std::string& number, const std::string& expires) {
  return "REGISTER sip:pbx SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.1\r\n"
         "From: <sip:" +
         number + "@pbx>;tag=a\r\nTo: <sip:" + number +
         "@pbx>\r\nCall-ID: r\r\nCSeq: 1 REGISTER\r\nContact: <sip:" + number +
         "@10.0.0.1>\r\nExpires: " + expires + "\r\n\r\n";
}

TEST_F(TrafficInventoryTest, KeepsTheNewestRegistrationsOfAHost) {
  for (const char* number : {"101", "102", "103", "104", "102", "105"}) {
    inventory_.OnMessage(Sip(Register(number, "60"), PhoneToPbx()));
  }
  inventory_.OnMessage(Sip(Register("103", "0"), PhoneToPbx()));
  const std::string text = Register("106", "60");
  MessageView cut = Sip(text, PhoneToPbx());
  cut.truncated = true;
  inventory_.OnMessage(cut);
  auto hosts = TakeHosts();
  const v1::HostTraffic& phone = hosts["10.0.0.1"];
  EXPECT_EQ(phone.registers_sent(), 8u);
  std::string kept;
  for (const v1::Registration& said : phone.registrations()) {
    kept += said.number() + (said.gone() ? " gone " : " ");
  }
  EXPECT_EQ(kept, "104 102 105 103 gone ");
  EXPECT_EQ(hosts["10.0.0.2"].registrations_size(), 0);
  // Each report has what came since the one before.
  inventory_.OnMessage(Sip("INVITE sip:x SIP/2.0\r\n", PhoneToPbx()));
  EXPECT_EQ(TakeHosts()["10.0.0.1"].registrations_size(), 0);
}

TEST_F(TrafficInventoryTest, CountsEachPacketOfAStreamOnce) {
  Stream stream = Voice(10);
  inventory_.OnStreamReport(stream, /*final=*/false);
  SetPackets(stream, 25);
  inventory_.OnStreamReport(stream, /*final=*/false);
  auto hosts = TakeHosts();
  EXPECT_EQ(hosts["10.0.0.1"].rtp_sent(), 25u);
  EXPECT_EQ(hosts["10.0.0.2"].rtp_received(), 25u);
  SetPackets(stream, 30);
  inventory_.OnStreamReport(stream, /*final=*/true);
  EXPECT_EQ(TakeHosts()["10.0.0.1"].rtp_sent(), 5u);
  EXPECT_EQ(Census().rtp_packets(), 30u);
}

TEST_F(TrafficInventoryTest, CountsTheNextRunOfAStreamFromItsBeginning) {
  inventory_.OnStreamReport(Voice(10), /*final=*/true);
  inventory_.OnStreamReport(Voice(4), /*final=*/false);
  EXPECT_EQ(Census().rtp_packets(), 14u);
}

TEST_F(TrafficInventoryTest, LeavesGroupsOutOfWhatHostsSayToEachOther) {
  Stream paging = Voice(10);
  paging.flow.destination.address = Ip("224.0.1.75");
  inventory_.OnStreamReport(paging, /*final=*/true);
  EXPECT_EQ(Census().rtp_packets(), 0u);
  EXPECT_EQ(TakeHosts().size(), 1u);
}

TEST_F(TrafficInventoryTest, LearnsSilentHostsFromArp) {
  Neighbour neighbour;
  neighbour.address = Ip("10.0.0.77");
  neighbour.link = Link({2, 0, 0, 0, 0, 77}, {});
  neighbour.link.vlan_ids[0] = 20;
  neighbour.link.vlan_count = 1;
  inventory_.OnNeighbour(neighbour);
  const v1::HostTraffic host = TakeHosts()["10.0.0.77"];
  EXPECT_TRUE(host.arp());
  ASSERT_EQ(host.vlan_ids_size(), 1);
  EXPECT_EQ(host.vlan_ids(0), 20u);
}

TEST_F(TrafficInventoryTest, HoldsAtMost512HostsTheNewest) {
  for (int i = 0; i < 1000; ++i) {
    Neighbour neighbour;
    neighbour.address =
        Ip("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
    inventory_.OnNeighbour(neighbour);
  }
  const auto hosts = TakeHosts();
  EXPECT_EQ(hosts.size(), 512u);
  EXPECT_TRUE(hosts.contains("10.0.3.249"));
  EXPECT_FALSE(hosts.contains("10.0.0.0"));
  v1::TrafficCensus census;
  inventory_.Fill(census);
  EXPECT_EQ(census.hosts_evicted(), 488u);
}

TEST_F(TrafficInventoryTest, NamesTheLowerPortWhereSipUsesAnother) {
  FlowKey flow = PhoneToPbx(5080);
  flow.source.port = 40000;
  inventory_.OnMessage(Sip("INVITE sip:x SIP/2.0\r\n", flow, Transport::kTcp));
  inventory_.OnMessage(
      Sip("SIP/2.0 200 OK\r\n", flow.Reversed(), Transport::kTcp));
  inventory_.OnMessage(Sip("INVITE sip:x SIP/2.0\r\n", PhoneToPbx()));
  const v1::TrafficCensus census = Census();
  ASSERT_EQ(census.other_sip_ports_size(), 1);
  EXPECT_EQ(census.other_sip_ports(0).port(), 5080u);
  EXPECT_TRUE(census.other_sip_ports(0).tcp());
  EXPECT_EQ(census.other_sip_ports(0).messages(), 2u);
}

TEST_F(TrafficInventoryTest, NamesAtMost16OtherPorts) {
  for (uint16_t port = 6000; port < 6100; ++port) {
    FlowKey flow = PhoneToPbx(port);
    flow.source.port = 40000;
    inventory_.OnMessage(Sip("OPTIONS sip:x SIP/2.0\r\n", flow));
  }
  EXPECT_EQ(Census().other_sip_ports_size(), 16);
}

}  // namespace
}  // namespace callbraid::sensor
