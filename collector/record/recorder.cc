#include "collector/record/recorder.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/playout/intervals.h"
#include "collector/playout/stream_timeline.h"
#include "collector/record/key_mask.h"
#include "collector/record/section_decoder.h"
#include "collector/record/survey.h"
#include "collector/record/track.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
// What a part needs to be read before it, and what of the beginning and the end
// of each track tells where the recording begins and ends.
constexpr int64_t kLeadNs = StreamTimeline::kMemoryNs;
constexpr int64_t kEdgeTicks = 2 * Survey::kReachTicks;
constexpr int64_t kEdgeNs = kEdgeTicks / kTicksPerSecond * kSecond;

// Renders in two passes over the stored frames: the first finds where there is
// audio, for the extent and to choose between streams; the second decodes.
class Rendering {
 public:
  Rendering(Store& store, const RecordingOptions& options, CallLayout layout);

  // Finds out what there is. FAILED_PRECONDITION if there is nothing to play.
  absl::Status Find();
  absl::Status Write(RecordingSink& sink);

 private:
  using Surveys = std::vector<Survey>;
  // Samples by channel.
  using Sides = std::vector<std::vector<int16_t>>;
  // What is still to come of the rendered samples: some that are not written,
  // then those that are. Nothing is written of what comes after.
  struct Wanted {
    size_t skipped = 0;
    size_t samples = 0;
  };

  bool single() const { return !options_.stream_id.empty(); }
  bool is_part() const { return options_.from_ns > 0 || options_.until_ns; }
  size_t channels() const { return single() ? 1 : 2; }
  int64_t ticks_per_sample() const { return kTicksPerSecond / sample_rate_; }

  StreamTimeline Open(const TrackSource& source) const;
  absl::StatusOr<Surveys> SurveyTracks(int64_t from_ns, int64_t until,
                                       int64_t at_least) const;
  absl::StatusOr<Surveys> SurveyEnds() const;
  absl::Status FindPart();
  int64_t TickOf(int64_t time_ns) const;
  int64_t TimeOf(int64_t tick) const;
  int64_t OffsetTicks(int64_t offset_ns) const;
  bool AnyHeard(const Surveys& surveys) const;
  Interval Extent(const Surveys& surveys) const;
  absl::Status RenderTrack(size_t i, int64_t from,
                           std::unique_ptr<Track>& track,
                           std::span<int16_t> out);
  int64_t RenderFrom() const;
  int64_t RenderUntil() const;
  uint64_t Samples() const;
  std::vector<std::unique_ptr<KeyMask>> CreateMasks() const;
  absl::Status WriteSamples(AudioEncoder& encoder);
  absl::Status WriteSides(const Sides& sides, Wanted& wanted,
                          AudioEncoder& encoder);

  Store& store_;
  const RecordingOptions& options_;
  const CallLayout layout_;
  StreamTimeline::Options timeline_;
  uint32_t sample_rate_ = 8000;
  // Before this, packets are not read.
  int64_t read_from_ns_ = 0;
  // Of layout_.tracks, in their order.
  Surveys surveys_;
  std::vector<Intervals> audible_;
  // What is written.
  Interval extent_;
  std::vector<int16_t> interleaved_;  // Kept to reuse its memory.
  uint64_t refused_ = 0;  // By the decoders of tracks that are done.
};

Rendering::Rendering(Store& store, const RecordingOptions& options,
                     CallLayout layout)
    : store_(store), options_(options), layout_(std::move(layout)) {
  timeline_.placement =
      single() ? Placement::kTimestamps : Placement::kCaptureTime;
  timeline_.origin_ns = kNever;
  for (const TrackSource& track : layout_.tracks) {
    for (const ObservationSource& source : track.observations) {
      timeline_.origin_ns = std::min(timeline_.origin_ns, source.first_time_ns);
    }
    sample_rate_ = std::max(sample_rate_, track.sample_rate);
  }
}

StreamTimeline Rendering::Open(const TrackSource& source) const {
  StreamTimeline::Options options = timeline_;
  options.rates = source.rates;
  if (source.is_heard) options.jitter_buffer_ns = options_.jitter_buffer_ns;
  return StreamTimeline(
      OpenStream(store_.media(), StartingAt(source, read_from_ns_)),
      source.payloads, options);
}

absl::StatusOr<Rendering::Surveys> Rendering::SurveyTracks(
    int64_t from_ns, int64_t until, int64_t at_least) const {
  Surveys surveys;
  for (const TrackSource& source : layout_.tracks) {
    ASSIGN_OR_RETURN(
        surveys.emplace_back(),
        SurveyTrack(Open(StartingAt(source, from_ns)), until, at_least));
  }
  return surveys;
}

// Only what tells where the recording ends.
absl::StatusOr<Rendering::Surveys> Rendering::SurveyEnds() const {
  Surveys surveys;
  for (const TrackSource& source : layout_.tracks) {
    const int64_t from_ns = LastTimeOf(source) - kLeadNs - kEdgeNs;
    ASSIGN_OR_RETURN(surveys.emplace_back(),
                     SurveyTrack(Open(StartingAt(source, from_ns)), kNever, 0));
  }
  return surveys;
}

absl::Status Rendering::Find() {
  if (is_part() && !single()) {
    RETURN_IF_ERROR(FindPart());
  } else {
    ASSIGN_OR_RETURN(surveys_, SurveyTracks(0, kNever, 0));
    extent_ = Extent(surveys_);
    if (extent_.begin >= extent_.end || !AnyHeard(surveys_)) {
      return WhyNothing(layout_, surveys_);
    }
    if (options_.until_ns) {
      extent_.end = std::min(extent_.end,
                             extent_.begin + OffsetTicks(*options_.until_ns));
    }
    extent_.begin += OffsetTicks(options_.from_ns);
  }
  if (extent_.begin >= extent_.end) {
    return absl::InvalidArgumentError("from: the recording ends before that");
  }
  audible_ = ChooseAudible(layout_.tracks, surveys_, options_.conceal);
  return absl::OkStatus();
}

absl::Status Rendering::FindPart() {
  ASSIGN_OR_RETURN(surveys_, SurveyTracks(0, 0, kEdgeTicks));
  const Interval head = Extent(surveys_);
  if (head.begin >= head.end || !AnyHeard(surveys_)) {
    return WhyNothing(layout_, surveys_);
  }
  extent_.begin = head.begin + OffsetTicks(options_.from_ns);
  extent_.end =
      options_.until_ns ? head.begin + OffsetTicks(*options_.until_ns) : kNever;
  read_from_ns_ = TimeOf(extent_.begin - Survey::kReachTicks) - kLeadNs;
  const int64_t until =
      options_.until_ns ? RenderUntil() + Survey::kReachTicks : kNever;
  ASSIGN_OR_RETURN(surveys_, SurveyTracks(read_from_ns_, until, 0));
  if (Extent(surveys_).end >= extent_.end) return absl::OkStatus();
  ASSIGN_OR_RETURN(const Surveys ends, SurveyEnds());
  extent_.end = std::min(extent_.end, Extent(ends).end);
  return absl::OkStatus();
}

// Of the grid that samples at any rate are on.
int64_t Rendering::TickOf(int64_t time_ns) const {
  constexpr int64_t kGrid = kTicksPerSecond / 8000;
  constexpr int64_t kNsPerGrid = kSecond / 8000;
  return (time_ns - timeline_.origin_ns) / kNsPerGrid * kGrid;
}

int64_t Rendering::TimeOf(int64_t tick) const {
  return timeline_.origin_ns + tick / kTicksPerSecond * kSecond +
         tick % kTicksPerSecond * kSecond / kTicksPerSecond;
}

// In whole samples.
int64_t Rendering::OffsetTicks(int64_t offset_ns) const {
  const int64_t samples = offset_ns / kSecond * sample_rate_ +
                          offset_ns % kSecond * sample_rate_ / kSecond;
  return samples * ticks_per_sample();
}

// Whether there is more than what has no decoder.
bool Rendering::AnyHeard(const Surveys& surveys) const {
  return !layout_.silent.empty() ||
         std::any_of(surveys.begin(), surveys.end(), [](const Survey& survey) {
           return !survey.active.empty() || survey.decryption.refused > 0;
         });
}

// From the first to the last of what is heard, or would be if it could be
// decrypted and decoded.
Interval Rendering::Extent(const Surveys& surveys) const {
  Interval extent = {kNever, std::numeric_limits<int64_t>::min()};
  const auto include = [&extent](int64_t begin, int64_t end) {
    extent.begin = std::min(extent.begin, begin);
    extent.end = std::max(extent.end, end);
  };
  for (const Intervals& intervals :
       ChooseAudible(layout_.tracks, surveys, options_.conceal)) {
    if (!intervals.empty()) {
      include(intervals.front().begin, intervals.back().end);
    }
  }
  for (const Survey& survey : surveys) {
    const DecryptionTally& tally = survey.decryption;
    if (tally.refused == 0) continue;
    include(TickOf(tally.first_refused_ns), TickOf(tally.last_refused_ns));
  }
  for (const SilentSource& silent : layout_.silent) {
    if (silent.begin_ns <= 0 || silent.end_ns < silent.begin_ns) continue;
    include(TickOf(silent.begin_ns), TickOf(silent.end_ns));
  }
  // Of one stream what can be heard of it is wanted, from its first sound.
  if (single()) return extent;
  for (const Survey& survey : surveys) {
    if (survey.unknown_codec.empty()) continue;
    include(TickOf(survey.first_unknown_ns), TickOf(survey.last_unknown_ns));
  }
  return extent;
}

absl::Status Rendering::Write(RecordingSink& sink) {
  const AudioShape shape = {channels(), sample_rate_, Samples()};
  sink.Tell(FindingsOf(layout_, surveys_));
  bool begun = false;
  const auto write = [&](std::string_view bytes) {
    if (!std::exchange(begun, true)) {
      RETURN_IF_ERROR(sink.Begin(FileBytes(options_.format, shape)));
    }
    return sink.Write(bytes);
  };
  ASSIGN_OR_RETURN(const auto encoder,
                   CreateAudioEncoder(options_.format, shape, write));
  RETURN_IF_ERROR(WriteSamples(*encoder));
  RETURN_IF_ERROR(encoder->Finish());
  sink.End(refused_);
  return absl::OkStatus();
}

// A track costs memory only while it is heard.
absl::Status Rendering::RenderTrack(size_t i, int64_t from,
                                    std::unique_ptr<Track>& track,
                                    std::span<int16_t> out) {
  const int64_t to =
      from + static_cast<int64_t>(out.size()) * ticks_per_sample();
  const Intervals& audible = audible_[i];
  if (audible.empty() || audible.front().begin >= to) return absl::OkStatus();
  if (audible.back().end <= from) {
    if (track != nullptr) refused_ += track->refused();
    track.reset();
    return absl::OkStatus();
  }
  if (track == nullptr) {
    Track::Options options = {sample_rate_, options_.conceal};
    if (is_part()) {
      options.decode_from = SectionDecoder::NeededFor(RenderFrom());
    }
    track = std::make_unique<Track>(Open(layout_.tracks[i]), audible, options);
  }
  track->Render(from, out);
  return track->status();
}

// The tick at which rendering begins: the masks must have listened before.
int64_t Rendering::RenderFrom() const {
  return options_.mask_keys && options_.from_ns > 0
             ? KeyMask::Aligned(extent_.begin - kTicksPerSecond)
             : extent_.begin;
}

// And at which it ends: they must have heard how what sounds there goes on.
int64_t Rendering::RenderUntil() const {
  return options_.mask_keys ? KeyMask::HeardUntil(extent_.end) : extent_.end;
}

uint64_t Rendering::Samples() const {
  const int64_t ticks = extent_.end - extent_.begin;
  return static_cast<uint64_t>((ticks + ticks_per_sample() - 1) /
                               ticks_per_sample());
}

std::vector<std::unique_ptr<KeyMask>> Rendering::CreateMasks() const {
  std::vector<std::unique_ptr<KeyMask>> masks;
  if (!options_.mask_keys) return masks;
  for (size_t channel = 0; channel < channels(); ++channel) {
    Intervals told;
    for (size_t i = 0; i < surveys_.size(); ++i) {
      if (layout_.tracks[i].channel != static_cast<int>(channel)) continue;
      told = Union(told, surveys_[i].key_events);
    }
    masks.push_back(
        std::make_unique<KeyMask>(RenderFrom(), sample_rate_, std::move(told)));
  }
  return masks;
}

absl::Status Rendering::WriteSamples(AudioEncoder& encoder) {
  std::vector<std::unique_ptr<Track>> tracks(layout_.tracks.size());
  const auto masks = CreateMasks();
  Wanted wanted = {
      static_cast<size_t>((extent_.begin - RenderFrom()) / ticks_per_sample()),
      Samples()};
  // A second, and at most 64,000 bytes.
  const int64_t window_ticks =
      std::min(kTicksPerSecond, 16000 * ticks_per_sample());
  Sides sides(channels());
  const int64_t until = RenderUntil();
  for (int64_t from = RenderFrom(); from < until; from += window_ticks) {
    const auto samples = static_cast<size_t>(
        (std::min(window_ticks, until - from) + ticks_per_sample() - 1) /
        ticks_per_sample());
    for (auto& side : sides) side.assign(samples, 0);
    for (size_t i = 0; i < tracks.size(); ++i) {
      RETURN_IF_ERROR(
          RenderTrack(i, from, tracks[i], sides[layout_.tracks[i].channel]));
    }
    for (size_t i = 0; i < masks.size(); ++i) {
      sides[i] = masks[i]->Push(std::move(sides[i]));
    }
    RETURN_IF_ERROR(WriteSides(sides, wanted, encoder));
  }
  if (!masks.empty()) {
    for (size_t i = 0; i < masks.size(); ++i) sides[i] = masks[i]->Finish();
    RETURN_IF_ERROR(WriteSides(sides, wanted, encoder));
  }
  for (const auto& track : tracks) {
    if (track != nullptr) refused_ += track->refused();
  }
  return absl::OkStatus();
}

// What is wanted of them; `wanted` counts down.
absl::Status Rendering::WriteSides(const Sides& sides, Wanted& wanted,
                                   AudioEncoder& encoder) {
  const size_t samples = sides.front().size();
  const size_t begin = std::min(wanted.skipped, samples);
  const size_t end = begin + std::min(wanted.samples, samples - begin);
  wanted.skipped -= begin;
  wanted.samples -= end - begin;
  interleaved_.clear();
  for (size_t i = begin; i < end; ++i) {
    for (const auto& side : sides) interleaved_.push_back(side[i]);
  }
  return interleaved_.empty() ? absl::OkStatus() : encoder.Write(interleaved_);
}

}  // namespace

absl::Status RenderCall(Store& store, const store::v1::CallRecord& record,
                        const RecordingOptions& options, RecordingSink& sink) {
  ASSIGN_OR_RETURN(
      CallLayout layout,
      LayOutCall(store, record, options.stream_id, options.perspective));
  Rendering rendering(store, options, std::move(layout));
  RETURN_IF_ERROR(rendering.Find());
  return rendering.Write(sink);
}

}  // namespace callbraid::collector
