// What it costs to listen to a call: both sides decoded and measured.
// ms_per_minute is CPU for a minute of a call; a call is listened to when
// somebody asks.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "collector/hearing/call_listening.h"
#include "collector/hearing/echo_finder.h"
#include "collector/hearing/speech_meter.h"
#include "collector/hearing/talk.h"
#include "tests/unit/collector/hearing/sounds.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

constexpr int kMinutes = 10;

void Count(benchmark::State& state, double minutes_each) {
  state.counters["ms_per_minute"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * minutes_each / 1000,
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// One side without decoding.
void BM_MeasureSpeech(benchmark::State& state) {
  const Pcm pcm = Talker(60, -26, 1);
  for (auto _ : state) {
    SpeechMeter meter;
    meter.Listen(pcm);
    const Talk talk = TalkIn(meter);
    if (talk.frames.size() != 60 * 50) state.SkipWithError("frames");
    benchmark::DoNotOptimize(meter.ActiveLevel());
  }
  Count(state, 1);
}
BENCHMARK(BM_MeasureSpeech)->Unit(benchmark::kMillisecond);

// Both directions, of which one is looked at all the time: the most it costs.
void BM_LookForEcho(benchmark::State& state) {
  const Pcm voice = Talker(kMinutes * 60.0, -20, 1);
  const Pcm other = Noise(kMinutes * 60.0, -60);
  for (auto _ : state) {
    Thinner thinners[2];
    EchoFinder finders[2];
    for (size_t i = 0; i < voice.size(); i += kHz) {
      std::vector<float> a;
      std::vector<float> b;
      thinners[0].Process(std::span(voice).subspan(i, kHz), a);
      thinners[1].Process(std::span(other).subspan(i, kHz), b);
      finders[0].Listen(a, b);
      finders[1].Listen(b, a);
    }
    if (finders[0].Result()) state.SkipWithError("an echo");
  }
  Count(state, kMinutes);
}
BENCHMARK(BM_LookForEcho)->Unit(benchmark::kMillisecond);

// G.711 both ways, from a store in memory.
void BM_ListenToCall(benchmark::State& state) {
  RecordedCall call;
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "", 1), "s1",
               Speech(50 * 60 * kMinutes, 1));
  call.Observe(call.AddStream(v1::SIDE_CALLEE, kB, kA, "", 2), "s1",
               Speech(50 * 60 * kMinutes, 2));
  for (auto _ : state) {
    const auto told = ListenToCall(call.store(), call.record(), {});
    if (!told.ok() || !*told || !(*told)->parties(0).has_level_dbov()) {
      state.SkipWithError("nothing heard");
    }
  }
  Count(state, kMinutes);
}
BENCHMARK(BM_ListenToCall)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace callbraid::collector
