// Calls that reach the capture point, but not its eyes: in tunnels, under too
// many tags, behind a filter, on ports nobody expected.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "collector/doctor/verdict.h"
#include "collector/doctor/words.h"

namespace callbraid::collector {
namespace {

std::string TunnelName(v1::TunnelKind kind) {
  switch (kind) {
    case v1::TUNNEL_KIND_ERSPAN:
      return "ERSPAN";
    case v1::TUNNEL_KIND_NVGRE:
      return "GRE with Ethernet";
    case v1::TUNNEL_KIND_VXLAN:
      return "VXLAN";
    case v1::TUNNEL_KIND_GENEVE:
      return "Geneve";
    case v1::TUNNEL_KIND_GTP_U:
      return "GTP-U";
    case v1::TUNNEL_KIND_TZSP:
      return "TZSP";
    case v1::TUNNEL_KIND_IP_IN_IP:
      return "IP in IP";
    case v1::TUNNEL_KIND_L2TP:
      return "L2TP";
    case v1::TUNNEL_KIND_IPSEC:
      return "IPsec";
    case v1::TUNNEL_KIND_MPLS:
      return "MPLS";
    case v1::TUNNEL_KIND_PPPOE:
      return "PPPoE";
    case v1::TUNNEL_KIND_VN_TAG:
      return "VN-Tag";
    case v1::TUNNEL_KIND_PBB:
      return "PBB";
    case v1::TUNNEL_KIND_MACSEC:
      return "MACsec";
    default:
      return "GRE";
  }
}

// Tunnels that were made to carry a mirror.
bool CarriesMirrors(v1::TunnelKind kind) {
  return kind == v1::TUNNEL_KIND_ERSPAN || kind == v1::TUNNEL_KIND_TZSP;
}

// Fewer may be anything that looks like a tunnel by chance.
constexpr uint64_t kEnoughTunnelled = 10;

void JudgeTunnels(const PointFacts& point, Verdicts& verdicts) {
  for (const v1::TunnelCount& tunnel : point.window.census().tunnels()) {
    const uint64_t closed =
        tunnel.frames() - std::min(tunnel.frames(), tunnel.decapsulated());
    if (closed < kEnoughTunnelled) continue;
    const bool is_mirror = CarriesMirrors(tunnel.kind());
    const bool is_secret = tunnel.kind() == v1::TUNNEL_KIND_IPSEC ||
                           tunnel.kind() == v1::TUNNEL_KIND_MACSEC;
    const std::string name = TunnelName(tunnel.kind());
    v1::Verdict verdict = AboutPoint(point, v1::VERDICT_KIND_UNDECODED_TUNNEL,
                                     is_mirror   ? v1::SEVERITY_PROBLEM
                                     : is_secret ? v1::SEVERITY_NOTE
                                                 : v1::SEVERITY_WARNING);
    verdict.set_text(
        absl::StrCat(Counted(closed, "frame"), " of ", name,
                     " were seen and not looked into: calls inside ",
                     is_secret ? "are encrypted and stay unknown."
                               : "are not seen by this sensor."));
    AddEvidence(absl::StrCat(name, " frames"), static_cast<double>(closed),
                "frames", verdict);
    if (is_secret && point.is_live()) {
      AddEvidence("captured of such frames", "a sample, about 1 in 64",
                  verdict);
    }
    verdict.set_cure(
        is_secret
            ? "If phones are behind that tunnel, put a sensor where it ends."
            : absl::StrCat("Mirror where the frames are without ", name,
                           ": behind the device that takes it off",
                           is_mirror ? ", or by a local SPAN session." : "."));
    verdicts.push_back(std::move(verdict));
  }
}

uint64_t DiscardedAs(const char* reason, const PointFacts& point) {
  const auto found = point.window.discarded().find(reason);
  return found == point.window.discarded().end() ? 0 : found->second;
}

void JudgeTags(const PointFacts& point, Verdicts& verdicts) {
  const uint64_t frames = DiscardedAs("too_many_vlan_tags", point);
  if (frames == 0) return;
  v1::Verdict verdict =
      AboutPoint(point, v1::VERDICT_KIND_TAGS_TOO_DEEP, v1::SEVERITY_WARNING);
  verdict.set_text(absl::StrCat(
      Counted(frames, "frame"),
      " had more VLAN tags than the 4 that are followed; calls in them are not "
      "seen. So many tags mostly come of a mirror that is fed into itself."));
  AddEvidence("frames with more than 4 tags", static_cast<double>(frames),
              "frames", verdict);
  verdict.set_cure(
      "See that the destination port of the SPAN session is not a source of "
      "it, or of another one, and that an RSPAN VLAN is not mirrored again.");
  verdicts.push_back(std::move(verdict));
}

v1::Verdict TooNarrow(const PointFacts& point, const std::string& text) {
  v1::Verdict verdict = AboutPoint(point, v1::VERDICT_KIND_FILTER_TOO_NARROW,
                                   v1::SEVERITY_PROBLEM);
  verdict.set_text(text);
  if (!point.point.filter().empty()) {
    AddEvidence("filter", point.point.filter(), verdict);
    verdict.set_cure(
        "Leave out capture.filter: the built-in one passes UDP, SIP over TCP "
        "and all fragments, tagged or not.");
  } else {
    verdict.set_cure(
        "Capture the file again without a filter, or with one that has `or (ip "
        "and ip[6:2] & 0x1fff != 0)` for later fragments.");
  }
  return verdict;
}

// Answered calls of this capture point's that have no media anywhere.
uint64_t SilentCallsAt(const Facts& facts, const PointFacts& point) {
  return static_cast<uint64_t>(std::count_if(
      facts.calls.begin(), facts.calls.end(), [&point](const CallFacts& call) {
        return call.HasFlag(v1::CALL_FLAG_NO_MEDIA) &&
               std::any_of(call.dialogs.begin(), call.dialogs.end(),
                           [&point](const DialogFacts& dialog) {
                             return dialog.sensor == point.sensor &&
                                    dialog.capture_point == point.point.name();
                           });
      }));
}

std::optional<v1::Verdict> JudgeFilter(const Facts& facts,
                                       const PointFacts& point) {
  const v1::TrafficCensus& census = point.window.census();
  constexpr uint64_t kEnoughFragments = 2;
  if (census.first_fragments() >= kEnoughFragments &&
      census.later_fragments() == 0) {
    v1::Verdict verdict = TooNarrow(
        point,
        absl::StrCat("Of fragmented datagrams only the first fragments come: "
                     "the filter looks at ports, which later ones do not "
                     "have. Long SIP messages cannot be put together."));
    AddEvidence("first fragments",
                static_cast<double>(census.first_fragments()), "frames",
                verdict);
    AddEvidence("later fragments", 0, "frames", verdict);
    return verdict;
  }
  if (point.point.filter().empty()) return std::nullopt;
  constexpr uint64_t kEnoughFrames = 100;
  const uint64_t received = point.window.interface().rx_frames();
  if (point.window.packets() == 0 && received >= kEnoughFrames) {
    v1::Verdict verdict =
        TooNarrow(point, absl::StrCat("The filter passes none of the ",
                                      Counted(received, "frame"),
                                      " that the interface received."));
    AddEvidence("received", static_cast<double>(received), "frames", verdict);
    return verdict;
  }
  const uint64_t silent = SilentCallsAt(facts, point);
  if (census.sip_messages() > 0 && census.rtp_packets() == 0 && silent > 0) {
    v1::Verdict verdict = TooNarrow(
        point,
        "SIP passes the filter, but RTP never does: it has no port of "
        "its own that a filter could name.");
    AddEvidence("SIP", static_cast<double>(census.sip_messages()), "messages",
                verdict);
    AddEvidence("RTP", 0, "packets", verdict);
    AddEvidence("answered calls without media", static_cast<double>(silent),
                "calls", verdict);
    return verdict;
  }
  return std::nullopt;
}

void JudgePorts(const PointFacts& point, Verdicts& verdicts) {
  std::vector<std::string> ports;
  std::vector<std::string> all;
  uint64_t messages = 0;
  bool is_tcp = false;
  for (const uint32_t port : point.point.sip_ports()) {
    all.push_back(std::to_string(port));
  }
  if (all.empty()) all.push_back("5060");
  for (const v1::SipPortCount& other :
       point.window.census().other_sip_ports()) {
    messages += other.messages();
    is_tcp = is_tcp || other.tcp();
    ports.push_back(absl::StrCat(other.tcp() ? "TCP " : "UDP ", other.port()));
    all.push_back(std::to_string(other.port()));
  }
  if (ports.empty()) return;
  // Live, TCP is captured whole on the ports of SIP alone.
  const bool is_partial = is_tcp && point.is_live();
  v1::Verdict verdict =
      AboutPoint(point, v1::VERDICT_KIND_SIP_ON_OTHER_PORT,
                 is_partial ? v1::SEVERITY_WARNING : v1::SEVERITY_NOTE);
  verdict.set_text(absl::StrCat(
      "SIP is spoken on ", Listed(ports), ", which ",
      ports.size() == 1 ? "is no port" : "are no ports",
      " of SIP by this sensor's settings.",
      is_partial ? " Of TCP there only what begins a message is captured."
                 : " It was recognised all the same."));
  AddEvidence("SIP there", static_cast<double>(messages), "messages", verdict);
  verdict.set_cure("Name all ports of SIP in the sensor's settings.");
  verdict.add_commands(
      absl::StrCat("capture: {sip_ports: [", absl::StrJoin(all, ", "), "]}"));
  verdicts.push_back(std::move(verdict));
}

}  // namespace

Verdicts JudgePassage(const Facts& facts) {
  Verdicts verdicts;
  for (const PointFacts& point : facts.points) {
    if (!point.has_report) continue;
    JudgeTunnels(point, verdicts);
    JudgeTags(point, verdicts);
    JudgePorts(point, verdicts);
    if (auto verdict = JudgeFilter(facts, point)) {
      verdicts.push_back(*std::move(verdict));
    }
  }
  return verdicts;
}

}  // namespace callbraid::collector
