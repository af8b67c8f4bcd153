#include "collector/correlate/braider.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/harness.h"
#include "tests/unit/collector/correlate/scenes.h"

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kEpoch;
using fakes::kMs;
using fakes::kSecond;
using fakes::Reply;
using fakes::Report;
using fakes::See;
using fakes::SensorAt;
using fakes::Spot;
using fakes::Stream;
using scenes::B2buaCall;
using scenes::ProxyCall;
using scenes::SeeAll;
using scenes::Wire;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

const Spot kFirst;
const Spot kSecondSpot = {"s2"};

int64_t Ns(const google::protobuf::Timestamp& time) {
  return time.seconds() * kSecond + time.nanos();
}

TEST(Braider, MakesOneCallOfAProxiedCallOnOneSwitch) {
  Braid braid;
  const auto seen = SeeAll(ProxyCall({}), kFirst);
  braid.Add(seen);
  const v1::Call call = braid.CallOf(fakes::IdOf(seen[0]));
  EXPECT_EQ(call.caller(), "101");
  EXPECT_EQ(call.callee(), "102");
  EXPECT_EQ(call.state(), v1::CALL_STATE_COMPLETED);
  EXPECT_EQ(call.end_reason(), v1::END_REASON_BYE);
  EXPECT_EQ(call.final_status(), 200u);
  EXPECT_EQ(Ns(call.start_time()), kEpoch);
  EXPECT_EQ(Ns(call.answer_time()), kEpoch + 1500 * kMs);
  EXPECT_EQ(Ns(call.end_time()), kEpoch + 17'500 * kMs);
  ASSERT_EQ(call.legs_size(), 2);
  EXPECT_EQ(call.legs(0).source(), "10.0.1.1:5060");
  EXPECT_EQ(call.legs(1).destination(), "10.0.2.1:5060");
  ASSERT_EQ(call.streams_size(), 2);
  EXPECT_THAT(call.flags(), IsEmpty());
  for (const v1::Stream& stream : call.streams()) {
    const bool from_caller = stream.source() == "10.0.1.1:4000";
    EXPECT_EQ(stream.side(), from_caller ? v1::SIDE_CALLER : v1::SIDE_CALLEE);
    EXPECT_EQ(stream.codec(), "PCMA");
    EXPECT_EQ(stream.clock_rate(), 8000u);
    EXPECT_EQ(stream.packets(), 800u);
    EXPECT_EQ(stream.lost(), 0u);
    EXPECT_FALSE(stream.leg_id().empty());
  }
}

TEST(Braider, JoinsTwoSwitchesWithEachPacketOnce) {
  Braid braid;
  Wire wire = ProxyCall({});
  Wire near = wire;
  near.dialogs.pop_back();
  Wire far = wire;
  far.dialogs.erase(far.dialogs.begin());
  const auto at_1 = SeeAll(near, kFirst);
  const auto at_2 = SeeAll(far, {"s2", "eth0", "hq", 100 * kMs, 2 * kMs});
  braid.Add(at_1);
  braid.Add(at_2);
  const v1::Call call = braid.CallOf(fakes::IdOf(at_1[0]));
  EXPECT_THAT(call.sensors(), ElementsAre("s1", "s2"));
  EXPECT_EQ(call.legs_size(), 2);
  ASSERT_EQ(call.streams_size(), 2);
  for (const v1::Stream& stream : call.streams()) {
    EXPECT_EQ(stream.packets(), 800u);
    EXPECT_EQ(stream.observations_size(), 2);
    ASSERT_EQ(stream.hops_size(), 1);
    const bool from_caller = stream.side() == v1::SIDE_CALLER;
    EXPECT_EQ(stream.hops(0).from_sensor(), from_caller ? "s1" : "s2");
    EXPECT_EQ(stream.hops(0).packets(), 800u);
    EXPECT_EQ(stream.hops(0).lost(), 0u);
  }
  EXPECT_EQ(call.id(), braid.CallOf(fakes::IdOf(at_2[2])).id());
}

TEST(Braider, TellsLossOnTheWayFromLossOfTheMirror) {
  Braid braid;
  Stream stream;
  Stream after_loss = stream;
  after_loss.lose_every = 20;
  const auto id = braid.Add(See(stream, kFirst));
  braid.Add(See(after_loss, {"s2", "eth0", "hq", 0, 5 * kMs}));
  braid.Add(See(Dialog(), kFirst));
  const v1::Call call = braid.CallOf(id);
  ASSERT_EQ(call.streams_size(), 1);
  EXPECT_EQ(call.streams(0).packets(), 800u);
  EXPECT_EQ(call.streams(0).lost(), 0u);
  ASSERT_EQ(call.streams(0).hops_size(), 1);
  EXPECT_EQ(call.streams(0).hops(0).from_sensor(), "s1");
  EXPECT_EQ(call.streams(0).hops(0).lost(), 40u);
  EXPECT_EQ(call.streams(0).hops(0).missed_near(), 0u);
  EXPECT_FALSE(HasFlag(call, v1::CALL_FLAG_CAPTURE_LOSS));
}

TEST(Braider, JoinsMediaThatOnlyTheOtherSensorSaw) {
  Braid braid;
  Wire wire = ProxyCall({});
  Wire signalling = wire;
  signalling.streams.clear();
  Wire media = wire;
  media.dialogs.clear();
  const auto at_1 = SeeAll(signalling, kFirst);
  const auto at_2 = SeeAll(media, kSecondSpot);
  braid.Add(at_2);
  EXPECT_TRUE(
      HasFlag(braid.CallOf(fakes::IdOf(at_2[0])), v1::CALL_FLAG_NO_SIGNALLING));
  braid.Add(at_1);
  const v1::Call call = braid.CallOf(fakes::IdOf(at_2[0]));
  EXPECT_EQ(call.legs_size(), 2);
  EXPECT_EQ(call.streams_size(), 2);
  EXPECT_EQ(call.caller(), "101");
  EXPECT_THAT(call.flags(), IsEmpty());
}

TEST(Braider, JoinsBothLegsOfABackToBackUserAgent) {
  Braid braid;
  const auto seen = SeeAll(B2buaCall({}), kFirst);
  braid.Add(seen);
  const v1::Call call = braid.CallOf(fakes::IdOf(seen[0]));
  ASSERT_EQ(call.legs_size(), 2);
  EXPECT_EQ(call.legs(0).call_id(), "call-0");
  EXPECT_EQ(call.legs(1).call_id(), "call-0-b");
  EXPECT_EQ(call.caller(), "101");
  ASSERT_EQ(call.streams_size(), 4);
  int caller = 0;
  for (const v1::Stream& stream : call.streams()) {
    caller += stream.side() == v1::SIDE_CALLER ? 1 : 0;
  }
  EXPECT_EQ(caller, 2);
  EXPECT_THAT(KindsOf(call), Contains(v1::EVIDENCE_KIND_RELAYED_PAYLOAD));
}

TEST(Braider, JoinsOneCallSeenTwiceWithClocksHalfAnHourApart) {
  Braid braid;
  const auto here = SeeAll(B2buaCall({}), kFirst);
  const auto there =
      SeeAll(B2buaCall({}), {"s2", "eth0", "hq", 2112 * kSecond, 3 * kMs});
  braid.Add(here);
  braid.Add(there);
  const store::v1::CallRecord record = braid.RecordOf(fakes::IdOf(there[3]));
  EXPECT_EQ(record.members_size(), 12);
  EXPECT_EQ(record.call().legs_size(), 2);
  EXPECT_EQ(record.call().streams_size(), 4);
  ASSERT_EQ(record.offsets_size(), 2);
  EXPECT_NEAR(record.offsets(1).offset_ns(), -2112 * kSecond, 10 * kMs);
  EXPECT_EQ(Ns(record.call().start_time()), kEpoch);
  EXPECT_LT(Ns(record.call().end_time()), kEpoch + 60 * kSecond);
}

TEST(Braider, CountsSilenceSeenTwiceOnceByTheClocksThatSpeechShows) {
  Braid braid;
  const Spot there = {"s2", "eth0", "hq", 2112 * kSecond, 3 * kMs};
  const Stream speech;
  Stream silence = Reply(speech, 0x22222222, 0);
  silence.packets = 80;
  Stream later = silence;  // After a pause.
  later.start_ms += 50'000;
  later.sequence += 80;
  later.timestamp += 400'000;
  later.packets = 22;
  for (const Stream& stream : {speech, silence, later}) {
    braid.Add(See(stream, kFirst));
    braid.Add(See(stream, there));
  }
  const v1::Call call = braid.CallOf(fakes::IdOf(See(silence, kFirst)));
  ASSERT_EQ(call.streams_size(), 2);
  const auto& seen = call.streams(0).ssrc() == silence.ssrc ? call.streams(0)
                                                            : call.streams(1);
  EXPECT_EQ(seen.observations_size(), 4);
  EXPECT_EQ(seen.packets(), 102u);
  EXPECT_EQ(seen.lost(), 0u);
  ASSERT_EQ(seen.hops_size(), 1);
  EXPECT_EQ(seen.hops(0).packets(), 102u);
  EXPECT_EQ(seen.hops(0).lost(), 0u);
}

TEST(Braider, MakesACallOfMediaWithoutSignalling) {
  Braid braid;
  const Stream stream;
  const auto there = braid.Add(See(stream, kFirst));
  v1::Call call = braid.CallOf(there);
  EXPECT_EQ(call.state(), v1::CALL_STATE_ACTIVE);
  EXPECT_EQ(call.caller(), "10.0.0.1");
  EXPECT_EQ(call.streams(0).codec(), "PCMA");
  EXPECT_TRUE(HasFlag(call, v1::CALL_FLAG_NO_SIGNALLING));
  EXPECT_TRUE(HasFlag(call, v1::CALL_FLAG_ONE_WAY));
  braid.Add(See(Reply(stream, 5, 5), kFirst));
  call = braid.CallOf(there);
  EXPECT_EQ(call.streams_size(), 2);
  EXPECT_FALSE(HasFlag(call, v1::CALL_FLAG_ONE_WAY));
  EXPECT_NE(call.streams(0).side(), call.streams(1).side());
}

TEST(Braider, IgnoresDialogsThatAreNoCalls) {
  Braid braid;
  Dialog registration;
  registration.method = "REGISTER";
  const auto id = braid.Add(See(registration, kFirst));
  EXPECT_FALSE(braid.HasCall(id));
  EXPECT_EQ(braid.Unsettled(), 0u);
}

TEST(Braider, FollowsACallFromSetupToItsEnd) {
  Braid braid;
  const Dialog dialog;
  const auto id = braid.Add(See(dialog, kFirst, 10));
  EXPECT_EQ(braid.CallOf(id).state(), v1::CALL_STATE_SETUP);
  braid.Add(See(dialog, kFirst, 100));
  EXPECT_EQ(braid.CallOf(id).state(), v1::CALL_STATE_RINGING);
  braid.Add(See(dialog, kFirst, 3000));
  EXPECT_EQ(braid.CallOf(id).state(), v1::CALL_STATE_ACTIVE);
  EXPECT_FALSE(braid.CallOf(id).has_end_time());
  braid.Add(See(dialog, kFirst));
  const v1::Call call = braid.CallOf(id);
  EXPECT_EQ(call.state(), v1::CALL_STATE_COMPLETED);
  EXPECT_TRUE(HasFlag(call, v1::CALL_FLAG_NO_MEDIA));
  EXPECT_EQ(call.revision(), 4u);
  EXPECT_EQ(braid.sink().updated.size(), 4u);
}

TEST(Braider, EndsWhatWasRefusedWithoutAnAnswer) {
  Braid braid;
  Dialog busy;
  busy.answer_ms = -1;
  busy.end_ms = 300;
  busy.end_reason = v1::END_REASON_REFUSED;
  busy.final_status = 486;
  const auto id = braid.Add(See(busy, kFirst));
  const v1::Call call = braid.CallOf(id);
  EXPECT_EQ(call.state(), v1::CALL_STATE_UNANSWERED);
  EXPECT_EQ(call.end_reason(), v1::END_REASON_REFUSED);
  EXPECT_EQ(call.final_status(), 486u);
}

TEST(Braider, KeepsRingingWhenOneForkIsRefused) {
  Braid braid;
  Wire wire = ProxyCall({});
  Dialog refused = wire.dialogs[1];
  refused.responder = "10.0.2.77:5060";
  refused.answer_ms = -1;
  refused.end_ms = 400;
  refused.end_reason = v1::END_REASON_REFUSED;
  refused.final_status = 486;
  const auto id = braid.Add(See(wire.dialogs[0], kFirst, 500));
  braid.Add(See(refused, kFirst));
  EXPECT_EQ(braid.CallOf(id).state(), v1::CALL_STATE_RINGING);
  EXPECT_EQ(braid.CallOf(id).legs_size(), 2);
}

TEST(Braider, EndsSilentCallsByTheCapturePointsProgress) {
  Braid braid;
  const Stream stream;
  const auto id = braid.Add(See(stream, kFirst));
  const int64_t last = kEpoch + (2100 + 799 * 20) * kMs;
  braid.Progress({SensorAt(kFirst, last + 119 * kSecond)});
  EXPECT_EQ(braid.CallOf(id).state(), v1::CALL_STATE_ACTIVE);
  braid.Progress({SensorAt(kFirst, last + 121 * kSecond)});
  const store::v1::CallRecord record = braid.RecordOf(id);
  EXPECT_EQ(record.call().state(), v1::CALL_STATE_COMPLETED);
  EXPECT_EQ(record.call().end_reason(), v1::END_REASON_SILENCE);
  EXPECT_EQ(Ns(record.call().end_time()), last);
  EXPECT_TRUE(record.settled());
  EXPECT_EQ(braid.Unsettled(), 0u);
}

TEST(Braider, SaysWhenTheCaptureEndedFirst) {
  Braid braid;
  const auto id = braid.Add(See(Stream(), kFirst));
  braid.Progress({SensorAt(kFirst, kEpoch + 20 * kSecond, /*final=*/true)});
  EXPECT_EQ(braid.CallOf(id).end_reason(), v1::END_REASON_CAPTURE_ENDED);
  EXPECT_TRUE(braid.RecordOf(id).settled());
}

TEST(Braider, SettlesACallWhoseOtherMembersEndedWithTheirCapture) {
  Braid braid;
  const auto seen = SeeAll(ProxyCall({}), kFirst);
  braid.Add(seen);
  const int64_t end = kEpoch + 500 * kSecond;
  braid.Progress({SensorAt(kFirst, end)});
  EXPECT_TRUE(braid.RecordOf(fakes::IdOf(seen[0])).settled());
  // Is stored apart from the observations, which are not committed again.
  CommitGroup group;
  group.capture_ends.push_back({kFirst.sensor, kFirst.capture_point, end});
  ASSERT_TRUE(braid.store().Commit(group).ok());
  braid.Add(seen[0]);
  EXPECT_TRUE(braid.RecordOf(fakes::IdOf(seen[0])).settled());
  EXPECT_EQ(braid.Unsettled(), 0u);
}

TEST(Braider, EndsCallsOfASensorThatIsLostButKeepsThemUnsettled) {
  Braid braid;
  const auto id = braid.Add(See(Stream(), kFirst));
  v1::Sensor away = SensorAt(kFirst, kEpoch);
  away.set_connected(false);
  away.mutable_last_seen_time()->set_seconds(1000);
  braid.Progress({away}, 1500 * kSecond);
  EXPECT_EQ(braid.CallOf(id).state(), v1::CALL_STATE_ACTIVE);
  braid.Progress({away}, 1700 * kSecond);
  EXPECT_EQ(braid.CallOf(id).end_reason(), v1::END_REASON_SILENCE);
  EXPECT_EQ(braid.Unsettled(), 1u);
}

TEST(Braider, SettlesAfterTheByeWhenAllCapturePointsArePast) {
  Braid braid;
  const auto id = braid.Add(See(Dialog(), kFirst));
  EXPECT_FALSE(braid.RecordOf(id).settled());
  EXPECT_EQ(braid.Unsettled(), 1u);
  braid.Progress({SensorAt(kFirst, kEpoch + 60 * kSecond)});
  EXPECT_TRUE(braid.RecordOf(id).settled());
  EXPECT_EQ(braid.CallOf(id).revision(), 1u);
  EXPECT_EQ(braid.Unsettled(), 0u);
}

TEST(Braider, DoesNotReopenForPacketsAfterTheBye) {
  Braid braid;
  const auto id = braid.Add(See(Dialog(), kFirst));
  Stream stream;
  stream.packets = 1000;
  braid.Add(See(stream, kFirst));
  const v1::Call call = braid.CallOf(id);
  EXPECT_EQ(call.state(), v1::CALL_STATE_COMPLETED);
  EXPECT_EQ(Ns(call.end_time()), kEpoch + 20 * kSecond);
}

TEST(Braider, TellsTheSinkOfMergersAndResolvesTheOldId) {
  Braid braid;
  const auto seen = SeeAll(B2buaCall({}), kFirst);
  std::vector<ObservationId> ids = scenes::IdsOf(seen);
  for (size_t i = seen.size(); i-- > 0;) braid.Add(seen[i]);
  EXPECT_THAT(braid.sink().merged, Not(IsEmpty()));
  for (const auto& [id, into] : braid.sink().merged) {
    EXPECT_NE(id, into);
    auto record = braid.store().facts().GetCall(id, Scope::All());
    ASSERT_TRUE(record.ok());
    EXPECT_EQ(record->call().id(), braid.CallOf(ids[0]).id());
  }
}

TEST(Braider, SplitsACallWhenItsEvidenceIsWithdrawn) {
  Braid braid;
  Wire wire = B2buaCall({});
  wire.dialogs.clear();
  const auto in = braid.Add(See(wire.streams[0], kFirst));
  const auto out = braid.Add(See(wire.streams[2], kFirst));
  EXPECT_TRUE(braid.Together(in, out));
  Stream fan = wire.streams[2];
  fan.destination = "10.0.2.99:4000";
  fan.ssrc = 99;
  const auto other = braid.Add(See(fan, kFirst));
  EXPECT_FALSE(braid.Together(in, out));
  EXPECT_FALSE(braid.Together(out, other));
}

// It came when nobody looked, and what rests on it was settled before.
TEST(Braider, SplitsASettledCallByWhatIsExpected) {
  Braid braid;
  Wire wire = B2buaCall({});
  const auto in = braid.Add(See(wire.streams[0], kFirst));
  const auto out = braid.Add(See(wire.streams[2], kFirst));
  braid.Progress({SensorAt(kFirst, kEpoch + 500 * kSecond)});
  ASSERT_TRUE(braid.RecordOf(in).settled() && braid.Together(in, out));
  Stream fan = wire.streams[2];
  fan.destination = "10.0.2.99:4000";
  fan.ssrc = 99;
  braid.Commit({See(fan, kFirst)});
  braid.Restart();
  EXPECT_FALSE(braid.Together(in, out));
}

TEST(Braider, LooksAgainWhenWhatIsExpectedWasCommittedOnceMore) {
  Braid braid;
  const Wire wire = B2buaCall({});
  Stream fan = wire.streams[2];
  fan.destination = "10.0.2.99:4000";
  fan.ssrc = 99;
  fan.content = 0;
  const auto ids =
      braid.Commit({See(wire.streams[0], kFirst), See(wire.streams[2], kFirst),
                    See(fan, kFirst)});
  Braider& braider = braid.braider();
  braider.Expect(ids);
  ASSERT_TRUE(braider.Process({ids[0], ids[1]}, Watermarks()).ok());
  EXPECT_TRUE(braid.Together(ids[0], ids[1]));
  // It speaks, before anybody looked at it: what was relayed, again.
  fan.content = wire.streams[2].content;
  ASSERT_EQ(braid.Commit({See(fan, kFirst)}), std::vector{ids[2]});
  braider.NoteCommitted(ids[2]);
  ASSERT_TRUE(braider.Process({ids[2]}, Watermarks()).ok());
  EXPECT_FALSE(braid.Together(ids[0], ids[1]));
}

TEST(Braider, SplitsACallWhenAnEarlierDialogTurnsOutToHaveEnded) {
  Braid braid;
  Dialog first;
  first.call_id = "first";
  const auto first_id = braid.Add(See(first, kFirst, 3000));
  Stream second;
  second.start_ms = 60'000;
  const auto stream = braid.Add(See(second, kFirst));
  EXPECT_TRUE(braid.Together(first_id, stream));
  braid.Add(See(first, kFirst));
  EXPECT_FALSE(braid.Together(first_id, stream));
}

TEST(Braider, FlagsWhatBeganBeforeTheCaptureAndWhatIsEncrypted) {
  Braid braid;
  Dialog bye;
  bye.began_before = true;
  const auto id = braid.Add(See(bye, kFirst));
  EXPECT_TRUE(HasFlag(braid.CallOf(id), v1::CALL_FLAG_BEGAN_BEFORE_CAPTURE));
  EXPECT_EQ(braid.CallOf(id).state(), v1::CALL_STATE_COMPLETED);
  Dialog secure;
  secure.call_id = "secure";
  secure.encrypted = true;
  braid.Add(See(secure, kFirst));
  const auto stream = braid.Add(See(Stream(), kFirst));
  EXPECT_TRUE(HasFlag(braid.CallOf(stream), v1::CALL_FLAG_ENCRYPTED));
  EXPECT_FALSE(HasFlag(braid.CallOf(stream), v1::CALL_FLAG_UNKNOWN_CODEC));
}

TEST(Braider, EndsACallWhoseEndPassedAnotherSensorOnly) {
  Braid braid;
  Dialog begun;
  begun.end_ms = -1;
  const auto beginning = braid.Add(See(begun, kFirst));
  EXPECT_EQ(braid.CallOf(beginning).state(), v1::CALL_STATE_ACTIVE);
  Dialog bye;
  bye.began_before = true;
  bye.end_ms = 3 * 3'600'000;
  const auto end = braid.Add(See(bye, kSecondSpot));
  EXPECT_TRUE(braid.Together(beginning, end));
  const v1::Call call = braid.CallOf(beginning);
  EXPECT_EQ(call.state(), v1::CALL_STATE_COMPLETED);
  EXPECT_FALSE(HasFlag(call, v1::CALL_FLAG_BEGAN_BEFORE_CAPTURE));
  EXPECT_EQ(call.legs_size(), 1);
}

TEST(Braider, KeepsOneStreamOverAHold) {
  Braid braid;
  Stream before;
  before.packets = 200;
  Stream after = before;
  after.start_ms += 200 * 20 + 12'000;
  after.sequence += 200;
  after.timestamp += 200 * 160;
  after.content_offset = 200;
  const auto first = braid.Add(See(before, kFirst));
  const auto second = braid.Add(See(after, kFirst));
  const v1::Call call = braid.CallOf(first);
  ASSERT_TRUE(braid.Together(first, second));
  ASSERT_EQ(call.streams_size(), 1);
  EXPECT_EQ(call.streams(0).packets(), 400u);
  EXPECT_EQ(call.streams(0).lost(), 0u);
}

// A source that is heard, and then again later, with the numbers and timestamps
// that an unbroken stream would have.
Stream LaterBy(Stream stream, int64_t pause_ms, uint16_t missing) {
  const auto packets = static_cast<uint16_t>(stream.packets);
  stream.start_ms += packets * 20 + pause_ms;
  stream.timestamp += static_cast<uint32_t>(packets * 20 + pause_ms) * 8;
  stream.sequence = static_cast<uint16_t>(stream.sequence + packets + missing);
  stream.content_offset += packets + missing;
  return stream;
}

TEST(Braider, CountsWhatAnOutageLost) {
  Braid braid;
  Stream before;
  before.packets = 100;
  const auto first = braid.Add(See(before, kFirst));
  braid.Add(See(LaterBy(before, 10'000, 300), kFirst));
  const v1::Call call = braid.CallOf(first);
  ASSERT_EQ(call.streams_size(), 1);
  EXPECT_EQ(call.streams(0).packets(), 200u);
  EXPECT_EQ(call.streams(0).lost(), 300u);
}

// As of an hour with loss all the time.
TEST(Braider, CountsWhatATallyLostBeyondTheRunsThatItLists) {
  Braid braid;
  Stream lossy;
  lossy.lose_every = 100;
  StoredObservation seen = See(lossy, kFirst);
  seen.tally.set_runs_incomplete(true);
  seen.tally.mutable_statistics()->set_lost(20);
  const v1::Stream stream = braid.CallOf(braid.Add(seen)).streams(0);
  EXPECT_EQ(stream.lost(), 20u);
  EXPECT_EQ(stream.lost_before(), 20u);
  EXPECT_EQ(stream.packets(), 780u);
  EXPECT_EQ(stream.observations(0).lost(), 20u);
  EXPECT_EQ(stream.observations(0).packets(), 780u);
  // The receiver lacks the same, and not as many more.
  Report report;
  report.highest = static_cast<uint16_t>(lossy.sequence + 799);
  report.lost = 20;
  braid.Add(See(report, kFirst));
  braid.Add(See(Reply(lossy, 0x22222222, 2), kFirst));
  const v1::Call call = braid.CallOf(fakes::IdOf(seen));
  ASSERT_EQ(call.streams_size(), 2);
  const int which = call.streams(0).ssrc() == lossy.ssrc ? 0 : 1;
  EXPECT_EQ(call.streams(which).reception().lost(), 20);
  EXPECT_EQ(call.streams(which).reception().lost_after(), 0u);
  EXPECT_EQ(call.streams(which).lost_before(), 20u);
}

TEST(Braider, DoesNotTakeForLostWhatWentToMusicOnHold) {
  Braid braid;
  Dialog dialog;
  Stream before;
  before.packets = 100;
  Stream hold = LaterBy(before, 2'000, 0);
  hold.packets = 300;
  Stream after = LaterBy(hold, 2'000, 0);
  hold.destination = "10.0.0.10:6000";  // Meanwhile.
  braid.Add(See(dialog, kFirst));
  const auto first = braid.Add(See(before, kFirst));
  const auto second = braid.Add(See(hold, kFirst));
  braid.Add(See(after, kFirst));
  ASSERT_TRUE(braid.Together(first, second));
  const v1::Call call = braid.CallOf(first);
  ASSERT_EQ(call.streams_size(), 2);
  for (const auto& stream : call.streams()) {
    EXPECT_EQ(stream.lost(), 0u);
    EXPECT_EQ(stream.lost_before(), 0u);
  }
  EXPECT_EQ(call.streams(0).packets(), 400u);
  EXPECT_EQ(call.streams(1).packets(), 300u);
}

TEST(Braider, CountsWhatOneOfSeveralAddressesDidNotGet) {
  // The source sends to all at once; that the other copies came helps nobody.
  Braid braid;
  Stream one;
  one.lose_every = 10;
  braid.Add(See(Dialog(), kFirst));
  const auto first = braid.Add(See(one, kFirst));
  for (const std::string port : {"6000", "6002", "6004"}) {
    Stream other;
    other.destination = "10.0.0.10:" + port;
    braid.Add(See(other, kFirst));
  }
  const v1::Call call = braid.CallOf(first);
  ASSERT_EQ(call.streams_size(), 4);
  for (const auto& stream : call.streams()) {
    const bool is_first = stream.destination() == one.destination;
    EXPECT_EQ(stream.lost(), is_first ? 80u : 0u);
  }
}

TEST(Braider, GoesOnWhereItWasAfterTheStoreWasUnavailable) {
  Braid braid;
  const StoredObservation seen = See(Dialog(), kFirst);
  const ObservationId id = fakes::IdOf(seen);
  CommitGroup group;
  group.observations.push_back(fakes::UpsertOf(seen));
  ASSERT_TRUE(braid.store().Commit(group).ok());
  braid.store().FailCommitsWith(absl::UnavailableError("no space"), 1);
  EXPECT_TRUE(absl::IsUnavailable(braid.braider().Process({id}, Watermarks())));
  EXPECT_FALSE(braid.HasCall(id));
  EXPECT_THAT(braid.sink().updated, IsEmpty());
  // What the round was to do is not forgotten, also if nobody names it again.
  EXPECT_TRUE(braid.braider().Process({}, Watermarks()).ok());
  EXPECT_EQ(braid.CallOf(id).revision(), 1u);
  EXPECT_EQ(braid.sink().updated.size(), 1u);
}

TEST(Braider, WritesAndTellsNothingWhereNothingChanged) {
  Braid braid;
  const auto id = braid.Add(See(Dialog(), kFirst));
  EXPECT_TRUE(braid.braider().Process({id, id}, Watermarks()).ok());
  EXPECT_EQ(braid.CallOf(id).revision(), 1u);
  EXPECT_EQ(braid.sink().updated.size(), 1u);
}

}  // namespace
}  // namespace callbraid::collector
