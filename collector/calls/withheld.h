#ifndef CALLBRAID_COLLECTOR_CALLS_WITHHELD_H_
#define CALLBRAID_COLLECTOR_CALLS_WITHHELD_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "callbraid/v1/call.pb.h"
#include "collector/calls/call_state.h"
#include "collector/calls/call_streams.h"
#include "collector/calls/component.h"
#include "collector/calls/sensor_clocks.h"
#include "collector/store/media_wish.h"
#include "collector/store/sequence_set.h"

// Payload that crosses the WAN once: which capture points see the same stream,
// and what of it nobody has sent. docs/media-once.md.

namespace callbraid::collector {

// Of the packets of `sighting`, those that its sensor keeps; in the numbers of
// the segment.
SequenceSet WithheldOf(const StreamSighting& sighting);

// Packets of a stream of which the payload is not here and will not come by
// itself: it comes by itself while nobody who sends has got so far.
class MissingPayload {
 public:
  MissingPayload(const CallStream& stream, const Watermarks& watermarks,
                 const EvidencePolicy& policy);

  int64_t size() const { return size_; }
  // What of it the sensor of this sighting (by index) keeps.
  const SequenceSet& KeptAt(size_t sighting) const { return kept_[sighting]; }
  std::vector<PayloadGap> Gaps(const CallStream& stream) const;

 private:
  PayloadGap GapOf(const CallStream& stream, size_t segment, int64_t begin,
                   int64_t end) const;

  // By segment.
  std::map<size_t, SequenceSet> missing_;
  std::vector<SequenceSet> kept_;
  int64_t size_ = 0;
};

// Notes in `points` which of them keep what is missed.
void NoteDebts(const CallStream& stream, const MissingPayload& missing,
               std::vector<WatchPoint>& points);

// What is kept and what of it is missed, in `proto`, which has its
// observations.
void TellWithheld(const CallStream& stream, const MissingPayload& missing,
                  v1::Stream& proto);

// Who sees `stream` now, and is known by its payload to see the same as the
// others; empty if that is not two at least.
std::vector<MediaCandidate> CandidatesOf(const CallStream& stream,
                                         const SensorClocks& clocks,
                                         const Watermarks& watermarks,
                                         const EvidencePolicy& policy);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_WITHHELD_H_
