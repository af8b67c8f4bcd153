#include "collector/hearing/speech_meter.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/unit/collector/hearing/sounds.h"

namespace callbraid::collector {
namespace {

SpeechMeter Heard(const Pcm& pcm) {
  SpeechMeter meter;
  meter.Listen(pcm);
  return meter;
}

TEST(SpeechMeter, WithoutPausesIsTheMeanLevel) {
  for (const double dbov : {-3.1, -10.0, -26.0, -40.0, -55.0}) {
    EXPECT_NEAR(*Heard(Sine(10, dbov)).ActiveLevel(), dbov, 0.1);
    if (dbov < -10) {
      EXPECT_NEAR(*Heard(Noise(10, dbov)).ActiveLevel(), dbov, 0.15);
    }
  }
}

// ITU-T P.56: pauses do not make speech weaker, as they do its mean.
TEST(SpeechMeter, PausesDoNotCount) {
  for (const double pause : {1.0, 4.0, 30.0}) {
    Pcm pcm;
    for (int i = 0; i < 10; ++i) {
      pcm = pcm + Noise(1.8, -26, static_cast<uint32_t>(i)) +
            Pcm(static_cast<size_t>(pause * kHz));
    }
    // What follows for 0.2 s belongs to it: 0.5 dB of 1.8 s.
    EXPECT_NEAR(*Heard(pcm).ActiveLevel(), -26.5, 0.3) << pause;
    EXPECT_LT(DbovOf(pcm), -27.5);
  }
}

TEST(SpeechMeter, NoiseFarBelowDoesNotCount) {
  Pcm pcm;
  for (int i = 0; i < 10; ++i) {
    pcm = pcm + Noise(1.8, -26, static_cast<uint32_t>(i)) + Noise(4, -60);
  }
  EXPECT_NEAR(*Heard(pcm).ActiveLevel(), -26.5, 0.3);
}

// This voice has no pauses, so that its mean is its level.
TEST(SpeechMeter, AgreesWithFfmpeg) {
  const Pcm pcm = Voice(8000, 20);
  const Scratch scratch;
  scratch.Write("in.raw", pcm.data(), pcm.size() * sizeof(int16_t));
  if (!Scratch::Run("ffmpeg -nostats -f s16le -ac 1 -ar 8000 -i " +
                    scratch.Path("in.raw") + " -af volumedetect -f null - 2> " +
                    scratch.Path("told"))) {
    GTEST_SKIP() << "no ffmpeg";
  }
  const Bytes bytes = scratch.Read("told");
  const std::string text(bytes.begin(), bytes.end());
  const std::string what = "mean_volume: ";
  const size_t at = text.find(what);
  ASSERT_NE(at, std::string::npos) << text;
  EXPECT_NEAR(*Heard(pcm).ActiveLevel(),
              std::stod(text.substr(at + what.size())), 0.2);
}

TEST(SpeechMeter, SilenceHasNoLevel) {
  EXPECT_EQ(SpeechMeter().ActiveLevel(), std::nullopt);
  EXPECT_EQ(Heard(Pcm(kHz)).ActiveLevel(), std::nullopt);
}

TEST(SpeechMeter, TellsHowLoudEachFrameIs) {
  const auto meter = Heard(Sine(0.04, -20) + Pcm(160) + Noise(0.02, -70));
  ASSERT_EQ(meter.frames().size(), 4u);
  EXPECT_NEAR(SpeechMeter::ToDbov(meter.frames()[0]), -20, 0.3);
  EXPECT_NEAR(SpeechMeter::ToDbov(meter.frames()[1]), -20, 0.3);
  EXPECT_EQ(meter.frames()[2], SpeechMeter::kNothing);
  EXPECT_NEAR(SpeechMeter::ToDbov(meter.frames()[3]), -70, 1.5);
}

// It does not matter in what pieces it comes.
TEST(SpeechMeter, HearsTheSameInPieces) {
  const Pcm pcm = Talker(5, -20, 1);
  SpeechMeter pieces;
  for (size_t i = 0; i < pcm.size(); i += 77) {
    pieces.Listen(
        std::span(pcm).subspan(i, std::min<size_t>(77, pcm.size() - i)));
  }
  const auto whole = Heard(pcm);
  EXPECT_EQ(pieces.frames(), whole.frames());
  EXPECT_EQ(pieces.ActiveLevel(), whole.ActiveLevel());
}

TEST(SpeechMeter, CountsWhatIsClipped) {
  EXPECT_EQ(Heard(Talker(20, -26, 1)).clipped_runs(), 0u);
  // Each half of each wave of 100 Hz is cut: 6 dB beyond its top, 60 degrees
  // either side of it are.
  const auto meter = Heard(Louder(Sine(1, -3.1, 100), 6));
  EXPECT_EQ(meter.clipped_runs(), 200u);
  EXPECT_NEAR(static_cast<double>(meter.clipped_samples()), 8000 * 120 / 180.0,
              300);
  // Two in a row may be anything.
  EXPECT_EQ(
      Heard({0, 32767, 32767, 0, -32768, -32768, 32767, 32767}).clipped_runs(),
      0u);
  EXPECT_EQ(Heard({0, 32124, 32124, 32124, 0}).clipped_runs(), 1u);
}

}  // namespace
}  // namespace callbraid::collector
