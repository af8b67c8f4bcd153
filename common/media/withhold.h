#ifndef CALLBRAID_COMMON_MEDIA_WITHHOLD_H_
#define CALLBRAID_COMMON_MEDIA_WITHHOLD_H_

#include <cstdint>
#include <vector>

#include "callbraid/v1/frame.pb.h"
#include "common/media/media_chunk.h"

// Chunks without their payload: of streams that another sensor sends.
// docs/media-once.md.

namespace callbraid {

using PayloadSamples = google::protobuf::RepeatedPtrField<v1::PayloadSample>;

// Of a payload that was cut there is none.
struct SampledPayloads {
  // By which the stream is recognised elsewhere, as the collector would choose
  // them if it had the payload (fingerprint.h).
  PayloadSamples samples;
  uint64_t last_hash = 0;
};

// `chunk` is plain. `hash_before`: last_hash of the chunk before it, 0 if there
// was none.
SampledPayloads SamplePayloads(const v1::MediaChunk& chunk,
                               uint64_t hash_before);

// last_hash alone.
uint64_t LastPayloadHash(const v1::MediaChunk& chunk, uint64_t hash_before);

// Takes the payload out of `chunk`, and puts `sampled` in its place.
void Withhold(SampledPayloads sampled, v1::MediaChunk& chunk);

// Whether `chunk`, whose packets are `packets`, is what `withheld` was made of,
// as far as that can be told.
bool IsPayloadOf(const v1::MediaChunk& withheld, const v1::MediaChunk& chunk,
                 const std::vector<ChunkPacket>& packets);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_MEDIA_WITHHOLD_H_
