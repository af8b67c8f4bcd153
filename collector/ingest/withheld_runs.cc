#include "collector/ingest/withheld_runs.h"

#include <utility>

#include "collector/store/sequence_marks.h"
#include "common/rtp/sequence.h"

namespace callbraid::collector {
namespace {

// Extended, the first as near to `near` as can be.
SequenceSet NumbersOf(const std::vector<ChunkPacket>& packets, int64_t near) {
  std::vector<SequenceSet::Interval> numbers;
  for (const ChunkPacket& packet : packets) {
    near = Unwrap(packet.rtp.sequence, near);
    numbers.push_back({near, near + 1});
  }
  return SequenceSet(std::move(numbers));
}

}  // namespace

void NoteWithheld(const std::vector<ChunkPacket>& packets,
                  const SequenceSet& before, store::v1::RtpTally& tally) {
  const auto highest = static_cast<int64_t>(tally.highest_sequence());
  SequenceSet withheld = SequenceSet::Withheld(tally, 0);
  withheld.Add(NumbersOf(packets, highest).Without(before));
  withheld.SetWithheld(tally);
  AddSequenceMark(tally.highest_sequence(), packets.back().time_ns, tally);
}

bool NoteDelivered(const std::vector<ChunkPacket>& packets,
                   store::v1::RtpTally& tally) {
  const SequenceSet withheld = SequenceSet::Withheld(tally, 0);
  const SequenceSet rest = withheld.Without(
      NumbersOf(packets, SequenceAt(packets.front().time_ns, tally)));
  if (rest.size() == withheld.size()) return false;
  rest.SetWithheld(tally);
  return true;
}

}  // namespace callbraid::collector
