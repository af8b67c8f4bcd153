#ifndef CALLBRAID_COMMON_H323_H245_CAPABILITIES_H_
#define CALLBRAID_COMMON_H323_H245_CAPABILITIES_H_

#include "common/h323/per_type.h"

namespace callbraid {

// The types of ITU-T H.245, annex A, that describe media.
extern const PerType kH245NonStandard;  // NonStandardParameter
extern const PerType kAudioCapability;
extern const PerType kVideoCapability;
extern const PerType kDataCapability;  // DataApplicationCapability
extern const PerType kCapability;

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_H245_CAPABILITIES_H_
