#include "collector/record/stream_timeline.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rtp/sequence.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;

// Deviation of timestamp from arrival that needs a reason.
constexpr int64_t kToleranceNs = 200 * kMs;
constexpr int64_t kTimestampToleranceNs = 60 * kSecond;
// How long it must last to be believed; how long the first anchor watches.
constexpr int64_t kConfirmNs = 500 * kMs;
constexpr int64_t kFirstAnchorNs = kSecond;
constexpr size_t kMinEpochPackets = 3;
constexpr size_t kMaxSuspects = 512;
// Stragglers up to this late still find their place.
constexpr int64_t kReorderNs = 1500 * kMs;
constexpr size_t kMaxPending = 4096;

constexpr int64_t kDriftWindowNs = 5 * kSecond;
constexpr int64_t kMaxDriftTicks = 40 * kTicksPerMs;
// One sample at 8 kHz; positions are multiples of it.
constexpr int64_t kSlipTicks = kTicksPerSecond / 8000;
constexpr int64_t kPauseTicks = 100 * kTicksPerMs;

constexpr size_t kMaxSilent = 1024;
// Of comfort noise: the level and more coefficients than anybody sends.
constexpr size_t kMaxComfortBytes = 32;
// A larger step of the sequence is a restart, not loss.
constexpr int kMaxLossRun = 3000;

// value * numerator / denominator without overflow on the way.
int64_t Scale(int64_t value, int64_t numerator, int64_t denominator) {
  return static_cast<int64_t>(static_cast<__int128>(value) * numerator /
                              denominator);
}

int64_t OnGrid(int64_t ticks) { return ticks - ticks % kSlipTicks; }

}  // namespace

StreamTimeline::StreamTimeline(StreamUnion source,
                               const StreamPayloads& payloads,
                               const Options& options)
    : source_(std::move(source)),
      payloads_(payloads),
      options_(options),
      tolerance_ns_(options.placement == Placement::kTimestamps
                        ? kTimestampToleranceNs
                        : kToleranceNs) {}

std::optional<PlacedPacket> StreamTimeline::Next() {
  while (!ended_ && pending_.size() < kMaxPending &&
         (pending_.empty() ||
          newest_ns_ - pending_.front().packet.time_ns < kReorderNs)) {
    std::optional<MediaPacket> packet = source_.Next();
    if (packet) {
      Ingest(*std::move(packet));
    } else {
      ended_ = true;
      Anchor(/*final=*/true);
    }
  }
  if (pending_.empty() || !status().ok()) return std::nullopt;
  Entry entry = std::move(pending_.front());
  pending_.pop_front();
  return Emit(std::move(entry));
}

void StreamTimeline::Ingest(MediaPacket packet) {
  newest_ns_ = std::max(newest_ns_, packet.time_ns);
  const PayloadMeaning& meaning =
      payloads_.At(packet.payload_type, packet.time_ns);
  if (meaning.codec == nullptr || packet.payload.empty()) {
    TakeSilent(packet, meaning);
    return;
  }
  Judge({std::move(packet), meaning.codec,
         options_.clock_rate != 0 ? options_.clock_rate
                                  : meaning.codec->clock_rate()});
}

void StreamTimeline::TakeSilent(const MediaPacket& packet,
                                const PayloadMeaning& meaning) {
  if (!meaning.silent && !packet.payload.empty() && unknown_codec_.empty()) {
    unknown_codec_ = meaning.missing.empty()
                         ? absl::StrCat("payload type ", packet.payload_type)
                         : meaning.missing;
  }
  if (silent_.size() >= kMaxSilent) silent_.pop_front();
  silent_.push_back(
      {packet.sequence, meaning.comfort_noise
                            ? packet.payload.substr(0, kMaxComfortBytes)
                            : std::string()});
}

void StreamTimeline::Judge(Entry entry) {
  if (AcceptIfFits(entry)) return;
  suspects_.push_back(std::move(entry));
  if (Confirmed()) Anchor(/*final=*/false);
}

// Takes `entry` if it fits the epoch.
bool StreamTimeline::AcceptIfFits(Entry& entry) {
  if (!epoch_ || entry.clock_rate != epoch_->clock_rate) return false;
  const int64_t time_ns = entry.packet.time_ns;
  entry.timestamp = Unwrap(entry.packet.timestamp, ExpectedTimestamp(time_ns));
  const int64_t deviation = time_ns - TimeOf(entry.timestamp);
  if (std::abs(deviation - epoch_->drift_ns) > tolerance_ns_) return false;
  SettleSuspects(entry.timestamp);
  FollowDrift(time_ns, deviation);
  Accept(std::move(entry));
  return true;
}

int64_t StreamTimeline::ExpectedTimestamp(int64_t time_ns) const {
  return epoch_->timestamp +
         Scale(time_ns - epoch_->time_ns, epoch_->clock_rate, kSecond);
}

int64_t StreamTimeline::TimeOf(int64_t timestamp) const {
  return epoch_->time_ns +
         Scale(timestamp - epoch_->timestamp, kSecond, epoch_->clock_rate);
}

// The deviation has lasted: what agrees with itself becomes a new epoch, the
// odd packet goes.
void StreamTimeline::Anchor(bool final) {
  // The tail of a burst at the very end is late, not anew.
  if (final && epoch_ && !suspects_.empty() &&
      suspects_.back().packet.time_ns - suspects_.front().packet.time_ns <
          kConfirmNs) {
    SettleSuspects(ExpectedTimestamp(suspects_.back().packet.time_ns));
  }
  while (!suspects_.empty()) {
    const size_t count = ConsistentPrefix();
    const bool whole = count == suspects_.size();
    if (count >= kMinEpochPackets || (whole && final && !epoch_)) {
      BeginEpoch(count);
      JudgeSuspectsAgain();
      if (!final && !Confirmed()) return;
    } else if (whole && !final && suspects_.size() < kMaxSuspects) {
      return;  // May be the beginning of something.
    } else {
      suspects_.erase(suspects_.begin(),
                      suspects_.begin() + static_cast<ptrdiff_t>(count));
    }
  }
}

bool StreamTimeline::Confirmed() const {
  if (suspects_.empty()) return false;
  const int64_t watched =
      suspects_.back().packet.time_ns - suspects_.front().packet.time_ns;
  return suspects_.size() >= kMaxSuspects ||
         watched >= (epoch_ ? kConfirmNs : kFirstAnchorNs);
}

// What was left over when an epoch began may belong to it.
void StreamTimeline::JudgeSuspectsAgain() {
  std::vector<Entry> entries = std::exchange(suspects_, {});
  for (Entry& entry : entries) {
    if (!AcceptIfFits(entry)) suspects_.push_back(std::move(entry));
  }
}

// How many suspects, from the first on, agree on one relation between timestamp
// and arrival, each with the one before.
size_t StreamTimeline::ConsistentPrefix() const {
  size_t count = 1;
  for (; count < suspects_.size(); ++count) {
    const MediaPacket& before = suspects_[count - 1].packet;
    const MediaPacket& packet = suspects_[count].packet;
    const int64_t elapsed = packet.time_ns - before.time_ns;
    const int64_t step =
        Unwrap(packet.timestamp, before.timestamp) - int64_t{before.timestamp};
    const int64_t deviation =
        elapsed - Scale(step, kSecond, suspects_[count].clock_rate);
    if (suspects_[count].clock_rate != suspects_[count - 1].clock_rate ||
        std::abs(deviation) > tolerance_ns_) {
      break;
    }
  }
  return count;
}

// The first `count` suspects begin an epoch. It never overlaps what is placed:
// where timestamps went back, what follows is played after what was.
void StreamTimeline::BeginEpoch(size_t count) {
  const auto end = suspects_.begin() + static_cast<ptrdiff_t>(count);
  std::vector<Entry> members(std::make_move_iterator(suspects_.begin()),
                             std::make_move_iterator(end));
  suspects_.erase(suspects_.begin(), end);

  int64_t reference = members.front().packet.timestamp;
  int64_t lowest = reference;
  std::vector<int64_t> starts;
  starts.reserve(count);
  const int64_t first = reference;
  const uint32_t clock_rate = members.front().clock_rate;
  for (Entry& member : members) {
    member.timestamp = Unwrap(member.packet.timestamp, reference);
    reference = member.timestamp;
    lowest = std::min(lowest, member.timestamp);
    starts.push_back(member.packet.time_ns -
                     Scale(member.timestamp - first, kSecond, clock_rate));
  }
  const auto median =
      starts.begin() + static_cast<ptrdiff_t>((starts.size() - 1) / 2);
  std::nth_element(starts.begin(), median, starts.end());

  Epoch epoch;
  epoch.number = epoch_ ? epoch_->number + 1 : 0;
  epoch.clock_rate = clock_rate;
  epoch.timestamp = first;
  epoch.time_ns = *median;
  epoch.highest_timestamp = first;
  epoch.window_start_ns = members.front().packet.time_ns;
  epoch.window_least_ns = INT64_MAX;
  epoch.position =
      OnGrid(Scale(*median - options_.origin_ns, kTicksPerSecond, kSecond));
  const int64_t begin =
      epoch.position + Scale(lowest - first, kTicksPerSecond, clock_rate);
  if (epoch_ && begin < end_) {
    epoch.position += OnGrid(end_ - begin + kSlipTicks - 1);
  }
  epoch_ = epoch;
  for (Entry& member : members) {
    FollowDrift(member.packet.time_ns,
                member.packet.time_ns - TimeOf(member.timestamp));
    Accept(std::move(member));
  }
}

// The stream is back where it was: suspects between what was placed and
// `timestamp` were late; others were wild.
void StreamTimeline::SettleSuspects(int64_t timestamp) {
  const int64_t earliest =
      epoch_->highest_timestamp - 2 * int64_t{epoch_->clock_rate};
  for (Entry& suspect : suspects_) {
    if (suspect.clock_rate == epoch_->clock_rate &&
        suspect.timestamp >= earliest && suspect.timestamp <= timestamp) {
      Accept(std::move(suspect));
    }
  }
  suspects_.clear();
}

int64_t StreamTimeline::Ticks(const Entry& entry) {
  return static_cast<int64_t>(
             entry.codec->Samples(BytesOf(entry.packet.payload))) *
         kTicksPerSecond / entry.codec->sample_rate();
}

void StreamTimeline::Accept(Entry entry) {
  entry.epoch = epoch_->number;
  entry.drift_ns = epoch_->drift_ns;
  entry.position =
      epoch_->position + Scale(entry.timestamp - epoch_->timestamp,
                               kTicksPerSecond, epoch_->clock_rate);
  epoch_->highest_timestamp =
      std::max(epoch_->highest_timestamp, entry.timestamp);
  end_ = std::max(end_, entry.position + Ticks(entry) + slip_);
  auto place = pending_.end();
  while (place != pending_.begin()) {
    const Entry& before = *std::prev(place);
    if (std::tie(before.epoch, before.timestamp) <=
        std::tie(entry.epoch, entry.timestamp)) {
      break;
    }
    --place;
  }
  pending_.insert(place, std::move(entry));
}

// Jitter only ever adds delay, so the least delayed packet of some seconds
// shows how far the clocks have moved against each other.
void StreamTimeline::FollowDrift(int64_t time_ns, int64_t deviation_ns) {
  if (options_.placement == Placement::kTimestamps) return;
  Epoch& epoch = *epoch_;
  if (time_ns - epoch.window_start_ns >= kDriftWindowNs &&
      epoch.window_least_ns != INT64_MAX) {
    if (!epoch.baseline_ns) epoch.baseline_ns = epoch.window_least_ns;
    epoch.drift_ns = epoch.window_least_ns - *epoch.baseline_ns;
    epoch.window_start_ns = time_ns;
    epoch.window_least_ns = INT64_MAX;
  }
  epoch.window_least_ns = std::min(epoch.window_least_ns, deviation_ns);
}

PlacedPacket StreamTimeline::Emit(Entry entry) {
  PlacedPacket placed;
  LookBefore(entry, placed);
  placed.position = entry.position + Slip(entry);
  placed.codec = entry.codec;
  placed.ticks = Ticks(entry);
  placed.truncated = entry.packet.truncated;
  placed.payload = std::move(entry.packet.payload);
  any_emitted_ = true;
  last_pauses_ = placed.codec->EndsInPause(BytesOf(placed.payload));
  last_sequence_ = entry.packet.sequence;
  last_epoch_ = entry.epoch;
  last_end_ = entry.position + placed.ticks;
  return placed;
}

// What to add to the position of `entry` to follow the drift.
int64_t StreamTimeline::Slip(const Entry& entry) {
  if (!any_emitted_ || entry.epoch != last_epoch_) {
    slip_ = 0;
    slipping_ = false;
  }
  const int64_t error = Scale(entry.drift_ns, kTicksPerSecond, kSecond) - slip_;
  if (std::abs(error) > kMaxDriftTicks) slipping_ = true;
  if (!slipping_) return slip_;
  if (entry.position - last_end_ >= kPauseTicks) {
    slip_ += OnGrid(std::max(error, -kPauseTicks));
  } else {
    slip_ += error > 0 ? kSlipTicks : -kSlipTicks;
  }
  slipping_ = std::abs(error) > 2 * kSlipTicks;
  return slip_;
}

// Whether there is loss or a pause between the last packet and `entry`.
void StreamTimeline::LookBefore(const Entry& entry, PlacedPacket& placed) {
  const uint16_t sequence = entry.packet.sequence;
  int missing =
      static_cast<int16_t>(static_cast<uint16_t>(sequence - last_sequence_)) -
      1;
  const bool lost_possible =
      any_emitted_ && missing > 0 && missing < kMaxLossRun;
  const auto passed = [sequence](uint16_t other) {
    return static_cast<int16_t>(static_cast<uint16_t>(sequence - other)) >= 0;
  };
  for (auto it = silent_.begin(); it != silent_.end();) {
    if (!passed(it->sequence)) {
      ++it;
      continue;
    }
    if (static_cast<int16_t>(
            static_cast<uint16_t>(it->sequence - last_sequence_)) > 0) {
      --missing;
      if (!it->comfort_noise.empty()) {
        placed.comfort_noise = std::move(it->comfort_noise);
      }
    }
    it = silent_.erase(it);
  }
  placed.lost_before = lost_possible && missing > 0;
  placed.pause_before =
      any_emitted_ && (last_pauses_ || !placed.comfort_noise.empty());
}

}  // namespace callbraid::collector
