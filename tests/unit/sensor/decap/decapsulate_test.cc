#include "sensor/decap/decapsulate.h"

#include <pcap/dlt.h>

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "tests/fakes/datagram_recorder.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {
namespace {

using ::callbraid::fakes::Bytes;
using ::callbraid::fakes::DatagramRecorder;
using ::callbraid::fakes::PacketBuilder;

constexpr int64_t kStart = 1'700'000'000'000'000'000;
constexpr int64_t kMillisecond = 1'000'000;

const char* const kInvite = "INVITE sip:b@example.com SIP/2.0\r\n";

class DecapsulatorTest : public ::testing::Test {
 protected:
  void Feed(std::span<const uint8_t> frame, int64_t time_ns = kStart,
            size_t wire_length = 0, int link_type = DLT_EN10MB) {
    decapsulator_.OnPacket(
        {.time_ns = time_ns,
         .link_type = link_type,
         .bytes = frame,
         .wire_length = static_cast<uint32_t>(
             wire_length != 0 ? wire_length : frame.size())});
  }
  uint64_t Count(Discard reason) const {
    return decapsulator_.counters().Get(reason);
  }

  DatagramRecorder sink_;
  Decapsulator decapsulator_{v1::CaptureConfig(), sink_};
};

TEST_F(DecapsulatorTest, HandsOnAUdpDatagram) {
  Feed(PacketBuilder()
           .From("192.0.2.1", 5060)
           .To("192.0.2.2", 5080)
           .Vlan(100)
           .Dscp(24)
           .Payload(kInvite)
           .Ethernet());
  ASSERT_EQ(sink_.datagrams.size(), 1u);
  const auto& [datagram, payload] = sink_.datagrams[0];
  EXPECT_EQ(datagram.time_ns, kStart);
  EXPECT_EQ(datagram.flow.source.ToString(), "192.0.2.1:5060");
  EXPECT_EQ(datagram.flow.destination.ToString(), "192.0.2.2:5080");
  EXPECT_EQ(datagram.protocol, Protocol::kUdp);
  EXPECT_EQ(datagram.dscp, 24);
  EXPECT_EQ(datagram.link.vlan_count, 1);
  EXPECT_EQ(datagram.link.vlan_ids[0], 100);
  EXPECT_FALSE(datagram.truncated);
  EXPECT_EQ(payload, kInvite);
}

TEST_F(DecapsulatorTest, HandsOnATcpSegment) {
  Feed(PacketBuilder()
           .From("2001:db8::1", 40000)
           .To("2001:db8::2", 5060)
           .Tcp(0xdeadbeef, PacketBuilder::kSyn | PacketBuilder::kFin)
           .Payload(kInvite)
           .Ethernet());
  ASSERT_EQ(sink_.datagrams.size(), 1u);
  const auto& [datagram, payload] = sink_.datagrams[0];
  EXPECT_EQ(datagram.protocol, Protocol::kTcp);
  EXPECT_EQ(datagram.flow.source.ToString(), "[2001:db8::1]:40000");
  EXPECT_EQ(datagram.tcp_sequence, 0xdeadbeef);
  EXPECT_TRUE(datagram.tcp_syn);
  EXPECT_TRUE(datagram.tcp_fin);
  EXPECT_FALSE(datagram.tcp_rst);
  EXPECT_EQ(payload, kInvite);
}

TEST_F(DecapsulatorTest, DoesNotTakeEthernetPaddingForPayload) {
  Feed(PacketBuilder().Payload("ab").Ethernet());
  Feed(PacketBuilder().Tcp(1).Ethernet());
  ASSERT_EQ(sink_.datagrams.size(), 2u);
  EXPECT_EQ(sink_.datagrams[0].payload, "ab");
  EXPECT_EQ(sink_.datagrams[1].payload, "");
}

TEST_F(DecapsulatorTest, SaysWhenTheCaptureCutThePayload) {
  const std::string body(600, 'x');
  const Bytes udp = PacketBuilder().Payload(body).Ethernet();
  Feed(std::span(udp).first(512), kStart, udp.size());
  const Bytes tcp = PacketBuilder().Tcp(1).Payload(body).Ethernet();
  Feed(std::span(tcp).first(512), kStart, tcp.size());
  ASSERT_EQ(sink_.datagrams.size(), 2u);
  EXPECT_TRUE(sink_.datagrams[0].datagram.truncated);
  EXPECT_EQ(sink_.datagrams[0].payload.size(), 512u - 42);
  EXPECT_TRUE(sink_.datagrams[1].datagram.truncated);
  EXPECT_EQ(sink_.datagrams[1].payload.size(), 512u - 54);
}

TEST_F(DecapsulatorTest, CountsBadTransportHeaders) {
  const PacketBuilder builder = PacketBuilder().Payload(std::string(50, 'x'));
  Feed(PacketBuilder(builder).UdpLength(7).Ethernet());
  Feed(PacketBuilder(builder).UdpLength(59).Ethernet());
  EXPECT_EQ(Count(Discard::kBadUdp), 2u);
  Bytes tcp = PacketBuilder(builder).Tcp(1).Ethernet();
  tcp[46] = 0x40;  // A header of 16 bytes.
  Feed(tcp);
  tcp[46] = 0xf0;  // 60 bytes, which are there.
  Feed(tcp);
  EXPECT_EQ(Count(Discard::kBadTcp), 1u);
  EXPECT_EQ(sink_.datagrams.size(), 1u);
  EXPECT_EQ(sink_.datagrams[0].payload.size(), 10u);
  Bytes icmp = PacketBuilder(builder).Ethernet();
  icmp[23] = 1;
  Feed(icmp);
  EXPECT_EQ(Count(Discard::kOtherProtocol), 1u);
}

TEST_F(DecapsulatorTest, TrimsWhatIsBehindTheUdpLength) {
  Feed(PacketBuilder().Payload(std::string(50, 'x')).UdpLength(18).Ethernet());
  ASSERT_EQ(sink_.datagrams.size(), 1u);
  EXPECT_EQ(sink_.datagrams[0].payload.size(), 10u);
  EXPECT_FALSE(sink_.datagrams[0].datagram.truncated);
}

TEST_F(DecapsulatorTest, SurvivesEveryTruncation) {
  const Bytes frames[] = {
      PacketBuilder().Vlan(1).Payload(kInvite).Ethernet(),
      PacketBuilder().Tcp(1).Payload(kInvite).Ethernet(),
      PacketBuilder().From("::1", 1).To("::2", 2).Payload(kInvite).Ethernet()};
  for (const Bytes& frame : frames) {
    for (size_t size = 0; size < frame.size(); ++size) {
      Feed(std::span(frame).first(size), kStart, frame.size());
    }
  }
  for (const auto& [datagram, payload] : sink_.datagrams) {
    EXPECT_TRUE(datagram.truncated);
    EXPECT_LT(payload.size(), std::string(kInvite).size());
  }
}

TEST_F(DecapsulatorTest, MakesFragmentedSipWholeWithTheTimeOfTheLast) {
  const std::string message = kInvite + std::string(3000, 'x');
  for (const bool v6 : {false, true}) {
    PacketBuilder builder = PacketBuilder().IpId(77).Payload(message);
    if (v6) builder.From("2001:db8::1", 5060).To("2001:db8::2", 5060);
    sink_.datagrams.clear();
    auto fragments = builder.Fragments(1400);
    ASSERT_EQ(fragments.size(), 3u);
    Feed(fragments[2], kStart);
    Feed(fragments[0], kStart + kMillisecond);
    EXPECT_TRUE(sink_.datagrams.empty());
    Feed(fragments[1], kStart + 2 * kMillisecond);
    ASSERT_EQ(sink_.datagrams.size(), 1u);
    EXPECT_EQ(sink_.datagrams[0].payload, message);
    EXPECT_EQ(sink_.datagrams[0].datagram.time_ns, kStart + 2 * kMillisecond);
    EXPECT_FALSE(sink_.datagrams[0].datagram.truncated);
  }
}

TEST_F(DecapsulatorTest, HandsOnTheFirstFragmentThatTheCaptureCut) {
  const auto fragments =
      PacketBuilder().IpId(77).Payload(std::string(3000, 'x')).Fragments(1400);
  for (const Bytes& fragment : fragments) {
    Feed(std::span(fragment).first(200), kStart, fragment.size());
  }
  ASSERT_EQ(sink_.datagrams.size(), 1u);
  EXPECT_EQ(sink_.datagrams[0].payload.size(), 200u - 42);
  EXPECT_TRUE(sink_.datagrams[0].datagram.truncated);
  EXPECT_EQ(Count(Discard::kTruncatedFragment), 2u);
}

TEST_F(DecapsulatorTest, PassesOneOfTwoMirroredFrames) {
  const PacketBuilder packet = PacketBuilder().IpId(5).Payload(kInvite);
  Feed(PacketBuilder(packet).Vlan(100).Ethernet(), kStart);
  Feed(PacketBuilder(packet).Ttl(63).SourceMac({9, 9, 9, 9, 9, 9}).Ethernet(),
       kStart + 2000);
  // A SIP retransmission is none.
  Feed(PacketBuilder(packet).Vlan(100).Ethernet(), kStart + 500 * kMillisecond);
  EXPECT_EQ(sink_.datagrams.size(), 2u);
  ASSERT_EQ(sink_.copies.size(), 1u);
  EXPECT_EQ(sink_.copies[0].payload, kInvite);
  EXPECT_EQ(sink_.copies[0].datagram.flow.source.ToString(), "10.0.0.1:4000");
  EXPECT_EQ(decapsulator_.counters().mirror_copies, 1u);
}

TEST_F(DecapsulatorTest, PutsMirroredFragmentsTogetherOnce) {
  const std::string message(3000, 'x');
  const auto fragments =
      PacketBuilder().IpId(5).Payload(message).Fragments(1400);
  for (const Bytes& fragment : fragments) {
    Feed(fragment);
    Feed(fragment, kStart + 1000);
  }
  decapsulator_.Finish();
  ASSERT_EQ(sink_.datagrams.size(), 1u);
  EXPECT_EQ(sink_.datagrams[0].payload, message);
  EXPECT_EQ(decapsulator_.counters().mirror_copies, 3u);
  EXPECT_EQ(Count(Discard::kFragmentTimeout), 0u);
  EXPECT_EQ(Count(Discard::kFragmentOverlap), 0u);
}

TEST_F(DecapsulatorTest, KeepsCopiesWhenTold) {
  v1::CaptureConfig config;
  config.set_keep_mirror_copies(true);
  Decapsulator keeping(config, sink_);
  const Bytes frame = PacketBuilder().Payload(kInvite).Ethernet();
  for (int i = 0; i < 2; ++i) {
    keeping.OnPacket({.time_ns = kStart,
                      .link_type = DLT_EN10MB,
                      .bytes = frame,
                      .wire_length = static_cast<uint32_t>(frame.size())});
  }
  EXPECT_EQ(sink_.datagrams.size(), 2u);
  EXPECT_EQ(keeping.counters().mirror_copies, 0u);
}

TEST_F(DecapsulatorTest, CountsFragmentsWhoseRestNeverComes) {
  const auto fragments =
      PacketBuilder().IpId(5).Payload(std::string(3000, 'x')).Fragments(1400);
  Feed(fragments[0]);
  decapsulator_.OnTime(kStart + 4'000 * kMillisecond);
  EXPECT_EQ(Count(Discard::kFragmentTimeout), 0u);
  decapsulator_.OnTime(kStart + 6'000 * kMillisecond);
  EXPECT_EQ(Count(Discard::kFragmentTimeout), 1u);
}

TEST(DiscardName, IsUniqueForEachReason) {
  std::set<std::string> names;
  for (size_t i = 0; i < kDiscardCount; ++i) {
    names.insert(DiscardName(static_cast<Discard>(i)));
  }
  EXPECT_EQ(names.size(), kDiscardCount);
  EXPECT_STREQ(DiscardName(Discard::kNotIp), "not_ip");
  EXPECT_STREQ(DiscardName(Discard::kBadFragment), "bad_fragment");
}

}  // namespace
}  // namespace callbraid::sensor
