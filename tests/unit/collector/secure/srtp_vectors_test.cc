// What RFC 3711 and RFC 7714 print, and the reference packets of libsrtp's own
// tests, through our code.
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "collector/secure/crypto_attribute.h"
#include "collector/secure/srtp_decryptor.h"
#include "gtest/gtest.h"
#include "tests/fakes/srtp_sender.h"

namespace callbraid::collector {
namespace {

std::string Hex(const std::string& digits) {
  return absl::HexStringToBytes(digits);
}

CandidateKey Key(const std::string& suite, const std::string& hex) {
  const auto attribute = ParseCryptoAttribute(
      absl::StrCat("1 ", suite, " inline:", absl::Base64Escape(Hex(hex))));
  EXPECT_TRUE(attribute) << suite;
  return {attribute.value_or(CryptoAttribute()), 0, true};
}

// Appendix B.2: the first and the last blocks of the key stream.
TEST(SrtpVectors, AesCounterModeOfRfc3711) {
  const std::string stream = AesCounter(Hex("2B7E151628AED2A6ABF7158809CF4F3C"),
                                        Hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"),
                                        std::string(16 * 0xff02, '\0'));
  EXPECT_EQ(absl::BytesToHexString(stream.substr(0, 48)),
            "e03ead0935c95e80e166b16dd92b4eb4"
            "d23513162b02d0f72a43a2fe4a5f97ab"
            "41e95b3bb0a2e8dd477901e4fca894c0");
  EXPECT_EQ(absl::BytesToHexString(stream.substr(16 * 0xfeff, 48)),
            "ec8cdf7398607cb0f2d21675ea9ea1e4"
            "362b7c3c6773516318a077d7fc5073ae"
            "6a2cc3787889374fbeb4c81b17ba6c44");
}

constexpr char kMasterOfRfc3711[] =
    "E1F97A0D3E018BE0D64FA32C06DE41390EC675AD498AFEEBB6960B3AABE6";

// Appendix B.3.
TEST(SrtpVectors, KeyDerivationOfRfc3711) {
  const SrtpKeys keys = DeriveSrtpKeys(Hex(kMasterOfRfc3711).substr(0, 16),
                                       Hex(kMasterOfRfc3711).substr(16));
  EXPECT_EQ(absl::BytesToHexString(keys.cipher),
            "c61e7a93744f39ee10734afe3ff7a087");
  EXPECT_EQ(absl::BytesToHexString(keys.salt), "30cbbc08863d8c85d49db34a9ae1");
  EXPECT_EQ(absl::BytesToHexString(keys.auth),
            "cebe321f6ff7716b6fd4ab49af256a156d38baa4");
}

// Section 7.4; what libsrtp makes of it is from its issue 763.
TEST(SrtpVectors, KeyDerivationOfRfc6188AndNotSoOfLibsrtp) {
  const std::string key =
      Hex("73edc66c4fa15776fb57f9505c17136550ffda71f3e8e5f1");
  const std::string salt = Hex("c8522f3acd4ce86d5add78edbb11");
  EXPECT_EQ(absl::BytesToHexString(DeriveSrtpKeys(key, salt).cipher),
            "31874736a8f1143870c26e4857d8a5b2c4a354407faadabb");
  EXPECT_EQ(absl::BytesToHexString(DeriveAes192AsLibsrtp(key, salt).cipher),
            "7af9f9f2cb705d213cce5fa377b290a0183389701878e7d7");
}

// Section 16.1: the sender's cipher, with the session keys that are printed.
TEST(SrtpVectors, GcmOfRfc7714) {
  const std::string header = Hex("8040f17b8041f8d35501a0b2");
  const std::string text =
      Hex("47616c6c696120657374206f6d6e697320646976697361"
          "20696e207061727465732074726573");
  const std::string iv = Hex("51753c6580c2726f20718414");
  EXPECT_EQ(absl::BytesToHexString(SealGcm(
                Hex("000102030405060708090a0b0c0d0e0f"), iv, header, text)),
            "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b"
            "36de3adf8833899d7f27beb16a9152cf765ee4390cce");
  EXPECT_EQ(
      absl::BytesToHexString(SealGcm(Hex("000102030405060708090a0b0c0d0e0f"
                                         "101112131415161718191a1b1c1d1e1f"),
                                     iv, header, text)),
      "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f"
      "1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13");
}

struct Reference {
  const char* suite;
  const char* key;
  const char* encrypted;
};

constexpr char kPlain[] =
    "800f1234decafbadcafebabeabababababababababababababababab";

class SrtpReference : public testing::TestWithParam<Reference> {};

TEST_P(SrtpReference, IsDecrypted) {
  SrtpDecryptor decryptor(0xcafebabe, {Key(GetParam().suite, GetParam().key)});
  std::string packet = Hex(GetParam().encrypted);
  EXPECT_EQ(decryptor.Decrypt(0, packet), SrtpSession::Outcome::kDecrypted);
  EXPECT_EQ(absl::BytesToHexString(packet), kPlain);
  EXPECT_EQ(decryptor.tally().verified, 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Packets, SrtpReference,
    testing::Values(
        Reference{"AES_CM_128_HMAC_SHA1_80", kMasterOfRfc3711,
                  "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402"
                  "b78d6acc99ea179b8dbb"},
        Reference{"AEAD_AES_128_GCM",
                  "000102030405060708090a0b0c0d0e0fa0a1a2a3a4a5a6a7a8a9aaab",
                  "800f1234decafbadcafebabec5002ede04cfdd2eb91159e0880aa06e"
                  "d2976826f796b201df3131a127e8a392"}),
    [](const auto& reference) { return std::string(reference.param.suite); });

}  // namespace
}  // namespace callbraid::collector
