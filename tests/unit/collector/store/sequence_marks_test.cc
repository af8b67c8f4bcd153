#include "collector/store/sequence_marks.h"

#include <cstdlib>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'700'000'000 * kSecond;
// Half of what a number of 16 bits tells apart.
constexpr int64_t kHalfTurn = 32'768;

TEST(SequenceMarks, KnowNothingWithoutAny) {
  const store::v1::RtpTally tally;
  EXPECT_EQ(SequenceAt(kStart, tally), 0);
  EXPECT_EQ(TimeOfSequence(7, tally), 0);
}

TEST(SequenceMarks, GoLinearlyBetweenTwo) {
  store::v1::RtpTally tally;
  AddSequenceMark(100, kStart, tally);
  AddSequenceMark(200, kStart + 10 * kSecond, tally);
  EXPECT_EQ(SequenceAt(kStart + 5 * kSecond, tally), 150);
  EXPECT_EQ(TimeOfSequence(150, tally), kStart + 5 * kSecond);
  EXPECT_EQ(SequenceAt(kStart - kSecond, tally), 100);
  EXPECT_EQ(SequenceAt(kStart + 90 * kSecond, tally), 200);
}

// An hour of talk, an hour of silence, an hour of talk; a chunk each half
// second.
TEST(SequenceMarks, TellNumbersApartOverPausesOfAnHour) {
  store::v1::RtpTally tally;
  struct Chunk {
    int64_t sequence;
    int64_t time_ns;
  };
  std::vector<Chunk> chunks;
  int64_t sequence = 70'000;
  for (int64_t half = 0; half < 3 * 7200; ++half) {
    const bool pause = half >= 7200 && half < 14'400;
    if (pause && half % 20 != 0) continue;
    chunks.push_back({sequence, kStart + half * kSecond / 2});
    sequence += pause ? 1 : 25;
  }
  for (const Chunk& chunk : chunks) {
    AddSequenceMark(static_cast<uint64_t>(chunk.sequence), chunk.time_ns,
                    tally);
    EXPECT_LE(tally.marks_size(), kMaxSequenceMarks);
  }
  EXPECT_GT(tally.marks_size(), kMaxSequenceMarks / 4);
  for (const Chunk& chunk : chunks) {
    EXPECT_LT(std::abs(SequenceAt(chunk.time_ns, tally) - chunk.sequence),
              kHalfTurn);
    EXPECT_LT(std::abs(TimeOfSequence(chunk.sequence, tally) - chunk.time_ns),
              kHalfTurn / 50 * kSecond);
  }
}

// The clock of the sensor may be set.
TEST(SequenceMarks, BearTimesThatGoBack) {
  store::v1::RtpTally tally;
  for (int i = 0; i < 1000; ++i) {
    AddSequenceMark(static_cast<uint64_t>(1000 + 25 * i),
                    kStart + (i < 500 ? i : i - 900) * kSecond, tally);
  }
  EXPECT_LE(tally.marks_size(), kMaxSequenceMarks);
  EXPECT_GE(SequenceAt(kStart + 10 * kSecond, tally), 1000);
}

}  // namespace
}  // namespace callbraid::collector
