#include "collector/playout/stream_epoch.h"

#include <algorithm>
#include <vector>

namespace callbraid::collector {
namespace {

using Fine = StreamEpoch::Fine;

constexpr Fine kFinePerNs = 48;
constexpr Fine kFinePerTick = 1'000'000;
constexpr Fine kFinePerSecond = kFinePerNs * 1'000'000'000;
static_assert(kFinePerTick * kTicksPerSecond == kFinePerSecond);
constexpr Fine kStep = StreamEpoch::kStepNs * kFinePerNs;
// How long it takes to make up for what was added where an epoch begins.
constexpr Fine kUnshift = 20 * kFinePerSecond;
// A time this far from the others (a year) is nonsense.
constexpr int64_t kFarNs = int64_t{1} << 55;

int64_t RoundDown(int64_t value, int64_t step) {
  return value / step - (value % step < 0 ? 1 : 0);
}

Fine Between(int64_t origin_ns, int64_t time_ns) {
  return std::clamp(time_ns - origin_ns, -kFarNs, kFarNs) * kFinePerNs;
}

}  // namespace

int64_t Scale(int64_t value, int64_t numerator, int64_t denominator) {
  constexpr __int128 kMost = int64_t{1} << 60;
  return static_cast<int64_t>(std::clamp(
      static_cast<__int128>(value) * numerator / denominator, -kMost, kMost));
}

int64_t OnSampleGrid(int64_t ticks) {
  constexpr int64_t kGrid = kTicksPerSecond / 8000;
  return RoundDown(ticks, kGrid) * kGrid;
}

int64_t TicksBetween(int64_t origin_ns, int64_t time_ns) {
  return Between(origin_ns, time_ns) / kFinePerTick;
}

StreamEpoch::StreamEpoch(uint32_t number, uint32_t clock_rate, uint32_t first,
                         Placement placement, int64_t origin_ns)
    : number_(number),
      clock_rate_(clock_rate),
      first_(first),
      highest_(first),
      placement_(placement),
      origin_ns_(origin_ns),
      offset_(0, 0, kStep) {}

Fine StreamEpoch::Said(int64_t timestamp) const {
  return Scale(timestamp - first_, kFinePerSecond, clock_rate_);
}

Fine StreamEpoch::OffsetOf(int64_t time_ns, int64_t timestamp) const {
  return Between(origin_ns_, time_ns) - Said(timestamp);
}

void StreamEpoch::Anchor(std::span<const Arrival> arrivals) {
  std::vector<Fine> offsets;
  offsets.reserve(arrivals.size());
  for (const Arrival& arrival : arrivals) {
    offsets.push_back(OffsetOf(arrival.time_ns, arrival.timestamp));
  }
  const auto little =
      offsets.begin() + static_cast<ptrdiff_t>(offsets.size() / 10);
  std::nth_element(offsets.begin(), little, offsets.end());
  offset_ = ArrivalOffset(arrivals.front().time_ns, *little, kStep);
  begin_ = *little;
  shift_ = 0;
}

void StreamEpoch::Shift(int64_t ticks) { shift_ = ticks * kFinePerTick; }

int64_t StreamEpoch::ExpectedAt(int64_t time_ns) const {
  return first_ + Scale(Between(origin_ns_, time_ns) - offset_.At(time_ns),
                        clock_rate_, kFinePerSecond);
}

int64_t StreamEpoch::DeviationNs(int64_t time_ns, Fine offset) const {
  return (offset - offset_.At(time_ns)) / kFinePerNs;
}

int64_t StreamEpoch::ElapsedNs(int64_t from, int64_t to) const {
  return (Said(to) - Said(from)) / kFinePerNs;
}

void StreamEpoch::Follow(int64_t time_ns, int64_t timestamp) {
  highest_ = std::max(highest_, timestamp);
  if (placement_ == Placement::kTimestamps) return;
  offset_.Add(time_ns, OffsetOf(time_ns, timestamp));
}

// By the offset in force when it would have arrived without delay: packets
// that came in a burst, or late, must not lie closer together.
int64_t StreamEpoch::PositionOf(int64_t timestamp) const {
  const Fine said = Said(timestamp);
  const Fine about = said + offset_.latest();
  Fine place = said + offset_.At(origin_ns_ + about / kFinePerNs);
  if (placement_ == Placement::kTimestamps) {
    place += shift_;
  } else {
    const Fine left = std::clamp<Fine>(begin_ + kUnshift - about, 0, kUnshift);
    place += Scale(shift_, left, kUnshift);
  }
  return OnSampleGrid(RoundDown(place, kFinePerTick));
}

}  // namespace callbraid::collector
