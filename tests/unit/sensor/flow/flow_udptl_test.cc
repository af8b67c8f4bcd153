#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/endpoint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sensor/flow/expected_media.h"
#include "sensor/flow/flow_table.h"
#include "tests/fakes/packet_builder.h"

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

struct Sink final : public MediaSink, public SignallingSink {
  void OnRtp(const Stream& stream, int64_t /*time_ns*/,
             const RtpPacket& packet) override {
    (stream.is_udptl() ? udptl : rtp).push_back(packet.sequence);
    payload_bytes += packet.payload.size();
  }
  void OnStreamReport(const Stream& stream, bool final) override {
    if (!final) return;
    stream.meter.Fill(last);
  }
  void OnRtcp(const RtcpView& /*rtcp*/) override {}
  void OnSignalling(const Datagram& /*datagram*/) override { ++signalling; }

  std::vector<uint16_t> udptl;
  std::vector<uint16_t> rtp;
  size_t payload_bytes = 0;
  int signalling = 0;
  v1::StreamStatistics last;
};

// A byte of an HDLC frame.
Bytes Ifp(uint16_t sequence) {
  return {0xc0, 1, 0x80, 0, 0, static_cast<uint8_t>(sequence)};
}

// V.21 data; with what came before, if `redundant`.
Bytes Udptl(uint16_t sequence, bool redundant = false) {
  Bytes out = {static_cast<uint8_t>(sequence >> 8),
               static_cast<uint8_t>(sequence & 0xff), 6};
  const Bytes primary = Ifp(sequence);
  out.insert(out.end(), primary.begin(), primary.end());
  out.push_back(0);
  out.push_back(redundant ? 1 : 0);
  if (!redundant) return out;
  const Bytes before = Ifp(static_cast<uint16_t>(sequence - 1));
  out.push_back(6);
  out.insert(out.end(), before.begin(), before.end());
  return out;
}

class FlowUdptlTest : public testing::Test {
 protected:
  FlowUdptlTest() : table_({SipPorts({5060}), 100}, expected_, sink_, sink_) {
    Tick(kStart);
  }

  void Tick(int64_t now_ns) {
    now_ns -= now_ns % (100 * kMs);
    expected_.OnTick(now_ns);
    table_.OnTick(now_ns);
  }
  void Wait(int64_t ns) {
    const int64_t until = now_ns_ + ns;
    for (; now_ns_ < until; now_ns_ += 100 * kMs) Tick(now_ns_);
  }
  void Send(const FlowKey& flow, const Bytes& payload, bool truncated = false) {
    now_ns_ += 20 * kMs;
    Datagram datagram;
    datagram.time_ns = now_ns_;
    datagram.flow = flow;
    datagram.payload = payload;
    datagram.truncated = truncated;
    table_.OnDatagram(datagram);
  }
  void SendVoice(const FlowKey& flow, int count) {
    for (int i = 0; i < count; ++i, ++voice_) {
      Send(flow, Rtp{.ssrc = 7, .sequence = voice_, .timestamp = voice_ * 160u}
                     .Build());
    }
  }
  void SendFax(const FlowKey& flow, uint16_t first, int count,
               bool redundant = false) {
    for (int i = 0; i < count; ++i) {
      Send(flow, Udptl(static_cast<uint16_t>(first + i), redundant));
    }
  }
  uint64_t Count(FlowDiscard reason) const {
    return table_.counters().Get(reason);
  }

  const FlowKey flow_{At("10.0.0.1", 4000), At("10.0.0.2", 4002)};
  int64_t now_ns_ = kStart;
  uint16_t voice_ = 100;
  ExpectedMedia expected_{100};
  Sink sink_;
  FlowTable table_;
};

TEST_F(FlowUdptlTest, IsKnownFromItsFirstPacketWhereSdpNamedIt) {
  expected_.ExpectUdptl(flow_.destination);
  SendFax(flow_, 0, 2);
  EXPECT_THAT(sink_.udptl, testing::ElementsAre(0, 1));
  SendFax(flow_.Reversed(), 0, 1);
  EXPECT_THAT(sink_.udptl, testing::ElementsAre(0, 1, 0));
}

TEST_F(FlowUdptlTest, MayCountFromWhereItLooksLikeRtp) {
  expected_.ExpectUdptl(flow_.destination);
  SendFax(flow_, 0x8000, 3);
  // Of RTCP's types.
  SendFax(flow_, 0x80c8, 2);
  EXPECT_EQ(sink_.udptl.size(), 5);
  EXPECT_TRUE(sink_.rtp.empty());
}

TEST_F(FlowUdptlTest, ReportsLossByItsNumbers) {
  expected_.ExpectUdptl(flow_.destination);
  SendFax(flow_, 0, 3);
  SendFax(flow_, 5, 3);
  // Sent again, as signals are.
  SendFax(flow_, 7, 1);
  table_.Finish();
  EXPECT_EQ(sink_.last.packets(), 7);
  EXPECT_EQ(sink_.last.lost(), 2);
  EXPECT_EQ(sink_.last.duplicates(), 1);
  EXPECT_EQ(sink_.last.max_jitter_us(), 0);
}

TEST_F(FlowUdptlTest, FollowsRtpOnItsPorts) {
  expected_.Expect(flow_.destination, {}, {});
  SendVoice(flow_, 10);
  expected_.ExpectUdptl(flow_.destination);
  SendFax(flow_, 0, 5);
  // And back.
  SendVoice(flow_, 10);
  EXPECT_EQ(sink_.udptl.size(), 5);
  EXPECT_EQ(sink_.rtp.size(), 20);
}

TEST_F(FlowUdptlTest, TouchesNoRtpThatGoesOnWhenItIsOnlyOffered) {
  expected_.Expect(flow_.destination, {}, {});
  expected_.ExpectUdptl(flow_.destination);
  SendVoice(flow_, 500);
  EXPECT_EQ(sink_.rtp.size(), 500);
  EXPECT_TRUE(sink_.udptl.empty());
  EXPECT_EQ(Count(FlowDiscard::kUdptlUnconfirmed), 0);
}

TEST_F(FlowUdptlTest, FollowsRtpWithoutSignalling) {
  SendVoice(flow_, 10);
  SendFax(flow_, 0, 3);
  EXPECT_TRUE(sink_.udptl.empty());
  SendFax(flow_, 3, 3);
  EXPECT_THAT(sink_.udptl, testing::ElementsAre(0, 1, 2, 3, 4, 5));
  // In the other direction too.
  SendFax(flow_.Reversed(), 0, 4);
  EXPECT_EQ(sink_.udptl.size(), 10);
}

TEST_F(FlowUdptlTest, IsKnownByItsRedundancyWhereNothingElseSpeaksForIt) {
  SendFax(flow_, 0, 4, /*redundant=*/true);
  EXPECT_TRUE(sink_.udptl.empty());
  SendFax(flow_, 4, 4, /*redundant=*/true);
  EXPECT_EQ(sink_.udptl.size(), 8);
}

TEST_F(FlowUdptlTest, IsNotBelievedByItsFormAlone) {
  SendFax(flow_, 0, 100);
  Wait(40 * kSecond);
  EXPECT_TRUE(sink_.udptl.empty());
  EXPECT_EQ(Count(FlowDiscard::kUdptlUnconfirmed), 100);
}

TEST_F(FlowUdptlTest, IsWholeWhenItsSdpComesLate) {
  SendFax(flow_, 0, 3);
  expected_.ExpectUdptl(flow_.destination);
  Wait(40 * kSecond);
  EXPECT_EQ(sink_.udptl.size(), 3);
}

TEST_F(FlowUdptlTest, TakesWhatTheCaptureCutOnceItIsKnown) {
  Bytes cut = Udptl(3);
  cut.resize(6);
  Send(flow_, cut, /*truncated=*/true);
  EXPECT_TRUE(sink_.udptl.empty());
  expected_.ExpectUdptl(flow_.destination);
  SendFax(flow_, 0, 3);
  Send(flow_, cut, /*truncated=*/true);
  EXPECT_THAT(sink_.udptl, testing::ElementsAre(0, 1, 2, 3));
}

TEST_F(FlowUdptlTest, LeavesMalformedPacketsToTheOtherCounters) {
  expected_.ExpectUdptl(flow_.destination);
  Bytes bad = Udptl(0);
  bad.back() = 9;
  Send(flow_, bad);
  EXPECT_TRUE(sink_.udptl.empty());
  EXPECT_EQ(Count(FlowDiscard::kNotVoip), 1);
}

TEST_F(FlowUdptlTest, KeepsABoundedNumberOfPacketsThatMayBeIt) {
  for (uint16_t port = 10000; port < 11000; ++port) {
    FlowKey flow = flow_;
    flow.source.port = port;
    SendFax(flow, 0, 1);
  }
  EXPECT_EQ(Count(FlowDiscard::kUdptlUnconfirmed), 1000 - 256);
}

}  // namespace
}  // namespace callbraid::sensor
