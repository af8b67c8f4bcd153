#include "sensor/flow/stream_meter.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace callbraid::sensor {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

// A difference in transit time beyond this is a jump of the timestamp (a
// talkspurt, music on hold), not jitter.
constexpr int64_t kMaxTransitChangeNs = kNsPerSecond;

// By its form: what the payload type means is not known for sure.
bool MayBeEvent(const RtpPacket& packet) {
  return packet.payload_type >= 96 && packet.payload.size() == 4;
}

uint32_t ToMicroseconds(int64_t ns) {
  return static_cast<uint32_t>(
      std::clamp<int64_t>(ns / 1000, 0, std::numeric_limits<uint32_t>::max()));
}

}  // namespace

void StreamMeter::Start(int64_t time_ns, const RtpPacket& packet) {
  *this = StreamMeter();
  sequence_.Start(packet.sequence);
  packets_ = 1;
  payload_bytes_ = packet.payload.size();
  newest_ns_ = time_ns;
  timestamp_ = packet.timestamp;
  payload_type_ = packet.payload_type;
  payload_type_changed_ = true;
}

bool StreamMeter::Add(int64_t time_ns, const RtpPacket& packet) {
  const SequenceTracker::Result result = sequence_.Add(packet.sequence);
  if (result == SequenceTracker::Result::kJump) return false;
  ++packets_;
  payload_bytes_ += packet.payload.size();
  max_gap_ns_ = std::max(max_gap_ns_, time_ns - newest_ns_);
  if (result == SequenceTracker::Result::kDuplicate) {
    newest_ns_ = std::max(newest_ns_, time_ns);
    return true;
  }
  Measure(time_ns, packet);
  newest_ns_ = std::max(newest_ns_, time_ns);
  return true;
}

void StreamMeter::set_clock_rate(uint32_t clock_rate) {
  clock_rate_ = clock_rate;
  ns_per_tick_ = clock_rate == 0 ? 0 : 1e9 / clock_rate;
  payload_type_changed_ = false;
}

// RFC 3550, section 6.4.1. Packets of one instant (a frame of video in parts)
// have no transit time of their own, nor have telephone events (RFC 4733), and
// two payload types may not share a clock.
void StreamMeter::Measure(int64_t time_ns, const RtpPacket& packet) {
  if (packet.payload_type != payload_type_) {
    payload_type_ = packet.payload_type;
    payload_type_changed_ = true;
  } else if (clock_rate_ != 0 && packet.timestamp != timestamp_ &&
             !MayBeEvent(packet)) {
    const auto ticks = static_cast<int32_t>(packet.timestamp - timestamp_);
    const int64_t change = std::abs(time_ns - newest_ns_ -
                                    static_cast<int64_t>(ticks * ns_per_tick_));
    if (change <= kMaxTransitChangeNs) {
      jitter16_ns_ += change - ((jitter16_ns_ + 8) >> 4);
      max_jitter16_ns_ = std::max(max_jitter16_ns_, jitter16_ns_);
    }
  }
  timestamp_ = packet.timestamp;
}

void StreamMeter::Fill(v1::StreamStatistics& statistics) const {
  statistics.set_packets(packets_);
  statistics.set_expected(sequence_.expected());
  statistics.set_lost(sequence_.expected() - sequence_.distinct());
  statistics.set_duplicates(sequence_.duplicates());
  statistics.set_reordered(sequence_.reordered());
  statistics.set_mirror_copies(mirror_copies_);
  statistics.set_jitter_us(ToMicroseconds(jitter16_ns_ / 16));
  statistics.set_max_jitter_us(ToMicroseconds(max_jitter16_ns_ / 16));
  statistics.set_max_gap_us(ToMicroseconds(max_gap_ns_));
  statistics.set_payload_bytes(payload_bytes_);
}

}  // namespace callbraid::sensor
