#include "common/t38/udptl_packet.h"

#include <algorithm>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid {
namespace {

using Bytes = std::vector<uint8_t>;

// Sequence number 5; no signal; before it: V.21 preamble, and no signal.
const Bytes kRedundant = {0, 5, 1, 0x00, 0x00, 2, 1, 0x06, 1, 0x00};
// An FEC over three packets, in two groups.
const Bytes kParity = {0x12, 0x34, 1, 0x00, 0x80, 1, 3, 2, 1, 0x55, 2, 1, 2};

Bytes ToBytes(std::span<const uint8_t> span) {
  return {span.begin(), span.end()};
}

TEST(ParseUdptl, ReadsRedundancy) {
  const auto packet = ParseUdptl(kRedundant);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->sequence, 5);
  EXPECT_EQ(ToBytes(packet->primary), Bytes{0x00});
  EXPECT_EQ(packet->recovery_kind, UdptlPacket::Recovery::kRedundancy);
  ASSERT_EQ(packet->recovery_count, 2);
  EXPECT_EQ(ToBytes(packet->recovery[0]), Bytes{0x06});
  EXPECT_EQ(ToBytes(packet->recovery[1]), Bytes{0x00});
}

TEST(ParseUdptl, ReadsParity) {
  const auto packet = ParseUdptl(kParity);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->sequence, 0x1234);
  EXPECT_EQ(packet->recovery_kind, UdptlPacket::Recovery::kParity);
  EXPECT_EQ(packet->parity_span, 3);
  ASSERT_EQ(packet->recovery_count, 2);
  EXPECT_EQ(ToBytes(packet->recovery[1]), (Bytes{1, 2}));
}

TEST(ParseUdptl, ReadsLengthsOfTwoBytes) {
  // 300 bytes of image data of V.17.
  Bytes datagram = {0, 1, 0x81, 0x31, 0xd0, 1, 0x80, 0x01, 0x2b};
  datagram.insert(datagram.end(), 300, 0xaa);
  datagram.insert(datagram.end(), {0x00, 0});
  const auto packet = ParseUdptl(datagram);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->primary.size(), 305);
}

TEST(ParseUdptl, RejectsEveryTruncation) {
  for (const Bytes& whole : {kRedundant, kParity}) {
    for (size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(ParseUdptl(std::span(whole).first(size))) << size;
    }
  }
}

TEST(ParseUdptl, RejectsWhatIsLonger) {
  Bytes datagram = kRedundant;
  datagram.push_back(0);
  EXPECT_FALSE(ParseUdptl(datagram));
}

TEST(ParseUdptl, RejectsWhatLooksLikeIt) {
  // STUN binding request (RFC 5389), a keep-alive of zeros, RTP.
  Bytes stun = {0x00, 0x01, 0x00, 0x00, 0x21, 0x12, 0xa4, 0x42};
  stun.resize(20, 0x5a);
  EXPECT_FALSE(ParseUdptl(stun));
  EXPECT_FALSE(ParseUdptl(Bytes{0, 0, 0, 0}));
  Bytes rtp = {0x80, 0x00, 0x12, 0x34, 0, 0, 0, 160, 1, 2, 3, 4};
  rtp.resize(172, 0xff);
  EXPECT_FALSE(ParseUdptl(rtp));
}

TEST(ParseUdptl, KeepsTheNewestOfVeryMuchRedundancy) {
  Bytes datagram = {0, 40, 1, 0x00, 0x00, 30};
  for (int i = 0; i < 30; ++i) {
    datagram.push_back(1);
    datagram.push_back(static_cast<uint8_t>(i < 16 ? 0x06 : 0x00));
  }
  const auto packet = ParseUdptl(datagram);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->recovery_count, UdptlPacket::kMaxRecovery);
  EXPECT_EQ(ToBytes(packet->recovery[15]), Bytes{0x06});
}

}  // namespace
}  // namespace callbraid
