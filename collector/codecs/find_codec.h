#ifndef CALLBRAID_COLLECTOR_CODECS_FIND_CODEC_H_
#define CALLBRAID_COLLECTOR_CODECS_FIND_CODEC_H_

#include <cstdint>
#include <string>

#include "collector/codecs/codec.h"

namespace callbraid::collector {

struct FoundCodec {
  const Codec* codec = nullptr;  // Null if there is no decoder.
  std::string missing;  // Then: what there is none for, e.g. "AMR with crc".
};

// The decoder for a format: one of ours, else one of a plug-in
// (codec_plugins.h). Names are compared without case. Any thread.
FoundCodec FindCodec(const CodecFormat& format);

// The format of a static payload type (RFC 3551, section 6); its name is empty
// for dynamic and unassigned types.
CodecFormat StaticFormatOf(uint8_t payload_type);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CODECS_FIND_CODEC_H_
