#include "collector/store/scope.h"

#include <string>
#include <vector>

#include "collector/store/call_listing.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

Scope ScopeOf(const std::vector<std::string>& sites,
              const std::vector<std::string>& numbers) {
  v1::Scope scope;
  for (const std::string& site : sites) scope.add_sites(site);
  for (const std::string& number : numbers) scope.add_numbers(number);
  const auto parsed = Scope::Parse(scope);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *parsed : Scope::All();
}

v1::Call CallOf(const std::string& caller, const std::string& callee,
                const std::string& site) {
  v1::Call call;
  call.set_caller(caller);
  call.set_callee(callee);
  call.add_legs()->add_observations()->set_site(site);
  return call;
}

TEST(Scope, WithoutConditionsSeesEverything) {
  EXPECT_TRUE(ScopeOf({}, {}).all());
  EXPECT_TRUE(Scope::All().Sees(v1::Call()));
  EXPECT_TRUE(Scope::All().SeesSite("any"));
}

TEST(Scope, APatternIsANumberOrABeginning) {
  const Scope scope = ScopeOf({}, {"+4930*", "101"});
  EXPECT_TRUE(scope.Sees(CallOf("+49301234", "x", "a")));
  EXPECT_TRUE(scope.Sees(CallOf("x", "+4930", "a")));
  EXPECT_TRUE(scope.Sees(CallOf("x", "101", "a")));
  for (const char* number : {"1011", "10", "+493", "004930123", "", "*"}) {
    EXPECT_FALSE(scope.Sees(CallOf(number, number, "a"))) << number;
  }
}

TEST(Scope, AStarInTheMiddleIsAKeyOfThePhone) {
  const Scope scope = ScopeOf({}, {"*31#*"});
  EXPECT_TRUE(scope.Sees(CallOf("*31#030", "", "a")));
  EXPECT_FALSE(scope.Sees(CallOf("131#030", "", "a")));
}

TEST(Scope, SeesACallOfWhichASiteSawAnything) {
  const Scope scope = ScopeOf({"berlin"}, {});
  v1::Call call = CallOf("1", "2", "bonn");
  EXPECT_FALSE(scope.Sees(call));
  call.add_streams()->add_observations()->set_site("berlin");
  EXPECT_TRUE(scope.Sees(call));
  EXPECT_FALSE(scope.SeesSite("bonn"));
  EXPECT_FALSE(scope.SeesSite(""));
}

TEST(Scope, BothConditionsMustHold) {
  const Scope scope = ScopeOf({"berlin"}, {"101"});
  EXPECT_TRUE(scope.Sees(CallOf("101", "2", "berlin")));
  EXPECT_FALSE(scope.Sees(CallOf("101", "2", "bonn")));
  EXPECT_FALSE(scope.Sees(CallOf("102", "2", "berlin")));
}

TEST(Scope, TellsWhichNumbersItMaySee) {
  const Scope scope = ScopeOf({}, {"101", "+4930*"});
  for (const char* pattern :
       {"101", "10*", "*", "+49*", "+4930*", "+493055*", "+49305"}) {
    EXPECT_TRUE(scope.MaySeeNumbers(pattern)) << pattern;
  }
  for (const char* pattern : {"102", "10", "1012*", "+4940*", "+49"}) {
    EXPECT_FALSE(scope.MaySeeNumbers(pattern)) << pattern;
  }
  EXPECT_TRUE(Scope::All().MaySeeNumbers("102"));
}

TEST(Scope, AnIndexEntryTellsTheSameUnlessItIsOld) {
  const Scope scope = ScopeOf({"berlin"}, {"101"});
  store::v1::CallIndexEntry entry = IndexEntry(CallOf("101", "2", "bonn"));
  EXPECT_FALSE(scope.MaySee(entry));
  entry.clear_sites();
  EXPECT_TRUE(scope.MaySee(entry)) << "only the call can tell";
  entry.set_caller("102");
  EXPECT_FALSE(scope.MaySee(entry));
}

TEST(Scope, IsTheSameHoweverItIsWritten) {
  EXPECT_EQ(ScopeOf({"a", "b", "a"}, {}).Hash(),
            ScopeOf({"b", "a"}, {}).Hash());
  EXPECT_NE(ScopeOf({"a"}, {}).Hash(), ScopeOf({}, {"a"}).Hash());
  EXPECT_NE(ScopeOf({"ab"}, {}).Hash(), ScopeOf({"a", "b"}, {}).Hash());
}

TEST(Scope, RefusesWhatIsNoScope) {
  for (const std::string& bad :
       {std::string(), std::string(65, '1'), std::string("a\nb")}) {
    v1::Scope sites;
    sites.add_sites(bad);
    EXPECT_TRUE(absl::IsInvalidArgument(Scope::Parse(sites).status()));
    v1::Scope numbers;
    numbers.add_numbers(bad);
    EXPECT_TRUE(absl::IsInvalidArgument(Scope::Parse(numbers).status()));
  }
  v1::Scope many;
  for (int i = 0; i < 101; ++i) many.add_sites("s");
  EXPECT_TRUE(absl::IsInvalidArgument(Scope::Parse(many).status()));
}

}  // namespace
}  // namespace callbraid::collector
