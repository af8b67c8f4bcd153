#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "collector/cli/cdr_parts.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render_completeness.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

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

absl::Status SetDuration(const std::string& flag, const std::string& value,
                         google::protobuf::Duration& target) {
  absl::Duration duration;
  if (!absl::ParseDuration(value, &duration) ||
      duration < absl::ZeroDuration() || duration > absl::Hours(24)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--", flag, ": '", value, "' is no time; write 10s or 2m"));
  }
  target.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  target.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return absl::OkStatus();
}

// The collector begins what is wrong with the field of the request.
absl::Status InWordsOfFlags(const absl::Status& status,
                            const std::string& path) {
  const std::string text(status.message());
  const std::pair<const char*, std::string> words[] = {
      {"cdr: ", absl::StrCat(path, ": ")},
      {"columns: ", absl::StrCat(path, ": --columns: ")},
      {"time_format: ", absl::StrCat(path, ": --time-format: ")},
      {"time_zone: ", "--zone: "},
      {"tolerance: ", "--tolerance: "},
      {"slack: ", "--slack: "}};
  for (const auto& [field, flag] : words) {
    if (!absl::StartsWith(text, field)) continue;
    return absl::Status(
        status.code(),
        absl::StrCat(flag, text.substr(std::string(field).size())));
  }
  return status;
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
                 "which column is which, by title or number",
                 *request_.mutable_columns());
    flags.String("zone", "ZONE",
                 "of its times, such as UTC or Europe/Berlin; default: yours",
                 zone_);
    flags.String("time-format", "FORMAT", "such as '%m/%d/%Y %H:%M:%S'",
                 *request_.mutable_time_format());
    flags.Value(
        "tolerance", "TIME", "by how much starts may differ; default 10s",
        [this](const std::string& value) {
          return SetDuration("tolerance", value, *request_.mutable_tolerance());
        });
    flags.Value("slack", "TIME",
                "by how much a recording may be shorter; default 2s",
                [this](const std::string& value) {
                  return SetDuration("slack", value, *request_.mutable_slack());
                });
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    const std::string& path = arguments[0];
    absl::TimeZone zone;
    if (!zone_.empty() && !absl::LoadTimeZone(zone_, &zone)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--zone: no time zone '", zone_, "'; write UTC or Europe/Berlin"));
    }
    request_.set_time_zone(
        zone_.empty() ? ZoneForApi(session.Now(), session.zone) : zone_);
    ASSIGN_OR_RETURN(const std::string text, ReadWhole(path));
    CdrRecords records = ReadCdr(text);
    const auto compared = Compare(session, path, records);
    if (!compared.ok()) return InWordsOfFlags(compared.status(), path);
    return Show(session, path, *compared);
  }

 private:
  absl::StatusOr<v1::ReconcileCallsResponse> Compare(Session& session,
                                                     const std::string& path,
                                                     CdrRecords& records) {
    v1::ReconcileCallsResponse whole;
    ASSIGN_OR_RETURN(const bool in_order,
                     CompareParts(session, path, records, whole));
    if (in_order) return whole;
    // PBXs write a record when its call ends. What a part knows nothing of are
    // calls that are those of another one's records: so each must be of a time
    // of its own. When records began the collector has just told.
    SortByStart(whole, records);
    whole.Clear();
    RETURN_IF_ERROR(CompareParts(session, path, records, whole).status());
    return whole;
  }

  // False if parts are of the same time.
  absl::StatusOr<bool> CompareParts(Session& session, const std::string& path,
                                    const CdrRecords& records,
                                    v1::ReconcileCallsResponse& whole) {
    const auto parts = SplitCdr(records, CdrPartLimits());
    if (!parts.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": ", std::string(parts.status().message())));
    }
    bool in_order = true;
    for (const CdrPart& part : *parts) {
      const bool needs_titles =
          whole.has_titles() && part.data() != records.data();
      const CdrRecord* titles = needs_titles ? records.data() : nullptr;
      request_.set_cdr(TextOf(titles, part));
      ASSIGN_OR_RETURN(v1::ReconcileCallsResponse found,
                       session.collector.ReconcileCalls(request_));
      in_order &= AddPart(titles, part, std::move(found), whole);
      if (session.progress && parts->size() > 1) {
        session.err << "\r" << Count(whole.answered() + whole.unanswered())
                    << " records" << std::flush;
      }
    }
    if (session.progress && parts->size() > 1) session.err << "\r\033[K";
    FinishParts(whole);
    return in_order;
  }

  static absl::Status Show(Session& session, const std::string& path,
                           const v1::ReconcileCallsResponse& found) {
    if (session.json) {
      session.out << ReconciliationJson(found);
    } else {
      session.out << RenderReconciliation(path, found, session.zone);
    }
    if (found.has_shift()) session.err << RenderShift(found.shift());
    const uint64_t lacking = found.answered() - WholeOf(found);
    if (lacking == 0) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat(Counted(lacking, "answered call"),
                     lacking == 1 ? " is" : " are", " not recorded whole"));
  }

  v1::ReconcileCallsRequest request_;
  std::string zone_;
};

}  // namespace

std::unique_ptr<Command> CallsReconcile() {
  return std::make_unique<ReconcileCommand>();
}

}  // namespace callbraid::cli
