#include "collector/clocks/uplink_clocks.h"

#include <algorithm>

namespace callbraid::collector {
namespace {

// 73 years: sums cannot overflow.
constexpr int64_t kMaxNs = int64_t{1} << 61;
constexpr int kMaxEpochs = 64;
// Round trips that leave more open say nothing: look-ups reach that far.
constexpr int64_t kMaxToleranceNs = 60 * EvidencePolicy::kSecond;
constexpr int64_t kRecentNs = int64_t{7200} * EvidencePolicy::kSecond;

int64_t Bounded(int64_t value) { return std::clamp(value, -kMaxNs, kMaxNs); }

}  // namespace

UplinkClocks::UplinkClocks(const std::vector<v1::Sensor>& sensors) {
  for (const v1::Sensor& sensor : sensors) {
    if (sensor.clock_epochs().empty()) continue;
    heard_ns_[sensor.id()] =
        Bounded(std::clamp<int64_t>(sensor.last_seen_time().seconds(), 0,
                                    kMaxNs / EvidencePolicy::kSecond) *
                EvidencePolicy::kSecond);
    for (const v1::ClockEpoch& epoch : sensor.clock_epochs()) {
      std::vector<Epoch>& epochs = epochs_[sensor.id()];
      if (epochs.size() == kMaxEpochs) break;
      epochs.push_back(
          {Bounded(epoch.from_ns()), Bounded(epoch.offset_ns()),
           static_cast<int64_t>(std::min<uint64_t>(
               epoch.tolerance_ns(), static_cast<uint64_t>(kMaxNs)))});
    }
  }
}

const UplinkClocks::Epoch* UplinkClocks::EpochAt(const std::string& sensor,
                                                 int64_t time_ns) const {
  const auto found = epochs_.find(sensor);
  if (found == epochs_.end()) return nullptr;
  const Epoch* at = nullptr;
  for (const Epoch& epoch : found->second) {
    if (epoch.from_ns <= time_ns) at = &epoch;
  }
  return at;
}

ClockRelation UplinkClocks::Relate(const std::string& from, int64_t time_ns,
                                   const std::string& to) const {
  const Epoch* const here = EpochAt(from, time_ns);
  if (here == nullptr) return {};
  // What the other clock shows then tells which of its epochs it is.
  const auto other = epochs_.find(to);
  if (other == epochs_.end()) return {};
  const Epoch* there = nullptr;
  for (const Epoch& epoch : other->second) {
    if (epoch.from_ns - epoch.ahead_ns <= time_ns - here->ahead_ns) {
      there = &epoch;
    }
  }
  if (there == nullptr) return {};
  const int64_t tolerance_ns = there->tolerance_ns + here->tolerance_ns;
  if (tolerance_ns > kMaxToleranceNs) return {};
  return {true, there->ahead_ns - here->ahead_ns, tolerance_ns};
}

std::vector<std::string> UplinkClocks::Sensors() const {
  std::vector<std::string> sensors;
  for (const auto& [sensor, epochs] : epochs_) sensors.push_back(sensor);
  return sensors;
}

std::map<std::string, int64_t> UplinkClocks::Recent() const {
  std::map<std::string, int64_t> recent;
  for (const auto& [sensor, epochs] : epochs_) {
    const Epoch& last = epochs.back();
    if (heard_ns_.at(sensor) - (last.from_ns - last.ahead_ns) <= kRecentNs) {
      recent[sensor] = last.from_ns;
    }
  }
  return recent;
}

std::map<std::string, int64_t> UplinkClocks::DifferencesFrom(
    const UplinkClocks& other) const {
  std::map<std::string, int64_t> from;
  for (const UplinkClocks* one : {this, &other}) {
    const UplinkClocks& two = one == this ? other : *this;
    for (const auto& [sensor, epochs] : one->epochs_) {
      const auto found = two.epochs_.find(sensor);
      for (size_t i = 0; i < epochs.size(); ++i) {
        if (found != two.epochs_.end() && i < found->second.size() &&
            found->second[i] == epochs[i]) {
          continue;
        }
        const auto [at, added] = from.try_emplace(sensor, epochs[i].from_ns);
        if (!added) at->second = std::min(at->second, epochs[i].from_ns);
        break;
      }
    }
  }
  return from;
}

}  // namespace callbraid::collector
