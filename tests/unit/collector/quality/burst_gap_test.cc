#include "collector/quality/burst_gap.h"

#include <random>
#include <string>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

// 'x' is missing, anything else is not.
BurstGapCounts Of(const std::string& packets) {
  BurstGap meter;
  for (const char packet : packets) meter.Add(packet == 'x');
  return meter.Take();
}

std::string Good(size_t count) { return std::string(count, '.'); }

TEST(BurstGap, AllGoodIsOneGap) {
  const BurstGapCounts counts = Of(Good(100));
  EXPECT_EQ(counts.gaps, 1u);
  EXPECT_EQ(counts.gap_packets, 100u);
  EXPECT_EQ(counts.gap_missing, 0u);
  EXPECT_EQ(counts.bursts, 0u);
  EXPECT_EQ(counts.runs, 0u);
  EXPECT_EQ(Of("").gaps, 0u);
}

TEST(BurstGap, OneMissingByItselfIsInAGap) {
  const BurstGapCounts counts = Of(Good(20) + "x" + Good(16) + "x" + Good(3));
  EXPECT_EQ(counts.bursts, 0u);
  EXPECT_EQ(counts.gaps, 1u);
  EXPECT_EQ(counts.gap_packets, 41u);
  EXPECT_EQ(counts.gap_missing, 2u);
  EXPECT_EQ(counts.runs, 2u);
}

TEST(BurstGap, FifteenGoodPacketsDoNotEndABurst) {
  const BurstGapCounts counts = Of(Good(20) + "x" + Good(15) + "x" + Good(20));
  EXPECT_EQ(counts.bursts, 1u);
  EXPECT_EQ(counts.burst_packets, 17u);
  EXPECT_EQ(counts.burst_missing, 2u);
  EXPECT_EQ(counts.gaps, 2u);
  EXPECT_EQ(counts.gap_packets, 40u);
  EXPECT_EQ(counts.gap_missing, 0u);
}

TEST(BurstGap, ABurstMayBeginAndEndTheStream) {
  const BurstGapCounts counts = Of("xx" + Good(16) + "x.xx");
  EXPECT_EQ(counts.bursts, 2u);
  EXPECT_EQ(counts.burst_packets, 6u);
  EXPECT_EQ(counts.burst_missing, 5u);
  EXPECT_EQ(counts.gaps, 1u);
  EXPECT_EQ(counts.gap_packets, 16u);
  EXPECT_EQ(counts.runs, 3u);
}

TEST(BurstGap, EveryPacketIsInOneOfThem) {
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    std::string packets;
    size_t missing = 0;
    for (size_t j = random() % 400; j > 0; --j) {
      const bool is_missing = random() % (1 + i % 40) == 0;
      packets += is_missing ? 'x' : '.';
      missing += is_missing ? 1 : 0;
    }
    const BurstGapCounts counts = Of(packets);
    EXPECT_EQ(counts.burst_packets + counts.gap_packets, packets.size());
    EXPECT_EQ(counts.burst_missing + counts.gap_missing, missing);
    EXPECT_LE(counts.gaps, counts.bursts + 1);
    EXPECT_LE(counts.runs, missing);
    const BurstGapCounts back = Of({packets.rbegin(), packets.rend()});
    EXPECT_EQ(back.bursts, counts.bursts) << packets;
    EXPECT_EQ(back.burst_packets, counts.burst_packets) << packets;
  }
}

}  // namespace
}  // namespace callbraid::collector
