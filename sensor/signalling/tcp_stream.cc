#include "sensor/signalling/tcp_stream.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxHeldSegments = 64;
constexpr size_t kMaxHeldBytes = size_t{128} << 10;
// Longer than a retransmission takes that follows a loss on the way.
constexpr int64_t kGapPatienceNs = int64_t{3} * 1'000'000'000;
// A sequence number further off is another connection, of which the capture
// missed the beginning.
constexpr int32_t kMaxDistance = 1 << 20;

// From `from` to `to` (RFC 9293, section 3.4: modulo 2^32).
int32_t Distance(uint32_t from, uint32_t to) {
  return static_cast<int32_t>(to - from);
}

// Not by its absolute value: that of -2^31 is none.
bool IsFarOff(int32_t distance) {
  return distance > kMaxDistance || distance < -kMaxDistance;
}

}  // namespace

void TcpStream::OnSegment(const Datagram& segment, int64_t now_ns,
                          StreamMessageFn emit) {
  uint32_t sequence = segment.tcp_sequence;
  if (segment.tcp_syn) {
    ++sequence;
    if (!begun_ || Distance(next_sequence_, sequence) != 0) {
      Finish(emit);
      begun_ = true;
      next_sequence_ = sequence;
    }
  }
  if (!segment.payload.empty()) {
    if (begun_ && IsFarOff(Distance(next_sequence_, sequence))) Finish(emit);
    if (!begun_) {
      begun_ = true;
      next_sequence_ = sequence;
    }
    Segment copy{sequence, segment.time_ns, segment.truncated,
                 std::string(segment.payload.begin(), segment.payload.end())};
    if (Distance(next_sequence_, sequence) <= 0) {
      Take(copy, emit);
      TakeHeld(emit);
    } else {
      Hold(std::move(copy), now_ns);
      if (held_.size() > kMaxHeldSegments || held_bytes_ > kMaxHeldBytes) {
        SkipGap(emit);
      }
    }
  }
  // A FIN may overtake what was sent before it.
  const bool complete =
      Distance(next_sequence_,
               sequence + static_cast<uint32_t>(segment.payload.size())) == 0;
  if (segment.tcp_rst || (segment.tcp_fin && (complete || !begun_))) {
    End(emit);
  }
}

void TcpStream::OnTick(int64_t now_ns, StreamMessageFn emit) {
  if (!held_.empty() && now_ns - gap_since_ns_ > kGapPatienceNs) SkipGap(emit);
  framer_.OnTick(emit);
  if (closed_ && !finished_) End(emit);
}

void TcpStream::End(StreamMessageFn emit) {
  while (!held_.empty()) SkipGap(emit);
  closed_ = true;
  if (framer_.waits()) return;
  Finish(emit);
  finished_ = true;
}

void TcpStream::Finish(StreamMessageFn emit) {
  while (!held_.empty()) SkipGap(emit);
  framer_.OnTick(emit);
  framer_.Break(last_time_ns_, emit);
  framer_.Reset();
  begun_ = false;
  closed_ = false;
}

// `segment` begins at or before the next byte.
void TcpStream::Take(const Segment& segment, StreamMessageFn emit) {
  const auto known =
      static_cast<size_t>(Distance(segment.sequence, next_sequence_));
  if (known >= segment.bytes.size()) return;  // Sent again.
  // What waited for an earlier segment came with that: nobody can read it
  // before. A clock that was set back is another matter.
  const int64_t late_ns = last_time_ns_ - segment.time_ns;
  if (late_ns < 0 || late_ns > kGapPatienceNs) last_time_ns_ = segment.time_ns;
  const auto bytes = std::string_view(segment.bytes).substr(known);
  framer_.Append(last_time_ns_, bytes, emit);
  next_sequence_ += static_cast<uint32_t>(bytes.size());
  // What the capture cut shows as a gap before the next segment; the message
  // need not wait for it.
  if (segment.truncated) framer_.Break(last_time_ns_, emit);
}

void TcpStream::Hold(Segment segment, int64_t now_ns) {
  if (held_.empty()) gap_since_ns_ = now_ns;
  const auto place =
      std::find_if(held_.begin(), held_.end(), [&](const Segment& other) {
        return Distance(segment.sequence, other.sequence) >= 0;
      });
  if (place != held_.end() && place->sequence == segment.sequence &&
      place->bytes.size() >= segment.bytes.size()) {
    return;
  }
  held_bytes_ += segment.bytes.size();
  held_.insert(place, std::move(segment));
}

void TcpStream::TakeHeld(StreamMessageFn emit) {
  size_t taken = 0;
  while (taken < held_.size() &&
         Distance(next_sequence_, held_[taken].sequence) <= 0) {
    held_bytes_ -= held_[taken].bytes.size();
    Take(held_[taken], emit);
    ++taken;
  }
  held_.erase(held_.begin(), held_.begin() + static_cast<ptrdiff_t>(taken));
}

void TcpStream::SkipGap(StreamMessageFn emit) {
  counters_.Count(SignallingDiscard::kSipTcpGap);
  framer_.Break(last_time_ns_, emit);
  next_sequence_ = held_.front().sequence;
  TakeHeld(emit);
}

}  // namespace callbraid::sensor
