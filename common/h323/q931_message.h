#ifndef CALLBRAID_COMMON_H323_Q931_MESSAGE_H_
#define CALLBRAID_COMMON_H323_Q931_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace callbraid {

// ITU-T Q.931, table 4-2.
enum class Q931Type : uint8_t {
  kAlerting = 0x01,
  kCallProceeding = 0x02,
  kProgress = 0x03,
  kSetup = 0x05,
  kConnect = 0x07,
  kSetupAcknowledge = 0x0d,
  kConnectAcknowledge = 0x0f,
  kUserInformation = 0x20,
  kDisconnect = 0x45,
  kRelease = 0x4d,
  kReleaseComplete = 0x5a,
  kFacility = 0x62,
  kNotify = 0x6e,
  kStatusInquiry = 0x75,
  kInformation = 0x7b,
  kStatus = 0x7d,
};

// One message, as H.225.0 (section 7.2) uses it. Views point into the bytes
// that were given; empty and 0 where it does not say.
struct Q931Message {
  // Tells calls of one connection apart; chosen by who began the call.
  uint16_t call_reference = 0;
  // Sent by who began the call.
  bool from_originator = false;
  Q931Type type = Q931Type::kStatus;
  std::string_view calling_number;
  std::string_view called_number;
  std::string_view connected_number;
  std::string_view redirecting_number;
  std::string_view display;
  std::string_view keypad;
  // ITU-T Q.850; 0: none.
  uint8_t cause = 0;
  // Notification indicator (section 4.5.22, Q.953); 0: none.
  uint8_t notification = 0;
  // H323-UserInformation, in PER.
  std::string_view user_user;
};

// `bytes`: without TPKT. Nullopt unless it begins with discriminator, a call
// reference of two bytes and a message type that H.225.0 knows. Where the rest
// is cut, what there is of it counts.
std::optional<Q931Message> ParseQ931(std::string_view bytes);

// "Setup", "ReleaseComplete".
std::string_view Q931Name(Q931Type type);

// Of a cause of ITU-T Q.850: "normal call clearing". Empty for others.
std::string_view Q850Name(uint32_t cause);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_Q931_MESSAGE_H_
