#include "collector/secure/srtp_decryptor.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/fakes/srtp_sender.h"

namespace callbraid::collector {
namespace {

using Outcome = SrtpSession::Outcome;
using Suite = SrtpSender::Suite;
using Cipher = SrtpSender::Cipher;

constexpr uint32_t kSsrc = 0x12345678;
constexpr int64_t kPacketNs = 20'000'000;

std::string Header(uint64_t index) {
  std::string header = {'\x80', 0};
  header.push_back(static_cast<char>(index >> 8 & 0xff));
  header.push_back(static_cast<char>(index & 0xff));
  const auto timestamp = static_cast<uint32_t>(index * 160);
  for (const uint32_t word : {timestamp, kSsrc}) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      header.push_back(static_cast<char>(word >> shift & 0xff));
    }
  }
  return header;
}

std::string Payload(uint64_t index) {
  return std::string(160, static_cast<char>(index));
}

std::string Clear(uint64_t index) { return Header(index) + Payload(index); }

std::string Secure(const SrtpSender& sender, uint64_t index) {
  return sender.Protect(Header(index), Payload(index), index);
}

CandidateKey KeyOf(const SrtpSender& sender, const Suite& suite,
                   const std::string& rest = "", int64_t from_ns = 0) {
  const auto attribute = ParseCryptoAttribute(
      absl::StrCat("1 ", suite.name, " ", sender.Inline(), rest));
  EXPECT_TRUE(attribute) << suite.name;
  return {attribute.value_or(CryptoAttribute()), from_ns, true};
}

// How the packet of `index` comes out.
Outcome Feed(SrtpDecryptor& decryptor, const SrtpSender& sender,
             uint64_t index) {
  std::string packet = Secure(sender, index);
  const Outcome outcome =
      decryptor.Decrypt(static_cast<int64_t>(index) * kPacketNs, packet);
  if (outcome == Outcome::kDecrypted) {
    EXPECT_EQ(packet, Clear(index)) << index;
  }
  return outcome;
}

std::vector<Suite> AllSuites() {
  std::vector<Suite> suites;
  const auto add = [&suites](const char* name, Cipher cipher, size_t key_bytes,
                             size_t tag_bytes) {
    Suite& suite = suites.emplace_back();
    suite.name = name;
    suite.cipher = cipher;
    suite.key_bytes = key_bytes;
    suite.tag_bytes = tag_bytes;
  };
  add("AES_CM_128_HMAC_SHA1_80", Cipher::kAesCm, 16, 10);
  add("AES_CM_128_HMAC_SHA1_32", Cipher::kAesCm, 16, 4);
  add("AES_192_CM_HMAC_SHA1_80", Cipher::kAesCm, 24, 10);
  add("AES_192_CM_HMAC_SHA1_32", Cipher::kAesCm, 24, 4);
  add("AES_256_CM_HMAC_SHA1_80", Cipher::kAesCm, 32, 10);
  add("AES_256_CM_HMAC_SHA1_32", Cipher::kAesCm, 32, 4);
  add("AEAD_AES_128_GCM", Cipher::kGcm, 16, 16);
  add("AEAD_AES_256_GCM", Cipher::kGcm, 32, 16);
  add("AEAD_AES_128_GCM_8", Cipher::kGcm, 16, 8);
  add("NULL_HMAC_SHA1_80", Cipher::kNull, 16, 10);
  add("NULL_HMAC_SHA1_32", Cipher::kNull, 16, 4);
  return suites;
}

TEST(SrtpDecryptor, DecryptsEverySuiteOverTheWrap) {
  for (const Suite& suite : AllSuites()) {
    SCOPED_TRACE(suite.name);
    const SrtpSender sender(suite, 'a');
    SrtpDecryptor decryptor(kSsrc, {KeyOf(sender, suite)});
    for (uint64_t index = 65'500; index < 65'600; ++index) {
      EXPECT_EQ(Feed(decryptor, sender, index), Outcome::kDecrypted) << index;
    }
    ASSERT_EQ(decryptor.tally().verified, 100u);
    EXPECT_EQ(decryptor.rollover(), 1u);
  }
}

TEST(SrtpDecryptor, VerifiesHeaderExtensionAndEveryByte) {
  for (const Suite& suite : AllSuites()) {
    SCOPED_TRACE(suite.name);
    const SrtpSender sender(suite, 'a');
    const std::string good = Secure(sender, 5);
    for (size_t at = 0; at < good.size(); at += 41) {
      SrtpDecryptor decryptor(kSsrc, {KeyOf(sender, suite)});
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ 1);
      EXPECT_EQ(decryptor.Decrypt(0, bad), Outcome::kRefused) << at;
    }
  }
}

// Of no sequence number of the beginning, and any ROC up to 1023.
TEST(SrtpDecryptor, FindsTheRolloverCounterWhenItJoinsInMidStream) {
  std::mt19937 random(1);
  for (const Suite& suite : AllSuites()) {
    const SrtpSender sender(suite, 'a');
    const SrtpSender other(suite, 'n');
    for (int run = 0; run < 4; ++run) {
      const uint64_t start =
          uint64_t{random() % 1024} << 16 | (random() & 0xffff);
      SCOPED_TRACE(absl::StrCat(suite.name, " from ", start));
      SrtpDecryptor decryptor(kSsrc,
                              {KeyOf(other, suite), KeyOf(sender, suite)});
      for (uint64_t index = start; index < start + 20; ++index) {
        EXPECT_EQ(Feed(decryptor, sender, index), Outcome::kDecrypted);
      }
      ASSERT_EQ(decryptor.tally().refused, 0u);
      EXPECT_EQ(decryptor.key(), 1);
      EXPECT_EQ(decryptor.rollover(), (start + 19) >> 16);
    }
  }
}

TEST(SrtpDecryptor, ReportsWhatIsBeyondTheSearch) {
  const Suite suite;
  const SrtpSender sender(suite, 'a');
  SrtpDecryptor decryptor(kSsrc, {KeyOf(sender, suite)});
  for (uint64_t index = uint64_t{2000} << 16, end = index + 20; index < end;
       ++index) {
    EXPECT_EQ(Feed(decryptor, sender, index), Outcome::kRefused);
  }
  EXPECT_EQ(decryptor.tally().refused, 20u);
  EXPECT_EQ(decryptor.key(), -1);
}

TEST(SrtpDecryptor, TakesDisorderAndRepeatsAroundTheWrap) {
  std::mt19937 random(2);
  const Suite suite;
  const SrtpSender sender(suite, 'a');
  for (const uint64_t roc : {0, 1, 7}) {
    // The first one in order, so that the stream begins there.
    std::vector<uint64_t> order;
    for (uint64_t i = 0; i < 1500; ++i) {
      order.push_back((roc << 16) + 65'000 + i);
    }
    for (size_t at = 1; at + 1000 < order.size(); at += 250) {
      const auto begin = order.begin() + static_cast<ptrdiff_t>(at);
      std::shuffle(begin, begin + 500, random);
    }
    SrtpDecryptor decryptor(kSsrc, {KeyOf(sender, suite)});
    uint64_t repeats = 0;
    for (size_t i = 0; i < order.size(); ++i) {
      EXPECT_EQ(Feed(decryptor, sender, order[i]), Outcome::kDecrypted);
      if (i % 10 != 0) continue;
      EXPECT_EQ(Feed(decryptor, sender, order[i]), Outcome::kRepeated);
      ++repeats;
    }
    EXPECT_EQ(decryptor.tally().verified, order.size());
    EXPECT_EQ(decryptor.tally().repeated, repeats);
    EXPECT_EQ(decryptor.tally().refused, 0u);
  }
}

TEST(SrtpDecryptor, BridgesGapsThatHideWraps) {
  const Suite suite;
  const SrtpSender sender(suite, 'a');
  SrtpDecryptor decryptor(kSsrc, {KeyOf(sender, suite)});
  uint64_t index = 40'000;
  for (const uint64_t gap : {1, 20'000, 40'000, 65'536, 100'000, 600'000}) {
    index += gap;
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(Feed(decryptor, sender, index++), Outcome::kDecrypted) << gap;
    }
  }
  EXPECT_EQ(decryptor.tally().refused, 0u);
}

TEST(SrtpDecryptor, FollowsNewKeysWithTheRolloverCounterKeptOrReset) {
  const Suite suite;
  const SrtpSender first(suite, 'a');
  const SrtpSender second(suite, 'b');
  for (const bool reset : {false, true}) {
    SrtpDecryptor decryptor(kSsrc, {KeyOf(first, suite), KeyOf(second, suite)});
    const uint64_t start = uint64_t{3} << 16;
    for (uint64_t i = 0; i < 50; ++i) Feed(decryptor, first, start + i);
    for (uint64_t i = 51; i < 101; ++i) {
      EXPECT_EQ(Feed(decryptor, second, reset ? i : start + i),
                Outcome::kDecrypted);
    }
    // Late, with the old one.
    EXPECT_EQ(Feed(decryptor, first, start + 50), Outcome::kDecrypted);
    EXPECT_EQ(decryptor.tally().verified, 101u);
    EXPECT_EQ(decryptor.tally().key_changes, 2u);
  }
}

TEST(SrtpDecryptor, TellsKeysApartByMki) {
  Suite suite;
  suite.mki = std::string("\0\2", 2);
  const SrtpSender sender(suite, 'b');
  const SrtpSender other(suite, 'a');
  CandidateKey key =
      KeyOf(other, suite, absl::StrCat("|2^20|1:2;", sender.Inline(), "|2:2"));
  SrtpDecryptor decryptor(kSsrc, {key});
  EXPECT_EQ(Feed(decryptor, sender, 10), Outcome::kDecrypted);
  EXPECT_EQ(Feed(decryptor, sender, (5 << 16) + 11), Outcome::kDecrypted);
  EXPECT_EQ(TrailerBytes(key), 12u);
}

TEST(SrtpDecryptor, KnowsTheSessionParameters) {
  Suite suite;
  suite.encrypts = false;
  SrtpSender sender(suite, 'a');
  SrtpDecryptor verifies(kSsrc, {KeyOf(sender, suite, " UNENCRYPTED_SRTP")});
  EXPECT_EQ(Feed(verifies, sender, 70'000), Outcome::kDecrypted);
  EXPECT_EQ(verifies.tally().verified, 1u);

  suite.encrypts = true;
  suite.authenticates = false;
  const SrtpSender careless(suite, 'a');
  CandidateKey key = KeyOf(careless, suite, " UNAUTHENTICATED_SRTP");
  SrtpDecryptor decrypts(kSsrc, {key});
  EXPECT_EQ(Feed(decrypts, careless, 1), Outcome::kDecrypted);
  EXPECT_EQ(decrypts.tally().verified, 0u);
  EXPECT_EQ(decrypts.tally().unverified, 1u);

  // Nothing tells whether these are right, so they stay shut: a key that may be
  // another's, and a stream that is older than its first wrap.
  SrtpDecryptor late(kSsrc, {key});
  EXPECT_EQ(Feed(late, careless, 60'000), Outcome::kRefused);
  key.is_certain = false;
  SrtpDecryptor uncertain(kSsrc, {key});
  EXPECT_EQ(Feed(uncertain, careless, 1), Outcome::kRefused);
}

TEST(SrtpDecryptor, SurvivesPacketsOfAnySize) {
  const Suite suite;
  const SrtpSender sender(suite, 'a');
  const std::string good = Secure(sender, 1);
  for (size_t size = 0; size < good.size(); size += 5) {
    SrtpDecryptor decryptor(kSsrc, {KeyOf(sender, suite)});
    std::string cut = good.substr(0, size);
    EXPECT_EQ(decryptor.Decrypt(0, cut), Outcome::kRefused) << size;
  }
}

// Early media under one key, then from the same number on under another.
TEST(SrtpDecryptor, FollowsAnotherKeyOverNumbersThatCameBefore) {
  const Suite suite = AllSuites().front();
  const SrtpSender early(suite, 'a');
  const SrtpSender answered(suite, 'b');
  SrtpDecryptor decryptor(kSsrc, {KeyOf(early, suite), KeyOf(answered, suite)});
  for (uint64_t index = 1; index <= 200; ++index) {
    ASSERT_EQ(Feed(decryptor, early, index), Outcome::kDecrypted);
  }
  for (uint64_t index = 1; index <= 300; ++index) {
    ASSERT_EQ(Feed(decryptor, answered, index), Outcome::kDecrypted) << index;
  }
  EXPECT_EQ(decryptor.tally().repeated, 0u);
  // The same again is a replay.
  EXPECT_EQ(Feed(decryptor, answered, 300), Outcome::kRepeated);
}

}  // namespace
}  // namespace callbraid::collector
