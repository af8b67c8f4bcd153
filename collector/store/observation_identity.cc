#include "collector/store/observation_identity.h"

#include <algorithm>
#include <string>

#include "collector/store/clock_window.h"
#include "common/bytes/byte_writer.h"

namespace callbraid::collector {
namespace {

// Parts one after the other, each with its length in front.
class Identity {
 public:
  explicit Identity(std::string_view kind) { Add(kind); }

  Identity& Add(std::string_view part) {
    writer_.U32(static_cast<uint32_t>(part.size()));
    writer_.Bytes(part);
    return *this;
  }
  Identity& Add(const CapturePlace& place) {
    return Add(place.sensor).Add(place.capture_point);
  }
  Identity& Add(const IpAddress& address) {
    writer_.Bytes(address.mapped());
    return *this;
  }
  Identity& Add(const Endpoint& endpoint) {
    Add(endpoint.address);
    writer_.U16(endpoint.port);
    return *this;
  }
  Identity& Add(uint32_t number) {
    writer_.U32(number);
    return *this;
  }
  Identity& Add(int64_t time_ns) {
    writer_.U64(static_cast<uint64_t>(time_ns));
    return *this;
  }
  ObservationId id() const { return ObservationId::Of(bytes_); }

 private:
  std::string bytes_;
  ByteWriter writer_{bytes_};
};

}  // namespace

SignallingPair MakeSignallingPair(const Endpoint& a, const Endpoint& b) {
  const Endpoint x = SignallingHost(a, b);
  const Endpoint y = SignallingHost(b, a);
  return {std::min(x, y), std::max(x, y)};
}

Endpoint SignallingHost(const Endpoint& self, const Endpoint& peer) {
  const bool one_host = self.address == peer.address;
  return {self.address, one_host ? self.port : uint16_t{0}};
}

ObservationId DialogObservationId(const CapturePlace& place,
                                  std::string_view call_id,
                                  std::string_view from_tag,
                                  const SignallingPair& pair,
                                  int64_t start_ns) {
  return Identity("dialog")
      .Add(place)
      .Add(call_id)
      .Add(from_tag)
      .Add(pair.low)
      .Add(pair.high)
      .Add(start_ns)
      .id();
}

ObservationId RtpObservationId(const CapturePlace& place, const FlowKey& flow,
                               uint32_t ssrc, int64_t stream_start_ns) {
  return Identity("rtp")
      .Add(place)
      .Add(flow.source)
      .Add(flow.destination)
      .Add(ssrc)
      .Add(stream_start_ns)
      .id();
}

ObservationId ReceptionObservationId(const CapturePlace& place,
                                     const IpAddress& sender,
                                     const IpAddress& receiver, uint32_t ssrc,
                                     int64_t start_ns) {
  return Identity("reception")
      .Add(place)
      .Add(sender)
      .Add(receiver)
      .Add(ssrc)
      .Add(start_ns)
      .id();
}

ObservationId ClockNoteId(std::string_view sensor, int64_t window) {
  return Identity("clock").Add(sensor).Add(window).id();
}

ObservationId RtcpFramesId(const CapturePlace& place, const FlowKey& flow,
                           uint32_t ssrc) {
  return Identity("rtcp")
      .Add(place)
      .Add(flow.source.address)
      .Add(flow.destination.address)
      .Add(ssrc)
      .id();
}

std::optional<ObservationId> RtcpFramesId(
    const store::v1::Observation& observation) {
  if (!observation.has_rtp()) return std::nullopt;
  const auto source = FromProto(observation.rtp().source());
  const auto destination = FromProto(observation.rtp().destination());
  if (!source || !destination) return std::nullopt;
  return RtcpFramesId({observation.sensor(), observation.capture_point()},
                      {*source, *destination}, observation.rtp().ssrc());
}

}  // namespace callbraid::collector
