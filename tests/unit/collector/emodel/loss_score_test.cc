#include "collector/emodel/loss_score.h"

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

double MosOf(const CodecImpairment& codec, uint64_t missing, uint64_t expected,
             double burst_ratio = 1) {
  return ScoreOf(InputOf(codec, missing, expected, burst_ratio), codec.wideband)
      .mos;
}

TEST(LossScore, IsThatOfTheStandardWithoutLoss) {
  EXPECT_NEAR(MosOf(*ImpairmentOf("PCMA", 0, true), 0, 1000), 4.41, 0.005);
  EXPECT_NEAR(MosOf(*ImpairmentOf("G729", 0, true), 0, 1000), 4.10, 0.005);
  EXPECT_NEAR(MosOf(*ImpairmentOf("G722", 0, true), 0, 1000), 4.33, 0.005);
}

TEST(LossScore, FallsWithLossAndFurtherWithBursts) {
  const CodecImpairment g711 = *ImpairmentOf("PCMU", 0, true);
  const double at_random = MosOf(g711, 20, 1000);
  EXPECT_NEAR(at_random, 4.24, 0.005);
  EXPECT_LT(MosOf(g711, 20, 1000, 3), at_random);
  EXPECT_LT(MosOf(g711, 50, 1000), at_random);
}

TEST(LossScore, StaysWithinTheScaleWhateverIsMissing) {
  const CodecImpairment g726 = *ImpairmentOf("G726-16", 0, true);
  EXPECT_EQ(ScoreOf(InputOf(g726, 1000, 1000, 100), false).r, 0);
  EXPECT_EQ(MosOf(g726, 1000, 1000, 100), 1);
  EXPECT_EQ(MosOf(g726, 0, 0), MosOf(g726, 0, 1));
}

TEST(BurstRatio, ComparesRunsWithThoseOfRandomLoss) {
  EXPECT_EQ(BurstRatio(0, 0, 1000), 1);
  // Random loss has runs, too.
  EXPECT_EQ(BurstRatio(100, 90, 1000), 1);
  EXPECT_DOUBLE_EQ(BurstRatio(100, 20, 1000), 4.5);
  EXPECT_EQ(BurstRatio(1, 1, 1000), 1);
  EXPECT_EQ(BurstRatio(1000, 1, 1000), 1);
}

}  // namespace
}  // namespace callbraid::collector
