#ifndef CALLBRAID_COLLECTOR_CORRELATE_WORK_QUEUE_H_
#define CALLBRAID_COLLECTOR_CORRELATE_WORK_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "collector/store/observation_id.h"

namespace callbraid::collector {

// What the correlator is to look at, and when. Sensors take turns, so that what
// one brings in masses does not delay what the others bring.
//
// One thread. Times are of the monotonic clock.
class WorkQueue {
 public:
  // Each observation is in the queue once, and due at the earliest time that
  // was asked for. `sensor`: in whose turn it is taken; that of the first call
  // counts.
  void Add(const std::string& sensor, const ObservationId& id, int64_t due_ns);
  // False if it was not in the queue.
  bool Remove(const ObservationId& id);

  // Takes what is due at `now_ns`, at most `limit`: of each sensor in turn what
  // has waited longest.
  std::vector<ObservationId> Take(int64_t now_ns, size_t limit);

  bool empty() const { return places_.empty(); }
  bool HasDue(int64_t now_ns) const;
  std::map<std::string, size_t> SizeBySensor() const;

 private:
  using Lane = std::set<std::pair<int64_t, ObservationId>>;
  using Lanes = std::map<std::string, Lane>;
  struct Place {
    int64_t due_ns = 0;
    Lanes::iterator lane;
  };

  Lanes lanes_;  // None is empty.
  absl::flat_hash_map<ObservationId, Place> places_;
  // Whose turn was last.
  std::string last_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_WORK_QUEUE_H_
