#ifndef CALLBRAID_SENSOR_FLOW_STREAM_METER_H_
#define CALLBRAID_SENSOR_FLOW_STREAM_METER_H_

#include <cstdint>

#include "callbraid/v1/frame.pb.h"
#include "common/rtp/rtp_packet.h"
#include "sensor/flow/sequence_tracker.h"

namespace callbraid::sensor {

// Measures one run of a stream (RFC 3550: section 6.4.1 and appendix A).
class StreamMeter {
 public:
  // Begins a run with its first packet.
  void Start(int64_t time_ns, const RtpPacket& packet);

  // Counts a packet. False, and nothing is counted, if its sequence number is
  // too far off to belong to the run.
  bool Add(int64_t time_ns, const RtpPacket& packet);

  // A copy that the mirror made of a packet counted before.
  void AddMirrorCopy() { ++mirror_copies_; }

  // Ticks of the RTP timestamp per second, for the payload type that the last
  // packet had; 0 while not known. Jitter is measured from then on.
  void set_clock_rate(uint32_t clock_rate);
  uint32_t clock_rate() const { return clock_rate_; }
  uint8_t payload_type() const { return payload_type_; }
  // The clock rate is to be looked up: the payload type is new.
  bool payload_type_changed() const { return payload_type_changed_; }

  uint32_t packets() const { return packets_; }
  void Fill(v1::StreamStatistics& statistics) const;

 private:
  void Measure(int64_t time_ns, const RtpPacket& packet);

  SequenceTracker sequence_;
  uint32_t packets_ = 0;
  uint32_t mirror_copies_ = 0;
  uint64_t payload_bytes_ = 0;

  int64_t newest_ns_ = 0;
  int64_t max_gap_ns_ = 0;
  uint32_t timestamp_ = 0;
  uint32_t clock_rate_ = 0;
  double ns_per_tick_ = 0;
  // 16 times the jitter, as RFC 3550, appendix A.8, keeps it.
  int64_t jitter16_ns_ = 0;
  int64_t max_jitter16_ns_ = 0;
  uint8_t payload_type_ = 0;
  bool payload_type_changed_ = false;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_STREAM_METER_H_
