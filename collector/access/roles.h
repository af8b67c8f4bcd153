#ifndef CALLBRAID_COLLECTOR_ACCESS_ROLES_H_
#define CALLBRAID_COLLECTOR_ACCESS_ROLES_H_

#include <optional>
#include <string>

#include "callbraid/v1/access.pb.h"
#include "google/protobuf/descriptor.h"

namespace callbraid::collector {

// An RPC, and the least role that may call it; unspecified: any role will do.
struct Right {
  std::string method;
  v1::Role least = v1::ROLE_UNSPECIFIED;
  // It reads as much as a recording does: of guests so many are answered.
  bool reads_media = false;
};

// What the table says of the RPC that takes `request`; nullopt of one that it
// does not know, which nobody may call.
std::optional<Right> RightFor(const google::protobuf::Descriptor& request);
// The same by full name: "callbraid.v1.CallService.GetCall".
std::optional<Right> RightFor(const std::string& method);

// Whether who has the role `has` may do what needs `least`.
bool Suffices(v1::Role has, v1::Role least);

// "viewer"; "" of none. And back; nullopt if it is no role that somebody can be
// given: guests are made by sharing a call.
std::string Word(v1::Role role);
std::optional<v1::Role> ParseRole(const std::string& word);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_ROLES_H_
