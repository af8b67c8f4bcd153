#include "collector/timeline/timeline.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "collector/playout/call_layout.h"
#include "collector/timeline/heard_tones.h"
#include "collector/timeline/leg_marks.h"
#include "collector/timeline/listening_marks.h"
#include "collector/timeline/marks.h"
#include "collector/timeline/stream_marks.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr size_t kMaxEvents = kMaxMarks - 1;
// The callee's first packets may overtake its answer.
constexpr int64_t kLeastEarlyNs = 200'000'000;
// Media come a little before and after what signalling says.
constexpr int64_t kMusicSlackNs = 500'000'000;

v1::Side SideOf(const v1::Call& call, const std::string& stream_id) {
  for (const v1::Stream& stream : call.streams()) {
    if (stream.id() == stream_id) return stream.side();
  }
  return v1::SIDE_UNSPECIFIED;
}

// Heard of the callee before the answer, by the times of its streams.
std::vector<TimelineMark> EarlyMediaOf(const v1::Call& call) {
  std::vector<TimelineMark> marks;
  if (!call.has_answer_time()) return marks;
  const int64_t answer_ns =
      TimeUtil::TimestampToNanoseconds(call.answer_time());
  for (const v1::Stream& stream : call.streams()) {
    const int64_t start_ns =
        TimeUtil::TimestampToNanoseconds(stream.start_time());
    if (stream.side() != v1::SIDE_CALLEE ||
        start_ns + kLeastEarlyNs > answer_ns) {
      continue;
    }
    TimelineMark mark;
    mark.time_ns = start_ns;
    mark.duration_ns =
        std::min(answer_ns,
                 TimeUtil::TimestampToNanoseconds(stream.end_time())) -
        start_ns;
    mark.side = stream.side();
    mark.what = "early media";
    mark.event.set_stream_id(stream.id());
    mark.event.mutable_early_media();
    // Of several copies the longest.
    if (marks.empty()) {
      marks.push_back(std::move(mark));
    } else if (*mark.duration_ns > *marks.front().duration_ns) {
      marks.front() = std::move(mark);
    }
  }
  return marks;
}

// Music on hold comes as a stream of its own, from whoever put the other side
// on hold.
void TellMusic(const v1::Call& call, TimelineMark& mark) {
  if (!mark.event.has_hold() || !mark.duration_ns) return;
  mark.event.mutable_hold()->set_music(std::any_of(
      call.streams().begin(), call.streams().end(),
      [&mark](const v1::Stream& stream) {
        const int64_t start_ns =
            TimeUtil::TimestampToNanoseconds(stream.start_time());
        const int64_t end_ns =
            TimeUtil::TimestampToNanoseconds(stream.end_time());
        return stream.side() == mark.side &&
               start_ns >= mark.time_ns - kMusicSlackNs &&
               end_ns <= mark.time_ns + *mark.duration_ns + kMusicSlackNs;
      }));
}

v1::TimelineEvent ToEvent(TimelineMark mark) {
  v1::TimelineEvent event = std::move(mark.event);
  *event.mutable_time() = TimeUtil::NanosecondsToTimestamp(mark.time_ns);
  if (mark.duration_ns) {
    *event.mutable_duration() =
        TimeUtil::NanosecondsToDuration(*mark.duration_ns);
  }
  event.set_side(mark.side);
  return event;
}

}  // namespace

absl::StatusOr<v1::GetTimelineResponse> ReadTimeline(
    Store& store, const store::v1::CallRecord& record,
    const v1::GetTimelineRequest& request) {
  std::vector<TimelineMark> marks;
  // The best first: the stream nearest to who speaks, media before signalling.
  ASSIGN_OR_RETURN(const CallLayout layout,
                   LayOutCall(store, record, request.stream_id()));
  for (const TrackSource& track : layout.tracks) {
    ASSIGN_OR_RETURN(std::vector<TimelineMark> more,
                     MarksOfStream(store.media(), track,
                                   SideOf(record.call(), track.stream_id)));
    Unite(marks, std::move(more));
    ASSIGN_OR_RETURN(std::vector<TimelineMark> tones,
                     TonesOfStream(store.media(), track,
                                   SideOf(record.call(), track.stream_id)));
    Unite(marks, std::move(tones));
  }
  if (request.stream_id().empty()) {
    for (const v1::Leg& leg : record.call().legs()) {
      ASSIGN_OR_RETURN(std::vector<TimelineMark> more,
                       MarksOfLeg(store, record, leg));
      Unite(marks, std::move(more));
    }
    ASSIGN_OR_RETURN(std::vector<TimelineMark> more,
                     MarksOfListening(store, record));
    Unite(marks, std::move(more));
    Unite(marks, EarlyMediaOf(record.call()));
  }
  RemoveEchoes(marks);
  v1::GetTimelineResponse response;
  for (TimelineMark& mark : marks) {
    if (static_cast<size_t>(response.events_size()) == kMaxEvents) {
      response.set_truncated(true);
      break;
    }
    TellMusic(record.call(), mark);
    v1::TimelineEvent& event = *response.add_events();
    event = ToEvent(std::move(mark));
    if (!request.with_digits() && event.has_dtmf()) {
      event.mutable_dtmf()->clear_digit();
    }
  }
  return response;
}

}  // namespace callbraid::collector
