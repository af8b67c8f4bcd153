#ifndef CALLBRAID_COMMON_H323_H323_TAG_H_
#define CALLBRAID_COMMON_H323_H323_TAG_H_

#include <cstdint>

namespace callbraid::tag {

// What is looked at in messages of H.225.0 and H.245 (PerValue::tag).
enum H323Tag : uint8_t {
  kNone = 0,
  // H.225.0.
  kBody,  // A choice: of message.
  kMessage,
  kH245Address,
  kSourceSignalAddress,
  kSourceAddress,
  kDestinationAddress,
  kConnectedAddress,
  kConferenceId,
  kConferenceGoal,  // A choice.
  kCallId,
  kFastStart,
  kParallelH245,
  kH245Control,
  kItem,   // Of a list.
  kAlias,  // A choice: of AliasAddress.
  kText,
  kIp,  // 4 or 16 bytes.
  kPort,
  // H.245.
  kRequest,  // Choices: of message.
  kResponse,
  kCommand,
  kIndication,
  kCapabilities,
  kEventType,
  kChannel,
  kForward,
  kReverse,
  kAck,
  kDataType,      // A choice.
  kAudio,         // A choice: of AudioCapability.
  kGeneric,       // Names an audio codec that has no alternative.
  kData,          // A choice: of the application of DataApplicationCapability.
  kDataProtocol,  // A choice.
  kEncryptedMedia,
  kElement,
  kPayloadType,
  kSessionId,
  kMediaChannel,
  kMediaControlChannel,
  kMulticast,
  kAlphanumeric,
  kSignal,
  kSecret,
};

}  // namespace callbraid::tag

#endif  // CALLBRAID_COMMON_H323_H323_TAG_H_
