// How many RTP packets of a two-way G.711 call become a WAV file a second.

#include <cstdint>
#include <string_view>

#include "benchmark/benchmark.h"
#include "collector/record/recorder.h"
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

}  // namespace
}  // namespace callbraid::collector
