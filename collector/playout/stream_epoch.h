#ifndef CALLBRAID_COLLECTOR_PLAYOUT_STREAM_EPOCH_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_STREAM_EPOCH_H_

#include <cstdint>
#include <span>

#include "collector/playout/arrival_offset.h"

namespace callbraid::collector {

// The timeline counts in ticks: a whole number of them makes a sample at every
// rate that telephony uses.
inline constexpr int64_t kTicksPerSecond = 48000;
inline constexpr int64_t kTicksPerMs = kTicksPerSecond / 1000;

enum class Placement {
  // By RTP timestamp, anchored to capture time.
  kCaptureTime,
  // By RTP timestamp alone, for as long as it makes any sense.
  kTimestamps,
};

// The ticks down to a sample at 8 kHz.
int64_t OnSampleGrid(int64_t ticks);
// Ticks from `origin_ns` to `time_ns`; what is further than a year is nonsense.
int64_t TicksBetween(int64_t origin_ns, int64_t time_ns);
// value * numerator / denominator, without overflow.
int64_t Scale(int64_t value, int64_t numerator, int64_t denominator);

// A stretch of a stream with one relation between RTP timestamp and capture
// time: where its clock stands is told by the packets that were least delayed,
// of its beginning (Anchor) and from then on as ArrivalOffset has it.
//
// Times in ns of the call's clock; timestamps unwrapped. One thread.
class StreamEpoch {
 public:
  // The clocks are compared in parts of a tick that make whole numbers of
  // nanoseconds and of samples alike.
  using Fine = int64_t;
  // The sender's clock is followed in steps of so much.
  static constexpr int64_t kStepNs = 10'000'000;

  // Timestamps count from `first`; tick 0 is at `origin_ns`.
  StreamEpoch(uint32_t number, uint32_t clock_rate, uint32_t first,
              Placement placement, int64_t origin_ns);

  // A packet: when it was captured, and what it says.
  struct Arrival {
    int64_t time_ns = 0;
    int64_t timestamp = 0;
  };

  // The next epoch of a stream has the next number.
  uint32_t number() const { return number_; }
  uint32_t clock_rate() const { return clock_rate_; }
  // The latest that was followed.
  int64_t highest_timestamp() const { return highest_; }

  // Of a packet: arrival less what the timestamp says.
  Fine OffsetOf(int64_t time_ns, int64_t timestamp) const;
  // Begins, or begins anew, with the first of `arrivals`, and with the offset
  // of the least delayed, but not by the one that is before all others.
  void Anchor(std::span<const Arrival> arrivals);
  // What follows is played by so much later, which is made up for over 20 s.
  void Shift(int64_t ticks);

  // What the sender's clock should say of a packet that arrives at `time_ns`.
  int64_t ExpectedAt(int64_t time_ns) const;
  // By how much an offset is from that in force at `time_ns`.
  int64_t DeviationNs(int64_t time_ns, Fine offset) const;
  // Time by the sender's clock.
  int64_t ElapsedNs(int64_t from, int64_t to) const;
  // Learns from a packet where the clock stands.
  void Follow(int64_t time_ns, int64_t timestamp);
  // First tick of what was said at `timestamp`.
  int64_t PositionOf(int64_t timestamp) const;

 private:
  Fine Said(int64_t timestamp) const;

  uint32_t number_;
  uint32_t clock_rate_;
  int64_t first_;
  int64_t highest_;
  Placement placement_;
  int64_t origin_ns_;
  ArrivalOffset offset_;
  Fine shift_ = 0;
  Fine begin_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_STREAM_EPOCH_H_
