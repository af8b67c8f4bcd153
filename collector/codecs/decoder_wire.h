#ifndef CALLBRAID_COLLECTOR_CODECS_DECODER_WIRE_H_
#define CALLBRAID_COLLECTOR_CODECS_DECODER_WIRE_H_

#include <cstddef>
#include <cstdint>

namespace callbraid::collector {

// What the collector and a process that decodes tell each other, one datagram
// each (SOCK_SEQPACKET); both are of one build and machine. First the format:
// clock_rate:4 channels:4, name, a zero, fmtp; then requests, each answered.

enum class DecoderCall : uint32_t { kDecode, kConceal, kPause };

// Before the payload: what is decoded, or comes next after a loss.
struct DecoderRequest {
  DecoderCall call = DecoderCall::kDecode;
  // Samples that are wanted, kDecode: that there will be; at most a second.
  uint32_t samples = 0;
};

// Before as many samples, unless it was refused.
struct DecoderAnswer {
  uint32_t accepted = 0;
};

// A second of the fastest codec.
inline constexpr size_t kMaxDecodedSamples = 48'000;
// Of one payload; datagrams of UDP have no more.
inline constexpr size_t kMaxPayloadBytes = 65'536;

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CODECS_DECODER_WIRE_H_
