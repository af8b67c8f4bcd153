#ifndef CALLBRAID_COLLECTOR_STORE_SEQUENCE_MARKS_H_
#define CALLBRAID_COLLECTOR_STORE_SEQUENCE_MARKS_H_

#include <cstdint>

#include "callbraid/store/v1/observation.pb.h"

// When which packet of a stream came (RtpTally.marks), to within what lies
// between two marks: a 32nd of the stream, a minute at least. So numbers of 16
// bits, which come again after 65,536 packets, are told apart by their time in
// streams of many hours, whatever pauses these have.

namespace callbraid::collector {

inline constexpr int kMaxSequenceMarks = 64;

// A packet with this extended number came at `time_ns`; in their order.
void AddSequenceMark(uint64_t sequence, int64_t time_ns,
                     store::v1::RtpTally& tally);

// About which number came at this time, and about when that number came; 0
// without marks.
int64_t SequenceAt(int64_t time_ns, const store::v1::RtpTally& tally);
int64_t TimeOfSequence(int64_t sequence, const store::v1::RtpTally& tally);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_SEQUENCE_MARKS_H_
