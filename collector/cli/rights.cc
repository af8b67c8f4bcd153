#include "collector/cli/rights.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

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

absl::Status ParseRole(const std::string& word, v1::Role& to) {
  for (const RoleWord& role : kRoles) {
    if (word != role.word) continue;
    to = role.role;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", word, "' is none of viewer, operator, auditor, admin"));
}

}  // namespace

void AddRightsFlags(Flags& flags, v1::Role& role, v1::Scope& scope) {
  flags.Value(
      "role", "ROLE",
      "viewer, operator, auditor or admin; who is new needs one",
      [&role](const std::string& value) { return ParseRole(value, role); });
  flags.Value("site", "SITE",
              "sees only calls of this site; may be given again",
              [&scope](const std::string& value) {
                scope.add_sites(value);
                return absl::OkStatus();
              });
  flags.Value("number", "NUMBER",
              "sees only calls from or to it, +4930* begins so; may be given "
              "again",
              [&scope](const std::string& value) {
                scope.add_numbers(value);
                return absl::OkStatus();
              });
}

absl::Status CheckRole(v1::Role role) {
  if (role != v1::ROLE_UNSPECIFIED) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "which role? Give --role viewer, operator, auditor or admin");
}

std::string Word(v1::Role role) {
  // Made by sharing a call, not here.
  if (role == v1::ROLE_GUEST) return "guest";
  for (const RoleWord& known : kRoles) {
    if (known.role == role) return known.word;
  }
  return "?";
}

std::string Words(const v1::Scope& scope) {
  std::vector<std::string> parts(scope.sites().begin(), scope.sites().end());
  parts.insert(parts.end(), scope.numbers().begin(), scope.numbers().end());
  for (const std::string& call : scope.calls()) {
    parts.push_back(absl::StrCat("call ", call.substr(0, 8)));
  }
  return parts.empty() ? "all" : absl::StrJoin(parts, ", ");
}

}  // namespace callbraid::cli
