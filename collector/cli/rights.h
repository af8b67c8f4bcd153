#ifndef CALLBRAID_COLLECTOR_CLI_RIGHTS_H_
#define CALLBRAID_COLLECTOR_CLI_RIGHTS_H_

#include <string>

#include "absl/status/status.h"
#include "callbraid/v1/access.pb.h"
#include "common/config/flags.h"

// Roles and scopes, as flags and in words.

namespace callbraid::cli {

// --role, --site and --number. The messages must outlive the flags.
void AddRightsFlags(Flags& flags, v1::Role& role, v1::Scope& scope);
// INVALID_ARGUMENT if --role was not given.
absl::Status CheckRole(v1::Role role);

std::string Word(v1::Role role);
std::string Words(const v1::Scope& scope);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_RIGHTS_H_
