#include "collector/quality/receiver_view.h"

#include <string>
#include <vector>

#include "collector/store/observation_identity.h"
#include "common/bytes/byte_writer.h"
#include "common/net/endpoint.h"
#include "gtest/gtest.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kStart = 1'700'000'000'000 * kMs;
constexpr int64_t kLengthNs = 4'000'000 * kMs;

// NTP time, its middle 32 bits, of the sender's own clock.
uint32_t Ntp(double seconds) { return static_cast<uint32_t>(seconds * 65536); }

// A sender report, or a receiver report where it does not send, of `ssrc`; if
// it heard that of `of`, it says so.
std::string Report(uint32_t ssrc, uint32_t at, uint32_t of = 0,
                   uint32_t heard = 0, double held_s = 0) {
  std::string packet;
  ByteWriter out(packet);
  out.U8(of != 0 ? 0x81 : 0x80);
  out.U8(200);
  out.U16(of != 0 ? 12 : 6);
  out.U32(ssrc);
  out.U32(at >> 16);
  out.U32(at << 16);
  for (int i = 0; i < 3; ++i) out.U32(0);
  if (of == 0) return packet;
  out.U32(of);
  for (int i = 0; i < 3; ++i) out.U32(0);
  out.U32(heard);
  out.U32(Ntp(held_s));
  return packet;
}

std::string Metrics(uint32_t reporter, uint32_t ssrc, uint8_t loss,
                    uint16_t round_trip_ms, uint8_t mos) {
  std::string packet;
  ByteWriter out(packet);
  out.U8(0x80);
  out.U8(201);
  out.U16(1);
  out.U32(reporter);
  out.U8(0x80);
  out.U8(207);
  out.U16(10);
  out.U32(reporter);
  out.U8(7);
  out.U8(0);
  out.U16(8);
  out.U32(ssrc);
  out.U32(uint32_t{loss} << 24);
  out.U32(0);
  out.U16(round_trip_ms);
  out.U16(0);
  out.U32(0);
  out.U8(127);
  out.U8(127);
  out.U8(mos);
  out.U8(127);
  out.U32(0);
  out.U32(0);
  return packet;
}

// A call between two parties, SSRC 1 and 2, and their RTCP at capture points.
class ReceiverViewTest : public testing::Test {
 protected:
  void Sent(const std::string& sensor, uint32_t ssrc, int64_t after_ns,
            const std::string& packet) {
    const Endpoint a = {*IpAddress::Parse("10.0.0.1"), 4000};
    const Endpoint b = {*IpAddress::Parse("10.0.0.2"), 4000};
    const FlowKey flow = ssrc == 1 ? FlowKey{a, b} : FlowKey{b, a};
    CommitGroup group;
    ObservationUpsert& upsert = group.observations.emplace_back();
    upsert.id = RtpObservationId({sensor, "span0"}, flow, ssrc, kStart);
    store::v1::Observation& seen = upsert.observation.emplace();
    seen.set_id(std::string(upsert.id.bytes()));
    seen.set_sensor(sensor);
    seen.set_capture_point("span0");
    seen.set_first_time_ns(kStart);
    *seen.mutable_rtp()->mutable_source() = ToProto(flow.source);
    *seen.mutable_rtp()->mutable_destination() = ToProto(flow.destination);
    seen.mutable_rtp()->set_ssrc(ssrc);
    upsert.tally.emplace().set_last_time_ns(kStart + kLengthNs);
    record_.add_members(std::string(upsert.id.bytes()));
    v1::CallFrame frame;
    frame.mutable_rtcp()->set_packet(packet);
    group.frames.push_back({RtcpFramesId({sensor, "span0"}, flow, ssrc),
                            kStart + after_ns, 0, frame.SerializeAsString()});
    ASSERT_TRUE(store_.Commit(group).ok());
  }

  ReceiverView Read() {
    auto view = ReceiverView::Read(store_, record_);
    EXPECT_TRUE(view.ok()) << view.status();
    return view.ok() ? *std::move(view) : ReceiverView();
  }

  MemoryStore store_;
  store::v1::CallRecord record_;
};

TEST_F(ReceiverViewTest, TellsTheLastOfEachReceiver) {
  Sent("s1", 2, 5000 * kMs, Metrics(2, 1, 64, 0, 38));
  Sent("s1", 2, 10'000 * kMs, Metrics(2, 1, 128, 84, 127));
  const ReceiverView view = Read();
  const auto told = view.MetricsOf(1);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].reporter(), 2u);
  EXPECT_EQ(told[0].reports(), 2u);
  EXPECT_EQ(told[0].loss_rate(), 0.5);
  EXPECT_FALSE(told[0].has_r_factor());
  EXPECT_FALSE(told[0].has_mos_lq());
  EXPECT_EQ(view.ReportedRoundTripMs(1), 84);
  EXPECT_TRUE(view.MetricsOf(2).empty());
  EXPECT_FALSE(view.ReportedRoundTripMs(2));
}

// 30 ms from the capture point to 2 and back, 50 ms to 1 and back.
TEST_F(ReceiverViewTest, AddsUpTheRoundTripsToEitherParty) {
  Sent("s1", 1, 1000 * kMs, Report(1, Ntp(77)));
  Sent("s1", 2, 3030 * kMs, Report(2, Ntp(5), 1, Ntp(77), 2));
  const ReceiverView half = Read();
  EXPECT_FALSE(half.MeasuredRoundTripMs(1)) << "only one way is known";
  Sent("s1", 1, 4080 * kMs, Report(1, Ntp(80), 2, Ntp(5), 1));
  const ReceiverView view = Read();
  ASSERT_TRUE(view.MeasuredRoundTripMs(1));
  EXPECT_NEAR(*view.MeasuredRoundTripMs(1), 80, 0.1);
  EXPECT_NEAR(*view.MeasuredRoundTripMs(2), 80, 0.1);
}

// The clocks of two capture points have nothing to do with each other.
TEST_F(ReceiverViewTest, ComparesTimesOfOneCapturePointOnly) {
  Sent("s1", 1, 1000 * kMs, Report(1, Ntp(77)));
  Sent("s2", 2, 3030 * kMs, Report(2, Ntp(5), 1, Ntp(77), 2));
  Sent("s2", 1, 4080 * kMs, Report(1, Ntp(80), 2, Ntp(5), 1));
  EXPECT_FALSE(Read().MeasuredRoundTripMs(1));
}

TEST_F(ReceiverViewTest, WhatCannotBeIsNoRoundTrip) {
  Sent("s1", 1, 1000 * kMs, Report(1, Ntp(77)));
  // Answered before it was sent, and after an hour.
  Sent("s1", 2, 1500 * kMs, Report(2, Ntp(5), 1, Ntp(77), 2));
  Sent("s1", 1, kLengthNs, Report(1, Ntp(80), 2, Ntp(5), 1));
  EXPECT_FALSE(Read().MeasuredRoundTripMs(1));
}

}  // namespace
}  // namespace callbraid::collector
