// Any payloads to every decoder: what comes is as long as was promised, and no
// packet is more than its size or a second allows. The first byte chooses the
// codec; then packets, each two bytes of what to do and of size, and the bytes.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "collector/codecs/codec_plugins.h"
#include "collector/codecs/comfort_noise.h"
#include "collector/codecs/find_codec.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMostDecoded = 48000 * 20;

const std::vector<CodecFormat>& Formats() {
  static const auto* formats =
      new std::vector<CodecFormat>{{"PCMU"},
                                   {"PCMA"},
                                   {"G722"},
                                   {"opus"},
                                   {"GSM"},
                                   {"G726-16"},
                                   {"G726-24"},
                                   {"G726-32"},
                                   {"AAL2-G726-40"},
                                   {"L16", 8000, 1},
                                   {"L16", 44100, 2},
                                   {"SPEEX", 8000},
                                   {"SPEEX", 16000},
                                   {"SPEEX", 32000},
                                   {"AMR"},
                                   {"AMR", 8000, 1, "octet-align=1"},
                                   {"AMR", 8000, 1, "crc=1"},
                                   {"AMR-WB"},
                                   {"AMR-WB", 16000, 1, "octet-align=1"},
                                   {"AMR-WB", 16000, 1, "crc=1"},
                                   {"G729"},
                                   {"G723"},
                                   {"iLBC", 8000, 1, "mode=20"},
                                   {"iLBC"}};
  return *formats;
}

void Check(bool holds) {
  if (!holds) std::abort();
}

// What Track does with one packet.
void Play(const Codec& codec, Decoder& decoder, uint8_t action,
          std::span<const uint8_t> payload) {
  std::vector<int16_t> pcm;
  const size_t samples = codec.Samples(payload);
  Check(samples <= codec.sample_rate() || samples <= payload.size() * 4);
  if (action & 1) {
    const size_t lost = (action >> 2) * size_t{codec.sample_rate()} / 1000;
    if (decoder.Conceal(lost, payload, pcm)) Check(pcm.size() == lost);
    pcm.clear();
  }
  if (action & 2) {
    const size_t pause = (action >> 2) * size_t{codec.sample_rate()} / 500 + 1;
    if (decoder.Pause(pause, pcm)) Check(pcm.size() == pause);
    pcm.clear();
  }
  codec.EndsInPause(payload);
  if (decoder.Decode(payload, pcm)) Check(pcm.size() == samples);
}

void Run(std::span<const uint8_t> data) {
#ifdef CALLBRAID_CODEC_PLUGINS
  static const bool loaded = LoadCodecPlugins(CALLBRAID_CODEC_PLUGINS).ok();
  Check(loaded);
#endif
  if (data.empty()) return;
  const Codec* codec = FindCodec(Formats()[data[0] % Formats().size()]).codec;
  if (codec == nullptr) return;  // Of a plug-in that was not built.
  data = data.subspan(1);
  const auto decoder = codec->CreateDecoder();
  ComfortNoise noise;
  size_t decoded = 0;
  while (data.size() >= 3 && decoded < kMostDecoded) {
    const uint8_t action = data[0];
    const size_t size = size_t{data[1]} << 8 | data[2];
    data = data.subspan(3);
    const auto payload = data.first(std::min(size, data.size()));
    data = data.subspan(payload.size());
    decoded += codec->Samples(payload) + codec->sample_rate() / 8;
    Play(*codec, *decoder, action, payload);
    std::vector<int16_t> pcm;
    noise.Describe(payload);
    noise.Generate(80, pcm);
    Check(pcm.size() == 80);
  }
}

}  // namespace
}  // namespace callbraid::collector

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  callbraid::collector::Run({data, size});
  return 0;
}
