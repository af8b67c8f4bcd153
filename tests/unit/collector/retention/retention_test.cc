#include "collector/retention/retention.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/retention/retention_fixture.h"

namespace callbraid::collector {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_F(RetentionTest, DoesNothingUnlessItIsTold) {
  const OldCall call = Call(4000);
  Run({});
  EXPECT_EQ(call.MediaFrames(*store_), 30u);
  EXPECT_THAT(Audit(), SizeIs(0));
}

TEST_F(RetentionTest, DropsMediaAndKeepsWhatIsKnownOfTheCall) {
  const OldCall old = Call(32);
  const OldCall young = Call(29);
  v1::RetentionConfig config;
  config.set_media_days(30);
  Run(config);
  EXPECT_EQ(old.MediaFrames(*store_), 0u);
  EXPECT_EQ(old.Frames(*store_, old.dialog()), 1u) << "its messages";
  EXPECT_TRUE(IsFlagged(old));
  EXPECT_EQ(*store_->LeftOfMedia(old.Record()), MediaLeft::kNone);
  EXPECT_EQ(young.MediaFrames(*store_), 30u);
  EXPECT_FALSE(IsFlagged(young));
  const auto log = Audit();
  ASSERT_THAT(log, SizeIs(1));
  EXPECT_EQ(log[0].act(), v1::AUDIT_ACT_EXPIRE);
  EXPECT_THAT(log[0].detail(), HasSubstr("30 days"));
  // A second run has nothing to do, and says nothing.
  Run(config);
  EXPECT_THAT(Audit(), SizeIs(1));
}

TEST_F(RetentionTest, KeepsWhatIsOnHoldUntilItIsReleased) {
  const OldCall held = Call(101);
  const OldCall old = Call(100, "+4930200");
  v1::CallHold hold;
  hold.set_reason("case 7");
  ASSERT_TRUE(store_->facts().SetHold(held.id(), Scope::All(), hold).ok());
  v1::RetentionConfig config;
  config.set_media_days(30);
  config.set_call_days(60);
  Run(config);
  EXPECT_FALSE(old.IsThere(*store_));
  EXPECT_EQ(held.MediaFrames(*store_), 30u);
  EXPECT_EQ(held.Frames(*store_, held.rtcp()), 1u);
  EXPECT_FALSE(IsFlagged(held));
  ASSERT_TRUE(
      store_->facts().SetHold(held.id(), Scope::All(), std::nullopt).ok());
  Run(config);
  EXPECT_FALSE(held.IsThere(*store_));
  EXPECT_EQ(held.MediaFrames(*store_), 0u);
}

TEST_F(RetentionTest, DeletesOldCallsWithAllThatFindsThem) {
  const OldCall old = Call(100);
  const OldCall young = Call(50, "+4930200");
  v1::RetentionConfig config;
  config.set_call_days(60);
  Run(config);
  EXPECT_FALSE(old.IsThere(*store_));
  EXPECT_TRUE(
      absl::IsNotFound(store_->facts().GetCommitted(old.stream()).status()));
  EXPECT_EQ(old.Frames(*store_, old.dialog()), 0u);
  EXPECT_TRUE(young.IsThere(*store_));
  EXPECT_EQ(state_.expired_calls, 1u);
  // If it is delivered again it is taken, and goes again.
  EXPECT_FALSE(*store_->facts().WasDeleted(old.stream(), old.start_ns));
}

TEST_F(RetentionTest, KeepsByRule) {
  const OldCall boss = Call(100, "+4930999");
  const OldCall shop = Call(20, "+4930777");
  const OldCall other = Call(100);
  v1::RetentionConfig config;
  config.set_media_days(30);
  v1::RetentionRule& longer = *config.add_rules();
  longer.add_numbers("+4930999");
  longer.set_media_days(365);
  v1::RetentionRule& shorter = *config.add_rules();
  shorter.add_numbers("+4930777");
  shorter.set_media_days(7);
  Run(config);
  EXPECT_EQ(boss.MediaFrames(*store_), 30u);
  EXPECT_EQ(shop.MediaFrames(*store_), 0u);
  EXPECT_TRUE(IsFlagged(shop));
  EXPECT_EQ(other.MediaFrames(*store_), 0u);
  clock_.Advance(300 * kDay);
  Run(config);
  EXPECT_EQ(boss.MediaFrames(*store_), 0u);
  EXPECT_TRUE(boss.IsThere(*store_));
}

TEST_F(RetentionTest, TouchesNothingThatIsInProgress) {
  OldCall open{.start_ns = clock_.WallNs() - 100 * kDay, .settled = false};
  open.Store(*store_);
  v1::RetentionConfig config;
  config.set_call_days(30);
  Run(config);
  EXPECT_TRUE(open.IsThere(*store_));
  EXPECT_EQ(open.MediaFrames(*store_), 30u);
}

TEST_F(RetentionTest, MakesRoomFromTheOldestMediaOn) {
  const OldCall old = Call(3);
  const OldCall held = Call(2);
  ASSERT_TRUE(
      store_->facts().SetHold(held.id(), Scope::All(), v1::CallHold()).ok());
  v1::RetentionConfig config;
  // More than any disk has.
  config.set_min_free_gib(1u << 29);
  Run(config);
  EXPECT_EQ(old.MediaFrames(*store_), 0u);
  EXPECT_TRUE(old.IsThere(*store_));
  EXPECT_EQ(held.MediaFrames(*store_), 30u);
  EXPECT_TRUE(IsFlagged(old));
  // However the size of the tables has moved by then.
  EXPECT_EQ(state_.drops_for_room, 1u);
  EXPECT_FALSE(state_.is_full);
  EXPECT_THAT(Audit(), SizeIs(1));
  // What is left may not go.
  Run(config);
  EXPECT_EQ(state_.drops_for_room, 0u);
  EXPECT_TRUE(state_.is_full);
  EXPECT_THAT(Audit(), SizeIs(1));
  EXPECT_EQ(held.MediaFrames(*store_), 30u);
}

TEST_F(RetentionTest, WhatIsOldestAndOnHoldKeepsNoOtherMedia) {
  const OldCall held = Call(5);
  ASSERT_TRUE(
      store_->facts().SetHold(held.id(), Scope::All(), v1::CallHold()).ok());
  const OldCall young = Call(2, "+4930200");
  v1::RetentionConfig config;
  config.set_min_free_gib(1u << 29);
  Run(config);
  EXPECT_EQ(held.MediaFrames(*store_), 30u);
  EXPECT_EQ(young.MediaFrames(*store_), 0u);
  EXPECT_FALSE(state_.is_full);
}

TEST_F(RetentionTest, SweepsWhatNoCallOwns) {
  OldCall lone{.start_ns = clock_.WallNs() - 100 * kDay};
  CommitGroup group;
  lone.AddTo(group);
  group.observations.resize(1);
  ASSERT_TRUE(store_->Commit(group).ok());
  CallChange change;
  change.read_at = store_->facts().LastCommit();
  change.settled = {lone.dialog()};
  ASSERT_TRUE(store_->facts().ApplyCalls(change).ok());
  const OldCall owned = Call(100, "+4930200");
  EXPECT_EQ(Sweep(), 1u);
  EXPECT_TRUE(
      absl::IsNotFound(store_->facts().GetCommitted(lone.dialog()).status()));
  EXPECT_EQ(lone.Frames(*store_, lone.dialog()), 0u);
  EXPECT_TRUE(store_->facts().GetCommitted(owned.dialog()).ok());
}

TEST_F(RetentionTest, AHoldCoversWhatReceiversSaid) {
  const OldCall held = Call(100);
  const OldCall old = Call(101, "+4930200");
  const ObservationId of_held = StoreReception(held, *store_);
  const ObservationId of_old = StoreReception(old, *store_);
  const auto rtcp = [&](const ObservationId& id) {
    const auto stored = store_->facts().GetCommitted(id);
    EXPECT_TRUE(stored.ok()) << stored.status();
    return *RtcpOf(stored->observation);
  };
  const ObservationId rtcp_of_held = rtcp(of_held);
  v1::CallHold hold;
  hold.set_reason("case 7");
  ASSERT_TRUE(store_->facts().SetHold(held.id(), Scope::All(), hold).ok());
  v1::RetentionConfig config;
  config.set_media_days(20);
  config.set_call_days(30);
  Run(config);
  Sweep();
  EXPECT_FALSE(old.IsThere(*store_));
  EXPECT_TRUE(absl::IsNotFound(store_->facts().GetCommitted(of_old).status()));
  EXPECT_TRUE(store_->facts().GetCommitted(of_held).ok());
  EXPECT_EQ(held.Frames(*store_, rtcp_of_held), 1u);
  ASSERT_TRUE(
      store_->facts().SetHold(held.id(), Scope::All(), std::nullopt).ok());
  Run(config);
  Sweep();
  EXPECT_TRUE(absl::IsNotFound(store_->facts().GetCommitted(of_held).status()));
  EXPECT_EQ(held.Frames(*store_, rtcp_of_held), 0u);
}

TEST_F(RetentionTest, SweepsNotesOfWhatIsNoCallAnyMore) {
  ASSERT_TRUE(store_->events().StartLog(clock_).ok());
  const OldCall kept = Call(100);
  const OldCall gone = Call(100, "+4930200");
  for (const OldCall* call : {&kept, &gone}) {
    v1::AnnotateCallRequest note;
    note.set_id(call->id());
    note.set_note("who it was");
    ASSERT_TRUE(store_->facts().Annotate(note, "anna", Scope::All()).ok());
  }
  CallChange change;
  change.removed = {gone.id()};
  ASSERT_TRUE(store_->facts().ApplyCalls(change).ok());
  EXPECT_EQ(Sweep(), 0u) << "it may be a call again";
  clock_.Advance(31 * kDay);
  EXPECT_EQ(Sweep(), 1u);
  EXPECT_TRUE(kept.IsThere(*store_));
  const auto record = store_->facts().GetCall(kept.id(), Scope::All());
  EXPECT_EQ(record->call().annotation().note(), "who it was");
}

v1::RetentionConfig Unheard(const std::string& number,
                            const std::string& record) {
  v1::RetentionConfig config;
  v1::RetentionRule& rule = *config.add_rules();
  rule.add_numbers(number);
  rule.set_record(record);
  EXPECT_TRUE(CompleteRetention(config).ok());
  return config;
}

TEST_F(RetentionTest, RemovesTheMediaOfWhatIsNotRecordedWhenItIsOver) {
  Retention retention = Of(Unheard("+4930555*", "signalling"));
  ASSERT_TRUE(retention.RunUnrecorded().ok());
  OldCall doctor = Call(0, "+49305551");
  const OldCall other = Call(0, "+4930444");
  OldCall talking{
      .start_ns = clock_.WallNs(), .caller = "+49305552", .settled = false};
  talking.Store(*store_);
  EXPECT_TRUE(absl::IsFailedPrecondition(
      retention.CheckRecorded(doctor.Record().call())));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      retention.CheckRecorded(talking.Record().call())));
  EXPECT_TRUE(retention.CheckRecorded(other.Record().call()).ok());
  ASSERT_TRUE(retention.RunUnrecorded().ok());
  EXPECT_EQ(doctor.MediaFrames(*store_), 0u);
  EXPECT_EQ(doctor.Frames(*store_, doctor.dialog()), 1u) << "its messages";
  EXPECT_EQ(other.MediaFrames(*store_), 30u);
  EXPECT_EQ(talking.MediaFrames(*store_), 30u);
  talking.settled = true;
  talking.Store(*store_);
  ASSERT_TRUE(retention.RunUnrecorded().ok());
  EXPECT_EQ(talking.MediaFrames(*store_), 0u);
  // Not each time: the log is for people.
  EXPECT_THAT(Audit(), SizeIs(0));
  ASSERT_TRUE(retention.RunByAge().ok());
  ASSERT_THAT(Audit(), SizeIs(1));
  EXPECT_THAT(Audit()[0].detail(), HasSubstr("the media of 2 calls"));
}

TEST_F(RetentionTest, RemovesAllOfACallOfWhichNothingIsRecorded) {
  const v1::RetentionConfig config = Unheard("+4930555", "nothing");
  ASSERT_TRUE(Of(config).RunUnrecorded().ok());
  const OldCall council = Call(0, "+4930555");
  // By a collector that was started anew. What comes late is known by the rest.
  ASSERT_TRUE(Of(config).RunUnrecorded().ok());
  EXPECT_EQ(council.MediaFrames(*store_), 0u);
  EXPECT_TRUE(council.IsThere(*store_));
  clock_.Advance(3 * kDay);
  Run(config);
  EXPECT_FALSE(council.IsThere(*store_));
}

TEST_F(RetentionTest, KnowsWhomACallWasTransferredTo) {
  const v1::RetentionConfig config = Unheard("+4930555", "signalling");
  Retention retention = Of(config);
  ASSERT_TRUE(retention.RunUnrecorded().ok());
  OldCall call{.start_ns = clock_.WallNs(), .caller = "+4930100"};
  call.Store(*store_);
  store::v1::CallRecord record = call.Record();
  EXPECT_TRUE(retention.CheckRecorded(record.call()).ok());
  record.mutable_call()->add_legs()->set_callee_uri("sip:+4930555@pbx");
  EXPECT_FALSE(retention.CheckRecorded(record.call()).ok());
}

// A sensor of the media is ahead of the one of the signalling: an earlier rule
// may be about it.
TEST_F(RetentionTest, WaitsForWhoseCallItIs) {
  v1::RetentionConfig config;
  v1::RetentionRule& board = *config.add_rules();
  board.add_numbers("+4930100");
  v1::RetentionRule& site = *config.add_rules();
  site.add_sites("hq");
  site.set_record("signalling");
  ASSERT_TRUE(CompleteRetention(config).ok());
  Retention retention = Of(config);
  ASSERT_TRUE(retention.RunUnrecorded().ok());
  OldCall unknown{.start_ns = clock_.WallNs(), .caller = "10.0.0.1"};
  unknown.has_legs = false;
  unknown.Store(*store_);
  const OldCall known = Call(0, "+4930777");
  ASSERT_TRUE(retention.RunUnrecorded().ok());
  EXPECT_EQ(unknown.MediaFrames(*store_), 30u);
  EXPECT_FALSE(retention.CheckRecorded(unknown.Record().call()).ok());
  EXPECT_EQ(known.MediaFrames(*store_), 0u);
}

TEST_F(RetentionTest, RemovesByAgeWhatWasPassedOver) {
  const v1::RetentionConfig config = Unheard("+4930555", "signalling");
  // From before there was the rule.
  const OldCall before = Call(3, "+4930555");
  Retention retention = Of(config);
  ASSERT_TRUE(retention.RunUnrecorded().ok());
  const OldCall held = Call(4, "+4930555");
  v1::CallHold hold;
  hold.set_reason("case 7");
  ASSERT_TRUE(store_->facts().SetHold(held.id(), Scope::All(), hold).ok());
  ASSERT_TRUE(retention.RunUnrecorded().ok());
  EXPECT_EQ(held.MediaFrames(*store_), 30u);
  ASSERT_TRUE(retention.RunByAge().ok());
  EXPECT_EQ(before.MediaFrames(*store_), 0u);
  EXPECT_TRUE(before.IsThere(*store_));
  EXPECT_EQ(held.MediaFrames(*store_), 30u);
  ASSERT_TRUE(
      store_->facts().SetHold(held.id(), Scope::All(), std::nullopt).ok());
  clock_.Advance(kDay);
  ASSERT_TRUE(retention.RunByAge().ok());
  EXPECT_EQ(held.MediaFrames(*store_), 0u);
}

}  // namespace
}  // namespace callbraid::collector
