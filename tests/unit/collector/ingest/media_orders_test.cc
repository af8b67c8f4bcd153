#include "collector/ingest/media_orders.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/fake_clock.h"

namespace callbraid::collector {
namespace {

using fakes::At;
using fakes::kSecond;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// Notes what it is told, in words.
class Peer final : public UplinkPeer {
 public:
  void Send(v1::ConnectResponse response) override {
    for (const v1::MediaOrder& order : response.media_orders().orders()) {
      const std::string kind = v1::MediaOrder::Kind_Name(order.kind());
      std::string& text = said_.emplace_back(absl::StrCat(
          kind.substr(5), " ", order.ssrc(), "@", order.capture_point()));
      if (order.kind() != v1::MediaOrder::KIND_DELIVER) continue;
      absl::StrAppend(&text, " ", order.first_sequence(), "+", order.packets());
    }
  }
  void End(absl::Status) override {}
  void Consumed(size_t) override {}
  const std::string& address() const override { return address_; }
  int64_t last_heard_ns() const override { return 0; }

  // Since the last call.
  std::vector<std::string> Said() { return std::exchange(said_, {}); }

 private:
  std::vector<std::string> said_;
  const std::string address_ = "10.0.0.1:99";
};

ObservationId Id(const std::string& digit) {
  return *ObservationId::FromHex(std::string(31, '0') + digit);
}

MediaPlace PlaceOf(const std::string& sensor) {
  return {sensor, "eth1", {At("10.0.0.1", 4000), At("10.0.0.2", 4000)}, 7};
}

MediaCandidate Good(const std::string& sensor, int64_t lacks = 0) {
  return {PlaceOf(sensor), true, lacks};
}
MediaCandidate Bad(const std::string& sensor) {
  return {PlaceOf(sensor), false, 100};
}

class MediaOrdersTest : public testing::Test {
 protected:
  std::shared_ptr<Peer> Connect(const std::string& sensor, bool keeps = true,
                                bool has_kept = true, uint64_t instance = 1) {
    auto peer = std::make_shared<Peer>();
    v1::Hello hello;
    hello.set_sensor_id(sensor);
    hello.set_instance_id(instance);
    hello.set_keeps_media(keeps);
    hello.set_has_kept_media(has_kept);
    hello.add_capture_points()->set_name("eth0");
    hello.add_capture_points()->set_name("eth1");
    orders_.Connected(hello, peer);
    return peer;
  }
  // Its connection ends, and it comes back.
  std::shared_ptr<Peer> Reconnect(const std::string& sensor,
                                  uint64_t instance = 1) {
    orders_.Disconnected(sensor);
    return Connect(sensor, true, true, instance);
  }
  void Wish(const std::vector<MediaCandidate>& stream,
            const std::string& call = "1") {
    MediaWishes wishes;
    if (!stream.empty()) wishes.streams.push_back(stream);
    orders_.OnWishes(Id(call), wishes);
  }
  // Packets `begin` up to `end`.
  static PayloadGap GapOf(int64_t begin, int64_t end,
                          const std::vector<std::string>& keepers) {
    PayloadGap gap = {Id("9"), begin, end, {}};
    for (const std::string& sensor : keepers) {
      gap.keepers.push_back({PlaceOf(sensor), static_cast<uint16_t>(begin), 0});
    }
    return gap;
  }
  void Lack(int64_t begin, int64_t end, const std::vector<std::string>& keepers,
            const std::string& call = "1") {
    orders_.OnWishes(Id(call), {{}, {GapOf(begin, end, keepers)}});
  }
  std::vector<ObservationId> Later(int64_t seconds) {
    clock_.Advance(seconds * kSecond);
    return orders_.OnTime();
  }

  fakes::FakeClock clock_;
  MediaOrders orders_{clock_};
};

TEST_F(MediaOrdersTest, SayEachThingOnce) {
  const auto s1 = Connect("s1");
  const auto s2 = Connect("s2");
  Wish({Good("s1"), Good("s2", 1)});
  EXPECT_THAT(s1->Said(), IsEmpty());
  EXPECT_THAT(s2->Said(), ElementsAre("KEEP 7@1"));
  Wish({Good("s1"), Good("s2", 1)});
  EXPECT_THAT(s2->Said(), IsEmpty());
}

// Whoever sends goes on, though another one lacks less; unless it is bad.
TEST_F(MediaOrdersTest, ChangeTheSenderOnlyWhenTheyMust) {
  const auto s1 = Connect("s1");
  const auto s2 = Connect("s2");
  Wish({Good("s1"), Good("s2")});
  EXPECT_THAT(s2->Said(), ElementsAre("KEEP 7@1"));
  Wish({Good("s1", 3), Good("s2")});
  EXPECT_THAT(s1->Said(), IsEmpty());
  EXPECT_THAT(s2->Said(), IsEmpty());
  Wish({Bad("s1"), Good("s2")});
  EXPECT_THAT(s1->Said(), ElementsAre("KEEP 7@1"));
  EXPECT_THAT(s2->Said(), ElementsAre("SEND 7@1"));
  Wish({Bad("s1"), Bad("s2")});
  EXPECT_THAT(s1->Said(), ElementsAre("SEND 7@1"));
  EXPECT_THAT(s2->Said(), IsEmpty());
}

// Whatever they are called, and though the one that keeps lacks less.
TEST_F(MediaOrdersTest, TakeTheSenderFromThoseThatCannotKeep) {
  const auto branch = Connect("a-branch");
  const auto core = Connect("core", false, false);
  Wish({Good("a-branch"), Good("core", 2)});
  EXPECT_THAT(branch->Said(), ElementsAre("KEEP 7@1"));
  EXPECT_THAT(core->Said(), IsEmpty());
}

TEST_F(MediaOrdersTest, EndWithTheCallAndWithTheOther) {
  const auto s1 = Connect("s1");
  const auto s2 = Connect("s2");
  Wish({Good("s1"), Good("s2")});
  Wish({});
  EXPECT_THAT(s2->Said(), ElementsAre("KEEP 7@1", "SEND 7@1"));
  // Merged with another call, which says the same.
  Wish({Good("s1"), Good("s2")}, "2");
  EXPECT_THAT(s2->Said(), ElementsAre("KEEP 7@1"));
}

TEST_F(MediaOrdersTest, NobodyKeepsWhatNobodySends) {
  const auto s2 = Connect("s2");
  Wish({Good("s1"), Good("s2")});
  EXPECT_THAT(s2->Said(), IsEmpty());
  Connect("s1");
  Wish({Good("s1"), Good("s2", 1)});
  EXPECT_THAT(s2->Said(), ElementsAre("KEEP 7@1"));
  orders_.Disconnected("s1");
  EXPECT_THAT(s2->Said(), ElementsAre("SEND 7@1"));
}

TEST_F(MediaOrdersTest, KnowWhetherAnybodyKeeps) {
  EXPECT_FALSE(orders_.HasKeepers());
  Connect("s1", false);
  EXPECT_FALSE(orders_.HasKeepers());
  Connect("s2");
  Connect("s2");
  EXPECT_TRUE(orders_.HasKeepers());
  orders_.Disconnected("s2");
  EXPECT_FALSE(orders_.HasKeepers());
}

TEST_F(MediaOrdersTest, AskTheNextKeeperForWhatDoesNotCome) {
  const auto s2 = Connect("s2");
  const auto s3 = Connect("s3", false, true);
  Lack(100, 110, {"s2", "s3"});
  EXPECT_THAT(s2->Said(), ElementsAre("DELIVER 7@1 100+10"));
  EXPECT_THAT(s3->Said(), IsEmpty());
  // The same, and more of it: no news.
  Lack(100, 110, {"s2", "s3"});
  Lack(100, 120, {"s2", "s3"});
  EXPECT_THAT(Later(20), IsEmpty());
  EXPECT_THAT(s2->Said(), IsEmpty());
  EXPECT_THAT(Later(11), IsEmpty());
  EXPECT_THAT(s2->Said(), IsEmpty());
  EXPECT_THAT(s3->Said(), ElementsAre("DELIVER 7@1 100+20"));
  Lack(500, 510, {"s2"});
  EXPECT_THAT(s2->Said(), ElementsAre("DELIVER 7@1 500+10"));
}

TEST_F(MediaOrdersTest, GiveUpWhenEveryKeeperWasAskedThreeTimes) {
  const auto s2 = Connect("s2");
  Connect("s4", false, false);
  Lack(100, 110, {"s2", "s3"});
  for (int i = 0; i < 20; ++i) EXPECT_THAT(Later(31), IsEmpty());
  EXPECT_EQ(s2->Said().size(), 3u);
  EXPECT_FALSE(orders_.HasGivenUp(Id("1")));
  // It was away.
  const auto s3 = Connect("s3");
  std::vector<ObservationId> given_up;
  for (int i = 0; i < 5; ++i) {
    for (const ObservationId& id : Later(31)) given_up.push_back(id);
  }
  EXPECT_EQ(s3->Said().size(), 3u);
  EXPECT_THAT(given_up, ElementsAre(Id("1")));
  EXPECT_TRUE(orders_.HasGivenUp(Id("1")));
  // Looked at again, it still is, which is no news.
  Lack(100, 110, {"s2", "s3"});
  EXPECT_TRUE(orders_.HasGivenUp(Id("1")));
  EXPECT_THAT(Later(31), IsEmpty());
  EXPECT_TRUE(orders_.HasGivenUp(Id("1")));
  orders_.OnWishes(Id("1"), {});
  EXPECT_FALSE(orders_.HasGivenUp(Id("1")));
}

// It has its orders still, and a backlog goes first.
TEST_F(MediaOrdersTest, AskNobodyAnewWhoOnlyLostTheConnection) {
  auto s2 = Connect("s2");
  Lack(100, 110, {"s2"});
  EXPECT_THAT(s2->Said(), ElementsAre("DELIVER 7@1 100+10"));
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Later(9), IsEmpty());
    s2 = Reconnect("s2");
    EXPECT_THAT(Later(20), IsEmpty());
    EXPECT_THAT(s2->Said(), IsEmpty());
  }
  // Longer than anybody is waited for, and looked at meanwhile.
  orders_.Disconnected("s2");
  EXPECT_THAT(Later(31), IsEmpty());
  Lack(100, 110, {"s2"});
  EXPECT_THAT(Later(100), IsEmpty());
  s2 = Connect("s2");
  EXPECT_THAT(Later(20), IsEmpty());
  EXPECT_THAT(s2->Said(), IsEmpty());
  // It may not have heard of it. No connection that ended counts.
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Later(31), IsEmpty());
    EXPECT_THAT(s2->Said(), ElementsAre("DELIVER 7@1 100+10"));
  }
  EXPECT_THAT(Later(31), ElementsAre(Id("1")));
}

TEST_F(MediaOrdersTest, AskAnewWhoWasStartedAnew) {
  Connect("s2");
  Lack(100, 110, {"s2"});
  for (uint64_t instance = 2; instance < 12; ++instance) {
    const auto s2 = Reconnect("s2", instance);
    EXPECT_THAT(Later(6), IsEmpty());
    EXPECT_THAT(s2->Said(), ElementsAre("DELIVER 7@1 100+10"));
  }
  EXPECT_FALSE(orders_.HasGivenUp(Id("1")));
}

TEST_F(MediaOrdersTest, AskAnotherWhileWhoWasAskedIsAway) {
  Connect("s2");
  const auto s3 = Connect("s3");
  Lack(100, 110, {"s2", "s3"});
  orders_.Disconnected("s2");
  EXPECT_THAT(Later(20), IsEmpty());
  EXPECT_THAT(s3->Said(), IsEmpty());
  EXPECT_THAT(Later(11), IsEmpty());
  EXPECT_THAT(s3->Said(), ElementsAre("DELIVER 7@1 100+10"));
  const auto s2 = Connect("s2");
  EXPECT_THAT(Later(20), IsEmpty());
  EXPECT_THAT(s2->Said(), IsEmpty());
}

TEST_F(MediaOrdersTest, WaitNotForEverForWhoNeverStays) {
  auto s2 = Connect("s2");
  Lack(100, 110, {"s2"});
  std::vector<std::string> said = s2->Said();
  std::vector<ObservationId> given_up;
  for (int i = 0; i < 60; ++i) {
    s2 = Reconnect("s2");
    for (const ObservationId& id : Later(5)) given_up.push_back(id);
    for (const std::string& order : s2->Said()) said.push_back(order);
  }
  EXPECT_EQ(said.size(), 4u) << "the first does not count";
  EXPECT_THAT(given_up, ElementsAre(Id("1")));
}

// Over a narrow uplink it takes its time.
TEST_F(MediaOrdersTest, AskAgainOnlyWhenNothingMoreComes) {
  const auto s2 = Connect("s2");
  Lack(0, 1000, {"s2"});
  EXPECT_THAT(s2->Said(), ElementsAre("DELIVER 7@1 0+1000"));
  for (int64_t begin = 50; begin < 1000; begin += 50) {
    EXPECT_THAT(Later(20), IsEmpty());
    Lack(begin, 1000, {"s2"});
  }
  EXPECT_THAT(s2->Said(), IsEmpty());
  // What is left is asked for as often as if it had not been.
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Later(31), IsEmpty());
    EXPECT_THAT(s2->Said(), ElementsAre("DELIVER 7@1 950+50"));
  }
  EXPECT_THAT(Later(31), ElementsAre(Id("1")));
  // A part came after all.
  Lack(960, 1000, {"s2"});
  EXPECT_FALSE(orders_.HasGivenUp(Id("1")));
  EXPECT_THAT(s2->Said(), ElementsAre("DELIVER 7@1 960+40"));
}

TEST_F(MediaOrdersTest, WaitForWhatASensorDeliversBefore) {
  const auto s2 = Connect("s2");
  Lack(0, 1000, {"s2"}, "1");
  Lack(0, 10, {"s2"}, "2");
  s2->Said();
  for (int64_t begin = 100; begin < 1000; begin += 100) {
    EXPECT_THAT(Later(20), IsEmpty());
    Lack(begin, 1000, {"s2"}, "1");
  }
  EXPECT_THAT(s2->Said(), IsEmpty());
  // What it was asked for later has come, so the other does not.
  Lack(0, 10, {"s2"}, "3");
  EXPECT_THAT(s2->Said(), ElementsAre("DELIVER 7@1 0+10"));
  orders_.OnWishes(Id("1"), {});
  orders_.OnWishes(Id("3"), {});
  EXPECT_THAT(Later(6), IsEmpty());
  EXPECT_THAT(s2->Said(), ElementsAre("DELIVER 7@1 0+10"));
}

// Its disk was replaced, or its interface is another one now.
TEST_F(MediaOrdersTest, GiveUpWhatNobodyHasAnyMore) {
  Connect("s2", false, false);
  const auto s3 = Connect("s3");
  Lack(100, 110, {"s2"}, "1");
  MediaWishes wishes = {{}, {GapOf(100, 110, {"s3"})}};
  wishes.gaps[0].keepers[0].place.capture_point = "eth7";
  orders_.OnWishes(Id("2"), wishes);
  EXPECT_THAT(Later(6), UnorderedElementsAre(Id("1"), Id("2")));
  EXPECT_THAT(s3->Said(), IsEmpty());
  // Somebody else may have it, who is away.
  Lack(100, 110, {"s2", "s4"}, "3");
  EXPECT_THAT(Later(6), IsEmpty());
  EXPECT_FALSE(orders_.HasGivenUp(Id("3")));
}

TEST_F(MediaOrdersTest, AskASensorThatComesBack) {
  Lack(100, 110, {"s2"});
  const auto s2 = Connect("s2");
  EXPECT_THAT(Later(6), IsEmpty());
  EXPECT_THAT(s2->Said(), ElementsAre("DELIVER 7@1 100+10"));
}

TEST_F(MediaOrdersTest, AskForSoManyGapsAtOnce) {
  const auto s2 = Connect("s2");
  MediaWishes wishes;
  for (int64_t i = 0; i < 1000; ++i) {
    wishes.gaps.push_back(GapOf(10 * i, 10 * i + 5, {"s2"}));
  }
  orders_.OnWishes(Id("1"), wishes);
  EXPECT_EQ(s2->Said().size(), MediaOrders::kMaxGaps);
  // Those that do not come do not stand in the way of the others.
  std::map<std::string, int> times;
  std::vector<ObservationId> given_up;
  while (given_up.empty()) {
    given_up = Later(31);
    const std::vector<std::string> said = s2->Said();
    EXPECT_LE(said.size(), MediaOrders::kMaxGaps);
    for (const std::string& order : said) ++times[order];
    orders_.OnWishes(Id("1"), wishes);
    ASSERT_LT(clock_.MonotonicNs(), 3600 * kSecond);
  }
  EXPECT_EQ(times.size(), 1000u);
  EXPECT_THAT(times, Contains(testing::Pair("DELIVER 7@1 9990+5", 3)));
  EXPECT_TRUE(orders_.HasGivenUp(Id("1")));
}

TEST_F(MediaOrdersTest, GapsOfWhoIsAwayTakeNoPlace) {
  const auto s2 = Connect("s2");
  MediaWishes wishes;
  for (int64_t i = 0; i < 1000; ++i) {
    wishes.gaps.push_back(GapOf(10 * i, 10 * i + 5, {"s3"}));
  }
  wishes.gaps.push_back(GapOf(20'000, 20'005, {"s2"}));
  orders_.OnWishes(Id("1"), wishes);
  EXPECT_THAT(s2->Said(), ElementsAre("DELIVER 7@1 20000+5"));
}

}  // namespace
}  // namespace callbraid::collector
