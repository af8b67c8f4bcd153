// Calls with media one way: whose port is no source, and who was truly silent.
#include <map>
#include <optional>
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

std::optional<IpAddress> AddressOf(const std::string& endpoint) {
  return IpAddress::Parse(endpoint.substr(0, endpoint.rfind(':')));
}

// Hosts of a one-way call that are spoken to and are never heard.
std::set<IpAddress> Unheard(const CallFacts& call) {
  std::set<IpAddress> sources;
  std::set<IpAddress> unheard;
  for (const v1::Stream& stream : call.call.streams()) {
    if (const auto source = AddressOf(stream.source())) sources.insert(*source);
  }
  for (const v1::Stream& stream : call.call.streams()) {
    const auto to = AddressOf(stream.destination());
    if (to && sources.count(*to) == 0) unheard.insert(*to);
  }
  return unheard;
}

// Whether its SDP says that it would send at all.
bool MeansToSend(const CallFacts& call, const IpAddress& address) {
  for (const MediaParty& party : call.parties) {
    if (party.address == address) return party.sends;
  }
  return true;
}

// What the other side's RTCP says of a host that is never heard here.
enum class Witness { kNone, kHeardIt, kHeardNothing };

Witness WitnessOf(const CallFacts& call, const IpAddress& host) {
  std::set<uint32_t> seen;
  for (const v1::Stream& stream : call.call.streams()) {
    seen.insert(stream.ssrc());
  }
  Witness witness = Witness::kNone;
  for (const ReceptionFacts& reception : call.receptions) {
    if (reception.reporter == host) continue;
    for (const uint32_t ssrc : reception.heard) {
      if (seen.count(ssrc) == 0) return Witness::kHeardIt;
    }
    if (reception.reports >= 2 &&
        reception.empty_reports == reception.reports) {
      witness = Witness::kHeardNothing;
    }
  }
  return witness;
}

// One-way calls of one host.
struct Silence {
  std::vector<const CallFacts*> proven;   // The other side received it.
  std::vector<const CallFacts*> silent;   // The other side received nothing.
  std::vector<const CallFacts*> unknown;  // Nobody says.
};

v1::Verdict NotMirrored(const Facts& facts, const SiteHost& host,
                        const Silence& silence) {
  const bool is_proven = !silence.proven.empty();
  v1::Verdict verdict =
      AboutSite(host.site, v1::VERDICT_KIND_PORT_NOT_MIRRORED,
                is_proven ? v1::SEVERITY_PROBLEM : v1::SEVERITY_WARNING);
  SetHost(host, verdict);
  const size_t calls = silence.proven.size() + silence.unknown.size();
  verdict.set_text(absl::StrCat(
      "Of ", host.Words(), " nothing is heard in ", Counted(calls, "call"),
      ", though it is spoken to: ",
      is_proven
          ? "the other side did receive its RTP, as its RTCP says, so the "
            "port that it sends by is no source of any SPAN session."
          : "the port that it sends by is no source of any SPAN session, "
            "or it sends nothing. No packet from it was seen in any other "
            "call either."));
  AddEvidence("one-way calls", static_cast<double>(calls), "calls", verdict);
  AddEvidence("of these, its RTP was received by RTCP's account",
              static_cast<double>(silence.proven.size()), "calls", verdict);
  AddEvidence("calls in which it is heard",
              static_cast<double>(host.calls_heard), "calls", verdict);
  for (const auto* group : {&silence.proven, &silence.unknown}) {
    for (const CallFacts* call : *group) AddCall(call->call, verdict);
  }
  verdict.set_cure("Find its port, and make it a source (rx).");
  SetAddPortCommands(facts.family, host, verdict);
  return verdict;
}

v1::Verdict SilentParty(const SiteHost& host, const Silence& silence) {
  v1::Verdict verdict =
      AboutSite(host.site, v1::VERDICT_KIND_SILENT_PARTY, v1::SEVERITY_NOTE);
  SetHost(host, verdict);
  const size_t calls = silence.silent.size() + silence.unknown.size();
  const bool is_heard = host.calls_heard > 0;
  verdict.set_text(absl::StrCat(
      host.Words(), " was silent in ", Counted(calls, "call"), ": ",
      !silence.silent.empty()
          ? "the other side received nothing from it, as its RTCP says."
          : "its port is mirrored, for it is heard in other calls.",
      " That is no fault of the mirror: the phone is mute or misconfigured, or "
      "a firewall drops what it sends."));
  AddEvidence("one-way calls", static_cast<double>(calls), "calls", verdict);
  AddEvidence("of these, the other side received nothing by RTCP's account",
              static_cast<double>(silence.silent.size()), "calls", verdict);
  AddEvidence("calls in which it is heard",
              static_cast<double>(host.calls_heard), "calls", verdict);
  for (const auto* group : {&silence.silent, &silence.unknown}) {
    for (const CallFacts* call : *group) AddCall(call->call, verdict);
  }
  verdict.set_cure(is_heard ? "Look at the phone, its network and NAT, and at "
                              "firewalls between the two."
                            : "Look at the phone and at firewalls between the "
                              "two; its port may be mirrored or not.");
  return verdict;
}

void JudgeSite(const Facts& facts, const HostBook& hosts,
               const JudgedCalls& judged, const std::string& site,
               Verdicts& verdicts) {
  std::map<IpAddress, Silence> silences;
  for (const CallFacts& call : facts.calls) {
    if (!call.HasFlag(v1::CALL_FLAG_ONE_WAY) || !judged.Has(call, site)) {
      continue;
    }
    for (const IpAddress& host : Unheard(call)) {
      if (host.is_multicast() || !MeansToSend(call, host)) continue;
      const Witness witness = WitnessOf(call, host);
      if (witness != Witness::kHeardNothing &&
          hosts.Of(site, host).IsHeardSince(call)) {
        continue;
      }
      Silence& silence = silences[host];
      switch (witness) {
        case Witness::kHeardIt:
          silence.proven.push_back(&call);
          break;
        case Witness::kHeardNothing:
          silence.silent.push_back(&call);
          break;
        case Witness::kNone:
          silence.unknown.push_back(&call);
      }
    }
  }
  for (auto& [address, silence] : silences) {
    const SiteHost host = hosts.Of(site, address);
    const bool is_heard = host.calls_heard > 0;
    // Whoever is heard elsewhere is mirrored, and was silent here.
    if (!silence.proven.empty() || (!silence.unknown.empty() && !is_heard)) {
      verdicts.push_back(NotMirrored(facts, host, silence));
    }
    if (!silence.silent.empty() || (!silence.unknown.empty() && is_heard)) {
      if (!is_heard) silence.unknown.clear();
      verdicts.push_back(SilentParty(host, silence));
    }
  }
}

}  // namespace

Verdicts JudgeOneWay(const Facts& facts, const HostBook& hosts,
                     const Blind& blind) {
  const JudgedCalls judged(facts, blind);
  Verdicts verdicts;
  for (const std::string& site : SitesOf(facts)) {
    JudgeSite(facts, hosts, judged, site, verdicts);
  }
  return verdicts;
}

}  // namespace callbraid::collector
