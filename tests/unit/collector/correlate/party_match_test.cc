#include "collector/evidence/party_match.h"

#include "tests/unit/collector/correlate/link_scenes.h"

namespace callbraid::collector {
namespace {

using scenes::Between;
using scenes::LegOf;

v1::NumberRule RuleFor(const std::string& site) {
  v1::NumberRule rule;
  rule.set_site(site);
  rule.add_strip_prefixes("0");
  rule.add_strip_prefixes("*31*");
  return rule;
}

TEST(SameNumber, ComparesTheEndOfLongNumbers) {
  const EvidencePolicy policy;
  EXPECT_TRUE(SameNumber("+4930111222333", "a", "030111222333", "a", policy));
  EXPECT_FALSE(SameNumber("+4930111222333", "a", "030111222334", "a", policy));
  // Nine digits are the same; what is before them may be dialled.
  EXPECT_TRUE(SameNumber("111222333", "a", "9111222333", "a", policy));
}

TEST(SameNumber, ComparesShortNumbersAsTheyAre) {
  const EvidencePolicy policy;
  EXPECT_TRUE(SameNumber("101", "a", "101", "b", policy));
  EXPECT_FALSE(SameNumber("101", "a", "0101", "a", policy));
  EXPECT_FALSE(SameNumber("101", "a", "4930123101", "a", policy));
}

TEST(SameNumber, ComparesNamesAsTheyAre) {
  const EvidencePolicy policy;
  EXPECT_TRUE(SameNumber("alice", "a", "alice", "a", policy));
  EXPECT_FALSE(SameNumber("alice-at-work", "a", "malice-at-work", "a", policy));
}

TEST(SameNumber, IsFalseForNobody) {
  const EvidencePolicy policy;
  EXPECT_FALSE(SameNumber("", "a", "", "a", policy));
  EXPECT_FALSE(SameNumber("", "a", "101", "a", policy));
}

TEST(SameNumber, GoesByTheRulesOfEachSite) {
  EvidencePolicy policy;
  policy.number_rules = {RuleFor("a")};
  EXPECT_TRUE(SameNumber("0101", "a", "101", "b", policy));
  EXPECT_TRUE(SameNumber("*31*101", "a", "101", "b", policy));
  EXPECT_FALSE(SameNumber("0101", "b", "101", "a", policy));
  // A number is more than its prefix.
  EXPECT_TRUE(SameNumber("0", "a", "0", "b", policy));
  policy.number_rules.push_back(RuleFor(""));
  EXPECT_TRUE(SameNumber("0101", "b", "101", "c", policy));
}

TEST(SameNumber, KnowsTheCountry) {
  EvidencePolicy policy;
  v1::NumberRule rule;
  rule.set_country_code("49");
  rule.set_compare_digits(12);
  policy.number_rules = {rule};
  for (const char* way : {"+49301234567", "0049301234567", "0301234567"}) {
    EXPECT_TRUE(SameNumber(way, "a", "301234567", "a", policy)) << way;
  }
  EXPECT_FALSE(SameNumber("+43301234567", "a", "0301234567", "a", policy));
}

TEST(MatchParties, TellsEqualFromDifferentFromNotKnown) {
  const auto match = [](const char* caller, const char* callee) {
    const Node a = *MakeNode(
        See(Between(LegOf("a", "10.0.0.1", "10.0.0.2"), "101", "102"), {}));
    const Node b = *MakeNode(
        See(Between(LegOf("b", "10.0.0.2", "10.0.0.3"), caller, callee), {}));
    return MatchParties(a, b, EvidencePolicy());
  };
  EXPECT_EQ(match("101", "102").equal(), 2);
  EXPECT_EQ(match("101", "999").equal(), 1);
  EXPECT_EQ(match("101", "999").callee, Agreement::kDifferent);
  EXPECT_EQ(match("anonymous", "102").caller, Agreement::kUnknown);
  EXPECT_EQ(match("anonymous", "anonymous").equal(), 0);
}

TEST(MatchParties, KnowsWhoWasCalledBefore) {
  fakes::Dialog forwarded =
      Between(LegOf("b", "10.0.0.2", "10.0.0.3"), "trunk", "0171777888999");
  forwarded.links.push_back(
      {.kind = store::v1::LINK_KIND_DIVERTED_FROM, .value = "sip:102@h"});
  const Node a = *MakeNode(
      See(Between(LegOf("a", "10.0.0.1", "10.0.0.2"), "101", "102"), {}));
  const Node b = *MakeNode(See(forwarded, {}));
  EXPECT_EQ(MatchParties(a, b, EvidencePolicy()).callee, Agreement::kEqual);
}

TEST(MatchParties, KnowsTheRequestUri) {
  fakes::Dialog out = Between(LegOf("b", "10.0.0.2", "10.0.0.3"), "7", "8");
  out.request_uri = "sip:102@10.0.0.3";
  const Node a = *MakeNode(
      See(Between(LegOf("a", "10.0.0.1", "10.0.0.2"), "101", "102"), {}));
  const Node b = *MakeNode(See(out, {}));
  EXPECT_EQ(MatchParties(a, b, EvidencePolicy()).callee, Agreement::kEqual);
}

}  // namespace
}  // namespace callbraid::collector
