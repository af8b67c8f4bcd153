#ifndef CALLBRAID_COMMON_SCCP_SCCP_MESSAGE_H_
#define CALLBRAID_COMMON_SCCP_SCCP_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/net/endpoint.h"

// The Skinny Client Control Protocol, between Cisco's phones and their call
// manager. It has no standard: layouts are those of versions 0 to 22 as seen on
// the wire, told apart by sizes where a header does not say (call managers send
// 0 to some devices). Views point into the bytes that were given; nothing
// throws.

namespace callbraid {

inline constexpr uint16_t kSccpPort = 2000;
// Of a message with its header. The longest are XML for a phone's display.
inline constexpr size_t kMaxSccpBytes = 16'384;
inline constexpr size_t kSccpHeaderBytes = 12;

enum class SccpId : uint32_t {
  kKeepAlive = 0x0000,
  kRegister = 0x0001,
  kKeypadButton = 0x0003,
  kEnblocCall = 0x0004,
  kOffHook = 0x0006,
  kOnHook = 0x0007,
  kHookFlash = 0x0008,
  kOpenReceiveChannelAck = 0x0022,
  kSoftKeyEvent = 0x0026,
  kUnregister = 0x0027,
  kRegisterAck = 0x0081,
  kStartTone = 0x0082,
  kStopTone = 0x0083,
  kSetRinger = 0x0085,
  kStartMediaTransmission = 0x008a,
  kStopMediaTransmission = 0x008b,
  kCallInfo = 0x008f,
  kKeepAliveAck = 0x0100,
  kOpenReceiveChannel = 0x0105,
  kCloseReceiveChannel = 0x0106,
  kSelectSoftKeys = 0x0110,
  kCallState = 0x0111,
  kDisplayPromptStatus = 0x0112,
  kClearPromptStatus = 0x0113,
  kDialedNumber = 0x011d,
  kDisplayPromptStatusV2 = 0x0145,
  kCallInfoV2 = 0x014a,
  kStartMediaTransmissionAck = 0x0154,
};

// Of CallState.
enum class SccpCallState : uint32_t {
  kNone = 0,
  kOffHook = 1,
  kOnHook = 2,
  kRingOut = 3,
  kRingIn = 4,
  kConnected = 5,
  kBusy = 6,
  kCongestion = 7,
  kHold = 8,
  kCallWaiting = 9,
  kCallTransfer = 10,
  kCallPark = 11,
  kProceed = 12,
  kRemoteMultiline = 13,
  kInvalidNumber = 14,
};

// Of CallInfo.
enum class SccpCallType : uint32_t { kNone = 0, kInbound = 1, kOutbound = 2 };

//   length:le32 version:le32 id:le32 ...    `length` counts from the id on.
struct SccpHeader {
  // Of the whole message.
  size_t size = 0;
  uint32_t version = 0;
  uint32_t id = 0;
};
// Nullopt unless the first 12 bytes make sense: a length, a version and an id
// as there are.
std::optional<SccpHeader> ReadSccpHeader(std::string_view bytes);

// The parts of a message that calls are made of. 0 and empty where this message
// does not say.
struct SccpMessage {
  SccpId id = SccpId::kKeepAlive;
  uint32_t version = 0;
  uint32_t line = 0;
  // Names the call between phone and call manager.
  uint32_t call_reference = 0;
  uint32_t conference = 0;
  // Names a channel of media (the "pass-through party").
  uint32_t party = 0;
  SccpCallState state = SccpCallState::kNone;
  SccpCallType call_type = SccpCallType::kNone;
  // OpenReceiveChannelAck and StartMediaTransmissionAck: where the phone's
  // media is; StartMediaTransmission: where it is to send.
  std::optional<Endpoint> media;
  // OpenReceiveChannelAck: 0 is success.
  uint32_t status = 0;
  // Media_Payload; see sccp_codec.h.
  uint32_t payload = 0;
  // Payload type of telephone-events, if there are any.
  uint8_t event_type = 0;
  // KeypadButton: "0" to "9", "*", "#", "A" to "D".
  char digit = 0;
  std::string_view device_name;
  std::string_view dialled;
  std::string_view calling_number;
  std::string_view calling_name;
  std::string_view called_number;
  std::string_view called_name;
};

// `bytes`: one message. Nullopt if it has no header; where the body is cut or
// shorter than its layout, the rest says nothing.
std::optional<SccpMessage> ParseSccp(std::string_view bytes);

// Overwrites the keys of SRTP in `bytes`, a message, with zeros.
void MaskSccpKeys(std::string& bytes);
// Overwrites the button of a KeypadButton: it is then none.
void MaskSccpDigit(std::string& bytes);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SCCP_SCCP_MESSAGE_H_
