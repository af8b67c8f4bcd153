#ifndef CALLBRAID_COLLECTOR_TIMELINE_STREAM_MARKS_H_
#define CALLBRAID_COLLECTOR_TIMELINE_STREAM_MARKS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/v1/call.pb.h"
#include "collector/playout/call_layout.h"
#include "collector/playout/payload_map.h"
#include "collector/store/store.h"
#include "collector/timeline/marks.h"

namespace callbraid::collector {

// Whether a packet of that type, which has that meaning, is one of RFC 4733: by
// SDP, or, where that says nothing, by how it looks.
bool IsTelephoneEvent(const PayloadMeaning& meaning, uint8_t payload_type,
                      std::string_view payload);

// What the packets of one source of audio tell: keys and tones (RFC 4733), and
// changes of codec. By time. Errors: those of the store.
absl::StatusOr<std::vector<TimelineMark>> MarksOfStream(
    MediaStore& store, const TrackSource& track, v1::Side side);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_STREAM_MARKS_H_
