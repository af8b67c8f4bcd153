#include "sensor/frame/frame_builder.h"

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/media/media_chunk.h"
#include "common/net/endpoint.h"
#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'700'000'000 * kSecond;

Endpoint At(std::string_view address, uint16_t port) {
  return {*IpAddress::Parse(address), port};
}

class FrameBuilderTest : public testing::Test, public FrameSink {
 protected:
  FrameBuilderTest() {
    stream_.slot = 3;
    stream_.ssrc = 7;
    stream_.flow = {At("10.0.0.1", 4000), At("2001:db8::1", 4002)};
    stream_.start_ns = kStart;
    stream_.newest_ns = kStart;
    builder_.OnTick(kStart);
  }

  void OnFrame(v1::SpoolLane lane, const v1::CallFrame& frame) override {
    auto media =
        stream_.spare ? v1::SPOOL_LANE_SPARE_MEDIA : v1::SPOOL_LANE_MEDIA;
    if (frame.media().was_kept()) media = v1::SPOOL_LANE_KEPT_MEDIA;
    EXPECT_EQ(lane, frame.has_media() ? media : v1::SPOOL_LANE_SIGNALLING);
    EXPECT_EQ(frame.capture_point(), 5u);
    frames_.push_back(frame);
  }
  void Rtp(int64_t time_ns, uint16_t sequence, size_t size = 160) {
    const std::vector<uint8_t> payload(size, 0xd5);
    RtpPacket packet;
    packet.ssrc = 7;
    packet.sequence = sequence;
    packet.timestamp = sequence * 160u;
    packet.payload = payload;
    builder_.OnRtp(stream_, time_ns, packet);
  }
  std::vector<v1::MediaChunk> Chunks() const {
    std::vector<v1::MediaChunk> chunks;
    for (const v1::CallFrame& frame : frames_) {
      if (frame.has_media()) chunks.push_back(frame.media());
    }
    return chunks;
  }

  std::vector<v1::CallFrame> frames_;
  Stream stream_;
  KeptStreams kept_;
  FrameBuilder builder_{
      {.capture_point = 5, .chunk_ns = 500 * kMs, .kept = &kept_}, *this};
};

TEST_F(FrameBuilderTest, PacksHalfASecondInAChunk) {
  for (uint16_t i = 0; i < 60; ++i) Rtp(kStart + i * 20 * kMs, i);
  builder_.OnStreamReport(stream_, /*final=*/true);
  const auto chunks = Chunks();
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_EQ(chunks[0].packet_count(), 25u);
  EXPECT_EQ(chunks[1].packet_count(), 25u);
  EXPECT_EQ(chunks[2].packet_count(), 10u);
  EXPECT_EQ(chunks[1].first_time_ns(), kStart + 500 * kMs);
  for (const auto& chunk : chunks) {
    EXPECT_EQ(chunk.ssrc(), 7u);
    EXPECT_EQ(chunk.stream_start_ns(), kStart);
    EXPECT_EQ(FromProto(chunk.source()), stream_.flow.source);
    EXPECT_EQ(FromProto(chunk.destination()), stream_.flow.destination);
    PayloadDecoder decoder;
    std::vector<ChunkPacket> packets;
    EXPECT_TRUE(ReadChunk(chunk, decoder, packets));
  }
}

TEST_F(FrameBuilderTest, KeepsThePayloadThatAnotherSensorSends) {
  const KeptStream key = {5, stream_.flow, stream_.ssrc};
  for (uint16_t i = 0; i < 25; ++i) Rtp(kStart + i * 20 * kMs, i);
  kept_.Keep(key);
  kept_.Keep({5, stream_.flow.Reversed(), stream_.ssrc});
  // From the chunk on that is open now.
  for (uint16_t i = 25; i < 50; ++i) Rtp(kStart + i * 20 * kMs, i);
  kept_.Send(key);
  for (uint16_t i = 50; i < 60; ++i) Rtp(kStart + i * 20 * kMs, i);
  builder_.OnStreamReport(stream_, /*final=*/true);
  const auto chunks = Chunks();
  ASSERT_EQ(chunks.size(), 4u);
  EXPECT_TRUE(chunks[0].was_kept());
  EXPECT_EQ(chunks[0].packet_count(), 25u);
  EXPECT_FALSE(chunks[0].payload().empty());
  EXPECT_EQ(chunks[1].encoding(), v1::PAYLOAD_ENCODING_KEPT);
  EXPECT_FALSE(chunks[1].was_kept());
  EXPECT_EQ(chunks[1].first_time_ns(), chunks[0].first_time_ns());
  EXPECT_TRUE(chunks[1].payload().empty());
  for (size_t i : {2u, 3u}) {
    EXPECT_FALSE(chunks[i].was_kept());
    EXPECT_FALSE(chunks[i].payload().empty());
  }
  kept_.Keep(key);
  kept_.Clear();
  EXPECT_FALSE(kept_.Contains(key));
}

TEST_F(FrameBuilderTest, PutsChunksOfASpareRunInTheirLane) {
  stream_.spare = true;
  Rtp(kStart, 1);
  builder_.OnStreamReport(stream_, /*final=*/true);
  EXPECT_EQ(Chunks().size(), 1u);
}

TEST_F(FrameBuilderTest, ClosesAChunkWhenItsTimeIsOver) {
  Rtp(kStart, 1);
  builder_.OnTick(kStart + 500 * kMs);
  EXPECT_TRUE(Chunks().empty());
  builder_.OnTick(kStart + 600 * kMs);
  EXPECT_EQ(Chunks().size(), 1u);
  builder_.OnTick(kStart + 2000 * kMs);
  EXPECT_EQ(Chunks().size(), 1u);
}

TEST_F(FrameBuilderTest, LeavesAChunkOpenThatReplacedTheOneThatWasDue) {
  Rtp(kStart, 1);
  builder_.OnTick(kStart + 500 * kMs);
  Rtp(kStart + 500 * kMs, 2);  // Closes the first, opens another.
  builder_.OnTick(kStart + 600 * kMs);
  EXPECT_EQ(Chunks().size(), 1u);
  builder_.OnTick(kStart + 1100 * kMs);
  EXPECT_EQ(Chunks().size(), 2u);
}

TEST_F(FrameBuilderTest, ClosesAFullChunk) {
  for (uint16_t i = 0; i < 1000; ++i) Rtp(kStart + i * 1000, i);
  builder_.OnStreamReport(stream_, /*final=*/true);
  ASSERT_EQ(Chunks().size(), 2u);
  EXPECT_EQ(Chunks()[0].packet_count(), kMaxChunkPackets);
}

TEST_F(FrameBuilderTest, TellsChunksApartWhereTheClockStandsStill) {
  for (uint16_t i = 0; i < 1500; ++i) Rtp(kStart, i);
  builder_.OnStreamReport(stream_, /*final=*/true);
  const auto chunks = Chunks();
  ASSERT_EQ(chunks.size(), 3u);
  EXPECT_LT(chunks[0].first_time_ns(), chunks[1].first_time_ns());
  EXPECT_LT(chunks[1].first_time_ns(), chunks[2].first_time_ns());
}

TEST_F(FrameBuilderTest, NeverMixesRuns) {
  Rtp(kStart, 1);
  builder_.OnStreamReport(stream_, /*final=*/true);
  stream_.start_ns = kStart + 40 * kMs;
  Rtp(kStart + 40 * kMs, 9000);
  builder_.OnStreamReport(stream_, /*final=*/true);
  const auto chunks = Chunks();
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_EQ(chunks[0].stream_start_ns(), kStart);
  EXPECT_EQ(chunks[1].stream_start_ns(), kStart + 40 * kMs);
}

TEST_F(FrameBuilderTest, ClosesTheChunkBeforeTheFinalReport) {
  Rtp(kStart, 1);
  builder_.OnStreamReport(stream_, /*final=*/true);
  ASSERT_EQ(frames_.size(), 2u);
  EXPECT_TRUE(frames_[0].has_media());
  EXPECT_TRUE(frames_[1].stream().final());
}

TEST_F(FrameBuilderTest, SaysInAReportHowTheFrameLooked) {
  stream_.link.has_mac = true;
  stream_.link.source_mac = {2, 0, 0, 0, 0, 1};
  stream_.link.vlan_ids = {100, 200};
  stream_.link.vlan_count = 2;
  stream_.dscp = 46;
  builder_.OnStreamReport(stream_, /*final=*/false);
  const v1::LinkInfo& link = frames_[0].stream().link();
  EXPECT_EQ(link.source_mac(), (std::string{2, 0, 0, 0, 0, 1}));
  ASSERT_EQ(link.vlan_ids_size(), 2);
  EXPECT_EQ(link.vlan_ids(1), 200u);
  EXPECT_EQ(link.dscp(), 46u);
}

TEST_F(FrameBuilderTest, SaysInAReportWhatWasDroppedSinceTheRunBegan) {
  builder_.OnDrops(40);
  Rtp(kStart, 1);
  builder_.OnStreamReport(stream_, /*final=*/false);
  EXPECT_EQ(frames_.back().stream().capture_drops(), 0u);
  builder_.OnDrops(47);
  Rtp(kStart + 20 * kMs, 2);
  builder_.OnStreamReport(stream_, /*final=*/true);
  EXPECT_EQ(frames_.back().stream().capture_drops(), 7u);
  stream_.start_ns = kStart + 60 * kSecond;
  Rtp(stream_.start_ns, 3);
  builder_.OnStreamReport(stream_, /*final=*/true);
  EXPECT_EQ(frames_.back().stream().capture_drops(), 0u);
}

TEST_F(FrameBuilderTest, HandsOnSipAndRtcpAtOnce) {
  MessageView sip;
  sip.time_ns = kStart;
  sip.ordinal = 2;
  sip.flow = stream_.flow;
  sip.transport = Transport::kTcp;
  sip.message = "OPTIONS";
  builder_.OnMessage(sip);
  const std::vector<uint8_t> report = {0x80, 201, 0, 1, 0, 0, 0, 7};
  builder_.OnRtcp({kStart, stream_.flow, 7, report, false});
  ASSERT_EQ(frames_.size(), 2u);
  EXPECT_EQ(frames_[0].sip().message(), "OPTIONS");
  EXPECT_EQ(frames_[0].sip().ordinal(), 2u);
  EXPECT_EQ(frames_[0].sip().transport(), v1::TRANSPORT_TCP);
  EXPECT_EQ(frames_[1].rtcp().packet().size(), 8u);
  EXPECT_EQ(frames_[1].rtcp().ssrc(), 7u);
}

}  // namespace
}  // namespace callbraid::sensor
