// Frames of two sensors, as any sensor may send them, braided into calls, which
// are then rendered, exported and shown. Whatever order the sensors' frames
// come in, and however often the calls are looked at meanwhile, the calls must
// come out the same.
//
// Input: a FrameBatch; the capture point of a frame says which sensor's it is.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "callbraid/v1/uplink.pb.h"
#include "collector/correlate/braider.h"
#include "collector/ingest/observation_folder.h"
#include "collector/quality/call_quality.h"
#include "collector/query/packet_export.h"
#include "collector/record/recorder.h"
#include "tests/fakes/memory_store.h"
#include "tests/fuzz/message_mutator.h"

namespace {

using callbraid::collector::Braider;
using callbraid::collector::CommitGroup;
using callbraid::collector::MemoryStore;
using callbraid::collector::ObservationFolder;
using callbraid::collector::ObservationId;
using callbraid::store::v1::CallRecord;

const std::string kSensors[] = {"s1", "s2"};
const std::string kSite = "site";
const std::string kCapturePoint = "eth0";

// Frames of each sensor, in their order.
using Frames = std::vector<const callbraid::v1::CallFrame*>;

class NoSink final : public callbraid::collector::CallSink {
 public:
  void OnCallUpdated(const callbraid::v1::Call&) override {}
  void OnCallMerged(const std::string&, const std::string&) override {}
};

// A collector: store, folds and calls.
class World {
 public:
  // `look_every`: number of frames between two looks at the calls.
  void Take(const std::string& sensor, const Frames& frames,
            size_t look_every) {
    for (size_t i = 0; i < frames.size(); i += look_every) {
      CommitGroup group;
      const size_t end = std::min(frames.size(), i + look_every);
      for (size_t j = i; j < end; ++j) {
        if (!folder_.Fold({sensor, kSite, kCapturePoint}, *frames[j], group)
                 .ok()) {
          std::abort();
        }
      }
      folder_.Collect(group);
      if (!store_.Commit(group).ok()) std::abort();
      folder_.Committed(++now_ns_);
      std::vector<ObservationId> changed;
      for (const auto& upsert : group.observations) {
        changed.push_back(upsert.id);
        seen_.insert(upsert.id);
      }
      if (!braider_.Process(changed, {}).ok()) std::abort();
    }
  }

  // By the observations that have one.
  std::map<ObservationId, CallRecord> Calls() {
    std::map<ObservationId, CallRecord> calls;
    for (const ObservationId& id : seen_) {
      auto record = store_.facts().GetCall(id.ToHex(),
                                           callbraid::collector::Scope::All());
      if (record.ok()) calls[id] = *std::move(record);
    }
    return calls;
  }

  MemoryStore& store() { return store_; }

 private:
  MemoryStore store_;
  ObservationFolder folder_{store_};
  NoSink sink_;
  Braider braider_{store_, callbraid::v1::CorrelateConfig(), sink_};
  std::set<ObservationId> seen_;
  int64_t now_ns_ = 0;
};

// Has heard enough after some minutes.
class ShortListener final : public callbraid::collector::RecordingSink {
 public:
  absl::Status Begin(uint64_t) override { return absl::OkStatus(); }
  absl::Status Write(std::string_view bytes) override {
    bytes_ += bytes.size();
    return bytes_ < kMaxBytes ? absl::OkStatus() : absl::CancelledError();
  }

 private:
  static constexpr size_t kMaxBytes = size_t{1} << 20;
  size_t bytes_ = 0;
};

void Show(World& world, const CallRecord& record) {
  ShortListener listener;
  (void)RenderCall(world.store(), record, {}, listener);
  for (const auto& stream : record.call().streams()) {
    ShortListener one;
    (void)RenderCall(world.store(), record, {.stream_id = stream.id()}, one);
  }
  callbraid::v1::GetQualityRequest quality;
  quality.set_with_slices(true);
  (void)ReadQuality(world.store(), record, quality);
  const auto exported = callbraid::collector::ExportPackets(
      world.store(), record, {callbraid::collector::MediaKeys::kMasked},
      [](std::string_view) { return absl::OkStatus(); });
  if (!exported.ok()) std::abort();
}

void ExpectSame(const std::map<ObservationId, CallRecord>& a,
                const std::map<ObservationId, CallRecord>& b) {
  if (a.size() != b.size()) std::abort();
  for (const auto& [id, record] : a) {
    const auto found = b.find(id);
    if (found == b.end()) std::abort();
    CallRecord one = record;
    CallRecord other = found->second;
    // How often it was written, which does depend on the order.
    one.mutable_call()->clear_revision();
    other.mutable_call()->clear_revision();
    if (one.SerializeAsString() != other.SerializeAsString()) {
      std::fprintf(stderr, "%sis not\n%s", one.DebugString().c_str(),
                   other.DebugString().c_str());
      std::abort();
    }
  }
}

}  // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                          size_t max_size, unsigned seed) {
  callbraid::v1::FrameBatch batch;
  return callbraid::fuzz::Mutate(batch, data, size, max_size, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  callbraid::v1::FrameBatch batch;
  if (!batch.ParseFromArray(data, static_cast<int>(size))) return 0;
  Frames frames[std::size(kSensors)];
  for (const auto& frame : batch.frames()) {
    frames[frame.capture_point() % std::size(kSensors)].push_back(&frame);
  }
  World at_once;
  at_once.Take(kSensors[0], frames[0], batch.frames_size() + 1);
  at_once.Take(kSensors[1], frames[1], batch.frames_size() + 1);
  World bit_by_bit;
  bit_by_bit.Take(kSensors[1], frames[1], 7);
  bit_by_bit.Take(kSensors[0], frames[0], 7);
  const auto calls = at_once.Calls();
  ExpectSame(calls, bit_by_bit.Calls());
  std::set<std::string> shown;
  for (const auto& [id, record] : calls) {
    if (shown.insert(record.call().id()).second) Show(at_once, record);
  }
  return 0;
}
