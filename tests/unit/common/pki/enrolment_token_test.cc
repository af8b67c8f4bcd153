#include "common/pki/enrolment_token.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::pki {
namespace {

TEST(EnrolmentToken, ComesBackAsItWas) {
  const EnrolmentToken token{"branch-7.a", std::string(32, '\xff'),
                             NewSecret()};
  const auto read = ParseEnrolmentToken("  " + ToText(token) + "\n");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->sensor_id, token.sensor_id);
  EXPECT_EQ(read->authority, token.authority);
  EXPECT_EQ(read->secret, token.secret);
}

TEST(EnrolmentToken, RefusesEveryTruncation) {
  const std::string text =
      ToText({"s1", std::string(32, 'a'), std::string(32, 'b')});
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ParseEnrolmentToken(text.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(ParseEnrolmentToken(text + ":x").ok());
  EXPECT_FALSE(ParseEnrolmentToken("cbe2" + text.substr(4)).ok());
}

TEST(EnrolmentToken, SecretsDiffer) {
  const std::string secret = NewSecret();
  EXPECT_EQ(secret.size(), 32u);
  EXPECT_NE(secret, NewSecret());
  EXPECT_EQ(HashOf(secret).size(), 32u);
  EXPECT_NE(HashOf(secret), secret);
}

}  // namespace
}  // namespace callbraid::pki
