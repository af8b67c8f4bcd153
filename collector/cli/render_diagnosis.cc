#include <algorithm>
#include <cctype>
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "collector/cli/text.h"

namespace callbraid::cli {
namespace {

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

// "one direction", "media never seen": the name of the kind.
std::string Title(v1::VerdictKind kind) {
  std::string name = v1::VerdictKind_Name(kind);
  constexpr char kPrefix[] = "VERDICT_KIND_";
  if (name.rfind(kPrefix, 0) == 0) name.erase(0, sizeof(kPrefix) - 1);
  for (char& c : name) {
    c = c == '_' ? ' ' : static_cast<char>(std::tolower(c));
  }
  return name;
}

// "s1 span0", "site hq, 10.10.0.103".
std::string Subject(const v1::Verdict& verdict) {
  std::string subject =
      verdict.sensor().empty()
          ? absl::StrCat("site ", verdict.site())
          : absl::StrCat(verdict.sensor(),
                         verdict.capture_point().empty() ? "" : " ",
                         verdict.capture_point());
  if (!verdict.address().empty()) {
    absl::StrAppend(&subject, ", ", verdict.address());
  }
  return subject;
}

// "packets", but "packet" of one.
std::string UnitOf(const v1::VerdictEvidence& evidence) {
  std::string unit = evidence.unit();
  if (evidence.value() == 1 && unit.size() > 1 && unit.back() == 's' &&
      unit.find('/') == std::string::npos) {
    unit.pop_back();
  }
  return unit;
}

// "1,234 packets", "97.5 %", "12.3 s".
std::string Value(const v1::VerdictEvidence& evidence) {
  if (!evidence.text().empty()) return evidence.text();
  const double value = evidence.value();
  const bool is_whole =
      value >= 0 && value < 1e15 && value == std::floor(value);
  return absl::StrCat(is_whole ? Count(static_cast<uint64_t>(value))
                               : absl::StrFormat("%.2f", value),
                      evidence.unit().empty() ? "" : " ", UnitOf(evidence));
}

std::string RenderVerdict(const v1::Verdict& verdict) {
  constexpr size_t kIndent = 2;
  constexpr size_t kHanging = 12;
  std::string text = absl::StrCat(
      PadRight(Word(verdict.severity()), 9),
      Printable(absl::StrCat(Title(verdict.kind()), ": ", Subject(verdict))),
      "\n");
  absl::StrAppend(&text, Wrap(Printable(verdict.text()), kIndent, kIndent));
  std::vector<std::string> evidence;
  for (const v1::VerdictEvidence& each : verdict.evidence()) {
    evidence.push_back(absl::StrCat(each.name(), ": ", Value(each)));
  }
  const auto section = [&text](const char* title, const std::string& content) {
    if (content.empty()) return;
    absl::StrAppend(&text,
                    Wrap(absl::StrCat(PadRight(title, 10), Printable(content)),
                         kIndent, kHanging));
  };
  section("Evidence", absl::StrJoin(evidence, "; "));
  section("Cure", verdict.cure());
  for (const std::string& command : verdict.commands()) {
    absl::StrAppend(&text, std::string(kHanging + 2, ' '), Printable(command),
                    "\n");
  }
  std::vector<std::string> calls;
  for (const std::string& call : verdict.calls()) {
    calls.push_back(call.substr(0, 8));
  }
  section("Calls", absl::StrJoin(calls, ", "));
  return text;
}

// What passes it, well or not.
std::string RenderPoint(const v1::CapturePointHealth& point,
                        absl::TimeZone zone) {
  std::string when;
  if (point.has_to()) {
    when = absl::StrCat(
        ", ", DateAndTime(ToTime(point.from()), zone).substr(0, 16), " - ",
        DateAndTime(ToTime(point.to()), zone).substr(11, 5));
  }
  return absl::StrCat(
      Printable(absl::StrCat(point.sensor(), " ", point.capture_point(),
                             " (site ", point.site(), ")")),
      when, "\n", Wrap(Printable(point.summary()), 2, 2));
}

std::string Conclusion(const v1::DiagnoseResponse& diagnosis) {
  const auto count = [&diagnosis](v1::Severity severity) {
    return static_cast<uint64_t>(
        std::count_if(diagnosis.verdicts().begin(), diagnosis.verdicts().end(),
                      [severity](const v1::Verdict& verdict) {
                        return verdict.severity() == severity;
                      }));
  };
  const std::string basis = absl::StrCat(
      "by ",
      Counted(static_cast<uint64_t>(diagnosis.capture_points_size()),
              "capture point"),
      " and ", Counted(diagnosis.calls(), "call"),
      diagnosis.truncated() ? "; there was more than can be looked at" : "");
  if (diagnosis.verdicts().empty()) {
    return absl::StrCat("Nothing is wrong, ", basis, ".\n");
  }
  return absl::StrCat(Counted(count(v1::SEVERITY_PROBLEM), "problem"), ", ",
                      Counted(count(v1::SEVERITY_WARNING), "warning"), ", ",
                      Counted(count(v1::SEVERITY_NOTE), "note"), ", ", basis,
                      ".\n");
}

}  // namespace

std::string RenderDiagnosis(const v1::DiagnoseResponse& diagnosis,
                            absl::TimeZone zone) {
  std::string text;
  for (const v1::CapturePointHealth& point : diagnosis.capture_points()) {
    absl::StrAppend(&text, RenderPoint(point, zone));
  }
  text += "\n";
  for (const v1::Verdict& verdict : diagnosis.verdicts()) {
    absl::StrAppend(&text, RenderVerdict(verdict), "\n");
  }
  return absl::StrCat(text, Conclusion(diagnosis));
}

}  // namespace callbraid::cli
