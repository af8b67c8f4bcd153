#ifndef CALLBRAID_COLLECTOR_CALLS_STREAM_RATING_H_
#define CALLBRAID_COLLECTOR_CALLS_STREAM_RATING_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "callbraid/v1/call.pb.h"
#include "collector/calls/call_legs.h"
#include "collector/calls/call_streams.h"
#include "collector/calls/sensor_clocks.h"
#include "collector/evidence/evidence_policy.h"

namespace callbraid::collector {

// Seen by some capture point and lost by the network behind it.
uint64_t LostFurtherOn(const v1::Stream& stream);

// v1::Stream.listening_mos of `stream`, of which `proto` has all else; its lost
// packets are missing in `runs` runs. Nullopt if it is not to be rated.
std::optional<double> ListeningMosOf(const CallStream& stream,
                                     const v1::Stream& proto, uint64_t runs);

// v1::Call.listening_mos of `call`, which has `streams` in their order: the
// least of those that somebody talks in. Music on hold is none, nor what is
// sent to it; of a call that has only such, the least of them.
std::optional<double> ListeningMosOf(const std::vector<CallStream>& streams,
                                     const std::vector<CallLeg>& legs,
                                     const SensorClocks& clocks,
                                     const EvidencePolicy& policy,
                                     const v1::Call& call);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_STREAM_RATING_H_
