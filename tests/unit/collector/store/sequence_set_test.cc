#include "collector/store/sequence_set.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

SequenceSet Of(uint64_t lowest, const std::vector<uint32_t>& runs,
               int64_t shift = 0) {
  store::v1::RtpTally tally;
  tally.set_lowest_sequence(lowest);
  for (const uint32_t run : runs) tally.add_runs(run);
  return SequenceSet(tally, shift);
}

TEST(SequenceSet, CountsWhatWasSeenAndMissed) {
  const SequenceSet set = Of(100, {10, 2, 5});
  EXPECT_EQ(set.size(), 15);
  EXPECT_EQ(set.missing(), 2);
  EXPECT_EQ(set.begin(), 100);
  EXPECT_EQ(set.end(), 117);
}

TEST(SequenceSet, FillsGapsFromTheOther) {
  SequenceSet set = Of(100, {10, 2, 5});
  set.Add(Of(65'636, {12}, -65'536));
  EXPECT_EQ(set.size(), 17);
  EXPECT_EQ(set.missing(), 0);
}

TEST(SequenceSet, CountsWhatTwoHaveInCommonWithinARange) {
  const SequenceSet a = Of(100, {10, 2, 5});
  const SequenceSet b = Of(105, {3, 3, 10});
  EXPECT_EQ(a.CommonWith(b), 3 + 5);
  EXPECT_EQ(a.Within(108, 113).size(), 2 + 1);
}

TEST(SequenceSet, IsEmptyForNonsense) {
  EXPECT_TRUE(Of(UINT64_MAX, {10}).empty());
  EXPECT_TRUE(Of(5, {}).empty());
  EXPECT_EQ(Of(5, {}).missing(), 0);
}

}  // namespace
}  // namespace callbraid::collector
