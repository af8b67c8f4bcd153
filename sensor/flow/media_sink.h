#ifndef CALLBRAID_SENSOR_FLOW_MEDIA_SINK_H_
#define CALLBRAID_SENSOR_FLOW_MEDIA_SINK_H_

#include <cstdint>
#include <span>

#include "common/net/endpoint.h"
#include "common/rtp/rtp_packet.h"
#include "sensor/decap/datagram.h"
#include "sensor/flow/stream.h"

namespace callbraid::sensor {

// One datagram of RTCP. A view: valid until the sink returns.
struct RtcpView {
  int64_t time_ns = 0;
  FlowKey flow;
  // Sender of the first packet in the datagram.
  uint32_t ssrc = 0;
  std::span<const uint8_t> packet;
  bool truncated = false;
};

// Takes the media that the flow table recognised.
class MediaSink {
 public:
  virtual ~MediaSink() = default;

  // A packet of the current run of `stream`; the stream's meter has counted it.
  // UDPTL comes in the same words: its sequence number, and as payload all that
  // follows that.
  virtual void OnRtp(const Stream& stream, int64_t time_ns,
                     const RtpPacket& packet) = 0;

  // The run was recognised, goes on, or (`final`) has ended: no packet of it
  // follows. `stream` itself may be used again, for another run, after that.
  virtual void OnStreamReport(const Stream& stream, bool final) = 0;

  virtual void OnRtcp(const RtcpView& rtcp) = 0;

  // DTLS by its first byte (RFC 7983): it may agree on keys of SRTP.
  virtual void OnDtls(const Datagram& /*datagram*/) {}
};

// Takes what may be signalling: all TCP, and UDP that looks like SIP or MGCP or
// uses a port of SIP or of RAS.
class SignallingSink {
 public:
  virtual ~SignallingSink() = default;
  virtual void OnSignalling(const Datagram& datagram) = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_MEDIA_SINK_H_
