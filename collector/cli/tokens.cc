#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/table.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

struct RoleWord {
  v1::Role role;
  const char* word;
};
constexpr RoleWord kRoles[] = {{v1::ROLE_VIEWER, "viewer"},
                               {v1::ROLE_OPERATOR, "operator"},
                               {v1::ROLE_AUDITOR, "auditor"},
                               {v1::ROLE_ADMIN, "admin"}};

absl::Status ParseRole(const std::string& word, v1::CreateTokenRequest& to) {
  for (const RoleWord& role : kRoles) {
    if (word != role.word) continue;
    to.set_role(role.role);
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", word, "' is none of viewer, operator, auditor, admin"));
}

std::string Word(v1::Role role) {
  // Made by sharing a call, not here.
  if (role == v1::ROLE_GUEST) return "guest";
  for (const RoleWord& known : kRoles) {
    if (known.role == role) return known.word;
  }
  return "?";
}

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
    flags.Value("role", "ROLE", "viewer, operator, auditor or admin; required",
                [this](const std::string& value) {
                  return ParseRole(value, request_);
                });
    flags.Value("site", "SITE",
                "sees only calls of this site; may be given again",
                [this](const std::string& value) {
                  request_.mutable_scope()->add_sites(value);
                  return absl::OkStatus();
                });
    flags.Value("number", "NUMBER",
                "sees only calls from or to it, +4930* begins so; may be given "
                "again",
                [this](const std::string& value) {
                  request_.mutable_scope()->add_numbers(value);
                  return absl::OkStatus();
                });
    flags.Value("days", "N", "good for so long; default 90",
                [this](const std::string& value) -> absl::Status {
                  if (absl::SimpleAtoi(value, &days_)) return absl::OkStatus();
                  return absl::InvalidArgumentError(
                      absl::StrCat("'", value, "' is not a number"));
                });
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    if (request_.role() == v1::ROLE_UNSPECIFIED) {
      return absl::InvalidArgumentError(
          "which role? Give --role viewer, operator, auditor or admin");
    }
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
  uint32_t days_ = 0;
};

std::string Scope(const v1::Token& token) {
  std::vector<std::string> parts(token.scope().sites().begin(),
                                 token.scope().sites().end());
  parts.insert(parts.end(), token.scope().numbers().begin(),
               token.scope().numbers().end());
  for (const std::string& call : token.scope().calls()) {
    parts.push_back(absl::StrCat("call ", call.substr(0, 8)));
  }
  return parts.empty() ? "all" : absl::StrJoin(parts, ", ");
}

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
          {token.id(), token.name(), Word(token.role()), Scope(token),
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
