#ifndef CALLBRAID_COMMON_H323_H225_TYPES_H_
#define CALLBRAID_COMMON_H323_H225_TYPES_H_

#include "common/h323/per_type.h"

namespace callbraid {

// ITU-T H.225.0, annex H: H323-UserInformation, of call signalling, and
// RasMessage. Components keep their order and their names in comments where
// they are not looked at.
extern const PerType kH323UserInformation;
extern const PerType kRasMessage;

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_H225_TYPES_H_
