#include <cstdint>
#include <vector>

#include "benchmark/benchmark.h"
#include "collector/correlate/braider.h"
#include "tests/fakes/call_scene.h"
#include "tests/fakes/memory_store.h"
#include "tests/unit/collector/correlate/scenes.h"

// Calls that a collector braids in a second: each has two legs and four streams
// at two sensors, twelve observations, looked at as often as in a call of a
// minute.

namespace callbraid::collector {
namespace {

class NoSink final : public CallSink {
 public:
  void OnCallUpdated(const v1::Call&) override {}
  void OnCallMerged(const std::string&, const std::string&) override {}
};

void BM_BraidCalls(benchmark::State& state) {
  constexpr int kCalls = 20;
  constexpr int64_t kTalkMs = 60'000;
  const int looks = static_cast<int>(state.range(0));
  std::vector<CommitGroup> groups(looks);
  std::vector<std::vector<ObservationId>> changed(looks);
  for (int call = 0; call < kCalls; ++call) {
    const scenes::Wire wire = scenes::B2buaCall(
        {.number = call, .start_ms = call * 20, .talk_ms = kTalkMs});
    for (const fakes::Spot& spot :
         {fakes::Spot{"s1"}, fakes::Spot{"s2", "eth0", "hq", 0, fakes::kMs}}) {
      const auto see = [&](const auto& what) {
        for (int look = 0; look < looks; ++look) {
          const int64_t upto = 3000 + kTalkMs * (look + 1) / looks;
          const StoredObservation stored = fakes::See(what, spot, upto);
          groups[look].observations.push_back(fakes::UpsertOf(stored));
          changed[look].push_back(fakes::IdOf(stored));
        }
      };
      for (const auto& dialog : wire.dialogs) see(dialog);
      for (const auto& stream : wire.streams) see(stream);
    }
  }
  for (auto _ : state) {
    MemoryStore store;
    NoSink sink;
    Braider braider(store, v1::CorrelateConfig(), sink);
    const Watermarks watermarks;
    for (int look = 0; look < looks; ++look) {
      if (!store.Commit(groups[look]).ok() ||
          !braider.Process(changed[look], watermarks).ok()) {
        state.SkipWithError("the store failed");
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * kCalls);
}
BENCHMARK(BM_BraidCalls)->Arg(1)->Arg(15)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace callbraid::collector
