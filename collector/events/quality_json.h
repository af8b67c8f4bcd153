#ifndef CALLBRAID_COLLECTOR_EVENTS_QUALITY_JSON_H_
#define CALLBRAID_COLLECTOR_EVENTS_QUALITY_JSON_H_

#include <string>

#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/quality.pb.h"

namespace callbraid::collector {

// A stream's final report as Homer's RTP agent sends it (HEP type 34,
// "HANGUP"). MOS and R are listening quality; left out where nothing is known
// of the codec.
std::string QualityToJson(const std::string& sip_call_id,
                          const v1::Stream& stream,
                          const v1::StreamQuality& quality);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_QUALITY_JSON_H_
