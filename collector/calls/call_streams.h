#ifndef CALLBRAID_COLLECTOR_CALLS_CALL_STREAMS_H_
#define CALLBRAID_COLLECTOR_CALLS_CALL_STREAMS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "callbraid/v1/call.pb.h"
#include "collector/calls/call_legs.h"
#include "collector/calls/component.h"
#include "collector/calls/sensor_clocks.h"
#include "collector/evidence/evidence_policy.h"
#include "collector/store/sequence_set.h"

namespace callbraid::collector {

// Whether the payload is SRTP (RFC 3711), and how its keys were agreed on.
struct StreamEncryption {
  bool encrypted = false;
  // SDP named a key of the sender's, or DTLS agreed on one that a key log told.
  bool has_key = false;
  // As v1::Stream.encryption.
  std::string words;
  // By which packets are longer than what is in them; the usual, of SHA1_80,
  // where that is not known.
  uint32_t tag_bytes = 10;
};

// One observation of a stream, in the numbering of its segment.
struct StreamSighting {
  const Node* node = nullptr;
  size_t member = 0;  // Index in Component::members.
  // Sightings of one segment have their sequence numbers in common. A source
  // that restarts begins another.
  size_t segment = 0;
  // From the numbers of `node` to those of the segment.
  int64_t shift = 0;
  SequenceSet packets;
  // Of `packets`: lost. A tally lists only so many runs, and then takes those
  // in the shortest gaps for seen.
  int64_t unlisted = 0;
};

// RTP of one SSRC in one direction, or UDPTL in one, from all observations of
// it.
struct CallStream {
  std::vector<StreamSighting> sightings;  // In the order of Before().
  // By segment: what the source sent to another address meanwhile, so that it
  // is not lost. A line on hold hears music from elsewhere, and its party's
  // audio goes there.
  std::map<size_t, SequenceSet> diverted;
  v1::Side side = v1::SIDE_UNSPECIFIED;
  // Index in the call's legs.
  std::optional<size_t> leg;
  int64_t start_ns = 0;  // Aligned.
  int64_t end_ns = 0;
  StreamEncryption encryption;

  const Node& first() const { return *sightings.front().node; }
};

// The streams of a call by (start, id), each with its side, leg and encryption:
// call_streams.cc groups, stream_sides.cc takes sides, stream_encryption.cc
// goes by DTLS on the flow, by the SDP of the leg valid at the time, else by
// the size of packets.
std::vector<CallStream> FindStreams(const Component& component,
                                    const SensorClocks& clocks,
                                    const EvidencePolicy& policy);
void AssignSides(const Component& component, const std::vector<CallLeg>& legs,
                 const EvidencePolicy& policy,
                 std::vector<CallStream>& streams);
void FindEncryption(const std::vector<CallLeg>& legs,
                    const SensorClocks& clocks, const EvidencePolicy& policy,
                    std::vector<CallStream>& streams);

// Of what was seen of a segment: lost, as its sighting says. Of what several
// saw nothing tells whether they lost the same: 0.
int64_t UnlistedOf(const CallStream& stream, size_t segment);

// Payload type, codec and clock by the SDP of `leg` valid at the time, else by
// the static type. stream_codec.cc
struct StreamCodec {
  std::string name;
  uint32_t payload_type = 0;
  uint32_t clock_rate = 0;
  // It is sent as redundant audio (RFC 2198), which has another payload type.
  bool redundant = false;
};
StreamCodec FindCodec(const CallStream& stream, const CallLeg* leg,
                      const SensorClocks& clocks, const EvidencePolicy& policy);

// What was lost, delayed and put out of order between the places that saw
// `stream`, by the network or by their capture: hops, lost_before, reception
// and capture_losses of `proto`, which has packets, lost and clock rate.
// stream_hops.cc
void AddJourney(const CallStream& stream, const Component& component,
                const std::vector<CallLeg>& legs, const SensorClocks& clocks,
                v1::Stream& proto);

// All of v1::Stream. stream_proto.cc
v1::Stream ToProto(const CallStream& stream, const Component& component,
                   const std::vector<CallLeg>& legs, const SensorClocks& clocks,
                   const EvidencePolicy& policy);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_CALL_STREAMS_H_
