#include "collector/events/log_feed.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

ObservationId IdOf(int number) {
  return ObservationId::Of(std::to_string(number));
}

class LogFeedTest : public testing::Test {
 protected:
  LogFeedTest() { EXPECT_TRUE(store_.events().StartLog(clock_).ok()); }

  // Call `number` is known from now on.
  void Begin(int number, const std::string& site = "berlin") {
    CallChange change;
    store::v1::CallRecord& record = change.records.emplace_back();
    record.add_members(std::string(IdOf(number).bytes()));
    v1::Call& call = *record.mutable_call();
    call.set_id(IdOf(number).ToHex());
    call.set_caller(std::to_string(number));
    call.add_legs()->add_observations()->set_site(site);
    call.set_revision(1);
    ASSERT_TRUE(store_.facts().ApplyCalls(change).ok());
  }
  void Merge(int number, int into) {
    CallChange change;
    auto record = store_.facts().GetCall(IdOf(into).ToHex(), Scope::All());
    ASSERT_TRUE(record.ok()) << record.status();
    record->add_members(std::string(IdOf(number).bytes()));
    change.records = {*record};
    change.removed = {IdOf(number).ToHex()};
    ASSERT_TRUE(store_.facts().ApplyCalls(change).ok());
  }
  // As after a start of the collector.
  LogFeed& Start(LogFeed::Options options = {}) {
    feed_ = std::make_unique<LogFeed>(store_.facts(), store_.events(), meter_,
                                      std::move(options), clock_);
    EXPECT_TRUE(feed_->FindPlace().ok());
    return *feed_;
  }
  std::vector<std::string> Next(size_t limit = 100) {
    std::vector<std::string> ids;
    const auto events = feed_->Next(limit);
    EXPECT_TRUE(events.ok()) << events.status();
    for (const FeedEvent& event : *events) {
      last_ = event;
      ids.push_back(event.call_id);
    }
    return ids;
  }
  std::vector<std::string> Ids(std::vector<int> numbers) {
    std::vector<std::string> ids;
    for (const int number : numbers) ids.push_back(IdOf(number).ToHex());
    return ids;
  }

  fakes::FakeClock clock_;
  MemoryStore store_;
  SinkMeter meter_{"crm", "webhook"};
  std::unique_ptr<LogFeed> feed_;
  FeedEvent last_;
};

TEST_F(LogFeedTest, BeginsWithWhatHappensFromNowOnAndGoesOnAfterARestart) {
  Begin(1);
  Start();
  EXPECT_EQ(Next(), Ids({}));
  Begin(2);
  Begin(3);
  EXPECT_EQ(Next(1), Ids({2}));
  ASSERT_TRUE(feed_->Done(last_.sequence).ok());
  EXPECT_EQ(Next(), Ids({3}));
  // Nobody said that this one was done.
  Start();
  EXPECT_EQ(Next(), Ids({3}));
  ASSERT_TRUE(feed_->Done(last_.sequence, "here").ok());
  EXPECT_EQ(Start().state(), "here");
  EXPECT_EQ(Next(), Ids({}));
}

TEST_F(LogFeedTest, TellsOfItsKindsAndSitesOnly) {
  LogFeed::Options options;
  options.sites = {"bonn"};
  options.kinds = {v1::CALL_EVENT_KIND_STARTED};
  Start(options);
  Begin(1, "berlin");
  Begin(2, "bonn");
  Merge(2, 1);
  EXPECT_EQ(Next(), Ids({2}));
  EXPECT_EQ(last_.kind, v1::CALL_EVENT_KIND_STARTED);
}

TEST_F(LogFeedTest, LoadsTheCallAsItIsNow) {
  Start();
  Begin(1);
  Next();
  Begin(2);
  Merge(1, 2);
  const auto event = feed_->Load(last_);
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->id(), IdOf(1).ToHex() + ".started.1");
  EXPECT_EQ(event->call_id(), IdOf(1).ToHex());
  EXPECT_EQ(event->call().id(), IdOf(2).ToHex());
}

TEST_F(LogFeedTest, DoesNotNameTheCallOfAnotherSiteThatACallIsPartOf) {
  LogFeed::Options options;
  options.sites = {"bonn"};
  Start(options);
  Begin(1, "berlin");
  Begin(2, "bonn");
  Merge(2, 1);
  Next();
  ASSERT_EQ(last_.kind, v1::CALL_EVENT_KIND_MERGED);
  const auto event = feed_->Load(last_);
  ASSERT_TRUE(event.ok()) << event.status();
  EXPECT_EQ(event->kind(), v1::CALL_EVENT_KIND_REMOVED);
  EXPECT_EQ(event->merged_into(), "");
  EXPECT_FALSE(event->has_call());
}

TEST_F(LogFeedTest, DoesNotTellOfACallThatIsAtOtherSitesByNow) {
  LogFeed::Options options;
  options.sites = {"bonn"};
  Start(options);
  Begin(1, "bonn");
  Begin(2, "bonn");
  Next();
  Begin(2, "berlin");
  EXPECT_TRUE(absl::IsNotFound(feed_->Load(last_).status()));
}

TEST_F(LogFeedTest, CountsWhatIsNoLongerKept) {
  Start();
  for (int i = 1; i <= 5; ++i) Begin(i);
  ASSERT_TRUE(store_.events().CutEvents(0, 2).ok());
  EXPECT_EQ(Next(), Ids({4, 5}));
  EXPECT_EQ(feed_->State().expired, 3u);
}

TEST_F(LogFeedTest, SaysHowMuchWaitsAndForHowLong) {
  Start();
  Begin(1);
  Begin(2);
  EXPECT_EQ(feed_->State().waiting, 2u);
  Next(1);
  clock_.Advance(5'000'000'000);
  EXPECT_EQ(feed_->State().oldest_ns, 5'000'000'000);
  ASSERT_TRUE(feed_->Done(last_.sequence).ok());
  Next();
  ASSERT_TRUE(feed_->Done(last_.sequence).ok());
  EXPECT_EQ(feed_->State().waiting, 0u);
  EXPECT_EQ(feed_->State().oldest_ns, 0);
}

TEST_F(LogFeedTest, WhatIsPassedOverDoesNotWait) {
  LogFeed::Options options;
  options.sites = {"bonn"};
  Start(options);
  for (int i = 1; i <= 1500; ++i) Begin(i, "berlin");
  while (feed_->State().waiting > 0) ASSERT_EQ(Next(), Ids({}));
  // Nor is it looked at again after a restart, but for a bounded number.
  Start(options);
  EXPECT_LE(feed_->State().waiting, 1000u);
}

store::v1::CallEvent AlertOf(v1::CallEventKind kind, const std::string& site) {
  store::v1::CallEvent event;
  event.set_kind(kind);
  if (!site.empty()) event.add_sites(site);
  event.mutable_alert()->set_kind(v1::ALERT_KIND_SENSOR_AWAY);
  event.mutable_alert()->set_site(site);
  event.mutable_alert()->mutable_begin_time()->set_seconds(5);
  return event;
}

TEST_F(LogFeedTest, GivesAlertsToWhoAsksForThem) {
  const std::vector<store::v1::CallEvent> alerts = {
      AlertOf(v1::CALL_EVENT_KIND_ALERT_BEGAN, "berlin"),
      AlertOf(v1::CALL_EVENT_KIND_ALERT_ENDED, "berlin"),
      AlertOf(v1::CALL_EVENT_KIND_ALERT_BEGAN, "bonn"),
      AlertOf(v1::CALL_EVENT_KIND_ALERT_BEGAN, "")};
  const auto given = [&](EventKinds kinds, std::vector<std::string> sites) {
    Start({std::move(kinds), std::move(sites)});
    EXPECT_TRUE(store_.events().AppendEvents(alerts, "!alerts", {}).ok());
    const size_t count = Next().size();
    EXPECT_TRUE(feed_->Done(store_.events().LastEvent()).ok());
    return count;
  };
  EXPECT_EQ(given({}, {}), 0u);
  EXPECT_EQ(given(CallKinds(), {}), 0u);
  EXPECT_EQ(given(AlertKinds(), {}), 4u);
  // What is of no site is for who sees all.
  EXPECT_EQ(given(AlertKinds(), {"berlin"}), 2u);
  const auto full = feed_->Load(last_);
  ASSERT_TRUE(full.ok()) << full.status();
  EXPECT_EQ(full->kind(), v1::CALL_EVENT_KIND_ALERT_ENDED);
  EXPECT_EQ(full->alert().site(), "berlin");
  EXPECT_FALSE(full->has_call());
  EXPECT_THAT(full->id(),
              testing::MatchesRegex("alert-[0-9a-f]+\\.alert_ended\\.5\\.0"));
}

// Or who drops what it has seen would drop that it is worse.
TEST_F(LogFeedTest, GivesAnAlertThatGotWorseAnIdOfItsOwn) {
  Start({AlertKinds(), {}});
  store::v1::CallEvent began =
      AlertOf(v1::CALL_EVENT_KIND_ALERT_BEGAN, "berlin");
  store::v1::CallEvent worse = began;
  worse.mutable_alert()->set_severity(v1::SEVERITY_PROBLEM);
  store::v1::CallEvent other = began;
  other.mutable_alert()->set_setting("tls.cert");
  EXPECT_TRUE(
      store_.events().AppendEvents({began, worse, other}, "!alerts", {}).ok());
  std::set<std::string> ids;
  const auto events = feed_->Next(100);
  ASSERT_TRUE(events.ok()) << events.status();
  for (const FeedEvent& event : *events) ids.insert(event.id);
  EXPECT_EQ(ids.size(), 3u);
}

}  // namespace
}  // namespace callbraid::collector
