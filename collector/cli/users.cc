#include <algorithm>
#include <fstream>
#include <istream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/rights.h"
#include "collector/cli/table.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

// The first line of `file`, or of what is typed or piped in.
absl::StatusOr<std::string> ReadPassword(const std::string& file,
                                         std::istream* input) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file);
    if (!opened) {
      return absl::InvalidArgumentError(absl::StrCat(file, ": cannot be read"));
    }
    input = &opened;
  }
  std::string password;
  if (input == nullptr || !std::getline(*input, password)) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": there is no password in it"));
  }
  return password;
}

class SetCommand final : public Command {
 public:
  SetCommand()
      : Command({"users set",
                 {"NAME"},
                 "adds or changes somebody who logs in by a password",
                 "Of a user who is there what is not given stays: role, sites, "
                 "numbers and password.\n--site replaces all sites, --number "
                 "all numbers; auditors and admins have neither.\nWho is "
                 "logged in as that user no longer is.\n"}) {}

  void AddFlags(Flags& flags) override {
    AddRightsFlags(flags, role_, *request_.mutable_user()->mutable_scope());
    flags.Switch("all", "sees all again, but for --site and --number beside it",
                 all_);
    flags.String("password-file", "FILE",
                 "its first line is the password; - reads what is piped in",
                 file_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    request_.mutable_user()->set_name(arguments[0]);
    request_.mutable_user()->set_role(role_);
    RETURN_IF_ERROR(KeepWhatIs(session.collector));
    if (!file_.empty()) {
      ASSIGN_OR_RETURN(*request_.mutable_password(),
                       ReadPassword(file_, session.in));
    }
    ASSIGN_OR_RETURN(const v1::SetUserResponse response,
                     session.collector.SetUser(request_));
    if (session.json) {
      session.out << ToJson(response.user()) << '\n';
    } else {
      session.err << "user " << response.user().name() << ", "
                  << Word(response.user().role()) << ", sees "
                  << Words(response.user().scope()) << '\n';
    }
    return absl::OkStatus();
  }

 private:
  // Completes the request from the user that it changes, if there is one.
  absl::Status KeepWhatIs(CollectorClient& collector) {
    ASSIGN_OR_RETURN(const v1::ListUsersResponse known, collector.ListUsers());
    v1::User& user = *request_.mutable_user();
    const auto was = std::find_if(
        known.users().begin(), known.users().end(),
        [&user](const v1::User& one) { return one.name() == user.name(); });
    if (was == known.users().end()) return CheckRole(user.role());
    if (user.role() == v1::ROLE_UNSPECIFIED) user.set_role(was->role());
    const bool has_scope =
        user.role() == v1::ROLE_VIEWER || user.role() == v1::ROLE_OPERATOR;
    if (all_ || !has_scope) return absl::OkStatus();
    v1::Scope& scope = *user.mutable_scope();
    if (scope.sites().empty()) *scope.mutable_sites() = was->scope().sites();
    if (scope.numbers().empty()) {
      *scope.mutable_numbers() = was->scope().numbers();
    }
    return absl::OkStatus();
  }

  v1::SetUserRequest request_;
  v1::Role role_ = v1::ROLE_UNSPECIFIED;
  bool all_ = false;
  std::string file_;
};

class ListCommand final : public Command {
 public:
  ListCommand()
      : Command({"users list", {}, "who logs in by a password, by name", ""}) {}

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    ASSIGN_OR_RETURN(const v1::ListUsersResponse response,
                     session.collector.ListUsers());
    Table table;
    table.AddColumn("NAME", Table::Align::kLeft, true);
    table.AddColumn("ROLE");
    table.AddColumn("SEES", Table::Align::kLeft, true);
    table.AddColumn("PASSWORD OF");
    table.AddColumn("LAST LOGIN");
    for (const v1::User& user : response.users()) {
      if (session.json) {
        session.out << ToJson(user) << '\n';
        continue;
      }
      table.AddRow(
          {user.name(), Word(user.role()), Words(user.scope()),
           DateAndTime(ToTime(user.password_time()), session.zone),
           user.has_last_login_time()
               ? DateAndTime(ToTime(user.last_login_time()), session.zone)
               : "-"});
    }
    if (session.json) return absl::OkStatus();
    if (table.empty()) {
      session.err << "no users\n";
    } else {
      session.out << table.Render();
    }
    return absl::OkStatus();
  }
};

class RemoveCommand final : public Command {
 public:
  RemoveCommand()
      : Command({"users remove",
                 {"NAME"},
                 "removes a user; who is logged in as that user no longer is",
                 ""}) {}

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    v1::RemoveUserRequest request;
    request.set_name(arguments[0]);
    RETURN_IF_ERROR(session.collector.RemoveUser(request).status());
    session.err << "user " << arguments[0] << " is removed\n";
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Command> UsersSet() { return std::make_unique<SetCommand>(); }
std::unique_ptr<Command> UsersList() { return std::make_unique<ListCommand>(); }
std::unique_ptr<Command> UsersRemove() {
  return std::make_unique<RemoveCommand>();
}

}  // namespace callbraid::cli
