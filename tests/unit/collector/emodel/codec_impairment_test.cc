#include "collector/emodel/codec_impairment.h"

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

double IeOf(std::string_view name, double rate = 0) {
  const auto found = ImpairmentOf(name, rate, true);
  return found ? found->ie : -1;
}

TEST(CodecImpairment, KnowsTheValuesOfTheStandard) {
  const auto g711 = ImpairmentOf("PCMU", 64'000, true);
  ASSERT_TRUE(g711);
  EXPECT_EQ(g711->ie, 0);
  EXPECT_EQ(g711->bpl, 25.1);
  EXPECT_FALSE(g711->provisional);
  EXPECT_FALSE(g711->wideband);
  EXPECT_EQ(ImpairmentOf("pcma", 0, false)->bpl, 4.3);
  EXPECT_EQ(ImpairmentOf("G729", 0, false)->bpl, 19.0);
  EXPECT_EQ(IeOf("AAL2-G726-32"), 7);
  EXPECT_EQ(IeOf("g726-24"), 25);
}

TEST(CodecImpairment, TellsModesByTheirRate) {
  EXPECT_EQ(IeOf("G723", 20 * 8 / 0.03), 19);
  EXPECT_EQ(IeOf("G723", 24 * 8 / 0.03), 15);
  EXPECT_EQ(IeOf("AMR", 32 * 8 / 0.02), 5);
  EXPECT_EQ(IeOf("AMR", 14 * 8 / 0.02), 21);
  EXPECT_EQ(IeOf("AMR-WB", 33 * 8 / 0.02), 13);
  EXPECT_EQ(IeOf("AMR-WB", 60 * 8 / 0.02), 1);
  // As published: worse than the mode below it.
  EXPECT_EQ(IeOf("AMR-WB", 61 * 8 / 0.02), 8);
  EXPECT_EQ(IeOf("AMR-WB"), 8);
}

TEST(CodecImpairment, SaysWhatIsNoStandard) {
  for (const char* name : {"opus", "iLBC", "AMR", "GSM", "G722"}) {
    const auto found = ImpairmentOf(name, 0, true);
    ASSERT_TRUE(found) << name;
    EXPECT_TRUE(found->provisional) << name;
    EXPECT_NE(std::string(found->source), "") << name;
  }
  EXPECT_TRUE(ImpairmentOf("opus", 0, true)->wideband);
}

TEST(CodecImpairment, KnowsNothingOfOthers) {
  EXPECT_FALSE(ImpairmentOf("", 64'000, true));
  EXPECT_FALSE(ImpairmentOf("telephone-event", 0, true));
  EXPECT_FALSE(ImpairmentOf("EVS", 13'200, true));
}

}  // namespace
}  // namespace callbraid::collector
