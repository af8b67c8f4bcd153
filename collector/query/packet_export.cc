#include "collector/query/packet_export.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "collector/query/frame_cursor.h"
#include "collector/query/key_packets.h"
#include "collector/query/message_text.h"
#include "collector/query/pcapng_writer.h"
#include "collector/store/buckets.h"
#include "collector/store/clock_offset.h"
#include "collector/store/observation_identity.h"
#include "common/base/status_macros.h"
#include "common/media/media_chunk.h"

namespace callbraid::collector {
namespace {

constexpr size_t kPieceBytes = size_t{64} << 10;
// Of frames read ahead, for all observations together and for one.
constexpr size_t kReadAheadBytes = size_t{64} << 20;
constexpr size_t kMaxReadAheadBytes = size_t{256} << 10;

// RTCP of a stream goes on for a while: its BYE, the other side's last report.
constexpr int64_t kRtcpAfterNs = 30'000'000'000;

// Frames that are filed under one id, and what their packets need besides.
struct FrameSource {
  ObservationId id;
  std::vector<uint32_t> bucket_ranges;
  v1::LinkInfo link;
  int64_t offset_ns = 0;
  uint32_t interface = 0;
};

// The packets of one source, in order.
class SourcePackets {
 public:
  SourcePackets(Store& store, FrameSource source, size_t read_ahead)
      : cursor_(store.media(), source.id, std::move(source.bucket_ranges),
                read_ahead),
        id_(source.id),
        link_(std::move(source.link)),
        offset_ns_(source.offset_ns),
        interface_(source.interface) {}

  // Moves to the next packet. False behind the last one.
  absl::StatusOr<bool> Advance() {
    if (++packet_ < packets_.size()) return true;
    packets_.clear();
    packet_ = 0;
    while (true) {
      ASSIGN_OR_RETURN(const auto next, cursor_.Next());
      if (!next) return false;
      if (!frame_.ParseFromString(next->frame)) continue;
      time_ns_ = next->time_ns;
      if (!frame_.has_media()) return true;
      // The packets view into the frame, which stays until the next one.
      if (ReadChunk(frame_.media(), decoder_, packets_) && !packets_.empty())
        return true;
      packets_.clear();
    }
  }

  int64_t aligned_ns() const {
    return offset_ns_ +
           (packets_.empty() ? time_ns_ : packets_[packet_].time_ns);
  }

  // `hidden`: what of the media tells pressed keys; null if these are shown.
  void WriteTo(const ExportOptions& options, const KeyPackets* hidden,
               PcapngWriter& writer) {
    // What is malformed is left out, as nobody could make sense of it.
    if (frame_.has_media()) {
      ChunkPacket& packet = packets_[packet_];
      if (hidden != nullptr && hidden->Tells(id_, aligned_ns(), packet)) {
        packet.rtp.payload = {};
        packet.withheld = true;
      }
      (void)writer.AddRtp(interface_, frame_.media(), packet, link_);
    } else if (frame_.has_sip()) {
      v1::SipFrame& sip = *frame_.mutable_sip();
      if (options.keys == MediaKeys::kMasked) MaskMediaKeys(sip);
      if (options.pressed_keys == PressedKeys::kMasked &&
          !MaskPressedKeys(sip)) {
        return;
      }
      (void)writer.AddSip(interface_, sip);
    } else if (frame_.has_rtcp()) {
      (void)writer.AddRtcp(interface_, frame_.rtcp(), link_);
    }
  }

 private:
  FrameCursor cursor_;
  const ObservationId id_;
  const v1::LinkInfo link_;
  const int64_t offset_ns_;
  const uint32_t interface_;
  v1::CallFrame frame_;
  int64_t time_ns_ = 0;
  PayloadDecoder decoder_;
  std::vector<ChunkPacket> packets_;
  size_t packet_ = 0;
};

// Where the frames of `record` are: those of its observations, and the RTCP of
// the streams among them, if `media` is wanted.
absl::StatusOr<std::vector<FrameSource>> SourcesOf(
    Store& store, const store::v1::CallRecord& record, bool media,
    PcapngWriter& writer) {
  std::vector<FrameSource> sources;
  // Two runs of a stream share their RTCP; it must not come twice.
  std::map<ObservationId, FrameSource> rtcp_sources;
  for (const std::string& bytes : record.members()) {
    const auto id = ObservationId::FromBytes(bytes);
    if (!id) return absl::DataLossError("a call record is damaged");
    ASSIGN_OR_RETURN(const StoredObservation stored,
                     store.facts().GetObservation(*id));
    const store::v1::Observation& observation = stored.observation;
    if (observation.has_rtp() && !media) continue;
    FrameSource source;
    source.id = *id;
    source.bucket_ranges.assign(observation.bucket_ranges().begin(),
                                observation.bucket_ranges().end());
    source.link = observation.rtp().link();
    source.offset_ns =
        OffsetAt(record, observation.sensor(), observation.first_time_ns());
    source.interface =
        writer.Interface(observation.sensor(), observation.capture_point());
    if (const auto rtcp_id = RtcpFramesId(observation)) {
      const uint32_t first = BucketOf(observation.first_time_ns());
      const uint32_t last = BucketOf(observation.last_time_ns() + kRtcpAfterNs);
      auto [rtcp, added] = rtcp_sources.try_emplace(*rtcp_id, source);
      auto& ranges = rtcp->second.bucket_ranges;
      rtcp->second.id = *rtcp_id;
      ranges = added ? std::vector<uint32_t>{first, last}
                     : std::vector<uint32_t>{std::min(ranges[0], first),
                                             std::max(ranges[1], last)};
    }
    sources.push_back(std::move(source));
  }
  for (auto& [id, source] : rtcp_sources) sources.push_back(std::move(source));
  return sources;
}

}  // namespace

absl::Status ExportPackets(Store& store, const store::v1::CallRecord& record,
                           const ExportOptions& options,
                           const PieceSink& sink) {
  std::string out;
  PcapngWriter writer(out);
  std::optional<KeyPackets> hidden;
  if (options.pressed_keys == PressedKeys::kMasked && options.media) {
    ASSIGN_OR_RETURN(hidden, KeyPackets::Find(store, record));
  }
  ASSIGN_OR_RETURN(std::vector<FrameSource> sources,
                   SourcesOf(store, record, options.media, writer));
  const size_t read_ahead =
      std::min(kMaxReadAheadBytes,
               kReadAheadBytes / std::max<size_t>(sources.size(), 1));
  // By pointer: packets view into the frame beside them.
  std::vector<std::unique_ptr<SourcePackets>> members;
  for (FrameSource& source : sources) {
    members.push_back(
        std::make_unique<SourcePackets>(store, std::move(source), read_ahead));
  }

  // Aligned time of the next packet, and whose it is; earliest on top.
  using Next = std::pair<int64_t, size_t>;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> queue;
  const auto advance = [&](size_t index) -> absl::Status {
    ASSIGN_OR_RETURN(const bool more, members[index]->Advance());
    if (more) queue.emplace(members[index]->aligned_ns(), index);
    return absl::OkStatus();
  };
  for (size_t i = 0; i < members.size(); ++i) RETURN_IF_ERROR(advance(i));
  while (!queue.empty()) {
    const size_t index = queue.top().second;
    queue.pop();
    members[index]->WriteTo(options, hidden ? &*hidden : nullptr, writer);
    while (out.size() >= kPieceBytes) {
      RETURN_IF_ERROR(sink(std::string_view(out).substr(0, kPieceBytes)));
      out.erase(0, kPieceBytes);
    }
    RETURN_IF_ERROR(advance(index));
  }
  return out.empty() ? absl::OkStatus() : sink(out);
}

}  // namespace callbraid::collector
