// Calls without media: whose port is no source.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/doctor/judged_calls.h"
#include "collector/doctor/verdict.h"
#include "collector/doctor/words.h"

namespace callbraid::collector {
namespace {

// Answered calls without media.
struct MediaLess {
  std::vector<const CallFacts*> calls;
  // Hosts that they named, that signal, and that no RTP was seen from or to in
  // any call.
  std::map<IpAddress, std::vector<const CallFacts*>> never_seen;
  // Calls with no such host.
  std::vector<const CallFacts*> unexplained;
  uint64_t answered = 0;
};

// Whether it speaks SIP at the site. Who does not (a media server, somebody far
// away behind an uplink) is on no port that could be forgotten by itself.
bool Signals(const SiteHost& host) {
  return !host.capture_points.empty() || host.sip_sent + host.sip_received > 0;
}

// Hosts of the call that mean to send, signal, and are seen in no call.
std::vector<IpAddress> NeverSeenIn(const CallFacts& call, const HostBook& hosts,
                                   const std::string& site) {
  std::vector<IpAddress> never_seen;
  for (const MediaParty& party : call.parties) {
    const SiteHost host = hosts.Of(site, party.address);
    if (!Signals(host) || host.calls_heard + host.calls_reached > 0) continue;
    // RTP without its call is RTP all the same.
    if (host.rtp_sent + host.rtp_received > 0) continue;
    never_seen.push_back(party.address);
  }
  return never_seen;
}

// Calls on hold all the time are meant to be silent.
bool AnyoneMeansToSend(const CallFacts& call) {
  return call.parties.empty() ||
         std::any_of(call.parties.begin(), call.parties.end(),
                     [](const MediaParty& party) { return party.sends; });
}

// Whether the mirror was mended since, for all who meant to send.
bool IsPast(const CallFacts& call, const HostBook& hosts,
            const std::string& site) {
  return !call.parties.empty() &&
         std::all_of(call.parties.begin(), call.parties.end(),
                     [&](const MediaParty& party) {
                       const SiteHost host = hosts.Of(site, party.address);
                       return !party.sends || host.IsHeardSince(call);
                     });
}

MediaLess FindMediaLess(const Facts& facts, const HostBook& hosts,
                        const JudgedCalls& judged, const std::string& site) {
  MediaLess found;
  for (const CallFacts& call : facts.calls) {
    if (!judged.Has(call, site) || !call.had_time_to_speak() ||
        !AnyoneMeansToSend(call) || IsPast(call, hosts, site)) {
      continue;
    }
    ++found.answered;
    if (!call.HasFlag(v1::CALL_FLAG_NO_MEDIA)) continue;
    found.calls.push_back(&call);
    const std::vector<IpAddress> never_seen = NeverSeenIn(call, hosts, site);
    for (const IpAddress& host : never_seen) {
      found.never_seen[host].push_back(&call);
    }
    if (never_seen.empty()) found.unexplained.push_back(&call);
  }
  return found;
}

v1::Verdict NeverSeen(const Facts& facts, const SiteHost& host,
                      const std::vector<const CallFacts*>& calls) {
  v1::Verdict verdict = AboutSite(host.site, v1::VERDICT_KIND_MEDIA_NEVER_SEEN,
                                  v1::SEVERITY_PROBLEM);
  SetHost(host, verdict);
  verdict.set_text(absl::StrCat(
      "The media of ", host.Words(),
      " are never seen: ", Counted(calls.size(), "answered call"), " named ",
      host.address.ToString(),
      " for RTP, and no packet from or to it passes any sensor of the site. "
      "The port it is on is no source of a SPAN session, or belongs to a "
      "switch "
      "without a sensor."));
  AddEvidence("answered calls that named it", static_cast<double>(calls.size()),
              "calls", verdict);
  AddEvidence("RTP from or to it", 0, "packets", verdict);
  AddEvidence("SIP from it", static_cast<double>(host.sip_sent), "messages",
              verdict);
  AddEvidence("SIP to it", static_cast<double>(host.sip_received), "messages",
              verdict);
  for (const CallFacts* call : calls) AddCall(call->call, verdict);
  verdict.set_cure(
      host.mac.empty()
          ? "Find its port (on the switch that it is plugged into), and make "
            "it a source (rx) of a SPAN session that reaches a sensor."
          : "Find its port by the MAC address, and make it a source (rx).");
  SetAddPortCommands(facts.family, host, verdict);
  return verdict;
}

v1::Verdict WithoutMedia(const Facts& facts, const std::string& site,
                         const MediaLess& found,
                         const std::vector<const CallFacts*>& calls,
                         bool no_media_at_all, const HostBook& hosts) {
  v1::Verdict verdict =
      AboutSite(site, v1::VERDICT_KIND_CALLS_WITHOUT_MEDIA,
                no_media_at_all ? v1::SEVERITY_PROBLEM : v1::SEVERITY_WARNING);
  std::vector<std::string> named;
  for (const auto& [address, unused] : found.never_seen) {
    named.push_back(hosts.Of(site, address).Words());
  }
  verdict.set_text(absl::StrCat(
      Part(calls.size(), found.answered, "answered call", "has", "have"),
      " no media",
      no_media_at_all
          ? absl::StrCat(": no RTP at all is seen at this site. Only the "
                         "signalling passes mirrored ports, while phones speak "
                         "to each other directly",
                         named.empty() ? "" : ": ", Listed(named), ".")
          : ", though media of other calls are seen: nothing was sent in "
            "them, or it took a way that no sensor sees."));
  AddEvidence("answered calls without media", static_cast<double>(calls.size()),
              "calls", verdict);
  AddEvidence("answered calls", static_cast<double>(found.answered), "calls",
              verdict);
  for (const CallFacts* call : calls) AddCall(call->call, verdict);
  if (no_media_at_all) {
    verdict.set_cure(
        "Mirror the ports of the phones as well as that of the PBX (rx on all "
        "of them), on each switch that has phones.");
    SetSpanCommands(facts.family, "<ports of phones, PBX and uplink>", verdict);
  } else {
    verdict.set_cure(
        "Look at one of the calls: its ladder shows which addresses SDP named "
        "for media.");
    if (verdict.calls_size() > 0) {
      verdict.add_commands(absl::StrCat("callbraid calls ladder ",
                                        verdict.calls(0).substr(0, 12)));
    }
  }
  return verdict;
}

void JudgeSite(const Facts& facts, const HostBook& hosts,
               const JudgedCalls& judged, const std::string& site,
               Verdicts& verdicts) {
  const MediaLess found = FindMediaLess(facts, hosts, judged, site);
  if (found.calls.empty()) return;
  bool any_media = false;
  for (const PointFacts& point : facts.points) {
    any_media = any_media || (point.site == site && point.has_report &&
                              point.window.census().rtp_packets() > 0);
  }
  for (const CallFacts& call : facts.calls) {
    any_media = any_media ||
                (call.sites.count(site) > 0 && !call.call.streams().empty());
  }
  if (!any_media) {
    verdicts.push_back(
        WithoutMedia(facts, site, found, found.calls, true, hosts));
    return;
  }
  for (const auto& [address, calls] : found.never_seen) {
    verdicts.push_back(NeverSeen(facts, hosts.Of(site, address), calls));
  }
  if (!found.unexplained.empty()) {
    verdicts.push_back(
        WithoutMedia(facts, site, found, found.unexplained, false, hosts));
  }
}

}  // namespace

Verdicts JudgeMedia(const Facts& facts, const HostBook& hosts,
                    const Blind& blind) {
  const JudgedCalls judged(facts, blind);
  Verdicts verdicts;
  for (const std::string& site : SitesOf(facts)) {
    JudgeSite(facts, hosts, judged, site, verdicts);
  }
  return verdicts;
}

}  // namespace callbraid::collector
