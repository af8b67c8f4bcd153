#ifndef CALLBRAID_COLLECTOR_RECORD_CALL_LAYOUT_H_
#define CALLBRAID_COLLECTOR_RECORD_CALL_LAYOUT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/record/packet_reader.h"
#include "collector/record/payload_map.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// One source of audio: a stream, or several that carry the same RTP packets (a
// relay that keeps SSRC and timestamps: what one copy lacks is in the other).
struct TrackSource {
  // 0: left, the caller; 1: right, the callee.
  int channel = 0;
  // Of the first of them.
  std::string stream_id;
  std::vector<ObservationSource> observations;
  StreamPayloads payloads;
  // Of the RTP timestamp if it is not its codecs' own; else 0.
  uint32_t clock_rate = 0;
};

struct CallLayout {
  // Those who are nearest to the speaking party come first.
  std::vector<TrackSource> tracks;
  // Of the call, encrypted ones included.
  int streams = 0;
  int encrypted = 0;
};

// Who speaks on which channel, and from where it is best heard: for the caller
// the first leg, for the callee the last. With `stream_id` only that stream, on
// channel 0.
//
// Errors: NOT_FOUND (no such stream), those of the store.
absl::StatusOr<CallLayout> LayOutCall(Store& store,
                                      const store::v1::CallRecord& record,
                                      const std::string& stream_id);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_CALL_LAYOUT_H_
