// Tunnels of every kind, as a Decapsulator meets them: each is put around the
// same frame or packet, of which the same datagram must come out.

#include "sensor/decap/tunnel.h"

#include <pcap/dlt.h>

#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "sensor/decap/decapsulate.h"
#include "sensor/decap/ip_tunnel.h"
#include "tests/fakes/datagram_recorder.h"
#include "tests/fakes/packet_builder.h"
#include "tests/fakes/tunnels.h"

namespace callbraid::sensor {
namespace {

using ::callbraid::fakes::Bytes;
using ::callbraid::fakes::DatagramRecorder;
using ::callbraid::fakes::PacketBuilder;
using ::callbraid::fakes::Rtp;
using ::callbraid::fakes::ToBytes;
using namespace ::callbraid::fakes::tunnels;

constexpr int64_t kStart = 1'700'000'000'000'000'000;

class TunnelTest : public ::testing::Test {
 protected:
  void Feed(std::span<const uint8_t> frame, size_t wire_length = 0) {
    time_ns_ += 10'000'000;
    FeedAt(time_ns_, frame, wire_length);
  }
  void FeedAt(int64_t time_ns, std::span<const uint8_t> frame,
              size_t wire_length = 0) {
    decapsulator_.OnPacket(
        {.time_ns = time_ns,
         .link_type = DLT_EN10MB,
         .bytes = frame,
         .wire_length = static_cast<uint32_t>(
             wire_length != 0 ? wire_length : frame.size())});
  }
  uint64_t Count(Discard reason) const {
    return decapsulator_.counters().Get(reason);
  }
  uint64_t Discarded() const {
    uint64_t sum = 0;
    for (const uint64_t count : decapsulator_.counters().discarded) {
      sum += count;
    }
    return sum;
  }
  // Frames with this tunnel, and how many of them were opened.
  std::pair<uint64_t, uint64_t> Tunnels(v1::TunnelKind kind) {
    v1::TrafficCensus census;
    decapsulator_.census().Fill(census);
    for (const auto& tunnel : census.tunnels()) {
      if (tunnel.kind() == kind) {
        return {tunnel.frames(), tunnel.decapsulated()};
      }
    }
    return {0, 0};
  }

  int64_t time_ns_ = kStart;
  DatagramRecorder sink_;
  Decapsulator decapsulator_{v1::CaptureConfig(), sink_};
};
using TunnelCount = std::pair<uint64_t, uint64_t>;

TEST_F(TunnelTest, IsOpenedWhateverItsKind) {
  const Bytes rtp = Rtp().Build();
  for (const TunnelCase& c : AllTunnels()) {
    SCOPED_TRACE(c.name);
    sink_.datagrams.clear();
    const TunnelCount before = Tunnels(c.kind);
    Feed(c.frame);
    EXPECT_EQ(Tunnels(c.kind),
              TunnelCount(before.first + 1, before.second + 1));
    ASSERT_EQ(sink_.datagrams.size(), 1u);
    const auto& [datagram, payload] = sink_.datagrams[0];
    EXPECT_EQ(datagram.flow.source.port, 4000);
    EXPECT_EQ(datagram.flow.destination.port, 4002);
    EXPECT_EQ(ToBytes(payload), rtp);
    EXPECT_FALSE(datagram.truncated);
    EXPECT_EQ(datagram.tunnels, 1);
    EXPECT_EQ(datagram.link.vlan_count, c.is_frame_inside ? 1 : 0);
    EXPECT_EQ(datagram.link.source_mac[1], c.is_frame_inside ? 1 : c.frame[7]);
  }
  EXPECT_EQ(Discarded(), 0u);
}

TEST_F(TunnelTest, IsDiscardedAndCountedOrOpenedIfCutAnywhere) {
  for (const TunnelCase& c : AllTunnels()) {
    SCOPED_TRACE(c.name);
    for (size_t size = 0; size < c.frame.size(); ++size) {
      const uint64_t before = Discarded();
      sink_.datagrams.clear();
      // A buffer of that size, for the address sanitizer.
      const Bytes cut(c.frame.begin(),
                      c.frame.begin() + static_cast<ptrdiff_t>(size));
      Feed(cut, c.frame.size());
      EXPECT_EQ(Discarded() - before + sink_.datagrams.size(), 1u) << size;
      for (const auto& [datagram, payload] : sink_.datagrams) {
        EXPECT_TRUE(datagram.truncated) << size;
      }
    }
  }
  EXPECT_GT(Count(Discard::kTruncatedTunnel), 0u);
}

TEST_F(TunnelTest, IsDiscardedWithItsReasonIfItsHeaderIsWrong) {
  const Bytes bad[] = {
      // PPPoE of another version; a code of discovery.
      Link(0x8864, Bytes{0x21, 0, 0, 1, 0, 202, 0, 0x21} + Packet()),
      Link(0x8864, Bytes{0x11, 9, 0, 1, 0, 202, 0, 0x21} + Packet()),
      // GRE with routing, and of version 1.
      InIp(47, Bytes{0x40, 0, 8, 0} + Packet()),
      InIp(47, Bytes{0x20, 1, 0x88, 0x0b, 0, 9, 0, 1} + Packet()),
      // ERSPAN whose version is not its EtherType's.
      InIp(47,
           Bytes{0x10, 0, 0x88, 0xbe, 0, 0, 0, 5, 0x20, 1, 0, 0, 0, 0, 0, 0} +
               Frame()),
      // L2TPv3 without a frame.
      InIp(115, Bytes(60, 1)),
      // Labels without end.
      Link(0x8847, Bytes(200))};
  for (const Bytes& frame : bad) Feed(frame);
  EXPECT_EQ(Count(Discard::kBadTunnel), std::size(bad));
  EXPECT_TRUE(sink_.datagrams.empty());
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_PPPOE), TunnelCount(2, 0));
}

TEST_F(TunnelTest, IsNamedIfItIsEncrypted) {
  Feed(InIp(50, Bytes(60, 1)));
  Feed(Link(0x88e5, Bytes(60, 1)));
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_IPSEC), TunnelCount(1, 0));
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_MACSEC), TunnelCount(1, 0));
  EXPECT_EQ(Count(Discard::kOtherProtocol), 1u);
  EXPECT_EQ(Count(Discard::kNotIp), 1u);
}

TEST_F(TunnelTest, IsToldFromPacketsThatLookAlike) {
  // Addresses that are EtherTypes at the place of one.
  for (const char* address : {"8.6.1.1", "129.0.8.0", "136.71.1.1"}) {
    Feed(Link(0x8847, Bytes{0, 1, 1, 64} + Voice().From(address, 4000).Ip()));
  }
  Feed(Link(
      0x8847,
      Bytes{0, 1, 1, 64} +
          Voice().From("2001:db8:8100::1", 4000).To("2001:db8::2", 4002).Ip()));
  EXPECT_EQ(sink_.datagrams.size(), 4u);
  // A MAC address with a tag's EtherType, behind a control word.
  Feed(Link(0x8847, Bytes{0, 1, 1, 64, 0, 0, 0, 0} +
                        Voice().SourceMac({2, 0, 0x81, 0, 0, 1}).Ethernet()));
  ASSERT_EQ(sink_.datagrams.size(), 5u);
  EXPECT_EQ(sink_.datagrams[4].datagram.link.vlan_count, 0);
}

TEST_F(TunnelTest, MayHoldWhatIsNotIp) {
  const Bytes spanning_tree = {1, 0x80, 0xc2, 0, 0, 0,  2,    1,
                               1, 1,    1,    1, 0, 38, 0x42, 0x42};
  Feed(InIp(47, kErspan2 + spanning_tree));
  // A test of the path, on label 13 (RFC 5586); the link control of PPP.
  Feed(Link(0x8847, Bytes{0, 0, 0xd1, 1, 0x10, 0, 0, 7} + Bytes(40)));
  Feed(Link(0x8864, Bytes{0x11, 0, 0, 1, 0, 42, 0xc0, 0x21} + Bytes(40)));
  EXPECT_EQ(Count(Discard::kNotIp), 3u);
  EXPECT_EQ(Discarded(), 3u);
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_ERSPAN), TunnelCount(1, 1));
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_MPLS), TunnelCount(1, 1));
  EXPECT_EQ(Tunnels(v1::TUNNEL_KIND_PPPOE), TunnelCount(1, 1));
}

TEST_F(TunnelTest, IsOrdinaryUdpIfItsHeaderIsNone) {
  const std::pair<uint16_t, Bytes> ordinary[] = {
      {4789, Rtp().Build()},
      {2152, Rtp().Build()},
      {6081, Rtp().Build()},
      {1701, Rtp().Build()},
      {4789, ToBytes("INVITE sip:b@example.com SIP/2.0\r\n")},
      {37008, ToBytes("SIP/2.0 200 OK\r\n")},
      // As T.38 may begin: by a number.
      {4789, Bytes{8, 0, 1, 0, 0, 0, 42, 0} + Frame()},
      {4790, Bytes{8, 0, 0, 9, 0, 0, 42, 0} + Frame()},
      {2152, Bytes{0x30, 255, 0, 9, 0, 0, 0, 1, 0x70, 1, 2}},
      {2152, Bytes{0x34, 255, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0}},
      {6081, Bytes{0x40, 0, 8, 0, 0, 0, 0, 0} + Packet()},
      {6081, Bytes{0, 0, 8, 6, 0, 0, 0, 0} + Packet()},
      {37008, Bytes{1, 0, 0, 18, 1} + Frame()},
      {37008, Bytes{1, 0, 0, 1, 9, 200} + Bytes(20)},
      {1701, Bytes{0xc8, 2, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0}},
      // Binding request (RFC 5389).
      {6081, Bytes{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42} + Bytes(12)}};
  for (const auto& [port, payload] : ordinary) {
    SCOPED_TRACE(port);
    sink_.datagrams.clear();
    Feed(InUdp(port, payload));
    ASSERT_EQ(sink_.datagrams.size(), 1u);
    EXPECT_EQ(ToBytes(sink_.datagrams[0].payload), payload);
    EXPECT_EQ(sink_.datagrams[0].datagram.tunnels, 0);
  }
}

// `layers` times IP in IP around a packet.
Bytes Nested(int layers) {
  Bytes packet = Packet();
  for (int i = 0; i < layers; ++i) {
    const Bytes frame = InIp(4, packet);
    packet.assign(frame.begin() + 14, frame.end());
  }
  return Link(0x0800, packet);
}

TEST_F(TunnelTest, MayBeInTunnelsButNotWithoutEnd) {
  Feed(Nested(Decapsulator::kMaxTunnels));
  ASSERT_EQ(sink_.datagrams.size(), 1u);
  EXPECT_EQ(sink_.datagrams[0].datagram.tunnels, Decapsulator::kMaxTunnels);
  Feed(Nested(Decapsulator::kMaxTunnels + 1));
  Feed(Nested(1000));
  EXPECT_EQ(sink_.datagrams.size(), 1u);
  EXPECT_EQ(Count(Discard::kTooManyTunnels), 2u);
}

TEST_F(TunnelTest, IsPutTogetherOfFragmentsAndMayHoldFragments) {
  const std::string message(3000, 'x');
  const PacketBuilder sip = Voice().Payload(message);
  // Those of the datagram, each in a tunnel; and each tunnel in two.
  uint32_t id = 100;
  for (const Bytes& fragment : sip.Fragments(1400)) {
    const PacketBuilder vxlan =
        Between()
            .To("10.9.9.2", 4789)
            .IpId(id++)
            .Payload(Bytes{8, 0, 0, 0, 0, 0, 42, 0} + fragment);
    for (const Bytes& half : vxlan.Fragments(800)) Feed(half);
  }
  ASSERT_EQ(sink_.datagrams.size(), 1u);
  EXPECT_EQ(sink_.datagrams[0].payload, message);
  EXPECT_EQ(Discarded(), 0u);
}

TEST_F(TunnelTest, MakesACopyOfAFrameThatAlsoComesWithout) {
  FeedAt(kStart, Frame());
  FeedAt(kStart + 20'000, InIp(47, kErspan2 + Frame()));
  FeedAt(kStart + 30'000, InUdp(4789, Bytes{8, 0, 0, 0, 0, 0, 9, 0} + Frame()));
  EXPECT_EQ(sink_.datagrams.size(), 1u);
  EXPECT_EQ(decapsulator_.counters().mirror_copies, 2u);
}

TEST_F(TunnelTest, IsNotTakenForAMergedOrACutFrame) {
  const Bytes full = Voice().Vlan(7).Payload(std::string(1470, 'x')).Ethernet();
  Feed(InIp(47, kErspan2 + full));
  Feed(InUdp(4789, Bytes{8, 0, 0, 0, 0, 0, 9, 0} + full));
  v1::TrafficCensus census;
  decapsulator_.census().Fill(census);
  EXPECT_EQ(census.oversize_frames(), 0u);
  // What is inside may be.
  const Bytes merged = Voice().Payload(std::string(1600, 'x')).Ethernet();
  Feed(InIp(47, kErspan2 + merged));
  Bytes cut = InIp(47, kErspan2 + Frame());
  Feed(std::span(cut).first(100), cut.size());
  decapsulator_.census().Fill(census);
  EXPECT_EQ(census.oversize_frames(), 1u);
  EXPECT_EQ(census.longest_frame(), merged.size());
  EXPECT_EQ(census.truncated_frames(), 1u);
}

// The stamp of ERSPAN III with these last four bytes of its header, and what
// follows it.
std::optional<TunnelStamp> StampOf(const Bytes& tail, const Bytes& after = {}) {
  Tunnel tunnel;
  EXPECT_FALSE(OpenIpTunnel(47,
                            Bytes{0x10, 0, 0x22, 0xeb, 0, 0, 0, 5, 0x20, 1,
                                  0x18, 100, 0xf1, 2, 3, 4} +
                                tail + after + Frame(),
                            tunnel));
  return tunnel.stamp;
}

TEST(ErspanStamp, HasTheUnitOfItsGranularityIfThatIsOfUse) {
  const uint32_t units[] = {0, 100, 1, 0};
  for (uint8_t granularity = 0; granularity < 4; ++granularity) {
    const auto stamp =
        StampOf({0, 0, 0x01, static_cast<uint8_t>(0x50 | granularity << 1)});
    ASSERT_TRUE(stamp);
    EXPECT_EQ(stamp->unit_ns, units[granularity]) << int{granularity};
    EXPECT_EQ(stamp->ticks, 0xf1020304u);
    EXPECT_TRUE(stamp->wraps_at_32_bits);
    EXPECT_EQ(stamp->clock, 0x15);
  }
}

TEST(ErspanStamp, IsCompletedByThePlatformsSubheader) {
  // Granularity 2 and an optional subheader.
  const Bytes tail = {0, 0, 0, 5};
  // Platforms 3 and 7: the upper half.
  for (const uint8_t platform : {3, 7}) {
    const auto upper = StampOf(
        tail, {static_cast<uint8_t>(platform << 2), 0, 0, 0, 0, 0, 0, 9});
    EXPECT_EQ(upper->ticks, 9ull << 32 | 0xf1020304u);
    EXPECT_FALSE(upper->wraps_at_32_bits);
  }
  // 5 and 6: seconds.
  for (const uint8_t platform : {5, 6}) {
    const auto seconds = StampOf(
        tail, {static_cast<uint8_t>(platform << 2), 0, 0, 0, 0, 0, 0, 9});
    EXPECT_EQ(seconds->ticks, 9'000'000'000 + 0xf1020304u);
    EXPECT_FALSE(seconds->wraps_at_32_bits);
  }
  // 1: no time.
  const auto none = StampOf(tail, {4, 0, 0, 0, 0, 0, 0, 9});
  EXPECT_EQ(none->ticks, 0xf1020304u);
  EXPECT_TRUE(none->wraps_at_32_bits);
}

TEST_F(TunnelTest, CountsWhatIsMissingInItsNumbering) {
  for (const uint8_t number : {1, 2, 5, 6}) Feed(InErspan(number, Frame()));
  decapsulator_.Finish();
  EXPECT_EQ(decapsulator_.tunnel_drops(), 2u);
}

}  // namespace
}  // namespace callbraid::sensor
