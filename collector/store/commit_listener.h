#ifndef CALLBRAID_COLLECTOR_STORE_COMMIT_LISTENER_H_
#define CALLBRAID_COLLECTOR_STORE_COMMIT_LISTENER_H_

#include <vector>

#include "collector/store/observation_id.h"

namespace callbraid::collector {

// Hears which observations a commit changed, after it became durable. Called
// from the ingest thread; must return at once. Implemented by the correlator.
class CommitListener {
 public:
  virtual ~CommitListener() = default;
  virtual void OnCommitted(const std::vector<ObservationId>& changed) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_COMMIT_LISTENER_H_
