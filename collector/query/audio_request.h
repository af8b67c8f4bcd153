#ifndef CALLBRAID_COLLECTOR_QUERY_AUDIO_REQUEST_H_
#define CALLBRAID_COLLECTOR_QUERY_AUDIO_REQUEST_H_

#include "absl/status/statusor.h"
#include "callbraid/v1/query.pb.h"
#include "collector/record/recorder.h"

namespace callbraid::collector {

// What a request asks to be rendered. INVALID_ARGUMENT names the field that
// cannot be.
absl::StatusOr<RecordingOptions> ReadAudioRequest(
    const v1::GetAudioRequest& request);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_AUDIO_REQUEST_H_
