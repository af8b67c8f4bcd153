#include "collector/retention/retention_policy.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::HasSubstr;

store::v1::CallIndexEntry Call(const std::string& caller,
                               const std::string& site) {
  store::v1::CallIndexEntry call;
  call.set_caller(caller);
  call.add_sites(site);
  return call;
}

v1::RetentionConfig WithRules() {
  v1::RetentionConfig config;
  config.set_media_days(30);
  config.set_call_days(365);
  v1::RetentionRule& board = *config.add_rules();
  board.add_numbers("+49301*");
  board.add_sites("hq");
  v1::RetentionRule& shop = *config.add_rules();
  shop.add_sites("shop");
  shop.set_call_days(7);
  return config;
}

TEST(RetentionPolicy, KeepsForEverWhatNothingIsSaidOf) {
  const RetentionPolicy policy{v1::RetentionConfig()};
  EXPECT_EQ(policy.Of(Call("1", "hq")), (KeepDays{0, 0}));
  EXPECT_EQ(policy.shortest().call, 0u);
}

TEST(RetentionPolicy, KeepsMediaAsLongAsTheirCall) {
  v1::RetentionConfig config;
  config.set_call_days(90);
  EXPECT_EQ(RetentionPolicy(config).general(), (KeepDays{90, 90}));
}

TEST(RetentionPolicy, GoesByTheFirstRuleOfWhichAllIsSo) {
  const RetentionPolicy policy(WithRules());
  EXPECT_EQ(policy.Of(Call("+493012", "hq")), (KeepDays{0, 0}));
  EXPECT_EQ(policy.Of(Call("+493012", "shop")), (KeepDays{7, 7}));
  EXPECT_EQ(policy.Of(Call("+4989", "hq")), (KeepDays{30, 365}));
  EXPECT_EQ(policy.shortest(), (KeepDays{7, 7}));
  EXPECT_EQ(policy.longest(), (KeepDays{0, 0})) << "one is for ever";
}

TEST(RetentionPolicy, LeavesOutWhatIsNotToBeRecorded) {
  v1::RetentionConfig config = WithRules();
  EXPECT_FALSE(RetentionPolicy(config).leaves_out());
  v1::RetentionRule& doctor = *config.add_rules();
  doctor.add_numbers("+49555*");
  doctor.set_record("signalling");
  doctor.set_call_days(100);
  v1::RetentionRule& council = *config.add_rules();
  council.add_numbers("+49556");
  council.set_record("nothing");
  ASSERT_TRUE(CompleteRetention(config).ok());
  const RetentionPolicy policy(config);
  EXPECT_TRUE(policy.leaves_out());
  EXPECT_EQ(policy.Of(Call("+495551", "hq")),
            (KeepDays{1, 100, Recorded::kSignalling}));
  EXPECT_EQ(policy.Of(Call("+49556", "hq")),
            (KeepDays{1, 1, Recorded::kNothing}));
  EXPECT_EQ(policy.Of(Call("+49556", "shop")), (KeepDays{7, 7}))
      << "the first rule decides";
}

TEST(RetentionPolicy, SaysWhatIsWrongWithWhatIsRecorded) {
  v1::RetentionConfig config;
  v1::RetentionRule& rule = *config.add_rules();
  rule.add_sites("hq");
  rule.set_record("none");
  EXPECT_THAT(CompleteRetention(config).ToString(),
              HasSubstr("rule 1: record is all, signalling or nothing"));
  rule.set_record("signalling");
  rule.set_media_days(7);
  EXPECT_THAT(CompleteRetention(config).ToString(),
              HasSubstr("so there is no media_days"));
  rule.set_record("nothing");
  rule.set_call_days(7);
  EXPECT_THAT(CompleteRetention(config).ToString(),
              HasSubstr("so there is no call_days"));
  rule.set_record("all");
  EXPECT_TRUE(CompleteRetention(config).ok());
}

TEST(RetentionPolicy, SaysWhatIsWrong) {
  v1::RetentionConfig config = WithRules();
  EXPECT_TRUE(CompleteRetention(config).ok());
  config.set_media_days(400);
  EXPECT_THAT(CompleteRetention(config).ToString(),
              HasSubstr("media_days is more than call_days"));
  config.set_media_days(30);
  config.add_rules()->set_call_days(1);
  EXPECT_THAT(CompleteRetention(config).ToString(),
              HasSubstr("rule 3: fits every call"));
  config.mutable_rules(2)->add_numbers("");
  EXPECT_THAT(CompleteRetention(config).ToString(), HasSubstr("rule 3"));
}

}  // namespace
}  // namespace callbraid::collector
