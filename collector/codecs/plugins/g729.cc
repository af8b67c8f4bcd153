// ITU-T G.729, A and B, by libbcg729, whose licence (GPL 3 or later) holds for
// this plug-in when it is built and passed on.
extern "C" {
#include <bcg729/decoder.h>
}

#include <algorithm>

#include "collector/codecs/codec_plugin.h"

namespace {

constexpr size_t kFrameBytes = 10;
constexpr size_t kSilenceBytes = 2;  // SID, annex B: only as the last frame.
constexpr size_t kFrameSamples = 80;
constexpr size_t kMaxFrames = 100;

int Mode(const char*) { return 0; }

size_t Samples(int, const uint8_t*, size_t bytes) {
  const size_t silence = bytes % kFrameBytes == kSilenceBytes ? 1 : 0;
  return std::min(bytes / kFrameBytes + silence, kMaxFrames) * kFrameSamples;
}

int EndsInPause(int, const uint8_t*, size_t bytes) {
  return bytes % kFrameBytes == kSilenceBytes;
}

bcg729DecoderChannelContextStruct* Context(void* state) {
  return static_cast<bcg729DecoderChannelContextStruct*>(state);
}

void* Open(int) { return initBcg729DecoderChannel(); }
void Close(void* state) { closeBcg729DecoderChannel(Context(state)); }

// `bytes` of a frame: 10, 2, or 0 for none.
void Frame(void* state, const uint8_t* payload, size_t bytes, bool lost,
           int16_t* pcm) {
  bcg729Decoder(Context(state), payload, static_cast<uint8_t>(bytes), lost,
                bytes == kSilenceBytes, 0, pcm);
}

int Decode(void* state, const uint8_t* payload, size_t bytes, int16_t* pcm) {
  const size_t frames = Samples(0, payload, bytes) / kFrameSamples;
  for (size_t i = 0; i < frames; ++i) {
    const size_t left = bytes - i * kFrameBytes;
    Frame(state, payload + i * kFrameBytes,
          left >= kFrameBytes ? kFrameBytes : kSilenceBytes, false,
          pcm + i * kFrameSamples);
  }
  return frames > 0;
}

// Whether it was speech that was lost, or noise, the decoder knows.
int Conceal(void* state, size_t count, int16_t* pcm) {
  int16_t frame[kFrameSamples];
  for (size_t done = 0; done < count;) {
    Frame(state, nullptr, 0, true, frame);
    const size_t size = std::min(kFrameSamples, count - done);
    std::copy_n(frame, size, pcm + done);
    done += size;
  }
  return 1;
}

constexpr callbraid_codec kCodecs[] = {
    {"G729", 8000, 8000, Mode, Samples, EndsInPause, Open, Close, Decode,
     Conceal, Conceal},
    {"G729A", 8000, 8000, Mode, Samples, EndsInPause, Open, Close, Decode,
     Conceal, Conceal}};

constexpr callbraid_codec_plugin kPlugin = {
    CALLBRAID_CODEC_PLUGIN_VERSION, "GPL-3.0-or-later (libbcg729)", kCodecs,
    sizeof(kCodecs) / sizeof(kCodecs[0])};

}  // namespace

const callbraid_codec_plugin* callbraid_codec_plugin_entry(void) {
  return &kPlugin;
}
