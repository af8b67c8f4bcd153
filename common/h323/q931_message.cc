#include "common/h323/q931_message.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace callbraid {
namespace {

constexpr char kDiscriminator = 8;
// From here on, the information elements.
constexpr size_t kHeaderBytes = 5;

// Information elements (Q.931, table 4-3).
enum class Element : uint8_t {
  kCause = 0x08,
  kNotification = 0x27,
  kDisplay = 0x28,
  kKeypad = 0x2c,
  kConnectedNumber = 0x4c,
  kCallingNumber = 0x6c,
  kCalledNumber = 0x70,
  kRedirectingNumber = 0x74,
  kUserUser = 0x7e,
};

struct TypeName {
  Q931Type type;
  std::string_view name;
};
constexpr std::array<TypeName, 16> kTypes = {{
    {Q931Type::kAlerting, "Alerting"},
    {Q931Type::kCallProceeding, "CallProceeding"},
    {Q931Type::kProgress, "Progress"},
    {Q931Type::kSetup, "Setup"},
    {Q931Type::kConnect, "Connect"},
    {Q931Type::kSetupAcknowledge, "SetupAcknowledge"},
    {Q931Type::kConnectAcknowledge, "ConnectAcknowledge"},
    {Q931Type::kUserInformation, "UserInformation"},
    {Q931Type::kDisconnect, "Disconnect"},
    {Q931Type::kRelease, "Release"},
    {Q931Type::kReleaseComplete, "ReleaseComplete"},
    {Q931Type::kFacility, "Facility"},
    {Q931Type::kNotify, "Notify"},
    {Q931Type::kStatusInquiry, "StatusInquiry"},
    {Q931Type::kInformation, "Information"},
    {Q931Type::kStatus, "Status"},
}};

struct CauseName {
  uint8_t cause;
  std::string_view name;
};
constexpr std::array<CauseName, 35> kCauses = {{
    {1, "unallocated number"},
    {2, "no route to transit network"},
    {3, "no route to destination"},
    {6, "channel unacceptable"},
    {16, "normal call clearing"},
    {17, "user busy"},
    {18, "no user responding"},
    {19, "no answer from user"},
    {20, "subscriber absent"},
    {21, "call rejected"},
    {22, "number changed"},
    {26, "non-selected user clearing"},
    {27, "destination out of order"},
    {28, "invalid number format"},
    {29, "facility rejected"},
    {31, "normal, unspecified"},
    {34, "no circuit or channel available"},
    {38, "network out of order"},
    {41, "temporary failure"},
    {42, "switching equipment congestion"},
    {44, "requested circuit not available"},
    {47, "resource unavailable"},
    {50, "facility not subscribed"},
    {55, "incoming calls barred"},
    {57, "bearer capability not authorized"},
    {58, "bearer capability not available"},
    {63, "service or option not available"},
    {65, "bearer capability not implemented"},
    {79, "service or option not implemented"},
    {81, "invalid call reference value"},
    {88, "incompatible destination"},
    {95, "invalid message"},
    {102, "recovery on timer expiry"},
    {111, "protocol error"},
    {127, "interworking, unspecified"},
}};

// Whether the element goes on with another octet of the same group (Q.931,
// section 4.5.1).
bool IsExtended(std::string_view bytes, size_t at) {
  return at < bytes.size() && (static_cast<uint8_t>(bytes[at]) & 0x80) == 0;
}

// What follows the octets 3, 3a...
std::string_view Digits(std::string_view content) {
  size_t at = 0;
  while (IsExtended(content, at)) ++at;
  return content.substr(std::min(at + 1, content.size()));
}

// Some end the text with a zero.
std::string_view Trim(std::string_view text) {
  return text.substr(0, text.find('\0'));
}

// Octet 4, behind coding standard and location (Q.850, section 2.1).
uint8_t CauseOf(std::string_view content) {
  const size_t at = IsExtended(content, 0) ? 2 : 1;
  return at < content.size() ? static_cast<uint8_t>(content[at]) & 0x7f : 0;
}

void Take(Element element, std::string_view content, Q931Message& message) {
  switch (element) {
    case Element::kCause:
      message.cause = CauseOf(content);
      break;
    case Element::kNotification:
      if (!content.empty()) {
        message.notification = static_cast<uint8_t>(content[0]) & 0x7f;
      }
      break;
    case Element::kDisplay:
      message.display = Trim(content);
      break;
    case Element::kKeypad:
      message.keypad = Trim(content);
      break;
    case Element::kConnectedNumber:
      message.connected_number = Digits(content);
      break;
    case Element::kCallingNumber:
      message.calling_number = Digits(content);
      break;
    // Octet 3 is never followed by 3a.
    case Element::kCalledNumber:
      message.called_number =
          content.substr(std::min<size_t>(1, content.size()));
      break;
    case Element::kRedirectingNumber:
      message.redirecting_number = Digits(content);
      break;
    // Protocol discriminator 5: X.208 and X.209 coded (H.225.0, table 15).
    case Element::kUserUser:
      if (content.starts_with('\x05')) message.user_user = content.substr(1);
      break;
  }
}

// The elements (Q.931, section 4.5.1). Those of other codesets are passed over.
void ReadElements(std::string_view rest, Q931Message& message) {
  int codeset = 0;
  int next_codeset = 0;
  while (!rest.empty()) {
    const auto id = static_cast<uint8_t>(rest[0]);
    const int current = std::exchange(next_codeset, codeset);
    rest.remove_prefix(1);
    if ((id & 0x80) != 0) {  // A single octet.
      if ((id & 0xf0) == 0x90) {
        next_codeset = id & 7;  // A shift, for one element or for all.
        if ((id & 8) == 0) codeset = next_codeset;
      }
      continue;
    }
    const bool is_long = id == static_cast<uint8_t>(Element::kUserUser);
    const size_t header = is_long ? 2 : 1;
    if (rest.size() < header) return;
    size_t size = static_cast<uint8_t>(rest[0]);
    if (is_long) size = size << 8 | static_cast<uint8_t>(rest[1]);
    rest.remove_prefix(header);
    const std::string_view content = rest.substr(0, size);
    if (current == 0) Take(static_cast<Element>(id), content, message);
    rest.remove_prefix(content.size());
  }
}

}  // namespace

//   discriminator:8 = 8  length:8 = 2  flag:1 call_reference:15  type:8 ...
std::optional<Q931Message> ParseQ931(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || bytes[0] != kDiscriminator ||
      bytes[1] != 2) {
    return std::nullopt;
  }
  Q931Message message;
  const auto high = static_cast<uint8_t>(bytes[2]);
  message.from_originator = (high & 0x80) == 0;
  message.call_reference = static_cast<uint16_t>(
      (high & 0x7f) << 8 | static_cast<uint8_t>(bytes[3]));
  message.type = static_cast<Q931Type>(bytes[4]);
  if (Q931Name(message.type).empty()) return std::nullopt;
  ReadElements(bytes.substr(kHeaderBytes), message);
  return message;
}

std::string_view Q931Name(Q931Type type) {
  const auto known =
      std::find_if(kTypes.begin(), kTypes.end(),
                   [type](const TypeName& name) { return name.type == type; });
  return known == kTypes.end() ? std::string_view() : known->name;
}

std::string_view Q850Name(uint32_t cause) {
  const auto known = std::find_if(
      kCauses.begin(), kCauses.end(),
      [cause](const CauseName& name) { return name.cause == cause; });
  return known == kCauses.end() ? std::string_view() : known->name;
}

}  // namespace callbraid
