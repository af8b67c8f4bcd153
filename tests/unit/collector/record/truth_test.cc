// That a recording is a timeline: as long as the call, each sample once and
// where it was spoken, whatever senders and networks do. All RTP is made by
// rule (talker.h).

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/record/recorded_call.h"
#include "tests/unit/collector/record/talker.h"

namespace callbraid::collector {
namespace {

using ::testing::Each;

constexpr double kToleranceMs = 20;

// Of the caller's stream only.
Wav RenderCaller(const Packets& packets, bool conceal = false) {
  RecordedCall call;
  call.LegOf("leg");
  call.AddSdp("leg", kStart - kSecond, kB,
              {{kL16Type, "L16"}, {13, "CN"}, {101, "telephone-event"}});
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "leg"), "s1", packets);
  RecordingOptions options;
  options.conceal = conceal;
  return call.Render(options);
}

void ExpectLength(const std::vector<int16_t>& pcm, double ms) {
  EXPECT_NEAR(static_cast<double>(pcm.size()) / 8, ms, kToleranceMs);
}

// Each sample within the tolerance of when it was spoken, none twice, and
// `sounding_ms` of them.
void ExpectTruth(const std::vector<int16_t>& pcm, double length_ms,
                 double sounding_ms, const std::string& what = "",
                 double tolerance_ms = kToleranceMs) {
  SCOPED_TRACE(what);
  ExpectLength(pcm, length_ms);
  const Heard heard = Hear(pcm);
  EXPECT_NEAR(static_cast<double>(heard.sounding) / 8, sounding_ms,
              tolerance_ms);
  EXPECT_LE(heard.latest_ms, tolerance_ms);
  EXPECT_GE(heard.earliest_ms, -tolerance_ms);
  EXPECT_EQ(heard.repeated, 0u);
}

TEST(TimelineTruth, HoldWithoutMediaKeepsItsLength) {
  // The clock of the timestamp goes on, stands still, or begins anew.
  for (const int64_t skipped_ms : {0, 30'000, 3'600'000}) {
    Talker talker;
    talker.Speak(0, 10'000);
    talker.timestamp -= static_cast<uint32_t>(skipped_ms * 8);
    talker.Speak(40'000, 50'000);
    ExpectTruth(RenderCaller(talker.Sent()).left, 50'000, 20'000,
                std::to_string(skipped_ms));
  }
}

TEST(TimelineTruth, HoldWithMediaIsHeardFromWhoSends) {
  // The caller holds and sends music from a media server; the callee is silent.
  RecordedCall call;
  call.AddSdp("leg", kStart - kSecond, kB, {{kL16Type, "L16"}});
  Talker caller;
  caller.Speak(0, 10'000).Speak(25'000, 35'000);
  Talker music;
  music.timestamp = 999'999;
  music.sequence = 60'000;
  music.Speak(10'020, 24'980);
  Talker callee;
  callee.Speak(0, 10'100).Speak(25'100, 35'000);
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "leg", 1), "s1",
               caller.Sent());
  call.Observe(call.AddStream(v1::SIDE_CALLER, "10.0.0.7:7000", kB, "leg", 2),
               "s1", music.Sent());
  call.Observe(call.AddStream(v1::SIDE_CALLEE, kB, kA, "leg", 3), "s1",
               callee.Sent());
  call.AddSdp("leg", kStart - kSecond, kA, {{kL16Type, "L16"}});
  const Wav wav = call.Render();
  ExpectTruth(wav.left, 35'000, 34'960);
  ExpectTruth(wav.right, 35'000, 20'000);
}

TEST(TimelineTruth, SuspendedSendingKeepsItsLength) {
  std::mt19937 random(7);
  Talker talker;
  int64_t ms = 0;
  double spoken_ms = 0;
  while (ms < 120'000) {
    const int64_t spurt = 200 + 20 * static_cast<int64_t>(random() % 150);
    talker.Speak(ms, ms + spurt);
    spoken_ms += static_cast<double>(spurt);
    ms += spurt;
    if (random() % 2 == 0) talker.Hush(ms);
    ms += 60 + static_cast<int64_t>(random() % 4000);
  }
  talker.Speak(ms, ms + 1000);
  ExpectTruth(RenderCaller(talker.Sent()).left, static_cast<double>(ms) + 1000,
              spoken_ms + 1000);
}

TEST(TimelineTruth, DriftIsAbsorbedWithoutAStep) {
  constexpr double kMinutes = 30;
  constexpr double kPpm = 200;
  RecordedCall call;
  for (const v1::Side side : {v1::SIDE_CALLER, v1::SIDE_CALLEE}) {
    const bool is_caller = side == v1::SIDE_CALLER;
    call.AddSdp("leg", kStart - kSecond, is_caller ? kB : kA,
                {{kL16Type, "L16"}});
    Talker talker;
    talker.ppm = is_caller ? kPpm : -kPpm;
    talker.timestamp = 0xffff0000;
    // Jitter as of a busy LAN.
    std::mt19937 random(is_caller ? 1 : 2);
    std::exponential_distribution<double> jitter(1 / 3e6);
    talker.delay_ns = [&](size_t) {
      return static_cast<int64_t>(jitter(random));
    };
    talker.Speak(
        0, static_cast<int64_t>(kMinutes * 60'000 * (1 + talker.ppm * 1e-6)));
    call.Observe(
        call.AddStream(side, is_caller ? kA : kB, is_caller ? kB : kA, "leg"),
        "s1", talker.Sent());
  }
  const Wav wav = call.Render();
  ExpectLength(wav.left, kMinutes * 60'000);
  for (const auto* side : {&wav.left, &wav.right}) {
    const Heard heard = Hear(*side, side == &wav.left ? kPpm : -kPpm);
    EXPECT_LE(heard.latest_ms, kToleranceMs / 2);
    EXPECT_GE(heard.earliest_ms, -kToleranceMs / 2);
    EXPECT_NEAR(heard.last_ms, 0, kToleranceMs / 2);
    EXPECT_EQ(heard.repeated, 0u);
    // Nobody hears a clock that is half a per cent off for a moment; a sample
    // that is left out or doubled (81 and 79 of 80) is another matter.
    EXPECT_LE(heard.fastest, 1.009);
    EXPECT_GE(heard.slowest, 0.991);
  }
}

TEST(TimelineTruth, SequenceAndTimestampWrap) {
  Talker talker;
  talker.sequence = 0xffff - 300;
  talker.timestamp = 0xffffffff - 400 * 160;
  talker.Speak(0, 60'000);
  ExpectTruth(RenderCaller(talker.Sent()).left, 60'000, 60'000);
}

TEST(TimelineTruth, JumpsOfTheTimestampTakeNoTime) {
  for (const int64_t jump_ms :
       {10'000, -10'000, 300, -300, 3'600'000, -3'600'000, 250'000'000}) {
    Talker talker;
    talker.Speak(0, 10'000);
    talker.timestamp += static_cast<uint32_t>(jump_ms * 8);
    talker.Speak(10'000, 20'000);
    ExpectTruth(RenderCaller(talker.Sent()).left, 20'000, 20'000,
                std::to_string(jump_ms));
  }
}

TEST(TimelineTruth, AnswersToManyJumpsKeepTheLength) {
  Talker talker;
  for (int64_t ms = 0; ms < 60'000; ms += 3000) {
    talker.Speak(ms, ms + 3000);
    talker.timestamp +=
        static_cast<uint32_t>(ms % 2000 == 0 ? 80'000 : -90'000);
  }
  ExpectTruth(RenderCaller(talker.Sent()).left, 60'000, 60'000);
}

TEST(TimelineTruth, RogueTimestampsAreRecognised) {
  // In milliseconds, of a codec with another clock, in packets.
  for (const double rate : {1000., 16000., 48000., 90000., 12000., 50.}) {
    Talker talker;
    talker.clock_rate = rate;
    talker.timestamp = 0xffffffff - 5000;
    std::mt19937 random(3);
    talker.delay_ns = [&random](size_t) { return random() % (15 * kMs); };
    talker.Speak(0, 20'000).Speak(26'000, 60'000);
    ExpectTruth(RenderCaller(talker.Sent()).left, 60'000, 54'000,
                std::to_string(rate));
  }
}

TEST(TimelineTruth, ClocksThatAreRightAreNotTakenForRogue) {
  // Bursts, a slow start, loss of three in four.
  Talker talker;
  talker.delay_ns = [](size_t i) -> int64_t {
    return i < 100 ? (100 - static_cast<int64_t>(i)) * kMs : 0;
  };
  talker.Speak(0, 30'000);
  Packets some;
  const Packets all = talker.Sent();
  for (size_t i = 0; i < all.size(); ++i) {
    if (i % 4 == 0) some.push_back(all[i]);
  }
  const auto pcm = RenderCaller(some).left;
  EXPECT_NEAR(static_cast<double>(pcm.size()) / 8, 30'000 - 60, 100);
  EXPECT_NEAR(static_cast<double>(Hear(pcm).sounding) / 8, 7500, 1);
}

TEST(TimelineTruth, ChangesOfPtimeKeepTheirPlace) {
  Talker talker;
  int64_t ms = 0;
  for (const int ptime : {20, 30, 10, 60, 20, 120, 40}) {
    talker.ptime_ms = ptime;
    talker.Speak(ms, ms + 3600);
    ms += 3600;
  }
  ExpectTruth(RenderCaller(talker.Sent()).left, 25'200, 25'200);
}

TEST(TimelineTruth, EarlyMediaComesBeforeTheAnswer) {
  // Announcements of a gateway, then the callee from elsewhere.
  RecordedCall call;
  call.AddSdp("leg", kStart - kSecond, kA, {{kL16Type, "L16"}});
  Talker gateway;
  gateway.Speak(0, 8000);
  Talker callee;
  callee.timestamp = 77;
  callee.Speak(8500, 20'000);
  Talker caller;
  caller.Speak(8200, 20'000);
  call.Observe(call.AddStream(v1::SIDE_CALLEE, "10.0.0.7:7000", kA, "leg", 1),
               "s1", gateway.Sent());
  call.Observe(call.AddStream(v1::SIDE_CALLEE, kB, kA, "leg", 2), "s1",
               callee.Sent());
  call.AddSdp("leg", kStart - kSecond, kB, {{kL16Type, "L16"}});
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "leg", 3), "s1",
               caller.Sent());
  const Wav wav = call.Render();
  ExpectTruth(wav.right, 20'000, 19'500);
  ExpectTruth(wav.left, 20'000, 11'800);
}

TEST(TimelineTruth, AChangeOfCodecKeepsItsPlace) {
  Talker talker;
  talker.Speak(0, 5000);
  Packets packets = talker.Sent();
  packets = packets + Speech(250, 1, kStart + 5 * kSecond, talker.sequence,
                             talker.timestamp + 5 * 8000);
  talker.sequence += 250;
  talker.Speak(10'000, 15'000);
  const Packets sent = talker.Sent();
  packets.insert(packets.end(), sent.begin() + 250, sent.end());
  const auto pcm = RenderCaller(packets).left;
  ExpectLength(pcm, 15'000);
  for (const size_t begin : {size_t{0}, size_t{80'000}}) {
    std::vector<int16_t> said;
    for (size_t n = begin; n < begin + 40'000; ++n) {
      said.push_back(SaidAt(static_cast<int64_t>(n)));
    }
    EXPECT_EQ(Part(pcm, begin, begin + 40'000), said) << begin;
  }
  EXPECT_EQ(Part(pcm, 40'000, 80'000), Decoded(Speech(250, 1)));
}

TEST(TimelineTruth, CopiesAndStragglersChangeNothing) {
  Talker talker;
  std::mt19937 random(5);
  talker.delay_ns = [&random](size_t i) -> int64_t {
    if (i % 50 == 20) return 1200 * kMs;  // Overtaken by sixty.
    return random() % (80 * kMs);
  };
  talker.Speak(0, 30'000);
  Packets packets = talker.Sent();
  for (const size_t size = packets.size();
       const SentPacket& packet : Packets(packets)) {
    if (packets.size() < size + 500) {
      packets.push_back(packet);
      packets.back().time_ns += random() % (900 * kMs);
    }
  }
  std::stable_sort(packets.begin(), packets.end(),
                   [](const SentPacket& a, const SentPacket& b) {
                     return a.time_ns < b.time_ns;
                   });
  const auto pcm = RenderCaller(packets).left;
  ExpectLength(pcm, 30'000);
  const Heard heard = Hear(pcm);
  // The least delayed of the first second are not those of all.
  EXPECT_NEAR(static_cast<double>(heard.sounding), 240'000, 20 * 8);
  EXPECT_EQ(heard.repeated, 0u);
  EXPECT_LE(heard.fastest, 1.009);
  EXPECT_GE(heard.slowest, 0.991);
}

// Everything at once, by chance.
TEST(TimelineTruth, HoldsForAnythingThatASenderMayDo) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&random](int64_t n) {
      return static_cast<int64_t>(random() % static_cast<uint64_t>(n));
    };
    Talker talker;
    talker.timestamp = static_cast<uint32_t>(random());
    talker.sequence = static_cast<uint16_t>(random());
    const int64_t jitter = 1 + below(20) * kMs;
    talker.delay_ns = [&](size_t) { return below(jitter); };
    int64_t ms = 0;
    double spoken = 0;
    for (int part = 0; part < 12; ++part) {
      const int64_t length = 60 * (30 + below(100));
      talker.Speak(ms, ms + length);
      spoken += static_cast<double>(length);
      ms += length;
      switch (below(5)) {
        case 0:
          ms += below(8000);
          break;
        case 1:
          talker.timestamp = static_cast<uint32_t>(random());
          break;
        case 2:
          talker.Hush(ms);
          ms += 200 + below(3000);
          break;
        case 3:
          talker.ptime_ms = 10 * static_cast<int>(1 + below(3));
          break;
        default:
          break;
      }
    }
    talker.ptime_ms = 20;
    talker.Speak(ms, ms + 1000);
    ExpectTruth(RenderCaller(talker.Sent()).left,
                static_cast<double>(ms) + 1000, spoken + 1000,
                "seed " + std::to_string(seed), 25);
  }
}

}  // namespace
}  // namespace callbraid::collector
