#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_MEDIA_STORE_CONTRACT_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_MEDIA_STORE_CONTRACT_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "collector/store/buckets.h"
#include "tests/unit/collector/store/store_contract.h"

namespace callbraid::collector {

class MediaStoreContract : public StoreContract {
 protected:
  static std::vector<uint32_t> AllBuckets() {
    return {0, std::numeric_limits<uint32_t>::max()};
  }
  std::vector<std::string> Read(const ObservationId& id,
                                const std::vector<uint32_t>& ranges,
                                size_t limit = 1000) {
    std::vector<std::string> frames;
    const absl::Status status =
        media().ReadFrames(id, ranges, [&](const FrameRecord& frame) {
          EXPECT_EQ(frame.observation, id);
          frames.push_back(frame.frame);
          return frames.size() < limit;
        });
    EXPECT_TRUE(status.ok()) << status;
    return frames;
  }
};

TEST_P(MediaStoreContract, ReadsFramesInTheOrderOfTimeAndOrdinal) {
  CommitGroup group;
  group.frames = {{IdOf(1), 20, 1, "d"},
                  {IdOf(1), 20, 0, "c"},
                  {IdOf(1), 3 * kBucketNs, 0, "e"},
                  {IdOf(1), 10, 9, "b"},
                  {IdOf(1), 10, 1, "a"}};
  MustCommit(group);
  EXPECT_THAT(Read(IdOf(1), AllBuckets()),
              testing::ElementsAre("a", "b", "c", "d", "e"));
}

TEST_P(MediaStoreContract, ReadsTheFramesOfOneObservationOnly) {
  CommitGroup group;
  for (int i = 0; i < 20; ++i) {
    group.frames.push_back({IdOf(i), 10, 0, std::to_string(i)});
  }
  MustCommit(group);
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(Read(IdOf(i), AllBuckets()),
                testing::ElementsAre(std::to_string(i)));
  }
  EXPECT_THAT(Read(IdOf(99), AllBuckets()), testing::IsEmpty());
}

TEST_P(MediaStoreContract, ReadsTheBucketsAskedForOnly) {
  CommitGroup group;
  for (int i = 0; i < 6; ++i) {
    group.frames.push_back({IdOf(1), i * kBucketNs, 0, std::to_string(i)});
    group.frames.push_back({IdOf(2), i * kBucketNs, 0, "other"});
  }
  MustCommit(group);
  EXPECT_THAT(Read(IdOf(1), {1, 2, 4, 4}), testing::ElementsAre("1", "2", "4"));
  EXPECT_THAT(Read(IdOf(1), {}), testing::IsEmpty());
}

TEST_P(MediaStoreContract, StopsWhenTheVisitorHasSeenEnough) {
  CommitGroup group;
  group.frames = {
      {IdOf(1), 1, 0, "a"}, {IdOf(1), 2, 0, "b"}, {IdOf(1), kBucketNs, 0, "c"}};
  MustCommit(group);
  EXPECT_THAT(Read(IdOf(1), {0, 0, 1, 1}, 2), testing::ElementsAre("a", "b"));
}

TEST_P(MediaStoreContract, KeepsAFrameThatIsWrittenTwiceOnce) {
  CommitGroup group;
  group.frames = {{IdOf(1), 1, 0, "a"}};
  MustCommit(group);
  MustCommit(group);
  EXPECT_THAT(Read(IdOf(1), AllBuckets()), testing::ElementsAre("a"));
}

TEST_P(MediaStoreContract, KeepsFramesOfAbsurdTimesInOrder) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  CommitGroup group;
  group.frames = {{IdOf(1), kMax, 0, "max"},
                  {IdOf(1), -1, 0, "-1"},
                  {IdOf(1), kMin, 0, "min"},
                  {IdOf(1), 1, 0, "1"}};
  MustCommit(group);
  EXPECT_THAT(Read(IdOf(1), AllBuckets()),
              testing::ElementsAre("min", "-1", "1", "max"));
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_MEDIA_STORE_CONTRACT_H_
