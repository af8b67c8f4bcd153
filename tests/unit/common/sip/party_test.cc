#include "common/sip/party.h"

#include "gtest/gtest.h"

namespace callbraid {
namespace {

TEST(NumberOf, TakesTheUserOfAUri) {
  EXPECT_EQ(NumberOf("sip:101@10.0.0.1;transport=udp"), "101");
  EXPECT_EQ(NumberOf("sips:alice:secret@example.com"), "alice");
  EXPECT_EQ(NumberOf("sip:+4930123;phone-context=x@gw"), "+4930123");
  EXPECT_EQ(NumberOf("TEL:+4930123;ext=5"), "+4930123");
  EXPECT_EQ(NumberOf("sip:pbx.example.com:5060"), "pbx.example.com");
  EXPECT_EQ(NumberOf("sip:[2001:db8::1]:5060"), "[2001:db8::1]");
  EXPECT_EQ(NumberOf(""), "");
  EXPECT_EQ(NumberOf("sip:@"), "");
}

TEST(NumberOf, WritesEscapesAsWhatTheyStandFor) {
  EXPECT_EQ(NumberOf("sip:%2B4930123%23@gw"), "+4930123#");
  EXPECT_EQ(NumberOf("sip:I%20have%20spaces@example.net"), "I have spaces");
  EXPECT_EQ(NumberOf("sip:%75se%72%3bx@example.com"), "user;x");
  // Not what would break a line, or is no character by itself.
  EXPECT_EQ(NumberOf("sip:null-%00-null@example.com"), "null-%00-null");
  EXPECT_EQ(NumberOf("sip:%41%C3%BC@example.com"), "%41%C3%BC");
  EXPECT_EQ(NumberOf("sip:a%4@example.com"), "a%4");
}

TEST(NumberOf, ReadsNamesOfH323) {
  EXPECT_EQ(NumberOf("h323:alice@10.0.0.1"), "alice");
  EXPECT_EQ(NumberOf("h323:10.0.0.1"), "10.0.0.1");
}

}  // namespace
}  // namespace callbraid
