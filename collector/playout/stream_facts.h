#ifndef CALLBRAID_COLLECTOR_PLAYOUT_STREAM_FACTS_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_STREAM_FACTS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/store/v1/observation.pb.h"
#include "callbraid/v1/call.pb.h"
#include "collector/playout/packet_reader.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// A stream with what the store knows of it.
struct StreamFacts {
  const v1::Stream* stream = nullptr;
  int channel = 0;
  bool is_heard = false;
  // Distance of its leg from the speaking party; of what is heard, from the
  // listener.
  int distance = 0;
  std::vector<ObservationSource> sources;
  std::vector<store::v1::RtpObservation> observations;
};

// The streams of audio of a call by start time, with `stream_id` only that one,
// on channel 0. `listener`: the channel of the party at whose ear the other one
// is heard, of which then only the last capture point's observations count; -1:
// nobody.
//
// Errors: NOT_FOUND (no such stream), FAILED_PRECONDITION (it is no audio),
// those of the store.
absl::StatusOr<std::vector<StreamFacts>> GatherStreams(
    Store& store, const store::v1::CallRecord& record,
    const std::string& stream_id, int listener);

// Those that carry fax by T.38 instead.
absl::StatusOr<std::vector<StreamFacts>> GatherUdptlStreams(
    Store& store, const store::v1::CallRecord& record);

// True if `a` and `b` carry the same packets: equal payload under equal
// sequence number and timestamp.
bool SamePackets(const StreamFacts& a, const StreamFacts& b);

// A capture point: sensor and name.
using Place = std::pair<std::string, std::string>;
Place PlaceOf(const v1::StreamObservation& seen);
// The last that it passed; nullopt if nobody saw it.
std::optional<Place> LastPlaceOf(const v1::Stream& stream);

// Nullopt if the observation is gone: retention may be ahead of the call.
absl::StatusOr<std::optional<StoredObservation>> LoadObservation(
    Store& store, const std::string& hex);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_STREAM_FACTS_H_
