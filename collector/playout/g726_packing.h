#ifndef CALLBRAID_COLLECTOR_PLAYOUT_G726_PACKING_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_G726_PACKING_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "collector/playout/payload_map.h"
#include "collector/playout/stream_union.h"

namespace callbraid::collector {

// Some phones send G.726 at 32 kbit/s packed by I.366.2 under the name that RFC
// 3551, section 4.5.4, gives to the other packing, and some the other way
// round. In the wrong packing the samples of each byte are swapped. Sound does
// not know where bytes begin: on average, neighbours are as like each other
// within a byte as across two; swapped, they are not. So what is no silence in
// the first 40 s is decoded both ways, and the name is believed unless the
// other packing is clearly the steadier one.

// Whether that payload type is ever G.726 at that rate. (At others the packing
// is told by the name alone.)
bool MayBeMispacked(const StreamPayloads& payloads, uint8_t payload_type);

// Replaces what `packets`, the stream from its beginning, shows to be packed
// otherwise. True if anything was. Errors: those of the store.
absl::StatusOr<bool> CorrectG726Packing(StreamUnion packets,
                                        StreamPayloads& payloads);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_G726_PACKING_H_
