#include <algorithm>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"

// Three switches in a row, each with a sensor, between the phones 10.0.0.1 and
// 10.0.0.9; what was lost, delayed and missed where.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kMs;
using fakes::kSecond;
using fakes::Reply;
using fakes::Report;
using fakes::See;
using fakes::Spot;
using fakes::Stream;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kWholeWayNs = 10 * kMs;

// A sensor `position_ns` from 10.0.0.1, and its clock.
struct Place {
  std::string sensor;
  int64_t position_ns = 0;
  int64_t clock_ns = 0;

  Spot There() const {
    return {.sensor = sensor, .clock_ns = clock_ns, .delay_ns = position_ns};
  }
  Spot Back() const {
    return {.sensor = sensor,
            .clock_ns = clock_ns,
            .delay_ns = kWholeWayNs - position_ns};
  }
};

const Place kNear{"s3", kMs, 2112 * kSecond};
const Place kMiddle{"s1", 4 * kMs, -3 * kSecond};
const Place kFar{"s2", 8 * kMs, 0};

Stream Losing(std::vector<int64_t> lost) {
  Stream stream;
  stream.lost = std::move(lost);
  return stream;
}
Stream Reverse() { return Reply(Stream(), 0x22222222, 2); }

// From 10.0.0.1 to a proxy, and from there to 10.0.0.9.
std::pair<Dialog, Dialog> TwoHops() {
  Dialog near;
  near.responder = "10.0.0.5:5060";
  near.answer = "10.0.0.9:30000";
  Dialog far = near;
  far.initiator = "10.0.0.5:5060";
  far.responder = "10.0.0.9:5060";
  return {near, far};
}

// The stream from 10.0.0.1, of the call that `braid` has.
v1::Stream Forward(Braid& braid, const ObservationId& id) {
  const v1::Call call = braid.CallOf(id);
  for (const v1::Stream& stream : call.streams()) {
    if (stream.ssrc() == Stream().ssrc) return stream;
  }
  ADD_FAILURE() << "no stream";
  return {};
}

std::string Way(const v1::Stream& stream) {
  std::string way;
  for (const v1::Hop& hop : stream.hops()) {
    if (way.empty()) way = hop.from_sensor();
    way += " " + hop.to_sensor();
  }
  return way;
}

std::vector<std::string> Findings(const v1::Stream& stream) {
  return {stream.findings().begin(), stream.findings().end()};
}

TEST(StreamHops, AreInTheOrderOfTheWayWhateverTheClocksShow) {
  Braid braid;
  std::vector<StoredObservation> seen;
  for (const Place& place : {kNear, kMiddle, kFar}) {
    seen.push_back(See(Stream(), place.There()));
    seen.push_back(See(Reverse(), place.Back()));
  }
  braid.Add(seen);
  const v1::Call call = braid.CallOf(fakes::IdOf(seen[0]));
  ASSERT_EQ(call.streams_size(), 2);
  for (const v1::Stream& stream : call.streams()) {
    const bool there = stream.ssrc() == Stream().ssrc;
    EXPECT_EQ(Way(stream), there ? "s3 s1 s2" : "s2 s1 s3");
    for (const v1::Hop& hop : stream.hops()) {
      const bool long_one =
          hop.from_sensor() != "s3" && hop.to_sensor() != "s3";
      EXPECT_NEAR(hop.delay_ms(), long_one ? 4 : 3, 0.01);
      EXPECT_GE(hop.delay_uncertainty_ms(), long_one ? 4 : 3);
      EXPECT_LT(hop.delay_uncertainty_ms(), 6);
      EXPECT_EQ(hop.delay_variation_p95_ms(), 0);
      EXPECT_EQ(hop.lost(), 0u);
    }
    EXPECT_THAT(Findings(stream), IsEmpty());
  }
}

// A hop of a few microseconds, as between two switches on one rack, and mirrors
// of which one holds its copies back for longer than that.
TEST(StreamHops, AreTheOtherWayRoundForWhatComesBack) {
  Braid braid;
  const Place first{"s2", 0, 0};
  const Place second{"s1", 6'000, 50'000};
  std::vector<StoredObservation> seen;
  for (const Place& place : {first, second}) {
    seen.push_back(See(Stream(), place.There()));
    seen.push_back(See(Reverse(), place.Back()));
  }
  braid.Add(seen);
  const v1::Call call = braid.CallOf(fakes::IdOf(seen[0]));
  ASSERT_EQ(call.streams_size(), 2);
  for (const v1::Stream& stream : call.streams()) {
    EXPECT_EQ(Way(stream), stream.ssrc() == Stream().ssrc ? "s2 s1" : "s1 s2");
  }
}

TEST(StreamHops, FollowSignallingWhereOneDirectionIsSeen) {
  Braid braid;
  const auto [near, far] = TwoHops();
  const auto id = braid.Add(See(Stream(), kFar.There()));
  braid.Add(See(Stream(), kMiddle.There()));
  EXPECT_EQ(Way(Forward(braid, id)), "s1 s2");  // By name: nothing tells.
  EXPECT_FALSE(Forward(braid, id).hops(0).has_delay_ms());
  braid.Add(See(near, kFar.There()));
  braid.Add(See(far, kMiddle.There()));
  EXPECT_EQ(Way(Forward(braid, id)), "s2 s1");
}

TEST(StreamHops, PutPrivateAddressesNearTheirHost) {
  Braid braid;
  Stream outside;
  outside.source = "198.51.100.7:41000";
  Stream answered = Reverse();
  Stream answered_outside = answered;
  answered_outside.destination = outside.source;
  const Spot gateway{.sensor = "s9"};
  const auto id = braid.Add(See(outside, gateway));
  braid.Add({See(Stream(), gateway), See(answered, gateway),
             See(answered_outside, gateway)});
  const v1::Call call = braid.CallOf(id);
  ASSERT_EQ(call.streams_size(), 2);
  for (const v1::Stream& stream : call.streams()) {
    ASSERT_EQ(stream.hops_size(), 1);
    EXPECT_EQ(stream.observations_size(), 2);
    EXPECT_EQ(stream.hops(0).delay_ms(), 0);
    EXPECT_EQ(stream.hops(0).delay_uncertainty_ms(), 0);
  }
}

TEST(StreamHops, TellLossOfTheNetworkFromLossOfTheCapture) {
  Braid braid;
  const auto id = braid.Add(See(Losing({700}), kNear.There()));
  // 100 and 200 were lost behind the first switch, 300 by the mirror alone.
  braid.Add(See(Losing({100, 200, 300}), kMiddle.There()));
  braid.Add(See(Losing({100, 200, 400, 401, 402}), kFar.There()));
  braid.Add({See(Reverse(), kNear.Back()), See(Reverse(), kMiddle.Back()),
             See(Reverse(), kFar.Back())});
  const v1::Stream stream = Forward(braid, id);
  EXPECT_EQ(stream.packets(), 800u);
  EXPECT_EQ(stream.lost(), 0u);
  ASSERT_EQ(Way(stream), "s3 s1 s2");
  EXPECT_EQ(stream.hops(0).lost(), 3u);
  EXPECT_EQ(stream.hops(0).network_lost(), 2u);
  EXPECT_EQ(stream.hops(0).missed_near(), 1u);
  EXPECT_EQ(stream.hops(1).network_lost(), 3u);
  ASSERT_EQ(stream.capture_losses_size(), 2);
  EXPECT_EQ(stream.capture_losses(0).sensor(), "s3");
  EXPECT_EQ(stream.capture_losses(0).seen_further_on(), 1u);
  EXPECT_EQ(stream.capture_losses(1).sensor(), "s1");
  EXPECT_EQ(stream.capture_losses(1).seen_further_on(), 1u);
  EXPECT_THAT(
      Findings(stream),
      ElementsAre("0.3 % lost between s3 and s1 (2 of 799 packets), 0.4 % "
                  "between s1 and s2 (3 of 797 packets), nothing before, what "
                  "was lost after s2 is not known",
                  "capture loss at s3: 1 packet that capture points further on "
                  "saw",
                  "capture loss at s1: 1 packet that capture points further on "
                  "saw"));
  EXPECT_TRUE(HasFlag(braid.CallOf(id), v1::CALL_FLAG_CAPTURE_LOSS));
}

TEST(StreamHops, CountWhatIsLostAtTheEdgesWhereSomebodyWatched) {
  Braid braid;
  const auto id = braid.Add(See(Stream(), kNear.There()));
  braid.Add(See(Losing({0, 1, 798, 799}), kFar.There()));
  EXPECT_EQ(Forward(braid, id).hops(0).lost(), 0u);
  // Before and after the stream, at either sensor.
  const auto [first, second] = TwoHops();
  braid.Add({See(first, kNear.There()), See(second, kFar.There())});
  EXPECT_EQ(Way(Forward(braid, id)), "s3 s2");
  EXPECT_EQ(Forward(braid, id).hops(0).lost(), 4u);
  EXPECT_EQ(Forward(braid, id).hops(0).packets(), 800u);
}

// Two mirrors are set up one after the other, in mid-call: the second misses
// what came before it, though it sees one direction a moment before the other.
TEST(StreamHops, CountNothingOfBeforeTheMirrorWasThere) {
  Braid braid;
  const auto id = braid.Add(See(Stream(), kNear.There()));
  const Stream late = Losing({0, 1, 2});
  Stream back = Reply(late, Reverse().ssrc, 2);
  back.start_ms -= 2;
  braid.Add({See(late, kFar.There()), See(Reverse(), kNear.Back()),
             See(back, kFar.Back())});
  EXPECT_EQ(Way(Forward(braid, id)), "s3 s2");
  EXPECT_EQ(Forward(braid, id).hops(0).lost(), 0u);
  EXPECT_THAT(Findings(Forward(braid, id)), IsEmpty());
}

std::vector<int64_t> Numbers(int64_t begin, int64_t end) {
  std::vector<int64_t> numbers(static_cast<size_t>(end - begin));
  std::iota(numbers.begin(), numbers.end(), begin);
  return numbers;
}

// Behind a router with NAT is 10.0.0.9. A relay sends to that address, which
// the SDP has, until it knows where packets come from: what it sent before
// never arrives. That is no place on the way of the others.
TEST(StreamHops, AreNotBetweenTwoAddressesOfWhichOneTookOverFromTheOther) {
  Braid braid;
  const Stream first = Losing(Numbers(50, 800));
  const Stream inside = Losing(Numbers(0, 50));
  Stream outside = inside;
  outside.destination = "198.51.100.7:41000";
  const auto id = braid.Add(See(outside, kNear.There()));
  braid.Add({See(first, kNear.There()), See(inside, kFar.There()),
             See(Reverse(), kNear.Back()), See(Reverse(), kFar.Back())});
  const v1::Stream stream = Forward(braid, id);
  ASSERT_EQ(stream.observations_size(), 3);
  EXPECT_EQ(Way(stream), "s3 s2");
}

// Sequence numbers of Stream() begin at 1000.
Report Says(int64_t upto, int32_t lost) {
  Report report;
  report.highest = static_cast<uint16_t>(1000 + upto);
  report.lost = lost;
  report.last_ms = Stream().start_ms + upto * 20;
  return report;
}

class ReportedTest : public ::testing::Test {
 protected:
  v1::Stream Call(const std::vector<int64_t>& lost_near,
                  const std::vector<int64_t>& lost_far, const Report& report) {
    id_ = braid_.Add(See(Losing(lost_near), kNear.There()));
    braid_.Add(See(Losing(lost_far), kFar.There()));
    braid_.Add({See(Reverse(), kNear.Back()), See(Reverse(), kFar.Back())});
    braid_.Add(See(report, kNear.There()));
    return Forward(braid_, id_);
  }

  Braid braid_;
  ObservationId id_;
};

TEST_F(ReportedTest, AgreesThatTheNetworkLostThem) {
  const v1::Stream stream = Call({}, {100, 200, 300}, Says(750, 3));
  EXPECT_EQ(stream.hops(0).network_lost(), 3u);
  EXPECT_EQ(stream.capture_losses_size(), 0);
  EXPECT_EQ(stream.reception().expected(), 751u);
  EXPECT_EQ(stream.reception().jitter_ms(), 10);
  EXPECT_EQ(stream.reception().max_jitter_ms(), 20);
  EXPECT_THAT(Findings(stream),
              ElementsAre("0.4 % lost between s3 and s2 (3 of 800 packets), "
                          "nothing before, nothing after"));
}

TEST_F(ReportedTest, SaysThatWhatTheLastCapturePointMissedArrived) {
  const v1::Stream stream = Call({}, {100, 200, 300}, Says(750, 1));
  EXPECT_EQ(stream.hops(0).lost(), 3u);
  EXPECT_EQ(stream.hops(0).network_lost(), 1u);
  ASSERT_EQ(stream.capture_losses_size(), 1);
  EXPECT_EQ(stream.capture_losses(0).sensor(), "s2");
  EXPECT_EQ(stream.capture_losses(0).reported_arrived(), 2u);
  EXPECT_THAT(Findings(stream),
              ElementsAre("0.1 % lost between s3 and s2 (1 of 800 packets), "
                          "nothing before, nothing after",
                          "capture loss at s2: 2 packets that the receiver "
                          "reports as arrived"));
}

TEST_F(ReportedTest, KnowsNothingOfPacketsBehindTheLastReport) {
  const v1::Stream stream = Call({}, {100, 790}, Says(750, 0));
  EXPECT_EQ(stream.capture_losses(0).reported_arrived(), 1u);
  EXPECT_EQ(stream.hops(0).network_lost(), 1u);
}

TEST_F(ReportedTest, SaysWhatWasLostBehindTheLastCapturePoint) {
  const v1::Stream stream = Call({}, {}, Says(750, 8));
  EXPECT_EQ(stream.reception().lost_after(), 8u);
  EXPECT_THAT(
      Findings(stream),
      ElementsAre("1.1 % lost behind s2 by the receiver's reports (8 of "
                  "751 packets), nothing before, nothing between s3 and "
                  "s2"));
}

TEST_F(ReportedTest, TellsLossBeforeTheFirstCapturePoint) {
  const v1::Stream stream = Call({50, 51}, {50, 51}, Says(750, 2));
  EXPECT_EQ(stream.lost(), 2u);
  EXPECT_EQ(stream.lost_before(), 2u);
  EXPECT_EQ(stream.reception().lost_after(), 0u);
  EXPECT_THAT(Findings(stream),
              ElementsAre("0.2 % lost before s3 (2 of 800 packets), nothing "
                          "between s3 and s2, nothing after"));
}

TEST_F(ReportedTest, DoesNotTakeCopiesForPacketsThatArrived) {
  StoredObservation far = See(Losing({100, 200, 300}), kFar.There());
  far.tally.mutable_statistics()->set_duplicates(5);
  id_ = braid_.Add(See(Stream(), kNear.There()));
  braid_.Add({far, See(Reverse(), kNear.Back()), See(Reverse(), kFar.Back()),
              See(Says(750, -2), kNear.There())});
  const v1::Stream stream = Forward(braid_, id_);
  EXPECT_EQ(stream.hops(0).network_lost(), 3u);
  EXPECT_EQ(stream.hops(0).duplicated(), 5u);
  EXPECT_EQ(stream.capture_losses_size(), 0);
}

TEST_F(ReportedTest, IsOfUseWithOneCapturePoint) {
  id_ = braid_.Add(See(Losing({10, 20, 30}), kNear.There()));
  braid_.Add(See(Says(750, 1), kNear.There()));
  const v1::Stream stream = Forward(braid_, id_);
  EXPECT_EQ(stream.lost(), 3u);
  EXPECT_EQ(stream.lost_before(), 1u);
  EXPECT_EQ(stream.capture_losses(0).reported_arrived(), 2u);
}

TEST_F(ReportedTest, SpeaksOfItsOwnStreamOnly) {
  Report other_ssrc = Says(750, 0);
  other_ssrc.ssrc = 7;
  Report other_host = Says(750, 0);
  other_host.destination = "10.0.0.8:30001";
  Report other_time = Says(750, 0);
  other_time.first_ms = 900'000;
  other_time.last_ms = 930'000;
  Report other_place = Says(750, 0);
  for (const Report& report : {other_ssrc, other_host, other_time}) {
    braid_.Add(See(report, kNear.There()));
  }
  Spot elsewhere = kNear.There();
  elsewhere.site = "branch";
  braid_.Add(See(other_place, elsewhere));
  id_ = braid_.Add(See(Losing({10, 20, 30}), kNear.There()));
  EXPECT_FALSE(Forward(braid_, id_).has_reception());
}

TEST_F(ReportedTest, ComesToTheSameInAnyOrder) {
  std::vector<StoredObservation> seen = {
      See(Losing({5}), kNear.There()),  See(Losing({100, 200}), kFar.There()),
      See(Reverse(), kNear.Back()),     See(Reverse(), kFar.Back()),
      See(Says(300, 0), kNear.There()), See(Says(750, 1), kFar.There())};
  std::vector<std::string> records;
  std::vector<size_t> order = {0, 1, 2, 3, 4, 5};
  for (int round = 0; round < 40; ++round) {
    Braid braid;
    for (const size_t i : order) braid.Add(seen[i]);
    auto record = braid.RecordOf(fakes::IdOf(seen[0]));
    record.mutable_call()->clear_revision();
    records.push_back(record.SerializeAsString());
    EXPECT_EQ(records.front(), records.back());
    EXPECT_EQ(braid.HasCall(fakes::IdOf(seen[4])), false);
    for (int step = 0; step < 7; ++step) {
      std::next_permutation(order.begin(), order.end());
    }
  }
}

TEST(StreamHops, SayWhatTheSensorDroppedMeanwhile) {
  Braid braid;
  StoredObservation seen = See(Losing({10}), kNear.There());
  seen.tally.set_capture_drops(70);
  const auto id = braid.Add(seen);
  EXPECT_THAT(Findings(Forward(braid, id)),
              ElementsAre("0.1 % lost before s3 (1 of 800 packets), what was "
                          "lost after s3 is not known",
                          "kernel and interface at s3 dropped 70 packets of "
                          "any kind meanwhile: what is missing there may be "
                          "among them"));
  EXPECT_TRUE(HasFlag(braid.CallOf(id), v1::CALL_FLAG_CAPTURE_LOSS));
}

StoredObservation Discarding(StoredObservation seen, uint64_t packets) {
  seen.tally.set_undelivered(packets);
  return seen;
}

TEST(StreamHops, DoNotBlameTheNetworkForWhatASensorDiscarded) {
  Braid braid;
  const auto id =
      braid.Add(Discarding(See(Losing(Numbers(100, 350)), kNear.There()), 249));
  const v1::Stream stream = Forward(braid, id);
  EXPECT_EQ(stream.lost(), 250u);
  EXPECT_EQ(stream.lost_before(), 1u);
  ASSERT_EQ(stream.capture_losses_size(), 1);
  EXPECT_EQ(stream.capture_losses(0).discarded(), 249u);
  EXPECT_THAT(Findings(stream),
              ElementsAre("0.2 % lost before s3 (1 of 551 packets), what was "
                          "lost after s3 is not known",
                          "capture loss at s3: 249 packets captured, and "
                          "discarded by the sensor or not delivered yet"));
  EXPECT_TRUE(HasFlag(braid.CallOf(id), v1::CALL_FLAG_CAPTURE_LOSS));
}

TEST(StreamHops, DoNotBlameTheMirrorForItEither) {
  Braid braid;
  const auto id =
      braid.Add(Discarding(See(Losing(Numbers(100, 300)), kNear.There()), 200));
  braid.Add({Discarding(See(Losing(Numbers(500, 600)), kFar.There()), 100),
             See(Reverse(), kNear.Back()), See(Reverse(), kFar.Back())});
  const v1::Stream stream = Forward(braid, id);
  EXPECT_EQ(Way(stream), "s3 s2");
  EXPECT_EQ(stream.lost(), 0u);
  EXPECT_EQ(stream.hops(0).network_lost(), 0u);
  EXPECT_THAT(Findings(stream),
              ElementsAre("capture loss at s3: 200 packets captured, and "
                          "discarded by the sensor or not delivered yet",
                          "capture loss at s2: 100 packets captured, and "
                          "discarded by the sensor or not delivered yet"));
}

TEST_F(ReportedTest, KnowsThatWhatASensorDiscardedArrived) {
  id_ = braid_.Add(
      Discarding(See(Losing(Numbers(100, 300)), kNear.There()), 200));
  braid_.Add(See(Says(750, 0), kNear.There()));
  const v1::Stream stream = Forward(braid_, id_);
  EXPECT_EQ(stream.lost_before(), 0u);
  EXPECT_EQ(stream.reception().lost_after(), 0u);
  ASSERT_EQ(stream.capture_losses_size(), 1);
  EXPECT_EQ(stream.capture_losses(0).reported_arrived(), 0u);
}

}  // namespace
}  // namespace callbraid::collector
