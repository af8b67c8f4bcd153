#ifndef CALLBRAID_SENSOR_FLOW_FLOW_DISCARD_H_
#define CALLBRAID_SENSOR_FLOW_FLOW_DISCARD_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace callbraid::sensor {

// Why a UDP datagram was not handed on.
enum class FlowDiscard : uint8_t {
  kEmptyUdp,  // No payload: a keep-alive.
  kStun,      // By its first byte (RFC 7983), as the next two.
  kDtls,
  kTurnChannel,
  kNotVoip,         // Nothing that is looked for.
  kBadRtp,          // Version 2, but not well-formed.
  kNotRtp,          // Looked like RTP at first, contradicted itself later.
  kRtpUnconfirmed,  // Too few packets came to tell RTP from chance.
  kRtpStray,        // Far from its run's sequence numbers, and alone there.
  kStreamLimit,     // All streams in use.
  kBadRtcp,         // Of RTCP's types, but not well-formed.
  kRtcpUnrelated,   // Belongs to no media known here.
  // Too few packets came to tell UDPTL from chance.
  kUdptlUnconfirmed,
  kZrtp,  // RFC 6189: agrees on keys of SRTP.
};
inline constexpr size_t kFlowDiscardCount = 14;

// "stun", "not_rtp"...: a key of CaptureReport.discarded.
const char* FlowDiscardName(FlowDiscard reason);

// Totals of one capture point, by FlowDiscard.
class FlowCounters {
 public:
  void Count(FlowDiscard reason, uint64_t datagrams = 1) {
    discarded_[static_cast<size_t>(reason)] += datagrams;
  }
  uint64_t Get(FlowDiscard reason) const {
    return discarded_[static_cast<size_t>(reason)];
  }

 private:
  std::array<uint64_t, kFlowDiscardCount> discarded_ = {};
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_FLOW_DISCARD_H_
