#include "collector/record/recorder.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "collector/record/call_layout.h"
#include "collector/record/concealer.h"
#include "collector/record/intervals.h"
#include "collector/record/stream_timeline.h"
#include "collector/record/track.h"
#include "collector/record/wav_header.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Another stream is heard only where a better one has nothing for so long;
// anything shorter is the same audio, a little earlier or later.
constexpr int64_t kMinFillTicks = 200 * kTicksPerMs;
// Bounds memory: at most 1 MiB for each stream.
constexpr size_t kMaxIntervals = 65536;

// The sample rates of recordings: each is a whole number of ticks.
uint32_t RecordingRate(uint32_t sample_rate) {
  return sample_rate <= 8000 ? 8000 : sample_rate <= 16000 ? 16000 : 48000;
}

// What the first pass finds out about a track.
struct Survey {
  Intervals active;
  Intervals pauses;          // Between packets, where the sender chose silence.
  uint32_t sample_rate = 0;  // 0: no audio.
  bool any_empty = false;    // A payload that is no frame of its codec.
  std::string unknown_codec;
  DecryptionTally decryption;
};

// "stream 6e0f... (SDES): 12 of 500 packets do not verify and are silence"
std::string Refused(const TrackSource& track, const DecryptionTally& tally) {
  return absl::StrCat(
      "stream ", track.stream_id, " (", track.encryption, "): ",
      tally.refused == tally.packets
          ? absl::StrCat("no key of the call's SDP fits, its ", tally.packets,
                         " packets are silence")
          : absl::StrCat(tally.refused, " of ", tally.packets,
                         " packets do not verify and are silence"));
}

// Renders in two passes over the stored frames: the first finds where there is
// audio, for the extent and to choose between streams; the second decodes.
class Rendering {
 public:
  Rendering(Store& store, const RecordingOptions& options, CallLayout layout)
      : store_(store), options_(options), layout_(std::move(layout)) {
    timeline_.placement =
        single() ? Placement::kTimestamps : Placement::kCaptureTime;
    timeline_.origin_ns = std::numeric_limits<int64_t>::max();
    for (const TrackSource& track : layout_.tracks) {
      for (const ObservationSource& source : track.observations) {
        timeline_.origin_ns =
            std::min(timeline_.origin_ns, source.first_time_ns);
      }
    }
  }

  // FAILED_PRECONDITION if there is nothing to play.
  absl::Status SurveyTracks();
  absl::Status Write(RecordingSink& sink);

 private:
  bool single() const { return !options_.stream_id.empty(); }
  size_t channels() const { return single() ? 1 : 2; }
  StreamTimeline Open(const TrackSource& source) const;
  absl::Status SurveyTrack(const TrackSource& source, Survey& survey) const;
  absl::Status WhyNothing() const;
  std::vector<std::string> Findings() const;
  int64_t TickOf(int64_t time_ns) const;
  Interval Extent() const;
  void ChooseAudible();
  void MakeRoomForConcealment();
  absl::Status RenderTrack(size_t i, int64_t from,
                           std::unique_ptr<Track>& track,
                           std::span<int16_t> out);
  absl::Status WriteSamples(int64_t begin, int64_t end, RecordingSink& sink);

  Store& store_;
  const RecordingOptions& options_;
  const CallLayout layout_;
  StreamTimeline::Options timeline_;
  // Of layout_.tracks, in their order.
  std::vector<Survey> surveys_;
  std::vector<Intervals> audible_;
  uint32_t sample_rate_ = 0;
  uint64_t refused_ = 0;  // By the decoders of tracks that are done.
};

StreamTimeline Rendering::Open(const TrackSource& source) const {
  StreamTimeline::Options options = timeline_;
  options.clock_rate = source.clock_rate;
  return StreamTimeline(OpenStream(store_.media(), source), source.payloads,
                        options);
}

absl::Status Rendering::SurveyTrack(const TrackSource& source,
                                    Survey& survey) const {
  StreamTimeline timeline = Open(source);
  int64_t end = 0;
  while (const auto packet = timeline.Next()) {
    if (packet->ticks <= 0) {
      survey.any_empty = true;
      continue;
    }
    survey.sample_rate = std::max(survey.sample_rate,
                                  RecordingRate(packet->codec->sample_rate()));
    if (packet->pause_before && packet->position > end) {
      Extend(survey.pauses,
             {end, std::min(packet->position, end + Track::kLongestPauseTicks)},
             0, kMaxIntervals);
    }
    end = std::max(end, packet->position + packet->ticks);
    Extend(survey.active, {packet->position, packet->position + packet->ticks},
           kMinFillTicks, kMaxIntervals);
  }
  survey.unknown_codec = timeline.unknown_codec();
  if (timeline.decryptor() != nullptr) {
    survey.decryption = timeline.decryptor()->tally();
  }
  return timeline.status();
}

absl::Status Rendering::SurveyTracks() {
  for (const TrackSource& source : layout_.tracks) {
    Survey& survey = surveys_.emplace_back();
    RETURN_IF_ERROR(SurveyTrack(source, survey));
    sample_rate_ = std::max(sample_rate_, survey.sample_rate);
  }
  if (sample_rate_ == 0) return WhyNothing();
  ChooseAudible();
  return absl::OkStatus();
}

absl::Status Rendering::WhyNothing() const {
  std::set<std::string> unknown;
  for (const Survey& survey : surveys_) {
    if (!survey.unknown_codec.empty()) unknown.insert(survey.unknown_codec);
  }
  if (!unknown.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "no decoder for the codec: ", absl::StrJoin(unknown, ", ")));
  }
  std::vector<std::string> findings = Findings();
  if (!findings.empty()) {
    // A status travels in a header, which is not long.
    constexpr size_t kMaxNamed = 10;
    if (findings.size() > kMaxNamed) {
      const size_t more = findings.size() - kMaxNamed;
      findings.resize(kMaxNamed);
      findings.push_back(absl::StrCat("and ", more, " more"));
    }
    return absl::FailedPreconditionError(absl::StrCat(
        "the media is encrypted: ", absl::StrJoin(findings, "; ")));
  }
  if (std::any_of(surveys_.begin(), surveys_.end(),
                  [](const Survey& survey) { return survey.any_empty; })) {
    return absl::FailedPreconditionError(
        "no packet holds a frame of the codec that SDP names");
  }
  return absl::FailedPreconditionError("no audio was seen");
}

std::vector<std::string> Rendering::Findings() const {
  std::vector<std::string> findings;
  for (const SilentSource& silent : layout_.silent) {
    findings.push_back(absl::StrCat("stream ", silent.stream_id, ": ",
                                    silent.encryption, ", it is not heard"));
  }
  for (size_t i = 0; i < surveys_.size(); ++i) {
    const DecryptionTally& tally = surveys_[i].decryption;
    if (tally.refused > 0) {
      findings.push_back(Refused(layout_.tracks[i], tally));
    }
    if (tally.repeated > 0) {
      findings.push_back(absl::StrCat(
          "stream ", layout_.tracks[i].stream_id, ": ", tally.repeated,
          " packets came under a number that was used before, and are left "
          "out"));
    }
  }
  return findings;
}

// On each channel the first track is heard wherever it has audio, the others
// only where those before them have none.
void Rendering::ChooseAudible() {
  Intervals taken[2];
  for (size_t i = 0; i < surveys_.size(); ++i) {
    Intervals& heard = taken[layout_.tracks[i].channel];
    const bool first = heard.empty();
    audible_.push_back(
        Subtract(surveys_[i].active, heard, first ? 0 : kMinFillTicks));
    heard = Union(heard, audible_.back());
  }
  if (options_.conceal) MakeRoomForConcealment();
}

// A track also fills the beginning of a hole in it, and more of a pause, unless
// another track has audio there.
void Rendering::MakeRoomForConcealment() {
  constexpr int64_t kLongestTicks = Concealer::kLongestMs * kTicksPerMs;
  Intervals taken[2];
  for (size_t i = 0; i < audible_.size(); ++i) {
    Intervals& heard = taken[layout_.tracks[i].channel];
    heard = Union(heard, audible_[i]);
  }
  for (size_t i = 0; i < audible_.size(); ++i) {
    Intervals& heard = taken[layout_.tracks[i].channel];
    Intervals beginnings;
    for (size_t next = 1; next < audible_[i].size(); ++next) {
      const int64_t begin = audible_[i][next - 1].end;
      beginnings.push_back(
          {begin, std::min(begin + kLongestTicks, audible_[i][next].begin)});
    }
    beginnings = Union(beginnings, surveys_[i].pauses);
    audible_[i] = Union(audible_[i], Subtract(beginnings, heard, 0));
    heard = Union(heard, audible_[i]);
  }
}

// Of the grid that samples at any rate are on.
int64_t Rendering::TickOf(int64_t time_ns) const {
  constexpr int64_t kGrid = kTicksPerSecond / 8000;
  constexpr int64_t kNsPerGrid = 1'000'000'000 / 8000;
  return (time_ns - timeline_.origin_ns) / kNsPerGrid * kGrid;
}

// From the first to the last of what is heard, or would be if it could be
// decrypted.
Interval Rendering::Extent() const {
  Interval extent = {std::numeric_limits<int64_t>::max(),
                     std::numeric_limits<int64_t>::min()};
  const auto include = [&extent](int64_t begin, int64_t end) {
    extent.begin = std::min(extent.begin, begin);
    extent.end = std::max(extent.end, end);
  };
  for (const Intervals& intervals : audible_) {
    if (!intervals.empty()) {
      include(intervals.front().begin, intervals.back().end);
    }
  }
  for (const Survey& survey : surveys_) {
    const DecryptionTally& tally = survey.decryption;
    if (tally.refused == 0) continue;
    include(TickOf(tally.first_refused_ns), TickOf(tally.last_refused_ns));
  }
  for (const SilentSource& silent : layout_.silent) {
    if (silent.begin_ns <= 0 || silent.end_ns < silent.begin_ns) continue;
    include(TickOf(silent.begin_ns), TickOf(silent.end_ns));
  }
  return extent;
}

absl::Status Rendering::Write(RecordingSink& sink) {
  const auto [begin, end] = Extent();
  if (begin >= end) return WhyNothing();
  const int64_t ticks_per_sample = kTicksPerSecond / sample_rate_;
  const uint64_t frame_bytes = channels() * sizeof(int16_t);
  const uint64_t frames =
      (static_cast<uint64_t>(end - begin) + ticks_per_sample - 1) /
      static_cast<uint64_t>(ticks_per_sample);
  if (frames > kMaxWavDataBytes / frame_bytes) {
    return absl::FailedPreconditionError(absl::StrCat(
        "a recording of ", frames / sample_rate_ / 3600,
        " hours does not fit into a WAV file (4 GiB); ask for one stream"));
  }
  const uint64_t data_bytes = frames * frame_bytes;
  sink.Tell(Findings());
  RETURN_IF_ERROR(sink.Begin(kWavHeaderBytes + data_bytes));
  const std::string header =
      WavHeader(static_cast<uint16_t>(channels()), sample_rate_,
                static_cast<uint32_t>(data_bytes));
  RETURN_IF_ERROR(sink.Write(header));
  return WriteSamples(
      begin, begin + static_cast<int64_t>(frames) * ticks_per_sample, sink);
}

// A track costs memory only while it is heard.
absl::Status Rendering::RenderTrack(size_t i, int64_t from,
                                    std::unique_ptr<Track>& track,
                                    std::span<int16_t> out) {
  const int64_t to =
      from + static_cast<int64_t>(out.size()) * kTicksPerSecond / sample_rate_;
  if (audible_[i].empty() || audible_[i].front().begin >= to) {
    return absl::OkStatus();
  }
  if (audible_[i].back().end <= from) {
    if (track != nullptr) refused_ += track->refused();
    track.reset();
    return absl::OkStatus();
  }
  if (track == nullptr) {
    track =
        std::make_unique<Track>(Open(layout_.tracks[i]), audible_[i],
                                Track::Options{sample_rate_, options_.conceal});
  }
  track->Render(from, out);
  return track->status();
}

absl::Status Rendering::WriteSamples(int64_t begin, int64_t end,
                                     RecordingSink& sink) {
  const int64_t ticks_per_sample = kTicksPerSecond / sample_rate_;
  std::vector<std::unique_ptr<Track>> tracks(layout_.tracks.size());
  // A second, and at most 64,000 bytes.
  const int64_t window_ticks =
      std::min(kTicksPerSecond, 16000 * ticks_per_sample);
  std::vector<int16_t> sides[2];
  std::string bytes;
  for (int64_t from = begin; from < end; from += window_ticks) {
    const auto samples = static_cast<size_t>(
        std::min(window_ticks, end - from) / ticks_per_sample);
    for (auto& side : sides) side.assign(samples, 0);
    for (size_t i = 0; i < tracks.size(); ++i) {
      RETURN_IF_ERROR(
          RenderTrack(i, from, tracks[i], sides[layout_.tracks[i].channel]));
    }
    bytes.clear();
    for (size_t i = 0; i < samples; ++i) {
      for (size_t channel = 0; channel < channels(); ++channel) {
        const auto sample = static_cast<uint16_t>(sides[channel][i]);
        bytes.push_back(static_cast<char>(sample & 0xff));
        bytes.push_back(static_cast<char>(sample >> 8));
      }
    }
    RETURN_IF_ERROR(sink.Write(bytes));
  }
  for (const auto& track : tracks) {
    if (track != nullptr) refused_ += track->refused();
  }
  sink.End(refused_);
  return absl::OkStatus();
}

}  // namespace

absl::Status RenderCall(Store& store, const store::v1::CallRecord& record,
                        const RecordingOptions& options, RecordingSink& sink) {
  ASSIGN_OR_RETURN(CallLayout layout,
                   LayOutCall(store, record, options.stream_id));
  Rendering rendering(store, options, std::move(layout));
  RETURN_IF_ERROR(rendering.SurveyTracks());
  return rendering.Write(sink);
}

}  // namespace callbraid::collector
