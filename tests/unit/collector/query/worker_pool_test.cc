#include "collector/query/worker_pool.h"

#include <atomic>
#include <future>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

TEST(WorkerPool, RunsWhatWasSubmittedBeforeItEnds) {
  std::atomic<int> runs = 0;
  {
    WorkerPool pool("test", 2, 100);
    for (int i = 0; i < 50; ++i) {
      ASSERT_TRUE(pool.Submit([&runs] { ++runs; }).ok());
    }
  }
  EXPECT_EQ(runs, 50);
}

TEST(WorkerPool, RefusesWhenItsQueueIsFull) {
  std::promise<void> started;
  std::promise<void> go;
  WorkerPool pool("test", 1, 1);
  ASSERT_TRUE(pool.Submit([&] {
                    started.set_value();
                    go.get_future().wait();
                  })
                  .ok());
  started.get_future().wait();
  EXPECT_TRUE(pool.Submit([] {}).ok());
  EXPECT_EQ(pool.Submit([] {}).code(), absl::StatusCode::kResourceExhausted);
  go.set_value();
}

}  // namespace
}  // namespace callbraid::collector
