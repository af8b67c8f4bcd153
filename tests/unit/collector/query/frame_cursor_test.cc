#include "collector/query/frame_cursor.h"

#include <string>
#include <vector>

#include "collector/store/buckets.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;

class FrameCursorTest : public testing::TestWithParam<size_t> {
 protected:
  void Add(int64_t time_ns, uint32_t ordinal, const std::string& frame) {
    CommitGroup group;
    group.frames.push_back({id_, time_ns, ordinal, frame});
    ASSERT_TRUE(store_.Commit(group).ok());
  }
  std::vector<std::string> Read(std::vector<uint32_t> bucket_ranges) {
    FrameCursor cursor(store_.media(), id_, std::move(bucket_ranges),
                       GetParam());
    std::vector<std::string> frames;
    while (true) {
      auto next = cursor.Next();
      EXPECT_TRUE(next.ok());
      if (!next.ok() || !next->has_value()) return frames;
      frames.push_back((*next)->frame);
    }
  }

  MemoryStore store_;
  const ObservationId id_ = ObservationId::Of("x");
};

TEST_P(FrameCursorTest, ReadsEveryFrameOnceInOrder) {
  Add(1, 0, "a");
  Add(1, 1, "b");
  Add(kBucketNs - 1, 0, "c");
  Add(kBucketNs, 0, "d");
  Add(7 * kBucketNs + 5, 0, "e");
  EXPECT_THAT(Read({0, 1, 7, 7}), ElementsAre("a", "b", "c", "d", "e"));
}

TEST_P(FrameCursorTest, ReadsNothingWhereNothingIs) {
  EXPECT_THAT(Read({}), ElementsAre());
  EXPECT_THAT(Read({3, 9}), ElementsAre());
}

// However little is fetched at once.
INSTANTIATE_TEST_SUITE_P(ReadAhead, FrameCursorTest,
                         testing::Values(1, 2, 3, 1000));

}  // namespace
}  // namespace callbraid::collector
