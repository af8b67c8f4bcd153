#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "collector/correlate/correlator.h"
#include "collector/store/rocksdb_store.h"
#include "common/base/clock.h"
#include "tests/bench/many_calls.h"
#include "tests/fakes/temp_dir.h"

// What a collector needs after it was killed with many calls under way: until
// it takes frames again, and until every call has been looked at anew.
//
// CALLBRAID_BENCH_READY_ONLY: stop at once, and tell how long that takes.
// CALLBRAID_BENCH_OBSERVATIONS: how many are open; 1,200 if not set, to see
// that it runs. The figures of docs/reliability.md are of 1,000,000.

namespace callbraid::collector {
namespace {

constexpr int kObservationsOfCall = 6;
constexpr size_t kObservationsOfCommit = 3000;

int64_t ObservationsWanted() {
  const char* setting = std::getenv("CALLBRAID_BENCH_OBSERVATIONS");
  return setting == nullptr ? 1200 : std::atoll(setting);
}

// What a collector left that was killed before it had looked at any of it: the
// most that there can be to do. False if it failed.
bool Fill(const std::string& folder, int64_t observations) {
  auto store = RocksDbStore::Open(folder);
  if (!store.ok()) return false;
  std::vector<Show> shows;
  const auto calls = static_cast<int>(observations / kObservationsOfCall);
  for (int call = 0; call < calls;) {
    shows.clear();
    while (call < calls && shows.size() < kObservationsOfCommit) {
      AddCall(call++, shows);
    }
    CommitGroup group;
    for (const Show& show : shows) {
      group.observations.push_back(fakes::UpsertOf(show(kTalkMs / 2)));
    }
    if (!(*store)->Commit(group).ok()) return false;
  }
  return true;
}

// In a process of its own, whose memory goes with it.
bool FillApart(const std::string& folder, int64_t observations) {
  const pid_t child = fork();
  if (child == 0) _exit(Fill(folder, observations) ? 0 : 1);
  int status = 1;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

double ProcessCpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         static_cast<double>(now.tv_nsec) * 1e-9;
}

void BM_Restart(benchmark::State& state) {
  for (auto _ : state) {
    const callbraid::fakes::TempDir folder;
    const std::string data = folder.path() + "/data";
    if (!FillApart(data, state.range(0))) {
      return state.SkipWithError("the store could not be filled");
    }
    const double resident = ResidentKib();
    const double cpu_seconds = ProcessCpuSeconds();
    const auto begin = std::chrono::steady_clock::now();
    auto store = RocksDbStore::Open(data);
    if (!store.ok()) return state.SkipWithError("no store");
    NoSink sink;
    const SystemClock clock;
    Correlator correlator(**store, v1::CorrelateConfig(), clock, sink);
    if (!correlator.Start().ok()) return state.SkipWithError("no start");
    const auto ready = std::chrono::steady_clock::now();
    state.counters["seconds_until_ready"] = Seconds(ready - begin);
    state.counters["mib_when_ready"] = (ResidentKib() - resident) / 1024;
    if (std::getenv("CALLBRAID_BENCH_READY_ONLY") != nullptr) {
      correlator.Stop();
      state.counters["seconds_to_stop"] =
          Seconds(std::chrono::steady_clock::now() - ready);
      continue;
    }
    correlator.Flush();
    const auto done = std::chrono::steady_clock::now();
    state.counters["seconds_until_all_is_looked_at"] = Seconds(done - begin);
    state.counters["cpu_seconds"] = ProcessCpuSeconds() - cpu_seconds;
    state.counters["mib_in_the_end"] = (ResidentKib() - resident) / 1024;
  }
}
BENCHMARK(BM_Restart)
    ->Arg(ObservationsWanted())
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace callbraid::collector
