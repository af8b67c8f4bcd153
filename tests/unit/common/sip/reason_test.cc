#include "common/sip/reason.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid {
namespace {

SipReason Of(const std::string& value) {
  return ParseSipReason("Via: SIP/2.0/UDP h\r\nReason: " + value +
                        "\r\nCall-ID: 1\r\n");
}

TEST(SipReason, ReadsTheCauseOfTheTelephoneNetwork) {
  const SipReason reason = Of("Q.850;cause=16;text=\"Normal call clearing\"");
  EXPECT_EQ(reason.q850, 16u);
  EXPECT_EQ(reason.status, 0u);
  EXPECT_EQ(reason.text, "Normal call clearing");
}

TEST(SipReason, ReadsTheStatusThatAnotherPhoneGave) {
  const SipReason reason =
      Of("SIP;cause=200;text=\"Call completed elsewhere\"");
  EXPECT_EQ(reason.q850, 0u);
  EXPECT_EQ(reason.status, 200u);
  EXPECT_EQ(reason.text, "Call completed elsewhere");
}

TEST(SipReason, ReadsSeveralInOneHeaderOrMore) {
  const SipReason list = Of("SIP ;cause=580 , q.850 ; Cause = 34 ;text=\"a\"");
  EXPECT_EQ(list.q850, 34u);
  EXPECT_EQ(list.status, 580u);
  EXPECT_EQ(list.text, "a");
  const SipReason lines =
      Of("Q.850;cause=17\r\nReason: Q.850;cause=18, SIP;cause=486");
  EXPECT_EQ(lines.q850, 17u);
  EXPECT_EQ(lines.status, 486u);
}

TEST(SipReason, KnowsQuotedText) {
  EXPECT_EQ(Of("Q.850;text=\"a, b; cause=3 \\\"c\\\"\";cause=21").text,
            "a, b; cause=3 \"c\"");
  EXPECT_EQ(Of("Q.850;text=\"a, b; cause=3\";cause=21").q850, 21u);
  EXPECT_EQ(Of("Q.850;cause=16;text=Terminated").text, "Terminated");
  EXPECT_EQ(Of("Q.850;cause=16;\r\n text=\"two\r\n lines\"").text,
            "two   lines");
}

TEST(SipReason, LeavesOutWhatMakesNoSense) {
  for (const char* value :
       {"", ";", "Q.850", "Q.850;cause", "Q.850;cause=", "Q.850;cause=0",
        "Q.850;cause=128", "Q.850;cause=16x", "Q.850;cause=99999999999",
        "SIP;cause=99", "SIP;cause=-200", "X;cause=16", ",,,"}) {
    const SipReason reason = Of(value);
    EXPECT_EQ(reason.q850, 0u) << value;
    EXPECT_EQ(reason.status, 0u) << value;
    EXPECT_EQ(reason.text, "") << value;
  }
  EXPECT_EQ(Of("Q.850;cause=16;text=\"no end").text, "no end");
  EXPECT_EQ(Of("Q.850;text=\"\\").text, "\\");
  EXPECT_EQ(ParseSipReason("").q850, 0u);
}

TEST(SipReason, IsBounded) {
  EXPECT_EQ(Of("Q.850;text=\"" + std::string(5000, 'x') + "\"").text.size(),
            256u);
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "X;cause=1,";
  EXPECT_EQ(Of(many + "Q.850;cause=16").q850, 0u);
}

}  // namespace
}  // namespace callbraid
