#include "collector/fax/audio_faxes.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "collector/fax/modem_reader.h"
#include "collector/playout/call_layout.h"
#include "collector/playout/stream_timeline.h"
#include "collector/record/survey.h"
#include "collector/record/track.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr int64_t kTicksPerSample = kTicksPerSecond / ModemReader::kRate;
constexpr size_t kWindowSamples = 160;
constexpr int64_t kWindowTicks = kWindowSamples * kTicksPerSample;

bool IsG711(const v1::Stream& stream) {
  return absl::EqualsIgnoreCase(stream.codec(), "PCMU") ||
         absl::EqualsIgnoreCase(stream.codec(), "PCMA");
}

// One stream, sample by sample: no loss is concealed, and no clock followed.
class Voice {
 public:
  static absl::StatusOr<std::unique_ptr<Voice>> Open(MediaStore& store,
                                                     const TrackSource& source,
                                                     int64_t origin_ns,
                                                     T30Listener& listener) {
    StreamTimeline::Options options;
    options.placement = Placement::kTimestamps;
    options.origin_ns = origin_ns;
    options.rates = source.rates;
    const auto open = [&] {
      return StreamTimeline(OpenStream(store, source), source.payloads,
                            options);
    };
    ASSIGN_OR_RETURN(const Survey survey, SurveyTrack(open(), kNever, 0));
    return std::unique_ptr<Voice>(
        new Voice(open(), survey.active, source.channel, listener));
  }

  const Intervals& active() const { return active_; }

  absl::Status Hear(int64_t from, int64_t time_ns) {
    samples_.assign(kWindowSamples, 0);
    track_.Render(from, samples_);
    reader_.Hear(time_ns, samples_);
    return track_.status();
  }

 private:
  Voice(StreamTimeline timeline, const Intervals& active, int channel,
        T30Listener& listener)
      : active_(active),
        track_(std::move(timeline), active,
               {.sample_rate = ModemReader::kRate, .conceal = false}),
        reader_(listener, channel) {}

  const Intervals active_;
  Track track_;
  ModemReader reader_;
  std::vector<int16_t> samples_;
};

// Both directions of a leg at once.
absl::StatusOr<std::vector<CodedFax>> HearLeg(
    MediaStore& store, const std::vector<const TrackSource*>& sources) {
  int64_t origin_ns = kNever;
  for (const TrackSource* source : sources) {
    for (const ObservationSource& seen : source->observations) {
      origin_ns = std::min(origin_ns, seen.first_time_ns);
    }
  }
  T30Listener listener;
  std::vector<std::unique_ptr<Voice>> voices;
  Interval extent = {kNever, 0};
  for (const TrackSource* source : sources) {
    ASSIGN_OR_RETURN(auto voice,
                     Voice::Open(store, *source, origin_ns, listener));
    if (voice->active().empty()) continue;
    extent.begin = std::min(extent.begin, voice->active().front().begin);
    extent.end = std::max(extent.end, voice->active().back().end);
    voices.push_back(std::move(voice));
  }
  for (int64_t from = extent.begin; from < extent.end; from += kWindowTicks) {
    const int64_t time_ns = origin_ns + from / kTicksPerMs * 1'000'000;
    for (const auto& voice : voices) {
      RETURN_IF_ERROR(voice->Hear(from, time_ns));
    }
  }
  return listener.Finish();
}

}  // namespace

absl::StatusOr<std::vector<FoundFax>> HearFaxes(
    Store& store, const store::v1::CallRecord& record) {
  ASSIGN_OR_RETURN(const std::vector<TrackSource> sources,
                   SourcesOfStreams(store, record, /*stream_id=*/""));
  std::map<std::string, std::vector<const TrackSource*>> legs;
  for (const TrackSource& source : sources) {
    for (const v1::Stream& stream : record.call().streams()) {
      if (stream.id() != source.stream_id || !IsG711(stream)) continue;
      legs[stream.leg_id()].push_back(&source);
    }
  }
  std::vector<FoundFax> found;
  for (const auto& [leg, of_leg] : legs) {
    ASSIGN_OR_RETURN(std::vector<CodedFax> faxes,
                     HearLeg(store.media(), of_leg));
    for (CodedFax& fax : faxes) {
      found.push_back({std::move(fax), {}, /*in_audio=*/true});
    }
  }
  return found;
}

}  // namespace callbraid::collector
