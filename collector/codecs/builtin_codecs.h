#ifndef CALLBRAID_COLLECTOR_CODECS_BUILTIN_CODECS_H_
#define CALLBRAID_COLLECTOR_CODECS_BUILTIN_CODECS_H_

#include <string>

#include "collector/codecs/codec.h"

namespace callbraid::collector {

// The codecs of the base, each in the file of its name. The name of the format
// has been recognised (find_codec.cc), in upper case; null if its parameters
// make no sense, or ask for what there is no decoder for.

// ITU-T G.711.
const Codec* MakePcmu(const CodecFormat& format);
const Codec* MakePcma(const CodecFormat& format);
// ITU-T G.722 at 64 kbit/s. Its RTP clock is 8000 Hz although it samples at
// 16000 Hz: an old mistake that RFC 3551, section 4.5.2, keeps.
const Codec* MakeG722(const CodecFormat& format);
// RFC 6716 and 7587, by libopus, at 48000 Hz.
const Codec* MakeOpus(const CodecFormat& format);
// GSM 06.10 full rate, by libgsm.
const Codec* MakeGsm(const CodecFormat& format);
// ITU-T G.726 at all rates in both packings, by spandsp.
const Codec* MakeG726(const CodecFormat& format);
// Linear, 16 bits (RFC 3551, section 4.5.11); one or two channels.
const Codec* MakeL16(const CodecFormat& format);
// RFC 5574, by libspeex.
const Codec* MakeSpeex(const CodecFormat& format);
// AMR and AMR-WB (RFC 4867), by opencore-amr; what is refused, and why: "" or
// " with interleaving".
const Codec* MakeAmr(const CodecFormat& format);
std::string AmrRefusal(const CodecFormat& format);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CODECS_BUILTIN_CODECS_H_
