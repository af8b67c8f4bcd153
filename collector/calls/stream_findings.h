#ifndef CALLBRAID_COLLECTOR_CALLS_STREAM_FINDINGS_H_
#define CALLBRAID_COLLECTOR_CALLS_STREAM_FINDINGS_H_

#include <string>
#include <vector>

#include "callbraid/v1/call.pb.h"

namespace callbraid::collector {

// What befell a stream and where, in words; nothing if all is well. `stream`
// has all but that.
std::vector<std::string> FindingsOf(const v1::Stream& stream);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_STREAM_FINDINGS_H_
