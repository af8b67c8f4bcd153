#include "collector/ingest/sequence_runs.h"

namespace callbraid::collector {
namespace {

using Runs = google::protobuf::RepeatedField<uint32_t>;

// Joins the runs around the shortest gap.
void CloseShortestGap(Runs& runs) {
  int shortest = 1;
  for (int gap = 3; gap < runs.size(); gap += 2) {
    if (runs[gap] < runs[shortest]) shortest = gap;
  }
  runs[shortest - 1] += runs[shortest] + runs[shortest + 1];
  runs.erase(runs.begin() + shortest, runs.begin() + shortest + 2);
}

// Puts two entries in front of runs[at].
void Insert(Runs& runs, int at, uint32_t first, uint32_t second) {
  runs.Add(0);
  runs.Add(0);
  for (int i = runs.size() - 1; i >= at + 2; --i) runs[i] = runs[i - 2];
  runs[at] = first;
  runs[at + 1] = second;
}

// Fills one place, `offset` from its start, of the gap runs[gap].
void FillGap(Runs& runs, int gap, uint32_t offset) {
  const uint32_t before = offset;
  const uint32_t after = runs[gap] - offset - 1;
  if (before == 0 && after == 0) {
    runs[gap - 1] += 1 + runs[gap + 1];
    runs.erase(runs.begin() + gap, runs.begin() + gap + 2);
  } else if (before == 0) {
    ++runs[gap - 1];
    runs[gap] = after;
  } else if (after == 0) {
    runs[gap] = before;
    ++runs[gap + 1];
  } else {
    runs[gap] = after;
    Insert(runs, gap, before, 1);
  }
}

}  // namespace

bool AddSequence(uint64_t sequence, store::v1::RtpTally& tally) {
  Runs& runs = *tally.mutable_runs();
  if (runs.empty()) {
    tally.set_lowest_sequence(sequence);
    tally.set_highest_sequence(sequence);
    runs.Add(1);
    return true;
  }
  bool added = true;
  if (sequence > tally.highest_sequence()) {
    const uint64_t gap = sequence - tally.highest_sequence() - 1;
    if (gap == 0) {
      ++runs[runs.size() - 1];
    } else {
      runs.Add(static_cast<uint32_t>(gap));
      runs.Add(1);
    }
    tally.set_highest_sequence(sequence);
  } else if (sequence < tally.lowest_sequence()) {
    const uint64_t gap = tally.lowest_sequence() - sequence - 1;
    if (gap == 0) {
      ++runs[0];
    } else {
      Insert(runs, 0, 1, static_cast<uint32_t>(gap));
    }
    tally.set_lowest_sequence(sequence);
  } else {
    // From the end: what is late is not very late.
    uint64_t start = tally.highest_sequence() + 1;
    int run = runs.size();
    do {
      --run;
      start -= runs[run];
    } while (sequence < start);
    added = run % 2 == 1;
    if (added) FillGap(runs, run, static_cast<uint32_t>(sequence - start));
  }
  if (runs.size() > kMaxRuns) {
    CloseShortestGap(runs);
    tally.set_runs_incomplete(true);
  }
  return added;
}

}  // namespace callbraid::collector
