#include "collector/timeline/sip_digits.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

std::string Request(const std::string& method, const std::string& type,
                    const std::string& body) {
  return absl::StrCat(
      method, " sip:b@10.0.0.2 SIP/2.0\r\n",
      "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\nCall-ID: c1\r\n"
      "From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\nCSeq: 7 ",
      method, "\r\nContent-Type: ", type, "\r\nContent-Length: ", body.size(),
      "\r\n\r\n", body);
}

std::optional<SipDigits> In(const std::string& text) {
  const auto message = ParseSip(text);
  EXPECT_TRUE(message);
  return message ? DigitsIn(*message) : std::nullopt;
}

std::string Relay(const std::string& body) {
  const auto found = In(Request("INFO", "application/dtmf-relay", body));
  return found ? found->digits : "";
}

TEST(SipDigits, ReadsTheRelayForm) {
  const auto found = In(Request("INFO", "application/dtmf-relay",
                                "Signal=5\r\nDuration=160\r\n"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->digits, "5");
  EXPECT_EQ(found->duration_ms, 160);
  EXPECT_EQ(found->source, v1::DTMF_SOURCE_INFO);
}

TEST(SipDigits, ReadsWhatSendersMakeOfIt) {
  EXPECT_EQ(Relay("Signal= *\nDuration= 250"), "*");
  EXPECT_EQ(Relay("SIGNAL = #\r\n"), "#");
  EXPECT_EQ(Relay("Duration=100\r\nSignal=d\r\n"), "D");
  EXPECT_EQ(Relay("Signal=10\r\n"), "*");
  EXPECT_EQ(Relay("Signal=11\r\n"), "#");
  EXPECT_EQ(Relay("Signal=16\r\n"), "!");
  EXPECT_EQ(Relay("Signal=hf\r\n"), "!");
}

TEST(SipDigits, ReadsTheShortForm) {
  EXPECT_EQ(In(Request("INFO", "application/dtmf", "7"))->digits, "7");
  EXPECT_EQ(In(Request("INFO", "application/DTMF", " 10\r\n"))->digits, "*");
  EXPECT_EQ(In(Request("INFO", "application/dtmf", "Signal=3\r\n"))->digits,
            "3");
}

// The example of RFC 4730, section 12.
TEST(SipDigits, ReadsKeyPressMarkup) {
  const auto found = In(
      Request("NOTIFY", "application/kpml-response+xml",
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<kpml-response "
              "xmlns=\"urn:ietf:params:xml:ns:kpml-response\" version=\"1.0\" "
              "code=\"200\" text=\"OK\" digits=\"12#\" tag=\"dtmf\"/>"));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->digits, "12#");
  EXPECT_EQ(found->source, v1::DTMF_SOURCE_KPML);
}

TEST(SipDigits, LeavesOutWhatIsNone) {
  EXPECT_EQ(Relay(""), "");
  EXPECT_EQ(Relay("Signal=\r\n"), "");
  EXPECT_EQ(Relay("Signal=99\r\n"), "");
  EXPECT_EQ(Relay("Signal=<script>\r\n"), "");
  EXPECT_EQ(Relay("Duration=99999999999999999999\r\nSignal=1"), "1");
  EXPECT_FALSE(In(Request("INFO", "application/media_control+xml", "1")));
  EXPECT_FALSE(In(Request("MESSAGE", "application/dtmf", "1")));
  for (const char* body : {"digits=\"1", "<x digits=\"1\"", "xdigits=\"1\"",
                           " digits=1", " digits=", " digits=\"\""}) {
    const auto found =
        In(Request("NOTIFY", "application/kpml-response+xml", body));
    EXPECT_EQ(found.has_value(), std::string(body) == "<x digits=\"1\"")
        << body;
  }
  EXPECT_FALSE(
      In(Request("NOTIFY", "application/kpml-response+xml",
                 absl::StrCat(" digits=\"", std::string(33, '1'), "\""))));
}

}  // namespace
}  // namespace callbraid::collector
