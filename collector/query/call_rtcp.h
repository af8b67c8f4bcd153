#ifndef CALLBRAID_COLLECTOR_QUERY_CALL_RTCP_H_
#define CALLBRAID_COLLECTOR_QUERY_CALL_RTCP_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/frame.pb.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// One compound packet of RTCP at one capture point. Valid during the visit.
struct CallRtcp {
  const v1::RtcpFrame& frame;
  const std::string& sensor;
  const std::string& capture_point;
  // Leg of the stream that it was seen beside; "" without signalling.
  const std::string& leg_id;
  // On the call's clock.
  int64_t aligned_ns;
};

// Visits the RTCP of all streams of `record`, and of 30 s after them: a BYE,
// the other side's last report. By capture point and sender, then by time.
// False ends the visit.
//
// Errors: those of the store.
absl::Status VisitRtcp(Store& store, const store::v1::CallRecord& record,
                       const std::function<bool(const CallRtcp&)>& visit);

// What an RTCP datagram says, in words: "SR SDES", "RR: 1.2 % lost, 4 packets,
// jitter 25 units", "SR BYE"; "SRTCP" of what is encrypted.
std::string SummaryOfRtcp(std::string_view packet);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_CALL_RTCP_H_
