#include "collector/quality/call_quality.h"

#include <algorithm>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

using ::testing::SizeIs;

// Best MOS: without loss or delay, R is 93.2 less Ie.
constexpr double kBestG711 = 4.41;

// Speech of `count` packets with a codec that is not decoded for it.
Packets WithType(int count, uint8_t type, size_t bytes) {
  Packets packets = Speech(count);
  for (SentPacket& packet : packets) {
    packet.type = type;
    packet.payload.resize(bytes);
  }
  return packets;
}

// Loses packets at random, in runs of `mean_run` on average (Gilbert's model:
// 1 is each by itself). The first and the last stay.
Packets Lossy(const Packets& packets, double share, double mean_run,
              uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  // At random, runs are longer than 1 as chance has it.
  const double stay = mean_run > 1 ? 1 - 1 / mean_run : share;
  const double begin = mean_run > 1 ? share * (1 - stay) / (1 - share) : share;
  Packets left;
  bool losing = false;
  for (size_t i = 0; i < packets.size(); ++i) {
    losing = uniform(random) < (losing ? stay : begin);
    if (!losing || i == 0 || i + 1 == packets.size()) {
      left.push_back(packets[i]);
    }
  }
  return left;
}

class CallQualityTest : public testing::Test {
 protected:
  v1::GetQualityResponse Read(const v1::GetQualityRequest& request = {}) {
    const auto response = ReadQuality(call_.store(), call_.record(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::GetQualityResponse();
  }
  v1::StreamQuality ReadOne(const v1::GetQualityRequest& request = {}) {
    const auto response = Read(request);
    EXPECT_THAT(response.streams(), SizeIs(1));
    return response.streams_size() == 1 ? response.streams(0)
                                        : v1::StreamQuality();
  }

  RecordedCall call_;
};

v1::StreamQuality QualityOf(const Packets& packets,
                            const v1::GetQualityRequest& request = {}) {
  RecordedCall call;
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB), "s1", packets);
  const auto response = ReadQuality(call.store(), call.record(), request);
  EXPECT_TRUE(response.ok()) << response.status();
  return response->streams(0);
}

TEST_F(CallQualityTest, WithoutLossIsTheBestOfTheCodec) {
  const auto g711 = QualityOf(WithType(500, 0, 160));
  EXPECT_EQ(g711.side(), v1::SIDE_CALLER);
  EXPECT_EQ(g711.codec().name(), "PCMU");
  EXPECT_FALSE(g711.codec().provisional());
  EXPECT_NEAR(g711.rating().r_listening(), 93.2, 0.05);
  EXPECT_NEAR(g711.rating().mos_listening(), kBestG711, 0.005);
  EXPECT_NEAR(g711.rating().worst_mos_listening(), kBestG711, 0.005);
  EXPECT_FALSE(g711.rating().has_mos_conversation());
  EXPECT_EQ(g711.packets().expected(), 500u);
  EXPECT_EQ(g711.packets().lost(), 0u);
  EXPECT_EQ(g711.packets().burst_ratio(), 1);
  EXPECT_TRUE(g711.packets().has_duplicates());

  const auto g729 = QualityOf(WithType(500, 18, 20));
  EXPECT_EQ(g729.codec().name(), "G729");
  EXPECT_NEAR(g729.rating().r_listening(), 93.2 - 11, 0.05);
  const auto gsm = QualityOf(WithType(500, 3, 33));
  EXPECT_TRUE(gsm.codec().provisional());
  EXPECT_NEAR(gsm.rating().r_listening(), 93.2 - 20, 0.05);
  const auto g722 = QualityOf(WithType(500, 9, 160));
  EXPECT_TRUE(g722.codec().wideband());
  EXPECT_NEAR(g722.rating().r_listening(), 129 - 0.15 - 13, 0.05);
}

TEST_F(CallQualityTest, OfUnknownCodecsThereAreFiguresAndNoRating) {
  const auto told = QualityOf(WithType(500, 111, 50));
  EXPECT_EQ(told.packets().expected(), 500u);
  EXPECT_FALSE(told.has_rating());
}

TEST_F(CallQualityTest, TellsLossBurstsAndSlices) {
  Packets packets = Speech(1000);
  packets.erase(packets.begin() + 700, packets.begin() + 710);
  packets.erase(packets.begin() + 300);
  v1::GetQualityRequest request;
  request.set_with_slices(true);
  const auto told = QualityOf(packets, request);
  EXPECT_EQ(told.packets().expected(), 1000u);
  EXPECT_EQ(told.packets().lost(), 11u);
  EXPECT_EQ(told.packets().burst_gap().bursts(), 1u);
  EXPECT_EQ(told.packets().burst_gap().burst_density(), 1);
  EXPECT_EQ(told.packets().burst_gap().burst_duration_ms(), 200);
  EXPECT_NEAR(told.packets().burst_gap().gap_density(), 1.0 / 990, 1e-9);
  EXPECT_EQ(told.packets().burst_gap().gap_duration_ms(), 990 * 20 / 2);
  EXPECT_NEAR(told.packets().burst_ratio(), 5.5 * 0.989, 1e-9);
  ASSERT_EQ(told.slices_size(), 4);
  EXPECT_EQ(told.slice_length().seconds(), 5);
  EXPECT_EQ(told.slices(1).packets().lost(), 1u);
  EXPECT_EQ(told.slices(2).packets().lost(), 10u);
  EXPECT_NEAR(told.slices(0).rating().mos_listening(), kBestG711, 0.005);
  EXPECT_EQ(told.rating().worst_mos_listening(),
            told.slices(2).rating().mos_listening());
  EXPECT_LT(told.rating().worst_mos_listening(), told.rating().mos_listening());
  EXPECT_EQ(QualityOf(packets).slices_size(), 0);
}

TEST_F(CallQualityTest, SilenceInPlaceOfLossesIsWorse) {
  const Packets packets = Lossy(Speech(2000), 0.02, 1, 1);
  v1::GetQualityRequest request;
  request.set_without_plc(true);
  EXPECT_LT(QualityOf(packets, request).rating().mos_listening(),
            QualityOf(packets).rating().mos_listening() - 0.5);
}

// What one capture point missed is not lost if another saw it.
TEST_F(CallQualityTest, TheUnionLosesWhatNobodySaw) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_CALLER, kA, kB);
  Packets near = Speech(1000);
  Packets far = near;
  for (SentPacket& packet : far) packet.time_ns += 3 * kMs;
  near.erase(near.begin() + 100, near.begin() + 120);
  near.erase(near.begin() + 500);
  far.erase(far.begin() + 110, far.begin() + 130);
  call_.Observe(stream, "s1", near);
  call_.Observe(stream, "s2", far);
  const auto told = ReadOne();
  EXPECT_EQ(told.packets().expected(), 1000u);
  EXPECT_EQ(told.packets().lost(), 10u);
  EXPECT_FALSE(told.packets().has_duplicates());
  ASSERT_EQ(told.observations_size(), 2);
  EXPECT_EQ(told.observations(0).sensor(), "s1");
  EXPECT_EQ(told.observations(0).packets().lost(), 21u);
  EXPECT_EQ(told.observations(1).packets().lost(), 20u);
  EXPECT_EQ(told.observations(1).packets().duplicates(), 0u);
}

// Neither which capture point is known first, nor which of two packets that
// came at the same time is, makes a difference.
TEST_F(CallQualityTest, DoesNotDependOnTheOrderOfObservations) {
  std::vector<std::string> told;
  for (const bool turned : {false, true}) {
    RecordedCall call;
    v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB);
    call.Observe(stream, "s1", Lossy(Speech(2000), 0.05, 2, 1));
    call.Observe(stream, "s2", Lossy(Speech(2000), 0.05, 2, 2));
    call.Observe(stream, "s3", Lossy(Speech(2000), 0.05, 2, 3));
    if (turned) {
      std::reverse(stream.mutable_observations()->begin(),
                   stream.mutable_observations()->end());
    }
    v1::GetQualityRequest request;
    request.set_with_slices(true);
    auto response = ReadQuality(call.store(), call.record(), request);
    ASSERT_TRUE(response.ok());
    auto& observations = *response->mutable_streams(0)->mutable_observations();
    std::sort(
        observations.begin(), observations.end(),
        [](const auto& a, const auto& b) { return a.sensor() < b.sensor(); });
    told.push_back(response->SerializeAsString());
  }
  EXPECT_EQ(told[0], told[1]);
}

// What only the further capture point lacks is lost between the two, and when
// is told.
TEST_F(CallQualityTest, TellsSlicesOfEachCapturePoint) {
  const Packets near = Speech(1000);
  Packets far = near;
  far.erase(far.begin() + 300, far.begin() + 310);
  RecordedCall call;
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB, "leg");
  call.Observe(stream, "s1", near);
  call.Observe(stream, "s2", far);
  v1::GetQualityRequest request;
  request.set_with_slices(true);
  const auto response = ReadQuality(call.store(), call.record(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  const v1::StreamQuality& told = response->streams(0);
  ASSERT_EQ(told.observations_size(), 2);
  for (const v1::ObservationQuality& seen : told.observations()) {
    ASSERT_EQ(seen.slices_size(), 4);
    EXPECT_EQ(seen.slice_length().seconds(), 5);
    EXPECT_EQ(seen.slices(1).packets().lost(),
              seen.sensor() == "s2" ? 10u : 0u);
    EXPECT_EQ(seen.slices(2).packets().lost(), 0u);
  }
  EXPECT_EQ(told.slices(1).packets().lost(), 0u);
  request.set_with_slices(false);
  EXPECT_EQ(ReadQuality(call.store(), call.record(), request)
                ->streams(0)
                .observations(0)
                .slices_size(),
            0);
}

// The same losses and more of them never sound better.
TEST_F(CallQualityTest, MosFallsWithLoss) {
  double before = 5;
  Packets packets = Speech(3000);
  for (int round = 0; round < 12; ++round) {
    const double mos = QualityOf(packets).rating().mos_listening();
    EXPECT_LT(mos, before) << round;
    before = mos;
    Packets fewer;
    for (size_t i = 0; i < packets.size(); ++i) {
      if (i % 37 != 5) fewer.push_back(packets[i]);
    }
    packets = std::move(fewer);
  }
}

TEST_F(CallQualityTest, WhatIsLostFurtherOnCounts) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_CALLER, kA, kB);
  call_.Observe(stream, "s1", Speech(1000));
  const double clean = ReadOne().rating().mos_listening();
  stream.add_hops()->set_network_lost(20);
  stream.mutable_reception()->set_lost_after(10);
  const auto told = ReadOne();
  EXPECT_EQ(told.packets().lost(), 0u);
  EXPECT_EQ(told.lost_further_on(), 30u);
  EXPECT_LT(told.rating().mos_listening(), clean - 0.1);
}

// The receiver reports that what the mirror dropped has arrived.
TEST_F(CallQualityTest, WhatOnlyTheCaptureMissedDoesNotCount) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_CALLER, kA, kB);
  Packets packets = Speech(1000);
  packets.erase(packets.begin() + 100, packets.begin() + 150);
  call_.Observe(stream, "s1", packets);
  stream.set_lost(50);
  stream.set_lost_before(50);
  const auto lost = ReadOne();
  EXPECT_EQ(lost.not_lost(), 0u);
  stream.set_lost_before(10);
  const auto told = ReadOne();
  EXPECT_EQ(told.packets().lost(), 50u);
  EXPECT_EQ(told.not_lost(), 40u);
  EXPECT_GT(told.rating().mos_listening(), lost.rating().mos_listening() + 0.3);
  // Of a call that is over, what the record does not count went elsewhere.
  stream.set_lost(0);
  stream.set_lost_before(0);
  EXPECT_EQ(ReadOne().not_lost(), 0u);
  call_.record().mutable_call()->mutable_end_time()->set_seconds(1);
  EXPECT_EQ(ReadOne().not_lost(), 50u);
}

TEST_F(CallQualityTest, ConversationCountsTheDelayThatIsKnown) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_CALLER, kA, kB);
  call_.Observe(stream, "s1", Speech(500));
  stream.add_hops()->set_delay_ms(150);
  stream.add_hops()->set_delay_ms(70);
  stream.add_hops();
  const auto told = ReadOne();
  EXPECT_EQ(told.one_way_delay_ms(), 220);
  EXPECT_EQ(told.delay_source(), v1::DELAY_SOURCE_HOPS);
  ASSERT_TRUE(told.rating().has_mos_conversation());
  EXPECT_LT(told.rating().mos_conversation(),
            told.rating().mos_listening() - 0.3);
}

// Headers are in clear.
TEST_F(CallQualityTest, MeasuresEncryptedStreams) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_CALLER, kA, kB);
  stream.set_encrypted(true);
  Packets packets = Speech(500);
  packets.erase(packets.begin() + 10);
  call_.Observe(stream, "s1", packets);
  const auto told = ReadOne();
  EXPECT_EQ(told.packets().lost(), 1u);
  EXPECT_TRUE(told.has_rating());
}

// The tag behind a payload is none of the codec's.
TEST_F(CallQualityTest, TellsTheModeOfAnEncryptedCodec) {
  call_.AddSdp("leg", kStart, kB, {{97, "AMR"}});
  for (const bool encrypted : {false, true}) {
    v1::Stream& stream =
        call_.AddStream(v1::SIDE_CALLER, kA, kB, "leg", encrypted ? 2 : 1);
    stream.set_encrypted(encrypted);
    // 4.75 kbit/s.
    call_.Observe(stream, "s1", WithType(500, 97, encrypted ? 24 : 14));
  }
  const auto response = Read();
  ASSERT_THAT(response.streams(), SizeIs(2));
  EXPECT_EQ(response.streams(0).codec().ie(), 21);
  EXPECT_EQ(response.streams(1).codec().ie(), 21);
}

TEST_F(CallQualityTest, KeysAreNeitherLossNorJitter) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_CALLER, kA, kB, "leg");
  call_.AddSdp("leg", kStart, kB, {{0, "PCMU"}, {101, "telephone-event"}});
  Packets packets = Speech(500);
  for (size_t i = 100; i < 110; ++i) {
    packets[i].type = 101;
    packets[i].timestamp = packets[100].timestamp;
    packets[i].payload = {1, 10, 0, 160};
  }
  call_.Observe(stream, "s1", packets);
  const auto told = ReadOne();
  EXPECT_EQ(told.packets().lost(), 0u);
  EXPECT_EQ(told.packets().max_jitter_ms(), 0);
  EXPECT_NEAR(told.rating().mos_listening(), kBestG711, 0.005);
}

TEST_F(CallQualityTest, OneStreamOrNone) {
  call_.Observe(call_.AddStream(v1::SIDE_CALLER, kA, kB), "s1", Speech(100));
  v1::Stream& other = call_.AddStream(v1::SIDE_CALLEE, kB, kA, "", 2);
  call_.Observe(other, "s1", Speech(200));
  EXPECT_THAT(Read().streams(), SizeIs(2));
  v1::GetQualityRequest request;
  request.set_stream_id(other.id());
  EXPECT_EQ(ReadOne(request).packets().expected(), 200u);
  request.set_stream_id("nonesuch");
  EXPECT_TRUE(absl::IsNotFound(
      ReadQuality(call_.store(), call_.record(), request).status()));
}

// The table of docs/quality.md: ten minutes of each.
TEST_F(CallQualityTest, RatesLossAsDocumented) {
  struct Row {
    double share;
    double run;
    uint8_t type;
    size_t bytes;
    double mos;
  };
  // By the formula, at exactly that loss and BurstR.
  const std::vector<Row> rows = {
      {0, 1, 0, 160, 4.41},    {0.01, 1, 0, 160, 4.33},
      {0.02, 1, 0, 160, 4.24}, {0.05, 1, 0, 160, 3.92},
      {0.01, 3, 0, 160, 4.33}, {0.02, 3, 0, 160, 4.22},
      {0.05, 3, 0, 160, 3.84}, {0, 1, 18, 20, 4.10},
      {0.01, 1, 18, 20, 3.95}, {0.02, 1, 18, 20, 3.79},
      {0.05, 1, 18, 20, 3.34}, {0.01, 3, 18, 20, 3.94},
      {0.02, 3, 18, 20, 3.76}, {0.05, 3, 18, 20, 3.19},
      {0, 1, 9, 160, 4.33},    {0.01, 1, 9, 160, 3.99},
      {0.02, 1, 9, 160, 3.66}, {0.05, 1, 9, 160, 2.98}};
  for (const Row& row : rows) {
    const auto told = QualityOf(
        Lossy(WithType(30'000, row.type, row.bytes), row.share, row.run, 5));
    std::printf(
        "%-5s %.0f %% in runs of %.1f: lost %.2f %%, BurstR %.2f, R %.1f, MOS "
        "%.2f\n",
        told.codec().name().c_str(), 100 * row.share, row.run,
        100.0 * static_cast<double>(told.packets().lost()) / 30'000,
        told.packets().burst_ratio(), told.rating().r_listening(),
        told.rating().mos_listening());
    EXPECT_NEAR(told.rating().mos_listening(), row.mos, 0.06)
        << told.codec().name() << " " << row.share << " " << row.run;
  }
}

}  // namespace
}  // namespace callbraid::collector
