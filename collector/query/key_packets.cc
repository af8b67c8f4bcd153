#include "collector/query/key_packets.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "collector/playout/call_layout.h"
#include "collector/playout/redundant_audio.h"
#include "collector/timeline/heard_tones.h"
#include "collector/timeline/marks.h"
#include "collector/timeline/stream_marks.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

bool IsEvent(const StreamPayloads& payloads, int64_t time_ns, uint8_t type,
             std::string_view payload) {
  const PayloadMeaning& meaning = payloads.At(type, time_ns);
  if (IsTelephoneEvent(meaning, type, payload)) return true;
  if (!meaning.redundant) return false;
  const auto blocks = ParseRedundantAudio(payload);
  return std::any_of(blocks.begin(), blocks.end(), [&](const auto& block) {
    return IsTelephoneEvent(payloads.At(block.payload_type, time_ns),
                            block.payload_type, block.payload);
  });
}

}  // namespace

absl::StatusOr<KeyPackets> KeyPackets::Find(
    Store& store, const store::v1::CallRecord& record) {
  KeyPackets found;
  ASSIGN_OR_RETURN(std::vector<TrackSource> sources,
                   SourcesOfStreams(store, record, /*stream_id=*/""));
  for (TrackSource& source : sources) {
    // A tone that no decoder could be sure of can still be heard.
    source.carries_tones = true;
    ASSIGN_OR_RETURN(
        std::vector<TimelineMark> marks,
        MarksOfStream(store.media(), source, v1::SIDE_UNSPECIFIED));
    ASSIGN_OR_RETURN(
        const std::vector<TimelineMark> heard,
        TonesOfStream(store.media(), source, v1::SIDE_UNSPECIFIED));
    Stream& stream = found.streams_.emplace_back();
    stream.all = marks.size() >= kMaxMarks || heard.size() >= kMaxMarks;
    marks.insert(marks.end(), heard.begin(), heard.end());
    for (const TimelineMark& mark : marks) {
      if (!mark.event.has_dtmf()) continue;
      stream.windows.push_back(
          {mark.time_ns - kMarginNs,
           mark.time_ns + mark.duration_ns.value_or(0) + kMarginNs});
    }
    stream.payloads = std::move(source.payloads);
    for (const ObservationSource& seen : source.observations) {
      found.stream_of_[seen.id] = found.streams_.size() - 1;
    }
  }
  return found;
}

bool KeyPackets::Tells(const ObservationId& id, int64_t time_ns,
                       const ChunkPacket& packet) const {
  const auto known = stream_of_.find(id);
  if (known == stream_of_.end()) return false;
  const Stream& stream = streams_[known->second];
  const auto& payload = packet.rtp.payload;
  return stream.all ||
         std::any_of(stream.windows.begin(), stream.windows.end(),
                     [time_ns](const Window& window) {
                       return window.begin_ns <= time_ns &&
                              time_ns <= window.end_ns;
                     }) ||
         IsEvent(
             stream.payloads, time_ns, packet.rtp.payload_type,
             {reinterpret_cast<const char*>(payload.data()), payload.size()});
}

}  // namespace callbraid::collector
