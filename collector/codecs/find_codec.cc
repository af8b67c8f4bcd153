#include "collector/codecs/find_codec.h"

#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "collector/codecs/builtin_codecs.h"
#include "collector/codecs/codec_plugins.h"
#include "collector/codecs/decoders_apart.h"
#include "common/sip/sdp.h"

namespace callbraid::collector {
namespace {

struct Builtin {
  std::string_view name;
  const Codec* (*make)(const CodecFormat&);
  // There is nothing in it that could go wrong.
  bool is_table = false;
};

constexpr Builtin kBuiltin[] = {
    {"PCMU", MakePcmu, true},   {"PCMA", MakePcma, true},
    {"G722", MakeG722},         {"OPUS", MakeOpus},
    {"GSM", MakeGsm},           {"G726-16", MakeG726},
    {"G726-24", MakeG726},      {"G726-32", MakeG726},
    {"G726-40", MakeG726},      {"AAL2-G726-16", MakeG726},
    {"AAL2-G726-24", MakeG726}, {"AAL2-G726-32", MakeG726},
    {"AAL2-G726-40", MakeG726}, {"G721", MakeG726},
    {"L16", MakeL16, true},     {"SPEEX", MakeSpeex},
    {"AMR", MakeAmr},           {"AMR-WB", MakeAmr}};

// Why the base has no decoder for a format whose name it knows.
std::string RefusalOf(const CodecFormat& format) {
  if (format.name.starts_with("AMR")) return AmrRefusal(format);
  return absl::StrCat("/", format.clock_rate, "/", format.channels);
}

}  // namespace

FoundCodec FindCodec(const CodecFormat& format) {
  CodecFormat wanted = format;
  wanted.name = absl::AsciiStrToUpper(format.name);
  if (wanted.channels == 0) wanted.channels = 1;
  for (const Builtin& builtin : kBuiltin) {
    if (builtin.name == wanted.name) {
      const Codec* codec = builtin.make(wanted);
      if (codec == nullptr) {
        return {nullptr, format.name + RefusalOf(wanted)};
      }
      return {builtin.is_table ? codec : Apart(wanted, *codec), ""};
    }
  }
  if (const Codec* codec = FindPluginCodec(wanted)) {
    return {Apart(wanted, *codec), ""};
  }
  return {nullptr, format.name};
}

CodecFormat StaticFormatOf(uint8_t payload_type) {
  const StaticPayload known = StaticPayloadOf(payload_type);
  CodecFormat format;
  format.name = known.name;
  format.clock_rate = known.clock_rate;
  if (payload_type == 10) format.channels = 2;
  return format;
}

}  // namespace callbraid::collector
