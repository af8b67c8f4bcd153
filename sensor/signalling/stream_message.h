#ifndef CALLBRAID_SENSOR_SIGNALLING_STREAM_MESSAGE_H_
#define CALLBRAID_SENSOR_SIGNALLING_STREAM_MESSAGE_H_

#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace callbraid::sensor {

// Takes a message; `time_ns` is the arrival of the segment that completed it.
using StreamMessageFn = absl::FunctionRef<void(
    int64_t time_ns, std::string_view message, bool truncated)>;

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_STREAM_MESSAGE_H_
