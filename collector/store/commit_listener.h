#ifndef CALLBRAID_COLLECTOR_STORE_COMMIT_LISTENER_H_
#define CALLBRAID_COLLECTOR_STORE_COMMIT_LISTENER_H_

#include <cstddef>
#include <string>
#include <vector>

#include "collector/store/observation_id.h"

namespace callbraid::collector {

// Hears which observations a commit changed, after it became durable. Called
// from the ingest thread; both methods must return at once. Implemented by the
// correlator.
class CommitListener {
 public:
  virtual ~CommitListener() = default;
  // `changed`: of the observations of `sensor`.
  virtual void OnCommitted(const std::string& sensor,
                           const std::vector<ObservationId>& changed) = 0;
  // How many of the sensor's observations are yet to be looked at. A sensor of
  // which there are too many is given no credit for more frames.
  virtual size_t Backlog(const std::string& sensor) const = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_COMMIT_LISTENER_H_
