#ifndef CALLBRAID_COLLECTOR_TIMELINE_HEARD_TONES_H_
#define CALLBRAID_COLLECTOR_TIMELINE_HEARD_TONES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/v1/call.pb.h"
#include "collector/playout/call_layout.h"
#include "collector/store/store.h"
#include "collector/timeline/marks.h"

namespace callbraid::collector {

// Keys, and tones of fax machines and modems, that are heard in the audio of
// one source; nothing of codecs that tones do not survive. By time. Decodes all
// of it. Errors: those of the store.
absl::StatusOr<std::vector<TimelineMark>> TonesOfStream(
    MediaStore& store, const TrackSource& track, v1::Side side);

// Takes keys out of `marks` that are heard from one side half a second or less
// after the other side pressed them: an echo.
void RemoveEchoes(std::vector<TimelineMark>& marks);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_HEARD_TONES_H_
