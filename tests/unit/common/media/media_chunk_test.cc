#include "common/media/media_chunk.h"

#include <random>
#include <string>

#include "gtest/gtest.h"

namespace callbraid {
namespace {

struct Source {
  int64_t time_ns;
  RtpPacket rtp;
  std::vector<uint8_t> payload;
  std::vector<uint8_t> extra;
};

Source Packet(int64_t time_ns, uint16_t sequence, uint32_t timestamp,
              size_t size = 160) {
  Source source{time_ns, {}, std::vector<uint8_t>(size), {}};
  source.rtp.sequence = sequence;
  source.rtp.timestamp = timestamp;
  for (size_t i = 0; i < size; ++i) {
    source.payload[i] = static_cast<uint8_t>(sequence + i);
  }
  return source;
}

v1::MediaChunk Pack(std::vector<Source>& packets) {
  ChunkWriter writer;
  for (Source& source : packets) {
    source.rtp.payload = source.payload;
    source.rtp.extra_header = source.extra;
    EXPECT_TRUE(writer.Append(source.time_ns, source.rtp));
  }
  v1::MediaChunk chunk;
  writer.Finish(chunk);
  EXPECT_TRUE(writer.empty());
  return chunk;
}

void ExpectSame(const std::vector<Source>& sources,
                const std::vector<ChunkPacket>& packets) {
  ASSERT_EQ(packets.size(), sources.size());
  for (size_t i = 0; i < packets.size(); ++i) {
    SCOPED_TRACE(i);
    const RtpPacket& want = sources[i].rtp;
    const RtpPacket& got = packets[i].rtp;
    EXPECT_EQ(packets[i].time_ns, sources[i].time_ns);
    EXPECT_EQ(got.sequence, want.sequence);
    EXPECT_EQ(got.timestamp, want.timestamp);
    EXPECT_EQ(got.payload_type, want.payload_type);
    EXPECT_EQ(got.marker, want.marker);
    EXPECT_EQ(got.truncated, want.truncated);
    EXPECT_EQ(got.padding, want.padding);
    EXPECT_EQ(got.first_byte, want.first_byte);
    EXPECT_EQ(std::vector<uint8_t>(got.payload.begin(), got.payload.end()),
              sources[i].payload);
    EXPECT_EQ(
        std::vector<uint8_t>(got.extra_header.begin(), got.extra_header.end()),
        sources[i].extra);
  }
}

TEST(MediaChunk, CostsUnderTenBytesAPacketWhenAllIsAsPredicted) {
  std::vector<Source> sources;
  for (int i = 0; i < 25; ++i) {
    sources.push_back(Packet(1'700'000'000'000'000'000 + i * 20'000'000,
                             static_cast<uint16_t>(65530 + i),
                             static_cast<uint32_t>(160 * i)));
  }
  v1::MediaChunk chunk = Pack(sources);
  EXPECT_TRUE(chunk.time_deviations().empty());
  EXPECT_TRUE(chunk.sequence_deviations().empty());
  EXPECT_TRUE(chunk.timestamp_deviations().empty());
  EXPECT_LT(chunk.ByteSizeLong(), 25u * (160 + 3));
  PayloadDecoder decoder;
  std::vector<ChunkPacket> packets;
  ASSERT_TRUE(ReadChunk(chunk, decoder, packets));
  ExpectSame(sources, packets);
}

TEST(MediaChunk, KeepsEveryFieldOfEveryPacket) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    std::vector<Source> sources;
    const size_t count = 1 + random() % kMaxChunkPackets;
    for (size_t i = 0; i < count; ++i) {
      Source source = Packet(
          static_cast<int64_t>(random()) * 1'000'003 - (int64_t{1} << 50),
          static_cast<uint16_t>(random()), static_cast<uint32_t>(random()),
          random() % 300);
      source.rtp.payload_type = random() % 128;
      source.rtp.marker = random() % 7 == 0;
      source.rtp.truncated = random() % 11 == 0;
      if (random() % 5 == 0) {
        source.extra.assign(4 * (1 + random() % 3), 0x5a);
        source.rtp.first_byte = 0x90;
      } else if (random() % 5 == 0) {
        source.rtp.first_byte = 0xa0;  // Padding that SRTP hides.
      }
      sources.push_back(std::move(source));
    }
    const v1::MediaChunk chunk = Pack(sources);
    v1::MediaChunk wire;
    ASSERT_TRUE(wire.ParseFromString(chunk.SerializeAsString()));
    PayloadDecoder decoder;
    std::vector<ChunkPacket> packets;
    ASSERT_TRUE(ReadChunk(wire, decoder, packets));
    ExpectSame(sources, packets);
  }
}

TEST(ChunkWriter, RefusesMoreThanAChunkHolds) {
  ChunkWriter writer;
  const RtpPacket packet;
  for (uint32_t i = 0; i < kMaxChunkPackets; ++i) {
    EXPECT_TRUE(writer.Append(i, packet));
  }
  EXPECT_FALSE(writer.Append(1, packet));
}

class BadChunk : public ::testing::Test {
 protected:
  BadChunk() {
    std::vector<Source> sources = {Packet(1, 1, 1), Packet(2, 2, 161)};
    chunk_ = Pack(sources);
  }
  bool Reads() {
    PayloadDecoder decoder;
    std::vector<ChunkPacket> packets;
    return ReadChunk(chunk_, decoder, packets);
  }
  v1::MediaChunk chunk_;
};

TEST_F(BadChunk, IsFineAsBuilt) { EXPECT_TRUE(Reads()); }

TEST_F(BadChunk, RefusesAColumnOfTheWrongLength) {
  chunk_.add_sequence_deviations(1);
  chunk_.add_sequence_deviations(1);
  EXPECT_FALSE(Reads());
}

TEST_F(BadChunk, RefusesPayloadThatDoesNotAddUp) {
  chunk_.set_payload_size(161);
  EXPECT_FALSE(Reads()) << "too little payload";
  chunk_.set_payload_size(100);
  EXPECT_FALSE(Reads()) << "too much payload";
}

TEST_F(BadChunk, RefusesCountsBeyondTheLimit) {
  chunk_.set_packet_count(0);
  EXPECT_FALSE(Reads());
  chunk_.set_packet_count(0xffffffff);
  EXPECT_FALSE(Reads());
}

TEST_F(BadChunk, RefusesIndicesOutOfRange) {
  chunk_.add_marker_indices(2);
  EXPECT_FALSE(Reads());
  chunk_.clear_marker_indices();
  chunk_.add_header_extras()->set_index(2);
  EXPECT_FALSE(Reads());
}

TEST_F(BadChunk, RefusesAnUnknownEncoding) {
  chunk_.set_encoding(static_cast<v1::PayloadEncoding>(9));
  EXPECT_FALSE(Reads());
}

}  // namespace
}  // namespace callbraid
