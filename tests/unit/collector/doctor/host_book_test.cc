#include "collector/doctor/host_book.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/doctor/make_facts.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;

TEST(HostBook, KnowsAPbxByRegistrations) {
  PointFacts point = MakePoint();
  AddHost("10.0.0.10", 5, 5, 0, 0, point).registers_received = 3;
  AddHost("10.0.0.11", 5, 5, 0, 0, point).registers_sent = 3;
  const HostBook hosts(MakeFacts(point));
  EXPECT_TRUE(hosts.Of("hq", Ip("10.0.0.10")).is_server);
  EXPECT_FALSE(hosts.Of("hq", Ip("10.0.0.11")).is_server);
}

TEST(HostBook, KnowsAPbxAsTheMiddleOfTheStar) {
  PointFacts point = MakePoint();
  AddHost("10.0.0.10", 20, 20, 0, 0, point);
  AddHost("10.0.0.11", 10, 10, 0, 0, point);
  AddHost("10.0.0.12", 10, 10, 0, 0, point);
  const HostBook hosts(MakeFacts(point));
  EXPECT_TRUE(hosts.Of("hq", Ip("10.0.0.10")).is_server);
  EXPECT_FALSE(hosts.Of("hq", Ip("10.0.0.12")).is_server);
}

TEST(HostBook, CannotTellWhichOfTwoIsThePbx) {
  PointFacts point = MakePoint();
  AddHost("10.0.0.10", 20, 20, 0, 0, point);
  AddHost("10.0.0.11", 20, 20, 0, 0, point);
  EXPECT_FALSE(HostBook(MakeFacts(point)).Of("hq", Ip("10.0.0.10")).is_server);
}

TEST(HostBook, KnowsARouterByTheManyBehindIt) {
  PointFacts point = MakePoint();
  for (const char* address :
       {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}) {
    AddHost(address, 1, 1, 0, 0, point).mac = "02:00:00:00:00:01";
  }
  const SiteHost host = HostBook(MakeFacts(point)).Of("hq", Ip("192.0.2.3"));
  EXPECT_EQ(host.mac, "");
  EXPECT_EQ(host.router_mac, "02:00:00:00:00:01");
  EXPECT_EQ(host.Words(), "192.0.2.3 (behind the router 02:00:00:00:00:01)");
}

TEST(HostBook, PrefersTheMacThatIsTheHostsOwn) {
  PointFacts routed = MakePoint("s1");
  for (const char* address :
       {"10.0.0.11", "10.0.0.12", "10.0.0.13", "10.0.0.14"}) {
    AddHost(address, 1, 1, 0, 0, routed).mac = "02:00:00:00:00:01";
  }
  PointFacts near = MakePoint("s2");
  AddHost("10.0.0.12", 1, 1, 0, 0, near);
  Facts facts = MakeFacts(routed);
  facts.points.push_back(near);
  const SiteHost host = HostBook(facts).Of("hq", Ip("10.0.0.12"));
  EXPECT_EQ(host.mac, "02:00:00:00:00:12");
  EXPECT_THAT(host.capture_points, ElementsAre("s1/span0", "s2/span0"));
}

TEST(HostBook, CountsInHowManyCallsAHostIsHeard) {
  Facts facts = MakeFacts(MakePoint());
  CallFacts call = MakeCall("c", "10.0.0.11", "10.0.0.12");
  AddStream("10.0.0.11", "10.0.0.12", 1, call);
  facts.calls = {call, MakeCall("d", "10.0.0.11", "10.0.0.12")};
  const HostBook hosts(facts);
  const SiteHost caller = hosts.Of("hq", Ip("10.0.0.11"));
  EXPECT_EQ(caller.calls, 2u);
  EXPECT_EQ(caller.calls_heard, 1u);
  EXPECT_EQ(caller.calls_reached, 0u);
  EXPECT_EQ(caller.number, "11");
  EXPECT_EQ(hosts.Of("hq", Ip("10.0.0.12")).calls_reached, 1u);
  EXPECT_EQ(hosts.Of("branch", Ip("10.0.0.11")).calls, 0u);
}

TEST(HostBook, ListsThoseThatSignalAndSaysIfThereAreMore) {
  PointFacts point = MakePoint();
  AddHost("10.0.0.11", 1, 1, 0, 0, point);
  AddHost("10.0.0.12", 1, 1, 0, 0, point);
  AddHost("10.0.0.13", 0, 0, 9, 9, point);
  const HostBook hosts(MakeFacts(point));
  v1::DiagnoseResponse all;
  EXPECT_TRUE(hosts.FillResponse(10, all));
  EXPECT_EQ(all.hosts_size(), 2);
  v1::DiagnoseResponse one;
  EXPECT_FALSE(hosts.FillResponse(1, one));
  EXPECT_EQ(one.hosts_size(), 1);
}

}  // namespace
}  // namespace callbraid::collector
