#include "collector/ingest/round_trips.h"

#include <algorithm>
#include <cstdlib>

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1000 * kMs;

constexpr int64_t kMaxTimeNs = int64_t{1} << 61;
// What takes longer tells nothing.
constexpr int64_t kLongestNs = 30 * kSecond;
constexpr size_t kMaxTrips = 30;
// Quartz is better than one in 10,000.
constexpr int64_t kDriftDivisor = 10'000;
// Timers and schedulers.
constexpr int64_t kNoiseNs = 10 * kMs;

// Rounding of what correlation goes by: it seldom changes.
constexpr int64_t kOffsetStepNs = 100 * kMs;
constexpr int64_t kToleranceStepNs = 500 * kMs;
// Before this many there is no hurry.
constexpr size_t kTripsToBelieve = 3;
constexpr int kMaxEpochs = 64;
// What was captured before the sensor connected is mostly not older.
constexpr int64_t kBeforeNs = 3600 * kSecond;

bool IsSane(int64_t time_ns) { return time_ns > 0 && time_ns <= kMaxTimeNs; }

int64_t Rounded(int64_t value, int64_t step) {
  const int64_t shifted = value + step / 2;
  const int64_t rest = shifted % step;
  return shifted - (rest < 0 ? rest + step : rest);
}

}  // namespace

int64_t RoundTrips::UncertaintyOf(const Trip& trip) const {
  return trip.half_ns +
         std::abs(trips_.back().time_ns - trip.time_ns) / kDriftDivisor;
}

const RoundTrips::Trip& RoundTrips::Best() const {
  return *std::min_element(trips_.begin(), trips_.end(),
                           [this](const Trip& a, const Trip& b) {
                             return UncertaintyOf(a) < UncertaintyOf(b);
                           });
}

bool RoundTrips::Add(const v1::Heartbeat& heartbeat) {
  const v1::ClockEcho& echo = heartbeat.echo();
  const int64_t sent = echo.sensor_clock_ns();
  const int64_t back = heartbeat.echo_clock_ns();
  const int64_t received = echo.received_ns();
  const int64_t answered = echo.sent_ns();
  if (!IsSane(sent) || !IsSane(back) || !IsSane(received) ||
      !IsSane(answered)) {
    return false;
  }
  // Without what the collector took.
  const int64_t way = (back - sent) - (answered - received);
  if (back < sent || answered < received || way < 0 || way > kLongestNs) {
    return false;
  }
  // The same echo may come twice, when there was none since.
  if (!trips_.empty() && trips_.back().time_ns == back) return false;
  const Trip trip = {back, ((sent - received) + (back - answered)) / 2,
                     way / 2};
  if (!trips_.empty()) {
    const int64_t off = std::abs(trip.ahead_ns - Best().ahead_ns);
    if (off > trip.half_ns + UncertaintyOf(Best()) + kNoiseNs) {
      // The clock was set: what was known is so no more.
      before_ns_ = trips_.back().time_ns;
      trips_.clear();
    }
  }
  trips_.push_back(trip);
  if (trips_.size() > kMaxTrips) trips_.pop_front();
  return true;
}

void RoundTrips::Fill(v1::RoundTrip& trip) const {
  const Trip& best = Best();
  trip.set_offset_ns(best.ahead_ns);
  trip.set_uncertainty_ns(static_cast<uint64_t>(UncertaintyOf(best)));
  trip.mutable_time()->set_seconds(best.time_ns / kSecond);
  trip.mutable_time()->set_nanos(static_cast<int32_t>(best.time_ns % kSecond));
}

bool RoundTrips::Note(
    google::protobuf::RepeatedPtrField<v1::ClockEpoch>& epochs) const {
  if (trips_.size() < kTripsToBelieve) return false;
  const Trip& best = Best();
  const int64_t error = UncertaintyOf(best) + kOffsetStepNs / 2;
  const int64_t tolerance =
      (error + kToleranceStepNs - 1) / kToleranceStepNs * kToleranceStepNs;
  int64_t from_ns = best.time_ns - kBeforeNs;
  if (!epochs.empty()) {
    const v1::ClockEpoch& last = *epochs.rbegin();
    const auto known = static_cast<int64_t>(std::min<uint64_t>(
        last.tolerance_ns(), static_cast<uint64_t>(kMaxTimeNs)));
    // Wide of the mark, or much better known now.
    const bool holds =
        std::abs(best.ahead_ns - last.offset_ns()) + UncertaintyOf(best) <=
            known &&
        known <= 2 * tolerance;
    if (holds) return false;
    from_ns = before_ns_ != 0 ? before_ns_ : trips_.front().time_ns;
  }
  v1::ClockEpoch& epoch = *epochs.Add();
  epoch.set_from_ns(std::max<int64_t>(1, from_ns));
  epoch.set_offset_ns(Rounded(best.ahead_ns, kOffsetStepNs));
  epoch.set_tolerance_ns(static_cast<uint64_t>(tolerance));
  if (epochs.size() > kMaxEpochs) epochs.erase(epochs.begin());
  return true;
}

}  // namespace callbraid::collector
