#include "collector/query/watch_hub.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"
#include "tests/unit/collector/query/watched.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(WatchHub, AWatcherHearsOfItsScopeOnly) {
  Watched watched(OfCaller("101"));
  watched.Watch();
  watched.Put("a", "101");
  watched.Put("b", "102");
  watched.Put("c", "102");
  watched.Merge("b", "c", "102");
  watched.Remove("c");
  EXPECT_THAT(watched.HeardUpTo("101"), ElementsAre("U a 101"));
}

TEST(WatchHub, ACallThatLeavesTheScopeIsTakenAway) {
  Watched watched(OfCaller("101"));
  watched.Put("a", "101");
  // Also from who was not told of it by this watch.
  watched.Watch();
  watched.Put("a", "102");
  watched.Put("a", "102");
  EXPECT_THAT(watched.HeardUpTo("101"), ElementsAre("R a"));
  watched.Put("a", "101");
  EXPECT_THAT(watched.HeardUpTo("101"), ElementsAre("U a 101"));
}

TEST(WatchHub, AMergerNamesNoCallThatTheWatcherMayNotKnow) {
  Watched watched(OfCaller("101"));
  for (const char* name : {"a", "b", "c"}) watched.Put(name, "101");
  watched.Watch();
  watched.Merge("a", "b", "101");
  watched.Merge("c", "hidden", "102");
  EXPECT_THAT(watched.HeardUpTo("101"), ElementsAre("U b 101", "M a b", "R c"));
}

TEST(WatchHub, WhoSeesAllHearsAll) {
  Watched watched;
  watched.Watch();
  watched.Put("a", "101");
  watched.Put("b", "102");
  watched.Merge("a", "b", "102");
  watched.Remove("b");
  EXPECT_THAT(watched.HeardUpTo("any"),
              ElementsAre("U a 101", "U b 102", "U b 102", "M a b", "R b"));
}

TEST(WatchHub, TellsWhatPeopleWriteAndKeepsItInWhatIsToldNext) {
  Watched watched;
  watched.Put("a", "101", /*settled=*/true);
  watched.Watch();
  watched.Annotate("a", "vip");
  watched.Put("a", "101");
  EXPECT_THAT(watched.HeardUpTo("any"),
              ElementsAre("U a 101 #vip", "U a 101 #vip"));
}

TEST(WatchHub, ATurnThatFailsTellsNothing) {
  Watched watched;
  watched.Watch();
  { const CallTurn turn(watched.hub()); }
  EXPECT_THAT(watched.HeardUpTo("any"), ElementsAre());
}

TEST(WatchHub, AnAlertIsToldToNobodyAndEndsNoWatch) {
  Watched watched;
  watched.Alert();
  watched.Watch();
  watched.Put("a", "101");
  watched.Alert();
  watched.Put("b", "102");
  EXPECT_THAT(watched.HeardUpTo("any"), ElementsAre("U a 101", "U b 102"));
  // Also as the last of what was told.
  watched.Leave();
  watched.Alert();
  { const CallTurn turn(watched.hub()); }
  watched.Watch();
  watched.Put("c", "103");
  EXPECT_THAT(watched.HeardUpTo("any"), ElementsAre("U c 103"));
}

TEST(WatchHub, WhatWaitsForAHeldWatcherIsTheNewestOfEachCall) {
  Watched watched;
  const uint64_t id = watched.WatchHeld();
  for (int i = 0; i < 3000; ++i) watched.Put("a", absl::StrCat(i));
  watched.Put("b", "101");
  watched.Put("a", "last");
  const auto waiting = watched.hub().Drain(id);
  ASSERT_EQ(waiting.size(), 2u);
  EXPECT_EQ(waiting[0]->call().caller(), "101");
  EXPECT_EQ(waiting[1]->call().caller(), "last");
  EXPECT_TRUE(watched.hub().Drain(id).empty());
  EXPECT_THAT(watched.HeardUpTo("any"), ElementsAre()) << "it is live now";
}

TEST(WatchHub, OneCallerTakesNotTheOthersPlaces) {
  fakes::FakeClock clock;
  MemoryStore store;
  ASSERT_TRUE(store.events().StartLog(clock).ok());
  const PageSeal seal;
  WatchHub hub(store.facts(), store.events(), seal);
  const auto watch = [&hub](const std::string& who) {
    return hub.Add(WatchHub::Mode::kLive, Scope::All(), who);
  };
  // Reactors that no call ever gets: each is its own.
  std::vector<std::shared_ptr<WatchHub::Writer>> writers;
  const auto watches = [&](const std::string& who) {
    auto watcher = watch(who);
    if (watcher.ok()) writers.push_back(watcher->writer);
    return watcher.ok();
  };
  for (int i = 0; i < 49; ++i) ASSERT_TRUE(watches("ann")) << i;
  const auto last = watch("ann");
  ASSERT_TRUE(last.ok());
  writers.push_back(last->writer);
  const absl::Status refused = watch("ann").status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("watches calls 50 times already"));
  EXPECT_TRUE(watches("bob"));
  // Where nobody knows who it is there are only so many in all.
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(watches("")) << i;
  hub.Remove(last->id, absl::CancelledError("it left"));
  EXPECT_TRUE(watches("ann"));
  EXPECT_FALSE(watches("ann"));
  for (int i = 0; i < 1000 - 111; ++i) ASSERT_TRUE(watches("")) << i;
  EXPECT_TRUE(absl::IsResourceExhausted(watch("carl").status()));
  hub.Close();
  for (const auto& writer : writers) writer->OnDone();
}

}  // namespace
}  // namespace callbraid::collector
