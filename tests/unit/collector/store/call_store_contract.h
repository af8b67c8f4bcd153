#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_CALL_STORE_CONTRACT_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_CALL_STORE_CONTRACT_H_

#include <cctype>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tests/fakes/fake_clock.h"
#include "tests/unit/collector/store/store_contract.h"

namespace callbraid::collector {

// The half of FactStore that keeps calls.
class CallStoreContract : public StoreContract {
 protected:
  // Call `number` starts at second `number`; its only member is IdOf(number),
  // which is its id too.
  static store::v1::CallRecord RecordOf(int number) {
    store::v1::CallRecord record;
    record.add_members(std::string(IdOf(number).bytes()));
    v1::Call& call = *record.mutable_call();
    call.set_id(IdOf(number).ToHex());
    call.mutable_start_time()->set_seconds(number);
    call.set_caller(std::to_string(100 + number));
    call.set_callee("200");
    call.set_state(v1::CALL_STATE_COMPLETED);
    call.add_sensors("s1");
    return record;
  }
  void Write(const std::vector<int>& numbers) {
    CallChange change;
    for (const int number : numbers) change.records.push_back(RecordOf(number));
    MustApply(change);
  }
  std::string IdFound(const std::string& id) {
    const auto record = facts().GetCall(id, Scope::All());
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? record->call().id() : "";
  }
  CallPage List(const v1::ListCallsRequest& request) {
    auto page = facts().ListCalls(request, Scope::All());
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? *std::move(page) : CallPage();
  }
  // Start seconds of all pages, in order.
  std::vector<int64_t> ListAll(v1::ListCallsRequest request) {
    std::vector<int64_t> starts;
    do {
      const CallPage page = List(request);
      if (request.page_size() > 0) {
        EXPECT_LE(page.calls.size(), request.page_size());
      }
      for (const v1::Call& call : page.calls) {
        starts.push_back(call.start_time().seconds());
      }
      request.set_page_token(page.next_page_token);
    } while (!request.page_token().empty());
    return starts;
  }
};

TEST_P(CallStoreContract, FindsACallByItsIdInEitherCase) {
  Write({1});
  const std::string id = IdOf(1).ToHex();
  EXPECT_EQ(IdFound(id), id);
  std::string upper = id;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(IdFound(upper), id);
}

TEST_P(CallStoreContract, KeepsTheNotesOfTheCorrelator) {
  store::v1::Observation note;
  note.set_id(std::string(IdOf(7).bytes()));
  note.set_sensor("s1");
  note.mutable_clock()->add_partners()->set_sensor("s2");
  CallChange change;
  change.notes.push_back(note);
  MustApply(change);
  const auto stored = facts().GetCommitted(IdOf(7));
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->observation.SerializeAsString(), note.SerializeAsString());
  // The later one holds; and none is an observation to look at.
  change.notes[0].mutable_clock()->add_partners()->set_sensor("s3");
  MustApply(change);
  EXPECT_EQ(facts().GetCommitted(IdOf(7))->observation.clock().partners_size(),
            2);
  const auto unsettled = facts().Unsettled();
  ASSERT_TRUE(unsettled.ok()) << unsettled.status();
  EXPECT_TRUE(unsettled->empty());
}

TEST_P(CallStoreContract, FindsACallByAnyIdInIt) {
  CallChange change;
  change.records.push_back(RecordOf(1));
  change.records[0].add_members(std::string(IdOf(2).bytes()));
  change.records[0].mutable_call()->add_legs()->set_id(IdOf(3).ToHex());
  change.records[0].mutable_call()->add_streams()->set_id(IdOf(4).ToHex());
  MustApply(change);
  for (const int number : {1, 2, 3, 4}) {
    EXPECT_EQ(IdFound(IdOf(number).ToHex()), IdOf(1).ToHex()) << number;
  }
}

TEST_P(CallStoreContract, FindsACallByItsFirstDigits) {
  Write({1, 2, 3});
  for (const size_t digits : {8, 9, 16, 31}) {
    EXPECT_EQ(IdFound(IdOf(2).ToHex().substr(0, digits)), IdOf(2).ToHex());
  }
}

TEST_P(CallStoreContract, RefusesDigitsThatFitTwoCalls) {
  CallChange change;
  for (const char* id : {"00000000aaaaaaaaaaaaaaaaaaaaaaaa",
                         "00000000abbbbbbbbbbbbbbbbbbbbbbb"}) {
    change.records.emplace_back().mutable_call()->set_id(id);
  }
  MustApply(change);
  EXPECT_TRUE(absl::IsInvalidArgument(
      facts().GetCall("00000000a", Scope::All()).status()));
  EXPECT_EQ(IdFound("00000000ab"), "00000000abbbbbbbbbbbbbbbbbbbbbbb");
}

TEST_P(CallStoreContract, RefusesWhatIsNoId) {
  for (const char* id :
       {"", "1234567", "xyzxyzxyz", "1234567890123456789012345678901234"}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(facts().GetCall(id, Scope::All()).status()))
        << id;
  }
  EXPECT_TRUE(
      absl::IsNotFound(facts().GetCall("12345678", Scope::All()).status()));
  EXPECT_TRUE(absl::IsNotFound(
      facts().GetCall(IdOf(9).ToHex(), Scope::All()).status()));
}

TEST_P(CallStoreContract, IdsOfAMergedCallFindTheOneItIsInNow) {
  Write({1, 2, 3});
  CallChange merge;
  merge.records.push_back(RecordOf(2));
  merge.records[0].add_members(std::string(IdOf(3).bytes()));
  merge.removed = {IdOf(3).ToHex()};
  MustApply(merge);
  EXPECT_EQ(IdFound(IdOf(3).ToHex()), IdOf(2).ToHex());
  CallChange again;
  again.records.push_back(RecordOf(1));
  again.records[0].add_members(std::string(IdOf(2).bytes()));
  again.records[0].add_members(std::string(IdOf(3).bytes()));
  again.removed = {IdOf(2).ToHex()};
  MustApply(again);
  EXPECT_EQ(IdFound(IdOf(3).ToHex()), IdOf(1).ToHex());
  EXPECT_EQ(IdFound(IdOf(2).ToHex()), IdOf(1).ToHex());
  EXPECT_THAT(ListAll({}), testing::ElementsAre(1));
}

TEST_P(CallStoreContract, AnIdThatIsNoMemberSurvivesTheMerge) {
  CallChange first;
  first.records.push_back(RecordOf(7));
  first.records[0].mutable_call()->set_id(IdOf(70).ToHex());
  MustApply(first);
  CallChange merge;
  merge.records.push_back(RecordOf(1));
  merge.records[0].add_members(std::string(IdOf(7).bytes()));
  merge.removed = {IdOf(70).ToHex()};
  MustApply(merge);
  EXPECT_EQ(IdFound(IdOf(70).ToHex()), IdOf(1).ToHex());
}

TEST_P(CallStoreContract, ACallThatSplitsLeavesEachIdWithItsPart) {
  CallChange whole;
  whole.records.push_back(RecordOf(1));
  whole.records[0].add_members(std::string(IdOf(2).bytes()));
  MustApply(whole);
  Write({1, 2});
  EXPECT_EQ(IdFound(IdOf(1).ToHex()), IdOf(1).ToHex());
  EXPECT_EQ(IdFound(IdOf(2).ToHex()), IdOf(2).ToHex());
}

TEST_P(CallStoreContract, AMemberThatMovesIsFoundInItsNewCall) {
  CallChange change;
  change.records = {RecordOf(1), RecordOf(2)};
  change.records[0].add_members(std::string(IdOf(3).bytes()));
  MustApply(change);
  // There and back, whichever of the two calls is written first.
  for (const int into : {2, 1, 2}) {
    for (auto& record : change.records) {
      const int number = static_cast<int>(record.call().start_time().seconds());
      record = RecordOf(number);
      if (number == into) record.add_members(std::string(IdOf(3).bytes()));
    }
    std::swap(change.records[0], change.records[1]);
    MustApply(change);
    EXPECT_EQ(IdFound(IdOf(3).ToHex()), IdOf(into).ToHex());
    MustApply(change);
    EXPECT_EQ(IdFound(IdOf(3).ToHex()), IdOf(into).ToHex());
  }
}

TEST_P(CallStoreContract, ListsNewestFirstWithoutDetail) {
  CallChange change;
  for (const int number : {1, 3, 2}) change.records.push_back(RecordOf(number));
  change.records[0].mutable_call()->add_evidence();
  change.records[0].mutable_call()->add_streams()->add_hops();
  MustApply(change);
  const CallPage page = List({});
  ASSERT_EQ(page.calls.size(), 3u);
  EXPECT_EQ(page.next_page_token, "");
  EXPECT_EQ(page.calls[0].start_time().seconds(), 3);
  EXPECT_EQ(page.calls[2].start_time().seconds(), 1);
  EXPECT_EQ(page.calls[2].evidence_size(), 0);
  ASSERT_EQ(page.calls[2].streams_size(), 1);
  EXPECT_EQ(page.calls[2].streams(0).hops_size(), 0);
}

TEST_P(CallStoreContract, ListsARangeOfStartTimes) {
  Write({1, 2, 3, 4, 5});
  v1::ListCallsRequest request;
  request.mutable_start_from()->set_seconds(2);
  request.mutable_start_before()->set_seconds(4);
  EXPECT_THAT(ListAll(request), testing::ElementsAre(3, 2));
  request.mutable_start_before()->set_seconds(2);
  EXPECT_THAT(ListAll(request), testing::IsEmpty());
}

TEST_P(CallStoreContract, ListsByTheBeginningOfEitherNumber) {
  CallChange change;
  for (const int number : {1, 2, 3, 4}) {
    change.records.push_back(RecordOf(number));
  }
  change.records[0].mutable_call()->set_caller("4930123");
  change.records[1].mutable_call()->set_callee("4930456");
  change.records[2].mutable_call()->set_caller("493");
  // Both numbers fit, yet it is one call.
  change.records[3].mutable_call()->set_caller("49301");
  change.records[3].mutable_call()->set_callee("49302");
  MustApply(change);
  v1::ListCallsRequest request;
  request.set_number_prefix("4930");
  EXPECT_THAT(ListAll(request), testing::ElementsAre(4, 2, 1));
  request.set_page_size(1);
  EXPECT_THAT(ListAll(request), testing::ElementsAre(4, 2, 1));
  request.mutable_start_from()->set_seconds(2);
  request.mutable_start_before()->set_seconds(4);
  EXPECT_THAT(ListAll(request), testing::ElementsAre(2));
}

TEST_P(CallStoreContract, ListsBySensorAndState) {
  CallChange change;
  for (const int number : {1, 2, 3}) change.records.push_back(RecordOf(number));
  change.records[0].mutable_call()->add_sensors("s2");
  change.records[1].mutable_call()->set_state(v1::CALL_STATE_ACTIVE);
  MustApply(change);
  v1::ListCallsRequest request;
  request.set_sensor("s2");
  EXPECT_THAT(ListAll(request), testing::ElementsAre(1));
  request.set_sensor("");
  request.add_states(v1::CALL_STATE_ACTIVE);
  EXPECT_THAT(ListAll(request), testing::ElementsAre(2));
  request.add_states(v1::CALL_STATE_COMPLETED);
  request.set_number_prefix("200");
  EXPECT_THAT(ListAll(request), testing::ElementsAre(3, 2, 1));
}

TEST_P(CallStoreContract, PagesShowEachCallOnce) {
  CallChange change;
  for (int number = 0; number < 50; ++number) {
    change.records.push_back(RecordOf(number));
    // Five of a time.
    change.records.back().mutable_call()->mutable_start_time()->set_seconds(
        number / 5);
  }
  MustApply(change);
  for (const uint32_t size : {1, 7, 50, 51}) {
    v1::ListCallsRequest request;
    request.set_page_size(size);
    std::multiset<std::string> ids;
    int pages = 0;
    do {
      const CallPage page = List(request);
      for (const v1::Call& call : page.calls) ids.insert(call.id());
      request.set_page_token(page.next_page_token);
      ++pages;
    } while (!request.page_token().empty() && pages < 100);
    EXPECT_EQ(ids.size(), 50u) << size;
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 50u);
  }
}

TEST_P(CallStoreContract, ACallThatChangesIsListedWhereItBelongsNow) {
  Write({1, 2, 3});
  CallChange change;
  change.records.push_back(RecordOf(1));
  change.records[0].mutable_call()->mutable_start_time()->set_seconds(9);
  change.records[0].mutable_call()->set_caller("777");
  MustApply(change);
  EXPECT_THAT(ListAll({}), testing::ElementsAre(9, 3, 2));
  v1::ListCallsRequest request;
  request.set_number_prefix("101");
  EXPECT_THAT(ListAll(request), testing::IsEmpty());
  request.set_number_prefix("777");
  EXPECT_THAT(ListAll(request), testing::ElementsAre(9));
}

TEST_P(CallStoreContract, ListsWhatFitsSiteTextFlagAndHold) {
  CallChange change;
  for (const int number : {1, 2, 3}) change.records.push_back(RecordOf(number));
  v1::Call& one = *change.records[0].mutable_call();
  one.add_legs()->add_observations()->set_site("berlin");
  one.set_callee_name("Jürgen MÜLLER");
  one.add_flags(v1::CALL_FLAG_ONE_WAY);
  one.add_flags(v1::CALL_FLAG_CAPTURE_LOSS);
  v1::Call& two = *change.records[1].mutable_call();
  two.add_streams()->add_observations()->set_site("paris");
  two.add_flags(v1::CALL_FLAG_NO_MEDIA);
  MustApply(change);
  v1::CallHold hold;
  hold.set_reason("claim 17");
  ASSERT_TRUE(facts().SetHold(two.id(), Scope::All(), hold).ok());
  const auto listed = [this](const auto& set) {
    v1::ListCallsRequest request;
    set(request);
    return ListAll(request);
  };
  using testing::ElementsAre;
  EXPECT_THAT(listed([](auto& r) { r.set_site("berlin"); }), ElementsAre(1));
  EXPECT_THAT(listed([](auto& r) { r.set_site("paris"); }), ElementsAre(2));
  EXPECT_THAT(listed([](auto& r) { r.set_site("ber"); }), ElementsAre());
  EXPECT_THAT(listed([](auto& r) { r.set_text("müll"); }), ElementsAre(1));
  EXPECT_THAT(listed([](auto& r) { r.set_text("JÜRGEN m"); }), ElementsAre(1));
  // 101, 102, 103 call 200.
  EXPECT_THAT(listed([](auto& r) { r.set_text("03"); }), ElementsAre(3));
  EXPECT_THAT(listed([](auto& r) { r.set_text("20"); }), ElementsAre(3, 2, 1));
  EXPECT_THAT(listed([](auto& r) { r.add_flags(v1::CALL_FLAG_CAPTURE_LOSS); }),
              ElementsAre(1));
  EXPECT_THAT(listed([](auto& r) {
                r.add_flags(v1::CALL_FLAG_ONE_WAY);
                r.add_flags(v1::CALL_FLAG_NO_MEDIA);
              }),
              ElementsAre(2, 1));
  EXPECT_THAT(listed([](auto& r) { r.set_on_hold(true); }), ElementsAre(2));
  // All must hold, also beside an index.
  EXPECT_THAT(listed([](auto& r) {
                r.set_number_prefix("10");
                r.set_site("paris");
                r.set_text("102");
              }),
              ElementsAre(2));
  EXPECT_THAT(listed([](auto& r) {
                r.set_number_prefix("101");
                r.set_site("paris");
              }),
              ElementsAre());
}

TEST_P(CallStoreContract, ListsHeldCallsByPagesHoweverManyThereAre) {
  std::vector<int> numbers;
  std::vector<int64_t> newest_first;
  // The second time more than the real store looks at one by one.
  for (const int count : {150, 1002}) {
    while (static_cast<int>(numbers.size()) < count) {
      numbers.push_back(static_cast<int>(numbers.size()));
    }
    Write(numbers);
    // The last one is not.
    for (int i = static_cast<int>(newest_first.size()); i + 1 < count; ++i) {
      const auto put =
          facts().SetHold(IdOf(i).ToHex(), Scope::All(), v1::CallHold());
      ASSERT_TRUE(put.ok()) << put.status();
      newest_first.insert(newest_first.begin(), i);
    }
    v1::ListCallsRequest request;
    request.set_on_hold(true);
    EXPECT_EQ(ListAll(request), newest_first);
    request.mutable_start_from()->set_seconds(7);
    request.mutable_start_before()->set_seconds(9);
    EXPECT_THAT(ListAll(request), testing::ElementsAre(8, 7));
    request.set_number_prefix("107");
    EXPECT_THAT(ListAll(request), testing::ElementsAre(7));
  }
}

TEST_P(CallStoreContract, ListsByLengthUpToNowWhileACallGoesOn) {
  fakes::FakeClock clock;
  ASSERT_TRUE(log().StartLog(clock).ok());
  const int64_t now_s = clock.WallNs() / 1'000'000'000;
  CallChange change;
  // Ended after 10 s; a second ago, and going on.
  change.records = {RecordOf(1), RecordOf(2)};
  change.records[0].mutable_call()->mutable_end_time()->set_seconds(11);
  change.records[1].mutable_call()->mutable_start_time()->set_seconds(now_s -
                                                                      1);
  MustApply(change);
  v1::ListCallsRequest request;
  request.mutable_min_length()->set_seconds(10);
  EXPECT_THAT(ListAll(request), testing::ElementsAre(1));
  request.mutable_max_length()->set_seconds(10);
  EXPECT_THAT(ListAll(request), testing::ElementsAre());
  request.clear_min_length();
  EXPECT_THAT(ListAll(request), testing::ElementsAre(now_s - 1));
  clock.Advance(9'000'000'000);
  EXPECT_THAT(ListAll(request), testing::ElementsAre());
  request.clear_max_length();
  request.mutable_min_length()->set_seconds(10);
  EXPECT_THAT(ListAll(request), testing::ElementsAre(now_s - 1, 1));
}

TEST_P(CallStoreContract, ListsByHowWellCallsCouldBeHeard) {
  CallChange change;
  for (const int number : {1, 2, 3, 4}) {
    change.records.push_back(RecordOf(number));
  }
  change.records[0].mutable_call()->set_listening_mos(4.41);
  change.records[1].mutable_call()->set_listening_mos(3.5);
  change.records[2].mutable_call()->set_listening_mos(1.2);
  MustApply(change);
  v1::ListCallsRequest request;
  request.set_max_mos(3.5);
  EXPECT_THAT(ListAll(request), testing::ElementsAre(3));
  // The same by the index of numbers.
  request.set_number_prefix("10");
  EXPECT_THAT(ListAll(request), testing::ElementsAre(3));
  request.clear_number_prefix();
  request.set_max_mos(5);
  EXPECT_THAT(ListAll(request), testing::ElementsAre(3, 2, 1));
  request.set_min_mos(3.5);
  EXPECT_THAT(ListAll(request), testing::ElementsAre(2, 1));
  request.clear_max_mos();
  request.set_page_size(1);
  EXPECT_THAT(ListAll(request), testing::ElementsAre(2, 1));
  // One is another by then.
  change.records[0].mutable_call()->set_listening_mos(2);
  MustApply(change);
  EXPECT_THAT(ListAll(request), testing::ElementsAre(2));
}

inline Scope ScopeOf(const std::string& site, const std::string& number) {
  v1::Scope scope;
  if (!site.empty()) scope.add_sites(site);
  if (!number.empty()) scope.add_numbers(number);
  return *Scope::Parse(scope);
}

inline v1::AnnotateCallRequest Annotating(const std::string& id,
                                          const std::vector<std::string>& tags,
                                          const std::string& note) {
  v1::AnnotateCallRequest request;
  request.set_id(id);
  request.mutable_tags()->Assign(tags.begin(), tags.end());
  request.set_note(note);
  return request;
}

TEST_P(CallStoreContract, WhatIsWrittenAboutACallIsFoundWithIt) {
  fakes::FakeClock clock;
  ASSERT_TRUE(log().StartLog(clock).ok());
  Write({1, 2});
  const uint64_t before = log().LastEvent();
  const std::string id = IdOf(1).ToHex();
  // By any id of the call.
  const auto written = facts().Annotate(
      Annotating(id.substr(0, 8), {"vip"}, "hello"), "ann", Scope::All());
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->call().annotation().user(), "ann");
  EXPECT_EQ(written->call().annotation().time().seconds(),
            clock.WallNs() / 1'000'000'000);
  for (const std::string& key : {id, id.substr(0, 9)}) {
    const auto record = facts().GetCall(key, Scope::All());
    ASSERT_TRUE(record.ok());
    EXPECT_EQ(record->call().annotation().note(), "hello");
  }
  v1::ListCallsRequest request;
  request.set_tag("vip");
  const CallPage page = List(request);
  ASSERT_EQ(page.calls.size(), 1u);
  EXPECT_EQ(page.calls[0].annotation().note(), "hello");
  request.set_tag("vi");
  EXPECT_TRUE(List(request).calls.empty());
  // Those who watch learn of it by the log.
  const auto events = log().ReadEvents(before, 10);
  ASSERT_EQ(events->size(), 1u);
  EXPECT_EQ(events->front().event.call_id(), IdOf(1).bytes());
  EXPECT_EQ(events->front().event.kind(), v1::CALL_EVENT_KIND_UNSPECIFIED);

  // Who has not read it does not overwrite it; who has, does, and removes it.
  EXPECT_TRUE(absl::IsAborted(
      facts()
          .Annotate(Annotating(id, {}, "mine"), "bob", Scope::All())
          .status()));
  v1::AnnotateCallRequest remove = Annotating(id, {}, "");
  *remove.mutable_replaces() = written->call().annotation().time();
  const auto removed = facts().Annotate(remove, "bob", Scope::All());
  ASSERT_TRUE(removed.ok()) << removed.status();
  EXPECT_FALSE(removed->call().has_annotation());
  EXPECT_FALSE(facts().GetCall(id, Scope::All())->call().has_annotation());
  request.set_tag("vip");
  EXPECT_TRUE(List(request).calls.empty());
}

TEST_P(CallStoreContract, NothingIsWrittenAboutWhatIsNotThereOrTooMuch) {
  Write({1});
  const std::string id = IdOf(1).ToHex();
  EXPECT_TRUE(absl::IsNotFound(
      facts()
          .Annotate(Annotating(id, {"x"}, ""), "", ScopeOf("paris", ""))
          .status()));
  EXPECT_TRUE(absl::IsNotFound(
      facts()
          .Annotate(Annotating(IdOf(9).ToHex(), {"x"}, ""), "", Scope::All())
          .status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      facts().Annotate(Annotating(id, {""}, ""), "", Scope::All()).status()));
  EXPECT_FALSE(facts().GetCall(id, Scope::All())->call().has_annotation());
}

TEST_P(CallStoreContract, WhatIsWrittenStaysWhenTheCallIsWrittenAgain) {
  Write({1});
  const std::string id = IdOf(1).ToHex();
  ASSERT_TRUE(
      facts().Annotate(Annotating(id, {"vip"}, ""), "ann", Scope::All()).ok());
  CallChange change;
  change.records = {RecordOf(1)};
  change.records[0].mutable_call()->set_callee("300");
  MustApply(change);
  v1::ListCallsRequest request;
  request.set_tag("vip");
  EXPECT_THAT(ListAll(request), testing::ElementsAre(1));
  request.set_number_prefix("300");
  EXPECT_THAT(ListAll(request), testing::ElementsAre(1));
}

TEST_P(CallStoreContract, WhatIsWrittenGoesToTheCallThatTakesTheOtherIn) {
  Write({1, 2, 3});
  for (const int number : {1, 2, 3}) {
    ASSERT_TRUE(facts()
                    .Annotate(Annotating(IdOf(number).ToHex(),
                                         {"t" + std::to_string(number)},
                                         "n" + std::to_string(number)),
                              "ann", Scope::All())
                    .ok());
  }
  // 2 becomes part of 1; 3 of one that is new.
  CallChange change;
  change.records = {RecordOf(1), RecordOf(4)};
  change.records[0].add_members(std::string(IdOf(2).bytes()));
  change.records[1].add_members(std::string(IdOf(3).bytes()));
  change.removed = {IdOf(2).ToHex(), IdOf(3).ToHex()};
  MustApply(change);
  const auto of = [this](int number) {
    return facts().GetCall(IdOf(number).ToHex(), Scope::All())->call();
  };
  EXPECT_EQ(of(2).id(), IdOf(1).ToHex());
  EXPECT_THAT(of(1).annotation().tags(), testing::ElementsAre("t1", "t2"));
  EXPECT_EQ(of(1).annotation().note(), "n1\n\nn2");
  EXPECT_THAT(of(4).annotation().tags(), testing::ElementsAre("t3"));
  v1::ListCallsRequest request;
  request.set_tag("t2");
  EXPECT_THAT(ListAll(request), testing::ElementsAre(1));
  request.set_tag("t3");
  EXPECT_THAT(ListAll(request), testing::ElementsAre(4));
  // Parted again, it is there once.
  change = {};
  change.records = {RecordOf(1), RecordOf(2)};
  MustApply(change);
  EXPECT_FALSE(of(2).has_annotation());
  EXPECT_THAT(of(1).annotation().tags(), testing::ElementsAre("t1", "t2"));
}

TEST_P(CallStoreContract, RefusesPageTokensThatAreNotOfThisListing) {
  Write({1, 2, 3});
  v1::ListCallsRequest request;
  request.set_page_size(1);
  request.set_page_token(List(request).next_page_token);
  ASSERT_NE(request.page_token(), "");
  EXPECT_EQ(List(request).calls[0].start_time().seconds(), 2);
  // The size of the page may change between pages.
  request.set_page_size(2);
  EXPECT_EQ(List(request).calls.size(), 2u);
  v1::ListCallsRequest others[9];
  others[0].set_sensor("s1");
  others[1].set_site("berlin");
  others[2].set_text("1");
  others[3].add_flags(v1::CALL_FLAG_ONE_WAY);
  others[4].mutable_min_length()->set_seconds(0);
  others[5].set_tag("x");
  others[6].set_on_hold(true);
  others[7].set_min_mos(1);
  others[8].set_max_mos(5);
  for (v1::ListCallsRequest& other : others) {
    other.set_page_token(request.page_token());
    EXPECT_TRUE(absl::IsInvalidArgument(
        facts().ListCalls(other, Scope::All()).status()))
        << other.ShortDebugString();
  }
  for (const std::string& token :
       {std::string("x"), request.page_token() + "AAAA", std::string("AAAA"),
        request.page_token().substr(4)}) {
    v1::ListCallsRequest bad;
    bad.set_page_token(token);
    EXPECT_TRUE(
        absl::IsInvalidArgument(facts().ListCalls(bad, Scope::All()).status()));
  }
}

TEST_P(CallStoreContract, RefusesConditionsThatMakeNoSense) {
  v1::ListCallsRequest time;
  time.mutable_start_from()->set_nanos(-1);
  EXPECT_TRUE(
      absl::IsInvalidArgument(facts().ListCalls(time, Scope::All()).status()));
  v1::ListCallsRequest state;
  state.add_states(static_cast<v1::CallState>(99));
  EXPECT_TRUE(
      absl::IsInvalidArgument(facts().ListCalls(state, Scope::All()).status()));
  v1::ListCallsRequest flag;
  flag.add_flags(static_cast<v1::CallFlag>(99));
  EXPECT_TRUE(
      absl::IsInvalidArgument(facts().ListCalls(flag, Scope::All()).status()));
  v1::ListCallsRequest length;
  length.mutable_max_length()->set_seconds(-1);
  EXPECT_TRUE(absl::IsInvalidArgument(
      facts().ListCalls(length, Scope::All()).status()));
  for (const double mos : {0.0, 0.99, 5.01, std::nan("")}) {
    v1::ListCallsRequest least;
    least.set_min_mos(mos);
    EXPECT_TRUE(absl::IsInvalidArgument(
        facts().ListCalls(least, Scope::All()).status()));
    v1::ListCallsRequest most;
    most.set_max_mos(mos);
    EXPECT_TRUE(absl::IsInvalidArgument(
        facts().ListCalls(most, Scope::All()).status()));
  }
  v1::ListCallsRequest text;
  text.set_text(std::string(129, 'x'));
  EXPECT_TRUE(
      absl::IsInvalidArgument(facts().ListCalls(text, Scope::All()).status()));
  v1::ListCallsRequest number;
  number.set_number_prefix(std::string(65, '1'));
  EXPECT_TRUE(absl::IsInvalidArgument(
      facts().ListCalls(number, Scope::All()).status()));
}

TEST_P(CallStoreContract, WhatIsOutOfScopeIsNotThere) {
  CallChange change;
  for (const int number : {1, 2, 3, 4}) {
    change.records.push_back(RecordOf(number));
    change.records.back()
        .mutable_call()
        ->add_legs()
        ->add_observations()
        ->set_site(number % 2 == 0 ? "even" : "odd");
  }
  MustApply(change);
  const Scope even = ScopeOf("even", "");
  const std::string outside = IdOf(1).ToHex();
  EXPECT_TRUE(facts().GetCall(IdOf(2).ToHex(), even).ok());
  // As one that never was, to the letter; also by the beginning of its id.
  for (const std::string& id : {outside, outside.substr(0, 8)}) {
    const absl::Status hidden = facts().GetCall(id, even).status();
    EXPECT_TRUE(absl::IsNotFound(hidden)) << hidden;
    EXPECT_EQ(hidden.message(), "no call has or had the id '" + id + "'");
  }
  const auto page = facts().ListCalls({}, even);
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->calls.size(), 2u);
  EXPECT_EQ(page->calls[0].caller(), "104");
  EXPECT_EQ(page->calls[1].caller(), "102");
  // Filters narrow a scope, and never leave it.
  v1::ListCallsRequest request;
  request.set_number_prefix("101");
  EXPECT_TRUE(facts().ListCalls(request, even)->calls.empty());
  request.set_number_prefix("");
  request.set_sensor("s1");
  EXPECT_EQ(facts().ListCalls(request, even)->calls.size(), 2u);
}

TEST_P(CallStoreContract, ListsByNumbersOfAScope) {
  Write({1, 2, 3, 10, 11});
  const auto page = facts().ListCalls({}, ScopeOf("", "11*"));
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->calls.size(), 2u);
  EXPECT_EQ(page->calls[0].caller(), "111");
  EXPECT_EQ(page->calls[1].caller(), "110");
}

TEST_P(CallStoreContract, APageTokenIsOfOneScope) {
  Write({1, 2, 3});
  v1::ListCallsRequest request;
  request.set_page_size(1);
  const Scope narrow = ScopeOf("", "20*");
  request.set_page_token(facts().ListCalls(request, narrow)->next_page_token);
  ASSERT_FALSE(request.page_token().empty());
  EXPECT_EQ(facts().ListCalls(request, narrow)->calls.size(), 1u);
  for (const Scope& other : {Scope::All(), ScopeOf("", "2*")}) {
    EXPECT_TRUE(
        absl::IsInvalidArgument(facts().ListCalls(request, other).status()));
  }
}

TEST_P(CallStoreContract, ACallOutOfScopeMakesNoIdAmbiguous) {
  const std::string first = "12345678" + std::string(24, '0');
  const std::string second = "12345678" + std::string(24, '1');
  CallChange change;
  for (const std::string& id : {first, second}) {
    v1::Call& call = *change.records.emplace_back().mutable_call();
    call.set_id(id);
    call.set_caller(id);
  }
  MustApply(change);
  EXPECT_TRUE(absl::IsInvalidArgument(
      facts().GetCall("12345678", Scope::All()).status()));
  const auto found = facts().GetCall("12345678", ScopeOf("", second));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->call().id(), second);
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_CALL_STORE_CONTRACT_H_
