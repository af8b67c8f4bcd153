#ifndef CALLBRAID_COLLECTOR_STORE_OBSERVATION_IDENTITY_H_
#define CALLBRAID_COLLECTOR_STORE_OBSERVATION_IDENTITY_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "callbraid/store/v1/observation.pb.h"
#include "collector/store/observation_id.h"
#include "common/net/endpoint.h"

// What makes an observation the one it is. Ids hash exactly this, so they are
// the same whenever and however often the same capture is delivered.

namespace callbraid::collector {

// Where an observation was made.
struct CapturePlace {
  std::string_view sensor;
  std::string_view capture_point;
};

// The two hosts of a dialog, in no order. By address alone, because phones send
// from one port and listen on another and TCP ports change; two programs on one
// host, though, differ by nothing else than their ports.
struct SignallingPair {
  Endpoint low;
  Endpoint high;
  auto operator<=>(const SignallingPair&) const = default;
};
SignallingPair MakeSignallingPair(const Endpoint& a, const Endpoint& b);

// The one of the two that `self` belongs to.
Endpoint SignallingHost(const Endpoint& self, const Endpoint& peer);

// One dialog; `start_ns` tells the uses of a Call-ID apart.
ObservationId DialogObservationId(const CapturePlace& place,
                                  std::string_view call_id,
                                  std::string_view from_tag,
                                  const SignallingPair& pair, int64_t start_ns);

// One run of a stream.
ObservationId RtpObservationId(const CapturePlace& place, const FlowKey& flow,
                               uint32_t ssrc, int64_t stream_start_ns);

// What the receiver of a stream says of it by RTCP: between these hosts, of
// this SSRC. Ports do not count here either. `start_ns` tells uses of the SSRC
// apart.
ObservationId ReceptionObservationId(const CapturePlace& place,
                                     const IpAddress& sender,
                                     const IpAddress& receiver, uint32_t ssrc,
                                     int64_t start_ns);

// Where the RTCP of a sender is filed. Ports do not count (RFC 3605, RFC 5761),
// and it does not depend on whether the sender's RTP was seen before.
ObservationId RtcpFramesId(const CapturePlace& place, const FlowKey& flow,
                           uint32_t ssrc);
// The same for an RTP observation; nullopt if it is none. RTCP goes on past the
// last packet: read the buckets from first_time_ns to a while after the end.
std::optional<ObservationId> RtcpFramesId(
    const store::v1::Observation& observation);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_OBSERVATION_IDENTITY_H_
