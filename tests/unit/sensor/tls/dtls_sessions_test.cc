#include "sensor/tls/dtls_sessions.h"

#include <openssl/objects.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sensor/tls/key_schedule.h"
#include "tests/fakes/dtls_pair.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/tls_pair.h"

namespace callbraid::sensor {
namespace {

using fakes::DtlsPair;
using fakes::TlsPair;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kSecond = 1'000'000'000;

FlowKey FlowOf(bool of_client, uint16_t client_port = 4000) {
  const FlowKey flow = {{*IpAddress::Parse("10.0.0.1"), client_port},
                        {*IpAddress::Parse("10.0.0.2"), 5000}};
  return of_client ? flow : flow.Reversed();
}

std::string Text(std::span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

class DtlsSessionsTest : public testing::Test {
 protected:
  void Hear(bool of_client, std::string_view bytes,
            uint16_t client_port = 4000) {
    Datagram datagram;
    datagram.time_ns = ++time_ns_;
    datagram.flow = FlowOf(of_client, client_port);
    datagram.payload = {reinterpret_cast<const uint8_t*>(bytes.data()),
                        bytes.size()};
    sessions_.OnDtls(datagram);
  }
  void Hear(const std::vector<DtlsPair::Sent>& sent) {
    for (const auto& one : sent) Hear(one.of_client, one.datagram);
  }
  // Flows that got a key.
  std::vector<FlowKey> Tick(int64_t seconds) {
    std::vector<FlowKey> flows;
    now_ns_ += seconds * kSecond;
    sessions_.OnTick(now_ns_,
                     [&](const FlowKey& flow) { flows.push_back(flow); });
    return flows;
  }
  // Of both sides what OpenSSL exports.
  void ExpectKeysOf(const DtlsPair& pair) {
    const SrtpProfile* profile = FindSrtpProfile(pair.profile());
    ASSERT_NE(profile, nullptr);
    for (const bool of_client : {true, false}) {
      const auto keys = sessions_.KeysOf(FlowOf(of_client));
      ASSERT_FALSE(keys.empty());
      EXPECT_EQ(keys.back().profile, pair.profile());
      EXPECT_EQ(
          Text(keys.back().key_and_salt.bytes()),
          pair.KeyAndSalt(of_client, profile->key_bytes, profile->salt_bytes));
    }
  }
  static std::string Hello(const std::vector<DtlsPair::Sent>& sent,
                           bool of_client) {
    return std::find_if(sent.begin(), sent.end(),
                        [of_client](const DtlsPair::Sent& one) {
                          return one.of_client == of_client;
                        })
        ->datagram;
  }

  fakes::FakeClock clock_;
  TlsKeys keys_{{.expected = true}, clock_};
  DtlsSessions sessions_{&keys_};
  int64_t time_ns_ = 0;
  int64_t now_ns_ = 0;
};

TEST_F(DtlsSessionsTest, DerivesTheKeysThatOpensslExports) {
  for (const char* profile :
       {"SRTP_AES128_CM_SHA1_80", "SRTP_AES128_CM_SHA1_32",
        "SRTP_AEAD_AES_128_GCM", "SRTP_AEAD_AES_256_GCM"}) {
    for (const char* suite :
         {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
          "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA",
          "ECDHE-ECDSA-CHACHA20-POLY1305"}) {
      SCOPED_TRACE(std::string(profile) + " " + suite);
      DtlsPair pair({.suite = suite, .profiles = profile});
      const auto sent = pair.Handshake();
      ASSERT_TRUE(pair.done());
      EXPECT_EQ(keys_.AddText(pair.key_log()), 0u);
      Hear(sent);
      ExpectKeysOf(pair);
    }
  }
  EXPECT_EQ(sessions_.sessions(), 20u);
  EXPECT_EQ(sessions_.sessions_with_key(), 20u);
}

TEST_F(DtlsSessionsTest, DerivesThoseOfDtls10) {
  DtlsPair pair({.version = DTLS1_VERSION});
  const auto sent = pair.Handshake();
  ASSERT_TRUE(pair.done());
  keys_.AddText(pair.key_log());
  Hear(sent);
  ExpectKeysOf(pair);
}

TEST_F(DtlsSessionsTest, TakesTheKeyWhenItComes) {
  DtlsPair pair({});
  Hear(pair.Handshake());
  const auto before = sessions_.KeysOf(FlowOf(true));
  ASSERT_EQ(before.size(), 1u);
  EXPECT_EQ(before[0].profile, pair.profile());
  EXPECT_TRUE(before[0].key_and_salt.empty());
  EXPECT_THAT(Tick(60), IsEmpty());
  keys_.AddText(pair.key_log());
  EXPECT_THAT(Tick(1), ElementsAre(FlowOf(true)));
  EXPECT_THAT(Tick(1), IsEmpty());
  ExpectKeysOf(pair);
}

TEST_F(DtlsSessionsTest, KeepsWhatItDerivedLongerThanTheKeyLogIsKept) {
  DtlsPair pair({});
  TlsKeys forgetful({.expected = true, .max_connections = 1}, clock_);
  DtlsSessions sessions(&forgetful);
  forgetful.AddText(pair.key_log());
  const auto sent = pair.Handshake();
  forgetful.AddText(pair.key_log());
  for (const auto& one : sent) {
    Datagram datagram;
    datagram.flow = FlowOf(one.of_client);
    datagram.payload = {reinterpret_cast<const uint8_t*>(one.datagram.data()),
                        one.datagram.size()};
    sessions.OnDtls(datagram);
  }
  DtlsPair other({});
  other.Handshake();
  forgetful.AddText(other.key_log());
  const auto keys = sessions.KeysOf(FlowOf(true));
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_FALSE(keys[0].key_and_salt.empty());
}

TEST_F(DtlsSessionsTest, ReadsHellosInFragmentsInAnyOrderAndRepeated) {
  DtlsPair pair({.mtu = 256, .cookie = true});
  auto sent = pair.Handshake();
  ASSERT_TRUE(pair.done());
  ASSERT_GT(std::count_if(sent.begin(), sent.end(),
                          [](const auto& one) { return one.of_client; }),
            4);
  keys_.AddText(pair.key_log());
  std::stable_sort(sent.begin(), sent.end(), [](const auto& a, const auto& b) {
    return a.of_client > b.of_client;
  });
  const auto end = std::find_if(sent.begin(), sent.end(),
                                [](const auto& one) { return !one.of_client; });
  // The client's flights, each backwards and twice. The hello with a cookie
  // comes last: then nothing is missing of the one before.
  std::vector<DtlsPair::Sent> shuffled;
  const auto count = static_cast<size_t>(end - sent.begin());
  for (size_t i = 0; i < count; i += 2) {
    if (i + 1 < count) shuffled.push_back(sent[i + 1]);
    shuffled.push_back(sent[i]);
    if (i + 1 < count) shuffled.push_back(sent[i + 1]);
  }
  shuffled.insert(shuffled.end(), end, sent.end());
  Hear(shuffled);
  ExpectKeysOf(pair);
}

TEST_F(DtlsSessionsTest, FollowsASecondHandshakeOnTheSameFlow) {
  std::vector<std::string> of_client;
  for (int i = 0; i < 2; ++i) {
    DtlsPair pair({});
    const auto sent = pair.Handshake();
    keys_.AddText(pair.key_log());
    Hear(sent);
    Hear(sent);  // What was sent again makes no other.
    of_client.push_back(pair.KeyAndSalt(true, 16, 14));
  }
  const auto keys = sessions_.KeysOf(FlowOf(true));
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(Text(keys[0].key_and_salt.bytes()), of_client[0]);
  EXPECT_EQ(Text(keys[1].key_and_salt.bytes()), of_client[1]);
}

TEST_F(DtlsSessionsTest, SaysThatThereIsSrtpWhereOneDirectionIsSeen) {
  DtlsPair pair({});
  const auto sent = pair.Handshake();
  keys_.AddText(pair.key_log());
  Hear(true, Hello(sent, true));
  auto keys = sessions_.KeysOf(FlowOf(true));
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0].profile, 0);
  EXPECT_TRUE(keys[0].key_and_salt.empty());

  Hear(false, Hello(sent, false), 4001);
  keys = sessions_.KeysOf(FlowOf(true, 4001));
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_EQ(keys[0].profile, pair.profile());
  EXPECT_TRUE(keys[0].key_and_salt.empty());
}

TEST_F(DtlsSessionsTest, TakesNoOtherDtlsForSrtp) {
  DtlsPair pair({.profiles = ""});
  const auto sent = pair.Handshake();
  ASSERT_TRUE(pair.done());
  keys_.AddText(pair.key_log());
  Hear(sent);
  EXPECT_THAT(sessions_.KeysOf(FlowOf(true)), IsEmpty());
  EXPECT_EQ(sessions_.sessions(), 0u);
}

TEST_F(DtlsSessionsTest, SurvivesEveryTruncationOfAHello) {
  DtlsPair pair({});
  const auto sent = pair.Handshake();
  for (const bool of_client : {true, false}) {
    const std::string whole = Hello(sent, of_client);
    for (size_t size = 1; size < whole.size(); ++size) {
      Hear(of_client, std::string_view(whole).substr(0, size));
    }
  }
  EXPECT_THAT(sessions_.KeysOf(FlowOf(true)), IsEmpty());
  EXPECT_GT(sessions_.Get(DtlsDiscard::kMalformed), 0u);
}

TEST_F(DtlsSessionsTest, HoldsNoMoreThanItsLimits) {
  DtlsPair pair({.mtu = 256});
  const auto sent = pair.Handshake();
  const std::string fragment = Hello(sent, true);
  for (uint16_t port = 1; port <= 300; ++port) Hear(true, fragment, port);
  EXPECT_EQ(sessions_.Get(DtlsDiscard::kIncomplete), 300u - 256u);
  Tick(11);
  EXPECT_EQ(sessions_.Get(DtlsDiscard::kIncomplete), 300u);

  DtlsPair whole({});
  const std::string hello = Hello(whole.Handshake(), true);
  for (int port = 1; port <= 16'384 + 10; ++port) {
    Hear(true, hello, static_cast<uint16_t>(port));
  }
  EXPECT_EQ(sessions_.Get(DtlsDiscard::kEvicted), 10u);
  EXPECT_THAT(sessions_.KeysOf(FlowOf(true, 10)), IsEmpty());
  EXPECT_EQ(sessions_.KeysOf(FlowOf(true, 11)).size(), 1u);
  Tick(601);
  EXPECT_THAT(sessions_.KeysOf(FlowOf(true, 11)), IsEmpty());
}

TEST(PrfHashOf, IsThatOfOpensslForEveryCipher) {
  SSL_CTX* context = SSL_CTX_new(DTLS_method());
  SSL_CTX_set_security_level(context, 0);
  ASSERT_EQ(SSL_CTX_set_cipher_list(context, "ALL:COMPLEMENTOFALL"), 1);
  const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context);
  int seen = 0;
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
    const EVP_MD* digest = SSL_CIPHER_get_handshake_digest(cipher);
    const uint16_t number = SSL_CIPHER_get_protocol_id(cipher);
    // Those from before TLS 1.2 use SHA-256 in it.
    const bool is_384 = EVP_MD_get_type(digest) == NID_sha384;
    EXPECT_STREQ(PrfHashOf(kDtls12, number), is_384 ? "SHA384" : "SHA256")
        << SSL_CIPHER_get_name(cipher);
    ++seen;
  }
  SSL_CTX_free(context);
  EXPECT_GT(seen, 100);
}

// OpenSSL has no DTLS 1.3; its exporter differs from that of TLS 1.3 by the
// prefix alone (RFC 9147, section 5.9).
TEST(ExportFromSecret, IsWhatOpensslExportsOfTls13) {
  for (const char* suite :
       {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"}) {
    TlsPair pair({.suite = suite});
    pair.Handshake();
    const std::string& log = pair.key_log();
    const size_t begin = log.find("EXPORTER_SECRET");
    ASSERT_NE(begin, std::string::npos);
    KeyLogEntry entry;
    ASSERT_EQ(ParseKeyLogLine(log.substr(begin, log.find('\n', begin) - begin),
                              entry),
              KeyLogLine::kEntry);
    std::string out(60, '\0');
    ASSERT_TRUE(ExportFromSecret(
        PrfHashOf(kDtls13, suite == std::string("TLS_AES_256_GCM_SHA384")
                               ? 0x1302
                               : 0x1301),
        "tls13 ", entry.secret, "EXTRACTOR-dtls_srtp",
        {reinterpret_cast<uint8_t*>(out.data()), out.size()}));
    EXPECT_EQ(out, pair.Export("EXTRACTOR-dtls_srtp", 60)) << suite;
  }
}

}  // namespace
}  // namespace callbraid::sensor
