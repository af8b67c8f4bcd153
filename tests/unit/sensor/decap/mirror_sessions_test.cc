#include "sensor/decap/mirror_sessions.h"

#include <pcap/dlt.h>

#include <cstdint>
#include <memory>
#include <string>

#include "callbraid/v1/config.pb.h"
#include "gtest/gtest.h"
#include "sensor/decap/decapsulate.h"
#include "tests/fakes/datagram_recorder.h"
#include "tests/fakes/packet_builder.h"
#include "tests/fakes/tunnels.h"

namespace callbraid::sensor {
namespace {

using fakes::Bytes;
namespace tunnels = fakes::tunnels;
using tunnels::operator+;

constexpr int64_t kStart = 1'700'000'000'000'000'000;
constexpr int64_t kMicrosecond = 1000;

Tunnel Erspan(uint32_t id) {
  Tunnel tunnel;
  tunnel.kind = v1::TUNNEL_KIND_ERSPAN;
  tunnel.id = id;
  return tunnel;
}

TEST(MirrorSessions, AreOfASenderAndAnIdInTheOrderOfTheirFirstFrames) {
  const IpAddress core = *IpAddress::Parse("10.0.0.1");
  const IpAddress branch = *IpAddress::Parse("2001:db8::7");
  MirrorSessions sessions;
  EXPECT_EQ(sessions.NumberOf(core, Erspan(10)), 1);
  EXPECT_EQ(sessions.NumberOf(branch, Erspan(10)), 2);
  EXPECT_EQ(sessions.NumberOf(core, Erspan(11)), 3);
  EXPECT_EQ(sessions.NumberOf(core, Erspan(10)), 1);
  Tunnel gre = Erspan(12);
  gre.kind = v1::TUNNEL_KIND_GRE;
  EXPECT_EQ(sessions.NumberOf(core, gre), MirrorSessions::kNone);
  EXPECT_EQ(sessions.size(), 3u);
}

TEST(MirrorSessions, AreBounded) {
  const IpAddress core = *IpAddress::Parse("10.0.0.1");
  MirrorSessions sessions;
  for (uint32_t id = 0; id < 1000; ++id) {
    const bool has_room = id < MirrorSessions::kMaxSessions;
    EXPECT_EQ(sessions.NumberOf(core, Erspan(id)),
              has_room ? id + 1 : MirrorSessions::kNone);
  }
  EXPECT_EQ(sessions.size(), MirrorSessions::kMaxSessions);
  EXPECT_EQ(sessions.NumberOf(core, Erspan(0)), 1);
}

// Type II, as it comes of a session.
Bytes FromSession(uint8_t id, const Bytes& frame) {
  Bytes header = tunnels::kErspan2;
  header[11] = id;
  return tunnels::InIp(47, header + frame);
}

// The same from another switch.
Bytes FromOtherSwitch(Bytes frame) {
  frame[14 + 15] = 77;
  return frame;
}

class DecapsulatorOfSessionsTest : public testing::Test {
 protected:
  void Feed(int64_t time_ns, const Bytes& frame) {
    decapsulator_->OnPacket(
        {.time_ns = time_ns,
         .link_type = DLT_EN10MB,
         .bytes = frame,
         .wire_length = static_cast<uint32_t>(frame.size())});
  }
  uint64_t Seconds() const {
    return decapsulator_->counters().Get(Discard::kOtherMirrorSession);
  }
  uint64_t Copies() const { return decapsulator_->counters().mirror_copies; }

  v1::CaptureConfig config_;
  fakes::DatagramRecorder sink_;
  std::unique_ptr<Decapsulator> decapsulator_ =
      std::make_unique<Decapsulator>(config_, sink_);
};

TEST_F(DecapsulatorOfSessionsTest, CallsASecondSightNoCopyOfTheMirror) {
  const Bytes seen = FromSession(10, tunnels::Frame());
  Feed(kStart, seen);
  Feed(kStart + 50 * kMicrosecond, FromOtherSwitch(seen));
  Feed(kStart + 60 * kMicrosecond, FromSession(11, tunnels::Frame()));
  EXPECT_EQ(sink_.datagrams.size(), 1u);
  EXPECT_EQ(sink_.copies.size(), 0u);
  EXPECT_EQ(Seconds(), 2u);
  EXPECT_EQ(Copies(), 0u);
  // What one of them shows twice is one.
  Feed(kStart + 70 * kMicrosecond, FromOtherSwitch(seen));
  EXPECT_EQ(sink_.copies.size(), 1u);
  EXPECT_EQ(Seconds(), 2u);
  EXPECT_EQ(Copies(), 1u);
}

TEST_F(DecapsulatorOfSessionsTest, TakesFromEachWhatTheOthersHaveNot) {
  const auto frame = [](uint16_t sequence) {
    return tunnels::Voice()
        .Payload(fakes::Rtp{.sequence = sequence}.Build())
        .Ethernet();
  };
  Feed(kStart, FromSession(10, frame(1)));
  Feed(kStart + 20'000 * kMicrosecond, FromSession(11, frame(2)));
  EXPECT_EQ(sink_.datagrams.size(), 2u);
  EXPECT_EQ(Seconds(), 0u);
}

TEST_F(DecapsulatorOfSessionsTest, CountsFragmentsAlike) {
  const auto fragments =
      tunnels::Voice().Payload(std::string(3000, 'x')).Fragments(1400);
  for (const uint8_t session : {10, 11}) {
    for (const Bytes& fragment : fragments) {
      Feed(kStart + session * kMicrosecond, FromSession(session, fragment));
    }
  }
  EXPECT_EQ(sink_.datagrams.size(), 1u);
  EXPECT_EQ(Seconds(), fragments.size());
  EXPECT_EQ(Copies(), 0u);
}

// Who names mirrors says what is of one.
TEST_F(DecapsulatorOfSessionsTest, LeavesItToTheMirrorsThatAreNamed) {
  v1::MirrorConfig& mirror = *config_.add_mirrors();
  mirror.set_name("core");
  mirror.set_sender("10.9.9.1");
  decapsulator_ = std::make_unique<Decapsulator>(config_, sink_);
  Feed(kStart, FromSession(10, tunnels::Frame()));
  Feed(kStart + 50 * kMicrosecond, FromSession(11, tunnels::Frame()));
  EXPECT_EQ(Copies(), 1u);
  EXPECT_EQ(Seconds(), 0u);
}

// Only the outermost tunnel is the mirror's.
TEST_F(DecapsulatorOfSessionsTest, GoesByTheOutermostTunnel) {
  Feed(kStart, FromSession(10, FromSession(1, tunnels::Frame())));
  Feed(kStart + 50 * kMicrosecond,
       FromSession(10, FromSession(2, tunnels::Frame())));
  EXPECT_EQ(Copies(), 1u);
  EXPECT_EQ(Seconds(), 0u);
}

}  // namespace
}  // namespace callbraid::sensor
