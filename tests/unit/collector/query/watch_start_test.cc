#include "collector/query/watch_start.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/query/watched.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A watcher that was told of everything up to here, and left.
std::string TokenOf(Watched& watched, const std::string& caller = "any") {
  watched.Watch();
  watched.HeardUpTo(caller);
  watched.Leave();
  return watched.token();
}

TEST(WatchStart, TellsWhatHappenedMeanwhile) {
  Watched watched;
  for (const char* name : {"a", "b", "c", "d"}) {
    watched.Put(name, "101", /*settled=*/true);
  }
  const std::string token = TokenOf(watched);
  watched.Put("b", "102", /*settled=*/true);
  watched.Put("b", "103", /*settled=*/true);
  watched.Put("e", "104", /*settled=*/true);
  watched.Remove("c");
  watched.Merge("d", "e", "104");
  watched.Put("e", "104", /*settled=*/true);
  watched.Annotate("a", "vip");
  watched.Watch(token);
  EXPECT_THAT(watched.HeardUpTo("any"), ElementsAre("U b 103", "U e 104", "R c",
                                                    "M d e", "U a 101 #vip"));
}

TEST(WatchStart, TellsOfAllThatIsNotSettledForTheLogHasNotEachChangeOfIt) {
  Watched watched;
  watched.Put("a", "101");
  const std::string token = TokenOf(watched);
  const uint64_t logged = watched.store().events().LastEvent();
  watched.Put("a", "101");
  ASSERT_EQ(watched.store().events().LastEvent(), logged);
  watched.Watch(token);
  EXPECT_THAT(watched.HeardUpTo("any"), ElementsAre("U a 101"));
}

TEST(WatchStart, GoesOnWithChanges) {
  Watched watched;
  const std::string token = TokenOf(watched);
  watched.Put("a", "101", /*settled=*/true);
  watched.Watch(token);
  watched.Put("b", "102", /*settled=*/true);
  watched.Put("a", "103", /*settled=*/true);
  const auto heard = watched.HeardUpTo("any");
  EXPECT_EQ(heard.back(), "U a 103");
  // And can be left and resumed again.
  watched.Leave();
  watched.Put("c", "104", /*settled=*/true);
  watched.Watch(watched.token());
  EXPECT_THAT(watched.HeardUpTo("any"), ElementsAre("U c 104"));
}

TEST(WatchStart, GoesOnFromAnAlert) {
  Watched watched;
  watched.Put("a", "101", /*settled=*/true);
  watched.Alert();
  const ResumeTokens& tokens = watched.hub().tokens();
  const auto position = tokens.At(watched.store().events().LastEvent());
  ASSERT_TRUE(position.ok()) << position.status();
  watched.Put("b", "102", /*settled=*/true);
  watched.Alert();
  watched.Watch(tokens.Seal(*position, Scope::All()));
  EXPECT_THAT(watched.HeardUpTo("any"), ElementsAre("U b 102"));
}

TEST(WatchStart, TellsOfAScopeOnly) {
  Watched watched(OfCaller("101"));
  for (const char* name : {"a", "b", "c"}) {
    watched.Put(name, "101", /*settled=*/true);
  }
  for (const char* name : {"x", "y"}) {
    watched.Put(name, "102", /*settled=*/true);
  }
  const std::string token = TokenOf(watched, "101");
  watched.Put("a", "102", /*settled=*/true);
  watched.Merge("b", "x", "102");
  watched.Put("x", "102", /*settled=*/true);
  watched.Remove("c");
  watched.Remove("y");
  watched.Put("z", "102");
  watched.Watch(token);
  EXPECT_THAT(watched.HeardUpTo("101"), ElementsAre("R a", "R b", "R c"));
}

TEST(WatchStart, WhoWasAwayForLongIsToldInPieces) {
  Watched watched(Scope::All(), /*capacity=*/10'000);
  const std::string token = TokenOf(watched);
  for (int i = 0; i < 1500; ++i) {
    watched.Put(absl::StrCat("n", i), "101", /*settled=*/true);
  }
  watched.Watch(token);
  EXPECT_EQ(watched.HeardUpTo("any").size(), 1500u);
}

TEST(WatchStart, SaysThatWhatHappenedIsNoLongerKnown) {
  Watched watched;
  const std::string token = TokenOf(watched);
  watched.Put("a", "101");
  ASSERT_TRUE(watched.store().events().CutEvents(0, 1).ok());
  watched.Watch(token);
  EXPECT_EQ(watched.End().error_code(), grpc::StatusCode::OUT_OF_RANGE);
}

TEST(WatchStart, ALogThatIsAnotherOneIsNoticed) {
  Watched other;
  other.Put("a", "101");
  // As after a power failure, or over a backup: the same number, and something
  // else.
  const auto there = other.hub().tokens().At(1);
  ASSERT_TRUE(there.ok());
  EXPECT_TRUE(other.hub().tokens().Check(*there).ok());
  EXPECT_TRUE(absl::IsOutOfRange(
      other.hub().tokens().Check({there->sequence, there->mark + 1})));
  EXPECT_TRUE(absl::IsOutOfRange(
      other.hub().tokens().Check({there->sequence + 1, there->mark})));
}

TEST(WatchStart, ATokenIsOfOneScope) {
  Watched watched(OfCaller("101"));
  watched.Put("a", "101");
  const std::string token = TokenOf(watched, "101");
  const ResumeTokens& tokens = watched.hub().tokens();
  EXPECT_TRUE(tokens.Open(token, OfCaller("101")).ok());
  for (const Scope& scope : {Scope::All(), OfCaller("10*")}) {
    EXPECT_TRUE(absl::IsInvalidArgument(tokens.Open(token, scope).status()));
  }
  for (const std::string& bad : {std::string("x"), token + "A", token.substr(1),
                                 std::string(9999, 'A')}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(tokens.Open(bad, OfCaller("101")).status()));
  }
}

}  // namespace
}  // namespace callbraid::collector
