// What it costs to measure a stream: bare, and with its packets read from a
// store in memory. cores_per_1000 is what a thousand streams of 50 packets a
// second would need in real time; quality is read when somebody asks.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "collector/quality/call_quality.h"
#include "collector/quality/stream_quality.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

constexpr int kPackets = 50 * 600;

void Count(benchmark::State& state, int64_t packets_each) {
  const int64_t packets =
      static_cast<int64_t>(state.iterations()) * packets_each;
  state.SetItemsProcessed(packets);
  state.counters["cores_per_1000"] = benchmark::Counter(
      static_cast<double>(packets) / (1000.0 * 50),
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void BM_MeasureStream(benchmark::State& state) {
  for (auto _ : state) {
    StreamQuality quality(kStart, 2000);
    for (int i = 0; i < kPackets; ++i) {
      if (i % 50 == 7) continue;
      QualityPacket packet;
      packet.time_ns = kStart + i * 20 * kMs + i % 13 * kMs;
      packet.sequence = static_cast<uint16_t>(i);
      packet.timestamp = static_cast<uint32_t>(160 * i);
      packet.clock_rate = 8000;
      packet.codec = "PCMU";
      packet.payload_bytes = 160;
      quality.Add(packet);
    }
    quality.Finish();
    if (quality.total().lost != kPackets / 50) {
      state.SkipWithError("not what was lost");
    }
  }
  Count(state, kPackets);
}
BENCHMARK(BM_MeasureStream)->Unit(benchmark::kMillisecond);

// Ten minutes, seen at one or two capture points.
void BM_ReadQuality(benchmark::State& state) {
  RecordedCall call;
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB);
  const Packets packets = Speech(kPackets);
  for (int64_t i = 0; i < state.range(0); ++i) {
    call.Observe(stream, "s" + std::to_string(i), packets);
  }
  for (auto _ : state) {
    const auto response = ReadQuality(call.store(), call.record(), {});
    if (!response.ok() || response->streams_size() != 1) {
      state.SkipWithError("nothing measured");
    }
  }
  Count(state, kPackets);
}
BENCHMARK(BM_ReadQuality)->Arg(1)->Arg(2)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace callbraid::collector
