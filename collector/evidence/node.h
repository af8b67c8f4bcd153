#ifndef CALLBRAID_COLLECTOR_EVIDENCE_NODE_H_
#define CALLBRAID_COLLECTOR_EVIDENCE_NODE_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/store/observation_id.h"
#include "collector/store/store.h"
#include "common/net/endpoint.h"

namespace callbraid::collector {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

enum class TokenKind : uint8_t {
  kDialog,
  kEndpoint,
  kFlow,
  kPair,
  kPayload,
  kLink,
  kName,
  kHub,
  kTurn,
  kReception,
  kClock,
};

struct NodeToken {
  Token token = 0;
  TokenKind kind = TokenKind::kDialog;
  auto operator<=>(const NodeToken&) const = default;
};

// A packet that is known by its payload; see common/media/fingerprint.h.
struct Anchor {
  uint64_t hash = 0;
  uint64_t sequence = 0;
  int64_t time_ns = 0;
  uint32_t timestamp = 0;
};

// A SIP message.
struct Mark {
  uint64_t identity = 0;
  int64_t time_ns = 0;
  bool from_initiator = false;
};

// One SDP naming one endpoint to receive at.
struct SdpNaming {
  Endpoint endpoint;
  int64_t from_ns = 0;
  // When SDP of the same side replaced it; kNever while none has.
  int64_t until_ns = kNever;
  bool from_initiator = false;
};

// An observation made ready for comparing: a node of the correlation graph. A
// value that does not change; what was malformed is left out, and times are
// within [0, 4e18] ns, so that differences cannot overflow.
struct Node {
  ObservationId id;
  // As stored, less the anchors.
  StoredObservation stored;
  int64_t first_ns = 0;
  int64_t last_ns = 0;
  // What the index has it under.
  std::vector<NodeToken> tokens;
  // Changes when anything did that other nodes' evidence may rest on.
  uint64_t structure = 0;

  bool is_dialog = false;
  // What a receiver says of a stream by RTCP: in no call, but calls tell of it.
  bool is_reception = false;
  // An INVITE dialog or RTP; others are in no call.
  bool makes_call = false;
  Endpoint initiator;
  Endpoint responder;
  // The same as hosts: SignallingHost().
  Endpoint initiator_host;
  Endpoint responder_host;
  // When the INVITE was sent, as far as known; 0: before the capture began.
  int64_t invite_ns = 0;
  // By token, when a link to others was first said.
  std::vector<std::pair<Token, int64_t>> said;
  std::vector<SdpNaming> namings;  // By time.
  std::vector<Mark> marks;         // By identity; each once.

  FlowKey flow;
  uint32_t ssrc = 0;
  // A stream of UDPTL: the rules of RTP hold, but it has no SSRC, timestamps
  // and clock.
  bool is_udptl = false;
  std::vector<Anchor> anchors;  // By hash; repeated payloads are left out.

  bool is_rtp() const { return !is_dialog && !is_reception; }
  const std::string& sensor() const { return stored.observation.sensor(); }
  const std::string& site() const { return stored.observation.site(); }
  const std::string& capture_point() const {
    return stored.observation.capture_point();
  }
  const store::v1::DialogObservation& dialog() const {
    return stored.observation.dialog();
  }
  const store::v1::RtpObservation& rtp() const {
    return stored.observation.rtp();
  }
  const store::v1::RtpTally& tally() const { return stored.tally; }
  const store::v1::ReceptionObservation& reception() const {
    return stored.observation.reception();
  }
  bool final() const { return stored.observation.final(); }
  bool answered() const { return dialog().answer_time_ns() != 0; }
};

// Since when `dialog` has been filed under `token`: links may be said late.
int64_t FiledSince(const Node& dialog, Token token);

// Nullopt if `stored` is none of these, or its endpoints are none.
std::optional<Node> MakeNode(StoredObservation stored);

inline bool SameSensor(const Node& a, const Node& b) {
  return a.sensor() == b.sensor();
}
inline bool SamePlace(const Node& a, const Node& b) {
  return SameSensor(a, b) && a.capture_point() == b.capture_point();
}

// The order in which the first member, and so the id, of calls, legs and
// streams is found: raw start, then id.
inline bool Before(const Node& a, const Node& b) {
  if (a.first_ns != b.first_ns) return a.first_ns < b.first_ns;
  return a.id < b.id;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVIDENCE_NODE_H_
