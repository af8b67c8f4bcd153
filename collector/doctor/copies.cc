// Frames that a mirror shows twice: where they enter, and where they leave.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/doctor/verdict.h"
#include "collector/doctor/words.h"

namespace callbraid::collector {
namespace {

constexpr char kAllPorts[] = "<ports of phones, PBX and uplink>";

// A flow is doubled if at least every second packet of it came twice: networks
// double a packet now and then, too.
bool IsDoubled(uint64_t copies, uint64_t packets) {
  return copies >= 10 && copies * 2 >= packets;
}

struct FlowCopies {
  std::string name;
  uint64_t packets = 0;
  uint64_t copies = 0;
};

// The streams that this capture point saw.
std::vector<FlowCopies> FlowsAt(const Facts& facts, const PointFacts& point) {
  std::vector<FlowCopies> flows;
  for (const CallFacts& call : facts.calls) {
    for (const v1::Stream& stream : call.call.streams()) {
      for (const v1::StreamObservation& seen : stream.observations()) {
        if (seen.sensor() != point.sensor ||
            seen.capture_point() != point.point.name()) {
          continue;
        }
        flows.push_back(
            {absl::StrCat(seen.source(), " -> ", seen.destination()),
             seen.packets(), seen.mirror_copies()});
      }
    }
  }
  return flows;
}

void AddFlowEvidence(const std::vector<FlowCopies>& doubled,
                     const std::vector<FlowCopies>& single,
                     v1::Verdict& verdict) {
  constexpr size_t kNamed = 3;
  AddEvidence("streams seen twice", static_cast<double>(doubled.size()),
              "streams", verdict);
  AddEvidence("streams seen once", static_cast<double>(single.size()),
              "streams", verdict);
  for (size_t i = 0; i < std::min(kNamed, doubled.size()); ++i) {
    const FlowCopies& flow = doubled[i];
    AddEvidence("twice",
                absl::StrCat(flow.name, ": ", Number(flow.copies),
                             " copies of ", Counted(flow.packets, "packet")),
                verdict);
  }
  for (size_t i = 0; i < std::min(kNamed, single.size()); ++i) {
    const FlowCopies& flow = single[i];
    AddEvidence("once",
                absl::StrCat(flow.name, ": ", Number(flow.copies),
                             " copies of ", Counted(flow.packets, "packet")),
                verdict);
  }
}

std::optional<v1::Verdict> JudgePoint(const Facts& facts,
                                      const PointFacts& point) {
  const uint64_t copies = point.window.mirror_copies();
  const uint64_t packets = point.window.packets();
  if (copies == 0) return std::nullopt;
  std::vector<FlowCopies> doubled;
  std::vector<FlowCopies> single;
  for (FlowCopies& flow : FlowsAt(facts, point)) {
    // Streams too short to tell.
    if (flow.packets < 10) continue;
    (IsDoubled(flow.copies, flow.packets) ? doubled : single)
        .push_back(std::move(flow));
  }
  const uint64_t once = packets > copies ? packets - copies : 0;
  // Without streams (signalling alone) the frames themselves must tell.
  if (doubled.empty() && !(single.empty() && IsDoubled(copies, once))) {
    return std::nullopt;
  }
  const bool all = single.empty();
  v1::Verdict verdict = AboutPoint(point,
                                   all ? v1::VERDICT_KIND_EVERYTHING_TWICE
                                       : v1::VERDICT_KIND_SOME_FLOWS_TWICE,
                                   v1::SEVERITY_WARNING);
  verdict.set_text(absl::StrCat(
      all ? "Everything comes twice: " : "Some flows come twice: ",
      Number(copies), " of ", Counted(packets, "frame"), " (",
      PercentText(copies, packets),
      ") are copies of one that was seen before. ",
      all ? "Both ports of each call are mirrored in both directions."
          : "Both ports of these are mirrored in both directions, those of the "
            "others (by the uplink, most likely) are not.",
      " Calls are recorded once all the same, but the SPAN link carries ",
      all ? "double" : "more than it must", "."));
  AddEvidence("copies", static_cast<double>(copies), "frames", verdict);
  AddEvidence("share of all frames", PercentOf(copies, packets), "%", verdict);
  AddFlowEvidence(doubled, single, verdict);
  verdict.set_cure(
      "Mirror only what ports receive (rx), on ALL ports: phones, PBX and "
      "uplink. Then each frame comes once, and the SPAN link carries half.");
  SetSpanCommands(facts.family, kAllPorts, verdict);
  return verdict;
}

}  // namespace

Verdicts JudgeCopies(const Facts& facts) {
  Verdicts verdicts;
  for (const PointFacts& point : facts.points) {
    if (!point.has_report) continue;
    if (auto verdict = JudgePoint(facts, point)) {
      verdicts.push_back(*std::move(verdict));
    }
  }
  return verdicts;
}

}  // namespace callbraid::collector
