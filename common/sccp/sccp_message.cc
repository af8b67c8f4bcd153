#include "common/sccp/sccp_message.h"

#include <algorithm>
#include <span>

namespace callbraid {
namespace {

constexpr uint32_t kMaxVersion = 22;
constexpr size_t kAddressBytes = 16;
// Name and number of CallInfo, and a number that was dialled.
constexpr size_t kNameBytes = 40;
constexpr size_t kNumberBytes = 24;
constexpr size_t kDeviceNameBytes = 16;
// From here on CallInfoV2 has a second number of the caller.
constexpr uint32_t kAlternateNumberVersion = 16;
// algorithm:4 key_length:2 salt_length:2 key:16 salt:16 mki:4 rate:4
constexpr size_t kEncryptionBytes = 48;
constexpr size_t kKeyOffset = 8;
constexpr size_t kKeyBytes = 32;

// A cursor over the body. Reading past the end gives zeros.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  uint32_t U32() {
    const std::string_view bytes = Take(4);
    uint32_t value = 0;
    for (size_t i = bytes.size(); i-- > 0;) {
      value = value << 8 | static_cast<uint8_t>(bytes[i]);
    }
    return value;
  }
  // Empty if there are fewer.
  std::string_view Take(size_t size) {
    if (size > rest_.size()) {
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  // Up to the first zero, in a field of that size.
  std::string_view Text(size_t size) {
    const std::string_view field = Take(size);
    return field.substr(0, field.find('\0'));
  }
  // Up to a zero, wherever it is.
  std::string_view Text() {
    const size_t end = std::min(rest_.find('\0'), rest_.size());
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return text;
  }
  uint32_t Peek() const { return Reader(rest_.substr(0, 4)).U32(); }
  size_t size() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

// Up to version 16 an address is 4 bytes; later its kind, 0 or 1, and 16 bytes.
// 0.0.0.0 and 1.0.0.0 are no addresses of a phone.
bool HasTypedAddress(const Reader& in) {
  return in.size() >= 4 + kAddressBytes && in.Peek() <= 1;
}

std::optional<Endpoint> TakeEndpoint(Reader& in) {
  const bool typed = HasTypedAddress(in);
  const bool is_v6 = typed && in.U32() == 1;
  const std::string_view bytes =
      in.Take(typed ? kAddressBytes : size_t{4}).substr(0, is_v6 ? 16 : 4);
  const uint32_t port = in.U32();
  const auto address = IpAddress::FromBytes(
      {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  if (!address || address->is_unspecified() || port == 0 || port > 0xffff) {
    return std::nullopt;
  }
  return Endpoint{*address, static_cast<uint16_t>(port)};
}

char DigitOf(uint32_t button) {
  constexpr std::string_view kDigits = "0123456789ABCD*#";
  return button < kDigits.size() ? kDigits[button] : '\0';
}

// What follows the call reference: keys, two ids of streams, the type of
// telephone-events.
void ReadEventType(Reader& in, SccpMessage& message) {
  in.Take(kEncryptionBytes);
  in.U32();
  in.U32();
  const uint32_t type = in.U32();
  if (type > 0 && type < 128) message.event_type = static_cast<uint8_t>(type);
}

void ReadStartMedia(Reader& in, SccpMessage& message) {
  message.conference = in.U32();
  message.party = in.U32();
  message.media = TakeEndpoint(in);
  in.U32();  // Milliseconds a packet.
  message.payload = in.U32();
  in.Take(16);  // Precedence, silence suppression, frames, codec.
  message.call_reference = in.U32();
  ReadEventType(in, message);
}

void ReadOpenChannel(Reader& in, SccpMessage& message) {
  message.conference = in.U32();
  message.party = in.U32();
  in.U32();  // Milliseconds a packet.
  message.payload = in.U32();
  in.Take(8);  // Echo cancellation, codec.
  message.call_reference = in.U32();
  ReadEventType(in, message);
}

void ReadCallInfo(Reader& in, SccpMessage& message) {
  message.calling_name = in.Text(kNameBytes);
  message.calling_number = in.Text(kNumberBytes);
  message.called_name = in.Text(kNameBytes);
  message.called_number = in.Text(kNumberBytes);
  message.line = in.U32();
  message.call_reference = in.U32();
  message.call_type = static_cast<SccpCallType>(in.U32());
}

void ReadCallInfoV2(Reader& in, SccpMessage& message) {
  message.line = in.U32();
  message.call_reference = in.U32();
  message.call_type = static_cast<SccpCallType>(in.U32());
  in.Take(20);  // Reasons of redirection, instance, security, restrictions.
  message.calling_number = in.Text();
  if (message.version >= kAlternateNumberVersion) in.Text();
  message.called_number = in.Text();
  // Who was called first, who diverted it last, four voice mailboxes.
  for (int i = 0; i < 6; ++i) in.Text();
  message.calling_name = in.Text();
  message.called_name = in.Text();
}

// A number of 24 bytes; in later versions 25, and padding behind all.
void ReadDialled(Reader& in, SccpMessage& message) {
  const bool longer = in.size() > kNumberBytes + 8;
  message.dialled = in.Text(longer ? kNumberBytes + 1 : kNumberBytes);
  message.line = in.U32();
  message.call_reference = in.U32();
}

void ReadLineAndCall(Reader& in, SccpMessage& message) {
  message.line = in.U32();
  message.call_reference = in.U32();
}

// What the phone sends.
bool ReadFromPhone(Reader& in, SccpMessage& message) {
  switch (message.id) {
    case SccpId::kRegister:
      message.device_name = in.Text(kDeviceNameBytes);
      return true;
    case SccpId::kKeypadButton:
      message.digit = DigitOf(in.U32());
      ReadLineAndCall(in, message);
      return true;
    case SccpId::kEnblocCall:
      message.dialled = in.Text(kNumberBytes);
      message.line = in.U32();
      return true;
    case SccpId::kOffHook:
    case SccpId::kOnHook:
      ReadLineAndCall(in, message);
      return true;
    case SccpId::kSoftKeyEvent:
      in.U32();
      ReadLineAndCall(in, message);
      return true;
    case SccpId::kOpenReceiveChannelAck:
      message.status = in.U32();
      message.media = TakeEndpoint(in);
      message.party = in.U32();
      message.call_reference = in.U32();
      return true;
    case SccpId::kStartMediaTransmissionAck:
      message.conference = in.U32();
      message.party = in.U32();
      message.call_reference = in.U32();
      message.media = TakeEndpoint(in);
      message.status = in.U32();
      return true;
    default:
      return false;
  }
}

// What the call manager sends.
void ReadFromManager(Reader& in, SccpMessage& message) {
  switch (message.id) {
    case SccpId::kStartMediaTransmission:
      ReadStartMedia(in, message);
      break;
    case SccpId::kOpenReceiveChannel:
      ReadOpenChannel(in, message);
      break;
    case SccpId::kStopMediaTransmission:
    case SccpId::kCloseReceiveChannel:
      message.conference = in.U32();
      message.party = in.U32();
      message.call_reference = in.U32();
      break;
    case SccpId::kCallInfo:
      ReadCallInfo(in, message);
      break;
    case SccpId::kCallInfoV2:
      ReadCallInfoV2(in, message);
      break;
    case SccpId::kDialedNumber:
      ReadDialled(in, message);
      break;
    case SccpId::kCallState:
      message.state = static_cast<SccpCallState>(in.U32());
      ReadLineAndCall(in, message);
      break;
    case SccpId::kStartTone:
    case SccpId::kSetRinger:
    case SccpId::kDisplayPromptStatusV2:
      in.Take(message.id == SccpId::kDisplayPromptStatusV2 ? 4 : 8);
      ReadLineAndCall(in, message);
      break;
    case SccpId::kDisplayPromptStatus:
      in.Take(4 + 32);
      ReadLineAndCall(in, message);
      break;
    case SccpId::kStopTone:
    case SccpId::kSelectSoftKeys:
    case SccpId::kClearPromptStatus:
      ReadLineAndCall(in, message);
      break;
    default:
      break;
  }
}

// Where the keys are; npos if the message has none.
size_t EncryptionOffset(std::string_view bytes, const SccpMessage& message) {
  constexpr size_t kOpenChannel = kSccpHeaderBytes + 28;
  constexpr size_t kStartMedia = kSccpHeaderBytes + 44;
  if (message.id == SccpId::kOpenReceiveChannel) return kOpenChannel;
  if (message.id != SccpId::kStartMediaTransmission) {
    return std::string_view::npos;
  }
  const Reader address(
      bytes.substr(std::min(bytes.size(), kSccpHeaderBytes + size_t{8})));
  return HasTypedAddress(address) ? kStartMedia + kAddressBytes : kStartMedia;
}

}  // namespace

std::optional<SccpHeader> ReadSccpHeader(std::string_view bytes) {
  if (bytes.size() < kSccpHeaderBytes) return std::nullopt;
  Reader in(bytes);
  const uint32_t length = in.U32();
  SccpHeader header;
  header.version = in.U32();
  header.id = in.U32();
  header.size = size_t{8} + length;
  // Ids go up to 0x160, and have some from 0x8000 on (SPCP).
  const bool known =
      header.id < 0x200 || (header.id & ~uint32_t{0x101}) == 0x8000;
  if (length < 4 || header.size > kMaxSccpBytes ||
      header.version > kMaxVersion || !known) {
    return std::nullopt;
  }
  return header;
}

std::optional<SccpMessage> ParseSccp(std::string_view bytes) {
  const auto header = ReadSccpHeader(bytes);
  if (!header) return std::nullopt;
  bytes = bytes.substr(0, header->size);
  Reader in(bytes);
  in.Take(kSccpHeaderBytes);
  SccpMessage message;
  message.id = static_cast<SccpId>(header->id);
  message.version = header->version;
  if (!ReadFromPhone(in, message)) ReadFromManager(in, message);
  return message;
}

void MaskSccpKeys(std::string& bytes) {
  const auto message = ParseSccp(bytes);
  if (!message) return;
  const size_t encryption = EncryptionOffset(bytes, *message);
  if (encryption >= bytes.size()) return;
  const size_t begin = std::min(bytes.size(), encryption + kKeyOffset);
  const size_t end = std::min(bytes.size(), begin + kKeyBytes);
  std::fill(bytes.begin() + static_cast<ptrdiff_t>(begin),
            bytes.begin() + static_cast<ptrdiff_t>(end), '\0');
}

void MaskSccpDigit(std::string& bytes) {
  const auto message = ParseSccp(bytes);
  if (!message || message->id != SccpId::kKeypadButton) return;
  const size_t end = std::min(bytes.size(), kSccpHeaderBytes + size_t{4});
  std::fill(bytes.begin() + kSccpHeaderBytes,
            bytes.begin() + static_cast<ptrdiff_t>(end), '\xff');
}

}  // namespace callbraid
