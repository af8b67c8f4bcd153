#include "collector/timeline/stream_marks.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "collector/playout/redundant_audio.h"
#include "collector/playout/stream_union.h"
#include "collector/timeline/telephone_events.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxCodecChanges = 1000;

TimelineMark ToMark(const TelephoneEvent& event, uint32_t clock_rate) {
  TimelineMark mark;
  mark.time_ns = event.time_ns;
  if (event.duration > 0) {
    mark.duration_ns = static_cast<int64_t>(
        static_cast<double>(event.duration) * 1e9 / clock_rate);
  }
  mark.what = DigitOf(event.event);
  if (mark.what.empty()) {
    mark.what = ToneOf(event.event);
    mark.event.mutable_tone()->set_name(mark.what);
  } else {
    mark.event.mutable_dtmf()->set_digit(mark.what);
    mark.event.mutable_dtmf()->set_source(v1::DTMF_SOURCE_RTP);
  }
  return mark;
}

// Signals between gateways, repairs and wrappings have no audio of their own.
bool IsCodec(const PayloadMeaning& meaning) {
  return !meaning.silent && !meaning.inaudible && !meaning.name.empty() &&
         !absl::EqualsIgnoreCase(meaning.name, "red");
}

// From one codec to another; comfort noise and events are none.
class CodecChanges {
 public:
  void OnPacket(const PayloadMeaning& meaning, int64_t time_ns) {
    if (!IsCodec(meaning) || absl::EqualsIgnoreCase(meaning.name, last_)) {
      return;
    }
    const bool is_first = last_.empty();
    last_ = meaning.name;
    if (is_first || marks_.size() == kMaxCodecChanges) return;
    TimelineMark& mark = marks_.emplace_back();
    mark.time_ns = time_ns;
    mark.what = "codec " + last_;
    mark.event.mutable_codec()->set_codec(last_);
  }
  std::vector<TimelineMark> Take() { return std::move(marks_); }

 private:
  std::string last_;
  std::vector<TimelineMark> marks_;
};

// Of redundant audio, which may repeat events of before (RFC 4733, section
// 2.5.1.4).
void TakeEvents(const MediaPacket& packet, const StreamPayloads& payloads,
                TelephoneEvents& events) {
  for (const RedundantBlock& block : ParseRedundantAudio(packet.payload)) {
    if (IsTelephoneEvent(payloads.At(block.payload_type, packet.time_ns),
                         block.payload_type, block.payload)) {
      events.OnPacket(packet.time_ns, packet.timestamp - block.timestamp_offset,
                      block.payload);
    }
  }
}

}  // namespace

bool IsTelephoneEvent(const PayloadMeaning& meaning, uint8_t payload_type,
                      std::string_view payload) {
  if (!meaning.name.empty()) {
    return absl::EqualsIgnoreCase(meaning.name, "telephone-event");
  }
  return payload_type >= 96 && LooksLikeTelephoneEvent(payload);
}

absl::StatusOr<std::vector<TimelineMark>> MarksOfStream(
    MediaStore& store, const TrackSource& track, v1::Side side) {
  StreamUnion packets = OpenStream(store, track);
  TelephoneEvents events;
  CodecChanges changes;
  // Events count by the clock that SDP names for them; without, by that of the
  // audio beside them (RFC 4733, section 2.1).
  uint32_t named_rate = 0;
  uint32_t clock_rate = 8000;
  while (const auto packet = packets.Next()) {
    const PayloadMeaning& meaning =
        track.payloads.At(packet->payload_type, packet->time_ns);
    if (!packet->truncated && meaning.redundant) {
      TakeEvents(*packet, track.payloads, events);
    }
    if (!packet->truncated &&
        IsTelephoneEvent(meaning, packet->payload_type, packet->payload)) {
      named_rate = meaning.clock_rate;
      events.OnPacket(packet->time_ns, packet->timestamp, packet->payload);
    } else {
      if (meaning.codec != nullptr) {
        clock_rate = track.rates.Of(*meaning.codec);
      }
      changes.OnPacket(meaning, packet->time_ns);
    }
  }
  if (!packets.status().ok()) return packets.status();
  std::vector<TimelineMark> marks = changes.Take();
  for (const TelephoneEvent& event : events.events()) {
    marks.push_back(ToMark(event, named_rate > 0 ? named_rate : clock_rate));
  }
  for (TimelineMark& mark : marks) {
    mark.side = side;
    mark.event.set_stream_id(track.stream_id);
  }
  std::stable_sort(marks.begin(), marks.end(),
                   [](const TimelineMark& a, const TimelineMark& b) {
                     return a.time_ns < b.time_ns;
                   });
  return marks;
}

}  // namespace callbraid::collector
