#ifndef CALLBRAID_COLLECTOR_RECORD_G722_H_
#define CALLBRAID_COLLECTOR_RECORD_G722_H_

#include "collector/record/decoder.h"

namespace callbraid::collector {

// ITU-T G.722 at 64 kbit/s. Its RTP clock is 8000 Hz although it samples at
// 16000 Hz: an old mistake that RFC 3551, section 4.5.2, keeps.
extern const Codec kG722;

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_G722_H_
