#include "common/sccp/sccp_summary.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

#include "common/sccp/sccp_codec.h"

namespace callbraid {
namespace {

struct Name {
  SccpId id;
  std::string_view name;
};
constexpr std::array<Name, 28> kNames = {{
    {SccpId::kKeepAlive, "KeepAlive"},
    {SccpId::kRegister, "Register"},
    {SccpId::kKeypadButton, "KeypadButton"},
    {SccpId::kEnblocCall, "EnblocCall"},
    {SccpId::kOffHook, "OffHook"},
    {SccpId::kOnHook, "OnHook"},
    {SccpId::kHookFlash, "HookFlash"},
    {SccpId::kOpenReceiveChannelAck, "OpenReceiveChannelAck"},
    {SccpId::kSoftKeyEvent, "SoftKeyEvent"},
    {SccpId::kUnregister, "Unregister"},
    {SccpId::kRegisterAck, "RegisterAck"},
    {SccpId::kStartTone, "StartTone"},
    {SccpId::kStopTone, "StopTone"},
    {SccpId::kSetRinger, "SetRinger"},
    {SccpId::kStartMediaTransmission, "StartMediaTransmission"},
    {SccpId::kStopMediaTransmission, "StopMediaTransmission"},
    {SccpId::kCallInfo, "CallInfo"},
    {SccpId::kKeepAliveAck, "KeepAliveAck"},
    {SccpId::kOpenReceiveChannel, "OpenReceiveChannel"},
    {SccpId::kCloseReceiveChannel, "CloseReceiveChannel"},
    {SccpId::kSelectSoftKeys, "SelectSoftKeys"},
    {SccpId::kCallState, "CallState"},
    {SccpId::kDisplayPromptStatus, "DisplayPromptStatus"},
    {SccpId::kClearPromptStatus, "ClearPromptStatus"},
    {SccpId::kDialedNumber, "DialedNumber"},
    {SccpId::kDisplayPromptStatusV2, "DisplayPromptStatus"},
    {SccpId::kCallInfoV2, "CallInfo"},
    {SccpId::kStartMediaTransmissionAck, "StartMediaTransmissionAck"},
}};

// By number.
constexpr std::array<std::string_view, 15> kStates = {"",
                                                      "OffHook",
                                                      "OnHook",
                                                      "RingOut",
                                                      "RingIn",
                                                      "Connected",
                                                      "Busy",
                                                      "Congestion",
                                                      "Hold",
                                                      "CallWaiting",
                                                      "CallTransfer",
                                                      "CallPark",
                                                      "Proceed",
                                                      "CallRemoteMultiline",
                                                      "InvalidNumber"};

std::string NameOf(SccpId id) {
  const auto name =
      std::find_if(kNames.begin(), kNames.end(),
                   [id](const Name& known) { return known.id == id; });
  if (name != kNames.end()) return std::string(name->name);
  char number[16];
  std::snprintf(number, sizeof number, "0x%04x", static_cast<unsigned>(id));
  return number;
}

}  // namespace

std::string SccpSummary(const SccpMessage& message) {
  std::string summary = NameOf(message.id);
  const auto add = [&summary](std::string_view word) {
    if (!word.empty()) summary.append(" ").append(word);
  };
  const auto state = static_cast<size_t>(message.state);
  if (state < kStates.size()) add(kStates[state]);
  if (message.digit != 0) add(std::string(1, message.digit));
  add(message.device_name);
  add(message.dialled);
  if (!message.calling_number.empty() || !message.called_number.empty()) {
    add(message.calling_number);
    add("->");
    add(message.called_number);
  }
  if (message.media) add(message.media->ToString());
  if (const auto payload = SccpPayload(message.payload)) add(payload->name);
  return summary;
}

}  // namespace callbraid
