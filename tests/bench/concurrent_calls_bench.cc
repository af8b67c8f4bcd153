#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "collector/correlate/braider.h"
#include "collector/store/rocksdb_store.h"
#include "tests/fakes/call_scene.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/correlate/scenes.h"

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
constexpr int64_t kTalkMs = 60'000;

class NoSink final : public CallSink {
 public:
  void OnCallUpdated(const v1::Call&) override {}
  void OnCallMerged(const std::string&, const std::string&) override {}
};

int64_t CallsWanted() {
  const char* setting = std::getenv("CALLBRAID_BENCH_CALLS");
  return setting == nullptr ? 200 : std::atoll(setting);
}

double ThreadCpuMs() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 +
         static_cast<double>(now.tv_nsec) * 1e-6;
}

double ResidentKib() {
  std::ifstream statm("/proc/self/statm");
  int64_t pages = 0;
  statm >> pages >> pages;
  return static_cast<double>(pages) * static_cast<double>(getpagesize()) / 1024;
}

// Each call has phones of its own: 10.0.1.N becomes 10.1.X.Y. A relay has ports
// for 1,000 calls.
void GiveAddress(int call, std::string& endpoint) {
  const std::string relay = "10.0.0.9:2";
  if (endpoint.rfind(relay, 0) == 0) {
    endpoint = "10.3.0." + std::to_string(call / 1000 + 1) +
               endpoint.substr(relay.size() - 2);
  }
  for (const char side : {'1', '2'}) {
    const std::string prefix = std::string("10.0.") + side + ".";
    if (endpoint.rfind(prefix, 0) != 0) continue;
    const std::string port = endpoint.substr(endpoint.find(':'));
    endpoint = std::string("10.") + side + "." + std::to_string(call / 250) +
               "." + std::to_string(call % 250 + 1) + port;
  }
}

// Shows how something looks so long after the call began.
using Show = std::function<StoredObservation(int64_t after_ms)>;

// What two of the four sensors see of a call.
void AddCall(int call, std::vector<Show>& out) {
  // 100 a second.
  const scenes::Variant v = {
      .number = call, .start_ms = call * 10, .talk_ms = kTalkMs};
  const bool relayed = call % 2 == 1;
  scenes::Wire wire = relayed ? scenes::B2buaCall(v) : scenes::ProxyCall(v);
  const int near = call % 4;
  const int far = (near + 1 + call / 4 % 3) % 4;
  const auto spot = [](int sensor) {
    return fakes::Spot{"s" + std::to_string(sensor + 1), "eth0", "hq",
                       sensor * 40 * fakes::kMs, sensor * fakes::kMs};
  };
  for (size_t i = 0; i < wire.dialogs.size(); ++i) {
    fakes::Dialog& dialog = wire.dialogs[i];
    dialog.from = "sip:1" + std::to_string(10'000 + call) + "@10.0.0.9";
    dialog.to = "sip:2" + std::to_string(10'000 + call) + "@10.0.0.9";
    for (std::string* at : {&dialog.initiator, &dialog.responder, &dialog.offer,
                            &dialog.answer}) {
      GiveAddress(call, *at);
    }
    out.push_back(
        [dialog, v, at = spot(i == 0 ? near : far)](int64_t after_ms) {
          return fakes::See(dialog, at, v.start_ms + after_ms);
        });
  }
  for (size_t i = 0; i < wire.streams.size(); ++i) {
    fakes::Stream& stream = wire.streams[i];
    GiveAddress(call, stream.source);
    GiveAddress(call, stream.destination);
    for (const int sensor : {near, far}) {
      // A relay's streams pass one switch each; those of phones pass both.
      if (relayed && (sensor == near) != (i < 2)) continue;
      out.push_back([stream, v, at = spot(sensor)](int64_t after_ms) {
        return fakes::See(stream, at, v.start_ms + after_ms);
      });
    }
  }
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
