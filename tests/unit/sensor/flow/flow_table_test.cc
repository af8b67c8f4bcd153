#include "sensor/flow/flow_table.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/endpoint.h"
#include "gtest/gtest.h"
#include "sensor/flow/expected_media.h"
#include "tests/fakes/packet_builder.h"
#include "tests/fakes/zrtp.h"

namespace callbraid::sensor {
namespace {

using fakes::Bytes;
using fakes::Rtp;

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'700'000'000 * kSecond;

Endpoint At(std::string_view address, uint16_t port) {
  return {*IpAddress::Parse(address), port};
}

struct SinkOfAll final : public MediaSink, public SignallingSink {
  struct Packet {
    uint32_t ssrc;
    int64_t start_ns;
    int64_t time_ns;
    uint16_t sequence;
    bool spare;
    size_t payload_size;
  };
  struct Report {
    uint32_t ssrc;
    int64_t start_ns;
    bool final;
    v1::StreamStatistics statistics;
    int64_t zrtp_secure_ns = 0;
  };

  void OnRtp(const Stream& stream, int64_t time_ns,
             const RtpPacket& packet) override {
    packets.push_back({stream.ssrc, stream.start_ns, time_ns, packet.sequence,
                       stream.spare, packet.payload.size()});
  }
  void OnStreamReport(const Stream& stream, bool final) override {
    reports.push_back(
        {stream.ssrc, stream.start_ns, final, {}, stream.zrtp_secure_ns});
    stream.meter.Fill(reports.back().statistics);
  }
  void OnRtcp(const RtcpView& view) override { rtcp.push_back(view.ssrc); }
  void OnSignalling(const Datagram& datagram) override {
    signalling.emplace_back(datagram.payload.begin(), datagram.payload.end());
  }

  std::vector<Report> Finals() const {
    std::vector<Report> finals;
    for (const Report& report : reports) {
      if (report.final) finals.push_back(report);
    }
    return finals;
  }

  // One letter for each packet: 's' of a spare run, 'm' of another; a space
  // where another run begins.
  std::string Lanes() const {
    std::string lanes;
    for (size_t i = 0; i < packets.size(); ++i) {
      if (i > 0 && packets[i].start_ns != packets[i - 1].start_ns) lanes += ' ';
      lanes += packets[i].spare ? 's' : 'm';
    }
    return lanes;
  }

  std::vector<Packet> packets;
  std::vector<Report> reports;
  std::vector<uint32_t> rtcp;
  std::vector<std::string> signalling;
};

class FlowTableTest : public testing::Test {
 protected:
  explicit FlowTableTest(size_t max_streams = 100)
      : table_({SipPorts({5060}), max_streams}, expected_, sink_, sink_) {
    Tick(kStart);
  }

  void Tick(int64_t now_ns) {
    now_ns -= now_ns % (100 * kMs);
    expected_.OnTick(now_ns);
    table_.OnTick(now_ns);
  }
  // Time passes, ten ticks a second.
  void TickUntil(int64_t now_ns) {
    for (; now_ns_ <= now_ns; now_ns_ += 100 * kMs) Tick(now_ns_);
  }

  void Send(int64_t time_ns, const FlowKey& flow, const Bytes& payload) {
    TickUntil(time_ns);
    table_.OnDatagram(Make(time_ns, flow, payload));
  }
  static Datagram Make(int64_t time_ns, const FlowKey& flow,
                       const Bytes& payload) {
    Datagram datagram;
    datagram.time_ns = time_ns;
    datagram.flow = flow;
    datagram.payload = payload;
    return datagram;
  }
  // `count` packets, 20 ms apart.
  void SendVoice(int64_t time_ns, const FlowKey& flow, uint32_t ssrc,
                 uint16_t first_sequence, int count) {
    for (int i = 0; i < count; ++i) {
      Send(time_ns + i * 20 * kMs, flow, Voice(ssrc, first_sequence, i));
    }
  }
  static Bytes Voice(uint32_t ssrc, uint16_t first_sequence, int index) {
    const auto sequence = static_cast<uint16_t>(first_sequence + index);
    return Rtp{.ssrc = ssrc, .sequence = sequence, .timestamp = sequence * 160u}
        .Build();
  }

  static Bytes ReceiverReport(uint32_t ssrc) {
    Bytes out = {0x80, 201, 0, 1};
    fakes::AppendU32(out, ssrc);
    return out;
  }

  uint64_t Count(FlowDiscard reason) const {
    return table_.counters().Get(reason);
  }

  const FlowKey flow_{At("10.0.0.1", 4000), At("10.0.0.2", 4002)};
  int64_t now_ns_ = kStart;
  ExpectedMedia expected_{100};
  SinkOfAll sink_;
  FlowTable table_;
};

TEST_F(FlowTableTest, TakesExpectedMediaFromTheFirstPacket) {
  expected_.Expect(flow_.destination, At("10.0.0.2", 4003), {});
  SendVoice(kStart, flow_, 7, 100, 1);
  ASSERT_EQ(sink_.packets.size(), 1u);
  EXPECT_EQ(sink_.packets[0].start_ns, kStart);
  ASSERT_EQ(sink_.reports.size(), 1u);
  EXPECT_FALSE(sink_.reports[0].final);
}

TEST_F(FlowTableTest, TakesMediaFromAnExpectedSource) {
  expected_.Expect(flow_.source, At("10.0.0.1", 4001), {});
  SendVoice(kStart, flow_, 7, 100, 1);
  EXPECT_EQ(sink_.packets.size(), 1u);
}

TEST_F(FlowTableTest, HandsOnAStrangerFromItsFirstPacketOnceItIsKnown) {
  SendVoice(kStart, flow_, 7, 100, 4);
  EXPECT_TRUE(sink_.packets.empty());
  SendVoice(kStart + 80 * kMs, flow_, 7, 104, 1);
  ASSERT_EQ(sink_.packets.size(), 5u);
  EXPECT_EQ(sink_.packets[0].sequence, 100);
  EXPECT_EQ(sink_.packets[0].time_ns, kStart);
  EXPECT_EQ(sink_.packets[4].time_ns, kStart + 80 * kMs);
}

TEST_F(FlowTableTest, TakesTheOtherDirectionAtItsSecondPacket) {
  SendVoice(kStart, flow_, 7, 100, 5);
  SendVoice(kStart + 100 * kMs, flow_.Reversed(), 8, 1, 1);
  EXPECT_EQ(sink_.packets.size(), 5u);
  SendVoice(kStart + 120 * kMs, flow_.Reversed(), 8, 2, 1);
  EXPECT_EQ(sink_.packets.size(), 7u);
}

TEST_F(FlowTableTest, TakesMediaThatCameBeforeItsSdp) {
  SendVoice(kStart, flow_, 7, 100, 2);
  expected_.Expect(flow_.destination, At("10.0.0.2", 4003), {});
  SendVoice(kStart + 40 * kMs, flow_, 7, 102, 1);
  EXPECT_EQ(sink_.packets.size(), 3u);
}

TEST_F(FlowTableTest, TakesMediaWhoseSdpCameAfterTheLastPacket) {
  SendVoice(kStart, flow_, 7, 100, 2);
  expected_.Expect(flow_.destination, At("10.0.0.2", 4003), {});
  TickUntil(kStart + 31 * kSecond);
  EXPECT_EQ(sink_.packets.size(), 2u);
}

TEST_F(FlowTableTest, CountsPacketsThatNothingConfirmed) {
  SendVoice(kStart, flow_, 7, 100, 2);
  TickUntil(kStart + 31 * kSecond);
  EXPECT_TRUE(sink_.packets.empty());
  EXPECT_EQ(Count(FlowDiscard::kRtpUnconfirmed), 2u);
}

TEST_F(FlowTableTest, FindsNoStreamInTheServicesThatLookLikeRtp) {
  const FlowKey dns{At("10.0.0.1", 40'000), At("10.0.0.2", 53)};
  SendVoice(kStart, dns, 7, 100, 50);
  EXPECT_TRUE(sink_.packets.empty());
  EXPECT_EQ(Count(FlowDiscard::kNotRtp), 50u);
}

TEST_F(FlowTableTest, FindsNoStreamInRandomBytes) {
  uint32_t random = 1;
  for (int i = 0; i < 5000; ++i) {
    Bytes payload(40);
    for (uint8_t& byte : payload) {
      random = random * 1'664'525 + 1'013'904'223;
      byte = static_cast<uint8_t>(random >> 24);
    }
    payload[0] = 0x80;
    Send(kStart + i * kMs, flow_, payload);
  }
  EXPECT_TRUE(sink_.packets.empty());
  EXPECT_TRUE(sink_.rtcp.empty());
}

TEST_F(FlowTableTest, RefusesPayloadTypesThatAreRtcps) {
  expected_.Expect(flow_.destination, At("10.0.0.2", 4003), {});
  Send(kStart, flow_, Rtp{.payload_type = 72}.Build());
  EXPECT_TRUE(sink_.packets.empty());
  EXPECT_EQ(Count(FlowDiscard::kBadRtp), 1u);
}

TEST_F(FlowTableTest, CountsWhatIsNotForUs) {
  Send(kStart, flow_, {});
  Send(kStart, flow_, Bytes(20, 0));
  Send(kStart, flow_, {22, 0xfe, 0xfd});
  Send(kStart, flow_, {0x40, 0, 0, 0});
  Send(kStart, flow_, {0xff, 0xff});
  EXPECT_EQ(Count(FlowDiscard::kEmptyUdp), 1u);
  EXPECT_EQ(Count(FlowDiscard::kStun), 1u);
  EXPECT_EQ(Count(FlowDiscard::kDtls), 1u);
  EXPECT_EQ(Count(FlowDiscard::kTurnChannel), 1u);
  EXPECT_EQ(Count(FlowDiscard::kNotVoip), 1u);
}

// Also where it might be UDPTL.
TEST_F(FlowTableTest, CountsZrtpAsWhatItIs) {
  SendVoice(kStart, flow_, 7, 100, 10);
  expected_.ExpectUdptl(flow_.destination);
  Send(kStart + kSecond, flow_, fakes::Zrtp("Hello   "));
  Send(kStart + kSecond, flow_.Reversed(), fakes::Zrtp("HelloACK"));
  EXPECT_EQ(Count(FlowDiscard::kZrtp), 2u);
  EXPECT_EQ(Count(FlowDiscard::kNotVoip), 0u);
  table_.Finish();
  ASSERT_EQ(sink_.Finals().size(), 1u);
  EXPECT_EQ(sink_.Finals()[0].zrtp_secure_ns, 0);
}

TEST_F(FlowTableTest, SaysSinceWhenZrtpProtectsTheStreamsOfAFlow) {
  SendVoice(kStart, flow_, 7, 100, 10);
  SendVoice(kStart + 300 * kMs, flow_.Reversed(), 8, 200, 10);
  const int64_t confirmed = kStart + kSecond;
  Send(confirmed, flow_, fakes::Zrtp("Confirm2"));
  Send(confirmed + kMs, flow_.Reversed(), fakes::Zrtp("Conf2ACK"));
  TickUntil(kStart + 12 * kSecond);
  ASSERT_EQ(sink_.Finals().size(), 2u);
  for (const auto& report : sink_.Finals()) {
    EXPECT_EQ(report.zrtp_secure_ns, confirmed);
  }
  // After a hold.
  SendVoice(kStart + 60 * kSecond, flow_, 7, 2000, 1);
  EXPECT_EQ(sink_.reports.back().zrtp_secure_ns, confirmed);
  // The next call on these ports has to agree anew.
  Send(kStart + 100 * kSecond, flow_, fakes::Zrtp("Hello   "));
  SendVoice(kStart + 101 * kSecond, flow_, 9, 2000, 10);
  EXPECT_EQ(sink_.reports.back().ssrc, 9u);
  EXPECT_EQ(sink_.reports.back().zrtp_secure_ns, 0);
}

TEST_F(FlowTableTest, PassesSipOnToSignallingOnAnyPort) {
  Send(kStart, flow_, fakes::ToBytes("OPTIONS sip:a@b SIP/2.0\r\n\r\n"));
  Send(kStart, flow_, fakes::ToBytes("HELLO"));
  EXPECT_EQ(sink_.signalling.size(), 1u);
  const FlowKey sip{At("10.0.0.1", 5060), At("10.0.0.2", 40'000)};
  Send(kStart, sip, fakes::ToBytes("HELLO"));
  EXPECT_EQ(sink_.signalling.size(), 2u);
}

TEST_F(FlowTableTest, EndsARunWithEightSecondsOfSilence) {
  SendVoice(kStart, flow_, 7, 100, 10);
  TickUntil(kStart + 10 * kSecond);
  ASSERT_EQ(sink_.Finals().size(), 1u);
  EXPECT_EQ(sink_.Finals()[0].statistics.packets(), 10u);

  // The next run is known from its first packet.
  const int64_t later = kStart + 60 * kSecond;
  SendVoice(later, flow_, 7, 2000, 1);
  ASSERT_EQ(sink_.packets.size(), 11u);
  EXPECT_EQ(sink_.packets.back().start_ns, later);
  table_.Finish();
  EXPECT_EQ(sink_.Finals().size(), 2u);
}

TEST_F(FlowTableTest, KeepsARunOverAShorterSilence) {
  SendVoice(kStart, flow_, 7, 100, 10);
  SendVoice(kStart + 7 * kSecond, flow_, 7, 110, 10);
  table_.Finish();
  ASSERT_EQ(sink_.Finals().size(), 1u);
  EXPECT_EQ(sink_.Finals()[0].statistics.packets(), 20u);
  EXPECT_EQ(sink_.Finals()[0].statistics.lost(), 0u);
}

TEST_F(FlowTableTest, BeginsARunWithTheNextCallThoughTheSourceGoesOnCounting) {
  expected_.Expect(flow_.destination, {}, {}, {.id = 1});
  SendVoice(kStart, flow_, 7, 100, 60);
  expected_.Expect(flow_.destination, {}, {}, {.id = 2});
  SendVoice(kStart + 2 * kSecond, flow_, 7, 160, 10);
  table_.Finish();
  ASSERT_EQ(sink_.Finals().size(), 2u);
  EXPECT_EQ(sink_.Finals()[0].statistics.packets(), 60u);
  EXPECT_EQ(sink_.packets.back().start_ns, kStart + 2 * kSecond);
}

TEST_F(FlowTableTest, KeepsARunThatTheSameCallNamesLaterOrAgain) {
  SendVoice(kStart, flow_, 7, 100, 60);
  expected_.Expect(flow_.destination, {}, {}, {.id = 1});
  SendVoice(kStart + 2 * kSecond, flow_, 7, 160, 60);
  expected_.Expect(flow_.destination, {}, {}, {.id = 1});
  SendVoice(kStart + 5 * kSecond, flow_, 7, 220, 10);
  // Another call takes the port while this one still speaks.
  expected_.Expect(flow_.destination, {}, {}, {.id = 2});
  SendVoice(kStart + 5 * kSecond + 200 * kMs, flow_, 7, 230, 10);
  table_.Finish();
  EXPECT_EQ(sink_.Finals().size(), 1u);
}

constexpr NamingCall kSpareCall = {.id = 1, .spare = true};
constexpr NamingCall kOtherCall = {.id = 2};

TEST_F(FlowTableTest, IsSpareIfTheCallThatNamedAnEndIs) {
  expected_.Expect(flow_.destination, {}, {}, kSpareCall);
  SendVoice(kStart, flow_, 7, 100, 2);
  expected_.Expect(flow_.source, {}, {}, kSpareCall);
  SendVoice(kStart + 40 * kMs, flow_, 7, 102, 2);
  EXPECT_EQ(sink_.Lanes(), "ssss");
}

TEST_F(FlowTableTest, IsAskedForIfEitherEndIsOrNothingIsKnown) {
  SendVoice(kStart, flow_, 7, 100, 5);
  EXPECT_EQ(sink_.Lanes(), "mmmmm");
  expected_.Expect(flow_.destination, {}, {}, kSpareCall);
  expected_.Expect(flow_.source, {}, {}, kOtherCall);
  TickUntil(kStart + 2 * kSecond);
  SendVoice(kStart + 2 * kSecond, flow_, 7, 105, 1);
  EXPECT_EQ(sink_.Lanes(), "mmmmmm");
}

TEST_F(FlowTableTest, BeginsARunWhenItIsFoundToBeSpare) {
  SendVoice(kStart, flow_, 7, 100, 50);
  expected_.Expect(flow_.destination, {}, {}, kSpareCall);
  // Each stream is looked at once a second.
  SendVoice(kStart + kSecond, flow_, 7, 150, 60);
  table_.Finish();
  ASSERT_EQ(sink_.Finals().size(), 2u);
  EXPECT_EQ(sink_.Finals()[0].statistics.packets() +
                sink_.Finals()[1].statistics.packets(),
            110u);
  EXPECT_EQ(sink_.packets.front().spare, false);
  EXPECT_EQ(sink_.packets.back().spare, true);
  // A run is all spare, or not at all.
  EXPECT_EQ(sink_.Lanes().find("ms"), std::string::npos);
  EXPECT_NE(sink_.Lanes().find("m s"), std::string::npos);
}

TEST_F(FlowTableTest, BeginsARunWhenItsCallIsAskedForAfterAll) {
  expected_.Expect(flow_.destination, {}, {}, kSpareCall);
  SendVoice(kStart, flow_, 7, 100, 50);
  expected_.AskFor(flow_.destination, kOtherCall.id);
  SendVoice(kStart + kSecond, flow_, 7, 150, 100);
  EXPECT_EQ(sink_.Lanes(), std::string(150, 's')) << "it was another call";
  expected_.AskFor(flow_.destination, kSpareCall.id);
  SendVoice(kStart + 3 * kSecond, flow_, 7, 250, 60);
  EXPECT_NE(sink_.Lanes().find("s m"), std::string::npos);
  EXPECT_EQ(sink_.Lanes().back(), 'm');
}

// The last packets of one call may come after the next took its port.
TEST_F(FlowTableTest, StaysWhatItIsWhenAnotherCallTakesThePort) {
  expected_.Expect(flow_.destination, {}, {}, kSpareCall);
  SendVoice(kStart, flow_, 7, 100, 50);
  expected_.Expect(flow_.destination, {}, {}, kOtherCall);
  SendVoice(kStart + kSecond, flow_, 7, 150, 100);
  EXPECT_EQ(sink_.Lanes(), std::string(150, 's'));
  SendVoice(kStart + 4 * kSecond, flow_, 7, 250, 1);
  EXPECT_EQ(sink_.Lanes(), std::string(150, 's') + " m");
}

TEST_F(FlowTableTest, BeginsARunWhereTheSourceRestarts) {
  SendVoice(kStart, flow_, 7, 100, 10);
  SendVoice(kStart + 200 * kMs, flow_, 7, 40'000, 10);
  table_.Finish();
  ASSERT_EQ(sink_.packets.size(), 20u);
  EXPECT_EQ(sink_.packets[10].sequence, 40'000);
  EXPECT_EQ(sink_.packets[10].start_ns, kStart + 200 * kMs);
  ASSERT_EQ(sink_.Finals().size(), 2u);
  EXPECT_EQ(sink_.Finals()[1].statistics.lost(), 0u);
}

TEST_F(FlowTableTest, LeavesAStrayPacketOut) {
  SendVoice(kStart, flow_, 7, 100, 10);
  SendVoice(kStart + 200 * kMs, flow_, 7, 40'000, 1);
  SendVoice(kStart + 220 * kMs, flow_, 7, 110, 10);
  table_.Finish();
  ASSERT_EQ(sink_.Finals().size(), 1u);
  EXPECT_EQ(sink_.Finals()[0].statistics.packets(), 20u);
  EXPECT_EQ(Count(FlowDiscard::kRtpStray), 1u);
}

TEST_F(FlowTableTest, BeginsARunWhereTheClockIsSetBack) {
  SendVoice(kStart + 100 * kSecond, flow_, 7, 100, 10);
  SendVoice(kStart, flow_, 7, 110, 10);
  table_.Finish();
  EXPECT_EQ(sink_.packets.size(), 20u);
  EXPECT_EQ(sink_.Finals().size(), 2u);
}

TEST_F(FlowTableTest, TakesANewSsrcForANewStream) {
  SendVoice(kStart, flow_, 7, 100, 10);
  SendVoice(kStart + 200 * kMs, flow_, 8, 100, 10);
  table_.Finish();
  EXPECT_EQ(sink_.packets.size(), 20u);
  EXPECT_EQ(sink_.Finals().size(), 2u);
}

TEST_F(FlowTableTest, CountsEventsInTheSequenceOfTheAudio) {
  SendVoice(kStart, flow_, 7, 100, 10);
  for (uint16_t i = 0; i < 5; ++i) {
    Send(kStart + (200 + i * 20) * kMs, flow_,
         Rtp{.ssrc = 7,
             .sequence = static_cast<uint16_t>(110 + i),
             .timestamp = 110 * 160,
             .payload_type = 101,
             .payload = {5, 10, 0, static_cast<uint8_t>(i)}}
             .Build());
  }
  SendVoice(kStart + 300 * kMs, flow_, 7, 115, 10);
  table_.Finish();
  ASSERT_EQ(sink_.Finals().size(), 1u);
  EXPECT_EQ(sink_.Finals()[0].statistics.packets(), 25u);
  EXPECT_EQ(sink_.Finals()[0].statistics.lost(), 0u);
}

TEST_F(FlowTableTest, CountsPacketsWithoutPayload) {
  expected_.Expect(flow_.destination, At("10.0.0.2", 4003), {});
  Send(kStart, flow_, Rtp{.payload = {}}.Build());
  EXPECT_EQ(sink_.packets.size(), 1u);
}

// As SRTP may look.
TEST_F(FlowTableTest, TakesPacketsWhosePaddingMakesNoSense) {
  expected_.Expect(flow_.destination, At("10.0.0.2", 4003), {});
  Bytes bytes = Rtp{.payload = Bytes(20, 0xff)}.Build();
  bytes[0] |= 0x20;
  Send(kStart, flow_, bytes);
  EXPECT_EQ(sink_.packets.size(), 1u);
}

// A tag that ends like a length must not lose a byte; padding of zeros can be
// made again.
TEST_F(FlowTableTest, TakesOffOnlyPaddingThatCanBeMadeAgain) {
  expected_.Expect(flow_.destination, At("10.0.0.2", 4003), {});
  Bytes tag = Rtp{.payload = Bytes(20, 3)}.Build();
  Bytes zeros = Rtp{.sequence = 2, .payload = Bytes(20, 0)}.Build();
  tag[0] |= 0x20;
  zeros[0] |= 0x20;
  zeros.back() = 3;
  Send(kStart, flow_, tag);
  Send(kStart, flow_, zeros);
  ASSERT_EQ(sink_.packets.size(), 2u);
  EXPECT_EQ(sink_.packets[0].payload_size, 20u);
  EXPECT_EQ(sink_.packets[1].payload_size, 17u);
}

TEST_F(FlowTableTest, TakesASecondSourceOfOneInstantAtItsThirdPacket) {
  SendVoice(kStart, flow_, 7, 100, 5);
  for (uint16_t i = 0; i < 3; ++i) {
    EXPECT_EQ(sink_.packets.size(), 5u);
    Send(kStart + 100 * kMs, flow_,
         Rtp{.ssrc = 8, .sequence = i, .timestamp = 1, .payload_type = 97}
             .Build());
  }
  EXPECT_EQ(sink_.packets.size(), 8u);
}

TEST_F(FlowTableTest, CountsMirrorCopiesWithTheirStream) {
  SendVoice(kStart, flow_, 7, 100, 2);
  const Bytes copy = Voice(7, 100, 1);
  table_.OnMirrorCopy(Make(kStart + 20 * kMs, flow_, copy));  // On probation.
  SendVoice(kStart + 40 * kMs, flow_, 7, 102, 8);
  table_.OnMirrorCopy(Make(kStart + 40 * kMs, flow_, copy));
  table_.Finish();
  ASSERT_EQ(sink_.Finals().size(), 1u);
  EXPECT_EQ(sink_.Finals()[0].statistics.packets(), 10u);
  EXPECT_EQ(sink_.Finals()[0].statistics.mirror_copies(), 2u);
}

TEST_F(FlowTableTest, ReportsEveryFiveSeconds) {
  SendVoice(kStart, flow_, 7, 100, 1000);  // 20 s.
  table_.Finish();
  EXPECT_GE(sink_.reports.size(), 4u);
  EXPECT_LE(sink_.reports.size(), 6u);
  EXPECT_TRUE(sink_.reports.back().final);
}

TEST_F(FlowTableTest, TakesTheClockOfADynamicTypeFromSdp) {
  const PayloadClock clock{111, 48'000};
  expected_.Expect(flow_.destination, At("10.0.0.2", 4003), {&clock, 1});
  for (uint16_t i = 0; i < 50; ++i) {
    // Every packet 10 ms late or early in turn.
    Send(
        kStart + (i * 20 + (i % 2) * 10) * kMs, flow_,
        Rtp{.sequence = i, .timestamp = i * 960u, .payload_type = 111}.Build());
  }
  table_.Finish();
  ASSERT_EQ(sink_.Finals().size(), 1u);
  EXPECT_NEAR(sink_.Finals()[0].statistics.jitter_us(), 10'000, 600);
}

TEST_F(FlowTableTest, TakesRtcpThatBelongsToKnownMedia) {
  SendVoice(kStart, flow_, 7, 100, 5);
  FlowKey above = flow_;
  ++above.source.port;
  ++above.destination.port;
  Send(kStart, above, ReceiverReport(1));             // RTP port + 1.
  Send(kStart, above.Reversed(), ReceiverReport(2));  // The other way.
  Send(kStart, flow_, ReceiverReport(3));             // Multiplexed.
  Send(kStart, flow_.Reversed(), ReceiverReport(4));  // The other way.
  const FlowKey far{At("10.9.9.9", 999), At("10.9.9.8", 888)};
  Send(kStart, far, ReceiverReport(7));  // By SSRC.
  expected_.Expect(At("10.8.8.8", 6000), At("10.8.8.8", 7001), {});
  const FlowKey announced{At("10.7.7.7", 999), At("10.8.8.8", 7001)};
  Send(kStart, announced, ReceiverReport(5));  // a=rtcp.
  EXPECT_EQ(sink_.rtcp, (std::vector<uint32_t>{1, 2, 3, 4, 7, 5}));
}

TEST_F(FlowTableTest, KeepsRtcpUntilItsMediaIsKnown) {
  Send(kStart, flow_, ReceiverReport(3));
  EXPECT_TRUE(sink_.rtcp.empty());
  SendVoice(kStart, flow_, 7, 100, 5);
  TickUntil(kStart + 6 * kSecond);
  EXPECT_EQ(sink_.rtcp.size(), 1u);
}

TEST_F(FlowTableTest, CountsRtcpOfMediaThatNeverCame) {
  Send(kStart, flow_, ReceiverReport(3));
  Send(kStart, flow_, {0x80, 201, 0, 9, 1, 2, 3, 4});
  TickUntil(kStart + 6 * kSecond);
  EXPECT_TRUE(sink_.rtcp.empty());
  EXPECT_EQ(Count(FlowDiscard::kRtcpUnrelated), 1u);
  EXPECT_EQ(Count(FlowDiscard::kBadRtcp), 1u);
}

class SmallFlowTableTest : public FlowTableTest {
 protected:
  SmallFlowTableTest() : FlowTableTest(4) {}
};

TEST_F(SmallFlowTableTest, KeepsItsStreamsWhenAFloodOfOthersComes) {
  SendVoice(kStart, flow_, 7, 100, 5);
  for (uint16_t port = 10'000; port < 10'200; port += 2) {
    const FlowKey other{At("10.0.0.9", port), At("10.0.0.2", port)};
    SendVoice(kStart + 100 * kMs, other, port, 1, 6);
  }
  EXPECT_EQ(table_.streams(), 4u);
  EXPECT_GT(Count(FlowDiscard::kStreamLimit), 0u);
  const size_t before = sink_.packets.size();
  SendVoice(kStart + 120 * kMs, flow_, 7, 105, 1);
  EXPECT_EQ(sink_.packets.size(), before + 1);
}

TEST_F(SmallFlowTableTest, GivesUpStreamsBetweenRunsForNewOnes) {
  for (uint16_t i = 0; i < 10; ++i) {
    const auto port = static_cast<uint16_t>(10'000 + i * 2);
    const FlowKey other{At("10.0.0.9", port), At("10.0.0.2", port)};
    SendVoice(kStart + i * 20 * kSecond, other, port, 1, 6);
  }
  EXPECT_EQ(sink_.packets.size(), 60u);
  EXPECT_EQ(Count(FlowDiscard::kStreamLimit), 0u);
}

TEST_F(FlowTableTest, FollowsOnlySoManySourcesOfOneFlow) {
  for (uint32_t ssrc = 1; ssrc <= 90; ++ssrc) {
    SendVoice(kStart + ssrc * kMs, flow_, ssrc, 1, 5);
  }
  EXPECT_EQ(table_.streams(), 64u);
}

TEST_F(FlowTableTest, ForgetsStreamsInTheEnd) {
  SendVoice(kStart, flow_, 7, 100, 5);
  EXPECT_EQ(table_.streams(), 1u);
  TickUntil(kStart + 320 * kSecond);
  EXPECT_EQ(table_.streams(), 0u);
}

TEST_F(FlowTableTest, TellsRunsApartWhereTheClockStandsStill) {
  for (uint16_t i = 0; i < 5; ++i) Send(kStart, flow_, Voice(7, 1, i));
  for (uint16_t i = 0; i < 5; ++i) Send(kStart, flow_, Voice(7, 30'000, i));
  table_.Finish();
  ASSERT_EQ(sink_.Finals().size(), 2u);
  EXPECT_NE(sink_.Finals()[0].start_ns, sink_.Finals()[1].start_ns);
}

}  // namespace
}  // namespace callbraid::sensor
