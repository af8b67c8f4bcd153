#ifndef CALLBRAID_COLLECTOR_CODECS_CODEC_PLUGINS_H_
#define CALLBRAID_COLLECTOR_CODECS_CODEC_PLUGINS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "collector/codecs/codec.h"

namespace callbraid::collector {

// Loads every *.so of `dir` (codec_plugin.h), in the order of their names, and
// gives their names. They stay for as long as the process. A file that is no
// plug-in, or one of another version, is INVALID_ARGUMENT; a folder that cannot
// be read NOT_FOUND. Call it before there are other threads.
absl::StatusOr<std::vector<std::string>> LoadCodecPlugins(
    const std::string& dir);

// The decoder of a plug-in for a format whose name is in upper case; the first
// that was loaded counts. Null if there is none. Any thread.
const Codec* FindPluginCodec(const CodecFormat& format);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CODECS_CODEC_PLUGINS_H_
