// Each decoder against another one of the same bits: ffmpeg's own where it has
// one, so that neither format nor packing can be wrong in the same way on both
// sides; and against the voice that was encoded. ffmpeg 5.1 makes noise of the
// AMR-WB that vo-amrwbenc gives: there only the voice tells.

#include "tests/unit/collector/codecs/reference.h"

#include <opencore-amrnb/interf_enc.h>
#include <vo-amrwbenc/enc_if.h>

#include <cstdio>
#include <functional>

#include "collector/codecs/find_codec.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

struct Case {
  const char* name;
  CodecFormat format;
  uint32_t rate;       // Of the decoder, Hz.
  std::string encode;  // Options of ffmpeg; empty: AMR, by `bitrate`.
  const char* file;
  const char* decode;  // Options that tell ffmpeg what the file is.
  std::function<std::vector<Bytes>(const Bytes&)> packets;
  double min_snr_db;        // Of what ffmpeg decodes.
  double min_voice_snr_db;  // Of what was encoded.
  int mode = 0;             // Of the AMR encoders.
  bool dtx = false;
};

// The frames of a file of RFC 4867, section 5, each with its header.
std::vector<Bytes> AmrFrames(const Bytes& file, bool wide) {
  static constexpr size_t kNarrow[] = {13, 14, 16, 18, 20, 21, 27, 32,
                                       6,  1,  1,  1,  1,  1,  1,  1};
  static constexpr size_t kWide[] = {18, 24, 33, 37, 41, 47, 51, 59,
                                     61, 6,  6,  1,  1,  1,  1,  1};
  std::vector<Bytes> frames;
  for (size_t at = wide ? 9 : 6; at < file.size();) {
    const size_t type = file[at] >> 3 & 15;
    const size_t size = wide ? kWide[type] : kNarrow[type];
    frames.emplace_back(file.begin() + at, file.begin() + at + size);
    at += size;
  }
  return frames;
}

// As in the file, behind a request for no mode; two frames a packet.
std::vector<Bytes> AmrAligned(const Bytes& file, bool wide, bool crc) {
  std::vector<Bytes> packets;
  const auto frames = AmrFrames(file, wide);
  for (size_t i = 0; i + 1 < frames.size(); i += 2) {
    Bytes packet = {0xf0};
    packet.push_back(frames[i][0] | 0x80);
    packet.push_back(frames[i + 1][0]);
    if (crc) packet.insert(packet.end(), 2, 0xee);
    for (size_t k : {i, i + 1}) {
      packet.insert(packet.end(), frames[k].begin() + 1, frames[k].end());
    }
    packets.push_back(std::move(packet));
  }
  return packets;
}

// Bit by bit, as strings of '0' and '1' (RFC 4867, section 4.3).
std::vector<Bytes> AmrEfficient(const Bytes& file, bool wide) {
  static constexpr int kNarrow[] = {95, 103, 118, 134, 148, 159, 204, 244, 39};
  static constexpr int kWide[] = {132, 177, 253, 285, 317,
                                  365, 397, 461, 477, 40};
  std::vector<Bytes> packets;
  const auto frames = AmrFrames(file, wide);
  const auto bits_of = [](const Bytes& bytes) {
    std::string bits;
    for (const uint8_t byte : bytes) {
      for (int bit = 7; bit >= 0; --bit) bits += byte >> bit & 1 ? '1' : '0';
    }
    return bits;
  };
  for (size_t i = 0; i + 1 < frames.size(); i += 2) {
    std::string bits = "1111";
    std::string data;
    for (size_t k : {i, i + 1}) {
      const std::string frame = bits_of(frames[k]);
      bits += (k == i ? "1" : "0") + frame.substr(1, 5);
      const int type = frames[k][0] >> 3 & 15;
      data += frame.substr(8, wide ? kWide[type] : kNarrow[type]);
    }
    bits += data;
    bits.resize((bits.size() + 7) / 8 * 8, '0');
    Bytes packet;
    for (size_t at = 0; at < bits.size(); at += 8) {
      packet.push_back(
          static_cast<uint8_t>(std::stoi(bits.substr(at, 8), nullptr, 2)));
    }
    packets.push_back(std::move(packet));
  }
  return packets;
}

// A file of RFC 4867, section 5, by the libraries' encoders.
Bytes EncodeAmr(const Pcm& pcm, bool wide, int mode, bool dtx) {
  const std::string magic = wide ? "#!AMR-WB\n" : "#!AMR\n";
  Bytes file(magic.begin(), magic.end());
  void* state = wide ? E_IF_init() : Encoder_Interface_init(dtx ? 1 : 0);
  const size_t samples = wide ? 320 : 160;
  for (size_t at = 0; at + samples <= pcm.size(); at += samples) {
    uint8_t frame[64];
    const int size =
        wide ? E_IF_encode(state, mode, pcm.data() + at, frame, dtx ? 1 : 0)
             : Encoder_Interface_Encode(state, static_cast<Mode>(mode),
                                        pcm.data() + at, frame, 0);
    file.insert(file.end(), frame, frame + size);
  }
  wide ? E_IF_exit(state) : Encoder_Interface_exit(state);
  return file;
}

auto Every(size_t size) {
  return [size](const Bytes& file) { return Pieces(file, size); };
}

std::vector<Case> Cases() {
  std::vector<Case> cases = {
      {"G722",
       {"G722", 8000},
       16000,
       "-c:a g722 -f g722",
       "x.g722",
       "-f g722",
       Every(160),
       100,
       25},
      {"Gsm",
       {"GSM", 8000},
       8000,
       "-c:a libgsm -f gsm",
       "x.gsm",
       "-c:a gsm -f gsm",
       Every(33),
       100,
       12},
      {"Opus",
       {"opus", 48000, 2},
       48000,
       "-c:a libopus -b:a 24k",
       "x.opus",
       "-c:a opus",
       OggPackets,
       15,
       12},
      {"OpusMusicStereo",
       {"opus", 48000, 2},
       48000,
       "-ac 2 -c:a libopus -application audio -b:a 128k",
       "x.opus",
       "-c:a opus",
       OggPackets,
       60,
       -9},
      {"OpusLowRate60ms",
       {"opus", 48000, 2},
       48000,
       "-c:a libopus -application voip -b:a 10k -frame_duration 60",
       "x.opus",
       "-c:a opus",
       OggPackets,
       30,
       6},
      {"Speex",
       {"SPEEX", 8000},
       8000,
       "-c:a libspeex -cbr_quality 8",
       "x.spx",
       "-c:a speex",
       OggPackets,
       60,
       4},
      {"SpeexWide",
       {"speex", 16000},
       16000,
       "-c:a libspeex -cbr_quality 8",
       "x.spx",
       "-c:a speex",
       OggPackets,
       12,
       8},
      {"SpeexUltraWide",
       {"speex", 32000},
       32000,
       "-c:a libspeex",
       "x.spx",
       "-c:a speex",
       OggPackets,
       12,
       8},
      {"L16",
       {"L16", 16000, 1},
       16000,
       "-f s16be",
       "x.raw",
       "-f s16be -ar 16000 -ac 1",
       Every(640),
       100,
       100},
      {"L16Stereo",
       {"L16", 44100, 2},
       44100,
       "-ac 2 -f s16be",
       "x.raw",
       "-f s16be -ar 44100 -ac 2",
       Every(1764),
       60,
       -9},
  };
  // At 40 kbit/s ffmpeg 5.1 and spandsp do not understand each other; see
  // docs/codecs.md for what speaks for spandsp.
  for (int bits = 2; bits <= 4; ++bits) {
    const std::string rate = std::to_string(bits * 8);
    const auto text = [](std::string value) {
      return (new std::string(std::move(value)))->c_str();  // As long as tests.
    };
    cases.push_back({text("G726_" + rate),
                     {"G726-" + rate, 8000},
                     8000,
                     text("-c:a g726le -b:a " + rate + "k -f g726le"),
                     "x.g726",
                     text("-f g726le -code_size " + std::to_string(bits)),
                     Every(20 * bits),
                     30,
                     8});
    cases.push_back({text("Aal2G726_" + rate),
                     {"AAL2-G726-" + rate, 8000},
                     8000,
                     text("-c:a g726 -b:a " + rate + "k -f g726"),
                     "x.g726",
                     text("-f g726 -code_size " + std::to_string(bits)),
                     Every(20 * bits),
                     30,
                     8});
  }
  const auto amr = [&cases](const char* name, bool wide, bool aligned, bool crc,
                            int mode, bool dtx) {
    cases.push_back({name,
                     {wide ? "AMR-WB" : "AMR", wide ? 16000u : 8000u, 1,
                      crc       ? "crc=1"
                      : aligned ? "octet-align=1"
                                : ""},
                     wide ? 16000u : 8000u,
                     "",
                     "x.amr",
                     "-f amr",
                     [wide, aligned, crc](const Bytes& file) {
                       return aligned ? AmrAligned(file, wide, crc)
                                      : AmrEfficient(file, wide);
                     },
                     wide ? -9.0 : 15.0,
                     wide ? 2.5 : -9.0,
                     mode,
                     dtx});
  };
  amr("Amr122", false, false, false, MR122, false);
  amr("Amr475", false, false, false, MR475, false);
  amr("AmrAligned", false, true, false, MR795, false);
  amr("AmrCrc", false, true, true, MR74, false);
  amr("AmrDtx", false, false, false, MR122, true);
  amr("AmrWb2385", true, false, false, 8, false);
  amr("AmrWb660", true, false, false, 0, false);
  amr("AmrWbAligned", true, true, false, 2, false);
  amr("AmrWbCrc", true, true, true, 4, false);
  return cases;
}

class Reference : public testing::TestWithParam<Case> {};

TEST_P(Reference, IsDecodedAlike) {
  const Case& wanted = GetParam();
  if (!Scratch::Run("ffmpeg -version >/dev/null 2>&1")) {
    GTEST_SKIP() << "there is no ffmpeg";
  }
  const Scratch scratch;
  const Pcm voice = Voice(wanted.rate, 4);
  if (wanted.encode.empty()) {
    const Bytes file =
        EncodeAmr(voice, wanted.rate == 16000, wanted.mode, wanted.dtx);
    scratch.Write(wanted.file, file.data(), file.size());
  } else {
    ASSERT_TRUE(scratch.Encode(voice, wanted.rate, wanted.encode, wanted.file));
  }
  const Pcm theirs = scratch.Decode(wanted.decode, wanted.file, wanted.rate);
  ASSERT_GT(theirs.size(), voice.size() / 2);

  const Codec* codec = FindCodec(wanted.format).codec;
  ASSERT_NE(codec, nullptr);
  EXPECT_EQ(codec->sample_rate(), wanted.rate);
  const auto decoder = codec->CreateDecoder();
  Pcm ours;
  for (const Bytes& packet : wanted.packets(scratch.Read(wanted.file))) {
    const size_t before = ours.size();
    ASSERT_TRUE(decoder->Decode(packet, ours));
    ASSERT_EQ(ours.size() - before, codec->Samples(packet));
  }
  // A container may trim the encoder's delay, and ends where the signal does.
  EXPECT_NEAR(static_cast<double>(ours.size()) / wanted.rate,
              static_cast<double>(theirs.size()) / wanted.rate, 0.07);
  const double snr = Snr(theirs, ours, 400);
  const double ours_to_voice = Snr(voice, ours, 800);
  std::printf(
      "%s: SNR %.1f dB against ffmpeg's; of the voice: ours %.1f dB, "
      "ffmpeg's %.1f dB\n",
      wanted.name, snr, ours_to_voice, Snr(voice, theirs, 800));
  EXPECT_GE(snr, wanted.min_snr_db);
  EXPECT_GE(ours_to_voice, wanted.min_voice_snr_db);
}

INSTANTIATE_TEST_SUITE_P(Codecs, Reference, testing::ValuesIn(Cases()),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace callbraid::collector
