#include "sensor/spool/kept_index.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"

namespace callbraid::sensor {
namespace {

using fakes::kMs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class KeptIndexTest : public testing::Test {
 protected:
  // Packets `begin` up to `end`.
  void Add(uint32_t begin, uint32_t end) {
    index_.Add(2, stream_.Run(begin, end).media(), ++frames_);
  }
  std::vector<uint64_t> Find(uint32_t first, uint32_t packets,
                             int64_t near_packet) const {
    std::vector<uint64_t> frames;
    for (const auto& chunk : index_.Find(
             key_, static_cast<uint16_t>(stream_.first_sequence + first),
             packets, stream_.start_ns + near_packet * 20 * kMs)) {
      frames.push_back(chunk.frame);
    }
    return frames;
  }

  const fakes::Stream stream_{};
  const KeptStream key_ = {
      2, {stream_.source, stream_.destination}, stream_.ssrc};
  KeptIndex index_;
  uint64_t frames_ = 0;
};

// The first number is 65,530: the wrap is in the first chunk.
TEST_F(KeptIndexTest, FindsTheChunksOfAGap) {
  for (uint32_t i = 0; i < 10; ++i) Add(25 * i, 25 * i + 25);
  EXPECT_THAT(Find(0, 1, 0), ElementsAre(1));
  EXPECT_THAT(Find(30, 50, 30), ElementsAre(2, 3, 4));
  EXPECT_THAT(Find(24, 2, 24), ElementsAre(1, 2));
  EXPECT_THAT(Find(249, 1000, 249), ElementsAre(10));
  EXPECT_THAT(Find(250, 1000, 250), IsEmpty());
  // However badly the time is reckoned.
  EXPECT_THAT(Find(30, 50, 20'000), ElementsAre(2, 3, 4));
}

TEST_F(KeptIndexTest, KnowsStreamsApart) {
  Add(0, 25);
  KeptStream other = key_;
  other.capture_point = 1;
  EXPECT_THAT(index_.Find(other, 65'530, 5, 0), IsEmpty());
  other = key_;
  other.flow = key_.flow.Reversed();
  EXPECT_THAT(index_.Find(other, 65'530, 5, 0), IsEmpty());
  other = key_;
  other.ssrc = 99;
  EXPECT_THAT(index_.Find(other, 65'530, 5, 0), IsEmpty());
}

// After 65,536 packets the numbers come again.
TEST_F(KeptIndexTest, TakesTheNearestOfThoseWithTheSameNumbers) {
  for (uint32_t i = 0; i < 3 * 65'536 / 25; ++i) Add(25 * i, 25 * i + 25);
  EXPECT_THAT(Find(1000, 10, 1000), ElementsAre(41));
  EXPECT_THAT(Find(1000, 10, 1000 + 65'536 + 9000), ElementsAre(2662));
  EXPECT_THAT(Find(1000, 10, 1000 + 2 * 65'536 - 9000),
              ElementsAre(5283, 5284));
}

TEST_F(KeptIndexTest, CountsWhatWasOvertaken) {
  index_.Add(2, stream_.Chunk({10, 12, 9, 13}).media(), 1);
  EXPECT_THAT(Find(9, 1, 9), ElementsAre(1));
  EXPECT_THAT(Find(13, 1, 9), ElementsAre(1));
  EXPECT_THAT(Find(8, 1, 9), IsEmpty());
  EXPECT_THAT(Find(14, 1, 9), IsEmpty());
}

TEST_F(KeptIndexTest, ForgetsWhatIsGone) {
  for (uint32_t i = 0; i < 10; ++i) Add(25 * i, 25 * i + 25);
  EXPECT_EQ(index_.size(), 10u);
  index_.ForgetBefore(4);
  EXPECT_EQ(index_.size(), 7u);
  EXPECT_THAT(Find(30, 50, 30), ElementsAre(4));
  index_.ForgetBefore(100);
  EXPECT_EQ(index_.size(), 0u);
}

}  // namespace
}  // namespace callbraid::sensor
