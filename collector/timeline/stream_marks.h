#ifndef CALLBRAID_COLLECTOR_TIMELINE_STREAM_MARKS_H_
#define CALLBRAID_COLLECTOR_TIMELINE_STREAM_MARKS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/v1/call.pb.h"
#include "collector/playout/call_layout.h"
#include "collector/store/store.h"
#include "collector/timeline/marks.h"

namespace callbraid::collector {

// What the packets of one source of audio tell: keys and tones (RFC 4733), and
// changes of codec. By time. Errors: those of the store.
absl::StatusOr<std::vector<TimelineMark>> MarksOfStream(
    MediaStore& store, const TrackSource& track, v1::Side side);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_STREAM_MARKS_H_
