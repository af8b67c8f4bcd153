#include "common/rtp/rtcp_packet.h"

#include <array>
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

// Sender report with two blocks, then an SDES chunk.
std::vector<uint8_t> Reporting() {
  std::vector<uint8_t> bytes = {0x82, 200, 0, 18, 1, 2, 3, 4};
  bytes.insert(bytes.end(), 20, 0xee);
  for (const uint8_t ssrc : {7, 8}) {
    const std::array<uint8_t, 24> block = {0, 0, 0, ssrc, 99, 0xff, 0xff, 0xfd,
                                           0, 1, 0, ssrc, 0,  0,    0,    160,
                                           1, 1, 1, 1,    2,  2,    2,    2};
    bytes.insert(bytes.end(), block.begin(), block.end());
  }
  const std::vector<uint8_t> sdes = {0x81, 202, 0, 2, 1, 2, 3, 4, 1, 1, 'a', 0};
  bytes.insert(bytes.end(), sdes.begin(), sdes.end());
  return bytes;
}

TEST(ReadRtcpReports, ReadsEachBlock) {
  std::array<RtcpReport, 4> reports;
  ASSERT_EQ(ReadRtcpReports(Reporting(), reports), 2u);
  EXPECT_EQ(reports[0].reporter, 0x01020304u);
  EXPECT_EQ(reports[0].ssrc, 7u);
  EXPECT_EQ(reports[1].ssrc, 8u);
  EXPECT_EQ(reports[1].cumulative_lost, -3);
  EXPECT_EQ(reports[1].highest_sequence, 0x10008u);
  EXPECT_EQ(reports[1].jitter, 160u);
}

TEST(ReadRtcpReports, ReadsNoMoreThanThereIsRoomFor) {
  std::array<RtcpReport, 1> reports;
  EXPECT_EQ(ReadRtcpReports(Reporting(), reports), 1u);
}

TEST(ReadRtcpReports, ReadsNothingOfWhatIsCut) {
  const auto bytes = Reporting();
  std::array<RtcpReport, 4> reports;
  for (size_t size = 0; size < bytes.size(); ++size) {
    if (size == 76) continue;  // The sender report alone is whole.
    EXPECT_EQ(ReadRtcpReports(std::span(bytes).first(size), reports), 0u)
        << size;
  }
}

TEST(ReadRtcpReports, ReadsNothingOfWhatIsEncrypted) {
  auto bytes = Reporting();
  for (size_t i = 8; i < bytes.size(); ++i) {
    bytes[i] = static_cast<uint8_t>(bytes[i] ^ (37 * i));
  }
  std::array<RtcpReport, 4> reports;
  EXPECT_EQ(ReadRtcpReports(bytes, reports), 0u);
}

TEST(ReadRtcpReports, DoesNotBelieveACountThatThePacketHasNoRoomFor) {
  auto bytes = Reporting();
  bytes[0] = 0x9f;
  std::array<RtcpReport, 40> reports;
  EXPECT_EQ(ReadRtcpReports(bytes, reports), 2u);
}

}  // namespace
}  // namespace callbraid
