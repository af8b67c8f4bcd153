#include "sensor/signalling/signalling.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/net/endpoint.h"
#include "gtest/gtest.h"
#include "tests/fakes/h323_bytes.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

Endpoint At(std::string_view address, uint16_t port) {
  return {*IpAddress::Parse(address), port};
}

std::string Invite(std::string_view call_id, std::string_view body = "") {
  std::string text =
      "INVITE sip:102@10.0.0.2 SIP/2.0\r\n"
      "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK1\r\n"
      "Call-ID: " +
      std::string(call_id) +
      "\r\nFrom: <sip:101@10.0.0.1>;tag=1\r\nTo: <sip:102@10.0.0.2>\r\n"
      "CSeq: 1 INVITE\r\n";
  if (!body.empty()) text += "Content-Type: application/sdp\r\n";
  return text + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

constexpr std::string_view kSdp =
    "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 111\r\na=rtpmap:111 opus/48000/2\r\n"
    "m=image 4100 udptl t38\r\n";

class SignallingTest : public testing::Test, public MessageSink {
 protected:
  struct Received {
    MessageView view;
    std::string message;
  };

  SignallingTest() { Tick(0); }

  void OnMessage(const MessageView& sip) override {
    received_.push_back({sip, std::string(sip.message)});
  }
  void Tick(int64_t now_ns) {
    expected_.OnTick(now_ns);
    signalling_.OnTick(now_ns);
  }
  Datagram Make(std::string_view text, Protocol protocol) {
    Datagram datagram;
    datagram.time_ns = time_ns_;
    datagram.flow = flow_;
    datagram.protocol = protocol;
    datagram.payload = {reinterpret_cast<const uint8_t*>(text.data()),
                        text.size()};
    return datagram;
  }
  void Udp(std::string_view text) {
    signalling_.OnSignalling(Make(text, Protocol::kUdp));
  }
  void Tcp(uint32_t sequence, std::string_view text) {
    Datagram segment = Make(text, Protocol::kTcp);
    segment.tcp_sequence = sequence;
    signalling_.OnSignalling(segment);
  }
  uint64_t Count(SignallingDiscard reason) const {
    return signalling_.counters().Get(reason);
  }

  FlowKey flow_{At("10.0.0.1", 5060), At("10.0.0.2", 5060)};
  int64_t time_ns_ = 1;
  std::vector<Received> received_;
  ExpectedMedia expected_{100};
  Signalling signalling_{{}, expected_, *this};
};

TEST_F(SignallingTest, HandsOnAMessageAsItIs) {
  Udp(Invite("1"));
  ASSERT_EQ(received_.size(), 1u);
  EXPECT_EQ(received_[0].message, Invite("1"));
  EXPECT_EQ(received_[0].view.transport, Transport::kUdp);
  EXPECT_EQ(received_[0].view.ordinal, 0u);
}

TEST_F(SignallingTest, HandsOnAndCountsAMessageThatMakesNoSense) {
  Udp("INVITE sip:102@10.0.0.2 SIP/2.0\r\nNonsense\r\n\r\n");
  EXPECT_EQ(received_.size(), 1u);
  EXPECT_EQ(Count(SignallingDiscard::kBadSip), 1u);
}

TEST_F(SignallingTest, CountsWhatIsNoSip) {
  Udp("\r\n\r\n");
  Udp(std::string_view("\0\0\0\0", 4));
  Udp("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(received_.empty());
  EXPECT_EQ(Count(SignallingDiscard::kSipKeepAlive), 2u);
  EXPECT_EQ(Count(SignallingDiscard::kNotSip), 1u);
}

TEST_F(SignallingTest, TellsMessagesOfOneTimeApart) {
  Tcp(1, Invite("1") + Invite("2") + Invite("3"));
  time_ns_ = 2;
  Udp(Invite("4"));
  time_ns_ = 1;  // Out of order.
  Udp(Invite("5"));
  ASSERT_EQ(received_.size(), 5u);
  std::set<std::pair<int64_t, uint32_t>> keys;
  for (const Received& received : received_) {
    keys.insert({received.view.time_ns, received.view.ordinal});
  }
  EXPECT_EQ(keys.size(), 5u);
}

TEST_F(SignallingTest, ExpectsTheMediaThatSdpAnnounces) {
  Udp(Invite("1", kSdp));
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.1", 4000)));
  EXPECT_TRUE(expected_.Expects(At("10.0.0.1", 4001)));
  EXPECT_EQ(expected_.ClockRate(At("10.0.0.1", 4000), 111), 48'000u);
  // T.38 is no RTP.
  EXPECT_FALSE(expected_.ExpectsRtp(At("10.0.0.1", 4100)));
  EXPECT_TRUE(expected_.ExpectsUdptl(At("10.0.0.1", 4100)));
  EXPECT_FALSE(expected_.ExpectsUdptl(At("10.0.0.1", 4000)));
}

// As browsers offer it: the line itself names nowhere.
TEST_F(SignallingTest, ExpectsMediaWhereIceMayTakeIt) {
  const std::string sdp =
      "v=0\r\nc=IN IP4 0.0.0.0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
      "a=rtpmap:111 opus/48000/2\r\na=rtcp-mux\r\n"
      "a=candidate:1 1 UDP 2130706431 10.0.0.1 4000 typ host\r\n"
      "a=candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 10.0.0.1 "
      "rport 4000\r\n"
      "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n"
      "a=candidate:1 1 UDP 2130706431 10.0.0.1 4002 typ host\r\n";
  Udp(Invite("1", sdp));
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.1", 4000)));
  EXPECT_TRUE(expected_.ExpectsRtp(At("192.0.2.3", 45664)));
  EXPECT_EQ(expected_.ClockRate(At("10.0.0.1", 4000), 111), 48'000u);
  EXPECT_NE(expected_.CallOf(At("10.0.0.1", 4000)).id, 0u);
  EXPECT_FALSE(expected_.Expects(At("10.0.0.1", 4002)));
  EXPECT_EQ(expected_.size(), 2u);
  // As long as the dialog lives, as all that its SDP names.
  for (int minute = 1; minute < 20; ++minute) {
    Tick(minute * 60 * kSecond);
    if (minute % 4 == 0) Udp(Invite("1"));
  }
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.1", 4000)));
}

TEST_F(SignallingTest, KeepsMediaExpectedWhileItsDialogLives) {
  Udp(Invite("1", kSdp));
  for (int minute = 1; minute < 20; ++minute) {
    Tick(minute * 60 * kSecond);
    if (minute % 4 == 0) Udp(Invite("1"));
  }
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.1", 4000)));
  Tick(26 * 60 * kSecond);
  EXPECT_FALSE(expected_.ExpectsRtp(At("10.0.0.1", 4000)));
}

TEST_F(SignallingTest, SaysWhichCallsMediaIsSpare) {
  Signalling signalling({.asked_for = AskedFor({"200"})}, expected_, *this);
  const auto udp = [&](const std::string& text) {
    signalling.OnSignalling(Make(text, Protocol::kUdp));
  };
  const Endpoint media = At("10.0.0.1", 4000);
  Udp(Invite("1", kSdp));
  EXPECT_TRUE(expected_.CallOf(media).asked_for()) << "all are, by default";
  udp(Invite("2", kSdp));
  EXPECT_TRUE(expected_.CallOf(media).spare);
  // Whoever answers is asked for; what the call says after that is no matter.
  std::string answer = Invite("2");
  answer.insert(answer.find("CSeq"), "P-Asserted-Identity: <sip:200@h>\r\n");
  udp(answer);
  EXPECT_TRUE(expected_.CallOf(media).asked_for());
  udp(Invite("2", kSdp));
  EXPECT_TRUE(expected_.CallOf(media).asked_for());
  udp(Invite("3", kSdp));
  EXPECT_TRUE(expected_.CallOf(media).spare);
}

TEST_F(SignallingTest, KnowsWhoAsksThoughTheOfferComesLater) {
  Signalling signalling({.asked_for = AskedFor({"200"})}, expected_, *this);
  std::string invite = Invite("1");
  invite.insert(invite.find("CSeq"), "P-Asserted-Identity: <sip:200@h>\r\n");
  signalling.OnSignalling(Make(invite, Protocol::kUdp));
  const std::string offer = Invite("1", kSdp);
  signalling.OnSignalling(Make(offer, Protocol::kUdp));
  EXPECT_TRUE(expected_.CallOf(At("10.0.0.1", 4000)).asked_for());
}

TEST_F(SignallingTest, FollowsTcpOnItsPorts) {
  const std::string message = Invite("1", kSdp);
  Tcp(100, std::string_view(message).substr(0, 100));
  Tcp(200, std::string_view(message).substr(100));
  ASSERT_EQ(received_.size(), 1u);
  EXPECT_EQ(received_[0].view.transport, Transport::kTcp);
  EXPECT_EQ(signalling_.tcp_streams(), 1u);
  EXPECT_EQ(signalling_.tcp_bytes(), 0u);
}

TEST_F(SignallingTest, FollowsTcpElsewhereOnlyWhereItBeginsLikeSip) {
  flow_ = {At("10.0.0.1", 40'000), At("10.0.0.2", 8080)};
  Tcp(100, "GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(signalling_.tcp_streams(), 0u);
  EXPECT_EQ(Count(SignallingDiscard::kOtherTcp), 1u);
  Tcp(500, Invite("1"));
  EXPECT_EQ(signalling_.tcp_streams(), 1u);
  EXPECT_EQ(received_.size(), 1u);
}

TEST_F(SignallingTest, FollowsABoundedNumberOfConnections) {
  for (uint32_t i = 0; i < 9000; ++i) {
    flow_.source.port = static_cast<uint16_t>(6000 + i);
    Tcp(1, Invite("1"));
  }
  EXPECT_EQ(signalling_.tcp_streams(), 8192u);
  EXPECT_EQ(Count(SignallingDiscard::kSipTcpEvicted), 9000u - 8192);
}

TEST_F(SignallingTest, HoldsABoundedNumberOfBytes) {
  const std::string start = Invite("1").substr(0, 60);
  for (uint32_t i = 0; i < 1000; ++i) {
    flow_.source.port = static_cast<uint16_t>(6000 + i);
    Tcp(1, start + std::string(60'000, 'x'));
  }
  EXPECT_LE(signalling_.tcp_bytes(), size_t{32} << 20);
  EXPECT_GT(signalling_.tcp_bytes(), size_t{31} << 20);
}

TEST_F(SignallingTest, ForgetsIdleConnections) {
  Tcp(1, Invite("1"));
  Tick(601 * kSecond);
  EXPECT_EQ(signalling_.tcp_streams(), 0u);
}

TEST_F(SignallingTest, HandsOnWhatIsPendingAtTheEnd) {
  const std::string message = Invite("1", kSdp);
  Tcp(100, std::string_view(message).substr(0, message.size() - 10));
  signalling_.Finish();
  ASSERT_EQ(received_.size(), 1u);
  EXPECT_TRUE(received_[0].view.truncated);
}

// Whoever follows a dialog takes what is older than its last message for a
// repetition.
class GapTest : public SignallingTest {
 protected:
  // A segment of "a" is missing before what follows at second 5; "b" answers at
  // second 6.
  GapTest() {
    Tcp(1, Invite("a1"));
    lost_ = 1 + static_cast<uint32_t>(Invite("a1").size());
    time_ns_ = 5 * kSecond;
    Tick(time_ns_);
    Tcp(lost_ + static_cast<uint32_t>(Invite("a2").size()), Invite("a3"));
    Answer(6, "b1");
  }
  void Answer(int second, std::string_view call_id) {
    const FlowKey there = flow_;
    flow_ = flow_.Reversed();
    time_ns_ = second * kSecond;
    Tcp(answered_, Invite(call_id));
    answered_ += static_cast<uint32_t>(Invite(call_id).size());
    flow_ = there;
  }
  std::vector<std::string> Order() const {
    std::vector<std::string> order;
    for (const Received& received : received_) {
      const size_t at = received.message.find("Call-ID: ") + 9;
      order.push_back(received.message.substr(at, 2));
    }
    return order;
  }
  uint32_t lost_ = 0;
  uint32_t answered_ = 1;
};

using Strings = std::vector<std::string>;

TEST_F(GapTest, HoldsTheAnswersUntilItIsFilled) {
  EXPECT_EQ(Order(), Strings({"a1"}));
  Answer(7, "b2");
  EXPECT_EQ(Order(), Strings({"a1"}));
  EXPECT_GT(signalling_.tcp_bytes(), 2 * Invite("b1").size());
  time_ns_ = 5 * kSecond + kSecond / 2;  // As a retransmission is captured.
  Tcp(lost_, Invite("a2"));
  EXPECT_EQ(Order(), Strings({"a1", "a2", "a3", "b1", "b2"}));
  // Nobody can have read the third before the second was there.
  EXPECT_EQ(received_[2].view.time_ns, 5 * kSecond + kSecond / 2);
  EXPECT_EQ(signalling_.tcp_bytes(), 0u);
  Answer(8, "b3");
  EXPECT_EQ(received_.size(), 6u);
}

TEST_F(GapTest, HoldsTheAnswersUntilItIsGivenUp) {
  Tick(7 * kSecond);
  EXPECT_EQ(Order(), Strings({"a1"}));
  Tick(9 * kSecond);
  EXPECT_EQ(Order(), Strings({"a1", "a3", "b1"}));
  EXPECT_EQ(signalling_.tcp_bytes(), 0u);
}

TEST_F(GapTest, HoldsNoMoreThanItsLimit) {
  for (int i = 0; i < 63; ++i) Answer(6, "b2");
  EXPECT_EQ(received_.size(), 1u);
  Answer(6, "b3");
  EXPECT_EQ(received_.size(), 65u);
}

TEST_F(GapTest, LosesNoAnswerAtTheEnd) {
  signalling_.Finish();
  EXPECT_EQ(Order(), Strings({"a1", "a3", "b1"}));
}

TEST_F(GapTest, LosesNoAnswerWhoseConnectionIsClosed) {
  time_ns_ = 6 * kSecond;
  Datagram fin = Make("", Protocol::kTcp);
  fin.flow = flow_.Reversed();
  fin.tcp_sequence = answered_;
  fin.tcp_fin = true;
  signalling_.OnSignalling(fin);
  EXPECT_EQ(Order(), Strings({"a1", "b1"}));
}

// The direction with the gap makes room for another connection.
TEST_F(GapTest, LosesNoOrderWhenTheGapIsForgotten) {
  const FlowKey here = flow_;
  for (uint32_t i = 0; i < 8191; ++i) {
    flow_.source.port = static_cast<uint16_t>(6000 + i);
    Tcp(1, Invite("cc"));
  }
  flow_ = here;
  Answer(7, "b2");
  std::vector<std::string> order = Order();
  std::erase(order, "cc");
  EXPECT_EQ(order, Strings({"a1", "b1", "b2"}));
}

TEST_F(SignallingTest, HandsOnMgcpOfHostsThatSpeakIt) {
  flow_ = {At("10.0.0.1", 2427), At("10.0.0.2", 2727)};
  const std::string command = "NTFY 7 aaln/1@gw MGCP 1.0\r\nO: L/hd\r\n";
  const std::string response = "200 7 OK\r\n";
  flow_ = flow_.Reversed();
  Udp(response);
  EXPECT_TRUE(received_.empty());
  EXPECT_EQ(Count(SignallingDiscard::kNotMgcp), 1u);
  flow_ = flow_.Reversed();
  Udp(command);
  flow_ = flow_.Reversed();
  Udp(response);
  ASSERT_EQ(received_.size(), 2u);
  EXPECT_EQ(received_[0].message, command);
  EXPECT_EQ(received_[0].view.kind, MessageKind::kMgcp);
  EXPECT_EQ(received_[1].message, response);
}

TEST_F(SignallingTest, TakesMgcpMessagesOfOneDatagramApart) {
  flow_ = {At("10.0.0.2", 2727), At("10.0.0.1", 2427)};
  const std::string first = "AUEP 1 *@gw MGCP 1.0\r\n";
  const std::string second = "200 2 OK\r\n";
  Udp(first + ".\r\n" + second);
  ASSERT_EQ(received_.size(), 2u);
  EXPECT_EQ(received_[0].message, first);
  EXPECT_EQ(received_[1].message, second);
  EXPECT_NE(received_[0].view.ordinal, received_[1].view.ordinal);
}

TEST_F(SignallingTest, FollowsSccpOnItsPort) {
  flow_ = {At("10.0.0.1", 50000), At("10.0.0.2", 2000)};
  const std::string on_hook("\x04\0\0\0\x14\0\0\0\x07\0\0\0", 12);
  Tcp(1, on_hook);
  ASSERT_EQ(received_.size(), 1u);
  EXPECT_EQ(received_[0].view.kind, MessageKind::kSccp);
  flow_.destination.port = 2001;
  Tcp(1, on_hook);
  EXPECT_EQ(received_.size(), 1u);
}

TEST_F(SignallingTest, FollowsSipInWebSocketFramesOnAnyPort) {
  flow_ = {At("10.0.0.1", 50000), At("10.0.0.2", 8088)};
  const std::string message = Invite("1", kSdp);
  Tcp(1, "GET / HTTP/1.1\r\nSec-WebSocket-Protocol: sip\r\n\r\n");
  Tcp(48, std::string("\x81\x7e") + static_cast<char>(message.size() >> 8) +
              static_cast<char>(message.size() & 0xff) + message);
  ASSERT_EQ(received_.size(), 1u);
  EXPECT_EQ(received_[0].message, message);
  EXPECT_EQ(received_[0].view.transport, Transport::kWebSocket);
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.1", 4000)));
}

// On its port; where it was announced; and where a message says what it is.
TEST_F(SignallingTest, FollowsH323WhereverItIs) {
  const auto kinds = [this] {
    std::string text;
    for (const Received& received : received_) {
      text += received.view.kind == MessageKind::kH323 ? "h" : "?";
    }
    return text;
  };
  flow_ = {At("10.0.0.1", 40000), At("10.0.0.2", 30000)};
  Tcp(1, fakes::H323OpenG729());
  EXPECT_EQ(kinds(), "");
  flow_ = {At("10.0.0.2", 1720), At("10.0.0.1", 40001)};
  Tcp(1, fakes::H323Alerting());
  EXPECT_EQ(kinds(), "h");
  flow_ = {At("10.0.0.1", 40000), At("10.0.0.2", 30000)};
  Tcp(100, fakes::H323OpenG729());
  flow_ = flow_.Reversed();
  Tcp(1, fakes::H323AckAtCallee());
  EXPECT_EQ(kinds(), "hhh");
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.2", 6004)));
  // Nobody announced this one, but it names H.245; so its answer is known, too.
  flow_ = {At("10.0.0.8", 40000), At("10.0.0.9", 50000)};
  Tcp(1, fakes::H323Capabilities());
  flow_ = flow_.Reversed();
  Tcp(1, fakes::H323Signal());
  flow_ = {At("10.0.0.8", 40000), At("10.0.0.9", 5720)};
  Tcp(1, fakes::H323Setup());
  EXPECT_EQ(kinds(), "hhhhhh");
}

// Somebody names another server's address for H.245.
TEST_F(SignallingTest, FollowsOfAnAnnouncedAddressOnlyTpkt) {
  flow_ = {At("10.0.0.2", 1720), At("10.0.0.1", 40001)};
  Tcp(1, fakes::H323Alerting());
  EXPECT_EQ(signalling_.tcp_streams(), 1u);
  flow_ = {At("10.0.0.7", 40000), At("10.0.0.2", 30000)};
  Datagram syn = Make("", Protocol::kTcp);
  syn.tcp_syn = true;
  signalling_.OnSignalling(syn);
  Tcp(1, "GET / HTTP/1.1\r\n\r\n");
  Tcp(100, "\x16\x03\x01 a hello of TLS");
  EXPECT_EQ(signalling_.tcp_streams(), 1u);
  Tcp(200, fakes::H323OpenG729());
  EXPECT_EQ(signalling_.tcp_streams(), 2u);
  EXPECT_EQ(received_.size(), 2u);
}

// Its first segment is the middle of a message, without a zero.
TEST_F(SignallingTest, JoinsAConnectionOfH323AnywhereInIt) {
  flow_ = {At("10.0.0.1", 40000), At("10.0.0.2", 1720)};
  const std::string middle = "the end of a long display";
  Tcp(1, middle);
  Tcp(1 + static_cast<uint32_t>(middle.size()), fakes::H323Busy());
  ASSERT_EQ(received_.size(), 1u);
  EXPECT_EQ(received_[0].view.kind, MessageKind::kH323);
  EXPECT_EQ(Count(SignallingDiscard::kSipTcpSkipped), middle.size());
  // SIP is told from that on any port.
  flow_ = {At("10.0.0.3", 40000), At("10.0.0.2", 1720)};
  Tcp(1, Invite("1"));
  ASSERT_EQ(received_.size(), 2u);
  EXPECT_EQ(received_[1].view.kind, MessageKind::kSip);
}

TEST_F(SignallingTest, CountsWhatIsNoH323) {
  flow_ = {At("10.0.0.1", 40000), At("10.0.0.2", 1720)};
  Tcp(1, std::string("\x03\0\0\x08\xff\xff\xff\xff", 8));
  EXPECT_TRUE(received_.empty());
  EXPECT_EQ(Count(SignallingDiscard::kNotH323), 1u);
  flow_ = {At("10.0.0.1", 40000), At("10.0.0.2", 1719)};
  Udp(fakes::RasAdmissionRequest());
  ASSERT_EQ(received_.size(), 1u);
  EXPECT_EQ(received_[0].view.kind, MessageKind::kH323);
  Udp("\x7f nothing");
  EXPECT_EQ(Count(SignallingDiscard::kNotH323), 2u);
}

}  // namespace
}  // namespace callbraid::sensor
