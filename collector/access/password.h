#ifndef CALLBRAID_COLLECTOR_ACCESS_PASSWORD_H_
#define CALLBRAID_COLLECTOR_ACCESS_PASSWORD_H_

#include <string_view>

#include "absl/status/status.h"
#include "callbraid/store/v1/user_record.pb.h"

// Passwords, kept as scrypt (RFC 7914) makes them: 32 MiB and some 100 ms for
// each guess. The threads that ask bound how much that is at once.

namespace callbraid::collector {

// INVALID_ARGUMENT: too short, too long, or the user's name.
absl::Status CheckPassword(std::string_view password, std::string_view name);

// Puts what is kept of `password` into `record`. Takes some 100 ms.
void SetPassword(std::string_view password, store::v1::UserRecord& record);

// Whether `password` is the one of `record`; takes as long where it is of no
// user: an empty one.
bool IsPassword(std::string_view password, const store::v1::UserRecord& record);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_PASSWORD_H_
