#include "collector/quality/stream_quality.h"

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1000 * kMs;
constexpr int64_t kStart = 1'700'000'000 * kSecond;

std::vector<QualityPacket> Speech(int count) {
  std::vector<QualityPacket> packets;
  for (int i = 0; i < count; ++i) {
    QualityPacket packet;
    packet.time_ns = kStart + i * 20 * kMs;
    packet.sequence = static_cast<uint16_t>(65'000 + i);
    packet.timestamp = static_cast<uint32_t>(160 * i);
    packet.clock_rate = 8000;
    packet.codec = "PCMU";
    packet.payload_bytes = 160;
    packets.push_back(packet);
  }
  return packets;
}

std::unique_ptr<StreamQuality> Measure(
    const std::vector<QualityPacket>& packets, size_t max_slices = 2000) {
  auto quality = std::make_unique<StreamQuality>(kStart, max_slices);
  for (const QualityPacket& packet : packets) quality->Add(packet);
  quality->Finish();
  return quality;
}

TEST(StreamQuality, OfACleanStreamIsClean) {
  const auto quality = Measure(Speech(1000));
  const QualityCounts& total = quality->total();
  EXPECT_EQ(total.expected, 1000u);
  EXPECT_EQ(total.lost, 0u);
  EXPECT_EQ(total.discarded, 0u);
  EXPECT_EQ(total.reordered, 0u);
  EXPECT_EQ(total.duplicates, 0u);
  EXPECT_EQ(total.measured, 1000u);
  EXPECT_EQ(total.max_jitter_ns, 0);
  EXPECT_EQ(total.delay_variation_p95_ns, 0);
  EXPECT_EQ(total.burst_gap.gaps, 1u);
  EXPECT_EQ(quality->slices().slices().size(), 4u);
  const CodecUse& codec = quality->codecs()[quality->main_codec()];
  EXPECT_EQ(codec.name, "PCMU");
  EXPECT_EQ(codec.interval_ns.value(), 20 * kMs);
  EXPECT_EQ(codec.bits_per_second(), 64'000);
}

TEST(StreamQuality, CountsWhatIsLostTwiceAndOutOfOrder) {
  auto packets = Speech(1000);
  packets.insert(packets.begin() + 700, packets[699]);
  std::swap(packets[500], packets[501]);
  packets[500].time_ns = packets[501].time_ns;
  packets.erase(packets.begin() + 100, packets.begin() + 103);
  const auto quality = Measure(packets);
  EXPECT_EQ(quality->total().expected, 1000u);
  EXPECT_EQ(quality->total().lost, 3u);
  EXPECT_EQ(quality->total().duplicates, 1u);
  EXPECT_EQ(quality->total().reordered, 1u);
  EXPECT_EQ(quality->total().burst_gap.bursts, 1u);
  EXPECT_EQ(quality->total().burst_gap.burst_packets, 3u);
  EXPECT_EQ(quality->total().burst_gap.runs, 1u);
}

// 95 % of packets are slower than the fastest by no more than this.
TEST(StreamQuality, TellsHowDelaysVary) {
  auto packets = Speech(1000);
  for (size_t i = 0; i < packets.size(); ++i) {
    packets[i].time_ns += static_cast<int64_t>(i % 20) * kMs;
  }
  std::stable_sort(
      packets.begin(), packets.end(),
      [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
  const auto quality = Measure(packets);
  EXPECT_NEAR(static_cast<double>(quality->total().delay_variation_p95_ns),
              18.5 * kMs, 1.0 * kMs);
  for (const QualitySlice& slice : quality->slices().slices()) {
    EXPECT_NEAR(static_cast<double>(slice.counts.delay_variation_p95_ns),
                18.5 * kMs, 1.0 * kMs);
  }
  EXPECT_EQ(quality->total().discarded, 0u);
}

TEST(StreamQuality, SlicesAddUpToTheWhole) {
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    auto packets = Speech(3000);
    std::vector<QualityPacket> arrived;
    for (QualityPacket& packet : packets) {
      if (random() % 30 == 0) continue;
      packet.time_ns += static_cast<int64_t>(random() % 90) * kMs;
      arrived.push_back(packet);
      if (random() % 50 == 0) arrived.push_back(packet);
    }
    std::stable_sort(
        arrived.begin(), arrived.end(),
        [](const auto& a, const auto& b) { return a.time_ns < b.time_ns; });
    const auto quality = Measure(arrived);
    QualityCounts sum;
    for (const QualitySlice& slice : quality->slices().slices()) {
      sum += slice.counts;
    }
    EXPECT_EQ(sum.expected, quality->total().expected);
    EXPECT_EQ(sum.lost, quality->total().lost);
    EXPECT_EQ(sum.discarded, quality->total().discarded);
    EXPECT_EQ(sum.reordered, quality->total().reordered);
    EXPECT_EQ(sum.duplicates, quality->total().duplicates);
    EXPECT_EQ(sum.measured, quality->total().measured);
    EXPECT_EQ(sum.burst_gap.burst_packets + sum.burst_gap.gap_packets,
              sum.expected);
    EXPECT_GT(sum.discarded, 0u);
  }
}

TEST(StreamQuality, ALossIsInTheSliceThatItHappenedIn) {
  auto packets = Speech(1000);
  packets.erase(packets.begin() + 600, packets.begin() + 610);
  const auto quality = Measure(packets);
  for (const QualitySlice& slice : quality->slices().slices()) {
    EXPECT_EQ(slice.counts.lost, slice.index == 2 ? 10u : 0u) << slice.index;
  }
}

TEST(StreamQuality, ManySlicesBecomeLongerOnes) {
  const auto packets = Speech(6000);
  const auto fine = Measure(packets);
  const auto coarse = Measure(packets, 5);
  EXPECT_EQ(fine->slices().slices().size(), 24u);
  EXPECT_EQ(fine->slices().length_ns(), 5 * kSecond);
  EXPECT_LE(coarse->slices().slices().size(), 5u);
  EXPECT_EQ(coarse->slices().length_ns(), 40 * kSecond);
  EXPECT_EQ(coarse->total().expected, fine->total().expected);
  uint64_t expected = 0;
  for (const QualitySlice& slice : coarse->slices().slices()) {
    expected += slice.counts.expected;
  }
  EXPECT_EQ(expected, 6000u);
}

TEST(StreamQuality, AnHourOfSilenceHasNoSlices) {
  auto packets = Speech(500);
  for (size_t i = 250; i < 500; ++i) packets[i].time_ns += 3600 * kSecond;
  const auto quality = Measure(packets);
  EXPECT_EQ(quality->slices().slices().size(), 2u);
  EXPECT_EQ(quality->total().lost, 0u);
  EXPECT_EQ(quality->total().discarded, 0u);
}

TEST(StreamQuality, KeysAreNoDelay) {
  auto packets = Speech(1000);
  for (size_t i = 500; i < 550; ++i) {
    packets[i].timestamp = packets[500].timestamp;
    packets[i].clock_rate = 0;
    packets[i].codec = "";
  }
  const auto quality = Measure(packets);
  EXPECT_EQ(quality->total().max_jitter_ns, 0);
  EXPECT_EQ(quality->total().discarded, 0u);
  EXPECT_EQ(quality->total().lost, 0u);
  EXPECT_EQ(quality->codecs()[0].packets, 950u);
}

TEST(StreamQuality, TellsWhichCodecMostPacketsHave) {
  auto packets = Speech(1000);
  for (size_t i = 300; i < 1000; ++i) {
    packets[i].codec = "G729";
    packets[i].payload_bytes = 20;
  }
  const auto quality = Measure(packets);
  ASSERT_EQ(quality->codecs().size(), 2u);
  EXPECT_EQ(quality->codecs()[quality->main_codec()].name, "G729");
  EXPECT_EQ(quality->codecs()[1].bits_per_second(), 8000);
  EXPECT_EQ(quality->slices().slices().front().codec, 0u);
  EXPECT_EQ(quality->slices().slices().back().codec, 1u);
}

// Whatever comes: no more memory than the slices.
TEST(StreamQuality, NoiseIsSurvived) {
  std::mt19937_64 random(11);
  StreamQuality quality(kStart, 50);
  for (int i = 0; i < 100'000; ++i) {
    QualityPacket packet;
    packet.time_ns = static_cast<int64_t>(random() >> 2);
    packet.sequence = static_cast<uint16_t>(random());
    packet.timestamp = static_cast<uint32_t>(random());
    packet.clock_rate = random() % 2 == 0 ? 8000 : 48'000;
    packet.codec = random() % 2 == 0 ? "PCMU" : "";
    quality.Add(packet);
  }
  quality.Finish();
  EXPECT_LE(quality.slices().slices().size(), 50u);
  EXPECT_LE(quality.total().lost, quality.total().expected);
}

}  // namespace
}  // namespace callbraid::collector
