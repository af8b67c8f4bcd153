#include "collector/hearing/call_ear.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include "collector/playout/call_layout.h"
#include "collector/playout/intervals.h"
#include "collector/playout/stream_timeline.h"
#include "collector/record/survey.h"
#include "collector/record/track.h"
#include "common/base/status_macros.h"
#include "common/sip/encoding.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kFrameNs = kSecondNs / 50;
constexpr int64_t kLongestNs = 24 * 3600 * kSecondNs;
constexpr int64_t kFrameTicks = kTicksPerSecond / 50;
constexpr int64_t kTicksPerSample = kTicksPerSecond / SpeechMeter::kRate;
// What is rendered at once: a second.
constexpr int64_t kWindowFrames = 50;
// A sender that says nothing for longer does so on purpose.
constexpr int64_t kPauseTicks = kTicksPerSecond;

// A time beyond 2116 is nonsense.
int64_t NsOf(const google::protobuf::Timestamp& time) {
  return std::clamp<int64_t>(TimeUtil::TimestampToNanoseconds(time), 0,
                             int64_t{1} << 62);
}

bool MayHaveTalk(const v1::Call& call) {
  return call.has_answer_time() || call.state() == v1::CALL_STATE_ACTIVE ||
         call.state() == v1::CALL_STATE_COMPLETED || call.legs().empty();
}

// A listener at the recording of one call.
class CallEar {
 public:
  CallEar(Store& store, const v1::Call& call, CallLayout layout)
      : store_(store), call_(call), layout_(std::move(layout)) {
    origin_ns_ = std::numeric_limits<int64_t>::max();
    for (const TrackSource& track : layout_.tracks) {
      for (const ObservationSource& seen : track.observations) {
        origin_ns_ = std::min(origin_ns_, seen.first_time_ns);
      }
    }
    for (const SilentSource& silent : layout_.silent) {
      origin_ns_ = std::min(origin_ns_, silent.begin_ns);
    }
  }

  bool IsEmpty() const {
    return layout_.tracks.empty() && layout_.silent.empty();
  }

  absl::Status LookAt() {
    for (const TrackSource& track : layout_.tracks) {
      ASSIGN_OR_RETURN(
          surveys_.emplace_back(),
          SurveyTrack(Open(track), std::numeric_limits<int64_t>::max(), 0));
    }
    audible_ = ChooseAudible(layout_.tracks, surveys_, /*conceal=*/true);
    FindTime();
    for (size_t i = 0; i < surveys_.size(); ++i) TakeSurvey(i);
    for (const SilentSource& silent : layout_.silent) TakeSilent(silent);
    return absl::OkStatus();
  }

  absl::Status Listen(const std::vector<CallStretch>& holds) {
    const int64_t begin = TickOf(heard_.time.begin_ns);
    const int64_t frames =
        (heard_.time.end_ns - heard_.time.begin_ns) / kFrameNs;
    tracks_.resize(layout_.tracks.size());
    auto hold = holds.begin();
    // So far without sound: of a window after such a one there is nothing left
    // to measure.
    int64_t silent = 0;
    for (int64_t frame = 0; frame < frames; frame += kWindowFrames) {
      const int64_t count = std::min(kWindowFrames, frames - frame);
      const int64_t from = begin + frame * kFrameTicks;
      silent = IsAudible(from, from + count * kFrameTicks) ? 0 : silent + 1;
      if (silent > 1) {
        Skip(static_cast<size_t>(count));
        continue;
      }
      for (auto& side : pcm_) {
        side.assign(static_cast<size_t>(count) * SpeechMeter::kFrameSamples, 0);
      }
      for (size_t i = 0; i < layout_.tracks.size(); ++i) {
        RETURN_IF_ERROR(Render(i, from));
      }
      const int64_t window_ns = heard_.time.begin_ns + frame * kFrameNs;
      while (hold != holds.end() && hold->end_ns <= window_ns) ++hold;
      for (auto it = hold;
           it != holds.end() && it->begin_ns < window_ns + count * kFrameNs;
           ++it) {
        Silence(*it, window_ns);
      }
      Measure();
    }
    heard_.parties[0].echo = echoes_[0].Result();
    heard_.parties[1].echo = echoes_[1].Result();
    return absl::OkStatus();
  }

  HeardCall Take() { return std::move(heard_); }

 private:
  StreamTimeline Open(const TrackSource& source) const {
    StreamTimeline::Options options;
    options.origin_ns = origin_ns_;
    options.rates = source.rates;
    return StreamTimeline(OpenStream(store_.media(), source), source.payloads,
                          options);
  }

  // On the grid that samples are on.
  int64_t TickOf(int64_t time_ns) const {
    constexpr int64_t kSampleNs = kSecondNs / SpeechMeter::kRate;
    return (time_ns - origin_ns_) / kSampleNs * kTicksPerSample;
  }
  int64_t TimeOf(int64_t tick) const {
    return origin_ns_ + tick / kTicksPerSecond * kSecondNs +
           tick % kTicksPerSecond * kSecondNs / kTicksPerSecond;
  }

  void FindTime() {
    int64_t end = std::numeric_limits<int64_t>::min();
    int64_t begin = std::numeric_limits<int64_t>::max();
    for (const Intervals& intervals : audible_) {
      if (intervals.empty()) continue;
      begin = std::min(begin, TimeOf(intervals.front().begin));
      end = std::max(end, TimeOf(intervals.back().end));
    }
    if (begin > end) begin = end = origin_ns_;
    CallStretch& time = heard_.time;
    time.begin_ns = call_.has_answer_time() ? NsOf(call_.answer_time()) : begin;
    // An end that was only waited for says nothing of silence before it.
    time.end_ns =
        call_.has_end_time() && call_.end_reason() == v1::END_REASON_BYE
            ? NsOf(call_.end_time())
            : end;
    time.end_ns =
        std::clamp(time.end_ns, time.begin_ns, time.begin_ns + kLongestNs);
    time.end_ns -= (time.end_ns - time.begin_ns) % kFrameNs;
  }

  void TakeSurvey(size_t i) {
    if (IsOther(layout_.tracks[i])) return;
    const Survey& survey = surveys_[i];
    HeardParty& party = heard_.parties[layout_.tracks[i].channel];
    party.any_undecodable |= !survey.unknown_codec.empty() ||
                             survey.decryption.refused > 0 ||
                             (survey.any_empty && survey.active.empty());
    party.sends_pauses |= !survey.pauses.empty();
    for (size_t next = 1; next < survey.active.size(); ++next) {
      party.sends_pauses |=
          survey.active[next].begin - survey.active[next - 1].end > kPauseTicks;
    }
    int64_t last_ns =
        survey.active.empty() ? 0 : TimeOf(survey.active.back().end);
    if (const auto* stream = StreamOf(layout_.tracks[i].stream_id)) {
      last_ns = std::max(last_ns, NsOf(stream->end_time()));
    }
    if (last_ns < heard_.time.begin_ns) return;
    party.any_packets = true;
    party.last_packet_ns = std::max(party.last_packet_ns, last_ns);
  }

  const v1::Stream* StreamOf(const std::string& id) const {
    for (const v1::Stream& stream : call_.streams()) {
      if (stream.id() == id) return &stream;
    }
    return nullptr;
  }

  // Whether it is a picture and the like: of who is heard it says nothing,
  // neither that there is no decoder for it nor that it comes.
  bool IsOther(const TrackSource& track) const {
    const v1::Stream* stream = StreamOf(track.stream_id);
    if (stream == nullptr) return false;
    const PayloadMeaning& meaning = track.payloads.At(
        static_cast<uint8_t>(stream->payload_type()), NsOf(stream->end_time()));
    return meaning.inaudible && !meaning.silent;
  }

  // Of a stream that nobody knows the side of, it may be either.
  void TakeSilent(const SilentSource& silent) {
    const v1::Stream* stream = StreamOf(silent.stream_id);
    if (stream != nullptr && IsVideoEncoding(stream->codec())) return;
    const v1::Side side =
        stream == nullptr ? v1::SIDE_UNSPECIFIED : stream->side();
    if (side != v1::SIDE_CALLEE) heard_.parties[0].any_undecodable = true;
    if (side != v1::SIDE_CALLER) heard_.parties[1].any_undecodable = true;
  }

  absl::Status Render(size_t i, int64_t from) {
    std::unique_ptr<Track>& track = tracks_[i];
    std::vector<int16_t>& out = pcm_[layout_.tracks[i].channel];
    const int64_t to =
        from + static_cast<int64_t>(out.size()) * kTicksPerSample;
    const Intervals& audible = audible_[i];
    if (audible.empty() || audible.front().begin >= to) return absl::OkStatus();
    if (audible.back().end <= from) {
      track.reset();
      return absl::OkStatus();
    }
    if (track == nullptr) {
      track = std::make_unique<Track>(
          Open(layout_.tracks[i]), audible,
          Track::Options{.sample_rate = SpeechMeter::kRate});
    }
    track->Render(from, out);
    return track->status();
  }

  // Windows must follow one another.
  bool IsAudible(int64_t from, int64_t to) {
    bool any = false;
    next_audible_.resize(audible_.size());
    for (size_t i = 0; i < audible_.size(); ++i) {
      size_t& next = next_audible_[i];
      while (next < audible_[i].size() && audible_[i][next].end <= from) ++next;
      any |= next < audible_[i].size() && audible_[i][next].begin < to;
    }
    return any;
  }

  // For echo it is as if the time had not passed: on neither side.
  void Skip(size_t frames) {
    for (HeardParty& party : heard_.parties) party.meter.Skip(frames);
  }

  void Silence(const CallStretch& hold, int64_t window_ns) {
    constexpr int64_t kSampleNs = kSecondNs / SpeechMeter::kRate;
    const auto size = static_cast<int64_t>(pcm_[0].size());
    const int64_t from =
        std::max<int64_t>(0, hold.begin_ns - window_ns) / kSampleNs;
    const int64_t to = std::min(size, (hold.end_ns - window_ns) / kSampleNs);
    for (auto& side : pcm_) {
      for (int64_t i = from; i < to; ++i) side[static_cast<size_t>(i)] = 0;
    }
  }

  void Measure() {
    std::array<std::vector<float>, 2> thin;
    for (size_t side = 0; side < 2; ++side) {
      heard_.parties[side].meter.Listen(pcm_[side]);
      thinners_[side].Process(pcm_[side], thin[side]);
    }
    echoes_[0].Listen(thin[0], thin[1]);
    echoes_[1].Listen(thin[1], thin[0]);
  }

  Store& store_;
  const v1::Call& call_;
  const CallLayout layout_;
  int64_t origin_ns_ = 0;
  std::vector<Survey> surveys_;
  std::vector<Intervals> audible_;
  std::vector<size_t> next_audible_;
  std::vector<std::unique_ptr<Track>> tracks_;
  std::array<std::vector<int16_t>, 2> pcm_;
  std::array<Thinner, 2> thinners_;
  // Of the voice of each.
  std::array<EchoFinder, 2> echoes_;
  HeardCall heard_;
};

}  // namespace

absl::StatusOr<std::optional<HeardCall>> HearCall(
    Store& store, const store::v1::CallRecord& record,
    const std::vector<CallStretch>& holds) {
  if (!MayHaveTalk(record.call())) return std::nullopt;
  ASSIGN_OR_RETURN(CallLayout layout,
                   LayOutCall(store, record, /*stream_id=*/""));
  CallEar ear(store, record.call(), std::move(layout));
  if (ear.IsEmpty()) return std::nullopt;
  RETURN_IF_ERROR(ear.LookAt());
  RETURN_IF_ERROR(ear.Listen(holds));
  return std::optional(ear.Take());
}

}  // namespace callbraid::collector
