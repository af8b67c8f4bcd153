#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/endpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sensor/signalling/signalling.h"
#include "sensor/tls/tls_discard.h"
#include "sensor/tls/tls_keys.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/tls_pair.h"

namespace callbraid::sensor {
namespace {

using fakes::TlsPair;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kSecond = 1'000'000'000;

std::string Options(std::string_view call_id) {
  return "OPTIONS sip:102@10.0.0.2 SIP/2.0\r\n"
         "Via: SIP/2.0/TLS 10.0.0.1;branch=z9hG4bK1\r\n"
         "Call-ID: " +
         std::string(call_id) +
         "\r\nFrom: <sip:101@10.0.0.1>;tag=1\r\nTo: <sip:102@10.0.0.2>\r\n"
         "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
}

// A connection to a port of a server, as segments.
class Wire {
 public:
  Wire(Signalling& signalling, uint16_t client_port, uint16_t server_port)
      : signalling_(signalling) {
    client_.flow = {{*IpAddress::Parse("10.0.0.1"), client_port},
                    {*IpAddress::Parse("10.0.0.2"), server_port}};
    server_.flow = client_.flow.Reversed();
    client_.protocol = server_.protocol = Protocol::kTcp;
    client_.tcp_sequence = 1000;
    server_.tcp_sequence = 5000;
  }

  void Send(bool of_client, std::string_view bytes, bool captured = true) {
    Datagram& side = of_client ? client_ : server_;
    side.time_ns = time_ns;
    side.payload = {reinterpret_cast<const uint8_t*>(bytes.data()),
                    bytes.size()};
    if (captured) signalling_.OnSignalling(side);
    side.tcp_sequence += static_cast<uint32_t>(bytes.size());
    side.payload = {};
  }
  void Send(const std::vector<TlsPair::Flight>& flights) {
    for (const auto& flight : flights) Send(flight.of_client, flight.bytes);
  }
  void Close() {
    for (Datagram* side : {&client_, &server_}) {
      side->tcp_fin = true;
      signalling_.OnSignalling(*side);
    }
  }

  int64_t time_ns = 1;

 private:
  Signalling& signalling_;
  Datagram client_;
  Datagram server_;
};

class TlsSignallingTest : public testing::Test, public MessageSink {
 protected:
  void OnMessage(const MessageView& view) override {
    const std::string_view text = view.message;
    const size_t at = text.find("Call-ID: ") + 9;
    received_.emplace_back(text.substr(at, text.find('\r', at) - at));
    transports_.push_back(view.transport);
    times_.push_back(view.time_ns);
  }
  const TlsCounters& tls() const { return *signalling_.tls_counters(); }

  std::vector<std::string> received_;
  std::vector<Transport> transports_;
  std::vector<int64_t> times_;
  fakes::FakeClock clock_;
  ExpectedMedia expected_{100};
  TlsKeys keys_{{.expected = true}, clock_};
  Signalling signalling_{{.tls_keys = &keys_}, expected_, *this};
};

TEST_F(TlsSignallingTest, HandsOnWhatWasInTlsOnAnyPort) {
  for (const uint16_t port : {5061, 443}) {
    TlsPair pair({});
    Wire wire(signalling_, 40000, port);
    const auto flights = pair.Handshake();
    keys_.AddText(pair.key_log());
    wire.Send(flights);
    wire.Send(true, pair.Say(true, Options("1")));
    wire.Send(false, pair.Say(false, Options("2")));
  }
  EXPECT_THAT(received_, ElementsAre("1", "2", "1", "2"));
  EXPECT_THAT(transports_, testing::Each(Transport::kTls));
  EXPECT_EQ(signalling_.counters().Get(SignallingDiscard::kOtherTcp), 0u);
}

TEST_F(TlsSignallingTest, ReadsWebSocketsInTls) {
  TlsPair pair({});
  Wire wire(signalling_, 40000, 8089);
  const auto flights = pair.Handshake();
  keys_.AddText(pair.key_log());
  wire.Send(flights);
  const std::string message = Options("1");
  wire.Send(false,
            pair.Say(false, std::string("\x81\x7e\0", 3) +
                                static_cast<char>(message.size()) + message));
  EXPECT_THAT(received_, ElementsAre("1"));
  EXPECT_THAT(transports_, ElementsAre(Transport::kSecureWebSocket));
}

TEST_F(TlsSignallingTest, PutsMessagesTogetherThatRecordsCut) {
  TlsPair pair({});
  Wire wire(signalling_, 40000, 5061);
  const auto flights = pair.Handshake();
  keys_.AddText(pair.key_log());
  wire.Send(flights);
  const std::string two = Options("1") + Options("2");
  wire.Send(true, pair.Say(true, two.substr(0, 50)));
  wire.Send(true, pair.Say(true, two.substr(50)));
  EXPECT_THAT(received_, ElementsAre("1", "2"));
}

TEST_F(TlsSignallingTest, KeepsConnectionsApart) {
  TlsPair one({.version = TLS1_2_VERSION});
  TlsPair two({});
  Wire first(signalling_, 40000, 5061);
  Wire second(signalling_, 40001, 5061);
  const auto flights = one.Handshake();
  const auto others = two.Handshake();
  keys_.AddText(one.key_log() + two.key_log());
  for (size_t i = 0; i < std::max(flights.size(), others.size()); ++i) {
    if (i < flights.size()) first.Send({flights[i]});
    if (i < others.size()) second.Send({others[i]});
  }
  for (int i = 0; i < 3; ++i) {
    first.Send(true, one.Say(true, Options("a")));
    second.Send(true, two.Say(true, Options("b")));
  }
  EXPECT_THAT(received_, ElementsAre("a", "b", "a", "b", "a", "b"));
}

TEST_F(TlsSignallingTest, ReadsAConnectionThatIsClosedBeforeItsKeyComes) {
  TlsPair pair({});
  Wire wire(signalling_, 40000, 5061);
  wire.Send(pair.Handshake());
  wire.time_ns = 77;
  wire.Send(true, pair.Say(true, Options("1")));
  wire.Close();
  EXPECT_EQ(signalling_.tcp_streams(), 2u);
  keys_.AddText(pair.key_log());
  signalling_.OnTick(kSecond);
  EXPECT_THAT(received_, ElementsAre("1"));
  EXPECT_THAT(times_, ElementsAre(77));
  EXPECT_EQ(signalling_.tcp_streams(), 0u);
  EXPECT_EQ(signalling_.tcp_bytes(), 0u);
}

TEST_F(TlsSignallingTest, ForgetsAClosedConnectionWhoseKeyNeverComes) {
  TlsPair pair({});
  Wire wire(signalling_, 40000, 5061);
  wire.Send(pair.Handshake());
  wire.Send(true, pair.Say(true, Options("1")));
  wire.Close();
  signalling_.OnTick(20 * kSecond);
  EXPECT_EQ(signalling_.tcp_streams(), 2u);
  signalling_.OnTick(40 * kSecond);
  EXPECT_EQ(signalling_.tcp_streams(), 0u);
  EXPECT_EQ(signalling_.tcp_bytes(), 0u);
  EXPECT_EQ(tls().without_key, 1u);
  EXPECT_GT(tls().Get(TlsDiscard::kNoKey), 0u);
}

TEST_F(TlsSignallingTest, HandsOnWhatWaitedInOrderOfTime) {
  int64_t now_ns = 0;
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    received_.clear();
    TlsPair pair({.version = version});
    Wire wire(signalling_, 40000, 5061);
    wire.Send(pair.Handshake());
    const auto say = [&](bool of_client, std::string_view call_id) {
      ++wire.time_ns;
      wire.Send(of_client, pair.Say(of_client, Options(call_id)));
    };
    say(true, "1");
    say(false, "2");
    say(true, "3");
    keys_.AddText(pair.key_log());
    say(false, "4");
    say(true, "5");
    EXPECT_THAT(received_, IsEmpty());
    signalling_.OnTick(now_ns += kSecond);
    say(false, "6");
    EXPECT_THAT(received_, ElementsAre("1", "2", "3", "4", "5", "6"));
    wire.Close();
  }
}

TEST_F(TlsSignallingTest, LooksForKeysOnceMoreAtTheEnd) {
  TlsPair pair({});
  Wire wire(signalling_, 40000, 5061);
  wire.Send(pair.Handshake());
  wire.Send(true, pair.Say(true, Options("1")));
  keys_.AddText(pair.key_log());
  signalling_.Finish();
  EXPECT_THAT(received_, ElementsAre("1"));
  EXPECT_EQ(tls().with_key, 1u);
}

TEST_F(TlsSignallingTest, GoesOnBehindSegmentsThatWereLost) {
  TlsPair pair({});
  Wire wire(signalling_, 40000, 5061);
  const auto flights = pair.Handshake();
  keys_.AddText(pair.key_log());
  wire.Send(flights);
  wire.Send(true, pair.Say(true, Options("1")));
  wire.Send(true, pair.Say(true, Options("2")), /*captured=*/false);
  wire.Send(true, pair.Say(true, Options("3")));
  signalling_.OnTick(10 * kSecond);
  signalling_.OnTick(14 * kSecond);
  EXPECT_THAT(received_, ElementsAre("1", "3"));
  EXPECT_EQ(signalling_.counters().Get(SignallingDiscard::kSipTcpGap), 1u);
}

TEST_F(TlsSignallingTest, CountsWhatItJoinedInTheMiddle) {
  TlsPair pair({});
  Wire wire(signalling_, 40000, 5061);
  pair.Handshake();
  keys_.AddText(pair.key_log());
  for (int i = 0; i < 3; ++i) wire.Send(true, pair.Say(true, Options("1")));
  EXPECT_THAT(received_, IsEmpty());
  EXPECT_EQ(tls().Get(TlsDiscard::kNoHandshake), 3u);
}

TEST(Signalling, FollowsNoTlsWithoutKeys) {
  class Sink final : public MessageSink {
    void OnMessage(const MessageView&) override { ADD_FAILURE(); }
  } sink;
  const fakes::FakeClock clock;
  ExpectedMedia expected(100);
  TlsKeys keys({}, clock);
  Signalling signalling({.tls_keys = &keys}, expected, sink);
  TlsPair pair({});
  Wire wire(signalling, 40000, 5061);
  wire.Send(pair.Handshake());
  EXPECT_EQ(signalling.tcp_streams(), 0u);
  EXPECT_GT(signalling.counters().Get(SignallingDiscard::kOtherTcp), 0u);
}

}  // namespace
}  // namespace callbraid::sensor
