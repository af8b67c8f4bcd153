#include "collector/timeline/heard_tones.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "collector/playout/intervals.h"
#include "collector/playout/stream_timeline.h"
#include "collector/record/survey.h"
#include "collector/record/tone_listener.h"
#include "collector/record/track.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr uint32_t kRate = 8000;
constexpr int64_t kTicksPerSample = kTicksPerSecond / kRate;
constexpr size_t kWindow = kRate;
// After audio: a tone has an end.
constexpr size_t kSilence = kRate / 5;
// A calling tone is repeated every 3.5 s (ITU-T T.30): it is told once.
constexpr int64_t kRepeatNs = 5'000'000'000;
constexpr int64_t kEchoNs = 500'000'000;
// Clocks, and where a listener sees a tone begin.
constexpr int64_t kSlackNs = 50'000'000;

// Listens to a track, and says when what it heard was.
class Listening {
 public:
  Listening(const TrackSource& source, v1::Side side, int64_t origin_ns)
      : source_(source), side_(side), origin_ns_(origin_ns) {}

  void Hear(Track& track, const Intervals& active) {
    std::vector<int16_t> pcm;
    for (const Interval& interval : active) {
      stretches_.push_back({heard_, interval.begin});
      const auto left = static_cast<size_t>((interval.end - interval.begin) /
                                            kTicksPerSample);
      for (size_t done = 0; done < left; done += pcm.size()) {
        pcm.assign(std::min(kWindow, left - done), 0);
        track.Render(
            interval.begin + static_cast<int64_t>(done) * kTicksPerSample, pcm);
        Listen(pcm);
      }
      pcm.assign(kSilence, 0);
      Listen(pcm);
    }
  }

  std::vector<TimelineMark> Take() { return std::move(marks_); }

 private:
  struct Stretch {
    int64_t heard = 0;
    int64_t tick = 0;
  };

  void Listen(const std::vector<int16_t>& pcm) {
    heard_ += static_cast<int64_t>(pcm.size());
    keys_.Listen(pcm);
    faxes_.Listen(pcm);
    for (const HeardTone& key : keys_.Take()) {
      TimelineMark& mark = Add(key);
      mark.event.mutable_dtmf()->set_digit(key.name);
      mark.event.mutable_dtmf()->set_source(v1::DTMF_SOURCE_AUDIO);
    }
    for (const HeardTone& tone : faxes_.Take()) {
      if (Repeats(tone)) continue;
      TimelineMark& mark = Add(tone);
      mark.event.mutable_tone()->set_name(tone.name);
      mark.event.mutable_tone()->set_in_audio(true);
    }
    if (stretches_.size() > 1) {
      // Whatever begins from here on is after the last but one.
      stretches_.erase(stretches_.begin(), stretches_.end() - 2);
    }
  }

  int64_t TimeOf(int64_t heard) const {
    auto stretch = stretches_.rbegin();
    while (stretch->heard > heard && std::next(stretch) != stretches_.rend()) {
      ++stretch;
    }
    const int64_t tick =
        stretch->tick + (heard - stretch->heard) * kTicksPerSample;
    return origin_ns_ + tick / kTicksPerMs * 1'000'000 +
           tick % kTicksPerMs * 1'000'000 / kTicksPerMs;
  }

  TimelineMark& Add(const HeardTone& tone) {
    if (marks_.size() == kMaxMarks) marks_.pop_back();
    TimelineMark& mark = marks_.emplace_back();
    mark.time_ns = TimeOf(tone.begin);
    mark.duration_ns = std::max<int64_t>(0, TimeOf(tone.end) - mark.time_ns);
    mark.side = side_;
    mark.what = tone.name;
    mark.event.set_stream_id(source_.stream_id);
    return mark;
  }

  // Lengthens the mark of which `tone` is a repetition.
  bool Repeats(const HeardTone& tone) {
    const int64_t begin_ns = TimeOf(tone.begin);
    for (auto mark = marks_.rbegin(); mark != marks_.rend(); ++mark) {
      if (mark->what != tone.name || !mark->event.has_tone()) continue;
      if (begin_ns - (mark->time_ns + *mark->duration_ns) > kRepeatNs) break;
      mark->duration_ns = TimeOf(tone.end) - mark->time_ns;
      return true;
    }
    return false;
  }

  const TrackSource& source_;
  const v1::Side side_;
  const int64_t origin_ns_;
  KeyListener keys_;
  FaxListener faxes_;
  int64_t heard_ = 0;
  // Where what is heard lies; the last two.
  std::vector<Stretch> stretches_;
  std::vector<TimelineMark> marks_;
};

}  // namespace

absl::StatusOr<std::vector<TimelineMark>> TonesOfStream(
    MediaStore& store, const TrackSource& source, v1::Side side) {
  if (!source.carries_tones || source.observations.empty()) {
    return std::vector<TimelineMark>();
  }
  StreamTimeline::Options options;
  options.origin_ns = source.observations.front().first_time_ns;
  options.rates = source.rates;
  const auto open = [&] {
    return StreamTimeline(OpenStream(store, source), source.payloads, options);
  };
  ASSIGN_OR_RETURN(const Survey survey,
                   SurveyTrack(open(), std::numeric_limits<int64_t>::max(), 0));
  Track track(open(), survey.active, {.sample_rate = kRate, .conceal = false});
  Listening listening(source, side, options.origin_ns);
  listening.Hear(track, survey.active);
  RETURN_IF_ERROR(track.status());
  std::vector<TimelineMark> marks = listening.Take();
  std::stable_sort(marks.begin(), marks.end(),
                   [](const TimelineMark& a, const TimelineMark& b) {
                     return a.time_ns < b.time_ns;
                   });
  return marks;
}

void RemoveEchoes(std::vector<TimelineMark>& marks) {
  const auto is_echo = [&marks](const TimelineMark& mark) {
    if (mark.event.dtmf().source() != v1::DTMF_SOURCE_AUDIO ||
        mark.side == v1::SIDE_UNSPECIFIED) {
      return false;
    }
    const auto first = std::lower_bound(
        marks.begin(), marks.end(), mark.time_ns - kEchoNs,
        [](const TimelineMark& a, int64_t ns) { return a.time_ns < ns; });
    for (auto it = first;
         it != marks.end() && it->time_ns <= mark.time_ns + kSlackNs; ++it) {
      if (it->side != mark.side && it->side != v1::SIDE_UNSPECIFIED &&
          it->what == mark.what && it->event.has_dtmf() &&
          (it->time_ns < mark.time_ns ||
           it->event.dtmf().source() != v1::DTMF_SOURCE_AUDIO)) {
        return true;
      }
    }
    return false;
  };
  std::vector<TimelineMark> kept;
  for (const TimelineMark& mark : marks) {
    if (!is_echo(mark)) kept.push_back(mark);
  }
  marks = std::move(kept);
}

}  // namespace callbraid::collector
