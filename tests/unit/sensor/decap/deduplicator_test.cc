#include "sensor/decap/deduplicator.h"

#include "gtest/gtest.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {
namespace {

using ::callbraid::fakes::Bytes;
using ::callbraid::fakes::PacketBuilder;
using ::callbraid::fakes::Rtp;

constexpr int64_t kWindow = 2'000'000;
constexpr int64_t kStart = 1'700'000'000'000'000'000;

class DeduplicatorTest : public ::testing::Test {
 protected:
  bool IsCopy(int64_t time_ns, const PacketBuilder& builder) {
    const Bytes bytes = builder.Ip();
    IpPacket packet;
    EXPECT_FALSE(ParseIp(bytes, bytes.size(), packet));
    return deduplicator_.IsCopy(time_ns, packet);
  }
  static PacketBuilder Packet(uint16_t sequence = 1) {
    return PacketBuilder().IpId(500).Payload(Rtp{.sequence = sequence}.Build());
  }

  Deduplicator deduplicator_{kWindow};
};

TEST_F(DeduplicatorTest, FindsCopiesWhateverTtlAndDscp) {
  EXPECT_FALSE(IsCopy(kStart, Packet()));
  EXPECT_TRUE(IsCopy(kStart + 1000, Packet().Ttl(63).Dscp(46)));
  EXPECT_TRUE(IsCopy(kStart + 2000, Packet()));
}

TEST_F(DeduplicatorTest, FindsCopiesWithEqualOrEarlierTimes) {
  EXPECT_FALSE(IsCopy(kStart, Packet()));
  EXPECT_TRUE(IsCopy(kStart, Packet()));
  EXPECT_TRUE(IsCopy(kStart - 25'000, Packet()));
}

TEST_F(DeduplicatorTest, TellsTheSightsOfSeveralSessionsApart) {
  using Sight = Deduplicator::Sight;
  const Bytes bytes = Packet().Ip();
  IpPacket packet;
  ASSERT_FALSE(ParseIp(bytes, bytes.size(), packet));
  const auto look = [&](int64_t after_ns, uint8_t session) {
    return deduplicator_.Look(kStart + after_ns, packet, session);
  };
  EXPECT_EQ(look(0, 1), Sight::kFirst);
  EXPECT_EQ(look(1000, 1), Sight::kCopy);
  EXPECT_EQ(look(2000, 2), Sight::kOfOtherSession);
  EXPECT_EQ(look(3000, 2), Sight::kCopy);
  EXPECT_EQ(look(4000, 1), Sight::kCopy);
  EXPECT_EQ(look(5000, Deduplicator::kMaxSession), Sight::kOfOtherSession);
  // By a mirror that is no session, it is a copy.
  EXPECT_EQ(look(6000, 0), Sight::kCopy);
  EXPECT_EQ(look(kWindow + 10'000, 2), Sight::kFirst);
  EXPECT_EQ(look(2 * kWindow + 20'000, 0), Sight::kFirst);
  EXPECT_EQ(look(2 * kWindow + 30'000, 2), Sight::kCopy);
}

TEST_F(DeduplicatorTest, CallsNothingACopyOutsideTheWindow) {
  EXPECT_FALSE(IsCopy(kStart, Packet()));
  EXPECT_TRUE(IsCopy(kStart + kWindow, Packet()));
  EXPECT_FALSE(IsCopy(kStart + kWindow + 1000, Packet()));
  // The window is that of the first, not of the last copy.
  EXPECT_FALSE(IsCopy(kStart + 500'000'000, Packet()));
}

TEST_F(DeduplicatorTest, TellsFlowsLengthsAndPayloadsApart) {
  EXPECT_FALSE(IsCopy(kStart, Packet()));
  EXPECT_FALSE(IsCopy(kStart, Packet(2)));
  EXPECT_FALSE(IsCopy(kStart, Packet().From("10.0.0.9", 4000)));
  EXPECT_FALSE(IsCopy(kStart, Packet().From("10.0.0.1", 4001)));
  EXPECT_FALSE(IsCopy(kStart, Packet().To("10.0.0.9", 4002)));
  EXPECT_FALSE(IsCopy(kStart, Packet().To("10.0.0.2", 4001)));
  Bytes longer = Rtp{.sequence = 1}.Build();
  longer.push_back(0);
  EXPECT_FALSE(IsCopy(kStart, Packet().Payload(longer)));
}

TEST_F(DeduplicatorTest, KeepsDtmfThatIsSentAgainWithANewIpId) {
  EXPECT_FALSE(IsCopy(kStart, Packet().IpId(1)));
  EXPECT_FALSE(IsCopy(kStart + 100'000, Packet().IpId(2)));
  EXPECT_FALSE(IsCopy(kStart + 200'000, Packet().IpId(3)));
  // And the mirror's copies of all three, in turn.
  EXPECT_TRUE(IsCopy(kStart + 210'000, Packet().IpId(1)));
  EXPECT_TRUE(IsCopy(kStart + 220'000, Packet().IpId(2)));
  EXPECT_TRUE(IsCopy(kStart + 230'000, Packet().IpId(3)));
}

TEST_F(DeduplicatorTest, FindsCopiesOfSendersWhoseIpIdIsConstantOrZero) {
  for (const uint16_t id : {0, 500}) {
    for (uint16_t sequence = 1; sequence <= 10; ++sequence) {
      const int64_t time_ns =
          kStart + int64_t{id} * 1'000'000'000 + sequence * 50'000;
      EXPECT_FALSE(IsCopy(time_ns, Packet(sequence).IpId(id)));
      EXPECT_TRUE(IsCopy(time_ns + 5000, Packet(sequence).IpId(id)));
    }
  }
}

TEST_F(DeduplicatorTest, ComparesTcpByWhatIdentifiesASegment) {
  const PacketBuilder segment = Packet().IpId(0);
  const uint8_t ack = PacketBuilder::kAck;
  EXPECT_FALSE(IsCopy(kStart, PacketBuilder(segment).Tcp(100, ack, 7)));
  EXPECT_TRUE(IsCopy(kStart + 10, PacketBuilder(segment).Tcp(100, ack, 7)));
  EXPECT_FALSE(IsCopy(kStart + 20, PacketBuilder(segment).Tcp(101, ack, 7)));
  EXPECT_FALSE(IsCopy(kStart + 30, PacketBuilder(segment).Tcp(100, ack, 8)));
  EXPECT_FALSE(IsCopy(kStart + 40, PacketBuilder(segment).Tcp(
                                       100, ack | PacketBuilder::kFin, 7)));
}

TEST_F(DeduplicatorTest, IgnoresChecksums) {
  Bytes bytes = Packet().Ip();
  IpPacket packet;
  ASSERT_FALSE(ParseIp(bytes, bytes.size(), packet));
  EXPECT_FALSE(deduplicator_.IsCopy(kStart, packet));
  bytes[10] = 0x12;  // IP.
  bytes[26] = 0x34;  // UDP.
  ASSERT_FALSE(ParseIp(bytes, bytes.size(), packet));
  EXPECT_TRUE(deduplicator_.IsCopy(kStart, packet));
}

TEST_F(DeduplicatorTest, FindsCopiesInIpv6) {
  const auto packet = [] {
    return Packet().From("2001:db8::1", 4000).To("2001:db8::2", 4002);
  };
  EXPECT_FALSE(IsCopy(kStart, packet()));
  EXPECT_TRUE(IsCopy(kStart + 10, packet().Ttl(3)));
}

TEST_F(DeduplicatorTest, FindsEveryCopyAtAMillionPacketsASecond) {
  // Each copy comes 25 packets behind its original.
  constexpr int kPackets = 5'000;
  constexpr int kLag = 25;
  int copies = 0;
  for (int i = 0; i < kPackets + kLag; ++i) {
    if (i < kPackets) {
      EXPECT_FALSE(IsCopy(kStart + i * 1000, Packet(static_cast<uint16_t>(i))));
    }
    if (i >= kLag) {
      copies += IsCopy(kStart + i * 1000 + 500,
                       Packet(static_cast<uint16_t>(i - kLag)));
    }
  }
  EXPECT_EQ(copies, kPackets);
}

TEST_F(DeduplicatorTest, CountsWhenItForgetsTooEarly) {
  for (int i = 0; i < 10'000; ++i) {
    IsCopy(kStart, Packet(static_cast<uint16_t>(i)));
  }
  EXPECT_GT(deduplicator_.evicted_early(), 1'000u);
}

}  // namespace
}  // namespace callbraid::sensor
