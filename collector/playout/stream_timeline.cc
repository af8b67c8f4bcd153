#include "collector/playout/stream_timeline.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/playout/redundant_audio.h"
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

// After a pause the sender's clock is looked at anew: what there is to correct
// is heard by nobody. After so long a one, whatever the clock did meanwhile.
constexpr int64_t kPauseNs = kSecond;
constexpr int64_t kForgetNs = 30 * kSecond;
// How far from each other packets arrive that follow each other.
constexpr int64_t kJoinTicks = 60 * kTicksPerMs;
// Packets of an event come about every 20 or 50 ms, the first when it has
// begun.
constexpr int64_t kKeyMarginTicks = 100 * kTicksPerMs;
constexpr size_t kMaxKeyEvents = 65536;
// What redundant audio repeats is at most 2 s old.
constexpr size_t kMaxCame = 128;

}  // namespace

StreamTimeline::StreamTimeline(StreamUnion source,
                               const StreamPayloads& payloads,
                               const Options& options)
    : source_(std::move(source)),
      payloads_(payloads),
      options_(options),
      tolerance_ns_(options.placement == Placement::kTimestamps
                        ? kTimestampToleranceNs
                        : kToleranceNs) {
  if (options_.jitter_buffer_ns) buffer_.emplace(*options_.jitter_buffer_ns);
}

void StreamTimeline::Follow(int64_t captured_ns, int64_t until) {
  follows_ = true;
  captured_ns_ = captured_ns;
  until_ = until;
  source_.Follow(captured_ns);
}

std::optional<PlacedPacket> StreamTimeline::Next() {
  Read();
  if (pending_.empty() || !status().ok()) return std::nullopt;
  if (follows_ && pending_.front().position + PlayoutTicks() >= until_) {
    return std::nullopt;
  }
  Entry entry = std::move(pending_.front());
  pending_.pop_front();
  return Emit(std::move(entry));
}

// As far as it takes to know what comes first.
void StreamTimeline::Read() {
  while (!ended_ && pending_.size() < kMaxPending &&
         (pending_.empty() ||
          newest_ns_ - pending_.front().packet.time_ns < kReorderNs)) {
    std::optional<MediaPacket> packet = source_.Next();
    if (packet) {
      Ingest(*std::move(packet));
    } else if (follows_) {
      return AnchorInTime();
    } else {
      ended_ = true;
      Anchor(/*final=*/true);
    }
  }
}

void StreamTimeline::Ingest(MediaPacket packet) {
  newest_ns_ = std::max(newest_ns_, packet.time_ns);
  const PayloadMeaning& meaning =
      payloads_.At(packet.payload_type, packet.time_ns);
  // As if it were lost, unless it would not be heard anyway.
  if (packet.withheld && !meaning.silent) return;
  if (meaning.redundant) {
    Unpack(packet);
  } else {
    IngestPlain(std::move(packet), meaning);
  }
}

// What came with a later packet takes the place, and the time, of the one that
// it repeats.
void StreamTimeline::Unpack(const MediaPacket& packet) {
  const std::vector<RedundantBlock> blocks =
      packet.truncated ? std::vector<RedundantBlock>()
                       : ParseRedundantAudio(packet.payload);
  for (size_t i = 0; i < blocks.size(); ++i) {
    const RedundantBlock& block = blocks[i];
    const PayloadMeaning& meaning =
        payloads_.At(block.payload_type, packet.time_ns);
    MediaPacket plain = packet;
    plain.sequence =
        static_cast<uint16_t>(packet.sequence - (blocks.size() - 1 - i));
    if (meaning.redundant || block.payload.empty() ||
        std::find(came_.begin(), came_.end(), plain.sequence) != came_.end()) {
      continue;
    }
    came_.push_back(plain.sequence);
    if (came_.size() > kMaxCame) came_.pop_front();
    plain.payload_type = block.payload_type;
    plain.payload = block.payload;
    if (block.timestamp_offset > 0 && meaning.codec != nullptr) {
      plain.timestamp -= block.timestamp_offset;
      plain.time_ns -= Scale(block.timestamp_offset, kSecond,
                             options_.rates.Of(*meaning.codec));
    }
    IngestPlain(std::move(plain), meaning);
  }
}

void StreamTimeline::IngestPlain(MediaPacket packet,
                                 const PayloadMeaning& meaning) {
  if (meaning.codec == nullptr || packet.payload.empty()) {
    TakeSilent(packet, meaning);
    return;
  }
  const uint32_t clock_rate = options_.rates.Of(*meaning.codec);
  if (IsLate(packet, clock_rate)) return;
  Judge({std::move(packet), meaning.codec, clock_rate});
}

bool StreamTimeline::IsLate(const MediaPacket& packet, uint32_t clock_rate) {
  if (!buffer_) return false;
  ++arrived_;
  const auto measure = buffer_->Add(packet.time_ns, packet.timestamp,
                                    clock_rate, packet.payload_type);
  if (!measure || !measure->discarded) return false;
  ++late_;
  return true;
}

void StreamTimeline::TakeSilent(const MediaPacket& packet,
                                const PayloadMeaning& meaning) {
  if (!meaning.silent && !meaning.inaudible && !packet.payload.empty()) {
    if (unknown_codec_.empty()) {
      unknown_codec_ = meaning.missing.empty()
                           ? absl::StrCat("payload type ", packet.payload_type)
                           : meaning.missing;
      first_unknown_ns_ = packet.time_ns;
    }
    last_unknown_ns_ = packet.time_ns;
  }
  if (meaning.silent && !meaning.comfort_noise) TakeKeyEvent(packet.time_ns);
  gaps_.AddSilent(packet.sequence,
                  meaning.comfort_noise ? packet.payload : std::string());
}

void StreamTimeline::TakeKeyEvent(int64_t time_ns) {
  const int64_t tick =
      TicksBetween(options_.origin_ns, time_ns) + PlayoutTicks();
  Extend(key_events_, {tick - kKeyMarginTicks, tick + kKeyMarginTicks}, 1,
         kMaxKeyEvents);
}

int64_t StreamTimeline::PlayoutTicks() const {
  return OnSampleGrid(
      Scale(options_.jitter_buffer_ns.value_or(0), kTicksPerSecond, kSecond));
}

void StreamTimeline::Judge(Entry entry) {
  const int64_t time_ns = entry.packet.time_ns;
  if (BeginsAfterPause(entry)) {
    Anchor(/*final=*/true);
    epoch_.reset();
    hurried_.reset();
  }
  last_audio_ns_ = std::max(last_audio_ns_, time_ns);
  if (AcceptIfFits(entry)) return;
  suspects_.push_back(std::move(entry));
  if (Confirmed()) Anchor(/*final=*/false);
}

// Whether the sender paused before `entry`, and its clock went on meanwhile: a
// stall of the network is no pause, nor is a jump of the timestamp.
bool StreamTimeline::BeginsAfterPause(const Entry& entry) const {
  const int64_t elapsed = entry.packet.time_ns - last_audio_ns_;
  if (options_.placement == Placement::kTimestamps || !epoch_ ||
      elapsed < kPauseNs || entry.clock_rate != epoch_->clock_rate()) {
    return false;
  }
  const int64_t paused =
      epoch_->ElapsedNs(epoch_->highest_timestamp(), Unwrapped(entry));
  return elapsed > kForgetNs || paused > kPauseNs / 2;
}

int64_t StreamTimeline::Unwrapped(const Entry& entry) const {
  return Unwrap(entry.packet.timestamp,
                epoch_->ExpectedAt(entry.packet.time_ns));
}

// Takes `entry` if it fits the epoch.
bool StreamTimeline::AcceptIfFits(Entry& entry) {
  if (!epoch_ || entry.clock_rate != epoch_->clock_rate()) return false;
  const int64_t time_ns = entry.packet.time_ns;
  entry.timestamp = Unwrapped(entry);
  const int64_t deviation_ns =
      epoch_->DeviationNs(time_ns, epoch_->OffsetOf(time_ns, entry.timestamp));
  if (std::abs(deviation_ns) > tolerance_ns_) return false;
  SettleSuspects(entry.timestamp);
  if (hurried_) MakeGood({time_ns, entry.timestamp});
  epoch_->Follow(time_ns, entry.timestamp);
  Accept(std::move(entry));
  return true;
}

// The deviation has lasted: what agrees with itself becomes a new epoch, the
// odd packet goes.
void StreamTimeline::Anchor(bool final) {
  // The tail of a burst at the very end is late, not anew.
  if (final && epoch_ && !suspects_.empty() &&
      suspects_.back().packet.time_ns - suspects_.front().packet.time_ns <
          kConfirmNs) {
    SettleSuspects(epoch_->ExpectedAt(suspects_.back().packet.time_ns));
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

// The first `count` suspects begin an epoch.
void StreamTimeline::BeginEpoch(size_t count) {
  const auto end = suspects_.begin() + static_cast<ptrdiff_t>(count);
  std::vector<Entry> members(std::make_move_iterator(suspects_.begin()),
                             std::make_move_iterator(end));
  suspects_.erase(suspects_.begin(), end);

  const Entry& first = members.front();
  int64_t reference = first.packet.timestamp;
  Start start = {{}, reference, first.packet.sequence, end_, end_sequence_};
  epoch_.emplace(epochs_++, first.clock_rate, first.packet.timestamp,
                 options_.placement, options_.origin_ns);
  for (Entry& member : members) {
    member.timestamp = Unwrap(member.packet.timestamp, reference);
    reference = member.timestamp;
    start.lowest = std::min(start.lowest, member.timestamp);
    start.arrivals.push_back({member.packet.time_ns, member.timestamp});
  }
  epoch_->Anchor(start.arrivals);
  Join(start);
  hurried_.reset();
  if (hurries_) hurried_ = std::move(start);
  for (Entry& member : members) {
    epoch_->Follow(member.packet.time_ns, member.timestamp);
    Accept(std::move(member));
  }
}

// Where timestamps went back, what follows is played after what was; and where
// the first of the epoch follows what was, at once.
void StreamTimeline::Join(const Start& start) {
  if (epoch_->number() == 0) return;
  const int64_t gap = epoch_->PositionOf(start.lowest) - start.end;
  const bool follows =
      start.sequence == static_cast<uint16_t>(start.end_sequence + uint16_t{1});
  if (gap < 0 || (follows && gap <= kJoinTicks)) {
    epoch_->Shift(-gap);
  }
}

// What is to be heard now, and belongs to no epoch yet, begins one with what
// there is.
void StreamTimeline::AnchorInTime() {
  if (epoch_ || suspects_.empty()) return;
  const int64_t first_ns = suspects_.front().packet.time_ns;
  const int64_t begin = TicksBetween(options_.origin_ns, first_ns);
  if (begin + PlayoutTicks() >= until_ &&
      captured_ns_ - first_ns < kFirstAnchorNs + kToleranceNs) {
    return;
  }
  hurries_ = true;
  Anchor(/*final=*/true);
  hurries_ = false;
}

// Anchors the epoch as without hurry, when its first second is over.
void StreamTimeline::MakeGood(const StreamEpoch::Arrival& arrival) {
  std::vector<StreamEpoch::Arrival>& arrivals = hurried_->arrivals;
  arrivals.push_back(arrival);
  if (arrival.time_ns - arrivals.front().time_ns < kFirstAnchorNs &&
      arrivals.size() < kMaxSuspects) {
    return;
  }
  epoch_->Anchor(arrivals);
  Join(*hurried_);
  for (const auto& [time_ns, timestamp] : arrivals) {
    epoch_->Follow(time_ns, timestamp);
  }
  hurried_.reset();
  for (Entry& entry : pending_) {
    if (entry.epoch != epoch_->number()) continue;
    entry.position = epoch_->PositionOf(entry.timestamp);
  }
}

// The stream is back where it was: suspects between what was placed and
// `timestamp` were late; others were wild.
void StreamTimeline::SettleSuspects(int64_t timestamp) {
  const int64_t earliest =
      epoch_->highest_timestamp() - 2 * int64_t{epoch_->clock_rate()};
  for (Entry& suspect : suspects_) {
    if (suspect.clock_rate == epoch_->clock_rate() &&
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
  entry.epoch = epoch_->number();
  entry.position = epoch_->PositionOf(entry.timestamp);
  const int64_t end = entry.position + Ticks(entry);
  if (end > end_) {
    end_ = end;
    end_sequence_ = entry.packet.sequence;
  }
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

PlacedPacket StreamTimeline::Emit(Entry entry) {
  PlacedPacket placed;
  const PacketGaps::Before before =
      gaps_.Pass(entry.packet.sequence,
                 entry.codec->EndsInPause(BytesOf(entry.packet.payload)));
  placed.lost_before = before.lost;
  placed.pause_before = before.pause;
  placed.comfort_noise = before.comfort_noise;
  placed.position = entry.position + PlayoutTicks();
  placed.codec = entry.codec;
  placed.ticks = Ticks(entry);
  placed.truncated = entry.packet.truncated;
  placed.payload = std::move(entry.packet.payload);
  return placed;
}

}  // namespace callbraid::collector
