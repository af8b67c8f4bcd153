#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/table.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

constexpr uint32_t kPageSize = 500;

std::string Word(v1::AuditAct act) {
  switch (act) {
    case v1::AUDIT_ACT_LISTEN:
      return "listen";
    case v1::AUDIT_ACT_READ_FAX:
      return "read fax";
    case v1::AUDIT_ACT_EXPORT_PACKETS:
      return "export";
    case v1::AUDIT_ACT_CREATE_TOKEN:
      return "token made";
    case v1::AUDIT_ACT_REVOKE_TOKEN:
      return "token revoked";
    case v1::AUDIT_ACT_REFUSED:
      return "refused";
    case v1::AUDIT_ACT_CUT:
      return "log cut";
    case v1::AUDIT_ACT_HOLD_CALL:
      return "hold";
    case v1::AUDIT_ACT_RELEASE_CALL:
      return "hold ended";
    case v1::AUDIT_ACT_DELETE_CALL:
      return "delete";
    case v1::AUDIT_ACT_EXPIRE:
      return "expired";
    case v1::AUDIT_ACT_ANNOTATE_CALL:
      return "note";
    case v1::AUDIT_ACT_SHARE_CALL:
      return "share";
    case v1::AUDIT_ACT_SET_USER:
      return "user set";
    case v1::AUDIT_ACT_REMOVE_USER:
      return "user removed";
    case v1::AUDIT_ACT_CHANGE_PASSWORD:
      return "new password";
    case v1::AUDIT_ACT_LOG_IN:
      return "login";
    default:
      return "?";
  }
}

std::string Who(const v1::AuditEntry& entry) {
  switch (entry.credential()) {
    case v1::CREDENTIAL_CERTIFICATE:
      return entry.user();
    case v1::CREDENTIAL_TOKEN:
      return absl::StrCat(entry.user(), " (token)");
    case v1::CREDENTIAL_DATA_FOLDER:
      return "data folder";
    case v1::CREDENTIAL_PASSWORD:
      return absl::StrCat(entry.user(), " (password)");
    case v1::CREDENTIAL_COLLECTOR:
      return "collector";
    default:
      return entry.user().empty() ? "anyone" : absl::StrCat(entry.user(), "?");
  }
}

std::string Outcome(const v1::AuditEntry& entry) {
  // By google.rpc.Code.
  static constexpr const char* kCodes[] = {
      "done",      "broken off", "failed",  "invalid",  "too late",
      "not found", "existed",    "denied",  "too many", "not possible",
      "failed",    "failed",     "unknown", "failed",   "unavailable",
      "damaged",   "nobody"};
  if (entry.skipped() > 0) return absl::StrCat(Count(entry.skipped()), " more");
  return entry.status() < std::size(kCodes) ? kCodes[entry.status()] : "?";
}

// Of what: a call, a token; of a refusal without any, the method.
std::string What(const v1::AuditEntry& entry) {
  if (!entry.target().empty()) return entry.target().substr(0, 16);
  return entry.method().substr(entry.method().rfind('.') + 1);
}

class AuditCommand final : public Command {
 public:
  AuditCommand()
      : Command({"audit list",
                 {},
                 "who listened, exported, was refused; newest first",
                 "TIME as in `calls list`.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.String("from", "TIME", "only at or after", from_);
    flags.String("to", "TIME", "only before", to_);
    flags.Value("user", "NAME", "only of this certificate or token",
                [this](const std::string& value) {
                  request_.set_user(value);
                  return absl::OkStatus();
                });
    flags.Value("call", "ID", "only about this call (whole id), or token",
                [this](const std::string& value) {
                  request_.set_target(value);
                  return absl::OkStatus();
                });
    flags.Value("limit", "N", "at most so many; default 50, 0 for all",
                [this](const std::string& value) -> absl::Status {
                  if (absl::SimpleAtoi(value, &limit_)) return absl::OkStatus();
                  return absl::InvalidArgumentError(
                      absl::StrCat("'", value, "' is not a number"));
                });
  }

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    RETURN_IF_ERROR(SetTimes(session));
    Table table;
    table.AddColumn(
        absl::StrCat("TIME (", ZoneName(session.Now(), session.zone), ")"));
    table.AddColumn("ACT");
    table.AddColumn("WHO", Table::Align::kLeft, true);
    table.AddColumn("FROM", Table::Align::kLeft, true);
    table.AddColumn("OUTCOME");
    table.AddColumn("OF", Table::Align::kLeft, true);
    table.AddColumn("DETAIL", Table::Align::kLeft, true);
    uint64_t listed = 0;
    uint64_t cut = 0;
    do {
      request_.set_page_size(limit_ == 0
                                 ? kPageSize
                                 : static_cast<uint32_t>(std::min<uint64_t>(
                                       kPageSize, limit_ - listed)));
      ASSIGN_OR_RETURN(const v1::ListAuditResponse page,
                       session.collector.ListAudit(request_));
      for (const v1::AuditEntry& entry : page.entries()) {
        if (session.json) {
          session.out << ToJson(entry) << '\n';
        } else {
          Add(entry, session.zone, table);
        }
      }
      listed += page.entries_size();
      cut = page.cut();
      request_.set_page_token(page.next_page_token());
    } while (!request_.page_token().empty() &&
             (limit_ == 0 || listed < limit_));
    if (session.json) return absl::OkStatus();
    if (table.empty()) {
      session.err << "no entries\n";
    } else {
      session.out << table.Render();
    }
    if (!request_.page_token().empty()) {
      session.err << "and more; --limit 0 lists all\n";
    }
    if (cut > 0) session.err << Count(cut) << " older entries were cut\n";
    return absl::OkStatus();
  }

 private:
  static void Add(const v1::AuditEntry& entry, absl::TimeZone zone,
                  Table& table) {
    table.AddRow({DateAndTime(ToTime(entry.time()), zone), Word(entry.act()),
                  Who(entry), entry.address(), Outcome(entry), What(entry),
                  entry.detail()});
  }

  absl::Status SetTimes(const Session& session) {
    for (const auto& [flag, text, target] : {std::tuple("--from", &from_, true),
                                             std::tuple("--to", &to_, false)}) {
      if (text->empty()) continue;
      const auto time = ParseTimeArgument(*text, session.Now(), session.zone);
      if (!time.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat(flag, ": ", time.status().message()));
      }
      *(target ? request_.mutable_from() : request_.mutable_before()) =
          FromTime(*time);
    }
    return absl::OkStatus();
  }

  v1::ListAuditRequest request_;
  std::string from_;
  std::string to_;
  uint64_t limit_ = 50;
};

}  // namespace

std::unique_ptr<Command> AuditList() {
  return std::make_unique<AuditCommand>();
}

}  // namespace callbraid::cli
