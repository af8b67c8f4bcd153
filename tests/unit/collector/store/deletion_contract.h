#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_DELETION_CONTRACT_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_DELETION_CONTRACT_H_

#include <optional>
#include <string>
#include <vector>

#include "tests/fakes/delete_call.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/collector/store/store_contract.h"

namespace callbraid::collector {

// Holds, and deletion on order.
class DeletionContract : public StoreContract {
 protected:
  // A call of the observations of these numbers, with the id of the first.
  static store::v1::CallRecord RecordOf(const std::vector<int>& members) {
    store::v1::CallRecord record;
    v1::Call& call = *record.mutable_call();
    call.set_id(IdOf(members.front()).ToHex());
    call.mutable_start_time()->set_seconds(members.front());
    call.mutable_end_time()->set_seconds(members.front() + 1);
    call.set_caller("+49301");
    for (const int member : members) {
      record.add_members(std::string(IdOf(member).bytes()));
    }
    record.set_settled(true);
    return record;
  }
  void Apply(const std::vector<std::vector<int>>& calls,
             const std::vector<int>& removed = {}) {
    CallChange change;
    change.read_at = facts().LastCommit();
    change.deletions = facts().deletions().number();
    for (const std::vector<int>& members : calls) {
      change.records.push_back(RecordOf(members));
      for (const int member : members) change.settled.push_back(IdOf(member));
    }
    for (const int id : removed) change.removed.push_back(IdOf(id).ToHex());
    MustApply(change);
  }
  static CommitGroup GroupOf(int number) {
    CommitGroup group;
    group.observations.push_back(RtpUpsert(IdOf(number), 10));
    group.observations[0].tokens = {77};
    group.observations[0].tally->add_bucket_ranges(0);
    group.observations[0].tally->add_bucket_ranges(0);
    group.frames = {{IdOf(number), 5, 0, "one"}, {IdOf(number), 6, 0, "two"}};
    v1::StreamReport report;
    report.set_time_ns(10);
    report.add_dtls_srtp()->set_master_key_and_salt("secret");
    group.reports.push_back({IdOf(number), report});
    return group;
  }
  void Hold(int call, const std::string& reason) {
    v1::CallHold hold;
    hold.set_user("ann");
    hold.set_reason(reason);
    const auto held = facts().SetHold(IdOf(call).ToHex(), Scope::All(), hold);
    ASSERT_TRUE(held.ok()) << held.status();
    EXPECT_EQ(held->call().hold().reason(), reason);
  }
  // "" of a call that is not on hold.
  std::string HoldOf(int call) {
    const auto record = facts().GetCall(IdOf(call).ToHex(), Scope::All());
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? record->call().hold().reason() : "";
  }
  absl::StatusOr<DeletedCall> Delete(int call) {
    return fakes::DeleteCall(store(), IdOf(call).ToHex(), Scope::All(), 1000);
  }
  size_t FramesOf(int number) {
    size_t frames = 0;
    EXPECT_TRUE(media()
                    .ReadFrames(IdOf(number), {0, 1},
                                [&](const FrameRecord&) { return ++frames; })
                    .ok());
    return frames;
  }
};

TEST_P(DeletionContract, ShowsAHoldUntilItIsReleased) {
  Apply({{1}, {2}});
  Hold(1, "case 7");
  EXPECT_EQ(HoldOf(1), "case 7");
  EXPECT_EQ(HoldOf(2), "");
  const auto page = facts().ListCalls({}, Scope::All());
  ASSERT_TRUE(page.ok());
  EXPECT_FALSE(page->calls[0].has_hold());
  EXPECT_EQ(page->calls[1].hold().user(), "ann");
  const std::string id = IdOf(1).ToHex();
  EXPECT_TRUE(facts().SetHold(id, Scope::All(), std::nullopt).ok());
  EXPECT_EQ(HoldOf(1), "");
  EXPECT_TRUE(absl::IsFailedPrecondition(
      facts().SetHold(id, Scope::All(), std::nullopt).status()));
}

TEST_P(DeletionContract, HoldsNothingOutOfScope) {
  Apply({{1}});
  v1::Scope scope;
  scope.add_numbers("4711");
  const auto held =
      facts().SetHold(IdOf(1).ToHex(), *Scope::Parse(scope), v1::CallHold());
  EXPECT_TRUE(absl::IsNotFound(held.status())) << held.status();
  EXPECT_TRUE(absl::IsNotFound(
      fakes::DeleteCall(store(), IdOf(1).ToHex(), *Scope::Parse(scope), 1)
          .status()));
}

TEST_P(DeletionContract, HoldsTheCallThatAHeldOneIsMergedInto) {
  Apply({{1}, {2}});
  Hold(2, "case 7");
  Apply({{1, 2}}, /*removed=*/{2});
  EXPECT_EQ(HoldOf(1), "case 7");
  EXPECT_TRUE(absl::IsFailedPrecondition(Delete(1).status()));
  // And all of it, when it turns out to be two.
  Apply({{1}, {2}});
  EXPECT_EQ(HoldOf(1), "case 7");
  EXPECT_EQ(HoldOf(2), "case 7");
}

TEST_P(DeletionContract, DeletesAllOfACallAndNothingElse) {
  MustCommit(GroupOf(1));
  MustCommit(GroupOf(2));
  MustCommit(GroupOf(3));
  Apply({{1, 2}, {3}});
  const auto deleted = Delete(1);
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(deleted->id, IdOf(1).ToHex());
  EXPECT_EQ(deleted->observations, 2u);
  EXPECT_EQ(deleted->frames, 4u);
  for (const int gone : {1, 2}) {
    EXPECT_TRUE(absl::IsNotFound(
        facts().GetCall(IdOf(gone).ToHex(), Scope::All()).status()));
    EXPECT_TRUE(absl::IsNotFound(facts().GetCommitted(IdOf(gone)).status()));
    EXPECT_TRUE(facts().GetDtlsSrtp(IdOf(gone))->empty());
    EXPECT_EQ(FramesOf(gone), 0u);
  }
  EXPECT_TRUE(facts().GetCommitted(IdOf(3)).ok());
  EXPECT_EQ(facts().GetDtlsSrtp(IdOf(3))->size(), 1u);
  EXPECT_EQ(FramesOf(3), 2u);
  const auto page = facts().ListCalls({}, Scope::All());
  ASSERT_EQ(page->calls.size(), 1u);
  EXPECT_EQ(page->calls[0].id(), IdOf(3).ToHex());
  EXPECT_TRUE(absl::IsNotFound(Delete(1).status()));
}

TEST_P(DeletionContract, DeletesNothingThatIsInProgress) {
  MustCommit(GroupOf(1));
  CallChange open;
  open.records.push_back(RecordOf({1}));
  open.records[0].set_settled(false);
  open.records[0].mutable_call()->clear_end_time();
  MustApply(open);
  EXPECT_TRUE(absl::IsFailedPrecondition(Delete(1).status()));
  Apply({{1}});
  // More of it has come since.
  MustCommit(GroupOf(1));
  EXPECT_TRUE(absl::IsFailedPrecondition(Delete(1).status()));
  Apply({{1}});
  EXPECT_TRUE(Delete(1).ok());
}

TEST_P(DeletionContract, KnowsWhatWasDeletedWhenItComesAgain) {
  MustCommit(GroupOf(1));
  Apply({{1}});
  EXPECT_FALSE(*facts().WasDeleted(IdOf(1), 5));
  ASSERT_TRUE(Delete(1).ok());
  EXPECT_TRUE(*facts().WasDeleted(IdOf(1), 5));
  EXPECT_FALSE(*facts().WasDeleted(IdOf(2), 5));
}

TEST_P(DeletionContract, LeavesOutOfACommitWhatWasDeletedSinceItWasBegun) {
  MustCommit(GroupOf(1));
  Apply({{1}});
  CommitGroup begun_before = GroupOf(1);
  begun_before.deletions = facts().deletions().number();
  begun_before.observations.push_back(RtpUpsert(IdOf(2), 10));
  begun_before.watermarks = {{"s1", 1, 10}};
  ASSERT_TRUE(Delete(1).ok());
  MustCommit(begun_before);
  EXPECT_TRUE(absl::IsNotFound(facts().GetCommitted(IdOf(1)).status()));
  EXPECT_EQ(FramesOf(1), 0u);
  EXPECT_TRUE(facts().GetDtlsSrtp(IdOf(1))->empty());
  // The sensor goes on behind it.
  EXPECT_TRUE(facts().GetCommitted(IdOf(2)).ok());
  EXPECT_EQ(*coordination().GetWatermark("s1", 1), 10u);
}

TEST_P(DeletionContract, RefusesACallOfWhatWasDeletedSinceItWasRead) {
  MustCommit(GroupOf(1));
  MustCommit(GroupOf(2));
  Apply({{1}, {2}});
  CallChange read_before;
  read_before.deletions = facts().deletions().number();
  read_before.records.push_back(RecordOf({1, 2}));
  read_before.removed.push_back(IdOf(2).ToHex());
  ASSERT_TRUE(Delete(1).ok());
  EXPECT_TRUE(absl::IsAborted(facts().ApplyCalls(read_before)));
  EXPECT_TRUE(facts().GetCall(IdOf(2).ToHex(), Scope::All()).ok());
  read_before.records[0] = RecordOf({2});
  read_before.removed.clear();
  EXPECT_TRUE(facts().ApplyCalls(read_before).ok());
}

TEST_P(DeletionContract, TellsOfADeletionByItsIdAlone) {
  const fakes::FakeClock clock;
  ASSERT_TRUE(log().StartLog(clock).ok());
  MustCommit(GroupOf(1));
  Apply({{1}});
  const uint64_t before = log().LastEvent();
  ASSERT_TRUE(Delete(1).ok());
  const auto events = log().ReadEvents(before, 10);
  ASSERT_EQ(events->size(), 1u);
  const store::v1::CallEvent& event = events->front().event;
  EXPECT_EQ(event.kind(), v1::CALL_EVENT_KIND_REMOVED);
  EXPECT_EQ(event.call_id(), IdOf(1).bytes());
  EXPECT_TRUE(event.was_settled());
  EXPECT_EQ(event.SerializeAsString().find("4930"), std::string::npos);
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_DELETION_CONTRACT_H_
