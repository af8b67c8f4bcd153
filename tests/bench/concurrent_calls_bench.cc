
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include "benchmark/benchmark.h"
#include "collector/correlate/braider.h"
#include "collector/store/rocksdb_store.h"
#include "tests/bench/many_calls.h"
#include "tests/fakes/call_scene.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temp_dir.h"

// What correlation costs per call when many are under way at once: calls over
// four sensors, each seen by two of them, half of them through a proxy and half
// through a B2BUA that relays; what the sensors say comes shuffled, and each
// observation several times as it grows.
//
// CALLBRAID_BENCH_CALLS: how many; 200 if not set, to see that it runs. The
// figures of docs/benchmarks.md are of 10,000.

namespace callbraid::collector {
namespace {

constexpr int kLooks = 5;
constexpr size_t kObservationsOfCommit = 500;

int64_t CallsWanted() {
  const char* setting = std::getenv("CALLBRAID_BENCH_CALLS");
  return setting == nullptr ? 200 : std::atoll(setting);
}

void BM_ConcurrentCalls(benchmark::State& state) {
  const auto calls = static_cast<int>(state.range(0));
  for (auto _ : state) {
    std::vector<Show> shows;
    for (int call = 0; call < calls; ++call) AddCall(call, shows);
    std::vector<size_t> schedule;
    for (int look = 0; look < kLooks; ++look) {
      for (size_t i = 0; i < shows.size(); ++i) schedule.push_back(i);
    }
    std::mt19937_64 random(1);
    std::shuffle(schedule.begin(), schedule.end(), random);
    std::vector<int> looks(shows.size());

    const callbraid::fakes::TempDir folder;
    auto store = RocksDbStore::Open(folder.path() + "/data");
    if (!store.ok()) return state.SkipWithError("no store");
    // As every collector does.
    const callbraid::fakes::FakeClock clock;
    if (!(*store)->events().StartLog(clock).ok()) {
      return state.SkipWithError("no log");
    }
    NoSink sink;
    Braider braider(**store, v1::CorrelateConfig(), sink);
    const double resident = ResidentKib();
    double cpu_ms = 0;
    for (size_t at = 0; at < schedule.size();) {
      CommitGroup group;
      std::vector<ObservationId> changed;
      for (size_t n = 0; n < kObservationsOfCommit && at < schedule.size();
           ++n, ++at) {
        const size_t which = schedule[at];
        const StoredObservation seen =
            shows[which](3000 + kTalkMs * ++looks[which] / kLooks);
        group.observations.push_back(fakes::UpsertOf(seen));
        changed.push_back(fakes::IdOf(seen));
      }
      if (!(*store)->Commit(group).ok()) {
        return state.SkipWithError("the store failed");
      }
      const double before_ms = ThreadCpuMs();
      if (!braider.Process(changed, Watermarks()).ok()) {
        return state.SkipWithError("braiding failed");
      }
      cpu_ms += ThreadCpuMs() - before_ms;
    }
    state.counters["observations"] = static_cast<double>(shows.size());
    state.counters["cpu_ms_per_call"] = cpu_ms / calls;
    state.counters["cpu_us_per_look"] =
        cpu_ms * 1e3 / static_cast<double>(schedule.size());
    state.counters["kib_per_call"] = (ResidentKib() - resident) / calls;
  }
}
BENCHMARK(BM_ConcurrentCalls)
    ->Arg(CallsWanted())
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace callbraid::collector
