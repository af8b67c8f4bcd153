#include "collector/quality/sequence_window.h"

#include <algorithm>

#include "common/rtp/sequence.h"

namespace callbraid::collector {
namespace {

// RFC 3550, appendix A.1.
constexpr int64_t kMaxDropout = 3000;
constexpr int64_t kMaxMisorder = 100;

}  // namespace

SequenceWindow::Added SequenceWindow::Add(uint16_t sequence, int64_t time_ns) {
  if (held_.empty()) {
    Begin(sequence, time_ns);
    return {Arrival::kNext, &held_.back()};
  }
  const int64_t highest = first_ + static_cast<int64_t>(held_.size()) - 1;
  const int64_t number = Unwrap(sequence, highest);
  if (number - highest >= kMaxDropout || number < highest - kMaxMisorder) {
    if (stray_ && static_cast<uint16_t>(stray_->first + 1) == sequence) {
      const auto [first, first_ns] = *stray_;
      Flush();
      Begin(first, first_ns);
      return Add(sequence, time_ns);
    }
    stray_.emplace(sequence, time_ns);
    return {Arrival::kStray};
  }
  stray_.reset();
  if (number > highest) {
    held_.resize(static_cast<size_t>(number - first_ + 1));
    held_.back() = {time_ns, true, false};
    while (held_.size() > kMaxMisorder + 1) PassOldest();
    return {Arrival::kNext, &held_.back()};
  }
  if (number < first_) {
    // Not within the limits, once any passed.
    if (any_passed_) return {Arrival::kStray};
    held_.insert(held_.begin(), static_cast<size_t>(first_ - number),
                 PacketFate());
    first_ = number;
  }
  PacketFate& held = held_[static_cast<size_t>(number - first_)];
  if (held.arrived) return {Arrival::kDuplicate};
  held = {time_ns, true, false};
  return {Arrival::kLate, &held};
}

void SequenceWindow::Begin(uint16_t sequence, int64_t time_ns) {
  first_ = sequence;
  held_.push_back({time_ns, true, false});
  any_passed_ = false;
  stray_.reset();
}

void SequenceWindow::Flush() {
  while (!held_.empty()) PassOldest();
  stray_.reset();
}

void SequenceWindow::PassOldest() {
  PacketFate fate = held_.front();
  held_.pop_front();
  ++first_;
  any_passed_ = true;
  if (fate.arrived) {
    passed_ns_ = fate.time_ns;
  } else {
    fate.time_ns = passed_ns_;
  }
  sink_(fate);
}

}  // namespace callbraid::collector
