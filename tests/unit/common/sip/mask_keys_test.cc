#include "common/sip/mask_keys.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid {
namespace {

std::string Masked(std::string text) {
  MaskKeys(text);
  return text;
}

TEST(MaskKeys, MasksKeysAndLeavesTheRest) {
  EXPECT_EQ(Masked("v=0\r\n"
                   "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AbC+/=|2^20|1:4;"
                   "inline:xYz|2:4 WSH=128\r\n"
                   "a=sendrecv\r\n"),
            "v=0\r\n"
            "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:******|2^20|1:4;"
            "inline:***|2:4 WSH=128\r\n"
            "a=sendrecv\r\n");
}

TEST(MaskKeys, MasksOtherKindsOfKeys) {
  EXPECT_EQ(Masked("k=base64:AAAA\nk=prompt\na=key-mgmt:mikey AbCd\n"
                   "Key-Mgmt: mikey AbCd\n"),
            "k=base64:****\nk=prompt\na=key-mgmt:**********\n"
            "Key-Mgmt:***********\n");
}

TEST(MaskKeys, MasksWhatIsMalformedCutOrElsewhere) {
  EXPECT_EQ(Masked("a=crypto:1 AES AbCd"), "a=crypto:**********");
  EXPECT_EQ(Masked("A=CRYPTO:1 AES INLINE:AbC"), "A=CRYPTO:1 AES INLINE:***");
  EXPECT_EQ(Masked("<sdp> a=crypto:1 AES inline:AbC"),
            "<sdp> a=crypto:1 AES inline:***");
  EXPECT_EQ(Masked("inline:"), "inline:");
  EXPECT_EQ(Masked(""), "");
}

TEST(MaskKeys, MasksWhatSendersMakeOfIt) {
  EXPECT_EQ(Masked("a=crypto:1 AES inline: AbC|2^20 WSH=128"),
            "a=crypto:1 AES inline: ***|2^20 WSH=128");
  EXPECT_EQ(Masked("a=crypto:1 AES inline:AbC|2^20;DeF|2^31"),
            "a=crypto:1 AES inline:***|2^20;***|2^31");
  EXPECT_EQ(Masked("a=crypto:1 AES inline:AbC; inline:DeF"),
            "a=crypto:1 AES inline:***; inline:***");
  EXPECT_EQ(Masked("Key-Mgmt : mikey AbCd\r\n  EfGh\r\nTo: b\r\n"),
            "Key-Mgmt :***********\r\n******\r\nTo: b\r\n");
  EXPECT_EQ(Masked("Subject: x\r\n inlineish\r\n"),
            "Subject: x\r\n inlineish\r\n");
}

TEST(MaskKeys, LeavesWhatIsNoKey) {
  const std::string text =
      "INVITE sip:bob@example.com SIP/2.0\r\n"
      "Content-Disposition: inline; handling=required\r\n"
      "a=fingerprint:sha-256 AA:BB\r\na=zrtp-hash:1.10 fe30\r\n";
  EXPECT_EQ(Masked(text), text);
}

}  // namespace
}  // namespace callbraid
