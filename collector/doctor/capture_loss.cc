// What was lost on the way into the sensor: by the switch, which forwards but
// does not mirror when its SPAN port is full, by the NIC, by the kernel.
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/doctor/verdict.h"
#include "collector/doctor/words.h"

namespace callbraid::collector {
namespace {

constexpr uint64_t kEnoughMissed = 10;
// One in so many.
constexpr uint64_t kWorthSaying = 1000;
constexpr uint64_t kNearlyFullPercent = 90;

using PointKey = std::pair<std::string, std::string>;

struct Missed {
  uint64_t packets = 0;
  // Shown by another sensor; by the receiver's RTCP.
  uint64_t by_sensor = 0;
  uint64_t by_rtcp = 0;
  std::vector<const v1::Call*> calls;

  uint64_t total() const { return by_sensor + by_rtcp; }
};

std::map<PointKey, Missed> MissedBy(const Facts& facts) {
  std::map<PointKey, Missed> missed;
  for (const CallFacts& call : facts.calls) {
    for (const v1::Stream& stream : call.call.streams()) {
      for (const v1::StreamObservation& seen : stream.observations()) {
        missed[{seen.sensor(), seen.capture_point()}].packets += seen.packets();
      }
    }
    for (const v1::Stream& stream : call.call.streams()) {
      for (const v1::CaptureLoss& loss : stream.capture_losses()) {
        if (loss.seen_further_on() + loss.reported_arrived() == 0) continue;
        Missed& point = missed[{loss.sensor(), loss.capture_point()}];
        point.by_sensor += loss.seen_further_on();
        point.by_rtcp += loss.reported_arrived();
        point.calls.push_back(&call.call);
      }
    }
  }
  return missed;
}

void JudgeOversubscribed(const Facts& facts, const PointFacts& point,
                         const Missed& missed, Verdicts& verdicts) {
  const uint64_t total = missed.total();
  if (total < kEnoughMissed || total * kWorthSaying < missed.packets) return;
  const v1::CaptureReport& window = point.window;
  // The sensor's own drops explain it.
  const uint64_t own = window.kernel_drops() + window.interface_drops();
  if (own * 2 >= total) return;
  v1::Verdict verdict = AboutPoint(point, v1::VERDICT_KIND_SPAN_OVERSUBSCRIBED,
                                   v1::SEVERITY_PROBLEM);
  verdict.set_text(absl::StrCat(
      Counted(total, "RTP packet"), " (",
      PercentText(total, missed.packets + total),
      ") arrived at their receivers but were not mirrored to this port, and "
      "neither kernel nor NIC dropped them: the SPAN port cannot carry all "
      "that its sources send."));
  AddEvidence("missed here, seen by another sensor",
              static_cast<double>(missed.by_sensor), "packets", verdict);
  AddEvidence("missed here, received by RTCP's account",
              static_cast<double>(missed.by_rtcp), "packets", verdict);
  AddEvidence("seen here", static_cast<double>(missed.packets), "packets",
              verdict);
  AddEvidence("dropped by kernel and NIC", static_cast<double>(own), "frames",
              verdict);
  const v1::InterfaceState& interface = window.interface();
  if (interface.peak_bits_per_second() > 0) {
    AddEvidence("highest load of the SPAN link",
                static_cast<double>(interface.peak_bits_per_second()) / 1e6,
                "Mbit/s", verdict);
  }
  if (interface.speed_mbit() > 0) {
    AddEvidence("speed of the SPAN link", interface.speed_mbit(), "Mbit/s",
                verdict);
  }
  for (const v1::Call* call : missed.calls) AddCall(*call, verdict);
  verdict.set_cure(
      "Mirror only what ports receive (rx), only the ports of phones, PBX and "
      "uplink, or use a faster destination port; or mirror to two ports and "
      "give the sensor a second interface.");
  SetSpanCommands(facts.family, "<ports of phones, PBX and uplink>", verdict);
  verdicts.push_back(std::move(verdict));
}

void JudgeLoad(const Facts& facts, const PointFacts& point,
               Verdicts& verdicts) {
  const v1::InterfaceState& interface = point.window.interface();
  const uint64_t speed = uint64_t{interface.speed_mbit()} * 1'000'000;
  const uint64_t peak = interface.peak_bits_per_second();
  if (speed == 0 || peak < speed / 100 * kNearlyFullPercent) {
    return;
  }
  v1::Verdict verdict = AboutPoint(point, v1::VERDICT_KIND_SPAN_NEARLY_FULL,
                                   v1::SEVERITY_WARNING);
  verdict.set_text(
      absl::StrCat("The SPAN link carried up to ", Megabits(peak), " of its ",
                   Megabits(speed),
                   ": in bursts shorter than a second the switch will not "
                   "have mirrored everything."));
  AddEvidence("highest load in a second", static_cast<double>(peak) / 1e6,
              "Mbit/s", verdict);
  AddEvidence("speed of the link", interface.speed_mbit(), "Mbit/s", verdict);
  verdict.set_cure(
      "Mirror only what ports receive (rx) and only the ports that carry "
      "calls, or use a faster destination port.");
  SetSpanCommands(facts.family, "<ports of phones, PBX and uplink>", verdict);
  verdicts.push_back(std::move(verdict));
}

void JudgeDrops(const PointFacts& point, Verdicts& verdicts) {
  const v1::CaptureReport& window = point.window;
  const auto share = [&window](uint64_t drops) {
    return PercentText(drops, window.packets() + drops);
  };
  if (window.kernel_drops() > 0) {
    v1::Verdict verdict =
        AboutPoint(point, v1::VERDICT_KIND_KERNEL_DROPS, v1::SEVERITY_PROBLEM);
    verdict.set_text(absl::StrCat(
        "The kernel dropped ", Counted(window.kernel_drops(), "frame"), " (",
        share(window.kernel_drops()),
        ") because the sensor did not fetch them in time: the ring was full."));
    AddEvidence("dropped", static_cast<double>(window.kernel_drops()), "frames",
                verdict);
    AddEvidence("captured", static_cast<double>(window.packets()), "frames",
                verdict);
    verdict.set_cure(
        "Give the sensor a larger ring (capture.ring_mib) and a processor of "
        "its own; see whether the machine swaps or is short of CPU.");
    verdict.add_commands("capture: {ring_mib: 256}");
    verdicts.push_back(std::move(verdict));
  }
  if (window.interface_drops() > 0) {
    v1::Verdict verdict = AboutPoint(point, v1::VERDICT_KIND_INTERFACE_DROPS,
                                     v1::SEVERITY_PROBLEM);
    verdict.set_text(
        absl::StrCat("The network interface dropped ",
                     Counted(window.interface_drops(), "frame"), " (",
                     share(window.interface_drops()),
                     ") for want of room, before the kernel saw them."));
    AddEvidence("dropped", static_cast<double>(window.interface_drops()),
                "frames", verdict);
    verdict.set_cure(
        "Enlarge the interface's own ring, and let another processor serve "
        "its interrupts.");
    verdict.add_commands(
        absl::StrCat("ethtool -G ", InterfaceForShell(point), " rx 4096"));
    verdicts.push_back(std::move(verdict));
  }
}

}  // namespace

Verdicts JudgeCaptureLoss(const Facts& facts) {
  Verdicts verdicts;
  const std::map<PointKey, Missed> missed = MissedBy(facts);
  for (const PointFacts& point : facts.points) {
    if (!point.has_report) continue;
    JudgeDrops(point, verdicts);
    JudgeLoad(facts, point, verdicts);
    const auto found = missed.find({point.sensor, point.point.name()});
    if (found != missed.end()) {
      JudgeOversubscribed(facts, point, found->second, verdicts);
    }
  }
  return verdicts;
}

}  // namespace callbraid::collector
