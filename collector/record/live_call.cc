#include "collector/record/live_call.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "collector/playout/stream_epoch.h"
#include "collector/record/survey.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1000 * kMs;
constexpr size_t kChannels = 2;
constexpr int64_t kWindowTicks = 100 * kTicksPerMs;
// Whoever is further behind misses something, rather than what comes too.
constexpr int64_t kMostBehindNs = 5 * kSecond;
// No window is that far ahead unless a clock was set.
constexpr int64_t kMostAheadNs = kSecond;
// Packets are taken when they are to be heard so soon, in the order in which
// all capture points saw them: it takes a second of an epoch to anchor it.
constexpr int64_t kLookAheadNs = 1500 * kMs;

}  // namespace

absl::Status LiveCall::Update(const store::v1::CallRecord& record) {
  ASSIGN_OR_RETURN(layout_, LayOutCall(store_, record, /*stream_id=*/""));
  TakeOrigin();
  std::vector<std::unique_ptr<LiveTrack>> tracks;
  for (const TrackSource& source : layout_.tracks) {
    const auto known =
        std::find_if(tracks_.begin(), tracks_.end(), [&](const auto& track) {
          return track != nullptr && track->Plays(source);
        });
    tracks.push_back(known == tracks_.end() ? nullptr : std::move(*known));
  }
  tracks_ = std::move(tracks);
  if (begun_) OpenTracks();
  return absl::OkStatus();
}

// As of a recording: the first packet of all that is played.
std::optional<LiveCall::Origin> LiveCall::FindOrigin() const {
  std::optional<Origin> first;
  for (const TrackSource& track : layout_.tracks) {
    for (const ObservationSource& seen : track.observations) {
      if (first && first->time_ns <= seen.first_time_ns) continue;
      first = Origin{seen.id, seen.first_time_ns};
    }
  }
  if (first) return first;
  for (const SilentSource& silent : layout_.silent) {
    if (first && first->time_ns <= silent.begin_ns) continue;
    first = Origin{{}, silent.begin_ns};
  }
  return first;
}

void LiveCall::TakeOrigin() {
  const std::optional<Origin> found = FindOrigin();
  if (!found) return;
  // Clocks are compared all the time: that is no reason to begin anew.
  constexpr int64_t kSameNs = 5 * kMs;
  if (origin_ && origin_->observation == found->observation &&
      std::abs(origin_->time_ns - found->time_ns) < kSameNs) {
    return;
  }
  const std::optional<int64_t> next_ns = NextTime();
  origin_ = found;
  tracks_.clear();
  if (next_ns) MoveTo(TickOf(*next_ns));
}

// From `tick` on windows are given.
void LiveCall::MoveTo(int64_t tick) {
  next_ = position_ = tick;
  sides_.assign(kChannels, {});
  masks_.clear();
  if (!options_.mask_keys) return;
  // The same is silent whatever came before.
  position_ = KeyMask::Aligned(tick - kTicksPerSecond);
  for (size_t i = 0; i < kChannels; ++i) {
    masks_.push_back(
        std::make_unique<KeyMask>(position_, sample_rate_, Intervals()));
  }
}

void LiveCall::OpenTracks() {
  for (size_t i = 0; i < tracks_.size(); ++i) {
    if (tracks_[i] != nullptr) continue;
    tracks_[i] = std::make_unique<LiveTrack>(
        store_, layout_.tracks[i],
        LiveTrack::Options{origin_->time_ns, position_, sample_rate_});
  }
}

absl::StatusOr<std::optional<LiveCall::Window>> LiveCall::Next(int64_t now_ns) {
  if (!origin_) return std::nullopt;
  const int64_t due_ns = now_ns - options_.delay_ns;
  if (!begun_) {
    for (const TrackSource& track : layout_.tracks) {
      sample_rate_ = std::max(sample_rate_, track.sample_rate);
    }
    begun_ = true;
    MoveTo(TickOf(due_ns));
    OpenTracks();
  }
  const int64_t behind_ns = due_ns - TimeOf(next_);
  if (behind_ns < -kMostAheadNs) tracks_.clear();
  if (behind_ns < -kMostAheadNs || behind_ns > kMostBehindNs) {
    tracks_.resize(layout_.tracks.size());
    MoveTo(TickOf(due_ns));
    OpenTracks();
  }
  Window window;
  while (TimeOf(next_) <= due_ns) {
    RETURN_IF_ERROR(Render());
    TakeRendered(window);
    if (!window.samples.empty()) return window;
  }
  return std::nullopt;
}

absl::Status LiveCall::Render() {
  const int64_t end = position_ + WindowTicks();
  std::vector<SurveyedTrack> surveyed;
  for (const auto& track : tracks_) {
    RETURN_IF_ERROR(track->Read(TimeOf(end) + kLookAheadNs, end));
    surveyed.push_back({track->channel(), &track->survey()});
  }
  std::vector<Intervals> audible = ChooseAudible(surveyed, /*conceal=*/true);
  const auto samples = static_cast<size_t>(WindowTicks() / TicksPerSample());
  for (auto& side : sides_) side.assign(samples, 0);
  for (size_t i = 0; i < tracks_.size(); ++i) {
    tracks_[i]->Render(position_, std::move(audible[i]),
                       sides_[static_cast<size_t>(tracks_[i]->channel())]);
  }
  if (options_.mask_keys) MaskKeys();
  position_ = end;
  return absl::OkStatus();
}

// In place of what was rendered: the window before it.
void LiveCall::MaskKeys() {
  for (size_t channel = 0; channel < kChannels; ++channel) {
    Intervals told;
    for (const auto& track : tracks_) {
      if (track->channel() != static_cast<int>(channel)) continue;
      told = Union(told, track->KeyEventsFrom(position_ - WindowTicks()));
    }
    masks_[channel]->Tell(std::move(told));
    sides_[channel] = masks_[channel]->Push(std::move(sides_[channel]));
  }
}

// What was rendered, from next_ on.
void LiveCall::TakeRendered(Window& window) {
  const auto samples = static_cast<int64_t>(sides_.front().size());
  const int64_t held = options_.mask_keys ? WindowTicks() : 0;
  const int64_t begin = position_ - held - samples * TicksPerSample();
  const int64_t unwanted =
      std::clamp<int64_t>((next_ - begin) / TicksPerSample(), 0, samples);
  if (unwanted == samples) return;
  next_ = begin + unwanted * TicksPerSample();
  window.time_ns = TimeOf(next_);
  for (int64_t i = unwanted; i < samples; ++i) {
    for (const auto& side : sides_) {
      window.samples.push_back(side[static_cast<size_t>(i)]);
    }
  }
  next_ += (samples - unwanted) * TicksPerSample();
}

std::optional<int64_t> LiveCall::NextTime() const {
  if (!begun_) return std::nullopt;
  return TimeOf(next_);
}

std::vector<std::string> LiveCall::TakeFindings() {
  std::vector<std::string> findings;
  const auto tell = [&](std::string finding) {
    if (!finding.empty() && told_.insert(finding).second) {
      findings.push_back(std::move(finding));
    }
  };
  for (std::string& finding : FindingsOf(layout_, {})) tell(std::move(finding));
  for (const auto& track : tracks_) {
    if (track != nullptr) tell(track->Finding());
  }
  return findings;
}

int64_t LiveCall::WindowTicks() const {
  return options_.mask_keys ? 2 * kWindowTicks : kWindowTicks;
}

// Of the grid that samples at any rate are on.
int64_t LiveCall::TickOf(int64_t time_ns) const {
  return OnSampleGrid(TicksBetween(origin_->time_ns, time_ns));
}

int64_t LiveCall::TimeOf(int64_t tick) const {
  return origin_->time_ns + Scale(tick, kSecond, kTicksPerSecond);
}

}  // namespace callbraid::collector
