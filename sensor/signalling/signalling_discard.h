#ifndef CALLBRAID_SENSOR_SIGNALLING_SIGNALLING_DISCARD_H_
#define CALLBRAID_SENSOR_SIGNALLING_SIGNALLING_DISCARD_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace callbraid::sensor {

// What is odd about signalling. All but kBadSip and kBadH323 was not handed on.
enum class SignallingDiscard : uint8_t {
  kNotSip,         // On a port of SIP, but no SIP message.
  kSipKeepAlive,   // Only line ends or zeros (RFC 5626, section 3.5.1).
  kBadSip,         // Has a start line, but not the headers each message has.
  kOtherTcp,       // Not on a port of SIP, and does not begin like SIP.
  kSipTcpGap,      // TCP segments that were missing when followed ones came.
  kSipTcpSkipped,  // Bytes of TCP in which no message could be found.
  kSipTcpEvicted,  // Connections given up to make room.
  // Messages in WebSocket frames that permessage-deflate made unreadable.
  kWebSocketCompressed,
  // Looks like a response of MGCP, but not between hosts that speak it.
  kNotMgcp,
  kMgcpEvicted,    // Hosts that speak MGCP, given up to make room.
  kSccpKeepAlive,  // Of no call.
  kSccpSkipped,    // Bytes in which no message could be found.
  kNotH323,        // In TPKT or on a port of H.323, but none of its messages.
  // H.225.0 in it is cut off or malformed; what could be read of it counts.
  kBadH323,
  kH323KeepAlive,  // Empty TPKT: of no call.
  kH323Skipped,    // Bytes in which no TPKT could be found.
  // Addresses of H.245, of callers behind a translator, and channels that wait
  // for their acknowledgement, given up to make room.
  kH323Evicted,
};
inline constexpr size_t kSignallingDiscardCount = 17;

// "not_sip", "bad_sip"...: a key of CaptureReport.discarded.
const char* SignallingDiscardName(SignallingDiscard reason);

// Totals of one capture point, by SignallingDiscard.
class SignallingCounters {
 public:
  void Count(SignallingDiscard reason, uint64_t items = 1) {
    discarded_[static_cast<size_t>(reason)] += items;
  }
  uint64_t Get(SignallingDiscard reason) const {
    return discarded_[static_cast<size_t>(reason)];
  }

 private:
  std::array<uint64_t, kSignallingDiscardCount> discarded_ = {};
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_SIGNALLING_DISCARD_H_
