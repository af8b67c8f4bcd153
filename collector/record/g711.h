#ifndef CALLBRAID_COLLECTOR_RECORD_G711_H_
#define CALLBRAID_COLLECTOR_RECORD_G711_H_

#include "collector/record/decoder.h"

namespace callbraid::collector {

// ITU-T G.711, mu-law and A-law.
extern const Codec kPcmu;
extern const Codec kPcma;

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_G711_H_
