#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render_completeness.h"
#include "collector/cli/seen_calls.h"
#include "collector/completeness/cdr_file.h"
#include "collector/completeness/reconcile.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

using collector::CdrFileOptions;
using collector::CdrRow;
using collector::FindShift;
using collector::ParseCdrFile;
using collector::ReconcileOptions;

// Calls that begin so long before the file does may have legs in it.
constexpr absl::Duration kLongCall = absl::Hours(4);
// Where little fits, calls are looked at so far around: the widest that two
// time zones are apart, and a bit.
constexpr absl::Duration kWide = absl::Hours(15);

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)),
                   std::istreambuf_iterator<char>());
  if (!in.good() && !in.eof()) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", path, "; is the name right?"));
  }
  return text;
}

class ReconcileCommand final : public Command {
 public:
  ReconcileCommand()
      : Command(
            {"calls reconcile",
             {"FILE"},
             "compares a PBX's call detail records with what was recorded",
             "FILE is CSV as Asterisk, FreeSWITCH or Cisco UCM writes it, or "
             "any with\ntitles such as src, dst, start, answer, billsec. Tells "
             "which answered calls are\nmissing, shorter, one-way or without "
             "media, and which calls the PBX does not\nknow. Exit code 0 if "
             "every answered call of FILE is recorded whole, else 1.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.String("columns", "FIELD=COLUMN,...",
                 "which column is which, by title or number", options_.columns);
    flags.String("zone", "ZONE",
                 "of its times, such as UTC or Europe/Berlin; default: yours",
                 zone_);
    flags.String("time-format", "FORMAT", "such as '%m/%d/%Y %H:%M:%S'",
                 options_.time_format);
    AddDuration(flags, "tolerance",
                "by how much starts may differ; default 10s",
                matching_.tolerance);
    AddDuration(flags, "slack",
                "by how much a recording may be shorter; default 2s",
                matching_.slack);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    options_.zone = session.zone;
    if (!zone_.empty() && !absl::LoadTimeZone(zone_, &options_.zone)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--zone: no time zone '", zone_, "'; write UTC or Europe/Berlin"));
    }
    ASSIGN_OR_RETURN(const std::string text, ReadWhole(arguments[0]));
    auto file = ParseCdrFile(text, options_);
    if (!file.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(arguments[0], ": ", file.status().message()));
    }
    return Compare(session, arguments[0], *file);
  }

 private:
  static void AddDuration(Flags& flags, const std::string& name,
                          const std::string& help, absl::Duration& target) {
    flags.Value(
        name, "TIME", help,
        [&target, name](const std::string& value) -> absl::Status {
          if (absl::ParseDuration(value, &target) &&
              target >= absl::ZeroDuration()) {
            return absl::OkStatus();
          }
          return absl::InvalidArgumentError(absl::StrCat(
              "--", name, ": '", value, "' is no time; write 10s or 2m"));
        });
  }

  absl::Status Compare(Session& session, const std::string& path,
                       const CdrFile& file) {
    const auto [first, last] = std::minmax_element(
        file.rows.begin(), file.rows.end(),
        [](const CdrRow& a, const CdrRow& b) { return a.start < b.start; });
    ASSIGN_OR_RETURN(
        const std::vector<SeenCall> calls,
        SeenCalls(session, first->start - kLongCall,
                  last->start + matching_.tolerance + absl::Milliseconds(1)));
    const Reconciliation found = Reconcile(file.rows, calls, matching_);
    if (session.json) {
      session.out << ReconciliationJson(found);
    } else {
      session.out << RenderReconciliation(path, file, found, session.zone);
    }
    const std::vector<CdrRow> missing = Missing(found);
    if (missing.size() * 2 > file.rows.size()) {
      ASSIGN_OR_RETURN(
          const std::vector<SeenCall> around,
          SeenCalls(session, first->start - kWide, last->start + kWide));
      const auto shift = FindShift(missing, around);
      if (shift) session.err << RenderShift(*shift);
    }
    const auto lacking = static_cast<uint64_t>(std::count_if(
        found.rows.begin(), found.rows.end(),
        [](const auto& one) { return one.row->answered && !one.IsWhole(); }));
    if (lacking == 0) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(Counted(lacking, "answered call"),
                     lacking == 1 ? " is" : " are", " not recorded whole"));
  }

  static std::vector<CdrRow> Missing(const Reconciliation& found) {
    std::vector<CdrRow> missing;
    for (const auto& one : found.rows) {
      if (one.call == nullptr) missing.push_back(*one.row);
    }
    return missing;
  }

  CdrFileOptions options_;
  ReconcileOptions matching_;
  std::string zone_;
};

}  // namespace

std::unique_ptr<Command> CallsReconcile() {
  return std::make_unique<ReconcileCommand>();
}

}  // namespace callbraid::cli
