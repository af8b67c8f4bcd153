#include "common/sip/sip_links.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

const std::string kA = "256e96bb00105000a0002c31246a214b";
const std::string kB = "07065BDAAED757DAB065579865460BDF";

TEST(ParseSessionId, ReadsBothHalves) {
  const std::string value = kA + " ; remote=" + kB + ";x=y";
  const SipSessionId id = ParseSessionId(value);
  EXPECT_EQ(id.local, kA);
  EXPECT_EQ(id.remote, kB);
}

TEST(ParseSessionId, ReadsTheOldFormWithOneHalf) {
  EXPECT_EQ(ParseSessionId(kA).local, kA);
  EXPECT_EQ(ParseSessionId(kA).remote, "");
}

TEST(ParseSessionId, LeavesOutNil) {
  const std::string nil(32, '0');
  EXPECT_EQ(ParseSessionId(kA + ";remote=" + nil).remote, "");
  EXPECT_EQ(ParseSessionId(nil + ";remote=" + kA).local, "");
}

TEST(ParseSessionId, LeavesOutWhatIsNoUuid) {
  for (const char* value : {"", ";", "4711", "256e96bb00105000a0002c31246a214",
                            "256e96bb00105000a0002c31246a214bb",
                            "zzze96bb00105000a0002c31246a214b"}) {
    EXPECT_EQ(ParseSessionId(value).local, "") << value;
  }
}

TEST(ParseChargingId, ReadsTheIcidWhereverItStands) {
  EXPECT_EQ(ParseChargingId("icid-value=1234bc9876e;icid-generated-at=a.b"),
            "1234bc9876e");
  EXPECT_EQ(ParseChargingId("icid-value=\"12;34\";orig-ioi=home1.net"),
            "12;34");
  EXPECT_EQ(ParseChargingId("orig-ioi=home1.net; ICID-Value = 99"), "99");
  EXPECT_EQ(ParseChargingId("orig-ioi=home1.net"), "");
  EXPECT_EQ(ParseChargingId("icid-value="), "");
  EXPECT_EQ(ParseChargingId("icid-value=\"open"), "open");
}

TEST(ParseDialogName, ReadsReplacesAndJoin) {
  const auto name =
      ParseDialogName("12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->call_id, "12adf2f34456gs5");
  EXPECT_EQ(name->to_tag, "12345");
  EXPECT_EQ(name->from_tag, "54321");
}

TEST(ParseDialogName, ReadsTargetDialog) {
  const auto name = ParseDialogName("fa77as7dad8;local-tag=l;remote-tag=r");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->to_tag, "l");
  EXPECT_EQ(name->from_tag, "r");
}

TEST(ParseDialogName, WantsCallIdAndBothTags) {
  EXPECT_FALSE(ParseDialogName(""));
  EXPECT_FALSE(ParseDialogName("a"));
  EXPECT_FALSE(ParseDialogName("a;to-tag=1"));
  EXPECT_FALSE(ParseDialogName(";to-tag=1;from-tag=2"));
}

TEST(TakeListValue, SplitsAtCommasOutsideOfQuotesAndBrackets) {
  std::string_view list =
      "\"A, \\\"B\" <sip:a,b@c>;index=1 , <sip:d@e>;index=1.1";
  EXPECT_EQ(TakeListValue(list), "\"A, \\\"B\" <sip:a,b@c>;index=1");
  EXPECT_EQ(TakeListValue(list), "<sip:d@e>;index=1.1");
  EXPECT_TRUE(list.empty());
}

TEST(SipUriHeader, UndoesEscapes) {
  const std::string uri =
      "sip:103@h;transport=udp?Require=replaces&"
      "Replaces=a%40b%3Bto-tag%3D1%3Bfrom-tag%3D2";
  EXPECT_EQ(SipUriHeader(uri, "replaces"), "a@b;to-tag=1;from-tag=2");
  EXPECT_EQ(SipUriHeader(uri, "Require"), "replaces");
  EXPECT_EQ(SipUriHeader(uri, "Join"), std::nullopt);
  EXPECT_EQ(WithoutUriHeaders(uri), "sip:103@h;transport=udp");
}

TEST(SipUriHeader, ToleratesBrokenEscapesAndIsBounded) {
  EXPECT_EQ(SipUriHeader("sip:a@b?x=%4", "x"), "%4");
  EXPECT_EQ(SipUriHeader("sip:a@b?x=%zz", "x"), "%zz");
  EXPECT_EQ(SipUriHeader("sip:a@b?x", "x"), std::nullopt);
  EXPECT_EQ(SipUriHeader("sip:a@b?", "x"), std::nullopt);
  EXPECT_EQ(SipUriHeader("sip:a?b@c", "b@c"), std::nullopt);
  EXPECT_EQ(SipUriHeader("sip:a@b?x=" + std::string(1025, 'a'), "x"),
            std::nullopt);
}

TEST(HasSipFlag, LooksOutsideOfTheUri) {
  EXPECT_TRUE(HasSipFlag("<sip:conf=1@h>;isfocus", "isfocus"));
  EXPECT_TRUE(HasSipFlag("<sip:c@h> ; q=1 ; IsFocus ; x", "isfocus"));
  EXPECT_FALSE(HasSipFlag("<sip:c@h;isfocus>", "isfocus"));
  EXPECT_FALSE(HasSipFlag("\"a;isfocus\" <sip:c@h>", "isfocus"));
}

TEST(SipFragStatus, ReadsTheStatusLine) {
  EXPECT_EQ(SipFragStatus("SIP/2.0 180 Ringing\r\n"), 180);
  EXPECT_EQ(SipFragStatus("SIP/2.0 200 OK"), 200);
  EXPECT_EQ(SipFragStatus(""), 0);
  EXPECT_EQ(SipFragStatus("SIP/2.0 "), 0);
  EXPECT_EQ(SipFragStatus("INVITE sip:a@b SIP/2.0"), 0);
}

}  // namespace
}  // namespace callbraid
