#include "collector/record/track.h"

#include <algorithm>
#include <utility>

namespace callbraid::collector {
namespace {

// A gap this small is no pause but a clock that was corrected.
constexpr int64_t kHeldTicks = kTicksPerSecond / 4000;

}  // namespace

Track::Track(StreamTimeline timeline, Intervals audible, const Options& options)
    : timeline_(std::move(timeline)),
      audible_(std::move(audible)),
      options_(options),
      ticks_per_sample_(kTicksPerSecond / options.sample_rate),
      concealer_(options.sample_rate) {}

void Track::Render(int64_t begin, std::span<int16_t> out) {
  const int64_t end =
      begin + static_cast<int64_t>(out.size()) * ticks_per_sample_;
  for (;;) {
    if (!next_) {
      next_ = timeline_.Next();
      gap_filled_ = false;
      if (next_) GiveWay();
    }
    if (!Write(begin, out) || !next_) return;
    if (!gap_filled_) {
      gap_filled_ = true;
      FillGap();
    } else if (next_->position >= end) {
      return;
    } else {
      Decode();
      next_.reset();
    }
  }
}

// What the last packet has beyond the timestamp of the next one is not heard:
// bytes that are no audio (SRTP's authentication tag), or a clock corrected.
void Track::GiveWay() {
  if (next_->position <= pcm_begin_) return;
  const auto room =
      static_cast<size_t>((next_->position - pcm_begin_) / ticks_per_sample_);
  if (room >= pcm_.size()) return;
  pcm_.resize(room);
  end_ = pcm_begin_ + static_cast<int64_t>(room) * ticks_per_sample_;
}

// What is heard between the end of the last packet and the next one.
void Track::FillGap() {
  const int64_t gap = next_->position - end_;
  if (!begun_ || gap <= 0) return;
  pcm_begin_ = end_;
  const auto samples = static_cast<size_t>(gap / ticks_per_sample_);
  if (gap <= kHeldTicks) {
    pcm_.assign(samples, last_sample_);
    return;
  }
  upsampler_.Reset();
  if (options_.conceal && (next_->lost_before || last_truncated_)) {
    concealer_.Conceal(std::min(samples, concealer_.max_samples()), pcm_);
  }
  concealer_.Forget();
}

void Track::Decode() {
  if (next_->codec != codec_) {
    codec_ = next_->codec;
    decoder_ = codec_->create();
    upsampler_.Reset();
  }
  const std::span payload(
      reinterpret_cast<const uint8_t*>(next_->payload.data()),
      next_->payload.size());
  pcm_begin_ = next_->position;
  if (codec_->sample_rate == options_.sample_rate) {
    decoder_->Decode(payload, pcm_);
  } else {
    narrowband_.clear();
    decoder_->Decode(payload, narrowband_);
    upsampler_.Process(narrowband_, pcm_);
  }
  last_truncated_ = next_->truncated;
  // Of packets that begin together, the first is heard.
  if (begun_ && pcm_begin_ < end_) {
    const auto overlap = static_cast<size_t>(
        (end_ - pcm_begin_ + ticks_per_sample_ - 1) / ticks_per_sample_);
    pcm_.erase(pcm_.begin(), pcm_.begin() + static_cast<ptrdiff_t>(std::min(
                                                overlap, pcm_.size())));
    pcm_begin_ = end_;
  }
  if (pcm_.empty()) return;
  begun_ = true;
  end_ = pcm_begin_ + static_cast<int64_t>(pcm_.size()) * ticks_per_sample_;
  last_sample_ = pcm_.back();
  concealer_.Remember(pcm_);
}

// Moves samples of pcm_ that are before the end of the window into it. True if
// none are left.
bool Track::Write(int64_t begin, std::span<int16_t> out) {
  if (pcm_.empty()) return true;
  const int64_t window_end =
      begin + static_cast<int64_t>(out.size()) * ticks_per_sample_;
  const int64_t pcm_end =
      pcm_begin_ + static_cast<int64_t>(pcm_.size()) * ticks_per_sample_;
  const int64_t end = std::min(pcm_end, window_end);
  for (size_t i = next_audible_; i < audible_.size(); ++i) {
    const Interval& interval = audible_[i];
    if (interval.end <= pcm_begin_ && i == next_audible_) ++next_audible_;
    if (interval.begin >= end) break;
    const int64_t from = std::max({interval.begin, pcm_begin_, begin});
    const int64_t to = std::min(interval.end, end);
    if (to <= from) continue;
    const auto source = pcm_.begin() + (from - pcm_begin_) / ticks_per_sample_;
    std::copy(source, source + (to - from) / ticks_per_sample_,
              out.begin() + (from - begin) / ticks_per_sample_);
  }
  if (pcm_end <= window_end) {
    pcm_.clear();
    return true;
  }
  if (end > pcm_begin_) {
    pcm_.erase(pcm_.begin(),
               pcm_.begin() + (end - pcm_begin_) / ticks_per_sample_);
    pcm_begin_ = end;
  }
  return false;
}

}  // namespace callbraid::collector
