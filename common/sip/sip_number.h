#ifndef CALLBRAID_COMMON_SIP_SIP_NUMBER_H_
#define CALLBRAID_COMMON_SIP_SIP_NUMBER_H_

#include <string>
#include <string_view>

namespace callbraid {

// Who `uri` names, in one way of writing: a number without visual separators
// (RFC 3966, section 5.1.1), with its '+'; any other user part in lower case.
// Empty if there is no user part, or one that hides who it is (RFC 3323:
// "anonymous" and its like). Cut to 64 characters.
std::string PlainUser(std::string_view uri);

// Whether what PlainUser() returned can be dialled: digits, '*' and '#', with
// or without a '+' before them.
bool IsDialled(std::string_view plain);

// What two ways of dialling one number have in common: the last three signs; of
// other users, all. For finding candidates, no more.
std::string NumberKey(std::string_view plain);

// Whether `number` is what `pattern` says: the same or, where the pattern ends
// with '*', one that begins so. As they are written.
bool MatchesNumber(std::string_view pattern, std::string_view number);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SIP_SIP_NUMBER_H_
