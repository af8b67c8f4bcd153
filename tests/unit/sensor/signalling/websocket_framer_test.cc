#include "sensor/signalling/websocket_framer.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"
#include "sensor/signalling/message_sink.h"
#include "sensor/signalling/stream_framer.h"

namespace callbraid::sensor {
namespace {

constexpr uint8_t kFinal = 0x80;
constexpr uint8_t kCompressed = 0x40;
constexpr uint8_t kContinuation = 0;
constexpr uint8_t kText = 1;
constexpr uint8_t kPing = 9;

constexpr std::string_view kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: pbx\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: foo, SIP\r\n\r\n";
constexpr std::string_view kSwitching =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Protocol: sip\r\n\r\n";

// Without Content-Length, as RFC 7118 allows.
std::string Message(std::string_view id, size_t body = 0) {
  return "INFO sip:101@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/WS "
         "x;branch=z9hG4bK1\r\n"
         "Call-ID: " +
         std::string(id) +
         "\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\nCSeq: 1 INFO\r\n\r\n" +
         std::string(body, 'x');
}

std::string Frame(uint8_t first, std::string_view payload,
                  std::string_view mask = "") {
  std::string frame(1, static_cast<char>(first));
  const uint8_t masked = mask.empty() ? 0 : 0x80;
  if (payload.size() < 126) {
    frame.push_back(static_cast<char>(masked | payload.size()));
  } else if (payload.size() <= 0xffff) {
    frame.push_back(static_cast<char>(masked | 126));
    frame.push_back(static_cast<char>(payload.size() >> 8));
    frame.push_back(static_cast<char>(payload.size() & 0xff));
  } else {
    frame.push_back(static_cast<char>(masked | 127));
    for (int i = 7; i >= 0; --i) {
      frame.push_back(static_cast<char>(payload.size() >> (8 * i) & 0xff));
    }
  }
  frame += mask;
  for (size_t i = 0; i < payload.size(); ++i) {
    frame.push_back(static_cast<char>(
        payload[i] ^ (mask.empty() ? '\0' : mask[i % mask.size()])));
  }
  return frame;
}

class WebSocketFramerTest : public testing::Test {
 protected:
  struct Received {
    std::string message;
    bool truncated;
    bool operator==(const Received&) const = default;
  };

  void Append(std::string_view bytes) {
    framer_.Append(bytes, [this](std::string_view message, bool truncated) {
      received_.push_back({std::string(message), truncated});
    });
  }
  void Break() {
    framer_.Break([this](std::string_view message, bool truncated) {
      received_.push_back({std::string(message), truncated});
    });
  }
  uint64_t Count(SignallingDiscard reason) const {
    return counters_.Get(reason);
  }

  SignallingCounters counters_;
  WebSocketFramer framer_{counters_};
  std::vector<Received> received_;
};

TEST_F(WebSocketFramerTest, TakesMessagesBehindTheUpgrade) {
  Append(kSwitching);
  Append(Frame(kFinal | kText, Message("1")));
  EXPECT_EQ(received_, (std::vector<Received>{{Message("1"), false}}));
  EXPECT_EQ(Count(SignallingDiscard::kSipTcpSkipped), 0u);
}

TEST_F(WebSocketFramerTest, UnmasksWhatAClientSends) {
  Append(std::string(kUpgrade) +
         Frame(kFinal | kText, Message("1"), "\x37\xfa\x21\x3d"));
  EXPECT_EQ(received_, (std::vector<Received>{{Message("1"), false}}));
}

TEST_F(WebSocketFramerTest, TakesSeveralFramesOfASegmentAndPassesPings) {
  Append(kSwitching);
  Append(Frame(kFinal | kText, Message("1")) + Frame(kFinal | kPing, "hello") +
         Frame(kFinal | kText, "\r\n\r\n") +
         Frame(kFinal | kText, Message("2")));
  EXPECT_EQ(received_, (std::vector<Received>{{Message("1"), false},
                                              {Message("2"), false}}));
  EXPECT_EQ(Count(SignallingDiscard::kSipKeepAlive), 2u);
}

TEST_F(WebSocketFramerTest, PutsFragmentsTogetherAroundAPing) {
  const std::string message = Message("1", 300);
  Append(kUpgrade);
  Append(Frame(kText, message.substr(0, 100), "abcd"));
  Append(Frame(kFinal | kPing, "", "ABCD"));
  Append(Frame(kContinuation, message.substr(100, 33), "efgh"));
  EXPECT_TRUE(received_.empty());
  Append(Frame(kFinal | kContinuation, message.substr(133), "ijkl"));
  EXPECT_EQ(received_, (std::vector<Received>{{message, false}}));
}

TEST_F(WebSocketFramerTest, TakesByteByByte) {
  const std::string bytes = std::string(kSwitching) +
                            Frame(kFinal | kText, Message("1", 70'000)) +
                            Frame(kFinal | kText, Message("2", 400));
  for (const char byte : bytes) Append({&byte, 1});
  // The first is longer than any SIP message that is kept.
  EXPECT_EQ(received_, (std::vector<Received>{{Message("2", 400), false}}));
  EXPECT_EQ(framer_.bytes(), 0u);
}

TEST_F(WebSocketFramerTest, CountsWhatIsCompressed) {
  Append(kSwitching);
  Append(Frame(kText | kCompressed, std::string(50, '\x55')));
  Append(Frame(kFinal | kContinuation, std::string(50, '\x55')));
  Append(Frame(kFinal | kText, Message("1")));
  EXPECT_EQ(received_, (std::vector<Received>{{Message("1"), false}}));
  EXPECT_EQ(Count(SignallingDiscard::kWebSocketCompressed), 1u);
}

TEST_F(WebSocketFramerTest, FindsItsPlaceInMidStream) {
  const std::string frame =
      Frame(kFinal | kText, Message("1", 200), "\x01\x80\x7f\x33");
  Append(frame.substr(150));
  EXPECT_EQ(Count(SignallingDiscard::kSipTcpSkipped), frame.size() - 150);
  Append(Frame(kFinal | kText, Message("2"), "\x01\x80\x7f\x33"));
  EXPECT_EQ(received_, (std::vector<Received>{{Message("2"), false}}));
}

TEST_F(WebSocketFramerTest, EmitsWhatCameOfAMessageBeforeAGap) {
  const std::string message = Message("1", 500);
  Append(kSwitching);
  Append(Frame(kFinal | kText, message, "abcd").substr(0, 8 + 300));
  Break();
  Append(Frame(kFinal | kText, Message("2")));
  EXPECT_EQ(received_, (std::vector<Received>{{message.substr(0, 300), true},
                                              {Message("2"), false}}));
}

TEST_F(WebSocketFramerTest, GivesUpWhereNoFrameCanBe) {
  Append(kSwitching);
  Append("\x83" + std::string(20, 'x'));  // No such opcode.
  EXPECT_EQ(Count(SignallingDiscard::kSipTcpSkipped), 21u);
  Append(Frame(kFinal | kText, Message("1")));
  EXPECT_EQ(received_.size(), 1u);
}

TEST_F(WebSocketFramerTest, BelievesNoLengthBeyondReason) {
  Append(kSwitching);
  Append(std::string("\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10) +
         Message("1"));
  EXPECT_TRUE(received_.empty());
  EXPECT_EQ(framer_.bytes(), 0u);
}

TEST(BeginsLikeWebSocket, KnowsAnUpgradeToSipAndAFrameWithIt) {
  EXPECT_TRUE(BeginsLikeWebSocket(kUpgrade));
  EXPECT_TRUE(BeginsLikeWebSocket(kSwitching));
  EXPECT_TRUE(BeginsLikeWebSocket(Frame(kFinal | kText, Message("1"))));
  EXPECT_TRUE(BeginsLikeWebSocket(Frame(kFinal | kText, Message("1"), "abcd")));
  // The capture has its beginning alone.
  EXPECT_TRUE(
      BeginsLikeWebSocket(Frame(kText, Message("1", 9999)).substr(0, 500)));
  EXPECT_FALSE(BeginsLikeWebSocket(
      "GET / HTTP/1.1\r\nHost: x\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"));
  EXPECT_FALSE(BeginsLikeWebSocket("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_FALSE(BeginsLikeWebSocket(Frame(kFinal | kText, "{\"json\": 1}")));
  EXPECT_FALSE(BeginsLikeWebSocket(Message("1")));
  for (size_t size = 0; size < 20; ++size) {
    EXPECT_FALSE(BeginsLikeWebSocket(
        Frame(kFinal | kText, Message("1"), "abcd").substr(0, size)));
  }
}

TEST(StreamFramer, TellsProtocolsApartByTheirFirstBytes) {
  SignallingCounters counters;
  const auto first = [&](std::string_view bytes, BinaryProtocol binary) {
    StreamFramer framer(counters, binary);
    size_t emitted = 0;
    for (const char byte : bytes) {
      framer.Append(7, {&byte, 1},
                    [&](int64_t, std::string_view, bool) { ++emitted; });
    }
    return std::tuple(framer.kind(), framer.transport(), emitted);
  };
  const std::string sip = Message("1");
  for (const BinaryProtocol binary :
       {BinaryProtocol::kNone, BinaryProtocol::kSccp, BinaryProtocol::kH323}) {
    EXPECT_EQ(first(sip, binary),
              std::tuple(MessageKind::kSip, Transport::kTcp, 1u));
  }
  const std::string on_hook("\x04\0\0\0\x14\0\0\0\x07\0\0\0", 12);
  EXPECT_EQ(first(on_hook, BinaryProtocol::kSccp),
            std::tuple(MessageKind::kSccp, Transport::kTcp, 1u));
  const std::string ack("\x03\0\0\x06\x20\x80", 6);
  EXPECT_EQ(first(ack, BinaryProtocol::kH323),
            std::tuple(MessageKind::kH323, Transport::kTcp, 1u));
}

TEST(StreamFramer, FollowsAnUpgradeInTheMiddleOfAConnection) {
  SignallingCounters counters;
  StreamFramer framer(counters, BinaryProtocol::kNone);
  std::vector<std::string> received;
  const auto emit = [&](int64_t, std::string_view message, bool) {
    received.emplace_back(message);
  };
  framer.Append(7, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", emit);
  framer.Append(7, kSwitching, emit);
  framer.Append(7, Frame(kFinal | kText, Message("1")), emit);
  EXPECT_EQ(received, std::vector<std::string>{Message("1")});
  EXPECT_EQ(framer.transport(), Transport::kWebSocket);
}

}  // namespace
}  // namespace callbraid::sensor
