#include "common/h323/h245_message.h"

#include <algorithm>
#include <array>
#include <span>

#include "common/h323/h245_media.h"
#include "common/h323/h245_types.h"
#include "common/h323/h323_secrets.h"
#include "common/h323/h323_tag.h"
#include "common/h323/per_decoder.h"

namespace callbraid {
namespace {

// By the alternatives of RequestMessage and the others.
constexpr std::array<std::string_view, 16> kRequests = {
    "nonStandard",
    "masterSlaveDetermination",
    "terminalCapabilitySet",
    "openLogicalChannel",
    "closeLogicalChannel",
    "requestChannelClose",
    "multiplexEntrySend",
    "requestMultiplexEntry",
    "requestMode",
    "roundTripDelayRequest",
    "maintenanceLoopRequest",
    "communicationModeRequest",
    "conferenceRequest",
    "multilinkRequest",
    "logicalChannelRateRequest",
    "genericRequest"};
constexpr std::array<std::string_view, 25> kResponses = {
    "nonStandard",
    "masterSlaveDeterminationAck",
    "masterSlaveDeterminationReject",
    "terminalCapabilitySetAck",
    "terminalCapabilitySetReject",
    "openLogicalChannelAck",
    "openLogicalChannelReject",
    "closeLogicalChannelAck",
    "requestChannelCloseAck",
    "requestChannelCloseReject",
    "multiplexEntrySendAck",
    "multiplexEntrySendReject",
    "requestMultiplexEntryAck",
    "requestMultiplexEntryReject",
    "requestModeAck",
    "requestModeReject",
    "roundTripDelayResponse",
    "maintenanceLoopAck",
    "maintenanceLoopReject",
    "communicationModeResponse",
    "conferenceResponse",
    "multilinkResponse",
    "logicalChannelRateAcknowledge",
    "logicalChannelRateReject",
    "genericResponse"};
constexpr std::array<std::string_view, 13> kCommands = {
    "nonStandard",
    "maintenanceLoopOffCommand",
    "sendTerminalCapabilitySet",
    "encryptionCommand",
    "flowControlCommand",
    "endSessionCommand",
    "miscellaneousCommand",
    "communicationModeCommand",
    "conferenceCommand",
    "h223MultiplexReconfiguration",
    "newATMVCCommand",
    "mobileMultilinkReconfigurationCommand",
    "genericCommand"};
constexpr std::array<std::string_view, 24> kIndications = {
    "nonStandard",
    "functionNotUnderstood",
    "masterSlaveDeterminationRelease",
    "terminalCapabilitySetRelease",
    "openLogicalChannelConfirm",
    "requestChannelCloseRelease",
    "multiplexEntrySendRelease",
    "requestMultiplexEntryRelease",
    "requestModeRelease",
    "miscellaneousIndication",
    "jitterIndication",
    "h223SkewIndication",
    "newATMVCIndication",
    "userInput",
    "h2250MaximumSkewIndication",
    "mcLocationIndication",
    "conferenceIndication",
    "vendorIdentification",
    "functionNotSupported",
    "multilinkIndication",
    "logicalChannelRateRelease",
    "flowControlIndication",
    "mobileMultilinkReconfigurationIndication",
    "genericIndication"};

struct KindOfName {
  std::string_view name;
  H245Kind kind;
};
constexpr std::array<KindOfName, 7> kKinds = {{
    {"terminalCapabilitySet", H245Kind::kCapabilities},
    {"openLogicalChannel", H245Kind::kOpen},
    {"openLogicalChannelAck", H245Kind::kOpenAck},
    {"openLogicalChannelReject", H245Kind::kOpenReject},
    {"closeLogicalChannel", H245Kind::kClose},
    {"userInput", H245Kind::kUserInput},
    {"endSessionCommand", H245Kind::kEndSession},
}};

std::span<const std::string_view> NamesOf(uint8_t category) {
  switch (category) {
    case tag::kRequest:
      return kRequests;
    case tag::kResponse:
      return kResponses;
    case tag::kCommand:
      return kCommands;
    default:
      return kIndications;
  }
}

H245Kind KindOf(std::string_view name) {
  const auto known = std::find_if(
      kKinds.begin(), kKinds.end(),
      [name](const KindOfName& kind) { return kind.name == name; });
  return known == kKinds.end() ? H245Kind::kOther : known->kind;
}

uint64_t NumberOf(const PerValue* value) {
  return value == nullptr ? 0 : value->number;
}

void ReadOpen(const PerValue& body, H245Message& message) {
  if (const PerValue* forward = body.Find(tag::kForward)) {
    const PerValue* data_type = forward->Find(tag::kDataType);
    if (data_type != nullptr) {
      message.forward = ReadMediaLine(data_type, *forward);
    }
  }
  if (const PerValue* reverse = body.Find(tag::kReverse)) {
    const PerValue* data_type = reverse->Find(tag::kDataType);
    if (data_type != nullptr) {
      message.reverse = ReadMediaLine(data_type, *reverse);
    }
  }
}

void ReadOpenAck(const PerValue& body, H245Message& message) {
  if (const PerValue* ack = body.Find(tag::kAck)) {
    message.forward = ReadMediaLine(nullptr, *ack);
  }
  if (const PerValue* reverse = body.Find(tag::kReverse)) {
    message.reverse = ReadMediaLine(nullptr, *reverse);
  }
}

void ReadUserInput(const PerValue& body, H245Message& message) {
  if (const PerValue* text = body.Find(tag::kAlphanumeric)) {
    message.input = text->octets;
  } else if (const PerValue* signal = body.Find(tag::kSignal)) {
    // One character out of a fixed set.
    constexpr std::string_view kKeys = "0123456789*#ABCD!";
    const size_t at = kKeys.find(signal->text);
    if (signal->text.size() == 1 && at != std::string_view::npos) {
      message.input = kKeys.substr(at, 1);
      message.is_signal = true;
    }
  }
}

void ReadBody(const PerValue& body, H245Message& message) {
  message.channel = static_cast<uint16_t>(NumberOf(body.Find(tag::kChannel)));
  switch (message.kind) {
    case H245Kind::kCapabilities: {
      const PerValue* capabilities = body.Find(tag::kCapabilities);
      message.pauses = capabilities == nullptr;
      if (capabilities != nullptr) {
        message.event_type =
            static_cast<uint8_t>(NumberOf(capabilities->Find(tag::kEventType)));
      }
      break;
    }
    case H245Kind::kOpen:
      ReadOpen(body, message);
      break;
    case H245Kind::kOpenAck:
      ReadOpenAck(body, message);
      break;
    case H245Kind::kUserInput:
      ReadUserInput(body, message);
      break;
    default:
      break;
  }
}

}  // namespace

std::optional<H245Message> ParseH245(std::string_view bytes) {
  const PerDecoded decoded = DecodePer(kMultimediaSystemControlMessage, bytes);
  if (decoded.value.parts.empty()) return std::nullopt;
  const PerValue& body = decoded.value.parts.front();
  const std::span<const std::string_view> names = NamesOf(body.tag);
  H245Message message;
  message.name = body.number < names.size() ? names[body.number] : "?";
  message.kind = KindOf(message.name);
  // What is cut must not look like a pause.
  if (message.kind == H245Kind::kCapabilities && !decoded.complete &&
      !body.Has(tag::kCapabilities)) {
    return std::nullopt;
  }
  ReadBody(body, message);
  return message;
}

std::optional<H245Message> ParseFastStart(std::string_view bytes) {
  const PerDecoded decoded = DecodePer(kOpenLogicalChannel, bytes);
  if (!decoded.value.Has(tag::kForward)) return std::nullopt;
  H245Message message;
  message.name = kRequests[3];
  message.kind = H245Kind::kOpen;
  ReadBody(decoded.value, message);
  return message;
}

std::vector<std::string_view> H245Secrets(std::string_view bytes) {
  return SecretsOf(DecodePer(kMultimediaSystemControlMessage, bytes));
}

std::vector<std::string_view> FastStartSecrets(std::string_view bytes) {
  return SecretsOf(DecodePer(kOpenLogicalChannel, bytes));
}

//   choices:8  extension:1 options:3  sequence number:8  length:8 = 6
//   {itu-t(0) recommendation(0) h(8) 245 version(0)} version:8
bool IsH245CapabilitySet(std::string_view bytes) {
  using namespace std::string_view_literals;
  constexpr size_t kIdentifier = 3;
  constexpr std::string_view kH245 = "\x06\x00\x08\x81\x75\x00"sv;
  return bytes.size() > kIdentifier + kH245.size() && bytes[0] == 2 &&
         bytes.substr(kIdentifier, kH245.size()) == kH245;
}

}  // namespace callbraid
