#ifndef CALLBRAID_COLLECTOR_STORE_TOKENS_H_
#define CALLBRAID_COLLECTOR_STORE_TOKENS_H_

#include <cstdint>
#include <string_view>

#include "callbraid/store/v1/observation.pb.h"
#include "collector/store/observation_identity.h"
#include "collector/store/store.h"
#include "common/net/endpoint.h"

// The tokens that ingest files observations under and the correlator looks them
// up by. Equal tokens only make two observations candidates for evidence; they
// prove nothing (and may collide).

namespace callbraid::collector {

// The same dialog seen at two capture points. `from_tag` is the initiator's. A
// dialog whose beginning was not seen may have taken the wrong side for the
// initiator: it is filed under both tags.
Token DialogToken(std::string_view call_id, std::string_view from_tag);

// An address and port in a site: of SDP, and of both ends of RTP.
Token EndpointToken(std::string_view site, const Endpoint& endpoint);

// The same RTP at two capture points, of any site.
Token FlowToken(const Endpoint& source, const Endpoint& destination,
                uint32_t ssrc);

// Two endpoints of a site in either order: the two directions of one flow.
Token PairToken(std::string_view site, const Endpoint& a, const Endpoint& b);

// A payload that identifies its stream wherever it is sent on
// (common/media/fingerprint.h).
Token PayloadToken(uint64_t payload_hash);

// A stream from one host to another, whatever the ports: what the receiver says
// of it by RTCP, and its RTP.
Token ReceptionToken(std::string_view site, const IpAddress& sender,
                     const IpAddress& receiver, uint32_t ssrc);

// The same at one capture point: how ingest finds a reception again that it no
// longer holds in memory.
Token ReceptionsToken(const CapturePlace& place, const IpAddress& sender,
                      const IpAddress& receiver, uint32_t ssrc);

// All uses of a Call-ID between two hosts at one capture point: how ingest
// finds a dialog again that it no longer holds in memory.
Token CallIdToken(const CapturePlace& place, std::string_view call_id,
                  const SignallingPair& pair);

// A value that the legs of one call may have in common, of any site.
Token LinkToken(store::v1::LinkKind kind, std::string_view value);

// A Call-ID: of the dialogs that have it, and of those that name it.
Token NameToken(std::string_view call_id);

// A call from or to a number at a host (SignallingHost()), which either sent or
// received its INVITE: how the two sides of a B2BUA find each other.
// `number_key`: NumberKey() of the caller, or of who was called.
Token HubToken(std::string_view site, const Endpoint& host,
               std::string_view number_key);

// A host was asked, by REFER or 3xx, to call a number, about then: how the call
// that came of it finds the dialog that asked, which may have begun long ago.
// `window`: its time in units of kTurnWindowNs.
inline constexpr int64_t kTurnWindowNs = 32'000'000'000;
Token TurnToken(std::string_view site, const Endpoint& host,
                std::string_view number_key, int64_t window);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_TOKENS_H_
