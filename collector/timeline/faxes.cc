#include "collector/timeline/faxes.h"

#include <map>
#include <utility>

namespace callbraid::collector {

std::vector<Fax> FaxesIn(const store::v1::DialogObservation& dialog) {
  // Each SDP by time and side: whether it has a port for fax.
  std::map<std::pair<int64_t, bool>, bool> sdps;
  for (const store::v1::SdpMedia& media : dialog.media()) {
    sdps[{media.time_ns(), media.from_initiator()}] |=
        media.kind() == "image" && media.rtp().port() != 0;
  }
  std::vector<Fax> faxes;
  bool is_open = false;  // The last of them is offered or under way.
  for (const auto& [sdp, wants_fax] : sdps) {
    const auto [time_ns, by_initiator] = sdp;
    if (!is_open) {
      if (!wants_fax) continue;
      faxes.push_back({time_ns, std::nullopt, by_initiator, false});
      is_open = true;
      continue;
    }
    Fax& fax = faxes.back();
    if (wants_fax) {
      fax.accepted |= by_initiator != fax.by_initiator;
      continue;
    }
    if (fax.accepted) fax.end_ns = time_ns;
    is_open = false;
  }
  if (is_open && faxes.back().accepted && dialog.end_time_ns() > 0) {
    faxes.back().end_ns = dialog.end_time_ns();
  }
  return faxes;
}

}  // namespace callbraid::collector
