#include "collector/query/call_news.h"

#include <string>
#include <vector>

#include "collector/store/call_events.h"
#include "gtest/gtest.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

LoggedEvent Removed(const std::string& caller, const std::string& site) {
  LoggedEvent logged;
  logged.event.set_kind(v1::CALL_EVENT_KIND_REMOVED);
  logged.event.set_call_id(std::string(ObservationId::Of("a call").bytes()));
  logged.event.mutable_before()->set_caller(caller);
  logged.event.mutable_before()->add_sites(site);
  return logged;
}

bool IsTold(const LoggedEvent& logged, const v1::Scope& scope) {
  MemoryStore store;
  const auto news = ReadNews(store.facts(), {}, {logged});
  EXPECT_TRUE(news.ok()) << news.status();
  EXPECT_EQ(news->size(), 1u);
  std::vector<v1::WatchCallsResponse> responses;
  Tell(news->front(), *Scope::Parse(scope), responses);
  for (const v1::WatchCallsResponse& told : responses) {
    EXPECT_EQ(told.change(), v1::WatchCallsResponse::CHANGE_REMOVED);
    EXPECT_EQ(told.call().caller(), "");
  }
  return !responses.empty();
}

TEST(CallNews, ACallThatIsGoneIsToldToWhoCouldSeeIt) {
  const LoggedEvent logged = Removed("101", "hq");
  v1::Scope scope;
  EXPECT_TRUE(IsTold(logged, scope));
  scope.add_numbers("101");
  EXPECT_TRUE(IsTold(logged, scope));
  scope.set_numbers(0, "102");
  EXPECT_FALSE(IsTold(logged, scope));
}

TEST(CallNews, OfOneThatWasDeletedOnOrderNobodyKnowsTheNumbers) {
  LoggedEvent logged = Removed("101", "hq");
  HideParties(logged.event);
  EXPECT_EQ(logged.event.SerializeAsString().find("101"), std::string::npos);
  v1::Scope scope;
  scope.add_numbers("102");
  EXPECT_TRUE(IsTold(logged, scope));
  scope.add_sites("branch");
  EXPECT_FALSE(IsTold(logged, scope));
  scope.add_sites("hq");
  EXPECT_TRUE(IsTold(logged, scope));
}

}  // namespace
}  // namespace callbraid::collector
