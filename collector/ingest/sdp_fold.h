#ifndef CALLBRAID_COLLECTOR_INGEST_SDP_FOLD_H_
#define CALLBRAID_COLLECTOR_INGEST_SDP_FOLD_H_

#include <string_view>
#include <vector>

#include "callbraid/store/v1/observation.pb.h"
#include "collector/store/store.h"
#include "common/sip/sdp.h"

namespace callbraid::collector {

inline constexpr int kMaxMediaLines = 64;

// Adds the media lines of `sdp` (may be empty or nonsense) to `dialog`, unless
// this side said just the same the last time, and the origin of the SDP of a
// call to its links. Appends to `tokens` the endpoints where RTP may come, and
// those of the link.
void FoldSdp(std::string_view sdp, int64_t time_ns, bool from_initiator,
             std::string_view site, store::v1::DialogObservation& dialog,
             std::vector<Token>& tokens);

// The same of lines that no SDP named.
void FoldMediaLines(const std::vector<SdpMediaLine>& lines, int64_t time_ns,
                    bool from_initiator, std::string_view site,
                    store::v1::DialogObservation& dialog,
                    std::vector<Token>& tokens);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_SDP_FOLD_H_
