#include "common/base/bounded_queue.h"

#include <memory>

#include "common/base/thread.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

TEST(BoundedQueue, RefusesAndCountsWhenFull) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.Push(1));
  EXPECT_TRUE(queue.Push(2));
  EXPECT_FALSE(queue.Push(3));
  EXPECT_EQ(queue.drops(), 1u);
  EXPECT_EQ(queue.Pop(absl::ZeroDuration()), 1);
  EXPECT_TRUE(queue.Push(4));
}

TEST(BoundedQueue, HandsOutWhatIsLeftAfterClose) {
  BoundedQueue<std::unique_ptr<int>> queue(2);
  EXPECT_TRUE(queue.Push(std::make_unique<int>(7)));
  queue.Close();
  EXPECT_FALSE(queue.Push(std::make_unique<int>(8)));
  EXPECT_FALSE(queue.closed_and_empty());
  EXPECT_EQ(**queue.Pop(absl::InfiniteDuration()), 7);
  EXPECT_FALSE(queue.Pop(absl::InfiniteDuration()).has_value());
  EXPECT_TRUE(queue.closed_and_empty());
}

TEST(BoundedQueue, PushWaitLosesNothingBetweenThreads) {
  constexpr int kItems = 20'000;
  BoundedQueue<int> queue(3);
  Thread producer("producer", [&queue] {
    for (int i = 0; i < kItems; ++i) queue.PushWait(i);
    queue.Close();
  });
  int next = 0;
  while (const auto item = queue.Pop(absl::InfiniteDuration())) {
    EXPECT_EQ(*item, next++);
  }
  EXPECT_EQ(next, kItems);
  EXPECT_EQ(queue.drops(), 0u);
}

}  // namespace
}  // namespace callbraid
