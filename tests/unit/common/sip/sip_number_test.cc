#include "common/sip/sip_number.h"

#include "gtest/gtest.h"

namespace callbraid {
namespace {

TEST(PlainUser, LeavesOutVisualSeparators) {
  EXPECT_EQ(PlainUser("sip:+49(30)123-45.67@h"), "+49301234567");
  EXPECT_EQ(PlainUser("tel:030 1234;phone-context=+49"), "0301234");
  EXPECT_EQ(PlainUser("sip:*21#101@h"), "*21#101");
}

TEST(PlainUser, UndoesEscapes) {
  // '#' may not stand for itself in a user part, '+' need not be escaped.
  EXPECT_EQ(PlainUser("sip:%2321%23101@h"), "#21#101");
  EXPECT_EQ(PlainUser("sip:%2b4930@h"), "+4930");
  EXPECT_EQ(PlainUser("sip:%41nn%zz@h"), "ann%zz");
}

TEST(PlainUser, KeepsNamesInLowerCase) {
  EXPECT_EQ(PlainUser("sip:Telephone-1@h"), "telephone-1");
  EXPECT_EQ(PlainUser("sip:a.b:secret@h"), "a.b");
}

TEST(PlainUser, IsNobodyWhereNobodyIsNamed) {
  for (const char* uri :
       {"", "sip:h", "sip:@h", "sip:anonymous@anonymous.invalid",
        "sip:Restricted@h", "sip:+@h", "sip:-@h"}) {
    EXPECT_EQ(PlainUser(uri), "") << uri;
  }
}

TEST(PlainUser, IsBounded) {
  EXPECT_EQ(PlainUser("sip:" + std::string(300, '7') + "@h").size(), 64u);
}

TEST(MatchesNumber, ComparesAllOrWhatIsBeforeTheStar) {
  EXPECT_TRUE(MatchesNumber("101", "101"));
  EXPECT_FALSE(MatchesNumber("101", "1010"));
  EXPECT_TRUE(MatchesNumber("+4930*", "+49301"));
  EXPECT_TRUE(MatchesNumber("+4930*", "+4930"));
  EXPECT_FALSE(MatchesNumber("+4930*", "04930"));
  EXPECT_TRUE(MatchesNumber("*", ""));
  EXPECT_TRUE(MatchesNumber("*31#*", "*31#030"));
  EXPECT_FALSE(MatchesNumber("", "1"));
}

TEST(NumberKey, IsWhatWaysOfDiallingHaveInCommon) {
  EXPECT_EQ(NumberKey("+49301234567"), "567");
  EXPECT_EQ(NumberKey("0301234567"), "567");
  EXPECT_EQ(NumberKey("+12"), "12");
  EXPECT_EQ(NumberKey("alice"), "alice");
  EXPECT_EQ(NumberKey(""), "");
}

}  // namespace
}  // namespace callbraid
