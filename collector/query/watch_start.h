#ifndef CALLBRAID_COLLECTOR_QUERY_WATCH_START_H_
#define CALLBRAID_COLLECTOR_QUERY_WATCH_START_H_

#include "absl/status/status.h"
#include "collector/query/resume_tokens.h"
#include "collector/query/watch_hub.h"
#include "collector/store/scope.h"
#include "collector/store/store.h"

// How a watch begins before changes take over. These wait for the reader, and
// end when changes are let through; an error of the store or of the reader is
// what the watch is to be ended with.

namespace callbraid::collector {

// With the calls in progress. `watcher` is held.
absl::Status StartFromCurrent(FactStore& facts, WatchHub& hub,
                              const WatchHub::Watcher& watcher,
                              const Scope& scope);

// With what happened since `position`. `watcher` is silent. OUT_OF_RANGE: not
// all of it is known any more.
//
// The log has not every change of a call that is not settled: all of those are
// told, and so is what happened to any call since.
absl::Status StartFromPosition(FactStore& facts, WatchHub& hub,
                               const WatchHub::Watcher& watcher,
                               const Scope& scope, const LogPosition& position);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_WATCH_START_H_
