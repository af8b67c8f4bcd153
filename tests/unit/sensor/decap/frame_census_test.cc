#include "sensor/decap/frame_census.h"

#include <pcap/dlt.h>

#include <string>

#include "gtest/gtest.h"
#include "sensor/decap/decapsulate.h"
#include "tests/fakes/datagram_recorder.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {
namespace {

using ::callbraid::fakes::Bytes;
using ::callbraid::fakes::PacketBuilder;
using ::callbraid::fakes::Rtp;

constexpr std::array<uint8_t, 6> kBroadcast = {255, 255, 255, 255, 255, 255};

// Counts frames as they come by in a Decapsulator.
class FrameCensusTest : public ::testing::Test {
 protected:
  void Feed(const Bytes& frame, size_t wire_length = 0) {
    time_ns_ += 10'000'000;
    decapsulator_.OnPacket(
        {.time_ns = time_ns_,
         .link_type = DLT_EN10MB,
         .bytes = frame,
         .wire_length = static_cast<uint32_t>(wire_length == 0 ? frame.size()
                                                               : wire_length)});
  }
  v1::TrafficCensus Census() {
    v1::TrafficCensus census;
    decapsulator_.census().Fill(census);
    return census;
  }
  uint64_t Tunnels(v1::TunnelKind kind) {
    uint64_t frames = 0;
    const v1::TrafficCensus census = Census();
    for (const auto& tunnel : census.tunnels()) {
      if (tunnel.kind() == kind) frames += tunnel.frames();
    }
    return frames;
  }

  int64_t time_ns_ = 0;
  fakes::DatagramRecorder sink_;
  Decapsulator decapsulator_{v1::CaptureConfig(), sink_};
};

PacketBuilder Voice() { return PacketBuilder().Payload(Rtp().Build()); }

TEST_F(FrameCensusTest, TellsUnicastFromMulticastBroadcastAndOwn) {
  decapsulator_.census().set_own_mac({2, 0, 0, 0, 0, 9});
  Feed(Voice().Ethernet());
  Feed(Voice().DestinationMac({1, 0, 0x5e, 0, 0, 1}).Ethernet());
  Feed(Voice().DestinationMac(kBroadcast).Ethernet());
  Feed(Voice().DestinationMac(kBroadcast).Ethernet());
  Feed(Voice().DestinationMac({2, 0, 0, 0, 0, 9}).Ethernet());
  // Its own broadcast.
  Feed(Voice()
           .SourceMac({2, 0, 0, 0, 0, 9})
           .DestinationMac(kBroadcast)
           .Ethernet());
  const v1::TrafficCensus census = Census();
  EXPECT_EQ(census.unicast_frames(), 1u);
  EXPECT_EQ(census.multicast_frames(), 1u);
  EXPECT_EQ(census.broadcast_frames(), 2u);
  EXPECT_EQ(census.own_frames(), 2u);
}

TEST_F(FrameCensusTest, CountsVlansByTheOutermostTag) {
  Feed(Voice().Vlan(20).Ethernet());
  Feed(Voice().Vlan(10, 0x88a8).Vlan(99).Ethernet());
  Feed(Voice().Vlan(20).Ethernet());
  Feed(Voice().Ethernet());
  const v1::TrafficCensus census = Census();
  EXPECT_EQ(census.tagged_frames(), 3u);
  ASSERT_EQ(census.vlans_size(), 2);
  EXPECT_EQ(census.vlans(0).vlan_id(), 20u);
  EXPECT_EQ(census.vlans(0).frames(), 2u);
  EXPECT_EQ(census.vlans(1).vlan_id(), 10u);
}

TEST_F(FrameCensusTest, NamesAtMost32Vlans) {
  for (uint16_t id = 1; id <= 100; ++id) Feed(Voice().Vlan(id).Ethernet());
  EXPECT_EQ(Census().vlans_size(), 32);
  EXPECT_EQ(Census().tagged_frames(), 100u);
}

TEST_F(FrameCensusTest, CountsFramesThatAreCutOrTooLong) {
  Feed(Voice().Ethernet(), 400);
  Feed(PacketBuilder().Payload(std::string(3000, 'x')).Ethernet());
  const v1::TrafficCensus census = Census();
  EXPECT_EQ(census.truncated_frames(), 1u);
  EXPECT_EQ(census.longest_truncated_frame(), 400u);
  EXPECT_EQ(census.oversize_frames(), 1u);
  EXPECT_EQ(census.longest_frame(), 3042u);
}

TEST_F(FrameCensusTest, DoesNotMindMergedFramesOfOtherTcp) {
  const PacketBuilder bulk =
      PacketBuilder().Tcp(1).Payload(std::string(9000, 'x'));
  Feed(PacketBuilder(bulk).To("10.0.0.2", 443).Ethernet(), 20'000);
  EXPECT_EQ(Census().oversize_frames(), 0u);
  EXPECT_EQ(Census().truncated_frames(), 0u);
  Feed(PacketBuilder(bulk).To("10.0.0.2", 5060).Ethernet(), 20'000);
  EXPECT_EQ(Census().oversize_frames(), 1u);
  EXPECT_EQ(Census().longest_truncated_frame(), 20'000u);
}

TEST_F(FrameCensusTest, CountsFragmentsAndArp) {
  for (const Bytes& frame : PacketBuilder()
                                .IpId(7)
                                .Payload(std::string(3000, 'x'))
                                .Fragments(1480)) {
    Feed(frame);
  }
  Bytes arp = Voice().Ethernet();
  arp[13] = 6;
  Feed(arp);
  const v1::TrafficCensus census = Census();
  EXPECT_EQ(census.first_fragments(), 1u);
  EXPECT_EQ(census.later_fragments(), 2u);
  EXPECT_EQ(census.arp_frames(), 1u);
}

// A datagram of 10.0.0.1:4000 to 10.0.0.2:4002 with this checksum.
Bytes WithChecksum(uint16_t checksum, std::string_view text = "abcd") {
  Bytes frame = PacketBuilder().Payload(text).Ethernet();
  frame[40] = static_cast<uint8_t>(checksum >> 8);
  frame[41] = static_cast<uint8_t>(checksum);
  return frame;
}

// 0x0a000001 + 0x0a000002 + 17 + 12: what the kernel leaves for the NIC.
constexpr uint16_t kPseudoHeader = 0x1420;
// The complement of that + ports 0x0fa0 + 0x0fa2 + length 12 + "abcd".
constexpr uint16_t kRight = 0x07cb;

TEST_F(FrameCensusTest, TellsPartialChecksumsFromWrongOnes) {
  for (uint32_t i = 0; i < FrameCensus::kChecksumSample; ++i) {
    Feed(WithChecksum(kRight));
    EXPECT_EQ(Census().checksums_checked(), i + 1 < 64 ? 0u : 1u);
  }
  EXPECT_EQ(Census().checksums_bad() + Census().checksums_partial(), 0u);
  for (uint32_t i = 0; i < 64; ++i) Feed(WithChecksum(kPseudoHeader));
  EXPECT_EQ(Census().checksums_partial(), 1u);
  for (uint32_t i = 0; i < 64; ++i) Feed(WithChecksum(0xbeef));
  EXPECT_EQ(Census().checksums_bad(), 1u);
  for (uint32_t i = 0; i < 64; ++i) Feed(WithChecksum(0));
  const v1::TrafficCensus census = Census();
  EXPECT_EQ(census.checksums_checked(), 4u);
  EXPECT_EQ(census.checksums_partial(), 1u);
  EXPECT_EQ(census.checksums_bad(), 1u);
  // None was dropped for it.
  EXPECT_EQ(sink_.datagrams.size(), 256u);
}

TEST_F(FrameCensusTest, ChecksNoDatagramThatWasCut) {
  for (uint32_t i = 0; i < 128; ++i) {
    Bytes frame = WithChecksum(0xbeef, std::string(100, 'x'));
    const size_t size = frame.size();
    frame.resize(80);
    Feed(frame, size);
  }
  EXPECT_EQ(Census().checksums_checked(), 0u);
}

Bytes IpWithProtocol(uint8_t protocol, Bytes after = {}) {
  Bytes frame = PacketBuilder().Payload(std::string(40, '\0')).Ethernet();
  frame[23] = protocol;
  std::copy(after.begin(), after.end(), frame.begin() + 34);
  return frame;
}

TEST_F(FrameCensusTest, NamesTunnelsByProtocol) {
  Feed(IpWithProtocol(47, {0, 0, 0x88, 0xbe}));
  Feed(IpWithProtocol(47, {0, 0, 0x22, 0xeb}));
  Feed(IpWithProtocol(47, {0, 0, 0x65, 0x58}));
  Feed(IpWithProtocol(47, {0, 0, 0x08, 0x00}));
  Feed(IpWithProtocol(4));
  Feed(IpWithProtocol(50));
  Feed(IpWithProtocol(115));
  Feed(IpWithProtocol(1));  // ICMP is none.
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_ERSPAN), 2u);
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_NVGRE), 1u);
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_GRE), 1u);
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_IP_IN_IP), 1u);
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_IPSEC), 1u);
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_L2TP), 1u);
  EXPECT_EQ(Census().tunnels_size(), 6);
}

TEST_F(FrameCensusTest, NamesTunnelsByEtherType) {
  for (const auto& [high, low] : {std::pair{0x88, 0x47}, {0x88, 0x64}}) {
    Bytes frame = Voice().Ethernet();
    frame[12] = static_cast<uint8_t>(high);
    frame[13] = static_cast<uint8_t>(low);
    Feed(frame);
  }
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_MPLS), 1u);
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_PPPOE), 1u);
}

TEST_F(FrameCensusTest, NamesUdpTunnelsByPortAndHeader) {
  struct Case {
    uint16_t port;
    Bytes header;
    v1::TunnelKind kind;
  };
  for (const Case& c : std::initializer_list<Case>{
           {4789, {8, 0, 0, 0, 0, 0, 5, 0}, v1::TUNNEL_KIND_VXLAN},
           {6081, {0, 0, 0x65, 0x58, 0, 0, 5, 0}, v1::TUNNEL_KIND_GENEVE},
           {2152, {0x30, 255, 0, 1, 0, 0, 0, 1, 0x45}, v1::TUNNEL_KIND_GTP_U},
           {37008, {1, 0, 0, 1, 1, 0, 0, 0}, v1::TUNNEL_KIND_TZSP},
           {4500, {0, 0, 0, 9, 0, 0, 0, 1}, v1::TUNNEL_KIND_IPSEC}}) {
    Feed(PacketBuilder().To("10.0.0.2", c.port).Payload(c.header).Ethernet());
    EXPECT_EQ(Tunnels(c.kind), 1u) << c.port;
    // RTP may use any port.
    Feed(Voice().To("10.0.0.2", c.port).Ethernet());
    Feed(PacketBuilder().To("10.0.0.2", 40000).Payload(c.header).Ethernet());
    EXPECT_EQ(Tunnels(c.kind), 1u) << c.port;
  }
}

TEST_F(FrameCensusTest, CountsSipOverTlsAndDtls) {
  const Bytes record = {22, 3, 1, 0, 4, 1, 2, 3, 4};
  Feed(PacketBuilder().To("10.0.0.2", 5061).Tcp(1).Payload(record).Ethernet());
  Feed(PacketBuilder().To("10.0.0.2", 443).Tcp(1).Payload(record).Ethernet());
  Feed(
      PacketBuilder().To("10.0.0.2", 5061).Tcp(1).Payload("xxxxxx").Ethernet());
  Bytes hello(30, 0);
  hello[0] = 22;
  hello[1] = 0xfe;
  hello[2] = 0xfd;
  Feed(PacketBuilder().Payload(hello).Ethernet());
  const v1::TrafficCensus census = Census();
  EXPECT_EQ(census.sip_tls_segments(), 1u);
  EXPECT_EQ(census.tcp_segments(), 3u);
  EXPECT_EQ(census.dtls_handshakes(), 1u);
  EXPECT_EQ(census.udp_datagrams(), 1u);
}

}  // namespace
}  // namespace callbraid::sensor
