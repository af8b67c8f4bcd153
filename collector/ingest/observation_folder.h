#ifndef CALLBRAID_COLLECTOR_INGEST_OBSERVATION_FOLDER_H_
#define CALLBRAID_COLLECTOR_INGEST_OBSERVATION_FOLDER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/v1/frame.pb.h"
#include "collector/ingest/dialog_fold_links.h"
#include "collector/ingest/observation_cache.h"
#include "collector/store/store.h"
#include "common/media/media_chunk.h"
#include "common/net/endpoint.h"

namespace callbraid::collector {

// Where a frame was captured.
struct FrameOrigin {
  const std::string& sensor;
  const std::string& site;
  const std::string& capture_point;
};

enum class FoldResult {
  kStored,
  // Not later than what was folded before: delivered again, as when a file is
  // read a second time.
  kRepeated,
  // Breaks the rules of frame.proto, or signalling that is none.
  kMalformed,
  // Of a call that was deleted on order.
  kDeleted,
};

// Folds the frames of all sensors into observations.
//
// What comes out depends on the frames of each capture point and lane and their
// order alone: not on how they were batched and committed, on restarts in
// between, or on how often they were delivered.
//
// One thread.
class ObservationFolder {
 public:
  static constexpr size_t kCapacity = 65'536;

  // `store` must outlive the folder. Holds at most `capacity` observations
  // besides those in the commit under way.
  explicit ObservationFolder(Store& store, size_t capacity = kCapacity,
                             LinkHeaders headers = LinkHeaders());

  // Folds `frame` and adds what is stored of it to `group`. The error is the
  // store's, and nothing has changed: call again.
  absl::StatusOr<FoldResult> Fold(const FrameOrigin& origin,
                                  const v1::CallFrame& frame,
                                  CommitGroup& group);

  // Adds the observations changed since the last Collect() to `group`.
  void Collect(CommitGroup& group) { cache_.Collect(group); }
  // That group is durable. `now_ns`: monotonic time.
  void Committed(int64_t now_ns) { cache_.Committed(now_ns); }

  // These were deleted from the store (ObservationCache::Forget()).
  void Forget(const std::optional<RecentDeletions::Ids>& deleted) {
    cache_.Forget(deleted);
  }

  // How many were begun so far, in all.
  uint64_t begun_observations() const { return begun_; }
  // By how much coded payloads were longer than what came of them, in all.
  uint64_t expanded_bytes() const { return expanded_bytes_; }
  size_t open_observations() const { return cache_.size(); }

 private:
  absl::StatusOr<FoldResult> FoldSip(const FrameOrigin& origin,
                                     const v1::CallFrame& frame,
                                     CommitGroup& group);
  // Of a protocol other than SIP. exchange_fold.cc
  absl::StatusOr<FoldResult> FoldExchange(const FrameOrigin& origin,
                                          const v1::CallFrame& frame,
                                          const FlowKey& flow,
                                          CommitGroup& group);
  struct ExchangePlan;
  absl::Status FindExchange(ExchangePlan& plan);
  absl::Status FindLeg(ExchangePlan& plan);
  absl::Status FindAnnouncedLeg(ExchangePlan& plan);
  absl::Status FindAnnounced(ExchangePlan& plan);
  // Whether a leg that begins was deleted on order.
  absl::StatusOr<bool> WasDeleted(const ExchangePlan& plan);
  OpenObservation& DayOf(const FrameOrigin& origin, const ExchangePlan& plan);
  OpenObservation& BeginLegOf(const FrameOrigin& origin,
                              const ExchangePlan& plan);
  void NoteExchange(const ExchangePlan& plan, OpenObservation& day);
  absl::StatusOr<FoldResult> FoldRtcp(const FrameOrigin& origin,
                                      const v1::CallFrame& frame,
                                      CommitGroup& group);
  absl::Status FoldReceptions(const FrameOrigin& origin,
                              const v1::RtcpFrame& rtcp, const FlowKey& flow);
  // Streams. stream_fold.cc
  //
  // Whether a run of one that is not known was deleted on order.
  absl::StatusOr<bool> WasDeleted(const ObservationId& id, const FlowKey& flow,
                                  uint32_t ssrc, int64_t time_ns);
  absl::StatusOr<FoldResult> FoldMedia(const FrameOrigin& origin,
                                       const v1::CallFrame& frame,
                                       CommitGroup& group);
  // The payload of a chunk that was folded without it; null: of no stream that
  // is known.
  absl::StatusOr<FoldResult> FoldDelivered(const v1::CallFrame& frame,
                                           OpenObservation* open,
                                           CommitGroup& group);
  absl::StatusOr<FoldResult> FoldReport(const FrameOrigin& origin,
                                        const v1::StreamReport& report,
                                        CommitGroup& group);
  absl::StatusOr<FoldResult> FoldCapture(const FrameOrigin& origin,
                                         const v1::CaptureReport& report,
                                         CommitGroup& group);

  // Sets up what every observation has.
  static void SetOrigin(const FrameOrigin& origin, const ObservationId& id,
                        store::v1::Observation& observation);
  static void AddFrame(const ObservationId& id, int64_t time_ns,
                       uint32_t ordinal, const v1::CallFrame& frame,
                       CommitGroup& group);
  static void AddTokens(const std::vector<Token>& tokens,
                        OpenObservation& open);

  // A new observation of `id`.
  OpenObservation& Begin(const ObservationId& id);

  const LinkHeaders headers_;
  FactStore& facts_;
  MediaStore& media_;
  ObservationCache cache_;
  uint64_t begun_ = 0;
  // Of the chunk at hand; kept for its memory.
  PayloadDecoder decoder_;
  uint64_t expanded_bytes_ = 0;
  std::vector<ChunkPacket> packets_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_OBSERVATION_FOLDER_H_
