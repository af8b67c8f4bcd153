// CPU of decoding, per codec: one packet of 20 ms (30 ms for G.723.1 and iLBC)
// after the other. `cores_per_1000` is what 1000 streams cost in real time: one
// direction of 1000 calls, or both of 500.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "collector/codecs/codec_plugins.h"
#include "collector/codecs/decoders_apart.h"
#include "collector/codecs/find_codec.h"
#include "opencore-amrnb/interf_enc.h"
#include "opus/opus.h"
#include "speex/speex.h"

namespace callbraid::collector {
namespace {

using Bytes = std::vector<uint8_t>;

uint8_t Next(uint32_t& random) {
  random = random * 1664525 + 1013904223;
  return static_cast<uint8_t>(random >> 24);
}

int16_t Sample(uint32_t& random, size_t i) {
  return static_cast<int16_t>((Next(random) - 128) * (i % 120 < 20 ? 60 : 8));
}

// Codecs in which any bytes are speech.
std::vector<Bytes> AnyBytes(size_t size, uint8_t first_or = 0,
                            uint8_t first_and = 0xff) {
  uint32_t random = 1;
  std::vector<Bytes> packets(50);
  for (Bytes& packet : packets) {
    for (size_t i = 0; i < size; ++i) packet.push_back(Next(random));
    packet[0] = (packet[0] & first_and) | first_or;
  }
  return packets;
}

std::vector<Bytes> OpusPackets(int channels, int bitrate) {
  OpusEncoder* encoder =
      opus_encoder_create(48000, channels, OPUS_APPLICATION_VOIP, nullptr);
  opus_encoder_ctl(encoder, OPUS_SET_BITRATE(bitrate));
  uint32_t random = 1;
  std::vector<Bytes> packets(50);
  for (Bytes& packet : packets) {
    std::vector<int16_t> pcm(960 * static_cast<size_t>(channels));
    for (size_t i = 0; i < pcm.size(); ++i) pcm[i] = Sample(random, i);
    packet.resize(1500);
    packet.resize(static_cast<size_t>(
        opus_encode(encoder, pcm.data(), 960, packet.data(), 1500)));
  }
  opus_encoder_destroy(encoder);
  return packets;
}

std::vector<Bytes> SpeexPackets(int mode, size_t samples) {
  void* encoder = speex_encoder_init(speex_lib_get_mode(mode));
  SpeexBits bits;
  speex_bits_init(&bits);
  uint32_t random = 1;
  std::vector<Bytes> packets(50);
  for (Bytes& packet : packets) {
    std::vector<int16_t> pcm(samples);
    for (size_t i = 0; i < samples; ++i) pcm[i] = Sample(random, i);
    speex_bits_reset(&bits);
    speex_encode_int(encoder, pcm.data(), &bits);
    packet.resize(static_cast<size_t>(speex_bits_nbytes(&bits)));
    speex_bits_write(&bits, reinterpret_cast<char*>(packet.data()),
                     static_cast<int>(packet.size()));
  }
  speex_bits_destroy(&bits);
  speex_encoder_destroy(encoder);
  return packets;
}

std::vector<Bytes> AmrPackets() {
  void* encoder = Encoder_Interface_init(0);
  uint32_t random = 1;
  std::vector<Bytes> packets(50);
  for (Bytes& packet : packets) {
    int16_t pcm[160];
    for (size_t i = 0; i < 160; ++i) pcm[i] = Sample(random, i);
    packet.resize(64);
    const int size =
        Encoder_Interface_Encode(encoder, MR122, pcm, packet.data() + 1, 0);
    packet[0] = 0xf0;
    packet.resize(static_cast<size_t>(size) + 1);
  }
  Encoder_Interface_exit(encoder);
  return packets;
}

// CALLBRAID_APART=1: decoders run as they do in the collector.
bool WantsApart() { return std::getenv("CALLBRAID_APART") != nullptr; }

void Decode(benchmark::State& state, const CodecFormat& format,
            const std::vector<Bytes>& packets) {
  static const bool loaded = LoadCodecPlugins(CALLBRAID_CODEC_PLUGINS).ok();
  static const bool apart = WantsApart() && DecodeApart().ok();
  static_cast<void>(apart);
  const Codec* codec = FindCodec(format).codec;
  if (codec == nullptr) {
    state.SkipWithError(loaded ? "its plug-in was not built" : "no plug-ins");
    return;
  }
  const auto decoder = codec->CreateDecoder();
  std::vector<int16_t> pcm;
  double seconds = 0;
  size_t next = 0;
  for (auto _ : state) {
    pcm.clear();
    const Bytes& packet = packets[next++ % packets.size()];
    if (!decoder->Decode(packet, pcm)) {
      state.SkipWithError("refused");
      return;
    }
    seconds += static_cast<double>(pcm.size()) / codec->sample_rate();
  }
  // CPU seconds for each second of a thousand streams.
  state.counters["cores_per_1000"] =
      benchmark::Counter(seconds / 1000, benchmark::Counter::kIsRate |
                                             benchmark::Counter::kInvert);
}

void Register(const char* name, const CodecFormat& format,
              std::vector<Bytes> packets) {
  auto* registered = benchmark::RegisterBenchmark(
      name, [format, packets = std::move(packets)](benchmark::State& state) {
        Decode(state, format, packets);
      });
  // Both processes take their time.
  if (WantsApart()) registered->UseRealTime();
}

const bool registered = [] {
  Register("PCMU", {"PCMU"}, AnyBytes(160));
  Register("G722", {"G722"}, AnyBytes(160));
  Register("G726-16", {"G726-16"}, AnyBytes(40));
  Register("G726-32", {"G726-32"}, AnyBytes(80));
  Register("G726-40", {"G726-40"}, AnyBytes(100));
  Register("L16/16000", {"L16", 16000, 1}, AnyBytes(640));
  Register("GSM", {"GSM"}, AnyBytes(33, 0xd0, 0x0f));
  Register("opus_24k", {"opus"}, OpusPackets(1, 24000));
  Register("opus_128k_stereo", {"opus"}, OpusPackets(2, 128000));
  Register("SPEEX/8000", {"SPEEX", 8000}, SpeexPackets(0, 160));
  Register("SPEEX/16000", {"SPEEX", 16000}, SpeexPackets(1, 320));
  Register("SPEEX/32000", {"SPEEX", 32000}, SpeexPackets(2, 640));
  Register("AMR_12.2", {"AMR", 8000, 1, "octet-align=1"}, AmrPackets());
  // One frame of 23.85 kbit/s behind the table of contents.
  {
    auto packets = AnyBytes(62);
    for (Bytes& packet : packets) {
      packet[0] = 0xf0;
      packet[1] = 0x44;
    }
    Register("AMR-WB_23.85", {"AMR-WB", 16000, 1, "octet-align=1"},
             std::move(packets));
  }
  Register("G729", {"G729"}, AnyBytes(20));
  Register("G723_6.3", {"G723"}, AnyBytes(24, 0, 0xfc));
  Register("iLBC_30ms", {"iLBC"}, AnyBytes(50));
  return true;
}();

}  // namespace
}  // namespace callbraid::collector
