#include "collector/playout/arrival_offset.h"

#include <algorithm>
#include <limits>

namespace callbraid::collector {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kNone = std::numeric_limits<int64_t>::max();

}  // namespace

ArrivalOffset::ArrivalOffset(int64_t time_ns, int64_t offset, int64_t step)
    : step_(step),
      first_(offset),
      window_(time_ns / kWindowNs),
      second_(time_ns / kSecondNs),
      least_(kNone) {
  closed_.fill(offset);
}

void ArrivalOffset::Add(int64_t time_ns, int64_t offset) {
  if (time_ns / kSecondNs > second_) {
    CloseSecond();
    second_ = time_ns / kSecondNs;
  }
  if (time_ns / kWindowNs > window_) CloseWindow(time_ns / kWindowNs);
  least_ = std::min(least_, offset);
}

int64_t ArrivalOffset::Snap(int64_t offset) const {
  const int64_t from = offset - first_ + step_ / 2;
  const int64_t rest = from % step_;
  return first_ + from - (rest < 0 ? rest + step_ : rest);
}

void ArrivalOffset::CloseSecond() {
  if (least_ != kNone) seconds_.push_back(least_);
  least_ = kNone;
}

void ArrivalOffset::CloseWindow(int64_t next) {
  int64_t offset = closed_.front();
  if (!seconds_.empty()) {
    const auto median =
        seconds_.begin() + static_cast<ptrdiff_t>((seconds_.size() - 1) / 2);
    std::nth_element(seconds_.begin(), median, seconds_.end());
    offset = Snap(*median);
    seconds_.clear();
  }
  const auto passed =
      std::min<int64_t>(next - window_, static_cast<int64_t>(kKept));
  std::move_backward(closed_.begin(), closed_.end() - passed, closed_.end());
  std::fill(closed_.begin(), closed_.begin() + passed, offset);
  window_ = next;
}

int64_t ArrivalOffset::At(int64_t time_ns) const {
  const int64_t window = std::min(time_ns / kWindowNs, window_);
  // The window may be over without a packet that says so.
  const int64_t within = std::min(time_ns - window * kWindowNs, kWindowNs);
  const auto last = static_cast<size_t>(
      std::min<int64_t>(window_ - window, static_cast<int64_t>(kKept - 2)));
  const __int128 change = closed_[last] - closed_[last + 1];
  return closed_[last + 1] + static_cast<int64_t>(change * within / kWindowNs);
}

}  // namespace callbraid::collector
