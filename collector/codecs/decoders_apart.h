#ifndef CALLBRAID_COLLECTOR_CODECS_DECODERS_APART_H_
#define CALLBRAID_COLLECTOR_CODECS_DECODERS_APART_H_

#include <cstdint>

#include "absl/status/status.h"
#include "collector/codecs/codec.h"

namespace callbraid::collector {

// Decoders of other people's making read what anybody may have sent. Apart,
// each runs in a process of its own that can do nothing but decode: one that
// crashes, hangs or is taken over costs its stretch of one recording, which is
// concealed, and is begun anew with the next packet.

// From now on FindCodec() gives codecs whose decoders run apart, but for those
// that are a table or less (G.711, L16). Forks the process that they come from:
// call it once, after LoadCodecPlugins() and before there are other threads,
// open files that matter, or secrets. UNAVAILABLE if the system refuses.
absl::Status DecodeApart();

// `codec`, which is that of `format`, with decoders that run apart; itself as
// long as none do. Lives as long as the program. Any thread.
const Codec* Apart(const CodecFormat& format, const Codec& codec);

// Decoders that crashed, hung or could not be begun. Any thread.
uint64_t DecodersLost();

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CODECS_DECODERS_APART_H_
