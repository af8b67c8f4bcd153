#include "common/rtp/rtcp_packet.h"

#include <vector>

#include "gtest/gtest.h"

namespace callbraid {
namespace {

// Receiver report without blocks, then an SDES chunk.
std::vector<uint8_t> Compound() {
  return {0x80, 201, 0, 1, 1, 2, 3, 4,  //
          0x81, 202, 0, 2, 1, 2, 3, 4, 1, 1, 'a', 0};
}

TEST(ParseRtcp, ReadsACompound) {
  const auto rtcp = ParseRtcp(Compound());
  ASSERT_TRUE(rtcp);
  EXPECT_EQ(rtcp->packet_type, 201);
  EXPECT_EQ(rtcp->ssrc, 0x01020304u);
  EXPECT_EQ(rtcp->packets, 2);
}

TEST(ParseRtcp, RejectsEveryTruncation) {
  const auto bytes = Compound();
  for (size_t size = 0; size < bytes.size(); ++size) {
    if (size == 8) continue;  // The first packet alone is whole.
    EXPECT_FALSE(ParseRtcp(std::span(bytes).first(size))) << size;
  }
}

TEST(ParseRtcp, AcceptsALastPacketThatTheCaptureCut) {
  const auto bytes = Compound();
  EXPECT_TRUE(ParseRtcp(std::span(bytes).first(14), /*truncated=*/true));
}

TEST(ParseRtcp, RejectsRtp) {
  const std::vector<uint8_t> rtp = {0x80, 8, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4};
  EXPECT_FALSE(ParseRtcp(rtp));
}

}  // namespace
}  // namespace callbraid
