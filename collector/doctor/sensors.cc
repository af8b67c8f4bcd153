// What is wrong with a sensor itself: away, its spool full, its clock off.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/doctor/verdict.h"
#include "collector/doctor/words.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// Offsets below this are no fault; correlation holds for far more.
constexpr uint64_t kClockOffNs = kSecond;

v1::Verdict JudgeAway(const SensorFacts& sensor, int64_t now_ns) {
  v1::Verdict verdict =
      AboutSensor(sensor, v1::VERDICT_KIND_SENSOR_AWAY, v1::SEVERITY_WARNING);
  const int64_t away_ns = std::max<int64_t>(0, now_ns - sensor.last_seen_ns);
  verdict.set_text(absl::StrCat(
      "The sensor is not connected; it was last heard of ", Span(away_ns),
      " ago. What it captures meanwhile waits in its spool."));
  AddEvidence("away for", static_cast<double>(away_ns) / 1e9, "s", verdict);
  verdict.set_cure(
      "See whether callbraid-sensor runs, and what its log says of the "
      "collector: refused, no route, or a certificate.");
  return verdict;
}

v1::Verdict JudgeSpool(const SensorFacts& sensor) {
  v1::Verdict verdict = AboutSensor(sensor, v1::VERDICT_KIND_SPOOL_OVERFLOW,
                                    v1::SEVERITY_PROBLEM);
  verdict.set_text(
      absl::StrCat("The sensor had to throw away ",
                   Counted(sensor.discarded_frames, "frame"),
                   " in the last hour: its spool was full before they could be "
                   "delivered."));
  AddEvidence("frames thrown away",
              static_cast<double>(sensor.discarded_frames), "frames", verdict);
  verdict.set_cure(
      "Give it a faster link to the collector, or more room: spool.media_mib "
      "and spool.signalling_mib in its settings.");
  return verdict;
}

// For sure.
bool IsOff(int64_t offset_ns, uint64_t uncertainty_ns) {
  const uint64_t magnitude = offset_ns < 0 ? -static_cast<uint64_t>(offset_ns)
                                           : static_cast<uint64_t>(offset_ns);
  return magnitude > uncertainty_ns &&
         magnitude - uncertainty_ns >= kClockOffNs;
}

bool IsOffByRoundTrips(const SensorFacts& sensor) {
  return sensor.round_trip && IsOff(sensor.round_trip->offset_ns(),
                                    sensor.round_trip->uncertainty_ns());
}

// Whether the clock is off another sensor's, and that one's is not to blame.
bool IsOffAnother(const Facts& facts, const SensorFacts& sensor) {
  if (!sensor.clock || sensor.clock->reference().empty() ||
      !IsOff(sensor.clock->offset_ns(), sensor.clock->uncertainty_ns())) {
    return false;
  }
  return std::none_of(facts.sensors.begin(), facts.sensors.end(),
                      [&sensor](const SensorFacts& other) {
                        return other.id == sensor.clock->reference() &&
                               IsOffByRoundTrips(other);
                      });
}

void AddClockEvidence(const std::string& other, int64_t offset_ns,
                      uint64_t uncertainty_ns, v1::Verdict& verdict) {
  AddEvidence(absl::StrCat("ahead of ", other),
              static_cast<double>(offset_ns) / kSecond, "s", verdict);
  AddEvidence("give or take", static_cast<double>(uncertainty_ns) / 1e6, "ms",
              verdict);
}

std::string AheadOf(int64_t offset_ns, const std::string& other) {
  return absl::StrCat(Span(offset_ns),
                      offset_ns > 0 ? " ahead of " : " behind ", other);
}

std::optional<v1::Verdict> JudgeClock(const Facts& facts,
                                      const SensorFacts& sensor) {
  const bool off_collector = IsOffByRoundTrips(sensor);
  const bool off_another = IsOffAnother(facts, sensor);
  if (!off_collector && !off_another) return std::nullopt;
  v1::Verdict verdict =
      AboutSensor(sensor, v1::VERDICT_KIND_CLOCK_OFF, v1::SEVERITY_WARNING);
  if (off_collector) {
    const v1::RoundTrip& trip = *sensor.round_trip;
    verdict.set_text(absl::StrCat("The sensor's clock is ",
                                  AheadOf(trip.offset_ns(), "the collector's"),
                                  ", by round trips between the two."));
    AddClockEvidence("the collector's", trip.offset_ns(), trip.uncertainty_ns(),
                     verdict);
  } else {
    verdict.set_text(absl::StrCat(
        "The sensor's clock is ",
        AheadOf(sensor.clock->offset_ns(),
                absl::StrCat("that of ", sensor.clock->reference())),
        ", by what both saw. Which of the two is right it does not tell."));
  }
  if (off_another) {
    AddClockEvidence(absl::StrCat("that of ", sensor.clock->reference()),
                     sensor.clock->offset_ns(), sensor.clock->uncertainty_ns(),
                     verdict);
    AddEvidence("compared", static_cast<double>(sensor.clock->samples()),
                "times", verdict);
  }
  verdict.set_cure(
      "Calls are joined all the same, but times are shown as captured. Let "
      "chrony or systemd-timesyncd set the clock of each sensor; for files, "
      "that of the machine that captured them.");
  verdict.add_commands("timedatectl set-ntp true");
  return verdict;
}

}  // namespace

Verdicts JudgeSensors(const Facts& facts) {
  Verdicts verdicts;
  for (const SensorFacts& sensor : facts.sensors) {
    if (!sensor.connected && !sensor.ended) {
      verdicts.push_back(JudgeAway(sensor, facts.now_ns));
    }
    if (sensor.discarded_frames > 0) verdicts.push_back(JudgeSpool(sensor));
    if (auto clock = JudgeClock(facts, sensor)) {
      verdicts.push_back(*std::move(clock));
    }
  }
  return verdicts;
}

}  // namespace callbraid::collector
