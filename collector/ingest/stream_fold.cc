// Media, and what a sensor tells of a stream besides.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "collector/ingest/observation_folder.h"
#include "collector/ingest/rtp_fold.h"
#include "collector/ingest/sound.h"
#include "collector/ingest/withheld_runs.h"
#include "collector/store/clock_window.h"
#include "collector/store/observation_identity.h"
#include "collector/store/tokens.h"
#include "common/base/status_macros.h"
#include "common/media/withhold.h"

namespace callbraid::collector {
namespace {

// Between packets of one chunk: half a second, and whatever a clock was set by.
constexpr int64_t kMaxChunkNs = 86'400'000'000'000;

bool AreSane(const std::vector<ChunkPacket>& packets) {
  const int64_t first_ns = packets.front().time_ns;
  return std::all_of(
      packets.begin(), packets.end(), [first_ns](const ChunkPacket& packet) {
        return IsSane(packet.time_ns) &&
               std::abs(packet.time_ns - first_ns) <= kMaxChunkNs;
      });
}

size_t PayloadBytesOf(const std::vector<ChunkPacket>& packets) {
  size_t bytes = 0;
  for (const ChunkPacket& packet : packets) bytes += packet.rtp.payload.size();
  return bytes;
}

// What carries it is known, by whatever sensor.
bool IsKnown(v1::MediaTransport transport) {
  return transport == v1::MEDIA_TRANSPORT_UNSPECIFIED ||
         transport == v1::MEDIA_TRANSPORT_RTP ||
         transport == v1::MEDIA_TRANSPORT_UDPTL;
}

// As frame.proto bounds them.
bool AreSound(const google::protobuf::RepeatedPtrField<v1::DtlsSrtp>& keys) {
  constexpr int kMaxKeys = 8;
  constexpr size_t kMaxKeyBytes = 48;
  constexpr size_t kMaxMkiBytes = 255;
  return keys.size() <= kMaxKeys &&
         std::all_of(keys.begin(), keys.end(), [](const v1::DtlsSrtp& key) {
           return IsSane(key.time_ns()) && key.profile() <= 0xffff &&
                  key.master_key_and_salt().size() <= kMaxKeyBytes &&
                  key.mki().size() <= kMaxMkiBytes;
         });
}

}  // namespace

// A run by itself, or the same packets at another capture point.
absl::StatusOr<bool> ObservationFolder::WasDeleted(const ObservationId& id,
                                                   const FlowKey& flow,
                                                   uint32_t ssrc,
                                                   int64_t time_ns) {
  ASSIGN_OR_RETURN(const bool deleted, facts_.WasDeleted(id, time_ns));
  if (deleted) return true;
  return facts_.WasDeleted(FlowToken(flow.source, flow.destination, ssrc),
                           time_ns);
}

absl::StatusOr<FoldResult> ObservationFolder::FoldMedia(
    const FrameOrigin& origin, const v1::CallFrame& frame, CommitGroup& group) {
  const v1::MediaChunk& chunk = frame.media();
  const auto flow = FlowOf(chunk);
  if (!flow || !IsKnown(chunk.transport()) ||
      !IsSane(chunk.stream_start_ns()) ||
      !ReadChunk(chunk, decoder_, packets_) || !AreSane(packets_)) {
    return FoldResult::kMalformed;
  }
  expanded_bytes_ += PayloadBytesOf(packets_) - chunk.payload().size();
  const ObservationId id =
      RtpObservationId({origin.sensor, origin.capture_point}, *flow,
                       chunk.ssrc(), chunk.stream_start_ns());
  ASSIGN_OR_RETURN(OpenObservation * open, cache_.Find(id));
  if (chunk.was_kept()) return FoldDelivered(frame, open, group);
  const bool withheld = chunk.encoding() == v1::PAYLOAD_ENCODING_KEPT;
  SequenceSet before;
  if (withheld && open != nullptr) {
    const store::v1::RtpTally& tally = open->stored.tally;
    before = SequenceSet(tally, 0).Without(SequenceSet::Withheld(tally, 0));
  }
  RtpChange change;
  if (open == nullptr || IsUnseen(open->stored.tally)) {
    if (open == nullptr) {
      ASSIGN_OR_RETURN(const bool deleted, WasDeleted(id, *flow, chunk.ssrc(),
                                                      chunk.first_time_ns()));
      if (deleted) return FoldResult::kDeleted;
      open = &Begin(id);
    }
    open->stored = {};
    SetOrigin(origin, id, open->stored.observation);
    change = BeginRtp(*flow, chunk, packets_, open->stored.observation,
                      open->stored.tally);
    change.tokens.push_back(ClockToken(open->stored.observation));
  } else if (IsRepeat(chunk, open->stored.tally)) {
    return FoldResult::kRepeated;
  } else {
    change = FoldChunk(chunk, packets_, open->stored.observation,
                       open->stored.tally);
  }
  if (withheld) NoteWithheld(packets_, before, open->stored.tally);
  AddTokens(change.tokens, *open);
  open->observation_changed = open->observation_changed || change.observation;
  open->tally_changed = true;
  cache_.Note(*open);
  AddFrame(id, chunk.first_time_ns(), 0, frame, group);
  return FoldResult::kStored;
}

// It takes the place of the chunk that had no payload, and must be that: what
// was told of a stream is not told anew.
absl::StatusOr<FoldResult> ObservationFolder::FoldDelivered(
    const v1::CallFrame& frame, OpenObservation* open, CommitGroup& group) {
  const v1::MediaChunk& chunk = frame.media();
  if (open == nullptr || open->stored.tally.withheld_runs().empty()) {
    return FoldResult::kRepeated;
  }
  const auto stored = media_.GetFrame(open->id, chunk.first_time_ns(), 0);
  // What is damaged is not there either: the gap stays.
  if (absl::IsNotFound(stored.status()) || absl::IsDataLoss(stored.status())) {
    return FoldResult::kRepeated;
  }
  RETURN_IF_ERROR(stored.status());
  v1::CallFrame bare;
  if (!bare.ParseFromString(*stored)) return FoldResult::kMalformed;
  if (bare.media().encoding() != v1::PAYLOAD_ENCODING_KEPT) {
    return FoldResult::kRepeated;
  }
  if (!IsPayloadOf(bare.media(), chunk, packets_)) {
    return FoldResult::kMalformed;
  }
  // Twice in one commit.
  if (!NoteDelivered(packets_, open->stored.tally)) {
    return FoldResult::kRepeated;
  }
  open->tally_changed = true;
  cache_.Note(*open);
  AddFrame(open->id, chunk.first_time_ns(), 0, frame, group);
  return FoldResult::kStored;
}

absl::StatusOr<FoldResult> ObservationFolder::FoldReport(
    const FrameOrigin& origin, const v1::StreamReport& report,
    CommitGroup& group) {
  const auto flow = FlowOf(report);
  if (!flow || !IsKnown(report.transport()) || !IsSane(report.time_ns()) ||
      !IsSane(report.stream_start_ns()) || !IsSound(report.link()) ||
      !AreSound(report.dtls_srtp())) {
    return FoldResult::kMalformed;
  }
  const ObservationId id =
      RtpObservationId({origin.sensor, origin.capture_point}, *flow,
                       report.ssrc(), report.stream_start_ns());
  // Its packets may be still to come, by the other spool.
  ASSIGN_OR_RETURN(OpenObservation * open, cache_.Find(id));
  if (open == nullptr) {
    ASSIGN_OR_RETURN(const bool deleted, WasDeleted(id, *flow, report.ssrc(),
                                                    report.stream_start_ns()));
    if (deleted) return FoldResult::kDeleted;
  }
  if (open == nullptr && report.final()) {
    open = &Begin(id);
    SetOrigin(origin, id, open->stored.observation);
    RtpChange change = BeginUnseen(*flow, report, open->stored.observation,
                                   open->stored.tally);
    change.tokens.push_back(ClockToken(open->stored.observation));
    AddTokens(change.tokens, *open);
    open->observation_changed = open->tally_changed = true;
  }
  if (open != nullptr) cache_.Note(*open);
  group.reports.push_back({id, report});
  return FoldResult::kStored;
}

}  // namespace callbraid::collector
