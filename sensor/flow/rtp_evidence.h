#ifndef CALLBRAID_SENSOR_FLOW_RTP_EVIDENCE_H_
#define CALLBRAID_SENSOR_FLOW_RTP_EVIDENCE_H_

#include <cstdint>

#include "common/rtp/rtp_packet.h"

namespace callbraid::sensor {

// Whether packets that parse as RTP, with one SSRC on one flow, are RTP.
//
// Many protocols begin with a byte of 128 to 191 and keep the bytes where RTP
// has its SSRC. But only RTP counts its packets, mostly by one, and has a
// timestamp that goes with the sequence numbers or with the time of day.
class RtpEvidence {
 public:
  // False if `packet` contradicts what came before: not RTP, or not this
  // stream. The evidence is then worth nothing.
  bool Add(int64_t time_ns, const RtpPacket& packet);

  // What the packets so far are worth; a perfect successor is worth 2.
  int score() const { return score_; }
  // Packets that had the sequence number after the one before.
  int successors() const { return successors_; }

 private:
  bool OnRepetition(const RtpPacket& packet);
  bool OnSuccessor(int64_t time_ns, const RtpPacket& packet, int ahead);
  int SameInstant(const RtpPacket& packet, int ahead);
  int NextInstant(int64_t time_ns, uint32_t ticks, int ahead);

  bool begun_ = false;
  int score_ = 0;
  int successors_ = 0;
  int repetitions_ = 0;
  int late_ = 0;
  int type_changes_ = 0;
  int oddities_ = 0;
  int same_instant_ = 0;
  uint32_t ticks_per_packet_ = 0;

  // The packet with the highest sequence number.
  int64_t time_ns_ = 0;
  uint32_t timestamp_ = 0;
  uint16_t sequence_ = 0;
  uint8_t payload_type_ = 0;
  // Its payload, if that may be a telephone event (RFC 4733).
  uint8_t event_ = 0;
  uint16_t event_duration_ = 0;
  bool may_be_event_ = false;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_RTP_EVIDENCE_H_
