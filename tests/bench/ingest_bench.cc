// The collector's path of a media chunk, from the parsed batch to the synced
// commit: packets and bytes of payload a second. CPU time is what counts; wall
// time is the disk's.

#include <cstdint>
#include <memory>
#include <vector>

#include "benchmark/benchmark.h"
#include "collector/ingest/observation_folder.h"
#include "collector/store/rocksdb_store.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

constexpr uint32_t kPackets = 25;

// Half a second of `streams` streams at a time, as one group.
void Run(benchmark::State& state, Store& store) {
  const auto streams = static_cast<uint32_t>(state.range(0));
  ObservationFolder folder(store);
  const std::string name = "s1";
  const FrameOrigin origin{name, name, name};
  std::vector<fakes::Stream> all(streams);
  for (uint32_t i = 0; i < streams; ++i) all[i].ssrc = i;
  std::vector<v1::CallFrame> frames(streams);
  uint32_t round = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (uint32_t i = 0; i < streams; ++i) {
      frames[i] = all[i].Run(round * kPackets, (round + 1) * kPackets);
    }
    ++round;
    state.ResumeTiming();
    CommitGroup group;
    for (const v1::CallFrame& frame : frames) {
      benchmark::DoNotOptimize(folder.Fold(origin, frame, group));
    }
    folder.Collect(group);
    if (!store.Commit(group).ok()) state.SkipWithError("commit failed");
    folder.Committed(0);
  }
  const int64_t packets = state.iterations() * streams * kPackets;
  state.SetItemsProcessed(packets);
  state.SetBytesProcessed(packets * 160);
}

void BM_FoldAndCommit(benchmark::State& state) {
  const fakes::TempDir dir;
  const auto store = RocksDbStore::Open(dir.path());
  if (!store.ok()) return state.SkipWithError("cannot open the store");
  Run(state, **store);
}
BENCHMARK(BM_FoldAndCommit)->Arg(400)->Arg(4000)->MeasureProcessCPUTime();

// Without the store's share.
void BM_Fold(benchmark::State& state) {
  MemoryStore store;
  const auto streams = static_cast<uint32_t>(state.range(0));
  ObservationFolder folder(store);
  const std::string name = "s1";
  const FrameOrigin origin{name, name, name};
  std::vector<fakes::Stream> all(streams);
  for (uint32_t i = 0; i < streams; ++i) all[i].ssrc = i;
  uint32_t round = 0;
  CommitGroup group;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<v1::CallFrame> frames;
    for (const fakes::Stream& stream : all) {
      frames.push_back(stream.Run(round * kPackets, (round + 1) * kPackets));
    }
    ++round;
    group = {};
    state.ResumeTiming();
    for (const v1::CallFrame& frame : frames) {
      benchmark::DoNotOptimize(folder.Fold(origin, frame, group));
    }
    folder.Collect(group);
  }
  const int64_t packets = state.iterations() * streams * kPackets;
  state.SetItemsProcessed(packets);
  state.SetBytesProcessed(packets * 160);
}
BENCHMARK(BM_Fold)->Arg(400)->Arg(20000);

}  // namespace
}  // namespace callbraid::collector
