#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/doctor/make_facts.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(JudgeEncryption, NotesCallsThatAreMetadataOnly) {
  Facts facts = MakeFacts(MakePoint());
  for (const bool encrypted : {true, false}) {
    CallFacts call = MakeCall(encrypted ? "x" : "y", "10.0.0.11", "10.0.0.12");
    AddStream("10.0.0.11", "10.0.0.12", 1, call);
    if (encrypted) call.call.add_flags(v1::CALL_FLAG_ENCRYPTED);
    facts.calls.push_back(call);
  }
  const Verdicts verdicts = JudgeEncryption(facts);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_ENCRYPTED_MEDIA));
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_NOTE);
  EXPECT_THAT(verdicts[0].text(), HasSubstr("1 of 2 calls"));
  EXPECT_THAT(verdicts[0].text(), HasSubstr("metadata only"));
  EXPECT_THAT(verdicts[0].calls(), ElementsAre("x"));
}

TEST(JudgeEncryption, WarnsWhereAllSignallingIsEncrypted) {
  PointFacts point = MakePoint();
  point.window.mutable_census()->set_sip_tls_segments(10);
  const Verdicts all = JudgeEncryption(MakeFacts(point));
  ASSERT_THAT(KindsOf(all), ElementsAre(v1::VERDICT_KIND_ENCRYPTED_SIGNALLING));
  EXPECT_EQ(all[0].severity(), v1::SEVERITY_WARNING);
  point.window.mutable_census()->set_sip_messages(10);
  EXPECT_EQ(JudgeEncryption(MakeFacts(point))[0].severity(), v1::SEVERITY_NOTE);
}

TEST(JudgeEncryption, IsContentWithTlsThatIsReadAndNotesWhatIsNot) {
  PointFacts point = MakePoint();
  v1::TrafficCensus& census = *point.window.mutable_census();
  census.set_sip_tls_segments(10);
  census.set_sip_messages(10);
  census.set_tls_connections(3);
  census.set_tls_connections_with_key(2);
  EXPECT_THAT(JudgeEncryption(MakeFacts(point)), IsEmpty());
  census.set_tls_connections_without_key(1);
  const Verdicts some = JudgeEncryption(MakeFacts(point));
  ASSERT_THAT(KindsOf(some),
              ElementsAre(v1::VERDICT_KIND_ENCRYPTED_SIGNALLING));
  EXPECT_EQ(some[0].severity(), v1::SEVERITY_NOTE);
  EXPECT_THAT(some[0].cure(), HasSubstr("key_logs"));
}

TEST(JudgeEncryption, IsContentWithCallsInTheClear) {
  Facts facts = MakeFacts(MakePoint());
  facts.calls.push_back(MakeCall("x", "10.0.0.11", "10.0.0.12"));
  EXPECT_THAT(JudgeEncryption(facts), IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
