#ifndef CALLBRAID_COLLECTOR_HEARING_CALL_EAR_H_
#define CALLBRAID_COLLECTOR_HEARING_CALL_EAR_H_

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/hearing/echo_finder.h"
#include "collector/hearing/speech_meter.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// A stretch of time on the call's clock: [begin, end).
struct CallStretch {
  int64_t begin_ns = 0;
  int64_t end_ns = 0;
};

struct HeardParty {
  SpeechMeter meter;
  // Packets from it in that time, whatever they carry.
  bool any_packets = false;
  int64_t last_packet_ns = 0;
  // Some of them cannot be decoded: no key, or codec not known.
  bool any_undecodable = false;
  // It is silent by sending nothing (DTX), or was seen with holes: that no
  // packets come tells nothing.
  bool sends_pauses = false;
  // Its own voice, in what the other one sends.
  std::optional<EchoFinder::Found> echo;
};

struct HeardCall {
  // On a frame of the meters; both meters have a frame for each 20 ms of it.
  CallStretch time;
  // Caller and callee, as the channels of a recording.
  std::array<HeardParty, 2> parties;
};

// Listens to the call as it was spoken, as RenderCall() plays it, at 8 kHz:
// from its answer to its end, at most a day of it. In `holds`, by time, nothing
// is listened to. Nullopt of a call that was not answered, and of one without
// media.
//
// Reads twice and decodes all of it; memory is two bytes for each 20 ms.
// Errors: those of the store.
absl::StatusOr<std::optional<HeardCall>> HearCall(
    Store& store, const store::v1::CallRecord& record,
    const std::vector<CallStretch>& holds);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_HEARING_CALL_EAR_H_
