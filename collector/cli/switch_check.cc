#include "collector/cli/switch_check.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "collector/cli/format.h"
#include "collector/cli/text.h"
#include "common/switches/span_commands.h"

namespace callbraid::cli {
namespace {

// A port with more hosts than this leads to another switch.
constexpr size_t kHostsOfUplink = 4;

using Findings = std::vector<SwitchFinding>;

std::vector<PortRange> SourcesOf(const ShownSession& session) {
  std::vector<PortRange> all = session.rx;
  all.insert(all.end(), session.tx.begin(), session.tx.end());
  all.insert(all.end(), session.both.begin(), session.both.end());
  return all;
}

std::string Names(const std::vector<PortRange>& ports) {
  constexpr size_t kNamed = 8;
  std::vector<std::string> names = PortNames(ports);
  const size_t more = names.size() > kNamed ? names.size() - kNamed : 0;
  names.resize(names.size() - more);
  return absl::StrCat(absl::StrJoin(names, ", "),
                      more > 0 ? absl::StrCat(" and ", more, " more") : "");
}

// The session with the sources that it has.
std::vector<std::string> SessionWith(v1::SpanDirection direction,
                                     const ShownSession& session,
                                     v1::SwitchFamily family) {
  SpanSession wanted;
  wanted.session = session.session;
  wanted.direction = direction;
  wanted.sources = SourcesOf(session);
  if (!session.destinations.empty()) {
    wanted.destination = session.destinations.front().First();
  }
  const auto commands = SpanCommands(family, wanted);
  return commands.ok() ? *commands : std::vector<std::string>();
}

void CheckDirections(const ShownSession& session, v1::SwitchFamily family,
                     Findings& findings) {
  const std::string name = absl::StrCat("Session ", session.session);
  const size_t rx = PortNames(session.rx).size();
  const size_t tx = PortNames(session.tx).size();
  const size_t both = PortNames(session.both).size();
  if (tx > 0 && rx == 0 && both == 0) {
    findings.push_back(
        {v1::SEVERITY_PROBLEM,
         absl::StrCat(name, " is TX only: of ", Names(session.tx),
                      " only what is sent TO the hosts there is copied, what "
                      "they say only if it leaves by another of these ports."),
         SessionWith(v1::SPAN_DIRECTION_RX, session, family)});
  } else if (rx == 1 && tx == 0 && both == 0) {
    findings.push_back(
        {v1::SEVERITY_PROBLEM,
         absl::StrCat(
             name, " is RX only on its single source ", Names(session.rx),
             ": only what comes FROM the host there is copied. Add the "
             "ports that the answers come in by (rx), or mirror both "
             "directions of this one:"),
         SessionWith(v1::SPAN_DIRECTION_BOTH, session, family)});
  } else if (both >= 2) {
    findings.push_back(
        {v1::SEVERITY_WARNING,
         absl::StrCat(name, " copies both directions of ",
                      Counted(both, "port"), " (", Names(session.both),
                      "): what goes from one of them to another comes twice. "
                      "RX on all of them copies each frame once, if the uplink "
                      "is a source, too."),
         SessionWith(v1::SPAN_DIRECTION_RX, session, family)});
  } else if (rx >= 2) {
    findings.push_back(
        {v1::SEVERITY_NOTE,
         absl::StrCat(name, " copies what ", Counted(rx, "port"),
                      " receive: each frame once. Frames that come in by any "
                      "other port (an uplink?) are not seen."),
         {}});
  }
}

void CheckSession(const ShownSession& session, v1::SwitchFamily family,
                  Findings& findings) {
  const std::string name = absl::StrCat("Session ", session.session);
  const std::vector<PortRange> sources = SourcesOf(session);
  if (sources.empty() && !session.has_source_vlans) {
    findings.push_back({v1::SEVERITY_PROBLEM,
                        absl::StrCat(name, " has no source ports."),
                        {}});
  }
  if (session.destinations.empty()) {
    findings.push_back({v1::SEVERITY_PROBLEM,
                        absl::StrCat(name, " has no destination port."),
                        {}});
  }
  if (absl::StartsWithIgnoreCase(session.state, "down")) {
    findings.push_back(
        {v1::SEVERITY_PROBLEM,
         absl::StrCat(name, " does not run: ", session.state, "."),
         {}});
  }
  for (const std::string& port : PortNames(session.destinations)) {
    if (!ContainsPort(sources, port)) continue;
    findings.push_back(
        {v1::SEVERITY_PROBLEM,
         absl::StrCat("Port ", port, " is source and destination of session ",
                      session.session, ": it cannot be both."),
         {}});
  }
  CheckDirections(session, family, findings);
  if (absl::StartsWithIgnoreCase(session.encapsulation, "native")) {
    findings.push_back(
        {v1::SEVERITY_NOTE,
         absl::StrCat(
             name,
             " takes VLAN tags off (encapsulation native). Calls are "
             "seen all the same, but not in which VLAN; `encapsulation "
             "replicate` keeps them."),
         {}});
  }
}

std::string HostName(const v1::SignallingHost& host) {
  if (host.is_server()) return absl::StrCat("PBX ", host.address());
  return host.number().empty()
             ? host.address()
             : absl::StrCat("phone ", host.number(), " (", host.address(), ")");
}

// Whether something of the host's calls is missing.
bool LacksMedia(const v1::SignallingHost& host) {
  return host.calls() > 0 && host.calls_heard() < host.calls();
}

// A host whose port is known.
void CheckHost(const v1::SignallingHost& host, const ShownMac& entry,
               size_t hosts_on_port, const std::vector<PortRange>& sources,
               const ShownSession& session, v1::SwitchFamily family,
               Findings& findings) {
  const std::string who =
      absl::StrCat(HostName(host), ", MAC ", host.mac(), ",");
  const bool is_source = ContainsPort(sources, entry.port);
  const bool lacks = LacksMedia(host);
  if (is_source) {
    if (!lacks) return;
    findings.push_back(
        {v1::SEVERITY_WARNING,
         absl::StrCat("Port ", entry.port, " of ", who, " is a source, yet in ",
                      host.calls() - host.calls_heard(), " of ",
                      Counted(host.calls(), "call"),
                      " it was not heard: see what `sensors doctor` says."),
         {}});
    return;
  }
  if (hosts_on_port > kHostsOfUplink) {
    findings.push_back(
        {lacks ? v1::SEVERITY_WARNING : v1::SEVERITY_NOTE,
         absl::StrCat(who, " is behind port ", entry.port, " with ",
                      hosts_on_port - 1,
                      " others: on another switch, whose ports are not "
                      "mirrored here."),
         {}});
    return;
  }
  SpanSession wanted;
  wanted.session = session.session == 0 ? 1 : session.session;
  wanted.sources = {LiteralPort(entry.port)};
  const auto commands = AddSourceCommands(family, wanted);
  findings.push_back(
      {lacks ? v1::SEVERITY_PROBLEM : v1::SEVERITY_NOTE,
       absl::StrCat(
           "Port ", entry.port, " of ", who, " is no source of any session",
           lacks ? absl::StrCat(", and in ", host.calls() - host.calls_heard(),
                                " of ", Counted(host.calls(), "call"),
                                " it was not heard.")
                 : ". (Its calls are complete by other ports.)"),
       commands.ok() ? *commands : std::vector<std::string>()});
}

void CheckHosts(const ShowOutput& shown, const v1::DiagnoseResponse& diagnosis,
                v1::SwitchFamily family, Findings& findings) {
  std::vector<PortRange> sources;
  for (const ShownSession& session : shown.sessions) {
    const std::vector<PortRange> more = SourcesOf(session);
    sources.insert(sources.end(), more.begin(), more.end());
  }
  std::map<std::string, const ShownMac*> ports;
  std::map<std::string, std::set<std::string>> hosts_on;
  for (const ShownMac& entry : shown.macs) {
    ports[entry.mac] = &entry;
    hosts_on[entry.port].insert(entry.mac);
  }
  const ShownSession session =
      shown.sessions.empty() ? ShownSession() : shown.sessions.front();
  for (const v1::SignallingHost& host : diagnosis.hosts()) {
    const auto known = ports.find(host.mac());
    if (!host.mac().empty() && known != ports.end()) {
      CheckHost(host, *known->second, hosts_on[known->second->port].size(),
                sources, session, family, findings);
    } else if (LacksMedia(host)) {
      findings.push_back(
          {v1::SEVERITY_WARNING,
           absl::StrCat(
               HostName(host), " was not heard in ",
               host.calls() - host.calls_heard(), " of ",
               Counted(host.calls(), "call"),
               host.mac().empty()
                   ? ", and no sensor saw its MAC address."
                   : absl::StrCat("; paste the MAC address table, too, "
                                  "to know the port of ",
                                  host.mac(), ".")),
           host.mac().empty()
               ? std::vector<std::string>()
               : std::vector<std::string>{FindMacCommand(family, host.mac())}});
    }
  }
}

const char* Word(v1::Severity severity) {
  switch (severity) {
    case v1::SEVERITY_PROBLEM:
      return "PROBLEM";
    case v1::SEVERITY_WARNING:
      return "WARNING";
    default:
      return "NOTE";
  }
}

}  // namespace

std::vector<SwitchFinding> CheckSwitch(const ShowOutput& shown,
                                       const v1::DiagnoseResponse& diagnosis,
                                       v1::SwitchFamily family) {
  Findings findings;
  if (shown.sessions.empty() && shown.says_none) {
    findings.push_back(
        {v1::SEVERITY_PROBLEM, "The switch has no such SPAN session.", {}});
  }
  for (const ShownSession& session : shown.sessions) {
    CheckSession(session, family, findings);
  }
  CheckHosts(shown, diagnosis, family, findings);
  std::stable_sort(findings.begin(), findings.end(),
                   [](const SwitchFinding& a, const SwitchFinding& b) {
                     return a.severity > b.severity;
                   });
  return findings;
}

std::string RenderFindings(const std::vector<SwitchFinding>& findings) {
  std::string text;
  for (const SwitchFinding& finding : findings) {
    absl::StrAppend(&text,
                    Wrap(absl::StrCat(PadRight(Word(finding.severity), 9),
                                      Printable(finding.text)),
                         0, 9));
    for (const std::string& command : finding.commands) {
      absl::StrAppend(&text, "           ", Printable(command), "\n");
    }
  }
  return text;
}

}  // namespace callbraid::cli
