#ifndef CALLBRAID_SENSOR_FLOW_SEQUENCE_TRACKER_H_
#define CALLBRAID_SENSOR_FLOW_SEQUENCE_TRACKER_H_

#include <cstdint>

namespace callbraid::sensor {

// Follows the sequence numbers of one run of a stream (RFC 3550, appendix A.1),
// over their wrap, and tells what was lost from what came late or twice.
class SequenceTracker {
 public:
  enum class Result {
    kNext,       // Above all so far.
    kLate,       // New, but below the highest.
    kDuplicate,  // Seen before.
    kJump,       // Too far off to belong to the run; nothing was changed.
  };

  // Begins a run; the packet with `sequence` counts.
  void Start(uint16_t sequence);
  Result Add(uint16_t sequence);

  // Highest less lowest extended sequence number, plus one.
  uint32_t expected() const {
    return static_cast<uint32_t>(highest_ - lowest_ + 1);
  }
  uint32_t distinct() const { return distinct_; }
  uint32_t duplicates() const { return duplicates_; }
  uint32_t reordered() const { return reordered_; }

 private:
  // Marks the packet `age` below the highest; false if it was marked.
  bool Mark(uint32_t age);
  void Shift(uint32_t steps);

  int64_t lowest_ = 0;
  int64_t highest_ = 0;
  uint32_t distinct_ = 0;
  uint32_t duplicates_ = 0;
  uint32_t reordered_ = 0;
  // Which of the last 128 sequence numbers were seen; bit 0 of the first word
  // is the highest.
  uint64_t seen_[2] = {0, 0};
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_SEQUENCE_TRACKER_H_
