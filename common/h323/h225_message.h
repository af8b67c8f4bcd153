#ifndef CALLBRAID_COMMON_H323_H225_MESSAGE_H_
#define CALLBRAID_COMMON_H323_H225_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/h323/h245_message.h"
#include "common/h323/q931_message.h"
#include "common/net/endpoint.h"

namespace callbraid {

// ITU-T H.225.0: TCP port of call signalling, UDP port of RAS.
inline constexpr uint16_t kH225Port = 1720;
inline constexpr uint16_t kRasPort = 1719;

// Who calls or is called. Empty where the message does not say.
struct H323Party {
  std::string number;  // dialledDigits, partyNumber, or a number of Q.931.
  std::string id;      // h323-ID, url-ID, email-ID.
};

// One message of call signalling: Q.931, and what its User-User element adds.
struct H225Message {
  Q931Message q931;
  // H.225.0 was read to its end. Else: is not there, cut off, or malformed, or
  // has more in a list than is read.
  bool complete = false;
  // callIdentifier and conferenceID, 32 hexadecimal digits; empty before
  // H.323 version 2, and where the message has none.
  std::string call_id;
  std::string conference_id;
  // Of a Setup: for a conference that is there already (conferenceGoal join or
  // invite), so that other calls have the conference_id as well.
  bool joins_conference = false;
  H323Party caller;
  H323Party callee;
  H323Party connected;
  // Of a Setup: where its sender has it that it sends from.
  std::optional<Endpoint> source_signal_address;
  // Where H.245 is spoken in a connection of its own.
  std::optional<Endpoint> h245_address;
  // Channels offered or accepted: those among the first 64.
  std::vector<H245Message> fast_start;
  // H.245 messages in this one: those among the first 64 of either list
  // (parallelH245Control, h245Control).
  std::vector<H245Message> tunnelled;
};

// What an address translator makes of the sender's address.
struct TranslatedAddress {
  IpAddress named;
  IpAddress seen;
};
// Nullopt unless `message`, seen to come from `source`, is a Setup that names
// the end of its own connection, the same port, by another address. (Who passes
// a Setup on leaves the name of whom it is from, but has a port of its own.)
std::optional<TranslatedAddress> TranslationOf(const H225Message& message,
                                               const Endpoint& source);

// `bytes`: without TPKT. Nullopt if it is no Q.931. Views point into `bytes`.
std::optional<H225Message> ParseH225(std::string_view bytes);

// Whether `bytes` is a message of Q.931 whose User-User element names H.225.0
// by its object identifier: nothing else begins like that.
bool IsH225(std::string_view bytes);

// Media keys in the message (H.235), and whatever could not be read of it, or
// is beyond what is: into `bytes`.
std::vector<std::string_view> H225Secrets(std::string_view bytes);

// Between endpoints and gatekeepers, in UDP.
struct RasMessage {
  // As the standard has it: "admissionRequest".
  std::string_view name;
  // Of an admissionRequest.
  H323Party caller;
  H323Party callee;
  std::string call_id;
};
// Nullopt if `bytes` does not begin with one.
std::optional<RasMessage> ParseRas(std::string_view bytes);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_H225_MESSAGE_H_
