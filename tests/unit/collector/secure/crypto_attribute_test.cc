#include "collector/secure/crypto_attribute.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

std::string Key(size_t bytes) {
  return absl::Base64Escape(std::string(bytes, 'k'));
}

std::string Line(const std::string& rest) {
  return absl::StrCat("1 AES_CM_128_HMAC_SHA1_80 inline:", Key(30), rest);
}

// RFC 4568, section 6.1.
TEST(ParseCryptoAttribute, ReadsTheExampleOfTheRfc) {
  const auto attribute = ParseCryptoAttribute(
      "1 AES_CM_128_HMAC_SHA1_80 "
      "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj|2^20|1:32");
  ASSERT_TRUE(attribute);
  EXPECT_EQ(attribute->tag, 1u);
  EXPECT_EQ(attribute->suite->name, "AES_CM_128_HMAC_SHA1_80");
  ASSERT_EQ(attribute->keys.size(), 1u);
  EXPECT_EQ(attribute->keys[0].key_and_salt, "wDfvg&T+)xG7@fb5jU,RaA}\\|p0%*#");
  EXPECT_EQ(attribute->keys[0].mki, std::string(31, '\0') + '\1');
}

TEST(ParseCryptoAttribute, KnowsKeySizesOfEverySuite) {
  for (const auto& [name, bytes] : {std::pair("AES_CM_128_HMAC_SHA1_32", 30),
                                    {"AES_192_CM_HMAC_SHA1_80", 38},
                                    {"AES_192_CM_HMAC_SHA1_32", 38},
                                    {"AES_256_CM_HMAC_SHA1_80", 46},
                                    {"AES_256_CM_HMAC_SHA1_32", 46},
                                    {"AES_CM_256_HMAC_SHA1_80", 46},
                                    {"AEAD_AES_128_GCM", 28},
                                    {"AEAD_AES_256_GCM", 44},
                                    {"NULL_HMAC_SHA1_80", 30},
                                    {"aes_cm_128_hmac_sha1_80", 30}}) {
    const std::string begin = absl::StrCat("2 ", name, " inline:");
    EXPECT_TRUE(ParseCryptoAttribute(absl::StrCat(begin, Key(bytes)))) << name;
    EXPECT_FALSE(ParseCryptoAttribute(absl::StrCat(begin, Key(bytes - 1))))
        << name;
    EXPECT_FALSE(ParseCryptoAttribute(absl::StrCat(begin, Key(bytes + 1))))
        << name;
  }
}

TEST(ParseCryptoAttribute, RefusesWhatCannotBeDecrypted) {
  EXPECT_FALSE(ParseCryptoAttribute(
      absl::StrCat("1 F8_128_HMAC_SHA1_80 inline:", Key(30))));
  EXPECT_FALSE(ParseCryptoAttribute(Line(" KDR=16")));
  EXPECT_FALSE(ParseCryptoAttribute(Line(" SOMETHING_NEW")));
  EXPECT_TRUE(ParseCryptoAttribute(Line(" -SOMETHING_NEW")));
  EXPECT_TRUE(ParseCryptoAttribute(Line(" WSH=128 FEC_ORDER=FEC_SRTP")));
  // RFC 7714, section 14.2.
  EXPECT_FALSE(ParseCryptoAttribute(absl::StrCat(
      "1 AEAD_AES_128_GCM inline:", Key(28), " UNAUTHENTICATED_SRTP")));
}

TEST(ParseCryptoAttribute, ReadsSessionParameters) {
  const auto attribute = ParseCryptoAttribute(
      Line(" UNENCRYPTED_SRTP UNENCRYPTED_SRTCP  UNAUTHENTICATED_SRTP"));
  ASSERT_TRUE(attribute);
  EXPECT_TRUE(attribute->unencrypted_srtp);
  EXPECT_TRUE(attribute->unencrypted_srtcp);
  EXPECT_TRUE(attribute->unauthenticated_srtp);
}

TEST(ParseCryptoAttribute, ReadsLifetimeAndMkiInEveryForm) {
  for (const char* good : {"", "|2^31", "|1048576", "|1:4", "|2^48|255:1"}) {
    EXPECT_TRUE(ParseCryptoAttribute(Line(good))) << good;
  }
  for (const char* bad :
       {"|", "|2^49", "|0", "|x", "|1:0", "|1:129", "|256:1", "|:4",
        "|1:4|2^20", "|2^20|2^20", "|1:4|1:4", "|18446744073709551616:8"}) {
    EXPECT_EQ(bool{ParseCryptoAttribute(Line(bad))}, std::string(bad) == "|")
        << bad;
  }
}

TEST(ParseCryptoAttribute, ReadsSeveralKeysOnlyWithMki) {
  const std::string second = absl::StrCat(";inline:", Key(30));
  const auto attribute =
      ParseCryptoAttribute(Line("|1:4" + second + "|2^20|2:4"));
  ASSERT_TRUE(attribute);
  ASSERT_EQ(attribute->keys.size(), 2u);
  EXPECT_EQ(attribute->keys[1].mki, std::string("\0\0\0\2", 4));
  EXPECT_FALSE(ParseCryptoAttribute(Line(second)));
  EXPECT_FALSE(ParseCryptoAttribute(Line("|1:4" + second + "|2:1")));
}

TEST(ParseCryptoAttribute, RefusesNonsense) {
  for (const char* line :
       {"", " ", "1", "x AES_CM_128_HMAC_SHA1_80 inline:", "-1 A inline:B",
        "1 AES_CM_128_HMAC_SHA1_80", "1 AES_CM_128_HMAC_SHA1_80 inline:",
        "1 AES_CM_128_HMAC_SHA1_80 inline:%%%%",
        "1 AES_CM_128_HMAC_SHA1_80 mikey:AAAA",
        "1 AES_CM_128_HMAC_SHA1_80 ;;"}) {
    EXPECT_FALSE(ParseCryptoAttribute(line)) << line;
  }
}

}  // namespace
}  // namespace callbraid::collector
