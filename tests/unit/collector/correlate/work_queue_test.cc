#include "collector/correlate/work_queue.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

ObservationId Id(const std::string& name) { return ObservationId::Of(name); }

TEST(WorkQueue, GivesWhatIsDueAndKeepsTheRest) {
  WorkQueue queue;
  queue.Add("s1", Id("late"), 300);
  queue.Add("s1", Id("early"), 100);
  queue.Add("s1", Id("next"), 200);
  EXPECT_FALSE(queue.HasDue(99));
  EXPECT_THAT(queue.Take(99, 10), IsEmpty());
  EXPECT_TRUE(queue.HasDue(200));
  EXPECT_THAT(queue.Take(200, 10), ElementsAre(Id("early"), Id("next")));
  EXPECT_FALSE(queue.HasDue(200));
  EXPECT_THAT(queue.Take(300, 10), ElementsAre(Id("late")));
  EXPECT_TRUE(queue.empty());
}

TEST(WorkQueue, HoldsEachOnceAtItsEarliestTime) {
  WorkQueue queue;
  queue.Add("s1", Id("a"), 200);
  queue.Add("s1", Id("a"), 300);
  queue.Add("s2", Id("a"), 100);
  EXPECT_THAT(queue.SizeBySensor(), ElementsAre(Pair("s1", 1u)));
  EXPECT_THAT(queue.Take(100, 10), ElementsAre(Id("a")));
  EXPECT_TRUE(queue.empty());
}

TEST(WorkQueue, LetsSensorsTakeTurns) {
  WorkQueue queue;
  for (int i = 0; i < 1000; ++i) {
    queue.Add("flood", Id("flood " + std::to_string(i)), i);
  }
  queue.Add("quiet", Id("x"), 900);
  queue.Add("quiet", Id("y"), 950);
  queue.Add("third", Id("z"), 2000);
  EXPECT_THAT(queue.Take(1000, 4),
              ElementsAre(Id("flood 0"), Id("x"), Id("flood 1"), Id("y")));
  EXPECT_EQ(queue.Take(1000, 5000).size(), 998u);
  EXPECT_THAT(queue.SizeBySensor(), ElementsAre(Pair("third", 1u)));
}

TEST(WorkQueue, GoesOnWithTheNextSensorWhereTheLastBatchStopped) {
  WorkQueue queue;
  for (const std::string sensor : {"s1", "s2", "s3"}) {
    queue.Add(sensor, Id(sensor + "a"), 1);
    queue.Add(sensor, Id(sensor + "b"), 2);
  }
  EXPECT_THAT(queue.Take(9, 2), ElementsAre(Id("s1a"), Id("s2a")));
  EXPECT_THAT(queue.Take(9, 2), ElementsAre(Id("s3a"), Id("s1b")));
  EXPECT_THAT(queue.Take(9, 9), ElementsAre(Id("s2b"), Id("s3b")));
}

TEST(WorkQueue, ForgetsWhatIsRemoved) {
  WorkQueue queue;
  queue.Add("s1", Id("a"), 1);
  EXPECT_TRUE(queue.Remove(Id("a")));
  EXPECT_FALSE(queue.Remove(Id("a")));
  EXPECT_TRUE(queue.empty());
  EXPECT_THAT(queue.SizeBySensor(), IsEmpty());
  EXPECT_THAT(queue.Take(9, 9), IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
