#include "collector/doctor/verdict.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/switches/span_commands.h"

namespace callbraid::collector {
namespace {

constexpr int kMaxCalls = 5;
constexpr char kSensorPort[] = "<port of the sensor>";

}  // namespace

v1::Verdict AboutSite(const std::string& site, v1::VerdictKind kind,
                      v1::Severity severity) {
  v1::Verdict verdict;
  verdict.set_kind(kind);
  verdict.set_severity(severity);
  verdict.set_site(site);
  return verdict;
}

v1::Verdict AboutSensor(const SensorFacts& sensor, v1::VerdictKind kind,
                        v1::Severity severity) {
  v1::Verdict verdict = AboutSite(sensor.site, kind, severity);
  verdict.set_sensor(sensor.id);
  return verdict;
}

v1::Verdict AboutPoint(const PointFacts& point, v1::VerdictKind kind,
                       v1::Severity severity) {
  v1::Verdict verdict = AboutSite(point.site, kind, severity);
  verdict.set_sensor(point.sensor);
  verdict.set_capture_point(point.point.name());
  return verdict;
}

void AddEvidence(const std::string& name, double value, const std::string& unit,
                 v1::Verdict& verdict) {
  v1::VerdictEvidence& evidence = *verdict.add_evidence();
  evidence.set_name(name);
  evidence.set_value(value);
  evidence.set_unit(unit);
}

void AddEvidence(const std::string& name, const std::string& text,
                 v1::Verdict& verdict) {
  v1::VerdictEvidence& evidence = *verdict.add_evidence();
  evidence.set_name(name);
  evidence.set_text(text);
}

std::string InterfaceForShell(const PointFacts& point) {
  constexpr size_t kMaxBytes = 15;  // IFNAMSIZ, less the final 0.
  const std::string& name = point.point.name();
  const bool is_plain =
      !name.empty() && name.size() <= kMaxBytes && name[0] != '-' &&
      std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
               c == '_' || c == '-' || c == ':' || c == '@';
      });
  return point.is_live() && is_plain ? name : "<interface>";
}

void AddCall(const v1::Call& call, v1::Verdict& verdict) {
  for (const std::string& known : verdict.calls()) {
    if (known == call.id()) return;
  }
  if (verdict.calls_size() < kMaxCalls) verdict.add_calls(call.id());
}

void SetSpanCommands(v1::SwitchFamily family, const std::string& sources,
                     v1::Verdict& verdict) {
  SpanSession session;
  session.sources = {LiteralPort(sources)};
  session.destination = kSensorPort;
  const auto commands = SpanCommands(family, session);
  if (!commands.ok()) return;
  // What the session was is replaced: to be looked at before.
  verdict.add_commands(ShowSpanCommand(family, session.session));
  for (const std::string& command : *commands) verdict.add_commands(command);
}

void SetAddPortCommands(v1::SwitchFamily family, const SiteHost& host,
                        v1::Verdict& verdict) {
  const std::string& mac = host.mac.empty() ? host.router_mac : host.mac;
  if (!mac.empty()) verdict.add_commands(FindMacCommand(family, mac));
  SpanSession session;
  session.sources = {
      LiteralPort(absl::StrCat("<port of ", host.address.ToString(), ">"))};
  session.destination = kSensorPort;
  const auto commands = AddSourceCommands(family, session);
  if (!commands.ok()) return;
  for (const std::string& command : *commands) verdict.add_commands(command);
}

}  // namespace callbraid::collector
