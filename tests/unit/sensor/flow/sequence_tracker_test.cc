#include "sensor/flow/sequence_tracker.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

using Result = SequenceTracker::Result;

SequenceTracker Started(uint16_t sequence) {
  SequenceTracker tracker;
  tracker.Start(sequence);
  return tracker;
}

TEST(SequenceTracker, CountsNothingLostInAnUnbrokenSequence) {
  SequenceTracker tracker = Started(65'530);
  for (int i = 1; i < 20; ++i) {
    EXPECT_EQ(tracker.Add(static_cast<uint16_t>(65'530 + i)), Result::kNext);
  }
  EXPECT_EQ(tracker.expected(), 20u);
  EXPECT_EQ(tracker.distinct(), 20u);
}

TEST(SequenceTracker, FollowsManyWraps) {
  SequenceTracker tracker = Started(0);
  for (uint32_t i = 1; i < 200'000; ++i) tracker.Add(static_cast<uint16_t>(i));
  EXPECT_EQ(tracker.expected(), 200'000u);
  EXPECT_EQ(tracker.distinct(), 200'000u);
}

TEST(SequenceTracker, TellsLateFromDuplicate) {
  SequenceTracker tracker = Started(10);
  EXPECT_EQ(tracker.Add(13), Result::kNext);
  EXPECT_EQ(tracker.Add(11), Result::kLate);
  EXPECT_EQ(tracker.Add(11), Result::kDuplicate);
  EXPECT_EQ(tracker.Add(13), Result::kDuplicate);
  EXPECT_EQ(tracker.expected(), 4u);
  EXPECT_EQ(tracker.distinct(), 3u);  // 12 is lost.
  EXPECT_EQ(tracker.reordered(), 1u);
  EXPECT_EQ(tracker.duplicates(), 2u);
}

TEST(SequenceTracker, TakesPacketsFromBeforeTheFirst) {
  SequenceTracker tracker = Started(2);
  EXPECT_EQ(tracker.Add(1), Result::kLate);
  EXPECT_EQ(tracker.Add(65'535), Result::kLate);
  EXPECT_EQ(tracker.expected(), 4u);
  EXPECT_EQ(tracker.distinct(), 3u);
}

TEST(SequenceTracker, RemembersWhatWasSeenForAHundredPackets) {
  SequenceTracker tracker = Started(0);
  for (uint16_t i = 2; i <= 101; ++i) tracker.Add(i);
  EXPECT_EQ(tracker.Add(2), Result::kDuplicate);
  EXPECT_EQ(tracker.Add(1), Result::kLate);
  EXPECT_EQ(tracker.Add(0), Result::kJump);
}

TEST(SequenceTracker, RemembersOverGapsOfAnySize) {
  for (const uint16_t gap : {1, 63, 64, 65, 99}) {
    SequenceTracker tracker = Started(1000);
    tracker.Add(static_cast<uint16_t>(1000 + gap));
    EXPECT_EQ(tracker.Add(1000), Result::kDuplicate) << gap;
    EXPECT_EQ(tracker.distinct(), 2u) << gap;
  }
}

// RFC 3550, appendix A.1: MAX_DROPOUT and MAX_MISORDER.
TEST(SequenceTracker, ReportsAJumpAndStaysAsItWas) {
  SequenceTracker tracker = Started(5000);
  EXPECT_EQ(tracker.Add(8000), Result::kJump);
  EXPECT_EQ(tracker.Add(4899), Result::kJump);
  EXPECT_EQ(tracker.expected(), 1u);
  EXPECT_EQ(tracker.Add(7999), Result::kNext);
  EXPECT_EQ(tracker.expected(), 3000u);
}

}  // namespace
}  // namespace callbraid::sensor
