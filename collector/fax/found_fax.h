#ifndef CALLBRAID_COLLECTOR_FAX_FOUND_FAX_H_
#define CALLBRAID_COLLECTOR_FAX_FOUND_FAX_H_

#include "collector/fax/t30_listener.h"
#include "collector/fax/udptl_receiver.h"

namespace callbraid::collector {

// A fax of one leg of a call.
struct FoundFax {
  // Direction 0 is spoken by the caller. Times on the call's clock.
  CodedFax coded;
  // Of both directions of the leg.
  UdptlTally tally;
  bool in_audio = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_FAX_FOUND_FAX_H_
