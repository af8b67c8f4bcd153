#include "sensor/flow/rtp_evidence.h"

namespace callbraid::sensor {
namespace {

// Packets missing between two neighbours: a third of a second of 5 ms packets.
constexpr int kMaxAhead = 64;
constexpr int kMaxLate = 16;
constexpr int kMaxRepetitions = 3;
constexpr int kMaxOddities = 2;
constexpr int kMaxTypeChanges = 3;
// A frame of video takes many packets of one instant; so many of them in
// unbroken sequence are worth one point.
constexpr int kSameInstantPerPoint = 3;

// The clocks of timestamps run at 8 to 96 kHz. Packets may come in bursts, so
// the time between two arrivals says little about the time between samples.
constexpr double kLowestRate = 4'000;
constexpr double kHighestRate = 100'000;
constexpr double kBurstSeconds = 0.5;

}  // namespace

bool RtpEvidence::Add(int64_t time_ns, const RtpPacket& packet) {
  const int ahead = begun_ ? static_cast<int16_t>(static_cast<uint16_t>(
                                 packet.sequence - sequence_))
                           : 1;
  if (begun_ && ahead == 0) return OnRepetition(packet);
  if (begun_ && ahead < 0) return ahead >= -kMaxLate && ++late_ <= kMaxLate;
  if (begun_ && (ahead > kMaxAhead || !OnSuccessor(time_ns, packet, ahead))) {
    return false;
  }
  if (begun_ && ahead == 1) ++successors_;
  begun_ = true;
  repetitions_ = 0;
  time_ns_ = time_ns;
  timestamp_ = packet.timestamp;
  sequence_ = packet.sequence;
  payload_type_ = packet.payload_type;
  may_be_event_ = packet.payload.size() == 4 && packet.payload[0] < 16 &&
                  (packet.payload[1] & 0x40) == 0;
  if (may_be_event_) {
    event_ = packet.payload[0];
    event_duration_ =
        static_cast<uint16_t>(packet.payload[2] << 8 | packet.payload[3]);
  }
  return true;
}

// Copies, and the end of a telephone event, which is sent three times.
bool RtpEvidence::OnRepetition(const RtpPacket& packet) {
  return packet.timestamp == timestamp_ &&
         packet.payload_type == payload_type_ &&
         ++repetitions_ <= kMaxRepetitions;
}

bool RtpEvidence::OnSuccessor(int64_t time_ns, const RtpPacket& packet,
                              int ahead) {
  // Comfort noise and telephone events come between audio.
  if (packet.payload_type != payload_type_) {
    return ++type_changes_ <= kMaxTypeChanges;
  }
  const uint32_t ticks = packet.timestamp - timestamp_;
  const int worth = ticks == 0 ? SameInstant(packet, ahead)
                               : NextInstant(time_ns, ticks, ahead);
  if (worth < 0) return ++oddities_ <= kMaxOddities;
  score_ += worth;
  return true;
}

int RtpEvidence::SameInstant(const RtpPacket& packet, int ahead) {
  if (may_be_event_ && packet.payload.size() == 4) {
    const auto duration =
        static_cast<uint16_t>(packet.payload[2] << 8 | packet.payload[3]);
    const bool goes_on =
        packet.payload[0] == event_ && duration > event_duration_;
    if (goes_on) return 2;
  }
  if (ahead != 1) return 0;
  return ++same_instant_ % kSameInstantPerPoint == 0 ? 1 : 0;
}

int RtpEvidence::NextInstant(int64_t time_ns, uint32_t ticks, int ahead) {
  const auto packets = static_cast<uint32_t>(ahead);
  const bool in_step =
      ticks % packets == 0 && ticks / packets == ticks_per_packet_;
  const double seconds = static_cast<double>(time_ns - time_ns_) / 1e9;
  const bool in_time = ticks <= kHighestRate * (seconds + kBurstSeconds) &&
                       ticks >= kLowestRate * (seconds - kBurstSeconds);
  if (ticks % packets == 0) ticks_per_packet_ = ticks / packets;
  if (in_time && (in_step || ahead == 1)) return 2;
  if (in_time || in_step) return 1;
  return -1;
}

}  // namespace callbraid::sensor
