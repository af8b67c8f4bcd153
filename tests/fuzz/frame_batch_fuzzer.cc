// Bytes of a FrameBatch, as any sensor may send them, folded and committed;
// then once more after a restart.

#include <cstddef>
#include <cstdint>
#include <string>

#include "callbraid/v1/uplink.pb.h"
#include "collector/ingest/observation_folder.h"
#include "collector/ingest/sensor_session.h"
#include "tests/fakes/memory_store.h"

namespace {

using callbraid::collector::CommitGroup;
using callbraid::collector::MemoryStore;
using callbraid::collector::ObservationFolder;

void Deliver(const callbraid::v1::FrameBatch& batch, MemoryStore& store) {
  const std::string sensor = "s1";
  const std::string site = "site";
  const std::string point = "eth0";
  ObservationFolder folder(store.facts(), /*capacity=*/4);
  int64_t now_ns = 0;
  for (const auto& frame : batch.frames()) {
    CommitGroup group;
    (void)folder.Fold({sensor, site, point}, frame, group);
    folder.Collect(group);
    (void)store.Commit(group);
    folder.Committed(++now_ns);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  callbraid::v1::FrameBatch batch;
  if (!batch.ParseFromArray(data, static_cast<int>(size))) return 0;
  callbraid::v1::Hello hello;
  hello.add_spools()->set_spool_id(batch.spool_id());
  callbraid::collector::SensorSession session(hello, {}, 1 << 20);
  (void)session.Accept(batch, size);
  (void)session.Committed();

  MemoryStore store;
  Deliver(batch, store);
  Deliver(batch, store);
  const auto ids = store.facts().Unsettled();
  for (const auto& id : *ids) {
    // What was folded can be read back.
    const auto stored = store.facts().GetObservation(id);
    if (!stored.ok()) continue;
    callbraid::store::v1::Observation copy;
    if (!copy.ParseFromString(stored->observation.SerializeAsString())) {
      __builtin_trap();
    }
  }
  return 0;
}
