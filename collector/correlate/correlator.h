#ifndef CALLBRAID_COLLECTOR_CORRELATE_CORRELATOR_H_
#define CALLBRAID_COLLECTOR_CORRELATE_CORRELATOR_H_

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "callbraid/v1/config.pb.h"
#include "collector/clocks/clock_board.h"
#include "collector/correlate/call_sink.h"
#include "collector/store/commit_listener.h"
#include "collector/store/media_wish.h"
#include "collector/store/store.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// Braids observations into calls.
//
// A call is a connected component of the graph whose nodes are observations and
// whose edges are evidence, computed by pure functions of two nodes. When an
// observation changed, the component around it is found anew from the facts in
// the store; so the stored calls are a function of the set of observations,
// never of the order in which they came, and a restart continues where the
// store is.
//
// Has one thread of its own; OnCommitted() only notes what to look at.
class Correlator final : public CommitListener {
 public:
  // All must outlive the correlator. `wishes` may be null.
  Correlator(Store& store, const v1::CorrelateConfig& config,
             const Clock& clock, CallSink& sink,
             MediaWishSink* wishes = nullptr);
  // Stop()s.
  ~Correlator() override;

  // Starts the thread, which looks at everything unsettled in the store first.
  absl::Status Start();

  // Waits for the batch at hand only: what has not been looked at then is
  // unsettled in the store, where the next start finds it.
  void Stop();

  void OnCommitted(const std::string& sensor,
                   const std::vector<ObservationId>& changed) override;
  size_t Backlog(const std::string& sensor) const override;

  // Waits until everything noted before has been stored, or Stop(). For tests.
  void Flush();

  // How the sensors' clocks compare.
  const ClockBoard& clocks() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_CORRELATOR_H_
