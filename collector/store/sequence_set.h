#ifndef CALLBRAID_COLLECTOR_STORE_SEQUENCE_SET_H_
#define CALLBRAID_COLLECTOR_STORE_SEQUENCE_SET_H_

#include <cstdint>
#include <vector>

#include "callbraid/store/v1/observation.pb.h"

namespace callbraid::collector {

// A set of extended RTP sequence numbers, as ascending intervals that do not
// touch. A value.
class SequenceSet {
 public:
  struct Interval {
    int64_t begin = 0;
    int64_t end = 0;  // Behind the last.
  };

  SequenceSet() = default;
  // In any order, and they may touch.
  explicit SequenceSet(std::vector<Interval> intervals);
  // What an observation saw, with `shift` added to each number.
  SequenceSet(const store::v1::RtpTally& tally, int64_t shift);
  // What of it was withheld, likewise.
  static SequenceSet Withheld(const store::v1::RtpTally& tally, int64_t shift);
  // Makes this what is withheld. Of more than 2,048 runs the shortest gaps
  // count as withheld, too.
  void SetWithheld(store::v1::RtpTally& tally) const;

  void Add(const SequenceSet& other);
  // What of this lies within [begin, end).
  SequenceSet Within(int64_t begin, int64_t end) const;

  const std::vector<Interval>& intervals() const { return intervals_; }
  bool empty() const { return intervals_.empty(); }
  int64_t begin() const { return empty() ? 0 : intervals_.front().begin; }
  int64_t end() const { return empty() ? 0 : intervals_.back().end; }
  int64_t size() const;
  // Numbers from the first to the last that are not in the set.
  int64_t missing() const { return end() - begin() - size(); }
  // What of this is not in `other`.
  SequenceSet Without(const SequenceSet& other) const;
  // How many are in `other`, too.
  int64_t CommonWith(const SequenceSet& other) const;

 private:
  void AddRuns(uint64_t lowest,
               const google::protobuf::RepeatedField<uint32_t>& runs,
               int64_t shift);
  int64_t LeastGapKept() const;
  void Normalize();

  std::vector<Interval> intervals_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_SEQUENCE_SET_H_
