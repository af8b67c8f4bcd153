#ifndef CALLBRAID_COLLECTOR_STORE_COMPOSE_H_
#define CALLBRAID_COLLECTOR_STORE_COMPOSE_H_

#include <cstdint>
#include <optional>

#include "callbraid/v1/frame.pb.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Puts together what is stored apart of one observation: `stored` as committed,
// what its sensor reported of the stream, and how far its capture point has
// come to its end.
//
// Packets, reports and the end of a capture come by two spools in any order.
// As none of them is folded into another, the result does not depend on it.
void Compose(const v1::StreamReport* report, std::optional<int64_t> capture_end,
             StoredObservation& stored);

// Whether `report` takes the place of `stored`.
bool IsNewer(const v1::StreamReport& report, const v1::StreamReport& stored);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_COMPOSE_H_
