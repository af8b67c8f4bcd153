#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/rights.h"
#include "collector/cli/table.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

class CreateCommand final : public Command {
 public:
  CreateCommand()
      : Command({"tokens create",
                 {"NAME"},
                 "an API token; it is shown once",
                 "Prints the token alone, so that it can go into a file:\n"
                 "(umask 077; callbraid tokens create ann --role viewer > "
                 "ann.token)\n"}) {}

  void AddFlags(Flags& flags) override {
    AddRightsFlags(flags, role_, *request_.mutable_scope());
    flags.Value("days", "N", "good for so long; default 90",
                [this](const std::string& value) -> absl::Status {
                  if (absl::SimpleAtoi(value, &days_)) return absl::OkStatus();
                  return absl::InvalidArgumentError(
                      absl::StrCat("'", value, "' is not a number"));
                });
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    RETURN_IF_ERROR(CheckRole(role_));
    request_.set_role(role_);
    request_.set_name(arguments[0]);
    if (days_ > 0) {
      *request_.mutable_expire_time() =
          FromTime(session.Now() + absl::Hours(24) * days_);
    }
    ASSIGN_OR_RETURN(const v1::CreateTokenResponse response,
                     session.collector.CreateToken(request_));
    if (session.json) {
      session.out << ToJson(response) << '\n';
      return absl::OkStatus();
    }
    session.out << response.secret() << '\n';
    session.err << "token " << response.token().id() << " of "
                << response.token().name() << ", "
                << Word(response.token().role()) << ", until "
                << DateAndTime(ToTime(response.token().expire_time()),
                               session.zone)
                << "; it is not shown again\n";
    return absl::OkStatus();
  }

 private:
  v1::CreateTokenRequest request_;
  v1::Role role_ = v1::ROLE_UNSPECIFIED;
  uint32_t days_ = 0;
};

std::string State(const v1::Token& token, absl::Time now, absl::TimeZone zone) {
  if (token.has_revoke_time()) return "revoked";
  const absl::Time end = ToTime(token.expire_time());
  return end <= now ? "expired"
                    : absl::StrCat("until ", DateAndTime(end, zone));
}

class ListCommand final : public Command {
 public:
  ListCommand()
      : Command({"tokens list", {}, "API tokens, oldest first", ""}) {}

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    ASSIGN_OR_RETURN(const v1::ListTokensResponse response,
                     session.collector.ListTokens());
    Table table;
    table.AddColumn("ID");
    table.AddColumn("NAME", Table::Align::kLeft, true);
    table.AddColumn("ROLE");
    table.AddColumn("SEES", Table::Align::kLeft, true);
    table.AddColumn("GOOD");
    table.AddColumn("LAST USE");
    table.AddColumn("MADE BY", Table::Align::kLeft, true);
    for (const v1::Token& token : response.tokens()) {
      if (session.json) {
        session.out << ToJson(token) << '\n';
        continue;
      }
      table.AddRow(
          {token.id(), token.name(), Word(token.role()), Words(token.scope()),
           State(token, session.Now(), session.zone),
           token.has_last_use_time()
               ? DateAndTime(ToTime(token.last_use_time()), session.zone)
               : "never",
           token.created_by().empty() ? "data folder" : token.created_by()});
    }
    if (session.json) return absl::OkStatus();
    if (table.empty()) {
      session.err << "no tokens\n";
    } else {
      session.out << table.Render();
    }
    return absl::OkStatus();
  }
};

class RevokeCommand final : public Command {
 public:
  RevokeCommand()
      : Command({"tokens revoke",
                 {"ID"},
                 "ends an API token, and what runs on it, at once",
                 ""}) {}

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    v1::RevokeTokenRequest request;
    request.set_id(arguments[0]);
    ASSIGN_OR_RETURN(const v1::RevokeTokenResponse response,
                     session.collector.RevokeToken(request));
    if (session.json) {
      session.out << ToJson(response.token()) << '\n';
    } else {
      session.err << "token " << response.token().id() << " of "
                  << response.token().name() << " is revoked\n";
    }
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Command> TokensCreate() {
  return std::make_unique<CreateCommand>();
}
std::unique_ptr<Command> TokensList() {
  return std::make_unique<ListCommand>();
}
std::unique_ptr<Command> TokensRevoke() {
  return std::make_unique<RevokeCommand>();
}

}  // namespace callbraid::cli
