// What is to be known of media that several see (collector/calls/withheld.h).
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/delete_call.h"
#include "tests/unit/collector/correlate/harness.h"

namespace callbraid::collector {
namespace {

using fakes::kEpoch;
using fakes::kMs;
using fakes::kSecond;
using fakes::See;
using fakes::SensorAt;
using fakes::Spot;
using fakes::Stream;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const Spot kOne = {"s1"};
const Spot kTwo = {"s2", "eth0", "hq", 0, 2 * kMs};
const Spot kThree = {"s3", "eth0", "hq", 0, 3 * kMs};
constexpr int64_t kPacketMs = 20;
// The end of Stream().
constexpr int64_t kEndNs = kEpoch + (2100 + 800 * kPacketMs) * kMs;

// As if the sensor kept the packets from `first` to `last`.
StoredObservation Kept(StoredObservation stored, int64_t first, int64_t last) {
  store::v1::RtpTally& tally = stored.tally;
  const auto base = static_cast<int64_t>(tally.lowest_sequence());
  SequenceSet({{base + first, base + last + 1}}).SetWithheld(tally);
  const int64_t begin_ns = stored.observation.first_time_ns();
  for (const int64_t packet : {first, last}) {
    store::v1::SequenceMark& mark = *tally.add_marks();
    mark.set_sequence(static_cast<uint64_t>(base + packet));
    mark.set_time_ns(begin_ns + packet * kPacketMs * kMs);
  }
  return stored;
}

class MediaWishesTest : public testing::Test {
 protected:
  const MediaWishes& WishesOf(const ObservationId& id) {
    const auto call = *ObservationId::FromHex(braid_.CallOf(id).id());
    return braid_.wish_sink().wishes[call];
  }
  // "s1", "s2 lacks 3", "s3 lacks 90: bad".
  std::vector<std::string> Candidates(const ObservationId& id) {
    std::vector<std::string> words;
    for (const auto& stream : WishesOf(id).streams) {
      for (const MediaCandidate& one : stream) {
        std::string& text = words.emplace_back(one.place.sensor);
        if (one.lacks > 0) absl::StrAppend(&text, " lacks ", one.lacks);
        if (!one.good) absl::StrAppend(&text, ": bad");
      }
    }
    return words;
  }
  // "400-499 of s2 s3"; numbers from the stream's first packet on.
  std::vector<std::string> Gaps(const ObservationId& id) {
    std::vector<std::string> words;
    const int64_t base = Stream().sequence + int64_t{65536};
    for (const PayloadGap& gap : WishesOf(id).gaps) {
      std::string& text = words.emplace_back(
          absl::StrCat(gap.begin - base, "-", gap.end - 1 - base, " of"));
      for (const PayloadGap::Keeper& keeper : gap.keepers) {
        absl::StrAppend(&text, " ", keeper.place.sensor);
      }
    }
    return words;
  }
  void Progress(const std::vector<Spot>& spots, int64_t after_s) {
    std::vector<v1::Sensor> sensors;
    for (const Spot& spot : spots) {
      sensors.push_back(SensorAt(spot, kEndNs + after_s * kSecond));
    }
    braid_.Progress(sensors);
  }

  Braid braid_;
};

TEST_F(MediaWishesTest, TellWhoSeesTheSame) {
  const auto one = braid_.Add(See(Stream(), kOne));
  EXPECT_THAT(Candidates(one), IsEmpty());
  braid_.Add(See(Stream(), kTwo));
  EXPECT_THAT(Candidates(one), UnorderedElementsAre("s1", "s2"));
}

TEST_F(MediaWishesTest, TellWhoLacksWhat) {
  Stream some = Stream();
  some.lost = {100, 101, 102};
  Stream many = Stream();
  many.lose_every = 50;
  const auto one = braid_.Add(See(some, kOne));
  braid_.Add(See(many, kTwo));
  braid_.Add(See(Stream(), kThree));
  EXPECT_THAT(Candidates(one),
              UnorderedElementsAre("s1 lacks 3", "s2 lacks 16: bad", "s3"));
}

TEST_F(MediaWishesTest, NobodyIsGoodWhosePacketsAreCut) {
  auto cut = See(Stream(), kOne);
  cut.tally.set_truncated(1);
  const auto one = braid_.Add(cut);
  braid_.Add(See(Stream(), kTwo));
  EXPECT_THAT(Candidates(one), UnorderedElementsAre("s1: bad", "s2"));
}

// Numbers and times make one stream of silence, but are no proof that a sensor
// which says so has the same audio.
TEST_F(MediaWishesTest, OnlyPayloadTellsThatItIsTheSame) {
  Stream silence;
  silence.content = 0;
  const auto one = braid_.Add(See(silence, kOne));
  const auto two = braid_.Add(See(silence, kTwo));
  ASSERT_TRUE(braid_.Together(one, two));
  EXPECT_THAT(Candidates(one), IsEmpty());
}

TEST_F(MediaWishesTest, WhoSeesItNoMoreIsNoCandidate) {
  Stream ends;
  ends.packets = 400;
  const auto one = braid_.Add(See(ends, kOne));
  braid_.Add(See(Stream(), kTwo));
  // It may be behind, with its reports or with what it captured.
  EXPECT_EQ(Candidates(one).size(), 2u);
  Progress({kOne, kTwo}, 0);
  braid_.Add(See(Stream(), kTwo));
  EXPECT_THAT(Candidates(one), IsEmpty());
}

TEST_F(MediaWishesTest, WhatWasKeptAndIsMissedIsAGap) {
  Stream ends;
  ends.packets = 400;
  const auto one = braid_.Add(See(ends, kOne));
  // It was told to send again, from packet 500 on.
  braid_.Add(Kept(See(Stream(), kTwo), 100, 499));
  EXPECT_THAT(Gaps(one), ElementsAre("400-499 of s2"));
  const PayloadGap::Keeper& keeper = WishesOf(one).gaps[0].keepers[0];
  EXPECT_EQ(keeper.first_sequence, Stream().sequence + 400);
  EXPECT_EQ(keeper.near_ns, kTwo.Shows(2100 + 400 * kPacketMs));
  const v1::Call call = braid_.CallOf(one);
  ASSERT_EQ(call.streams_size(), 1);
  EXPECT_EQ(call.streams(0).packets(), 800u);
  EXPECT_EQ(call.streams(0).lost(), 0u);
  EXPECT_EQ(call.streams(0).withheld(), 100u);
  EXPECT_EQ(call.streams(0).observations(1).kept(), 400u);
}

// Each part can be asked for by itself, for of the ring the oldest may be gone,
// and is known again when another one has come.
TEST_F(MediaWishesTest, AGapIsNoMoreThanCanBeAskedForAtOnce) {
  Stream live;
  live.packets = 70'000;
  Stream ends = live;
  ends.packets = 400;
  const int64_t base = Stream().sequence + int64_t{65536};
  const int64_t turn = (base | 32'767) + 1 - base;
  const auto gap = [](int64_t begin, int64_t end) {
    return absl::StrCat(begin, "-", end - 1, " of s2");
  };
  const auto one = braid_.Add(See(ends, kOne));
  braid_.Add(Kept(See(live, kTwo), 500, 69'999));
  EXPECT_THAT(Gaps(one), IsEmpty());
  Progress({kTwo}, 2000);
  EXPECT_THAT(Gaps(one), ElementsAre(gap(500, turn), gap(turn, turn + 32'768),
                                     gap(turn + 32'768, 70'000)));
  const PayloadGap::Keeper& keeper = WishesOf(one).gaps[1].keepers[0];
  EXPECT_EQ(keeper.first_sequence, (base + turn) % 65'536);
  EXPECT_EQ(keeper.near_ns, kTwo.Shows(2100 + turn * kPacketMs));
  braid_.Add(Kept(See(live, kTwo), 20'000, 69'999));
  EXPECT_THAT(Gaps(one),
              ElementsAre(gap(20'000, turn), gap(turn, turn + 32'768),
                          gap(turn + 32'768, 70'000)));
}

TEST_F(MediaWishesTest, EveryoneWhoKeepsAGapIsNamed) {
  Stream ends;
  ends.packets = 400;
  const auto one = braid_.Add(See(ends, kOne));
  braid_.Add(Kept(See(Stream(), kTwo), 100, 499));
  braid_.Add(Kept(See(Stream(), kThree), 450, 479));
  // s3 sent 480 and on, and what is before 450.
  EXPECT_THAT(Gaps(one), ElementsAre("450-479 of s2 s3"));
}

TEST_F(MediaWishesTest, WhatMayStillComeIsNoGap) {
  Stream ends;
  ends.packets = 100;
  const auto one = braid_.Add(See(ends, kOne));
  braid_.Add(Kept(See(Stream(), kTwo), 100, 799));
  EXPECT_THAT(Gaps(one), IsEmpty());
  EXPECT_EQ(braid_.CallOf(one).streams(0).withheld(), 0u);
  // Whoever was to send is away, and s2 has long gone on.
  Progress({kTwo}, 31);
  EXPECT_THAT(Gaps(one), ElementsAre("100-799 of s2"));
  EXPECT_EQ(braid_.CallOf(one).streams(0).withheld(), 700u);
}

TEST_F(MediaWishesTest, ACallIsNotSettledWhileASensorOwesItsPayload) {
  Stream ends;
  ends.packets = 400;
  const auto one = braid_.Add(See(ends, kOne));
  const auto kept = Kept(See(Stream(), kTwo), 100, 499);
  braid_.Add(kept);
  for (const int64_t after_s : {300, 3000, 30'000}) {
    Progress({kOne, kTwo}, after_s);
    EXPECT_FALSE(braid_.RecordOf(one).settled());
  }
  EXPECT_THAT(Gaps(one), ElementsAre("400-499 of s2"));
  // It came.
  auto delivered = kept;
  delivered.tally.clear_withheld_runs();
  braid_.Add(delivered);
  EXPECT_TRUE(braid_.RecordOf(one).settled());
  EXPECT_THAT(Gaps(one), IsEmpty());
  EXPECT_EQ(braid_.CallOf(one).streams(0).withheld(), 0u);
}

TEST_F(MediaWishesTest, ACallIsSettledWhenWhatItLacksIsGivenUp) {
  Stream ends;
  ends.packets = 400;
  const auto one = braid_.Add(See(ends, kOne));
  const auto two = braid_.Add(Kept(See(Stream(), kTwo), 100, 499));
  Progress({kOne, kTwo}, 300);
  ASSERT_FALSE(braid_.RecordOf(one).settled());
  braid_.wish_sink().given_up = true;
  braid_.Add(Kept(See(Stream(), kTwo), 100, 499));
  EXPECT_TRUE(braid_.RecordOf(one).settled());
  const v1::Call call = braid_.CallOf(two);
  EXPECT_EQ(call.streams(0).withheld(), 100u);
  EXPECT_THAT(call.streams(0).findings(),
              testing::Contains(HasSubstr("the payload of 100 of 800 packets "
                                          "has not come: s2 keeps it")));
}

// On order: what a sensor that is away owes of it was waited for.
TEST_F(MediaWishesTest, OfACallThatWasDeletedNothingIsWished) {
  Stream ends;
  ends.packets = 400;
  const auto one = braid_.Add(See(ends, kOne));
  braid_.Add(Kept(See(Stream(), kTwo), 100, 499));
  Progress({kOne}, 300);
  const std::string id = braid_.CallOf(one).id();
  auto& wishes = braid_.wish_sink().wishes;
  ASSERT_FALSE(wishes[*ObservationId::FromHex(id)].gaps.empty());
  FactStore& facts = braid_.store().facts();
  CallChange change;
  change.read_at = facts.LastCommit();
  change.settled = *facts.Unsettled();
  change.records.push_back(braid_.RecordOf(one));
  change.records[0].set_settled(true);
  ASSERT_TRUE(facts.ApplyCalls(change).ok());
  ASSERT_TRUE(
      callbraid::fakes::DeleteCall(braid_.store(), id, Scope::All(), 0).ok());
  Progress({kOne}, 301);
  EXPECT_THAT(wishes[*ObservationId::FromHex(id)].gaps, IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
