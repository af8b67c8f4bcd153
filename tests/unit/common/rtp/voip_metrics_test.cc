#include "common/rtp/voip_metrics.h"

#include <array>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid {
namespace {

// Receiver report of 1, without blocks; then an XR of 1 with a receiver
// reference time and VoIP metrics about 2.
std::vector<uint8_t> Extended() {
  return {0x80, 201,  0,   1,  0,  0,   0,  1,                  //
          0x80, 207,  0,   13, 0,  0,   0,  1,                  //
          4,    0,    0,   2,  1,  2,   3,  4,  5, 6,  7, 8,    //
          7,    0,    0,   8,  0,  0,   0,  2,                  //
          26,   13,   128, 2,  0,  200, 1,  0,  0, 90, 0, 110,  //
          0xf0, 0xc0, 55,  16, 82, 127, 41, 39, 0, 0,  0, 60,  0, 120, 0, 200};
}

std::vector<RtcpVoipMetrics> Read(const std::vector<uint8_t>& bytes) {
  std::array<RtcpVoipMetrics, 4> metrics;
  const size_t count = ReadVoipMetrics(bytes, metrics);
  return {metrics.begin(), metrics.begin() + static_cast<ptrdiff_t>(count)};
}

TEST(ReadVoipMetrics, ReadsTheBlock) {
  const auto metrics = Read(Extended());
  ASSERT_EQ(metrics.size(), 1u);
  const RtcpVoipMetrics& block = metrics[0];
  EXPECT_EQ(block.reporter, 1u);
  EXPECT_EQ(block.ssrc, 2u);
  EXPECT_EQ(block.loss_rate, 26);
  EXPECT_EQ(block.discard_rate, 13);
  EXPECT_EQ(block.burst_density, 128);
  EXPECT_EQ(block.gap_density, 2);
  EXPECT_EQ(block.burst_duration_ms, 200);
  EXPECT_EQ(block.gap_duration_ms, 256);
  EXPECT_EQ(block.round_trip_delay_ms, 90);
  EXPECT_EQ(block.end_system_delay_ms, 110);
  EXPECT_EQ(block.r_factor, 82);
  EXPECT_EQ(block.mos_lq, 41);
  EXPECT_EQ(block.mos_cq, 39);
}

TEST(ReadVoipMetrics, EveryTruncationAddsNothing) {
  const auto bytes = Extended();
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(
        Read({bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size)})
            .empty())
        << size;
  }
}

TEST(ReadVoipMetrics, ABlockOfAnotherLengthIsNone) {
  auto bytes = Extended();
  bytes[31] = 7;
  EXPECT_TRUE(Read(bytes).empty());
  bytes[31] = 200;
  EXPECT_TRUE(Read(bytes).empty());
}

TEST(ReadVoipMetrics, ReadsNoMoreThanThereIsRoomFor) {
  auto bytes = Extended();
  const auto more = Extended();
  bytes.insert(bytes.end(), more.begin(), more.end());
  std::array<RtcpVoipMetrics, 1> one;
  EXPECT_EQ(ReadVoipMetrics(bytes, one), 1u);
  EXPECT_EQ(Read(bytes).size(), 2u);
}

// Sender report of 1 at 0x00020003.4..., which has heard that of 2.
std::vector<uint8_t> SenderReport() {
  return {0x81, 200,  0,    12,   0, 0, 0, 1,              //
          0,    1,    0,    2,    0, 3, 0, 4,              //
          0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0, 0,  //
          0,    0,    0,    2,    0, 0, 0, 0,              //
          0,    0,    0,    0,    0, 0, 0, 0,              //
          0xaa, 0xbb, 0xcc, 0xdd, 0, 1, 0, 0};
}

TEST(ReadRtcpTimings, ReadsWhenAndWhatWasHeard) {
  std::array<RtcpTiming, 4> timings;
  ASSERT_EQ(ReadRtcpTimings(SenderReport(), timings), 2u);
  EXPECT_EQ(timings[0].kind, RtcpTiming::Kind::kSent);
  EXPECT_EQ(timings[0].ssrc, 1u);
  EXPECT_EQ(timings[0].at, 0x00020003u);
  EXPECT_EQ(timings[1].kind, RtcpTiming::Kind::kHeard);
  EXPECT_EQ(timings[1].ssrc, 1u);
  EXPECT_EQ(timings[1].of, 2u);
  EXPECT_EQ(timings[1].at, 0xaabbccddu);
  EXPECT_EQ(timings[1].held, 65536u);
}

TEST(ReadRtcpTimings, LeavesOutWhoHeardNothing) {
  auto bytes = SenderReport();
  std::fill(bytes.end() - 8, bytes.end() - 4, 0);
  std::array<RtcpTiming, 4> timings;
  EXPECT_EQ(ReadRtcpTimings(bytes, timings), 1u);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(ReadRtcpTimings(std::span(bytes).first(size), timings), 0u);
  }
}

}  // namespace
}  // namespace callbraid
