#include "collector/record/section_decoder.h"

#include <utility>

namespace callbraid::collector {
namespace {

// Where the section of `tick` begins.
int64_t SectionOf(int64_t tick) {
  constexpr int64_t kLength = SectionDecoder::kSectionTicks;
  const int64_t into = tick % kLength;
  return tick - (into < 0 ? into + kLength : into);
}

}  // namespace

int64_t SectionDecoder::NeededFor(int64_t tick) {
  // A pause may have begun in the section before. A second more, so that the
  // first packet that a decoder listens to has one before it.
  return SectionOf(tick) - kSectionTicks - kListenTicks - kTicksPerSecond;
}

void SectionDecoder::MoveTo(int64_t tick) {
  if (decoder_ == nullptr) {
    decoder_ = codec_.CreateDecoder();
    change_ = SectionOf(tick) + kSectionTicks;
  }
  if (next_ == nullptr && tick >= change_ - kListenTicks) {
    next_ = codec_.CreateDecoder();
  }
  if (tick < change_) return;
  losses_ += decoder_->losses();
  decoder_ = std::move(next_);
  change_ = SectionOf(tick) + kSectionTicks;
  if (tick >= change_ - kListenTicks) next_ = codec_.CreateDecoder();
}

bool SectionDecoder::Decode(std::span<const uint8_t> payload,
                            std::vector<int16_t>& pcm) {
  if (losses_ >= kMostLosses) return false;
  unheard_.clear();
  if (next_ != nullptr) next_->Decode(payload, unheard_);
  return decoder_->Decode(payload, pcm);
}

bool SectionDecoder::Conceal(size_t samples, std::span<const uint8_t> next,
                             std::vector<int16_t>& pcm) {
  if (losses_ >= kMostLosses) return false;
  unheard_.clear();
  if (next_ != nullptr) next_->Conceal(samples, next, unheard_);
  return decoder_->Conceal(samples, next, pcm);
}

bool SectionDecoder::Pause(size_t samples, std::vector<int16_t>& pcm) {
  if (losses_ >= kMostLosses) return false;
  unheard_.clear();
  if (next_ != nullptr) next_->Pause(samples, unheard_);
  return decoder_->Pause(samples, pcm);
}

}  // namespace callbraid::collector
