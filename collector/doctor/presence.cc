// Whether a mirror reaches the capture point at all.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/doctor/verdict.h"
#include "collector/doctor/words.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
// Fewer frames than this say nothing yet, unless a minute has passed.
constexpr uint64_t kEnoughFrames = 20;
constexpr int64_t kEnoughTimeNs = 60 * kSecond;
// Until then a healthy mirror may be quiet: phones at night signal seldom, but
// within ten minutes somebody registers, keeps a NAT open, or asks by ARP, and
// is answered. Where a hundred frames came to everyone, so did answers.
constexpr uint64_t kSureFrames = 100;
constexpr int64_t kSureTimeNs = 600 * kSecond;
// Unicast between others is flooded now and then while a switch learns.
constexpr uint64_t kFloodedPercent = 10;

constexpr char kAllPorts[] = "<ports of phones, PBX and uplink>";
constexpr char kVirtualSwitch[] =
    " In a virtual machine, the virtual switch must let the sensor's adapter "
    "be promiscuous, too.";

int64_t WatchedNs(const PointFacts& point) {
  return point.to_ns - point.from_ns;
}

uint64_t GroupFrames(const PointFacts& point) {
  const v1::TrafficCensus& census = point.window.census();
  return census.broadcast_frames() + census.multicast_frames();
}

bool HasWatchedEnough(const PointFacts& point) {
  return point.ended || WatchedNs(point) >= kEnoughTimeNs ||
         GroupFrames(point) >= kEnoughFrames;
}

bool IsSure(const PointFacts& point) {
  return WatchedNs(point) >= kSureTimeNs || GroupFrames(point) >= kSureFrames;
}

// Of a mirror that does not show: it may be but quiet.
v1::Severity SeverityOf(const PointFacts& point) {
  return IsSure(point) ? v1::SEVERITY_PROBLEM : v1::SEVERITY_WARNING;
}

std::string OrItIsQuiet(const PointFacts& point) {
  return IsSure(point) || point.ended
             ? ""
             : absl::StrCat(" (Or nobody has said anything in the ",
                            Span(WatchedNs(point)), " that it is watched.)");
}

void AddWatched(const PointFacts& point, v1::Verdict& verdict) {
  AddEvidence("watched for", static_cast<double>(WatchedNs(point)) / kSecond,
              "s", verdict);
}

v1::Verdict JudgeLinkDown(const PointFacts& point) {
  v1::Verdict verdict =
      AboutPoint(point, v1::VERDICT_KIND_LINK_DOWN, v1::SEVERITY_PROBLEM);
  verdict.set_text(absl::StrCat("Interface ", point.point.name(),
                                " is down or has no carrier."));
  AddEvidence("interface", "no carrier", verdict);
  verdict.set_cure(
      "Bring the interface up, and see to the cable and to the switch port, "
      "which must not be shut down.");
  verdict.add_commands(
      absl::StrCat("ip link set dev ", InterfaceForShell(point), " up"));
  return verdict;
}

v1::Verdict JudgeNothing(const Facts& facts, const PointFacts& point) {
  v1::Verdict verdict =
      AboutPoint(point, v1::VERDICT_KIND_NOTHING_RECEIVED,
                 point.is_live() ? SeverityOf(point) : v1::SEVERITY_PROBLEM);
  verdict.set_text(
      point.is_live()
          ? "The link is up, but not one frame has come: no SPAN session has "
            "this port as its destination, or none of its sources has traffic."
          : "The file holds no packets.");
  AddEvidence("frames", 0, "frames", verdict);
  AddWatched(point, verdict);
  if (!point.is_live()) {
    verdict.set_cure("See what the file was captured with, and where.");
    return verdict;
  }
  verdict.set_cure(absl::StrCat(
      "Set up a SPAN session whose destination is the port that the sensor is "
      "plugged into.",
      kVirtualSwitch));
  SetSpanCommands(facts.family, kAllPorts, verdict);
  return verdict;
}

void AddFrameEvidence(const v1::TrafficCensus& census, v1::Verdict& verdict) {
  const auto add = [&verdict](const char* name, uint64_t frames) {
    AddEvidence(name, static_cast<double>(frames), "frames", verdict);
  };
  add("broadcast", census.broadcast_frames());
  add("multicast", census.multicast_frames());
  add("unicast between others", census.unicast_frames());
  add("own", census.own_frames());
}

// "only 12 frames to everyone (broadcast, multicast) and 1 flooded were seen".
std::string WhatWasSeen(const PointFacts& point) {
  const v1::TrafficCensus& census = point.window.census();
  const uint64_t group = GroupFrames(point);
  if (group + census.own_frames() + census.unicast_frames() == 0) {
    return absl::StrCat("of ",
                        Counted(point.window.interface().rx_frames(), "frame"),
                        " that the interface received none was IP or ARP "
                        "(spanning tree, LLDP)");
  }
  std::string text = absl::StrCat("only ", Counted(group, "frame"),
                                  " to everyone (broadcast, multicast)");
  if (census.own_frames() > 0) {
    absl::StrAppend(&text, ", ", Counted(census.own_frames(), "frame"),
                    " of the sensor's own");
  }
  if (census.unicast_frames() > 0) {
    absl::StrAppend(&text, " and ", Number(census.unicast_frames()),
                    " flooded");
  }
  return text + " were seen";
}

v1::Verdict JudgeNoSpan(const Facts& facts, const PointFacts& point) {
  const v1::TrafficCensus& census = point.window.census();
  v1::Verdict verdict =
      AboutPoint(point, v1::VERDICT_KIND_NO_SPAN_SESSION, SeverityOf(point));
  verdict.set_text(absl::StrCat(
      "No SPAN session reaches this port: ", WhatWasSeen(point),
      ", nothing that two others say to each other.", OrItIsQuiet(point)));
  AddFrameEvidence(census, verdict);
  AddWatched(point, verdict);
  if (point.window.has_interface()) {
    AddEvidence("received by the interface",
                static_cast<double>(point.window.interface().rx_frames()),
                "frames", verdict);
  }
  verdict.set_cure(absl::StrCat(
      "Set up a SPAN session whose destination is the port that the sensor is "
      "plugged into.",
      kVirtualSwitch));
  SetSpanCommands(facts.family, kAllPorts, verdict);
  return verdict;
}

v1::Verdict JudgeNoVoip(const Facts& facts, const PointFacts& point) {
  const v1::TrafficCensus& census = point.window.census();
  v1::Verdict verdict = AboutPoint(
      point, v1::VERDICT_KIND_NO_VOIP,
      point.ended || WatchedNs(point) >= kSureTimeNs ? v1::SEVERITY_WARNING
                                                     : v1::SEVERITY_NOTE);
  verdict.set_text(absl::StrCat(
      "A mirror reaches this port, but in ",
      Counted(point.window.packets(), "captured frame"),
      " there was neither SIP nor RTP: the mirrored ports are not those of "
      "phones, PBX or uplink, or nobody signalled in that time."));
  AddFrameEvidence(census, verdict);
  AddEvidence("UDP datagrams", static_cast<double>(census.udp_datagrams()),
              "datagrams", verdict);
  AddWatched(point, verdict);
  verdict.set_cure(
      "Mirror the port of the PBX (or of the uplink, if the PBX is hosted), "
      "and those of the phones.");
  SetSpanCommands(facts.family, kAllPorts, verdict);
  return verdict;
}

std::optional<v1::Verdict> JudgePoint(const Facts& facts,
                                      const PointFacts& point) {
  if (!point.has_report) return std::nullopt;
  const v1::CaptureReport& window = point.window;
  const v1::TrafficCensus& census = window.census();
  if (window.has_interface() && !window.interface().running()) {
    return JudgeLinkDown(point);
  }
  if (!HasWatchedEnough(point)) return std::nullopt;
  // All that it has may be in the mirrors that come to it.
  if (point.point.beside_mirrors()) return std::nullopt;
  if (window.packets() == 0 && window.interface().rx_frames() == 0) {
    return JudgeNothing(facts, point);
  }
  // What the filter keeps out is another matter (passage.cc).
  if (window.packets() == 0 && !point.point.filter().empty()) {
    return std::nullopt;
  }
  const bool has_voip = census.sip_messages() > 0 || census.rtp_packets() > 0 ||
                        census.other_protocols_size() > 0;
  const bool is_encrypted =
      census.sip_tls_segments() > 0 || census.dtls_handshakes() > 0;
  if (has_voip || is_encrypted || census.tunnels_size() > 0) {
    return std::nullopt;
  }
  const uint64_t frames =
      GroupFrames(point) + census.own_frames() + census.unicast_frames();
  // A link without addresses tells nothing of whom frames were for.
  const bool has_addresses = frames > 0 || window.packets() == 0;
  if (has_addresses &&
      census.unicast_frames() * 100 <= frames * kFloodedPercent) {
    return JudgeNoSpan(facts, point);
  }
  // There may be no calls in a minute, or in a night.
  if (!point.ended && WatchedNs(point) < kEnoughTimeNs) return std::nullopt;
  return JudgeNoVoip(facts, point);
}

}  // namespace

Verdicts JudgePresence(const Facts& facts) {
  Verdicts verdicts;
  for (const PointFacts& point : facts.points) {
    if (auto verdict = JudgePoint(facts, point)) {
      verdicts.push_back(*std::move(verdict));
    }
  }
  return verdicts;
}

}  // namespace callbraid::collector
