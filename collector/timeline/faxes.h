#ifndef CALLBRAID_COLLECTOR_TIMELINE_FAXES_H_
#define CALLBRAID_COLLECTOR_TIMELINE_FAXES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "callbraid/store/v1/observation.pb.h"

namespace callbraid::collector {

// A stretch for which a side of a dialog wanted to send fax by ITU-T T.38.
// Times as in the observation.
struct Fax {
  int64_t begin_ns = 0;
  // Nullopt if it was not accepted, or nothing tells.
  std::optional<int64_t> end_ns;
  bool by_initiator = false;
  // The other side has a port for it, too.
  bool accepted = false;
};

// What the SDP of a dialog says: an image line with a port (ITU-T T.38, annex
// D) is an offer, and is accepted by the other side's next SDP if that has one.
// The fax is over with the next SDP that has none, or with the dialog.
std::vector<Fax> FaxesIn(const store::v1::DialogObservation& dialog);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_FAXES_H_
