#include "common/media/withhold.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/media/fingerprint.h"

namespace callbraid {
namespace {

// Calls `visit` with the index and payload of each packet that was not cut.
template <typename Visit>
void ForEachPayload(const v1::MediaChunk& chunk, const Visit& visit) {
  std::span<const uint8_t> rest(
      reinterpret_cast<const uint8_t*>(chunk.payload().data()),
      chunk.payload().size());
  for (uint32_t i = 0; i < chunk.packet_count(); ++i) {
    const size_t size = chunk.payload_sizes().empty()
                            ? chunk.payload_size()
                            : chunk.payload_sizes(static_cast<int>(i));
    const std::span<const uint8_t> payload = rest.first(size);
    rest = rest.subspan(size);
    if (!std::binary_search(chunk.truncated_indices().begin(),
                            chunk.truncated_indices().end(), i)) {
      visit(i, payload);
    }
  }
}

}  // namespace

SampledPayloads SamplePayloads(const v1::MediaChunk& chunk,
                               uint64_t hash_before) {
  SampledPayloads sampled;
  sampled.last_hash = hash_before;
  ForEachPayload(chunk, [&](uint32_t index, std::span<const uint8_t> payload) {
    const uint64_t hash = PayloadHash(payload);
    const bool repeats = std::exchange(sampled.last_hash, hash) == hash;
    if (repeats || !IsSampled(hash, 0) || !IsDistinctive(payload)) return;
    v1::PayloadSample& sample = *sampled.samples.Add();
    sample.set_index(index);
    sample.set_hash(hash);
  });
  return sampled;
}

uint64_t LastPayloadHash(const v1::MediaChunk& chunk, uint64_t hash_before) {
  std::span<const uint8_t> last;
  bool any = false;
  ForEachPayload(chunk, [&](uint32_t, std::span<const uint8_t> payload) {
    last = payload;
    any = true;
  });
  return any ? PayloadHash(last) : hash_before;
}

void Withhold(SampledPayloads sampled, v1::MediaChunk& chunk) {
  chunk.set_encoding(v1::PAYLOAD_ENCODING_KEPT);
  chunk.clear_payload();
  *chunk.mutable_payload_samples() = std::move(sampled.samples);
  chunk.set_last_payload_hash(sampled.last_hash);
}

bool IsPayloadOf(const v1::MediaChunk& withheld, const v1::MediaChunk& chunk,
                 const std::vector<ChunkPacket>& packets) {
  v1::MediaChunk bare = chunk;
  bare.clear_was_kept();
  Withhold({withheld.payload_samples(), withheld.last_payload_hash()}, bare);
  return bare.SerializeAsString() == withheld.SerializeAsString() &&
         std::all_of(
             withheld.payload_samples().begin(),
             withheld.payload_samples().end(),
             [&packets](const v1::PayloadSample& sample) {
               return PayloadHash(packets[sample.index()].rtp.payload) ==
                      sample.hash();
             });
}

}  // namespace callbraid
