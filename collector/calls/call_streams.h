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

struct StreamCodec {
  std::string name;
  uint32_t payload_type = 0;
  uint32_t clock_rate = 0;
  // It is sent as redundant audio (RFC 2198), which has another payload type.
  bool redundant = false;
  // Of its media line: "audio", "video"; empty if nothing tells.
  std::string kind = {};

  // Whether there is anything to be heard, were there a decoder: not of video,
  // events alone, error correction.
  bool IsAudio() const;
};

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
  // Where it began in clear: when it was encrypted (aligned), `words` being by
  // what; 0: never. It does not count as encrypted then, so that what is in
  // clear can be heard.
  int64_t turned_ns = 0;
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
  // Whether the initiator of the leg sends it, as SDP says.
  std::optional<bool> from_initiator;
  int64_t start_ns = 0;  // Aligned.
  int64_t end_ns = 0;
  StreamCodec codec;
  StreamEncryption encryption;

  const Node& first() const { return *sightings.front().node; }
};

// The streams of a call by (start, id), each with its side, leg, codec and
// encryption, which are found in this order. call_streams.cc groups,
// stream_sides.cc takes sides, stream_codec.cc goes by the SDP of the leg valid
// at the time, else by the static type; stream_encryption.cc by DTLS on the
// flow, by that SDP, by the size of packets, else by ZRTP and later SDP.
std::vector<CallStream> FindStreams(const Component& component,
                                    const SensorClocks& clocks,
                                    const EvidencePolicy& policy);
// Returns TurnedLegs().
std::vector<bool> AssignSides(const Component& component,
                              const std::vector<CallLeg>& legs,
                              const EvidencePolicy& policy,
                              std::vector<CallStream>& streams);
void FindCodecs(const std::vector<CallLeg>& legs, const SensorClocks& clocks,
                const EvidencePolicy& policy, std::vector<CallStream>& streams);
void FindEncryption(const std::vector<CallLeg>& legs,
                    const SensorClocks& clocks, const EvidencePolicy& policy,
                    std::vector<CallStream>& streams);

// What a media line says of a stream that goes to, or comes from, where it
// wants to receive: the destination is the surer one. stream_lines.cc
enum class LineEnd { kNone, kSource, kDestination };
LineEnd EndAt(const CallStream& stream, const store::v1::SdpMedia& line);

// The kind of the lines that name an end of `stream`: its destination, else its
// source. Empty if there is none, or they are of several kinds (RFC 8843).
std::string KindByEnds(const CallStream& stream, const CallLeg& leg);

// Which of the audio lines of its SDP that line is, counted from 0 (RFC 3264,
// section 6: their order stays the same); nullopt if there is none.
std::optional<size_t> AudioLineOf(const CallStream& stream, const CallLeg& leg);

// Of what was seen of a segment: lost, as its sighting says. Of what several
// saw nothing tells whether they lost the same: 0.
int64_t UnlistedOf(const CallStream& stream, size_t segment);

// What was lost, delayed and put out of order between the places that saw
// `stream`, by the network or by their capture: hops, lost_before, reception
// and capture_losses of `proto`, which has packets, lost and clock rate.
// stream_hops.cc
void AddJourney(const CallStream& stream, const Component& component,
                const std::vector<CallLeg>& legs, const SensorClocks& clocks,
                v1::Stream& proto);

// All of v1::Stream. stream_proto.cc
v1::Stream ToProto(const CallStream& stream, const Component& component,
                   const std::vector<CallLeg>& legs,
                   const SensorClocks& clocks);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_CALL_STREAMS_H_
