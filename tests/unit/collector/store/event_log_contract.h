#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_EVENT_LOG_CONTRACT_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_EVENT_LOG_CONTRACT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "tests/fakes/fake_clock.h"
#include "tests/unit/collector/store/store_contract.h"

namespace callbraid::collector {

class EventLogContract : public StoreContract {
 protected:
  void Start() { ASSERT_TRUE(log().StartLog(clock_).ok()); }

  static store::v1::CallRecord RecordOf(int number, uint64_t revision = 1) {
    store::v1::CallRecord record;
    record.add_members(std::string(IdOf(number).bytes()));
    v1::Call& call = *record.mutable_call();
    call.set_id(IdOf(number).ToHex());
    call.mutable_start_time()->set_seconds(number);
    call.add_legs()->add_observations()->set_site("berlin");
    call.set_revision(revision);
    return record;
  }
  static store::v1::CallRecord Settled(store::v1::CallRecord record) {
    record.mutable_call()->mutable_answer_time()->set_seconds(1);
    record.mutable_call()->mutable_end_time()->set_seconds(2);
    record.set_settled(true);
    return record;
  }
  void Apply(const store::v1::CallRecord& record) {
    CallChange change;
    change.records = {record};
    MustApply(change);
  }
  // Kinds of entries behind `after`.
  std::vector<v1::CallEventKind> Kinds(uint64_t after = 0) {
    std::vector<v1::CallEventKind> kinds;
    for (const LoggedEvent& logged : Read(after)) {
      kinds.push_back(logged.event.kind());
    }
    return kinds;
  }
  std::vector<LoggedEvent> Read(uint64_t after = 0, size_t limit = 1000) {
    const auto events = log().ReadEvents(after, limit);
    EXPECT_TRUE(events.ok()) << events.status();
    return events.ok() ? *events : std::vector<LoggedEvent>();
  }

  fakes::FakeClock clock_;
};

constexpr auto kStarted = v1::CALL_EVENT_KIND_STARTED;
constexpr auto kAnswered = v1::CALL_EVENT_KIND_ANSWERED;
constexpr auto kEnded = v1::CALL_EVENT_KIND_ENDED;
constexpr auto kSettled = v1::CALL_EVENT_KIND_SETTLED;
constexpr auto kChanged = v1::CALL_EVENT_KIND_CHANGED;

TEST_P(EventLogContract, LogsNothingUntilItIsStarted) {
  Apply(RecordOf(1));
  EXPECT_EQ(log().LastEvent(), 0u);
  Start();
  EXPECT_EQ(log().LastEvent(), 0u);
  // What is there already is not told of once more.
  Apply(Settled(RecordOf(1, 2)));
  EXPECT_THAT(Kinds(), testing::ElementsAre(kAnswered, kEnded, kSettled));
}

TEST_P(EventLogContract, TakesEntriesThatAreOfNoCall) {
  store::v1::CallEvent alert;
  alert.set_kind(v1::CALL_EVENT_KIND_ALERT_BEGAN);
  alert.mutable_alert()->set_sensor("s1");
  store::v1::EventCursor cursor;
  cursor.set_state("open");
  EXPECT_TRUE(absl::IsFailedPrecondition(
      log().AppendEvents({alert}, "alerts", cursor)));
  Start();
  Apply(RecordOf(1));
  ASSERT_TRUE(log().AppendEvents({alert, alert}, "alerts", cursor).ok());
  Apply(RecordOf(2));
  EXPECT_THAT(Kinds(),
              testing::ElementsAre(kStarted, v1::CALL_EVENT_KIND_ALERT_BEGAN,
                                   v1::CALL_EVENT_KIND_ALERT_BEGAN, kStarted));
  EXPECT_EQ(log().LastEvent(), 4u);
  EXPECT_EQ(Read(1, 1).at(0).event.alert().sensor(), "s1");
  const auto kept = log().GetCursor("alerts");
  ASSERT_TRUE(kept.ok() && kept->has_value());
  EXPECT_EQ((*kept)->state(), "open");
}

TEST_P(EventLogContract, ACallGoesThroughItsEventsInOrderAndOnce) {
  Start();
  store::v1::CallRecord record = RecordOf(1);
  Apply(record);
  record.mutable_call()->mutable_answer_time()->set_seconds(1);
  Apply(record);
  Apply(Settled(record));
  EXPECT_THAT(Kinds(),
              testing::ElementsAre(kStarted, kAnswered, kEnded, kSettled));
  const LoggedEvent first = Read(0, 1).at(0);
  EXPECT_EQ(first.sequence, 1u);
  EXPECT_EQ(first.event.call_id(), IdOf(1).bytes());
  EXPECT_EQ(first.event.time_ns(), clock_.WallNs());
  EXPECT_THAT(first.event.sites(), testing::ElementsAre("berlin"));
}

TEST_P(EventLogContract, ACallThatIsOpenAgainIsNotToldToEndTwice) {
  Start();
  Apply(Settled(RecordOf(1)));
  Apply(RecordOf(1, 2));
  EXPECT_EQ(log().LastEvent(), 4u);
  Apply(RecordOf(1, 3));
  Apply(Settled(RecordOf(1, 4)));
  EXPECT_THAT(Kinds(4), testing::ElementsAre(kChanged));
  Apply(Settled(RecordOf(1, 4)));
  EXPECT_EQ(log().LastEvent(), 5u);
}

TEST_P(EventLogContract, OnlyPartiesLegsAndStreamsChangeACallInProgress) {
  Start();
  store::v1::CallRecord record = RecordOf(1);
  record.mutable_call()->add_streams()->set_id("x");
  Apply(record);
  record.mutable_call()->set_revision(2);
  record.mutable_call()->mutable_streams(0)->set_packets(50);
  Apply(record);
  EXPECT_THAT(Kinds(), testing::ElementsAre(kStarted));
  record.mutable_call()->add_legs()->set_id("y");
  Apply(record);
  EXPECT_THAT(Kinds(1), testing::ElementsAre(kChanged));
}

TEST_P(EventLogContract, ACallThatIsPartOfAnotherSaysSoBehindIt) {
  Start();
  Apply(RecordOf(1));
  Apply(Settled(RecordOf(3)));
  CallChange change;
  change.records = {RecordOf(2)};
  change.records[0].add_members(std::string(IdOf(1).bytes()));
  change.removed = {IdOf(1).ToHex(), IdOf(3).ToHex()};
  MustApply(change);
  const auto events = Read(5);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].event.kind(), kStarted);
  std::vector<v1::CallEventKind> gone;
  for (const LoggedEvent& logged : {events[1], events[2]}) {
    if (logged.event.call_id() == IdOf(1).bytes()) {
      EXPECT_EQ(logged.event.kind(), v1::CALL_EVENT_KIND_MERGED);
      EXPECT_EQ(logged.event.merged_into(), IdOf(2).bytes());
      EXPECT_FALSE(logged.event.was_settled());
    } else {
      EXPECT_EQ(logged.event.kind(), v1::CALL_EVENT_KIND_REMOVED);
      EXPECT_TRUE(logged.event.was_settled());
    }
    EXPECT_THAT(logged.event.sites(), testing::ElementsAre("berlin"));
  }
}

TEST_P(EventLogContract, ACallIsSaidToBePartOfTheOneThatItsIdFinds) {
  Start();
  // Known by the id of one that is not its first member.
  store::v1::CallRecord split = RecordOf(1);
  split.set_members(0, std::string(IdOf(9).bytes()));
  split.add_members(std::string(IdOf(1).bytes()));
  Apply(split);
  CallChange change;
  change.records = {RecordOf(2), RecordOf(3)};
  change.records[0].add_members(std::string(IdOf(9).bytes()));
  change.records[1].add_members(std::string(IdOf(1).bytes()));
  change.removed = {IdOf(1).ToHex()};
  MustApply(change);
  const LoggedEvent merged = Read().back();
  ASSERT_EQ(merged.event.kind(), v1::CALL_EVENT_KIND_MERGED);
  EXPECT_EQ(merged.event.merged_into(), IdOf(3).bytes());
  const auto found = facts().GetCall(IdOf(1).ToHex(), Scope::All());
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->call().id(), IdOf(3).ToHex());
}

TEST_P(EventLogContract, SaysWhoCouldSeeACallBefore) {
  Start();
  store::v1::CallRecord record = RecordOf(1);
  record.mutable_call()->set_caller("101");
  Apply(record);
  EXPECT_FALSE(Read().back().event.has_before());
  record.mutable_call()->set_revision(2);
  Apply(record);
  EXPECT_EQ(log().LastEvent(), 1u);
  // A change that is told of says it, and one that is not is logged for it.
  record.mutable_call()->set_caller("102");
  Apply(Settled(record));
  EXPECT_EQ(Read(1).at(0).event.before().caller(), "101");
  EXPECT_FALSE(Read(2).at(0).event.has_before());
  const uint64_t settled = log().LastEvent();
  record.mutable_call()->mutable_legs(0)->mutable_observations(0)->set_site(
      "bonn");
  Apply(record);
  const auto moved = Read(settled);
  ASSERT_EQ(moved.size(), 1u);
  EXPECT_EQ(moved[0].event.kind(), v1::CALL_EVENT_KIND_UNSPECIFIED);
  EXPECT_THAT(moved[0].event.before().sites(), testing::ElementsAre("berlin"));
  CallChange change;
  change.removed = {IdOf(1).ToHex()};
  MustApply(change);
  const LoggedEvent gone = Read().back();
  EXPECT_EQ(gone.event.kind(), v1::CALL_EVENT_KIND_REMOVED);
  EXPECT_EQ(gone.event.before().caller(), "102");
  EXPECT_THAT(gone.event.before().sites(), testing::ElementsAre("bonn"));
}

TEST_P(EventLogContract, IsCutByAgeAndByNumberButForTheNewest) {
  Start();
  for (int i = 1; i <= 6; ++i) {
    Apply(RecordOf(i));
    clock_.Advance(1'000'000'000);
  }
  const int64_t third_ns = Read().at(2).event.time_ns();
  EXPECT_FALSE(log().CutEvents(third_ns, 100).value());
  EXPECT_EQ(Read().at(0).sequence, 3u);
  EXPECT_FALSE(log().CutEvents(0, 2).value());
  EXPECT_EQ(Read().at(0).sequence, 5u);
  EXPECT_FALSE(log().CutEvents(clock_.WallNs() + 1, 1).value());
  EXPECT_EQ(Read().at(0).sequence, 6u);
  EXPECT_EQ(log().LastEvent(), 6u);
}

TEST_P(EventLogContract, ReadersHaveCursorsOfTheirOwn) {
  EXPECT_FALSE(log().GetCursor("a").value().has_value());
  store::v1::EventCursor cursor;
  cursor.set_sequence(7);
  cursor.set_state("file");
  ASSERT_TRUE(log().SetCursor("a", cursor, true).ok());
  EXPECT_EQ(log().GetCursor("a").value()->sequence(), 7u);
  EXPECT_EQ(log().GetCursor("a").value()->state(), "file");
  EXPECT_FALSE(log().GetCursor("b").value().has_value());
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_EVENT_LOG_CONTRACT_H_
