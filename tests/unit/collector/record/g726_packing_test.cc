// G.726 in either packing, under its own name and the other's.
#include <cmath>
#include <cstdint>
// After cstdint, which it needs, and before what needs it.
#include <spandsp/telephony.h>
//
#include <spandsp/bitstream.h>
//
#include <spandsp/g726.h>

#include <functional>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "collector/record/recorder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/codecs/reference.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kCount = 200;
constexpr int kType = 97;
const std::string kByI366 = "AAL2-G726-32";

const std::string kByRfc3551 = "G726-32";

Packets Encode(const Pcm& pcm, bool by_i366) {
  g726_state_t* encoder =
      g726_init(nullptr, 32000, G726_ENCODING_LINEAR,
                by_i366 ? G726_PACKING_LEFT : G726_PACKING_RIGHT);
  Packets packets;
  for (int i = 0; i < kCount; ++i) {
    SentPacket packet;
    packet.time_ns = kStart + i * 20 * kMs;
    packet.sequence = static_cast<uint16_t>(100 + i);
    packet.timestamp = static_cast<uint32_t>(160 * i);
    packet.type = kType;
    packet.payload.resize(160);
    packet.payload.resize(static_cast<size_t>(
        g726_encode(encoder, packet.payload.data(),
                    &pcm[static_cast<size_t>(i) * 160], 160)));
    packets.push_back(std::move(packet));
  }
  g726_free(encoder);
  return packets;
}

Wav Render(const Packets& packets, const std::string& name) {
  RecordedCall call;
  call.LegOf("leg");
  call.AddSdp("leg", kStart - kSecond, kB, {{kType, name}});
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "leg"), "s1", packets);
  return call.Render();
}

Pcm Of(const std::function<double(int)>& sample) {
  Pcm pcm;
  for (int i = 0; i < kCount * 160; ++i) {
    pcm.push_back(static_cast<int16_t>(sample(i)));
  }
  return pcm;
}

Pcm Tone(double hz) {
  return Of([hz](int i) {
    return 8000 * std::sin(2 * std::numbers::pi * hz * i / 8000);
  });
}

struct Sound {
  std::string what;
  Pcm pcm;
};

std::vector<Sound> Sounds() {
  std::vector<Sound> sounds = {{"voice", Voice(8000, kCount * 0.02)}};
  for (const double hz : {350.0, 1100.0, 2100.0, 3300.0}) {
    sounds.push_back({"tone of " + std::to_string(hz) + " Hz", Tone(hz)});
  }
  return sounds;
}

TEST(CorrectG726Packing, PlaysSpeechAndTonesWhicheverNameTheyHave) {
  for (const Sound& sound : Sounds()) {
    for (const bool by_i366 : {false, true}) {
      SCOPED_TRACE(sound.what + (by_i366 ? " by I.366.2" : " by RFC 3551"));
      const Packets packets = Encode(sound.pcm, by_i366);
      const std::string right = by_i366 ? kByI366 : kByRfc3551;
      const std::string wrong = by_i366 ? kByRfc3551 : kByI366;
      const auto truth = Decoded(packets, right.c_str());
      const Wav as_named = Render(packets, right);
      EXPECT_TRUE(as_named.left == truth);
      EXPECT_THAT(as_named.findings, IsEmpty());
      const Wav misnamed = Render(packets, wrong);
      EXPECT_TRUE(misnamed.left == truth);
      EXPECT_THAT(misnamed.findings, ElementsAre(HasSubstr("other packing")));
    }
  }
}

TEST(CorrectG726Packing, BelievesTheNameOfNoiseAndSilence) {
  std::minstd_rand random(1);
  std::uniform_int_distribution<int> loud(-8000, 8000);
  std::uniform_int_distribution<int> quiet(-8, 8);
  const Sound sounds[] = {
      {"noise", Of([&](int) { return loud(random); })},
      {"line noise", Of([&](int) { return quiet(random); })},
      {"silence", Of([](int) { return 0; })}};
  for (const Sound& sound : sounds) {
    for (const bool by_i366 : {false, true}) {
      SCOPED_TRACE(sound.what);
      const Packets packets = Encode(sound.pcm, by_i366);
      for (const std::string& name : {kByRfc3551, kByI366}) {
        const Wav wav = Render(packets, name);
        EXPECT_TRUE(wav.left == Decoded(packets, name.c_str()));
        EXPECT_THAT(wav.findings, IsEmpty());
      }
    }
  }
}

// Speech of a second does not tell.
TEST(CorrectG726Packing, BelievesTheNameOfWhatIsShort) {
  Packets packets = Encode(Voice(8000, kCount * 0.02), true);
  packets.resize(50);
  EXPECT_TRUE(Render(packets, kByRfc3551).left ==
              Decoded(packets, kByRfc3551.c_str()));
}

}  // namespace
}  // namespace callbraid::collector
