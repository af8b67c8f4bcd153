// How many RTP packets of a two-way G.711 call become a file a second; what a
// part of a long call costs, what each format, and listening for tones.

#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "benchmark/benchmark.h"
#include "collector/record/audio_encoder.h"
#include "collector/record/recorder.h"
#include "collector/record/tone_listener.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

class NullSink final : public RecordingSink {
 public:
  absl::Status Begin(uint64_t) override { return absl::OkStatus(); }
  absl::Status Write(std::string_view bytes) override {
    bytes_ += bytes.size();
    return absl::OkStatus();
  }
  uint64_t bytes_ = 0;
};

// Arguments: packets a direction; how many capture points saw each stream.
void BM_RenderG711(benchmark::State& state) {
  const auto packets = static_cast<int>(state.range(0));
  RecordedCall call;
  v1::Stream& caller =
      call.AddStream(v1::SIDE_CALLER, "10.0.0.1:4000", "10.0.0.2:4000");
  v1::Stream& callee =
      call.AddStream(v1::SIDE_CALLEE, "10.0.0.2:4000", "10.0.0.1:4000");
  for (int64_t i = 0; i < state.range(1); ++i) {
    call.Observe(caller, "s" + std::to_string(i), Speech(packets, 1));
    call.Observe(callee, "s" + std::to_string(i), Speech(packets, 2));
  }
  NullSink sink;
  for (auto _ : state) {
    if (!RenderCall(call.store(), call.record(), {}, sink).ok()) {
      state.SkipWithError("not rendered");
    }
  }
  state.SetItemsProcessed(state.iterations() * 2 * packets * state.range(1));
  state.SetBytesProcessed(static_cast<int64_t>(sink.bytes_));
}
BENCHMARK(BM_RenderG711)->Args({3000, 1})->Args({3000, 2})->Args({30000, 1});

// Ten seconds late in a call; argument: packets a direction.
void BM_RenderPart(benchmark::State& state) {
  const auto packets = static_cast<int>(state.range(0));
  RecordedCall call;
  call.Observe(
      call.AddStream(v1::SIDE_CALLER, "10.0.0.1:4000", "10.0.0.2:4000"), "s1",
      Speech(packets, 1));
  call.Observe(
      call.AddStream(v1::SIDE_CALLEE, "10.0.0.2:4000", "10.0.0.1:4000"), "s1",
      Speech(packets, 2));
  RecordingOptions options;
  options.from_ns = (packets / 50 - 20) * kSecond;
  options.until_ns = options.from_ns + 10 * kSecond;
  NullSink sink;
  for (auto _ : state) {
    if (!RenderCall(call.store(), call.record(), options, sink).ok()) {
      state.SkipWithError("not rendered");
    }
  }
}
BENCHMARK(BM_RenderPart)->Arg(9000)->Arg(30000)->Arg(180000);

// A stereo recording of a minute, in each format (AudioFormat).
void BM_Encode(benchmark::State& state) {
  const AudioShape shape = {2, 8000, 60 * 8000};
  std::vector<int16_t> samples;
  for (int i = 0; i < 2 * 60 * 8000; ++i) {
    samples.push_back(static_cast<int16_t>(6000 * std::sin(i * 0.03) *
                                           std::sin(i * 0.00031)));
  }
  uint64_t bytes = 0;
  for (auto _ : state) {
    const auto encoder =
        CreateAudioEncoder(static_cast<AudioFormat>(state.range(0)), shape,
                           [&bytes](std::string_view piece) {
                             bytes += piece.size();
                             return absl::OkStatus();
                           });
    if (!encoder.ok() || !(*encoder)->Write(samples).ok() ||
        !(*encoder)->Finish().ok()) {
      state.SkipWithError("not encoded");
    }
  }
  state.counters["kbit/s"] = static_cast<double>(bytes) * 8 / 60'000 /
                             static_cast<double>(state.iterations());
}
BENCHMARK(BM_Encode)->DenseRange(0, 4)->Unit(benchmark::kMillisecond);

// A minute of one channel.
void BM_ListenForTones(benchmark::State& state) {
  std::vector<int16_t> samples;
  for (int i = 0; i < 60 * 8000; ++i) {
    samples.push_back(static_cast<int16_t>(6000 * std::sin(i * 0.3)));
  }
  for (auto _ : state) {
    KeyListener keys;
    keys.Listen(samples);
    if (state.range(0) == 0) continue;
    FaxListener faxes;
    faxes.Listen(samples);
  }
}
BENCHMARK(BM_ListenForTones)->Arg(0)->Arg(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace callbraid::collector
