#include "collector/record/live_track.h"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/playout/stream_timeline.h"
#include "collector/record/section_decoder.h"

namespace callbraid::collector {
namespace {

// What is placed beyond a window before it is rendered: whether another stream
// is heard in a hole depends on how long that is (survey.cc).
constexpr int64_t kAheadTicks = 250 * kTicksPerMs;
// Of what was heard, that which may bear on what will be.
constexpr int64_t kBehindTicks = 2 * Survey::kReachTicks;
// Some minutes of a stream.
constexpr size_t kMaxQueued = 16384;
// Clocks are compared all the time; what that changes at once is not heard.
constexpr int64_t kSameNs = 5'000'000;

StreamTimeline Open(MediaStore& store, const TrackSource& source,
                    const LiveTrack::Options& options) {
  StreamTimeline::Options timeline;
  timeline.origin_ns = options.origin_ns;
  timeline.rates = source.rates;
  const int64_t begin_ns =
      options.origin_ns + Scale(options.begin - Survey::kReachTicks,
                                1'000'000'000, kTicksPerSecond);
  return StreamTimeline(
      OpenStream(store,
                 StartingAt(source, begin_ns - StreamTimeline::kMemoryNs)),
      source.payloads, timeline);
}

bool SameObservation(const ObservationSource& a, const ObservationSource& b) {
  return a.id == b.id &&
         a.first_time_ns - a.offset_ns == b.first_time_ns - b.offset_ns &&
         std::abs(a.offset_ns - b.offset_ns) < kSameNs;
}

void Forget(Intervals& intervals, int64_t before) {
  // The last of those is kept: what follows it may fill the hole behind it.
  auto first = intervals.begin();
  while (intervals.end() - first > 1 && first[1].begin < before) ++first;
  intervals.erase(intervals.begin(), first);
}

}  // namespace

// What is placed and not played yet.
class LiveTrack::Queue final : public PlacedPackets {
 public:
  std::optional<PlacedPacket> Next() override {
    if (packets_.empty()) return std::nullopt;
    PlacedPacket packet = std::move(packets_.front());
    packets_.pop_front();
    return packet;
  }
  const absl::Status& status() const override { return status_; }
  void Push(PlacedPacket packet) { packets_.push_back(std::move(packet)); }
  bool full() const { return packets_.size() >= kMaxQueued; }

 private:
  const absl::Status status_;
  std::deque<PlacedPacket> packets_;
};

LiveTrack::LiveTrack(Store& store, TrackSource source, const Options& options)
    : source_(std::move(source)),
      decode_from_(SectionDecoder::NeededFor(options.begin)),
      timeline_(Open(store.media(), source_, options)),
      queue_(new Queue),
      track_(std::unique_ptr<PlacedPackets>(queue_), {},
             {.sample_rate = options.sample_rate}) {}

bool LiveTrack::Plays(const TrackSource& source) const {
  return source.channel == source_.channel &&
         source.stream_id == source_.stream_id &&
         source.payloads == source_.payloads && source.rates == source_.rates &&
         source.keys == source_.keys &&
         std::equal(source.observations.begin(), source.observations.end(),
                    source_.observations.begin(), source_.observations.end(),
                    SameObservation);
}

absl::Status LiveTrack::Read(int64_t captured_ns, int64_t end) {
  timeline_.Follow(captured_ns, end + kAheadTicks);
  while (!queue_->full()) {
    std::optional<PlacedPacket> packet = timeline_.Next();
    if (!packet) break;
    survey_.Add(*packet);
    if (packet->position >= decode_from_) queue_->Push(*std::move(packet));
  }
  Forget(survey_.active, end - kBehindTicks);
  Forget(survey_.pauses, end - kBehindTicks);
  return timeline_.status();
}

Intervals LiveTrack::KeyEventsFrom(int64_t begin) const {
  const Intervals& events = timeline_.key_events();
  const auto first = std::find_if(events.rbegin(), events.rend(),
                                  [begin](const Interval& event) {
                                    return event.end < begin - kTicksPerSecond;
                                  });
  return {first.base(), events.end()};
}

std::string LiveTrack::Finding() const {
  if (!timeline_.unknown_codec().empty()) {
    return absl::StrCat("stream ", source_.stream_id,
                        ": no decoder for the codec ",
                        timeline_.unknown_codec());
  }
  const SrtpDecryptor* const decryptor = timeline_.decryptor();
  if (decryptor != nullptr && decryptor->tally().refused > 0) {
    return absl::StrCat("stream ", source_.stream_id, " (", source_.encryption,
                        "): packets that do not verify are silence");
  }
  return "";
}

void LiveTrack::Render(int64_t begin, Intervals audible,
                       std::span<int16_t> out) {
  track_.SetAudible(std::move(audible));
  track_.Render(begin, out);
}

}  // namespace callbraid::collector
