#include "sensor/tls/tls_reader.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sensor/tls/tls_discard.h"
#include "sensor/tls/tls_keys.h"
#include "sensor/tls/tls_session.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temp_dir.h"
#include "tests/fakes/tls_pair.h"

namespace callbraid::sensor {
namespace {

using fakes::TlsPair;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kWait = 30 * kSecond;

// One connection as a capture point sees it.
class Listener {
 public:
  Listener(TlsContext& context)
      : session_(std::make_shared<TlsSession>(context)),
        client_(session_),
        server_(session_) {}

  void Hear(bool of_client, std::string_view bytes, int64_t time_ns = 0) {
    Side(of_client).Append(time_ns, bytes, Take(of_client));
  }
  void Hear(const std::vector<TlsPair::Flight>& flights) {
    for (const auto& flight : flights) Hear(flight.of_client, flight.bytes);
  }
  // Bytes were not captured.
  void Lose(bool of_client) { Side(of_client).Break(); }
  void Tick() {
    for (const bool of_client : {true, false}) {
      Side(of_client).OnTick(Take(of_client));
    }
  }
  bool waits() const { return client_.waits() || server_.waits(); }
  size_t bytes() const { return client_.bytes() + server_.bytes(); }

  // In the order they were read: "c hello", with a '*' after a gap.
  std::vector<std::string> heard;
  std::vector<int64_t> times;

 private:
  TlsReader& Side(bool of_client) { return of_client ? client_ : server_; }
  std::function<void(int64_t, std::string_view, bool)> Take(bool of_client) {
    return [this, of_client](int64_t time_ns, std::string_view text, bool gap) {
      heard.push_back((gap ? "*" : "") + std::string(of_client ? "c " : "s ") +
                      std::string(text));
      times.push_back(time_ns);
    };
  }

  std::shared_ptr<TlsSession> session_;
  TlsReader client_;
  TlsReader server_;
};

class TlsReaderTest : public testing::Test {
 protected:
  uint64_t Count(TlsDiscard reason) const {
    return context_.counters.Get(reason);
  }
  uint64_t Discarded() const {
    uint64_t sum = 0;
    for (const uint64_t count : context_.counters.discarded) sum += count;
    return sum;
  }
  void Tick(int64_t now_ns, Listener& listener) {
    context_.now_ns = now_ns;
    listener.Tick();
  }

  fakes::FakeClock clock_;
  TlsKeys keys_{{}, clock_};
  TlsContext context_{keys_, kWait};
};

TlsPair::Options Tls12(std::string suite = "") {
  return {.version = TLS1_2_VERSION, .suite = std::move(suite)};
}

struct Suite {
  int version;
  const char* name;
};

class EachSuite : public TlsReaderTest,
                  public testing::WithParamInterface<Suite> {};

TEST_P(EachSuite, IsReadInBothDirections) {
  TlsPair pair({.version = GetParam().version, .suite = GetParam().name});
  Listener listener(context_);
  const auto flights = pair.Handshake();
  ASSERT_EQ(pair.suite(), GetParam().name);
  keys_.AddText(pair.key_log());
  listener.Hear(flights);
  const std::string large(40'000, 'x');  // Three records.
  listener.Hear(true, pair.Say(true, "INVITE"));
  listener.Hear(false, pair.Say(false, "100"));
  listener.Hear(false, pair.Say(false, large));
  listener.Hear(true, pair.Say(true, "ACK"));
  EXPECT_THAT(listener.heard,
              ElementsAre("c INVITE", "s 100", "s " + large.substr(0, 16384),
                          "s " + large.substr(0, 16384),
                          "s " + large.substr(0, 40'000 - 2 * 16384), "c ACK"));
  EXPECT_EQ(Discarded(), 0u);
  EXPECT_EQ(context_.counters.connections, 1u);
  EXPECT_EQ(context_.counters.with_key, 1u);
  EXPECT_EQ(context_.counters.without_key, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    Tls12, EachSuite,
    testing::Values(Suite{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256"},
                    Suite{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384"},
                    Suite{TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305"},
                    Suite{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM"},
                    Suite{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-CCM"},
                    Suite{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM8"},
                    Suite{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-CCM8"},
                    Suite{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA"},
                    Suite{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA"},
                    Suite{TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256"},
                    Suite{TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA384"}));
INSTANTIATE_TEST_SUITE_P(
    Tls13, EachSuite,
    testing::Values(Suite{TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"},
                    Suite{TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384"},
                    Suite{TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256"},
                    Suite{TLS1_3_VERSION, "TLS_AES_128_CCM_SHA256"},
                    Suite{TLS1_3_VERSION, "TLS_AES_128_CCM_8_SHA256"}));

TEST_F(TlsReaderTest, ReadsBytesInWhateverPieces) {
  TlsPair pair(Tls12());
  Listener listener(context_);
  const auto flights = pair.Handshake();
  keys_.AddText(pair.key_log());
  const auto hear = [&](bool of_client, std::string_view bytes) {
    for (size_t i = 0; i < bytes.size(); ++i) {
      listener.Hear(of_client, bytes.substr(i, 1));
    }
  };
  for (const auto& flight : flights) hear(flight.of_client, flight.bytes);
  hear(true, pair.Say(true, "one"));
  hear(true, pair.Say(true, "two"));
  EXPECT_THAT(listener.heard, ElementsAre("c one", "c two"));
}

TEST_F(TlsReaderTest, FollowsUpdatesOfKeys) {
  TlsPair pair({});
  Listener listener(context_);
  const auto flights = pair.Handshake();
  keys_.AddText(pair.key_log());
  listener.Hear(flights);
  for (int i = 0; i < 3; ++i) {
    listener.Hear(true, pair.UpdateKey(true));
    listener.Hear(true, pair.Say(true, "new"));
    listener.Hear(false, pair.Say(false, "old"));
    listener.Hear(false, pair.UpdateKey(false));
  }
  EXPECT_EQ(listener.heard.size(), 6u);
  EXPECT_EQ(Discarded(), 0u);
}

TEST_F(TlsReaderTest, ReadsWhereTheServerAsksForAnotherHello) {
  TlsPair pair({.asks_again = true});
  Listener listener(context_);
  const auto flights = pair.Handshake();
  ASSERT_GT(flights.size(), 4u);  // One round more.
  keys_.AddText(pair.key_log());
  listener.Hear(flights);
  listener.Hear(true, pair.Say(true, "a"));
  listener.Hear(false, pair.Say(false, "b"));
  EXPECT_THAT(listener.heard, ElementsAre("c a", "s b"));
  EXPECT_EQ(context_.counters.connections, 1u);
}

class Resumption : public TlsReaderTest,
                   public testing::WithParamInterface<bool> {};

TEST_P(Resumption, IsReadLikeAFullHandshake) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPair first({.version = version, .session_ids = GetParam()});
    first.Handshake();
    TlsPair pair({.version = version, .resumed = &first});
    Listener listener(context_);
    const auto flights = pair.Handshake();
    ASSERT_TRUE(pair.was_resumed());
    keys_.AddText(pair.key_log());
    listener.Hear(flights);
    listener.Hear(true, pair.Say(true, "a"));
    listener.Hear(false, pair.Say(false, "b"));
    EXPECT_THAT(listener.heard, ElementsAre("c a", "s b"));
  }
}

INSTANTIATE_TEST_SUITE_P(TicketsAndIds, Resumption, testing::Bool());

TEST_F(TlsReaderTest, KeepsRecordsUntilTheirKeyComes) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPair pair({.version = version});
    Listener listener(context_);
    listener.Hear(pair.Handshake());
    listener.Hear(true, pair.Say(true, "INVITE"), 5);
    listener.Hear(false, pair.Say(false, "100"), 7);
    listener.Tick();
    EXPECT_THAT(listener.heard, IsEmpty());
    EXPECT_TRUE(listener.waits());
    keys_.AddText(pair.key_log());
    listener.Tick();
    EXPECT_THAT(listener.heard, ElementsAre("c INVITE", "s 100"));
    // When they came, not when they could be read.
    EXPECT_THAT(listener.times, ElementsAre(5, 7));
    EXPECT_FALSE(listener.waits());
  }
  EXPECT_EQ(context_.waiting_bytes, 0u);
  EXPECT_EQ(Discarded(), 0u);
}

TEST_F(TlsReaderTest, GoesOnWithAKeyThatCameTooLateForTheFirstRecords) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPair pair({.version = version});
    Listener listener(context_);
    listener.Hear(pair.Handshake());
    for (int i = 0; i < 50; ++i) listener.Hear(true, pair.Say(true, "lost"));
    Tick(context_.now_ns + kWait + kSecond, listener);
    EXPECT_FALSE(listener.waits());
    const uint64_t missed = Count(TlsDiscard::kNoKey);
    EXPECT_GE(missed, 50u);
    listener.Hear(true, pair.Say(true, "lost"));
    EXPECT_EQ(Count(TlsDiscard::kNoKey), missed + 1);
    keys_.AddText(pair.key_log());
    listener.Hear(true, pair.Say(true, "heard"));
    listener.Hear(true, pair.Say(true, "and more"));
    EXPECT_THAT(listener.heard, ElementsAre("*c heard", "c and more"));
  }
  EXPECT_EQ(Count(TlsDiscard::kNotVerified), 0u);
  EXPECT_EQ(context_.counters.without_key, 2u);
}

TEST_F(TlsReaderTest, BoundsWhatWaits) {
  TlsPair pair({});
  Listener listener(context_);
  listener.Hear(pair.Handshake());
  const std::string large(16'000, 'x');
  for (int i = 0; i < 40; ++i) listener.Hear(true, pair.Say(true, large));
  EXPECT_LE(context_.waiting_bytes, size_t{260} << 10);
  EXPECT_GT(Count(TlsDiscard::kNoRoom), 20u);
  keys_.AddText(pair.key_log());
  listener.Tick();
  EXPECT_GT(listener.heard.size(), 10u);
  EXPECT_EQ(listener.heard[0].substr(0, 3), "*c ");
  EXPECT_EQ(context_.waiting_bytes, 0u);
}

TEST_F(TlsReaderTest, LetsBulkNotStarveOthers) {
  TlsPair bulk({});
  std::vector<std::unique_ptr<Listener>> listeners;
  const auto flights = bulk.Handshake();
  std::string large;
  for (int i = 0; i < 16; ++i)
    large += bulk.Say(true, std::string(16'000, 'x'));
  for (int i = 0; i < 80; ++i) {
    listeners.push_back(std::make_unique<Listener>(context_));
    listeners.back()->Hear(flights);
    listeners.back()->Hear(true, large);
  }
  EXPECT_GT(context_.waiting_bytes, size_t{15} << 20);
  EXPECT_LE(context_.waiting_bytes,
            TlsContext::kMaxWaitingBytes + TlsContext::kMoreForLittleBytes);
  TlsPair pair({});
  Listener listener(context_);
  listener.Hear(pair.Handshake());
  listener.Hear(true, pair.Say(true, "INVITE"));
  keys_.AddText(pair.key_log());
  listener.Tick();
  EXPECT_THAT(listener.heard, ElementsAre("c INVITE"));
}

TEST_F(TlsReaderTest, GivesBackTheRoomOfConnectionsThatEnd) {
  TlsPair pair({});
  {
    Listener listener(context_);
    listener.Hear(pair.Handshake());
    listener.Hear(true, pair.Say(true, "x"));
    EXPECT_GT(context_.waiting_bytes, 0u);
  }
  EXPECT_EQ(context_.waiting_bytes, 0u);
  EXPECT_EQ(context_.counters.without_key, 1u);
  EXPECT_GT(Count(TlsDiscard::kNoKey), 0u);
}

TEST_F(TlsReaderTest, GoesOnBehindAGap) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPair pair({.version = version});
    Listener listener(context_);
    const auto flights = pair.Handshake();
    keys_.AddText(pair.key_log());
    listener.Hear(flights);
    listener.Hear(true, pair.Say(true, "one"));
    for (int i = 0; i < 40; ++i) pair.Say(true, "lost");
    listener.Lose(true);
    // From the middle of a record on.
    listener.Hear(true, pair.Say(true, "half of this").substr(9));
    listener.Hear(true, pair.Say(true, "two"));
    listener.Hear(true, pair.Say(true, "three"));
    EXPECT_THAT(listener.heard, ElementsAre("c one", "*c two", "c three"));
  }
  EXPECT_EQ(Count(TlsDiscard::kNotVerified), 0u);
  EXPECT_GT(Count(TlsDiscard::kSkipped), 0u);
}

TEST_F(TlsReaderTest, GoesOnWhereTheUpdateOfAKeyWasLost) {
  TlsPair pair({});
  Listener listener(context_);
  const auto flights = pair.Handshake();
  keys_.AddText(pair.key_log());
  listener.Hear(flights);
  listener.Hear(false, pair.Say(false, "one"));
  pair.UpdateKey(false);
  pair.Say(false, "lost");
  listener.Lose(false);
  listener.Hear(false, pair.Say(false, "two"));
  listener.Hear(false, pair.Say(false, "three"));
  EXPECT_THAT(listener.heard, ElementsAre("s one", "*s two", "s three"));
}

TEST_F(TlsReaderTest, GivesUpBehindAGapThatIsTooLong) {
  TlsPair pair(Tls12());
  Listener listener(context_);
  const auto flights = pair.Handshake();
  keys_.AddText(pair.key_log());
  listener.Hear(flights);
  for (int i = 0; i < 500; ++i) pair.Say(true, "lost");
  listener.Lose(true);
  for (int i = 0; i < 200; ++i) listener.Hear(true, pair.Say(true, "sealed"));
  EXPECT_THAT(listener.heard, IsEmpty());
  EXPECT_EQ(Count(TlsDiscard::kNotVerified), 200u);
}

TEST_F(TlsReaderTest, HandsOnNothingThatWasChanged) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPair pair({.version = version});
    Listener listener(context_);
    const auto flights = pair.Handshake();
    keys_.AddText(pair.key_log());
    listener.Hear(flights);
    listener.Hear(true, pair.Say(true, "one"));
    std::string changed = pair.Say(true, "two");
    changed.back() ^= 1;
    listener.Hear(true, changed);
    listener.Hear(true, pair.Say(true, "three"));
    EXPECT_THAT(listener.heard, ElementsAre("c one", "*c three"));
  }
  EXPECT_EQ(Count(TlsDiscard::kNotVerified), 2u);
}

TEST_F(TlsReaderTest, ReadsNothingWithTheKeysOfAnother) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPair pair({.version = version, .suite = ""});
    TlsPair other({.version = version, .suite = ""});
    Listener listener(context_);
    const auto flights = pair.Handshake();
    other.Handshake();
    // The other's secrets under the random of this one.
    std::string log = other.key_log();
    const std::string random =
        pair.key_log().substr(pair.key_log().find(' ') + 1, 64);
    for (size_t at = 0; (at = log.find(' ', at)) != std::string::npos;) {
      log.replace(at + 1, 64, random);
      at = log.find('\n', at);
    }
    keys_.AddText(log);
    listener.Hear(flights);
    for (int i = 0; i < 100; ++i) listener.Hear(true, pair.Say(true, "x"));
    EXPECT_THAT(listener.heard, IsEmpty());
  }
  // In TLS 1.2 also what both said to finish.
  EXPECT_GE(Count(TlsDiscard::kNotVerified), 200u);
}

TEST_F(TlsReaderTest, TellsConnectionsWhoseBeginningItDidNotSee) {
  for (const bool hello_is_cut : {false, true}) {
    TlsPair pair({});
    Listener listener(context_);
    const auto flights = pair.Handshake();
    keys_.AddText(pair.key_log());
    if (hello_is_cut) {
      listener.Hear(true, flights[0].bytes.substr(0, 60));
      listener.Lose(true);
    }
    listener.Hear(true, pair.Say(true, "x"));
    listener.Hear(true, pair.Say(true, "y"));
    EXPECT_THAT(listener.heard, IsEmpty());
  }
  EXPECT_EQ(Count(TlsDiscard::kNoHandshake), 4u);
  EXPECT_EQ(context_.counters.connections, 0u);
}

TEST_F(TlsReaderTest, GivesUpWhereOnlyOneDirectionIsMirrored) {
  TlsPair pair({});
  Listener listener(context_);
  const auto flights = pair.Handshake();
  keys_.AddText(pair.key_log());
  listener.Hear(true, flights[0].bytes);
  listener.Hear(true, pair.Say(true, "x"));
  Tick(kWait + kSecond, listener);
  EXPECT_FALSE(listener.waits());
  EXPECT_EQ(Count(TlsDiscard::kNoHandshake), 1u);
}

TEST_F(TlsReaderTest, NamesCiphersThatAreNotRead) {
  TlsPair pair(Tls12("ECDHE-ECDSA-ARIA128-GCM-SHA256"));
  Listener listener(context_);
  const auto flights = pair.Handshake();
  keys_.AddText(pair.key_log());
  listener.Hear(flights);
  listener.Hear(true, pair.Say(true, "x"));
  EXPECT_THAT(listener.heard, IsEmpty());
  EXPECT_EQ(Count(TlsDiscard::kCipher), 3u);  // And two that finish.
  EXPECT_EQ(context_.counters.with_key, 0u);
}

// Records of CBC that lack what protects them are not handed on either.
TEST_F(TlsReaderTest, HandsOnNoRecordOfCbcThatWasChanged) {
  for (const uint64_t without : {uint64_t{0}, SSL_OP_NO_ENCRYPT_THEN_MAC}) {
    TlsPair pair({.version = TLS1_2_VERSION,
                  .suite = "ECDHE-ECDSA-AES128-SHA",
                  .without = without});
    Listener listener(context_);
    const auto flights = pair.Handshake();
    keys_.AddText(pair.key_log());
    listener.Hear(flights);
    const std::string record = pair.Say(true, "INVITE sip:102@pbx");
    for (size_t at = 5; at < record.size(); ++at) {
      std::string changed = record;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      Listener other(context_);
      other.Hear(flights);
      other.Hear(true, changed);
      EXPECT_THAT(other.heard, IsEmpty()) << at;
    }
    listener.Hear(true, record);
    EXPECT_THAT(listener.heard, ElementsAre("c INVITE sip:102@pbx"));
  }
}

// What a server's key opens without a key log.
class ServerKeyTest : public TlsReaderTest {
 protected:
  ServerKeyTest() {
    const fakes::TempDir dir;
    std::ofstream(dir.path() + "/key.pem") << TlsPair::RsaKeyPem();
    ServerKeys keys;
    EXPECT_TRUE(keys.Load(dir.path() + "/key.pem").ok());
    keys_.SetServerKeys(std::move(keys));
  }

  // What is heard of a connection of which nothing else is known.
  std::vector<std::string> HeardOf(TlsPair& pair) {
    Listener listener(context_);
    listener.Hear(pair.Handshake());
    listener.Hear(true, pair.Say(true, "INVITE"));
    listener.Hear(false, pair.Say(false, "100"));
    Tick(context_.now_ns + kSecond, listener);
    return listener.heard;
  }
};

TEST_F(ServerKeyTest, OpensConnectionsWithRsaKeyExchange) {
  EXPECT_TRUE(keys_.active());
  int connections = 0;
  for (const char* suite :
       {"AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-CCM", "AES256-CCM8",
        "AES128-SHA", "AES256-SHA", "AES128-SHA256", "AES256-SHA256"}) {
    for (const uint64_t without :
         {uint64_t{0}, SSL_OP_NO_EXTENDED_MASTER_SECRET,
          SSL_OP_NO_ENCRYPT_THEN_MAC}) {
      TlsPair pair({.version = TLS1_2_VERSION,
                    .suite = suite,
                    .rsa = true,
                    .without = without});
      EXPECT_THAT(HeardOf(pair), ElementsAre("c INVITE", "s 100"))
          << suite << ", without " << without;
      ++connections;
    }
  }
  EXPECT_EQ(Discarded(), 0u);
  EXPECT_EQ(context_.counters.with_key, static_cast<uint64_t>(connections));
}

TEST_F(ServerKeyTest, OpensThemAlsoWhereTheClientHasACertificate) {
  TlsPair pair({.version = TLS1_2_VERSION,
                .suite = "AES128-GCM-SHA256",
                .rsa = true,
                .client_certificate = true});
  EXPECT_THAT(HeardOf(pair), ElementsAre("c INVITE", "s 100"));
}

TEST_F(ServerKeyTest, OpensThemInWhateverPieces) {
  TlsPair pair({.version = TLS1_2_VERSION, .suite = "AES128-SHA", .rsa = true});
  Listener listener(context_);
  for (const auto& flight : pair.Handshake()) {
    for (const char byte : flight.bytes) {
      listener.Hear(flight.of_client, std::string_view(&byte, 1));
    }
  }
  listener.Hear(true, pair.Say(true, "INVITE"));
  Tick(kSecond, listener);
  EXPECT_THAT(listener.heard, ElementsAre("c INVITE"));
}

TEST_F(ServerKeyTest, OpensNoOthers) {
  // Forward secrecy; another server's key.
  TlsPair ephemeral({.version = TLS1_2_VERSION,
                     .suite = "ECDHE-RSA-AES128-GCM-SHA256",
                     .rsa = true});
  EXPECT_THAT(HeardOf(ephemeral), IsEmpty());
  TlsPair newer({.rsa = true});
  EXPECT_THAT(HeardOf(newer), IsEmpty());
  TlsPair other({});
  EXPECT_THAT(HeardOf(other), IsEmpty());
}

// The records that `bytes` are.
std::vector<std::string> RecordsOf(std::string_view bytes) {
  std::vector<std::string> records;
  while (bytes.size() >= 5) {
    const size_t size = 5 + (size_t{static_cast<uint8_t>(bytes[3])} << 8 |
                             static_cast<uint8_t>(bytes[4]));
    records.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  return records;
}

// The secret rests on every message: none is guessed.
TEST_F(ServerKeyTest, NeedsAllOfTheHandshake) {
  TlsPair pair({.version = TLS1_2_VERSION,
                .suite = "AES128-SHA",
                .rsa = true,
                .client_certificate = true});
  Listener listener(context_);
  const auto flights = pair.Handshake();
  ASSERT_GE(flights.size(), 3u);
  listener.Hear(flights[0].of_client, flights[0].bytes);
  // The hello, the certificate, what is asked of the client, the end.
  const auto records = RecordsOf(flights[1].bytes);
  ASSERT_EQ(records.size(), 4u);
  listener.Hear(false, records[0] + records[1]);
  listener.Lose(false);
  listener.Hear(false, records[3]);
  for (size_t i = 2; i < flights.size(); ++i) {
    listener.Hear(flights[i].of_client, flights[i].bytes);
  }
  listener.Hear(true, pair.Say(true, "INVITE"));
  Tick(kWait + kSecond, listener);
  EXPECT_THAT(listener.heard, IsEmpty());
  EXPECT_GT(Count(TlsDiscard::kNoKey), 0u);
  EXPECT_EQ(Count(TlsDiscard::kNotVerified), 0u);
  EXPECT_EQ(context_.handshake_bytes, 0u);
}

TEST_F(ServerKeyTest, UsesThemWhenItHasTime) {
  std::vector<std::unique_ptr<Listener>> listeners;
  for (int i = 0; i < TlsContext::kMostDecryptionsASecond + 5; ++i) {
    // Of another server: they take nobody's time.
    TlsPair other({.version = TLS1_2_VERSION, .rsa = false});
    Listener(context_).Hear(other.Handshake());
    TlsPair pair(
        {.version = TLS1_2_VERSION, .suite = "AES128-SHA", .rsa = true});
    Listener& listener =
        *listeners.emplace_back(std::make_unique<Listener>(context_));
    listener.Hear(pair.Handshake());
    listener.Hear(true, pair.Say(true, "INVITE"));
    listener.Tick();
  }
  const auto heard = [&] {
    return std::count_if(
        listeners.begin(), listeners.end(),
        [](const auto& listener) { return listener->heard.size() == 1; });
  };
  EXPECT_EQ(heard(), TlsContext::kMostDecryptionsASecond);
  context_.now_ns += 2 * kSecond;
  for (const auto& listener : listeners) listener->Tick();
  EXPECT_EQ(heard(), TlsContext::kMostDecryptionsASecond + 5);
  EXPECT_EQ(context_.handshake_bytes, 0u);
}

TEST_F(ServerKeyTest, HoldsNoHandshakeThatItCannotUse) {
  // Resumed: the client sends no secret.
  TlsPair first({.version = TLS1_2_VERSION,
                 .suite = "AES128-SHA",
                 .session_ids = true,
                 .rsa = true});
  first.Handshake();
  TlsPair pair({.version = TLS1_2_VERSION, .resumed = &first});
  Listener listener(context_);
  listener.Hear(pair.Handshake());
  ASSERT_TRUE(pair.was_resumed());
  Tick(kSecond, listener);
  EXPECT_EQ(context_.handshake_bytes, 0u);
  // What says that it will be long, and never ends.
  Listener endless(context_);
  const std::string record =
      std::string("\x16\x03\x03\x40\x00", 5) + std::string(0x4000, '\xff');
  for (int i = 0; i < 10; ++i) endless.Hear(true, record);
  EXPECT_LE(endless.bytes(), size_t{50} << 10);
  EXPECT_EQ(context_.handshake_bytes, 0u);
}

TEST(ServerKeys, SayWhatIsWrong) {
  const fakes::TempDir dir;
  ServerKeys keys;
  EXPECT_THAT(keys.Load(dir.path() + "/none.pem").ToString(),
              HasSubstr("No such file"));
  std::ofstream(dir.path() + "/text.pem") << "nonsense";
  EXPECT_THAT(keys.Load(dir.path() + "/text.pem").ToString(),
              HasSubstr("holds no RSA key"));
  EXPECT_TRUE(keys.empty());
}

TEST_F(TlsReaderTest, GivesUpWhenAnotherHandshakeBegins) {
  TlsPair pair(Tls12());
  Listener listener(context_);
  const auto flights = pair.Handshake();
  keys_.AddText(pair.key_log());
  listener.Hear(flights);
  const std::string hello = pair.Renegotiate();
  ASSERT_FALSE(hello.empty());
  listener.Hear(true, hello);
  listener.Hear(true, hello);
  EXPECT_EQ(Count(TlsDiscard::kRenegotiated), 1u);
}

TEST_F(TlsReaderTest, ReadsTheNextConnectionOfTheSameAddresses) {
  const auto session = std::make_shared<TlsSession>(context_);
  std::vector<std::string> heard;
  const auto take = [&](int64_t, std::string_view text, bool) {
    heard.emplace_back(text);
  };
  for (int i = 0; i < 2; ++i) {
    TlsPair pair(Tls12());
    TlsReader client(session);
    TlsReader server(session);
    const auto flights = pair.Handshake();
    keys_.AddText(pair.key_log());
    for (const auto& flight : flights) {
      (flight.of_client ? client : server).Append(0, flight.bytes, take);
    }
    client.Append(0, pair.Say(true, "a"), take);
    server.Append(0, pair.Say(false, "b"), take);
  }
  EXPECT_THAT(heard, ElementsAre("a", "b", "a", "b"));
  EXPECT_EQ(context_.counters.connections, 2u);
  EXPECT_EQ(context_.counters.with_key, 2u);
}

TEST(BeginsLikeTls, KnowsRecordsAndHellos) {
  TlsPair pair({});
  const std::string hello = pair.Handshake()[0].bytes;
  EXPECT_TRUE(BeginsLikeTls(hello));
  EXPECT_TRUE(BeginsLikeTlsHello(hello));
  const std::string record = pair.Say(true, "x");
  EXPECT_TRUE(BeginsLikeTls(record));
  EXPECT_FALSE(BeginsLikeTlsHello(record));
  EXPECT_FALSE(BeginsLikeTls("INVITE sip:1 SIP/2.0\r\n"));
  for (size_t size = 0; size < 5; ++size) {
    EXPECT_FALSE(BeginsLikeTls(hello.substr(0, size)));
  }
}

}  // namespace
}  // namespace callbraid::sensor
