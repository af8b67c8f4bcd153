#include "collector/ingest/sequence_runs.h"

#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

std::set<uint64_t> Seen(const store::v1::RtpTally& tally) {
  std::set<uint64_t> seen;
  uint64_t at = tally.lowest_sequence();
  for (int i = 0; i < tally.runs_size(); ++i) {
    for (uint32_t n = 0; n < tally.runs(i); ++n, ++at) {
      if (i % 2 == 0) seen.insert(at);
    }
  }
  EXPECT_EQ(at, tally.highest_sequence() + 1);
  return seen;
}

TEST(SequenceRuns, HoldAUnbrokenRunInOneNumber) {
  store::v1::RtpTally tally;
  for (uint64_t i = 100; i < 1100; ++i) EXPECT_TRUE(AddSequence(i, tally));
  EXPECT_THAT(tally.runs(), testing::ElementsAre(1000));
}

TEST(SequenceRuns, TellDuplicatesFromLatePackets) {
  store::v1::RtpTally tally;
  for (const uint64_t i : {10, 11, 15}) EXPECT_TRUE(AddSequence(i, tally));
  EXPECT_FALSE(AddSequence(11, tally));
  EXPECT_TRUE(AddSequence(13, tally));
  EXPECT_FALSE(AddSequence(13, tally));
  EXPECT_TRUE(AddSequence(9, tally));
  EXPECT_THAT(tally.runs(), testing::ElementsAre(3, 1, 1, 1, 1));
  EXPECT_TRUE(AddSequence(12, tally));
  EXPECT_TRUE(AddSequence(14, tally));
  EXPECT_THAT(tally.runs(), testing::ElementsAre(7));
}

TEST(SequenceRuns, AgreeWithASetInAnyOrder) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    store::v1::RtpTally tally;
    std::set<uint64_t> expected;
    for (int i = 0; i < 100; ++i) {
      const uint64_t sequence = 1000 + random() % 80;
      EXPECT_EQ(AddSequence(sequence, tally), expected.insert(sequence).second);
    }
    EXPECT_EQ(Seen(tally), expected);
    EXPECT_EQ(tally.lowest_sequence(), *expected.begin());
    EXPECT_EQ(tally.highest_sequence(), *expected.rbegin());
    EXPECT_FALSE(tally.runs_incomplete());
  }
}

TEST(SequenceRuns, LeaveOutTheShortestGapBeyondTheLimit) {
  store::v1::RtpTally tally;
  // Gaps of 2, but one of 1 in the middle.
  uint64_t sequence = 0;
  for (int i = 0; i < kMaxRuns; ++i) {
    sequence += i == 500 ? 2 : 3;
    EXPECT_TRUE(AddSequence(sequence, tally));
    EXPECT_LE(tally.runs_size(), kMaxRuns);
  }
  EXPECT_TRUE(tally.runs_incomplete());
  // That one went first.
  EXPECT_FALSE(AddSequence(500 * 3 + 1, tally));
  EXPECT_EQ(tally.highest_sequence(), sequence);
}

}  // namespace
}  // namespace callbraid::collector
