#ifndef CALLBRAID_COMMON_H323_H245_TYPES_H_
#define CALLBRAID_COMMON_H323_H245_TYPES_H_

#include "common/h323/per_type.h"

namespace callbraid {

// ITU-T H.245, annex A: MultimediaSystemControlMessage. What only H.320 or
// H.324 use (H.222, H.223, V.76) ends the reading.
extern const PerType kMultimediaSystemControlMessage;
// What fastStart of H.225.0 has alone.
extern const PerType kOpenLogicalChannel;

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_H245_TYPES_H_
