#include "common/media/withhold.h"

#include <vector>

#include "common/media/fingerprint.h"
#include "common/media/media_chunk.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"

namespace callbraid {
namespace {

constexpr uint32_t kPackets = 400;

v1::MediaChunk Chunk() { return fakes::Stream().Run(0, kPackets).media(); }

std::vector<ChunkPacket> Read(const v1::MediaChunk& chunk,
                              PayloadDecoder& decoder) {
  std::vector<ChunkPacket> packets;
  EXPECT_TRUE(ReadChunk(chunk, decoder, packets));
  return packets;
}

bool IsRefused(const v1::MediaChunk& chunk) {
  PayloadDecoder decoder;
  std::vector<ChunkPacket> packets;
  return !ReadChunk(chunk, decoder, packets);
}

TEST(Withhold, LeavesAllButThePayload) {
  const v1::MediaChunk whole = Chunk();
  v1::MediaChunk thin = whole;
  const SampledPayloads sampled = SamplePayloads(whole, 0);
  Withhold(sampled, thin);
  EXPECT_LT(thin.ByteSizeLong(), whole.ByteSizeLong() / 50);

  PayloadDecoder whole_decoder;
  PayloadDecoder thin_decoder;
  const auto before = Read(whole, whole_decoder);
  const auto after = Read(thin, thin_decoder);
  ASSERT_EQ(after.size(), before.size());
  int samples = 0;
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(after[i].time_ns, before[i].time_ns);
    EXPECT_EQ(after[i].rtp.sequence, before[i].rtp.sequence);
    EXPECT_EQ(after[i].rtp.timestamp, before[i].rtp.timestamp);
    EXPECT_EQ(after[i].payload_size, 160u);
    EXPECT_TRUE(after[i].withheld);
    EXPECT_FALSE(before[i].withheld);
    EXPECT_TRUE(after[i].rtp.payload.empty());
    const uint64_t hash = PayloadHash(before[i].rtp.payload);
    EXPECT_EQ(after[i].payload_hash, IsSampled(hash, 0) ? hash : 0u);
    samples += after[i].payload_hash != 0;
  }
  // One of 16, about.
  EXPECT_GT(samples, 10);
  EXPECT_EQ(sampled.last_hash, PayloadHash(before.back().rtp.payload));
  EXPECT_EQ(LastPayloadHash(whole, 0), sampled.last_hash);
  EXPECT_EQ(after.back().payload_hash_after, sampled.last_hash);
}

TEST(Withhold, SamplesNothingThatRepeatsOrSaysNothing) {
  ChunkWriter writer;
  RtpPacket packet;
  const std::vector<uint8_t> silence(160, 0xd5);
  packet.payload = silence;
  // Of these payloads the hash of some is sampled.
  std::vector<std::vector<uint8_t>> payloads;
  for (uint32_t i = 0; i < 200; ++i) payloads.push_back(fakes::Payload(7, i));
  uint32_t sampled = 0;
  for (const auto& payload : payloads) {
    sampled += IsSampled(PayloadHash(payload), 0);
    for (int copy = 0; copy < 2; ++copy) {
      packet.payload = payload;
      writer.Append(packet.sequence * fakes::kMs, packet);
      ++packet.sequence;
    }
  }
  packet.payload = silence;
  writer.Append(packet.sequence * fakes::kMs, packet);
  v1::MediaChunk chunk;
  writer.Finish(chunk);
  EXPECT_GT(sampled, 0u);
  EXPECT_EQ(SamplePayloads(chunk, 0).samples.size(), static_cast<int>(sampled));
}

TEST(Withhold, RefusesWhatContradictsItself) {
  const SampledPayloads sampled = SamplePayloads(Chunk(), 0);
  ASSERT_GT(sampled.samples.size(), 1);

  v1::MediaChunk plain = Chunk();
  *plain.mutable_payload_samples() = sampled.samples;
  EXPECT_TRUE(IsRefused(plain));

  v1::MediaChunk thin = Chunk();
  Withhold(sampled, thin);
  EXPECT_FALSE(IsRefused(thin));
  v1::MediaChunk broken = thin;
  broken.set_payload("x");
  EXPECT_TRUE(IsRefused(broken));
  broken = thin;
  broken.set_was_kept(true);
  EXPECT_TRUE(IsRefused(broken));
  broken = thin;
  broken.mutable_payload_samples()->SwapElements(0, 1);
  EXPECT_TRUE(IsRefused(broken));
  broken = thin;
  broken.mutable_payload_samples(0)->set_index(kPackets);
  EXPECT_TRUE(IsRefused(broken));
}

TEST(Withhold, KnowsWhatWasWithheldByItsHeadersAndSamples) {
  const v1::MediaChunk whole = Chunk();
  const SampledPayloads sampled = SamplePayloads(whole, 0);
  v1::MediaChunk thin = whole;
  Withhold(sampled, thin);
  const auto is_payload = [&thin](v1::MediaChunk chunk) {
    chunk.set_was_kept(true);
    PayloadDecoder decoder;
    return IsPayloadOf(thin, chunk, Read(chunk, decoder));
  };
  EXPECT_TRUE(is_payload(whole));
  v1::MediaChunk other = whole;
  other.set_first_sequence(whole.first_sequence() ^ 1);
  EXPECT_FALSE(is_payload(other));
  other = whole;
  other.set_first_time_ns(whole.first_time_ns() + 1);
  EXPECT_FALSE(is_payload(other));
  other = whole;
  const size_t at = size_t{160} * sampled.samples[0].index();
  (*other.mutable_payload())[at] ^= 1;
  EXPECT_FALSE(is_payload(other));
}

}  // namespace
}  // namespace callbraid
