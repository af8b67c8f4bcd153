// The path of a packet from its frame to call frames: CapturePipeline over
// streams of 20 ms G.711. Frames are thrown away.

#include <cstdint>

#include "benchmark/benchmark.h"
#include "sensor/capture_pipeline.h"
#include "tests/bench/rtp_load.h"

namespace callbraid::sensor {
namespace {

class NullSink final : public FrameSink {
 public:
  void OnFrame(v1::SpoolLane lane, const v1::CallFrame& frame) override {
    benchmark::DoNotOptimize(lane);
    benchmark::DoNotOptimize(&frame);
  }
};

void BM_CapturePipeline(benchmark::State& state) {
  RtpLoad load(static_cast<int>(state.range(0)));
  NullSink sink;
  CapturePipeline pipeline(v1::SensorConfig(), 0, sink);
  for (auto _ : state) pipeline.OnPacket(load.Next());
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() *
                          static_cast<int64_t>(load.frame_bytes()));
}
BENCHMARK(BM_CapturePipeline)->Arg(200)->Arg(2000);

}  // namespace
}  // namespace callbraid::sensor
