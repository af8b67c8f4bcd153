#ifndef CALLBRAID_COLLECTOR_TIMELINE_HOLDS_H_
#define CALLBRAID_COLLECTOR_TIMELINE_HOLDS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "callbraid/store/v1/observation.pb.h"

namespace callbraid::collector {

// A stretch for which one side of a dialog had the other one on hold. Times as
// in the observation.
struct Hold {
  int64_t begin_ns = 0;
  // Nullopt if nothing tells: the dialog was not seen to its end.
  std::optional<int64_t> end_ns;
  bool by_initiator = false;
};

// What the SDP of a dialog says after it was answered: a side holds from an
// audio line that is sendonly or inactive (RFC 3264, section 8.4), or has the
// address 0.0.0.0 (RFC 2543), until its next one that is neither, or the end of
// the dialog. What the other side answers to that is no hold of its own; so if
// both hold, only the first is told. Music from another address in between is a
// part of the hold, if the side comes back to its own after it; else the call
// was handed on to whoever is there.
std::vector<Hold> HoldsIn(const store::v1::DialogObservation& dialog);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_HOLDS_H_
