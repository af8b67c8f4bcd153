#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_HARNESS_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_HARNESS_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/correlate/braider.h"
#include "common/base/clock.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_scene.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {

// Notes what it is told.
class RecordingCallSink final : public CallSink {
 public:
  void OnCallUpdated(const v1::Call& call) override { updated.push_back(call); }
  void OnCallMerged(const std::string& id, const std::string& into) override {
    merged.emplace_back(id, into);
  }

  std::vector<v1::Call> updated;
  std::vector<std::pair<std::string, std::string>> merged;
};

// What was wished of each call, as told last.
class RecordingWishSink final : public MediaWishSink {
 public:
  bool HasKeepers() const override { return true; }
  void OnWishes(const ObservationId& call, const MediaWishes& told) override {
    wishes[call] = told;
  }
  bool HasGivenUp(const ObservationId&) const override { return given_up; }

  std::map<ObservationId, MediaWishes> wishes;
  bool given_up = false;
};

// Stands still.
class StillClock final : public Clock {
 public:
  int64_t WallNs() const override { return fakes::kEpoch; }
  int64_t MonotonicNs() const override { return 1; }
};

// A store and a braider without a thread.
class Braid {
 public:
  explicit Braid(v1::CorrelateConfig config = {})
      : config_(std::move(config)),
        braider_(
            std::make_unique<Braider>(store_, config_, sink_, &wish_sink_)) {}

  ObservationId Add(const StoredObservation& stored) {
    Add(std::vector<StoredObservation>{stored});
    return fakes::IdOf(stored);
  }
  void Add(const std::vector<StoredObservation>& several) {
    ASSERT_TRUE(braider_->Process(Commit(several), watermarks_).ok());
  }
  // Nobody looks at them.
  std::vector<ObservationId> Commit(
      const std::vector<StoredObservation>& several) {
    CommitGroup group;
    std::vector<ObservationId> changed;
    for (const StoredObservation& stored : several) {
      group.observations.push_back(fakes::UpsertOf(stored));
      changed.push_back(fakes::IdOf(stored));
    }
    EXPECT_TRUE(store_.Commit(group).ok());
    return changed;
  }

  // As a collector that starts: looks at what is unsettled.
  void Restart() {
    braider_ = std::make_unique<Braider>(store_, config_, sink_, &wish_sink_);
    const auto unsettled = store_.facts().Unsettled();
    ASSERT_TRUE(unsettled.ok());
    braider_->Expect(*unsettled);
    ASSERT_TRUE(braider_->Process(*unsettled, watermarks_).ok());
  }

  // Sets how far the sensors have come, and looks at what that changes.
  void Progress(const std::vector<v1::Sensor>& sensors, int64_t wall_ns = 0) {
    watermarks_ = Watermarks(sensors, wall_ns, braider_->policy());
    ASSERT_TRUE(
        braider_->Process(braider_->Due(watermarks_), watermarks_).ok());
  }

  store::v1::CallRecord RecordOf(const ObservationId& id) {
    auto record = store_.facts().GetCall(id.ToHex(), Scope::All());
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() ? *record : store::v1::CallRecord();
  }
  v1::Call CallOf(const ObservationId& id) { return RecordOf(id).call(); }
  bool HasCall(const ObservationId& id) {
    return store_.facts().GetCall(id.ToHex(), Scope::All()).ok();
  }
  bool Together(const ObservationId& a, const ObservationId& b) {
    return CallOf(a).id() == CallOf(b).id();
  }
  size_t Unsettled() { return store_.facts().Unsettled()->size(); }

  MemoryStore& store() { return store_; }
  RecordingCallSink& sink() { return sink_; }
  RecordingWishSink& wish_sink() { return wish_sink_; }
  Braider& braider() { return *braider_; }

 private:
  MemoryStore store_;
  RecordingCallSink sink_;
  RecordingWishSink wish_sink_;
  Watermarks watermarks_;
  const v1::CorrelateConfig config_;
  std::unique_ptr<Braider> braider_;
};

inline bool HasFlag(const v1::Call& call, v1::CallFlag flag) {
  for (const int set : call.flags()) {
    if (set == flag) return true;
  }
  return false;
}

inline std::set<v1::EvidenceKind> KindsOf(const v1::Call& call) {
  std::set<v1::EvidenceKind> kinds;
  for (const v1::Evidence& evidence : call.evidence()) {
    kinds.insert(evidence.kind());
  }
  return kinds;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_CORRELATE_HARNESS_H_
