// A FrameBatch, as any sensor may send it, through the collector's ingest:
// session, fold, commit, ack. Delivered again to a restarted collector, and
// under new numbers, it must change nothing; and a collector that was restarted
// after every frame must have stored the same.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "callbraid/v1/uplink.pb.h"
#include "collector/ingest/ingest_pipeline.h"
#include "collector/ingest/observation_folder.h"
#include "collector/ingest/plausible.h"
#include "common/base/log.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/open_gate.h"
#include "tests/fuzz/message_mutator.h"

namespace {

using callbraid::collector::CommitGroup;
using callbraid::collector::IngestPipeline;
using callbraid::collector::MemoryStore;
using callbraid::collector::ObservationFolder;
using callbraid::collector::ObservationId;

const std::string kSensor = "s1";
const std::string kSite = "site";
const std::string kCapturePoints[] = {"eth0", "eth1"};

// Goes on by itself, so that the pipeline waits for nothing.
class RunningClock final : public callbraid::Clock {
 public:
  int64_t WallNs() const override { return MonotonicNs(); }
  int64_t MonotonicNs() const override { return now_ns_ += 10'000'000; }

 private:
  mutable int64_t now_ns_ = 0;
};

class Peer final : public callbraid::collector::UplinkPeer {
 public:
  void Send(callbraid::v1::ConnectResponse response) override {
    for (const auto& watermark : response.ack().watermarks()) {
      acknowledged = watermark.stored();
    }
  }
  void End(absl::Status status) override { ended = !status.ok(); }
  void Consumed(size_t) override {}
  const std::string& address() const override { return kSensor; }
  int64_t last_heard_ns() const override { return 0; }

  uint64_t acknowledged = 0;
  bool ended = false;
};

class NoListener final : public callbraid::collector::CommitListener {
 public:
  void OnCommitted(const std::string&,
                   const std::vector<ObservationId>&) override {}
  size_t Backlog(const std::string&) const override { return 0; }
};

// Returns false if it was refused.
bool DeliverOverAConnection(const callbraid::v1::FrameBatch& batch,
                            MemoryStore& store) {
  RunningClock clock;
  NoListener listener;
  const callbraid::fakes::OpenGate gate;
  IngestPipeline pipeline({}, "0.0.0", store, gate, listener, clock);
  if (!pipeline.Load().ok()) std::abort();
  callbraid::v1::Hello hello;
  hello.set_sensor_id(kSensor);
  hello.set_site(kSite);
  for (const std::string& name : kCapturePoints) {
    hello.add_capture_points()->set_name(name);
  }
  hello.add_spools()->set_spool_id(batch.spool_id());
  const auto peer = std::make_shared<Peer>();
  pipeline.Push({peer, std::move(hello), 0});
  pipeline.Push({peer, batch, batch.ByteSizeLong()});
  pipeline.RunOnce(0);
  pipeline.RunOnce(0);
  // Refused, or acknowledged whole.
  const uint64_t last =
      batch.first_sequence() + static_cast<uint64_t>(batch.frames_size()) - 1;
  if (!peer->ended && peer->acknowledged != last) std::abort();
  return !peer->ended;
}

// As when a sensor reads its file anew: the frames come under new numbers. The
// collector ends after each.
void DeliverBitByBit(const callbraid::v1::FrameBatch& batch,
                     MemoryStore& store) {
  for (const auto& frame : batch.frames()) {
    if (frame.capture_point() >= std::size(kCapturePoints)) continue;
    // As the pipeline does before it folds. The capture points are of files.
    if (!callbraid::collector::IsPlausible(frame, false, 0)) continue;
    ObservationFolder folder(store);
    CommitGroup group;
    if (!folder
             .Fold({kSensor, kSite, kCapturePoints[frame.capture_point()]},
                   frame, group)
             .ok()) {
      std::abort();
    }
    folder.Collect(group);
    if (!store.Commit(group).ok()) std::abort();
  }
}

// Of each observation, serialized: the observation and its tally.
using FactMap = std::map<ObservationId, std::pair<std::string, std::string>>;

FactMap Facts(MemoryStore& store) {
  FactMap facts;
  const auto ids = store.facts().Unsettled();
  if (!ids.ok()) std::abort();
  for (const auto& id : *ids) {
    const auto stored = store.facts().GetObservation(id);
    // A report whose stream has not come.
    if (!stored.ok()) continue;
    facts[id] = {stored->observation.SerializeAsString(),
                 stored->tally.SerializeAsString()};
  }
  return facts;
}

void Print(const FactMap& facts, const ObservationId& id) {
  const auto found = facts.find(id);
  if (found == facts.end()) return;
  callbraid::store::v1::Observation observation;
  callbraid::store::v1::RtpTally tally;
  observation.ParseFromString(found->second.first);
  tally.ParseFromString(found->second.second);
  std::fprintf(stderr, "%s%s", observation.DebugString().c_str(),
               tally.DebugString().c_str());
}

void ExpectSame(const FactMap& expected, const FactMap& facts) {
  if (expected == facts) return;
  for (const auto& [id, now] : facts) {
    const auto found = expected.find(id);
    if (found != expected.end() && found->second == now) continue;
    std::fprintf(stderr, "%s should be\n", id.ToHex().c_str());
    Print(expected, id);
    std::fprintf(stderr, "and is\n");
    Print(facts, id);
  }
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  spdlog::set_level(spdlog::level::off);
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t max_size, unsigned seed) {
  callbraid::v1::FrameBatch batch;
  return callbraid::fuzz::Mutate(batch, data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  callbraid::v1::FrameBatch batch;
  if (!batch.ParseFromArray(data, static_cast<int>(size))) return 0;
  MemoryStore store;
  if (!DeliverOverAConnection(batch, store)) return 0;
  const auto facts = Facts(store);
  DeliverOverAConnection(batch, store);
  ExpectSame(facts, Facts(store));
  DeliverBitByBit(batch, store);
  ExpectSame(facts, Facts(store));

  MemoryStore restarted;
  DeliverBitByBit(batch, restarted);
  ExpectSame(facts, Facts(restarted));
  return 0;
}
