#ifndef CALLBRAID_COLLECTOR_CORRELATE_BRAIDER_H_
#define CALLBRAID_COLLECTOR_CORRELATE_BRAIDER_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "collector/calls/call_builder.h"
#include "collector/correlate/call_graph.h"
#include "collector/correlate/call_ledger.h"
#include "collector/correlate/call_sink.h"
#include "collector/evidence/evidence_policy.h"
#include "collector/index/observation_index.h"
#include "collector/store/media_wish.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// The work of the correlator without its thread: takes observations that
// changed, finds the calls around them anew, stores what differs.
//
// One thread. When a method fails, nothing of its change was stored; call it
// again with the same observations.
class Braider {
 public:
  // All must outlive it. `wishes` may be null.
  Braider(Store& store, const v1::CorrelateConfig& config, CallSink& sink,
          MediaWishSink* wishes = nullptr);

  absl::Status Process(const std::vector<ObservationId>& changed,
                       const Watermarks& watermarks);

  // What the store had before anything was Process()ed, each of which will be.
  // Whoever is looked at sees it already, so that it is no news to them, unless
  // it was committed again.
  void Expect(const std::vector<ObservationId>& ids);
  void NoteCommitted(const ObservationId& id) { expected_.erase(id); }

  // The members of each call for which `watermarks` are news. All of them: the
  // end of a capture is news of every observation that was made there, and none
  // of these need have been committed again.
  std::vector<ObservationId> Due(const Watermarks& watermarks) const;

  // Of the same call, as far as known; itself included.
  std::vector<ObservationId> CompanionsOf(const ObservationId& id) const;

  // Whose observation it is; "" if it is not held.
  std::string SensorOf(const ObservationId& id) const;

  // How long the observation has been going on; 0 for a dialog, and for one not
  // seen before.
  int64_t AgeNs(const ObservationId& id) const;

  // Once in some minutes, so that memory is a matter of what goes on, not of
  // what went on: the next round forgets what no round used since the call
  // before. It is read again if it is needed.
  void ForgetUnused() { forget_unused_ = true; }

  // How the sensors' clocks compare, for people.
  absl::StatusOr<std::map<std::string, v1::SensorClock>> SurveyClocks(
      const std::vector<v1::Sensor>& sensors);

  const EvidencePolicy& policy() const { return policy_; }
  uint64_t crowded_tokens() const { return graph_.crowded_tokens(); }
  uint64_t too_large() const { return graph_.too_large(); }

 private:
  // One component written up, and what was stored of its members before.
  struct Result {
    BuiltCall built;
    std::vector<ObservationId> members;
    uint64_t revision = 0;  // Highest of any call it takes in.
    size_t content = 0;
    const KnownCall* before = nullptr;
  };
  struct Work {
    std::deque<ObservationId> seeds;
    absl::flat_hash_set<ObservationId> visited;
    std::vector<Result> results;
    // Calls that members were in.
    absl::flat_hash_set<ObservationId> touched;
    std::vector<ObservationId> settled;
    // For the next round.
    std::vector<ObservationId> postponed;
  };

  void ForgetDeleted();
  absl::Status ProcessOnce(const std::vector<ObservationId>& changed,
                           const Watermarks& watermarks);
  absl::Status SeedBefore(const std::vector<ObservationId>& changed,
                          Work& work);
  absl::Status Refresh(const std::vector<ObservationId>& changed, Work& work);
  absl::Status AddUnaware(const std::vector<ObservationId>& expected,
                          std::vector<ObservationId>& affected);
  absl::Status AddCrowded(const std::vector<ObservationId>& crowded,
                          std::vector<ObservationId>& affected);
  absl::Status SetClocks(Work& work);
  absl::Status Visit(const ObservationId& seed, const Watermarks& watermarks,
                     Work& work);
  absl::StatusOr<bool> IsCurrent(const Result& result);
  absl::StatusOr<CallChange> ChangeOf(Work& work);
  void Tell(const CallChange& change, const Work& work);
  void Publish(const CallChange& change, Work& work,
               const Watermarks& watermarks);

  FactStore& facts_;
  const EvidencePolicy policy_;
  CallSink& sink_;
  MediaWishSink* const wishes_;
  ObservationIndex index_;
  bool forget_unused_ = false;
  absl::flat_hash_set<ObservationId> expected_;
  CallGraph graph_;
  CallLedger ledger_;
  // Members of a call that would be settled, if they were not other in the
  // store than they are held.
  absl::flat_hash_set<ObservationId> stale_;
  // RecentDeletions::number() that is known here.
  uint64_t forgotten_ = 0;
  // What the last round was to look at and could not.
  std::vector<ObservationId> unfinished_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_BRAIDER_H_
