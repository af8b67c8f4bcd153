#ifndef CALLBRAID_SENSOR_FLOW_STREAM_H_
#define CALLBRAID_SENSOR_FLOW_STREAM_H_

#include <cstdint>

#include "callbraid/v1/protocol.pb.h"
#include "common/net/endpoint.h"
#include "sensor/decap/datagram.h"
#include "sensor/flow/naming_call.h"
#include "sensor/flow/stream_meter.h"

namespace callbraid::sensor {

// One source of RTP (SSRC) on one flow, or what UDPTL is on it. Its packets
// come in runs: a run ends with silence, a restart of the source or the
// beginning of another call, and between runs the stream is kept for a while,
// so that the next run is known from its first packet.
//
// Owned by the StreamPool; the flow table alone changes it.
struct Stream {
  // Small and dense: an index for state that others keep for the stream.
  uint32_t slot = 0;
  v1::MediaTransport transport = v1::MEDIA_TRANSPORT_UNSPECIFIED;
  uint32_t ssrc = 0;
  FlowKey flow;

  // The current run, or the last one.
  bool active = false;
  int64_t start_ns = 0;
  int64_t newest_ns = 0;
  StreamMeter meter;
  // The calls that named its ends first since the run began.
  NamingCall destination_call;
  NamingCall source_call;
  // Nobody asks for the media of this run.
  bool spare = false;
  // When ZRTP confirmed keys on the flow, before or during the run; 0: never.
  int64_t zrtp_secure_ns = 0;
  LinkHeader link;
  uint8_t dscp = 0;

  // By the pipeline's clock, which never goes back.
  int64_t last_seen_ns = 0;
  int64_t last_report_ns = 0;

  // A packet far from the run's sequence numbers waits for its successor.
  bool holds_jump = false;

  Stream* next_in_flow = nullptr;
  // Among the streams between runs, longest silent first.
  bool parked = false;
  Stream* previous_idle = nullptr;
  Stream* next_idle = nullptr;

  bool is_udptl() const { return transport == v1::MEDIA_TRANSPORT_UDPTL; }
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_STREAM_H_
