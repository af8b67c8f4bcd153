#include "sensor/flow/rtp_evidence.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kMs = 1'000'000;

RtpPacket Packet(uint16_t sequence, uint32_t timestamp, uint8_t type = 0) {
  RtpPacket packet;
  packet.sequence = sequence;
  packet.timestamp = timestamp;
  packet.payload_type = type;
  return packet;
}

TEST(RtpEvidence, GivesEightPointsToFivePerfectPackets) {
  RtpEvidence evidence;
  for (uint16_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(evidence.Add(i * 20 * kMs, Packet(i, i * 160u)));
    EXPECT_EQ(evidence.score(), 2 * i);
  }
}

TEST(RtpEvidence, FollowsTheWrapOfSequenceAndTimestamp) {
  RtpEvidence evidence;
  for (uint32_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(evidence.Add(
        i * 20 * kMs,
        Packet(static_cast<uint16_t>(65'534 + i), 0xffffff00 + i * 160)));
  }
  EXPECT_EQ(evidence.score(), 8);
}

TEST(RtpEvidence, AcceptsGapsThatTheTimestampsExplain) {
  RtpEvidence evidence;
  uint16_t sequence = 0;
  for (const uint16_t step : {0, 3, 1, 20, 2, 5, 4}) {
    sequence = static_cast<uint16_t>(sequence + step);
    EXPECT_TRUE(
        evidence.Add(sequence * 20 * kMs, Packet(sequence, sequence * 160u)));
  }
  EXPECT_GE(evidence.score(), 8);
}

// The same 16 bits over and over are no sequence numbers (NetBIOS, DNS).
TEST(RtpEvidence, RejectsASequenceThatStandsStill) {
  RtpEvidence evidence;
  int accepted = 0;
  while (evidence.Add(accepted * 20 * kMs, Packet(0x0110, 0x10000))) {
    ASSERT_LT(++accepted, 10);
  }
  EXPECT_EQ(evidence.score(), 0);
}

TEST(RtpEvidence, RejectsARepeatedSequenceNumberWithAnotherTimestamp) {
  RtpEvidence evidence;
  EXPECT_TRUE(evidence.Add(0, Packet(1, 1000)));
  EXPECT_FALSE(evidence.Add(kMs, Packet(1, 1001)));
}

TEST(RtpEvidence, RejectsASequenceThatLeaps) {
  RtpEvidence evidence;
  EXPECT_TRUE(evidence.Add(0, Packet(1, 1000)));
  EXPECT_FALSE(evidence.Add(20 * kMs, Packet(66, 11'400)));
}

TEST(RtpEvidence, RejectsTimestampsThatFollowNoClock) {
  RtpEvidence evidence;
  uint32_t random = 12'345;
  int accepted = 0;
  for (uint16_t i = 0; i < 10; ++i) {
    random = random * 1'664'525 + 1'013'904'223;
    if (!evidence.Add(i * 20 * kMs, Packet(i, random))) break;
    ++accepted;
  }
  EXPECT_LE(accepted, 3);
  EXPECT_LT(evidence.score(), 2);
}

// RFC 4733: one timestamp for the whole event, its duration grows; the end is
// sent three times.
TEST(RtpEvidence, AcceptsATelephoneEvent) {
  RtpEvidence evidence;
  for (uint16_t i = 0; i < 8; ++i) {
    const std::array<uint8_t, 4> event = {
        5, static_cast<uint8_t>(i >= 5 ? 0x8a : 0x0a), 0,
        static_cast<uint8_t>(160 / 8 * std::min<int>(i, 5))};
    RtpPacket packet = Packet(std::min<uint16_t>(i, 5), 4000, 101);
    packet.payload = event;
    EXPECT_TRUE(evidence.Add(i * 20 * kMs, packet)) << i;
  }
  EXPECT_GE(evidence.score(), 8);
}

TEST(RtpEvidence, GivesLittleForManyPacketsOfOneInstant) {
  RtpEvidence evidence;
  for (uint16_t i = 0; i < 8; ++i) evidence.Add(0, Packet(i, 777, 96));
  EXPECT_LT(evidence.score(), 8);
  for (uint16_t i = 8; i < 25; ++i) evidence.Add(0, Packet(i, 777, 96));
  EXPECT_GE(evidence.score(), 8);
}

TEST(RtpEvidence, AllowsComfortNoiseBetweenAudio) {
  RtpEvidence evidence;
  EXPECT_TRUE(evidence.Add(0, Packet(0, 0)));
  EXPECT_TRUE(evidence.Add(20 * kMs, Packet(1, 160)));
  EXPECT_TRUE(evidence.Add(40 * kMs, Packet(2, 320, 13)));
  EXPECT_TRUE(evidence.Add(900 * kMs, Packet(3, 7200)));
  EXPECT_TRUE(evidence.Add(920 * kMs, Packet(4, 7360)));
}

TEST(RtpEvidence, RejectsPayloadTypesThatKeepChanging) {
  RtpEvidence evidence;
  int accepted = 0;
  for (uint16_t i = 0; i < 10; ++i) {
    const auto type = static_cast<uint8_t>(96 + i);
    if (!evidence.Add(i * 20 * kMs, Packet(i, i * 160u, type))) break;
    ++accepted;
  }
  EXPECT_LT(accepted, 6);
}

TEST(RtpEvidence, AllowsPacketsOutOfOrder) {
  RtpEvidence evidence;
  for (const uint16_t i : {0, 2, 1, 3, 4, 5, 6}) {
    EXPECT_TRUE(evidence.Add(i * 20 * kMs, Packet(i, i * 160u)));
  }
  EXPECT_GE(evidence.score(), 8);
}

}  // namespace
}  // namespace callbraid::sensor
