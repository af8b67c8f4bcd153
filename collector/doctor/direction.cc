// Mirrors that show one direction only.
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/doctor/verdict.h"
#include "collector/doctor/words.h"

namespace callbraid::collector {
namespace {

// Less says nothing yet.
constexpr uint64_t kEnoughRtp = 50;
constexpr uint64_t kEnoughSip = 6;

constexpr char kAllPorts[] = "<ports of phones, PBX and uplink>";

// One host at one capture point, whatever its MAC addresses.
struct Ways {
  uint64_t sip_sent = 0;
  uint64_t sip_received = 0;
  uint64_t rtp_sent = 0;
  uint64_t rtp_received = 0;

  bool sends() const { return sip_sent + rtp_sent > 0; }
  bool receives() const { return sip_received + rtp_received > 0; }
};
using WaysByHost = std::map<IpAddress, Ways>;

WaysByHost WaysOf(const PointFacts& point) {
  WaysByHost hosts;
  for (const HostFacts& host : point.hosts) {
    if (host.address.is_multicast()) continue;
    Ways& ways = hosts[host.address];
    ways.sip_sent += host.sip_sent;
    ways.sip_received += host.sip_received;
    ways.rtp_sent += host.rtp_sent;
    ways.rtp_received += host.rtp_received;
  }
  return hosts;
}

// What one capture point lacks another of the site may show: the two halves of
// a network tap, or the switch that the host is plugged into.
bool IsSeenBothWays(const SiteHost& host) {
  return host.sip_sent + host.rtp_sent > 0 &&
         host.sip_received + host.rtp_received > 0;
}

std::vector<std::string> Words(const std::vector<SiteHost>& hosts) {
  std::vector<std::string> words;
  for (const SiteHost& host : hosts) words.push_back(host.Words());
  return words;
}

// "only frames FROM the PBX 10.10.0.10 (MAC ...) are seen, none to it".
std::string OneWayText(const std::vector<SiteHost>& senders,
                       const std::vector<SiteHost>& receivers) {
  if (senders.size() == 1 && receivers.size() == 1) {
    return absl::StrCat(
        "Only one direction is mirrored: only frames FROM ", senders[0].Words(),
        " to ", receivers[0].Words(),
        " are seen, never the answers. The session is RX only on the port of "
        "the former, or TX only on that of the latter.");
  }
  if (receivers.size() == 1) {
    return absl::StrCat(
        "Only one direction is mirrored: only frames TO ", receivers[0].Words(),
        " are seen, none from it. The session is TX only on its port, or RX "
        "only on the ports of all others.");
  }
  return absl::StrCat(
      "Only one direction is mirrored: only frames FROM ",
      Listed(Words(senders), 3), " are seen, none to ",
      senders.size() == 1 ? "it" : "them", ". The session is RX only on ",
      senders.size() == 1 ? "its port" : "their ports",
      ", and the ports that the answers come in by are no sources.");
}

std::optional<v1::Verdict> JudgePoint(const Facts& facts, const HostBook& hosts,
                                      const PointFacts& point) {
  std::vector<SiteHost> senders;
  std::vector<SiteHost> receivers;
  Ways total;
  for (const auto& [address, ways] : WaysOf(point)) {
    if (ways.sends() && ways.receives()) return std::nullopt;
    if (ways.sends()) senders.push_back(hosts.Of(point.site, address));
    if (ways.receives()) receivers.push_back(hosts.Of(point.site, address));
    total.sip_sent += ways.sip_sent;
    total.rtp_sent += ways.rtp_sent;
  }
  if (std::all_of(senders.begin(), senders.end(), IsSeenBothWays) &&
      std::all_of(receivers.begin(), receivers.end(), IsSeenBothWays)) {
    return std::nullopt;
  }
  const bool has_media = total.rtp_sent >= kEnoughRtp;
  if (!has_media && total.sip_sent < kEnoughSip) return std::nullopt;
  // Requests alone may also be those of a phone whose PBX does not answer.
  v1::Verdict verdict =
      AboutPoint(point, v1::VERDICT_KIND_ONE_DIRECTION,
                 has_media ? v1::SEVERITY_PROBLEM : v1::SEVERITY_WARNING);
  if (senders.size() == 1) SetHost(senders[0], verdict);
  if (senders.size() != 1 && receivers.size() == 1) {
    SetHost(receivers[0], verdict);
  }
  verdict.set_text(absl::StrCat(
      OneWayText(senders, receivers),
      has_media ? "" : " (Or they are not answered: no media are seen.)"));
  AddEvidence("hosts that only send", Listed(Words(senders)), verdict);
  AddEvidence("hosts that only receive", Listed(Words(receivers)), verdict);
  AddEvidence("SIP one way", static_cast<double>(total.sip_sent), "messages",
              verdict);
  AddEvidence("RTP one way", static_cast<double>(total.rtp_sent), "packets",
              verdict);
  AddEvidence("seen the other way", 0, "packets", verdict);
  verdict.set_cure(
      "Mirror what ALL ports receive (phones, PBX and uplink, rx): then each "
      "frame comes once, in both directions. If only one port can be mirrored, "
      "mirror both its directions.");
  SetSpanCommands(facts.family, kAllPorts, verdict);
  return verdict;
}

// Addresses that signalled in calls with media: they did answer.
std::set<IpAddress> Answering(const Facts& facts, const PointFacts& point) {
  std::set<IpAddress> hosts;
  for (const CallFacts& call : facts.calls) {
    if (call.call.streams().empty()) continue;
    for (const DialogFacts& dialog : call.dialogs) {
      if (dialog.sensor != point.sensor ||
          dialog.capture_point != point.point.name()) {
        continue;
      }
      hosts.insert(dialog.initiator);
      hosts.insert(dialog.responder);
    }
  }
  return hosts;
}

// A host whose port is the one that is no source, while others are: it is
// spoken to, and answers, but its answers are never seen.
void JudgeMuteHosts(const Facts& facts, const HostBook& hosts,
                    const PointFacts& point, Verdicts& verdicts) {
  const std::set<IpAddress> answering = Answering(facts, point);
  for (const auto& [address, ways] : WaysOf(point)) {
    if (ways.sip_received < kEnoughSip || ways.sip_sent > 0 ||
        answering.count(address) == 0) {
      continue;
    }
    const SiteHost host = hosts.Of(point.site, address);
    if (host.sip_sent > 0) continue;  // At another capture point.
    v1::Verdict verdict = AboutPoint(point, v1::VERDICT_KIND_PORT_NOT_MIRRORED,
                                     v1::SEVERITY_PROBLEM);
    SetHost(host, verdict);
    verdict.set_text(absl::StrCat(
        "SIP to ", host.Words(),
        " is seen, but none from it, though its calls "
        "go on: the port that it sends by is no source of the SPAN session."));
    AddEvidence("SIP to it", static_cast<double>(ways.sip_received), "messages",
                verdict);
    AddEvidence("SIP from it", 0, "messages", verdict);
    verdict.set_cure("Make its port a source of the SPAN session (rx).");
    SetAddPortCommands(facts.family, host, verdict);
    verdicts.push_back(std::move(verdict));
  }
}

}  // namespace

Verdicts JudgeDirection(const Facts& facts, const HostBook& hosts) {
  Verdicts verdicts;
  for (const PointFacts& point : facts.points) {
    if (!point.has_report) continue;
    if (auto verdict = JudgePoint(facts, hosts, point)) {
      verdicts.push_back(*std::move(verdict));
    } else {
      JudgeMuteHosts(facts, hosts, point, verdicts);
    }
  }
  return verdicts;
}

}  // namespace callbraid::collector
