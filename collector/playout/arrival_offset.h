#ifndef CALLBRAID_COLLECTOR_PLAYOUT_ARRIVAL_OFFSET_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_ARRIVAL_OFFSET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace callbraid::collector {

// How far arrival is ahead of a sender's clock, and how that drifts.
//
// Jitter only ever adds delay, so the least delayed packets show where the
// clock stands. Arrival is cut into windows of 10 s, at whole multiples of that
// on the call's clock; the offset of a window is the median of the least of
// each second, which one early packet does not move. Within a window the offset
// in force goes evenly from that of the window before the last to that of the
// last: without a step, and 15 s behind, which at 200 ppm is 3 ms. Windows
// without packets have the offset of the one before.
//
// Offsets are taken in whole steps: a sender whose clock is right, and whose
// packets jitter, is not followed at all, and its samples come out as they were
// sent; one that drifts is followed by a step now and then, evenly over ten
// seconds (of 10 ms: by 0.1 % of the speed).
//
// But for those steps, what is in force rests on a minute at most, not on how
// it all began: a recording that is rendered from elsewhere is the same to
// within the jitter of its first second there.
//
// Offsets in any unit; times in ns. One thread.
class ArrivalOffset {
 public:
  static constexpr int64_t kWindowNs = 10'000'000'000;

  // Begins at `time_ns` with this offset; from there on it goes by whole steps.
  ArrivalOffset(int64_t time_ns, int64_t offset, int64_t step);

  // A packet that arrived at `time_ns`.
  void Add(int64_t time_ns, int64_t offset);
  // The offset in force at `time_ns`, which may lie some windows back.
  int64_t At(int64_t time_ns) const;
  // Of the last window.
  int64_t latest() const { return closed_.front(); }

 private:
  static constexpr size_t kKept = 4;

  int64_t Snap(int64_t offset) const;
  void CloseSecond();
  void CloseWindow(int64_t next);

  int64_t step_;
  int64_t first_;
  // Under way, and what is known of it.
  int64_t window_;
  int64_t second_;
  int64_t least_;  // Of the second.
  std::vector<int64_t> seconds_;
  // Of the windows before, the last first.
  std::array<int64_t, kKept> closed_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_ARRIVAL_OFFSET_H_
