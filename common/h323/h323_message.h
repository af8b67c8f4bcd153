#ifndef CALLBRAID_COMMON_H323_H323_MESSAGE_H_
#define CALLBRAID_COMMON_H323_H323_MESSAGE_H_

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/h323/h225_message.h"
#include "common/h323/h245_message.h"

namespace callbraid {

// One message of H.323, of whatever of its protocols.
using H323Message = std::variant<H225Message, H245Message, RasMessage>;

// `bytes`: a datagram of RAS, or, of a connection, with the TPKT header that it
// has there: call signalling, or H.245. Nullopt if it is none. Views point into
// `bytes`.
std::optional<H323Message> ParseH323(std::string_view bytes, bool is_datagram);

// In words, for a list: "Setup 1001 -> 1002", "ReleaseComplete (16 normal call
// clearing)", "Facility: openLogicalChannel PCMU", "admissionRequest".
std::string H323Summary(const H323Message& message);

// Overwrites the media keys (H.235) in `bytes`, as ParseH323() takes them, with
// zeros; and, as they may be there, all that is behind where a message is cut,
// malformed, or not read any more.
void MaskH323Keys(std::string& bytes, bool is_datagram);

// Whether `bytes` says which keys were pressed, or cannot be read.
bool TellsPressedKeys(std::string_view bytes, bool is_datagram);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_H323_MESSAGE_H_
