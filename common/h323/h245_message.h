#ifndef CALLBRAID_COMMON_H323_H245_MESSAGE_H_
#define CALLBRAID_COMMON_H323_H245_MESSAGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/sip/sdp.h"

namespace callbraid {

enum class H245Kind : uint8_t {
  kOther,
  kCapabilities,  // TerminalCapabilitySet
  kOpen,          // OpenLogicalChannel
  kOpenAck,
  kOpenReject,
  kClose,
  kUserInput,
  kEndSession,
};

// The parts of an H.245 message that calls are made of. Where it says nothing,
// 0 and empty.
struct H245Message {
  H245Kind kind = H245Kind::kOther;
  // As the standard has it: "openLogicalChannel"; "?" for what came after it.
  std::string_view name;
  // Of Open...: the channel's number, chosen by who opens it. Each side has
  // numbers of its own.
  uint16_t channel = 0;
  // Of kCapabilities: it can receive nothing: the others are to pause (H.323,
  // section 8.4.6).
  bool pauses = false;
  // Payload type of the telephone-events that it can receive.
  uint8_t event_type = 0;
  // Of kOpen and kOpenAck, as a line of SDP says it: media to and from who
  // opens the channel. `rtp` is unspecified where the message does not name it:
  // the sender of media need not know it when it opens the channel. Nullopt: no
  // such direction, or nothing that goes over RTP or UDPTL.
  std::optional<SdpMediaLine> forward;
  std::optional<SdpMediaLine> reverse;
  // Of kUserInput: keys, "0" to "9", "*", "#", "A" to "D", "!" for a hook
  // flash, or other text.
  std::string_view input;
  // UserInput names one key, and when it was pressed; other text does not.
  bool is_signal = false;
};

// `bytes`: one message. Nullopt if it is not one, as far as it is read. Views
// point into the bytes.
std::optional<H245Message> ParseH245(std::string_view bytes);

// An element of fastStart in H.225.0: an OpenLogicalChannel.
std::optional<H245Message> ParseFastStart(std::string_view bytes);

// Media keys in the message (H.235), and whatever could not be read of it: into
// `bytes`.
std::vector<std::string_view> H245Secrets(std::string_view bytes);
std::vector<std::string_view> FastStartSecrets(std::string_view bytes);

// Whether `bytes` is a TerminalCapabilitySet that names H.245 by its object
// identifier: nothing else begins like that.
bool IsH245CapabilitySet(std::string_view bytes);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_H245_MESSAGE_H_
