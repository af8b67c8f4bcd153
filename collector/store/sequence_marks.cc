#include "collector/store/sequence_marks.h"

#include <algorithm>

namespace callbraid::collector {
namespace {

constexpr int64_t kLeastSpacingNs = 60'000'000'000;

// `a` is to `x` in [a, a_end] as what is returned is in [b, b_end]; outside of
// it, the nearer end.
int64_t Between(int64_t x, int64_t a, int64_t a_end, int64_t b, int64_t b_end) {
  if (x <= a || a_end <= a) return b;
  if (x >= a_end) return b_end;
  const double part =
      static_cast<double>(x - a) / static_cast<double>(a_end - a);
  return b + static_cast<int64_t>(part * static_cast<double>(b_end - b));
}

int64_t Number(const store::v1::SequenceMark& mark) {
  return static_cast<int64_t>(mark.sequence());
}

}  // namespace

void AddSequenceMark(uint64_t sequence, int64_t time_ns,
                     store::v1::RtpTally& tally) {
  auto& marks = *tally.mutable_marks();
  // Beside the last, which moves on, there is one for each stretch.
  if (marks.size() >= 2) {
    const int64_t spacing_ns =
        std::max(kLeastSpacingNs,
                 (time_ns - marks[0].time_ns()) / (kMaxSequenceMarks / 2));
    if (marks[marks.size() - 1].time_ns() - marks[marks.size() - 2].time_ns() <
        spacing_ns) {
      marks.RemoveLast();
    }
  }
  store::v1::SequenceMark& mark = *marks.Add();
  mark.set_sequence(sequence);
  mark.set_time_ns(time_ns);
  if (marks.size() < kMaxSequenceMarks) return;
  // Every second one, and the last.
  int kept = 0;
  for (int i = 0; i + 1 < marks.size(); i += 2) {
    marks.SwapElements(kept++, i);
  }
  marks.SwapElements(kept++, marks.size() - 1);
  marks.DeleteSubrange(kept, marks.size() - kept);
}

int64_t SequenceAt(int64_t time_ns, const store::v1::RtpTally& tally) {
  const auto& marks = tally.marks();
  if (marks.empty()) return 0;
  for (int i = 1; i < marks.size(); ++i) {
    if (time_ns > marks[i].time_ns() && i + 1 < marks.size()) continue;
    return Between(time_ns, marks[i - 1].time_ns(), marks[i].time_ns(),
                   Number(marks[i - 1]), Number(marks[i]));
  }
  return Number(marks[0]);
}

int64_t TimeOfSequence(int64_t sequence, const store::v1::RtpTally& tally) {
  const auto& marks = tally.marks();
  if (marks.empty()) return 0;
  for (int i = 1; i < marks.size(); ++i) {
    if (sequence > Number(marks[i]) && i + 1 < marks.size()) continue;
    return Between(sequence, Number(marks[i - 1]), Number(marks[i]),
                   marks[i - 1].time_ns(), marks[i].time_ns());
  }
  return marks[0].time_ns();
}

}  // namespace callbraid::collector
