#include "collector/record/track.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "collector/codecs/comfort_noise.h"

namespace callbraid::collector {
namespace {

// A difference this small between where a packet ends and the next one begins
// is a clock that was corrected; of long packets, so much of their length.
constexpr int64_t kCorrectedTicks = kTicksPerSecond / 4000;
constexpr int64_t kCorrectedPart = 80;

}  // namespace

Track::Track(std::unique_ptr<PlacedPackets> packets, Intervals audible,
             const Options& options)
    : packets_(std::move(packets)),
      audible_(std::move(audible)),
      options_(options),
      ticks_per_sample_(kTicksPerSecond / options.sample_rate),
      concealer_(options.sample_rate) {}

void Track::SetAudible(Intervals audible) {
  audible_ = std::move(audible);
  next_audible_ = 0;
}

void Track::Render(int64_t begin, std::span<int16_t> out) {
  const int64_t end =
      begin + static_cast<int64_t>(out.size()) * ticks_per_sample_;
  for (;;) {
    if (!next_) {
      do {
        next_ = packets_->Next();
      } while (next_ && next_->position < options_.decode_from);
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

// The last packet is heard until the next one begins: a little faster or slower
// where a clock was corrected. What else it has beyond the timestamp of the
// next one is not heard: bytes that are no audio (SRTP's authentication tag).
void Track::GiveWay() {
  if (pcm_.empty() || next_->position <= pcm_begin_) return;
  const auto room =
      static_cast<size_t>((next_->position - pcm_begin_) / ticks_per_sample_);
  const int64_t length = end_ - pcm_begin_;
  const int64_t difference = std::abs(next_->position - end_);
  if (room != pcm_.size() &&
      difference <= std::max(kCorrectedTicks, length / kCorrectedPart)) {
    Stretch(pcm_, room);
  } else if (room < pcm_.size()) {
    pcm_.resize(room);
  } else {
    return;
  }
  end_ = pcm_begin_ + static_cast<int64_t>(room) * ticks_per_sample_;
}

// What is heard between the end of the last packet and the next one.
void Track::FillGap() {
  const int64_t gap = next_->position - end_;
  if (!begun_ || gap <= 0) return;
  pcm_begin_ = end_;
  const auto samples = static_cast<size_t>(gap / ticks_per_sample_);
  if (options_.conceal) {
    if (next_->pause_before) {
      FillPause(samples);
    } else if (next_->lost_before || last_truncated_) {
      Conceal(samples);
    }
    // Resampling may have left it a sample longer.
    pcm_.resize(std::min(pcm_.size(), samples));
  }
  if (pcm_.size() + 1 < samples && resampler_) resampler_->Reset();
  concealer_.Forget();
}

void Track::Conceal(size_t samples) {
  const size_t count = std::min(samples, concealer_.max_samples());
  // A copy of what was lost is of use only where it follows at once.
  const bool adjacent = count == samples && next_->codec == codec_;
  if (next_->lost_before &&
      decoder_->Conceal(
          AtCodecRate(count),
          adjacent ? BytesOf(next_->payload) : std::span<const uint8_t>(),
          decoded_)) {
    Resample();
    return;
  }
  decoded_.clear();
  if (resampler_) resampler_->Reset();
  concealer_.Conceal(count, pcm_);
}

void Track::FillPause(size_t samples) {
  const auto longest =
      static_cast<size_t>(kLongestPauseTicks / ticks_per_sample_);
  const size_t count = AtCodecRate(std::min(samples, longest));
  if (!next_->comfort_noise.empty()) {
    ComfortNoise noise;
    noise.Describe(BytesOf(next_->comfort_noise));
    noise.Generate(count, decoded_);
  } else if (!decoder_->Pause(count, decoded_)) {
    decoded_.clear();
  }
  Resample();
}

// Rounded up.
size_t Track::AtCodecRate(size_t samples) const {
  return (samples * codec_->sample_rate() + options_.sample_rate - 1) /
         options_.sample_rate;
}

// Moves decoded_ to the end of pcm_.
void Track::Resample() {
  if (resampler_) {
    resampler_->Process(decoded_, pcm_);
  } else {
    pcm_.insert(pcm_.end(), decoded_.begin(), decoded_.end());
  }
  decoded_.clear();
}

void Track::UseCodec(const Codec* codec) {
  if (codec == codec_) return;
  codec_ = codec;
  decoder_.emplace(*codec);
  resampler_.reset();
  if (codec->sample_rate() != options_.sample_rate) {
    resampler_.emplace(codec->sample_rate(), options_.sample_rate);
  }
}

// A packet that the decoder refuses costs its own stretch only.
void Track::DecodeOrConceal(std::span<const uint8_t> payload) {
  const size_t samples = codec_->Samples(payload);
  if (!decoder_->Decode(payload, decoded_)) {
    ++refused_;
    decoded_.clear();
    const size_t longest = codec_->sample_rate() * Concealer::kLongestMs / 1000;
    if (options_.conceal &&
        !decoder_->Conceal(std::min(samples, longest), {}, decoded_)) {
      decoded_.clear();
    }
  }
  decoded_.resize(samples);
}

void Track::Decode() {
  UseCodec(next_->codec);
  decoder_->MoveTo(next_->position);
  pcm_begin_ = next_->position;
  DecodeOrConceal(BytesOf(next_->payload));
  Resample();
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
