#ifndef CALLBRAID_COLLECTOR_INGEST_SEQUENCE_RUNS_H_
#define CALLBRAID_COLLECTOR_INGEST_SEQUENCE_RUNS_H_

#include <cstdint>

#include "callbraid/store/v1/observation.pb.h"

namespace callbraid::collector {

inline constexpr int kMaxRuns = 2048;

// Notes that `sequence` was seen in the runs of `tally` (see the proto). False
// if it had been seen before. A number must lie within 2^31 of the others.
//
// Beyond kMaxRuns entries the shortest gap counts as seen, the earliest of
// equals; so memory stays bounded on the worst of links.
bool AddSequence(uint64_t sequence, store::v1::RtpTally& tally);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_SEQUENCE_RUNS_H_
