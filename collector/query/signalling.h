#ifndef CALLBRAID_COLLECTOR_QUERY_SIGNALLING_H_
#define CALLBRAID_COLLECTOR_QUERY_SIGNALLING_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/query.pb.h"
#include "collector/query/message_text.h"
#include "collector/store/store.h"

namespace callbraid::collector {

struct SignallingLimits {
  size_t messages = 10'000;
  // Of SIP, so that the response stays below gRPC's 16 MiB.
  size_t bytes = size_t{12} << 20;
};

// Reads the SIP messages of `record`'s legs at all capture points into
// `response`, by aligned time; the earliest if there are more than `limits`.
// Keys of media in them are masked: nobody needs those to read signalling. So
// are keys that were pressed, unless `pressed_keys` are shown.
//
// Errors: those of Store.
absl::Status ReadSignalling(Store& store, const store::v1::CallRecord& record,
                            const SignallingLimits& limits,
                            PressedKeys pressed_keys,
                            v1::GetSignallingResponse& response);

// Adds the RTCP of `record`'s streams to `response`, by aligned time; the
// earliest if there are more than `most`. Errors: those of Store.
absl::Status ReadRtcpRecords(Store& store, const store::v1::CallRecord& record,
                             size_t most, v1::GetSignallingResponse& response);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_SIGNALLING_H_
