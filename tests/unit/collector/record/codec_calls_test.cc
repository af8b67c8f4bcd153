// Calls in other codecs than G.711: rates, loss, pauses, and payloads that are
// none.
#include <opus/opus.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "collector/record/recorder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/codecs/reference.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

double Rms(const std::vector<int16_t>& pcm) {
  double sum = 0;
  for (const int16_t sample : pcm) sum += double{1} * sample * sample;
  return std::sqrt(sum / static_cast<double>(pcm.size()));
}

double Distance(const std::vector<int16_t>& a, const std::vector<int16_t>& b) {
  std::vector<int16_t> difference;
  for (size_t i = 0; i < a.size(); ++i) {
    difference.push_back(static_cast<int16_t>((a[i] - b[i]) / 2));
  }
  return 2 * Rms(difference);
}

// A voice in packets of 20 ms with in-band FEC.
Packets OpusSpeech(int count, uint16_t sequence = 100, uint32_t timestamp = 0,
                   int64_t time_ns = kStart) {
  OpusEncoder* encoder =
      opus_encoder_create(48000, 1, OPUS_APPLICATION_VOIP, nullptr);
  opus_encoder_ctl(encoder, OPUS_SET_BITRATE(16000));
  opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(1));
  opus_encoder_ctl(encoder, OPUS_SET_PACKET_LOSS_PERC(30));
  const Pcm voice = Voice(48000, count * 0.02);
  Packets packets;
  for (int i = 0; i < count; ++i) {
    SentPacket packet;
    packet.time_ns = time_ns + i * 20 * kMs;
    packet.sequence = static_cast<uint16_t>(sequence + i);
    packet.timestamp = timestamp + static_cast<uint32_t>(960 * i);
    packet.type = 111;
    packet.payload.resize(1500);
    packet.payload.resize(static_cast<size_t>(
        opus_encode(encoder, &voice[static_cast<size_t>(i) * 960], 960,
                    packet.payload.data(), 1500)));
    packets.push_back(std::move(packet));
  }
  opus_encoder_destroy(encoder);
  return packets;
}

Wav Render(const Packets& packets, int type, const std::string& codec,
           const RecordingOptions& options = {}) {
  RecordedCall call;
  call.LegOf("leg");
  call.AddSdp("leg", kStart - kSecond, kB, {{type, codec}});
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "leg"), "s1", packets);
  return call.Render(options);
}

TEST(RenderCall, PlaysOpusAt48Khz) {
  const Packets packets = OpusSpeech(100);
  const Wav wav = Render(packets, 111, "opus");
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  EXPECT_EQ(wav.sample_rate, 48000);
  EXPECT_LE(wav.largest_write, size_t{64} << 10);
  EXPECT_EQ(wav.left, Decoded(packets, "opus"));
}

// Of every sixth packet, from a second on, only what the next says of it.
TEST(RenderCall, TakesTheCopyOfALostOpusPacketFromTheNext) {
  const Packets packets = OpusSpeech(150);
  const auto whole = Decoded(packets, "opus");
  Packets lossy;
  std::vector<int16_t> guessed;
  const auto decoder = FindCodec({"opus"}).codec->CreateDecoder();
  const auto is_lost = [](size_t i) { return i >= 50 && i % 6 == 0; };
  for (size_t i = 0; i < packets.size(); ++i) {
    if (is_lost(i)) {
      EXPECT_TRUE(decoder->Conceal(960, {}, guessed));
    } else {
      EXPECT_TRUE(decoder->Decode(packets[i].payload, guessed));
      lossy.push_back(packets[i]);
    }
  }
  const Wav wav = Render(lossy, 111, "opus");
  ASSERT_EQ(wav.left.size(), whole.size());
  double with_copy = 0;
  double without = 0;
  for (size_t i = 0; i < packets.size(); ++i) {
    if (!is_lost(i)) continue;
    const auto truth = Part(whole, i * 960, (i + 1) * 960);
    with_copy += Distance(Part(wav.left, i * 960, (i + 1) * 960), truth);
    without += Distance(Part(guessed, i * 960, (i + 1) * 960), truth);
  }
  EXPECT_LT(with_copy, 0.8 * without);
}

TEST(RenderCall, FollowsAChangeOfCodecAndClock) {
  Packets packets = Speech(100);
  const Packets opus =
      OpusSpeech(100, 200, 8000 + 100 * 160, kStart + 100 * 20 * kMs);
  const Packets both = packets + opus;
  const Wav wav = Render(both, 111, "opus");
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  EXPECT_EQ(wav.sample_rate, 48000);
  ASSERT_EQ(wav.left.size(), 4u * 48000);
  EXPECT_EQ(Part(wav.left, 96000, 192000), Decoded(opus, "opus"));
  EXPECT_GT(Rms(Part(wav.left, 0, 96000)), 1000);
}

// The side that speaks in it goes on longer than what can be heard.
TEST(RenderCall, SaysWhichCodecItLacksAndKeepsItsLength) {
  RecordedCall call;
  call.LegOf("leg");
  call.AddSdp("leg", kStart - kSecond, kB, {{0, "PCMU"}, {99, "EVRC"}});
  Packets packets = Speech(50);
  for (SentPacket& packet : Speech(100, 1, kStart + kSecond, 150, 16000)) {
    packet.type = 99;
    packets.push_back(std::move(packet));
  }
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "leg"), "s1", packets);
  const Wav wav = call.Render();
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  EXPECT_NEAR(static_cast<double>(wav.left.size()) / wav.sample_rate, 3, 0.03);
  EXPECT_THAT(wav.findings, ElementsAre(HasSubstr("EVRC")));
}

// The first second of a call that goes on by ZRTP is heard, and no noise after.
TEST(RenderCall, PlaysNothingFromWhereZrtpConfirmedItsKeys) {
  RecordedCall call;
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB, "leg");
  call.Observe(stream, "s1", Speech(150));
  CommitGroup group;
  v1::StreamReport report;
  report.set_time_ns(kStart + 3 * kSecond);
  report.set_zrtp_secure_ns(kStart + kSecond);
  group.reports.push_back(
      {*ObservationId::FromHex(stream.observations(0).id()), report});
  ASSERT_TRUE(call.store().Commit(group).ok());
  const Wav wav = call.Render();
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  ASSERT_NEAR(static_cast<double>(wav.left.size()), 3 * 8000, 160);
  EXPECT_GT(Rms(Part(wav.left, 0, 8000)), 1000);
  EXPECT_THAT(Part(wav.left, 8000, wav.left.size()), Each(0));
  EXPECT_THAT(wav.findings, ElementsAre(HasSubstr("in SRTP")));
}

// `packets` as redundant audio (RFC 2198) of type 63: each has the one before.
Packets Redundant(const Packets& packets) {
  Packets redundant = packets;
  for (size_t i = 0; i < packets.size(); ++i) {
    std::vector<uint8_t> payload;
    const std::vector<uint8_t> older =
        i == 0 ? std::vector<uint8_t>() : packets[i - 1].payload;
    if (i > 0) {
      const uint32_t offset = packets[i].timestamp - packets[i - 1].timestamp;
      payload = {static_cast<uint8_t>(0x80 | packets[i - 1].type),
                 static_cast<uint8_t>(offset >> 6),
                 static_cast<uint8_t>((offset & 0x3f) << 2 | older.size() >> 8),
                 static_cast<uint8_t>(older.size())};
    }
    payload.push_back(packets[i].type);
    payload.insert(payload.end(), older.begin(), older.end());
    payload.insert(payload.end(), packets[i].payload.begin(),
                   packets[i].payload.end());
    redundant[i].payload = std::move(payload);
    redundant[i].type = 63;
  }
  return redundant;
}

Wav RenderRedundant(const Packets& packets) {
  RecordedCall call;
  call.LegOf("leg");
  call.AddSdp("leg", kStart - kSecond, kB, {{63, "red", "0/0"}, {0, "PCMU"}});
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "leg"), "s1", packets);
  return call.Render();
}

TEST(RenderCall, TakesLostPacketsFromTheRedundantAudioBehindThem) {
  const Packets speech = Speech(100);
  Packets lossy = Redundant(speech);
  std::swap(lossy[40], lossy[41]);
  std::swap(lossy[40].time_ns, lossy[41].time_ns);
  for (const size_t lost : {90, 75, 50, 10}) {
    lossy.erase(lossy.begin() + static_cast<ptrdiff_t>(lost));
  }
  const Wav wav = RenderRedundant(lossy);
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  EXPECT_EQ(wav.sample_rate, 8000);
  EXPECT_EQ(wav.left, Decoded(speech)) << "as if nothing had been lost";
}

TEST(RenderCall, ConcealsWhatRedundantAudioDoesNotHave) {
  Packets lossy = Redundant(Speech(100));
  lossy.erase(lossy.begin() + 50, lossy.begin() + 53);
  // Nonsense is as good as lost, and repeated by the next.
  lossy[20].payload = {0xff, 0xff};
  const Wav wav = RenderRedundant(lossy);
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  const auto whole = Decoded(Speech(100));
  ASSERT_EQ(wav.left.size(), whole.size());
  EXPECT_EQ(Part(wav.left, 0, 50 * 160), Part(whole, 0, 50 * 160));
  EXPECT_EQ(Part(wav.left, 53 * 160, 16'000), Part(whole, 53 * 160, 16'000));
}

// Two seconds of speech with one and a half between them.
Packets WithPause(const std::vector<uint8_t>& comfort_noise) {
  Packets packets = Speech(50);
  if (!comfort_noise.empty()) {
    packets.push_back({kStart + kSecond, 150, 16000, 13, comfort_noise});
  }
  const auto next = static_cast<uint16_t>(comfort_noise.empty() ? 150 : 151);
  return packets + Speech(50, 2, kStart + 2500 * kMs, next, 28000);
}

TEST(RenderCall, FillsAPauseWithTheNoiseThatTheSenderDescribed) {
  const Packets packets = WithPause({40});
  const Wav wav = Render(packets, 0, "PCMU");
  ASSERT_EQ(wav.left.size(), 28000u);
  EXPECT_EQ(Part(wav.left, 0, 8000), Decoded(Speech(50)));
  // -40 dBov.
  EXPECT_NEAR(Rms(Part(wav.left, 8000, 20000)), 327.7, 33);
  EXPECT_EQ(Part(wav.left, 20000, 28000), Decoded(Speech(50, 2)));
  RecordingOptions bare;
  bare.conceal = false;
  const Wav plain = Render(packets, 0, "PCMU", bare);
  EXPECT_THAT(Part(plain.left, 8000, 20000), Each(0));
}

TEST(RenderCall, ShapesComfortNoiseByItsCoefficients) {
  // One strong coefficient: neighbours are alike.
  const auto noise =
      Part(Render(WithPause({40, 20}), 0, "PCMU").left, 8000, 20000);
  EXPECT_NEAR(Rms(noise), 327.7, 60);
  std::vector<int16_t> steps;
  for (size_t i = 1; i < noise.size(); ++i) {
    steps.push_back(static_cast<int16_t>(noise[i] - noise[i - 1]));
  }
  EXPECT_LT(Rms(steps), 0.8 * Rms(noise));
}

TEST(RenderCall, LeavesAPauseSilentOfWhichNothingIsSaid) {
  const Wav wav = Render(WithPause({}), 0, "PCMU");
  EXPECT_THAT(Part(wav.left, 8000, 20000), Each(0));
}

TEST(RenderCall, LetsABadPacketCostItsOwnStretchOnly) {
  Packets packets;
  for (int i = 0; i < 50; ++i) {
    SentPacket packet;
    packet.time_ns = kStart + i * 20 * kMs;
    packet.sequence = static_cast<uint16_t>(i);
    packet.timestamp = static_cast<uint32_t>(160 * i);
    packet.type = 3;
    packet.payload.assign(33, static_cast<uint8_t>(i * 7));
    packet.payload[0] = 0xd3;
    packets.push_back(std::move(packet));
  }
  Packets bad = packets;
  bad[25].payload[0] = 0x13;  // No frame of GSM begins so.
  bad[30].payload.resize(5);
  const Wav wav = Render(bad, 3, "GSM");
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  EXPECT_EQ(wav.left.size(), 8000u);
  EXPECT_EQ(wav.refused, 2u);
  EXPECT_EQ(Part(wav.left, 0, 4000), Part(Decoded(packets, "GSM"), 0, 4000));
  EXPECT_THAT(Part(wav.left, 4000, 4160), Each(0));
  EXPECT_GT(Rms(Part(wav.left, 5000, 8000)), 0);
}

// AMR, one frame a packet: SID at most every 160 ms, and nothing between.
TEST(RenderCall, PlaysTheComfortNoiseOfAmr) {
  Packets packets;
  const auto add = [&packets](int at, std::vector<uint8_t> payload) {
    SentPacket packet;
    packet.time_ns = kStart + at * 20 * kMs;
    packet.sequence = static_cast<uint16_t>(packets.size());
    packet.timestamp = static_cast<uint32_t>(160 * at);
    packet.type = 97;
    packet.payload = std::move(payload);
    packets.push_back(std::move(packet));
  };
  for (int i = 0; i < 50; ++i) {
    std::vector<uint8_t> speech(32, static_cast<uint8_t>(i * 37 + 11));
    speech[0] = 0xf3;  // 12.2 kbit/s, good.
    speech[1] = static_cast<uint8_t>((speech[1] & 0x3f) | 0xc0);
    add(i, speech);
  }
  for (int i = 50; i < 100; i += 8) {
    add(i, {0xf4, 0x5a, 0x34, 0x56, 0x78, 0xda, 0xf0});
  }
  const Wav wav = Render(packets, 97, "AMR");
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  EXPECT_EQ(wav.refused, 0u);
  ASSERT_EQ(wav.left.size(), 99u * 160);
  // Each stretch without a packet has something.
  for (size_t at = 51; at < 97; at += 8) {
    EXPECT_GT(Rms(Part(wav.left, at * 160, (at + 6) * 160)), 0) << at;
  }
}

TEST(RenderCall, SaysThatNoPayloadIsAFrame) {
  Packets packets = Speech(50);
  for (SentPacket& packet : packets) {
    packet.type = 3;
    packet.payload = {0};
  }
  const Wav wav = Render(packets, 3, "GSM");
  EXPECT_TRUE(absl::IsFailedPrecondition(wav.status)) << wav.status;
  EXPECT_TRUE(wav.bytes.empty());
}

}  // namespace
}  // namespace callbraid::collector
