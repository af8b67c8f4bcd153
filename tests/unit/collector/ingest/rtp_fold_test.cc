#include "collector/ingest/rtp_fold.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "collector/store/tokens.h"
#include "common/media/fingerprint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"

namespace callbraid::collector {
namespace {

using fakes::kMs;
using fakes::Stream;

// Folds chunks one after the other.
class RtpFold : public testing::Test {
 protected:
  void Fold(const v1::CallFrame& frame) {
    PayloadDecoder decoder;
    std::vector<ChunkPacket> packets;
    ASSERT_TRUE(ReadChunk(frame.media(), decoder, packets));
    RtpChange change;
    if (tally_.runs().empty()) {
      observation_.set_site("site");
      change = BeginRtp({*FromProto(frame.media().source()),
                         *FromProto(frame.media().destination())},
                        frame.media(), packets, observation_, tally_);
    } else {
      change = FoldChunk(frame.media(), packets, observation_, tally_);
    }
    tokens_.insert(tokens_.end(), change.tokens.begin(), change.tokens.end());
  }
  const v1::StreamStatistics& statistics() const { return tally_.statistics(); }

  const Stream stream_{};
  store::v1::Observation observation_;
  store::v1::RtpTally tally_;
  std::vector<Token> tokens_;
};

TEST_F(RtpFold, CountsAnUnbrokenStreamOverTheWrapOfItsNumbers) {
  for (uint32_t i = 0; i < 4; ++i) Fold(stream_.Run(25 * i, 25 * i + 25));
  EXPECT_EQ(statistics().packets(), 100u);
  EXPECT_EQ(statistics().expected(), 100u);
  EXPECT_EQ(statistics().lost(), 0u);
  EXPECT_EQ(statistics().payload_bytes(), 16'000u);
  EXPECT_EQ(statistics().max_gap_us(), 20'000u);
  EXPECT_EQ(statistics().jitter_us(), 0u);
  EXPECT_EQ(observation_.rtp().first_sequence(), 65'530u + 65'536u);
  EXPECT_EQ(tally_.lowest_sequence(), 65'530u + 65'536u);
  EXPECT_EQ(tally_.highest_sequence(), tally_.lowest_sequence() + 99);
  EXPECT_EQ(tally_.last_time_ns(), stream_.start_ns + 99 * 20 * kMs);
  EXPECT_EQ(tally_.last_chunk_ns(), stream_.start_ns + 75 * 20 * kMs);
  EXPECT_THAT(tally_.runs(), testing::ElementsAre(100));
}

TEST_F(RtpFold, TellsLossDuplicatesAndReorderingApart) {
  Fold(stream_.Chunk({0, 1, 2, 5, 4, 4, 6, 9}));
  EXPECT_EQ(statistics().packets(), 8u);
  EXPECT_EQ(statistics().expected(), 10u);
  EXPECT_EQ(statistics().lost(), 3u);
  EXPECT_EQ(statistics().duplicates(), 1u);
  EXPECT_EQ(statistics().reordered(), 1u);
}

TEST_F(RtpFold, TakesAPacketOvertakenByTheFirst) {
  Fold(stream_.Chunk({1, 0, 2}));
  EXPECT_EQ(statistics().expected(), 3u);
  EXPECT_EQ(statistics().lost(), 0u);
  EXPECT_EQ(statistics().reordered(), 1u);
  EXPECT_EQ(tally_.lowest_sequence(), observation_.rtp().first_sequence() - 1);
}

TEST_F(RtpFold, MeasuresJitterByRfc3550) {
  Stream stream = stream_;
  // Timestamps say 40 ms, arrivals 20 ms: a deviation of 20 ms each time.
  stream.timestamp_step = 320;
  Fold(stream.Run(0, 2));
  EXPECT_EQ(statistics().jitter_us(), 20'000u / 16);
  Fold(stream.Run(2, 3));
  EXPECT_EQ(statistics().jitter_us(), (20'000u + 20'000u * 15 / 16) / 16);
  Fold(stream.Run(3, 500));
  EXPECT_NEAR(statistics().jitter_us(), 20'000, 2);
  EXPECT_GE(statistics().max_jitter_us(), statistics().jitter_us());
}

TEST_F(RtpFold, ASourceThatCountsAnewIsNoJitter) {
  Fold(stream_.Run(0, 10));
  Stream restarted = stream_;
  restarted.timestamp_step = 1'000'000;
  Fold(restarted.Run(10, 12));
  EXPECT_LT(statistics().max_jitter_us(), 1000u);
}

TEST_F(RtpFold, InfersTheClockOfADynamicPayloadType) {
  Stream opus = stream_;
  opus.payload_type = 111;
  opus.timestamp_step = 960;
  Fold(opus.Run(0, 25));
  ASSERT_EQ(tally_.payload_types_size(), 1);
  EXPECT_EQ(tally_.payload_types(0).payload_type(), 111u);
  EXPECT_EQ(tally_.payload_types(0).clock_rate(), 48'000u);
  EXPECT_EQ(tally_.payload_types(0).timestamp_step(), 960u);
  EXPECT_EQ(tally_.payload_types(0).packets(), 25u);
  EXPECT_EQ(tally_.payload_types(0).payload_size(), 160u);
}

TEST_F(RtpFold, TellsTheSizeOfMostPayloads) {
  Stream noise = stream_;
  noise.payload_bytes = 6;
  Fold(noise.Run(0, 3));
  EXPECT_EQ(tally_.payload_types(0).usual_size(), 6u);
  Fold(stream_.Run(3, 20));
  EXPECT_EQ(tally_.payload_types(0).payload_size(), 6u);
  EXPECT_EQ(tally_.payload_types(0).usual_size(), 160u);
  EXPECT_EQ(tally_.payload_types(0).usual_size_lead(), 14u);
}

TEST_F(RtpFold, MeasuresTheJitterOfADynamicPayloadTypeFromItsFirstPackets) {
  Stream opus = stream_;
  opus.payload_type = 111;
  opus.timestamp_step = 960;
  // The second packet comes 20 ms early.
  std::vector<uint32_t> indices = {0};
  for (uint32_t i = 2; i < 26; ++i) indices.push_back(i);
  Fold(opus.Chunk(indices));
  EXPECT_EQ(statistics().max_jitter_us(), 20'000u / 16);
}

TEST_F(RtpFold, KeepsEventsApartFromAudio) {
  Fold(stream_.Run(0, 10));
  Stream events = stream_;
  events.payload_type = 101;
  events.timestamp_step = 0;
  Fold(events.Run(10, 20));
  Fold(stream_.Run(20, 30));
  ASSERT_EQ(tally_.payload_types_size(), 2);
  EXPECT_EQ(tally_.payload_types(0).packets(), 20u);
  EXPECT_EQ(tally_.payload_types(1).packets(), 10u);
  EXPECT_EQ(tally_.payload_types(1).clock_rate(), 0u);
  EXPECT_EQ(statistics().lost(), 0u);
  EXPECT_EQ(statistics().max_jitter_us(), 0u);
}

TEST_F(RtpFold, BoundsPayloadTypes) {
  Stream stream = stream_;
  for (uint32_t i = 0; i < 100; ++i) {
    stream.payload_type = static_cast<uint8_t>(i);
    Fold(stream.Run(i, i + 1));
  }
  EXPECT_EQ(tally_.payload_types_size(), 16);
  EXPECT_EQ(statistics().packets(), 100u);
}

TEST_F(RtpFold, AnchorsAreTheSameWhereverTheCaptureBegan) {
  for (uint32_t i = 0; i < 40; ++i) Fold(stream_.Run(25 * i, 25 * i + 25));
  const auto all = observation_.rtp().anchors();
  ASSERT_GT(all.size(), 10);
  EXPECT_LE(all.size(), static_cast<int>(kMaxAnchors));

  store::v1::Observation late;
  store::v1::RtpTally late_tally;
  std::swap(observation_, late);
  std::swap(tally_, late_tally);
  for (uint32_t i = 5; i < 15; ++i) Fold(stream_.Run(25 * i, 25 * i + 25));
  ASSERT_GT(observation_.rtp().anchors_size(), 3);
  for (const auto& anchor : observation_.rtp().anchors()) {
    const auto same =
        std::find_if(all.begin(), all.end(), [&anchor](const auto& other) {
          return other.payload_hash() == anchor.payload_hash();
        });
    ASSERT_NE(same, all.end());
    EXPECT_EQ(same->timestamp(), anchor.timestamp());
    EXPECT_EQ(same->time_ns(), anchor.time_ns());
  }
}

TEST_F(RtpFold, FilesTheStreamUnderItsAddressesAndFirstAnchors) {
  Fold(stream_.Run(0, 200));
  EXPECT_THAT(tokens_,
              testing::IsSupersetOf(
                  {FlowToken(stream_.source, stream_.destination, stream_.ssrc),
                   EndpointToken("site", stream_.source),
                   EndpointToken("site", stream_.destination),
                   PairToken("site", stream_.destination, stream_.source)}));
  for (size_t i = 0; i < 8; ++i) {
    ASSERT_GT(observation_.rtp().anchors_size(), static_cast<int>(i));
    EXPECT_THAT(tokens_, testing::Contains(PayloadToken(
                             observation_.rtp().anchors(i).payload_hash())));
  }
  EXPECT_LE(tokens_.size(), 4u + 8u + 3u);
}

}  // namespace
}  // namespace callbraid::collector
