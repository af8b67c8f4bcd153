#ifndef CALLBRAID_COLLECTOR_INGEST_RTP_FOLD_H_
#define CALLBRAID_COLLECTOR_INGEST_RTP_FOLD_H_

#include <vector>

#include "callbraid/store/v1/observation.pb.h"
#include "callbraid/v1/frame.pb.h"
#include "collector/store/store.h"
#include "common/media/media_chunk.h"
#include "common/net/endpoint.h"

// The fold of the media chunks of one run of a stream into its observation and
// tally. Pure: what it needs to go on is in the two messages, so a fold that
// was interrupted, evicted or restarted gives the same bytes.

namespace callbraid::collector {

// What FoldChunk() changed.
struct RtpChange {
  // The observation itself; the tally always is.
  bool observation = false;
  // To add to the index.
  std::vector<Token> tokens;
};

// Sets up the RTP part of a new observation by its first chunk; the caller has
// set id, sensor, site and capture point.
RtpChange BeginRtp(const FlowKey& flow, const v1::MediaChunk& chunk,
                   const std::vector<ChunkPacket>& packets,
                   store::v1::Observation& observation,
                   store::v1::RtpTally& tally);

// The same by the last report of a run of which no chunk has come: it was
// captured and, for now, that is all there is of it. The first chunk that comes
// after all begins it anew.
RtpChange BeginUnseen(const FlowKey& flow, const v1::StreamReport& report,
                      store::v1::Observation& observation,
                      store::v1::RtpTally& tally);
bool IsUnseen(const store::v1::RtpTally& tally);

// Whether this chunk, or a later one, was folded before.
bool IsRepeat(const v1::MediaChunk& chunk, const store::v1::RtpTally& tally);

// Folds the next chunk; `packets` are its packets. At least one.
RtpChange FoldChunk(const v1::MediaChunk& chunk,
                    const std::vector<ChunkPacket>& packets,
                    store::v1::Observation& observation,
                    store::v1::RtpTally& tally);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_RTP_FOLD_H_
