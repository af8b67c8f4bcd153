#ifndef CALLBRAID_COLLECTOR_INGEST_WITHHELD_RUNS_H_
#define CALLBRAID_COLLECTOR_INGEST_WITHHELD_RUNS_H_

#include <vector>

#include "callbraid/store/v1/observation.pb.h"
#include "collector/store/sequence_set.h"
#include "common/media/media_chunk.h"

// Which packets of a stream came without their payload
// (RtpTally.withheld_runs): a part of the fold of rtp_fold.h.

namespace callbraid::collector {

// The packets of a chunk that was withheld and folded into `tally`. `before`:
// what had come with its payload before that.
void NoteWithheld(const std::vector<ChunkPacket>& packets,
                  const SequenceSet& before, store::v1::RtpTally& tally);

// Such packets came with their payload. False, and nothing changed, if none of
// it was missing.
bool NoteDelivered(const std::vector<ChunkPacket>& packets,
                   store::v1::RtpTally& tally);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_WITHHELD_RUNS_H_
