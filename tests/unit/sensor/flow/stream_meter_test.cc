#include "sensor/flow/stream_meter.h"

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

v1::StreamStatistics StatisticsOf(const StreamMeter& meter) {
  v1::StreamStatistics statistics;
  meter.Fill(statistics);
  return statistics;
}

TEST(StreamMeter, MeasuresNoJitterWherePacketsKeepTheirTime) {
  StreamMeter meter;
  meter.Start(0, Packet(0, 0));
  meter.set_clock_rate(8000);
  for (uint16_t i = 1; i < 100; ++i) {
    meter.Add(i * 20 * kMs, Packet(i, i * 160u));
  }
  EXPECT_EQ(StatisticsOf(meter).max_jitter_us(), 0u);
  EXPECT_EQ(StatisticsOf(meter).max_gap_us(), 20'000u);
  EXPECT_EQ(StatisticsOf(meter).packets(), 100u);
}

// RFC 3550, section 6.4.1: J += (|D| - J) / 16, here with |D| of 16 ms once.
TEST(StreamMeter, MeasuresJitterAsTheRfcSays) {
  StreamMeter meter;
  meter.Start(0, Packet(0, 0));
  meter.set_clock_rate(8000);
  meter.Add(36 * kMs, Packet(1, 160));
  EXPECT_EQ(StatisticsOf(meter).jitter_us(), 1000u);
  meter.Add(56 * kMs, Packet(2, 320));
  EXPECT_EQ(StatisticsOf(meter).jitter_us(), 937u);
  EXPECT_EQ(StatisticsOf(meter).max_jitter_us(), 1000u);
}

TEST(StreamMeter, MeasuresNoJitterWithoutAClock) {
  StreamMeter meter;
  meter.Start(0, Packet(0, 0, 99));
  meter.set_clock_rate(0);
  meter.Add(500 * kMs, Packet(1, 160, 99));
  EXPECT_EQ(StatisticsOf(meter).max_jitter_us(), 0u);
}

TEST(StreamMeter, TakesATimestampThatStandsStillForNoJitter) {
  StreamMeter meter;
  meter.Start(0, Packet(0, 800, 101));
  meter.set_clock_rate(8000);
  for (uint16_t i = 1; i < 10; ++i) {
    meter.Add(i * 20 * kMs, Packet(i, 800, 101));
  }
  EXPECT_EQ(StatisticsOf(meter).max_jitter_us(), 0u);
}

TEST(StreamMeter, TakesATimestampThatJumpsForNoJitter) {
  StreamMeter meter;
  meter.Start(0, Packet(0, 0));
  meter.set_clock_rate(8000);
  meter.Add(20 * kMs, Packet(1, 4'000'000'000));
  EXPECT_EQ(StatisticsOf(meter).max_jitter_us(), 0u);
}

TEST(StreamMeter, AsksForTheClockOfANewPayloadType) {
  StreamMeter meter;
  meter.Start(0, Packet(0, 0, 0));
  EXPECT_TRUE(meter.payload_type_changed());
  meter.set_clock_rate(8000);
  EXPECT_FALSE(meter.payload_type_changed());
  meter.Add(20 * kMs, Packet(1, 160, 101));
  EXPECT_TRUE(meter.payload_type_changed());
  EXPECT_EQ(meter.payload_type(), 101);
}

TEST(StreamMeter, CountsLossDuplicatesAndCopiesApart) {
  StreamMeter meter;
  meter.Start(0, Packet(100, 0));
  meter.Add(20 * kMs, Packet(103, 480));
  meter.Add(21 * kMs, Packet(103, 480));
  meter.Add(22 * kMs, Packet(101, 160));
  meter.AddMirrorCopy();
  EXPECT_FALSE(meter.Add(40 * kMs, Packet(30'000, 0)));
  const auto statistics = StatisticsOf(meter);
  EXPECT_EQ(statistics.packets(), 4u);
  EXPECT_EQ(statistics.expected(), 4u);
  EXPECT_EQ(statistics.lost(), 1u);
  EXPECT_EQ(statistics.duplicates(), 1u);
  EXPECT_EQ(statistics.reordered(), 1u);
  EXPECT_EQ(statistics.mirror_copies(), 1u);
}

}  // namespace
}  // namespace callbraid::sensor
