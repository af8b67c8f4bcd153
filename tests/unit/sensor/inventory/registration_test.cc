#include "sensor/inventory/registration.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

constexpr char kVia[] = "Via: SIP/2.0/UDP 10.0.0.101;branch=z9hG4bKa\r\n";
constexpr char kTo[] = "To: <sip:101@pbx.example:5070;transport=tcp>\r\n";
constexpr char kContact[] = "Contact: <sip:101@10.0.0.101:5062;ob>\r\n";

// A request with these headers.
std::string Register(const std::string& headers) {
  return "REGISTER sip:pbx.example SIP/2.0\r\n"
         "From: <sip:101@pbx.example>;tag=a\r\nCall-ID: r\r\n"
         "CSeq: 1 REGISTER\r\n" +
         headers + "\r\n";
}

bool IsGone(const std::string& headers) {
  const auto said =
      ParseRegistration(Register(std::string(kVia) + kTo + headers));
  EXPECT_TRUE(said) << headers;
  return said && said->gone();
}

TEST(ParseRegistration, TellsWhoThePhoneIs) {
  const auto said = ParseRegistration(
      Register(std::string(kVia) + kTo + kContact +
               "Expires: 3600\r\nUser-Agent: Yealink SIP-T46S 66.84.0.10\r\n"));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->number(), "101");
  EXPECT_EQ(said->domain(), "pbx.example");
  EXPECT_EQ(said->contact(), "10.0.0.101:5062");
  EXPECT_EQ(said->user_agent(), "Yealink SIP-T46S 66.84.0.10");
  EXPECT_FALSE(said->gone());
}

TEST(ParseRegistration, KnowsIpv6AndTelephoneNumbers) {
  auto said = ParseRegistration(
      Register(std::string(kVia) + "To: sip:101@[2001:db8::10]:5070\r\n" +
               "m: \"A, B\" <sip:101@[2001:db8::1]:5062>;expires=60\r\n"));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->number(), "101");
  EXPECT_EQ(said->domain(), "[2001:db8::10]");
  EXPECT_EQ(said->contact(), "[2001:db8::1]:5062");
  said = ParseRegistration(
      Register(std::string(kVia) + "To: <tel:+4930123;x=y>\r\n" + kContact));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->number(), "+4930123");
  EXPECT_EQ(said->domain(), "");
}

TEST(ParseRegistration, LeavesOutWhatAProxyPassesOn) {
  const std::string rest = std::string(kTo) + kContact;
  EXPECT_TRUE(ParseRegistration(Register(kVia + rest)));
  EXPECT_FALSE(ParseRegistration(Register(std::string(kVia) + kVia + rest)));
  EXPECT_FALSE(ParseRegistration(
      Register("v: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bKb, SIP/2.0/UDP "
               "10.0.0.101;branch=z9hG4bKa\r\n" +
               rest)));
  EXPECT_FALSE(ParseRegistration(Register(rest))) << "no Via at all";
}

TEST(ParseRegistration, LeavesOutWhatRegistersNoPhone) {
  EXPECT_FALSE(ParseRegistration(Register(std::string(kVia) + kTo)))
      << "asks what is registered";
  EXPECT_FALSE(ParseRegistration(
      Register(std::string(kVia) + "To: <sip:pbx.example>\r\n" + kContact)))
      << "no user";
  EXPECT_FALSE(ParseRegistration(
      "SIP/2.0 200 OK\r\nFrom: <sip:101@a>\r\nTo: <sip:101@a>\r\nCall-ID: r\r\n"
      "CSeq: 1 REGISTER\r\nVia: SIP/2.0/UDP a\r\nContact: "
      "<sip:101@a>\r\n\r\n"));
  EXPECT_FALSE(ParseRegistration("REGISTER "));
  EXPECT_FALSE(ParseRegistration(""));
}

TEST(ParseRegistration, TellsWhenAPhoneGoes) {
  EXPECT_TRUE(IsGone("Contact: *\r\nExpires: 0\r\n"));
  EXPECT_TRUE(IsGone("Contact: *\r\n"));
  EXPECT_TRUE(IsGone(std::string(kContact) + "Expires: 0\r\n"));
  EXPECT_TRUE(IsGone("Contact: <sip:101@10.0.0.101>;expires=0\r\n"));
  EXPECT_TRUE(IsGone("Contact: sip:101@10.0.0.101 ; Expires = 0\r\n"));
  EXPECT_FALSE(IsGone(kContact));
  EXPECT_FALSE(IsGone("Contact: <sip:101@10.0.0.101>;expires=10\r\n"));
  EXPECT_FALSE(
      IsGone("Contact: <sip:101@10.0.0.101>;expires=9\r\n"
             "Expires: 0\r\n"))
      << "its own word counts";
}

TEST(ParseRegistration, StaysWhereOneContactStays) {
  const auto said = ParseRegistration(Register(
      std::string(kVia) + kTo +
      "Contact: <sip:101@10.0.0.7:5060>;expires=0, <sip:101@10.0.0.8:5060>\r\n"
      "Contact: <sip:101@10.0.0.9:5060>;expires=60\r\n"));
  ASSERT_TRUE(said);
  EXPECT_FALSE(said->gone());
  EXPECT_EQ(said->contact(), "10.0.0.8:5060");
}

TEST(ParseRegistration, CutsTextsAndMakesThemUtf8) {
  const std::string is_long(100, 'x');
  const auto said = ParseRegistration(
      Register(std::string(kVia) + "To: <sip:" + is_long + "@" + is_long +
               ">\r\n" + "Contact: <sip:a@" + is_long +
               ">\r\nUser-Agent: M\xfcller J\xc3\xb6rg" + is_long + "\r\n"));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->number(), is_long.substr(0, 64));
  EXPECT_EQ(said->domain(), is_long.substr(0, 64));
  EXPECT_EQ(said->contact(), is_long.substr(0, 64));
  EXPECT_EQ(said->user_agent().size(), 64u);
  EXPECT_TRUE(said->user_agent().starts_with("M?ller J\xc3\xb6rgx"));
}

TEST(ParseRegistration, EndsOnEveryTruncation) {
  const std::string whole =
      Register(std::string(kVia) + kTo + kContact + "Expires: 0\r\n");
  for (size_t size = 0; size < whole.size(); ++size) {
    ParseRegistration(whole.substr(0, size));
  }
}

}  // namespace
}  // namespace callbraid::sensor
