// What is wrong with a sensor itself: away, its spool full, its clock off.
#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/doctor/verdict.h"
#include "collector/doctor/words.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// Offsets below this are no fault; correlation holds for far more.
constexpr int64_t kClockOffNs = kSecond;
// A heartbeat's way may look like a clock that is behind.
constexpr int64_t kClockBehindNs = -3 * kSecond;

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

// How far two sensors' clocks are apart, by what both saw.
struct Apart {
  std::string other;
  int64_t ns = 0;
  int64_t uncertainty_ns = 0;
  uint64_t calls = 0;
};

int64_t Magnitude(int64_t ns) { return ns < 0 ? -ns : ns; }

// The pair of `sensor` that is furthest apart for sure.
std::optional<Apart> FurthestApart(const Facts& facts,
                                   const std::string& sensor) {
  std::map<std::string, Apart> pairs;
  for (const CallFacts& call : facts.calls) {
    const auto own = std::find_if(
        call.offsets.begin(), call.offsets.end(),
        [&sensor](const auto& offset) { return offset.sensor() == sensor; });
    if (own == call.offsets.end()) continue;
    for (const store::v1::SensorOffset& other : call.offsets) {
      if (other.sensor() == sensor) continue;
      Apart& pair = pairs[other.sensor()];
      pair.other = other.sensor();
      ++pair.calls;
      // What is added to its times is what its clock lacks.
      pair.ns = other.offset_ns() - own->offset_ns();
      pair.uncertainty_ns =
          static_cast<int64_t>(other.uncertainty_ns() + own->uncertainty_ns());
    }
  }
  std::optional<Apart> furthest;
  for (const auto& [name, pair] : pairs) {
    if (Magnitude(pair.ns) - pair.uncertainty_ns < kClockOffNs) continue;
    if (!furthest || Magnitude(pair.ns) > Magnitude(furthest->ns)) {
      furthest = pair;
    }
  }
  return furthest;
}

std::optional<v1::Verdict> JudgeClock(const Facts& facts,
                                      const SensorFacts& sensor) {
  const std::optional<Apart> apart = FurthestApart(facts, sensor.id);
  const int64_t ahead_ns = sensor.clock_ahead_ns.value_or(0);
  const bool off = ahead_ns > kClockOffNs || ahead_ns < kClockBehindNs;
  if (!apart && !off) return std::nullopt;
  // Of a pair, who agrees with the collector is not the one to blame.
  if (apart && !off) {
    for (const SensorFacts& other : facts.sensors) {
      if (other.id != apart->other) continue;
      const int64_t theirs = other.clock_ahead_ns.value_or(0);
      if (theirs > kClockOffNs || theirs < kClockBehindNs) return std::nullopt;
    }
    // Nothing tells which of the two: said once.
    if (apart->other < sensor.id) return std::nullopt;
  }
  v1::Verdict verdict =
      AboutSensor(sensor, v1::VERDICT_KIND_CLOCK_OFF, v1::SEVERITY_WARNING);
  if (off) {
    verdict.set_text(absl::StrCat("The sensor's clock is ", Span(ahead_ns),
                                  ahead_ns > 0 ? " ahead of" : " behind",
                                  " the collector's."));
    AddEvidence("sensor's clock less collector's",
                static_cast<double>(ahead_ns) / 1e9, "s", verdict);
  } else {
    verdict.set_text(absl::StrCat(
        "The clocks of sensors ", sensor.id, " and ", apart->other, " are ",
        Span(apart->ns), " apart, by what both saw of the same calls."));
  }
  if (apart) {
    AddEvidence(absl::StrCat("clock of ", sensor.id, " less ", apart->other),
                static_cast<double>(apart->ns) / 1e9, "s", verdict);
    AddEvidence("uncertainty", static_cast<double>(apart->uncertainty_ns) / 1e9,
                "s", verdict);
    AddEvidence("calls both saw", static_cast<double>(apart->calls), "calls",
                verdict);
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
