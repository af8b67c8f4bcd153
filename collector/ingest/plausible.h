#ifndef CALLBRAID_COLLECTOR_INGEST_PLAUSIBLE_H_
#define CALLBRAID_COLLECTOR_INGEST_PLAUSIBLE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "callbraid/v1/frame.pb.h"
#include "callbraid/v1/uplink.pb.h"

namespace callbraid::collector {

// Whether what `frame` says can be: its times, if it was captured `live` (a
// file has times of its own), and whether its numbers fit to each other. Does
// not look at what the folder checks. `now_ns`: the collector's wall clock.
bool IsPlausible(const v1::CallFrame& frame, bool live, int64_t now_ns);

// FAILED_PRECONDITION if the clock of a sensor that captures live is so far off
// that its frames would be refused: better they stay in its spool until
// somebody sets it.
absl::Status CheckClock(const v1::Hello& hello, int64_t now_ns);

inline bool IsLive(const v1::CapturePoint& point) {
  return point.kind() == v1::CAPTURE_KIND_INTERFACE;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_PLAUSIBLE_H_
