#include "sensor/signalling/websocket_framer.h"

#include <algorithm>

#include "common/sip/sip_header.h"
#include "common/sip/sip_message.h"
#include "sensor/signalling/keep_alive.h"
#include "sensor/signalling/message_sink.h"

namespace callbraid::sensor {
namespace {

// RFC 6455, section 5.2.
constexpr uint8_t kContinuation = 0;
constexpr uint8_t kText = 1;
constexpr uint8_t kBinary = 2;
constexpr uint8_t kClose = 8;
constexpr uint8_t kPong = 10;
constexpr size_t kMaxControlBytes = 125;
// A frame said to be longer is none.
constexpr uint64_t kMaxBelievedBytes = uint64_t{1} << 24;
constexpr size_t kMaxUpgradeBytes = 16'384;
// Of a message, enough to tell SIP by.
constexpr size_t kTellingBytes = 256;

bool IsControl(uint8_t opcode) { return opcode >= kClose; }

void Unmask(const uint8_t (&mask)[4], std::string& bytes, size_t from) {
  for (size_t i = from; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(static_cast<uint8_t>(bytes[i]) ^
                                 mask[(i - from) % 4]);
  }
}

// As far as it goes.
bool MayBeHttp(std::string_view bytes) {
  for (const std::string_view start : {"GET ", "HTTP/1.1 101"}) {
    const size_t size = std::min(start.size(), bytes.size());
    if (bytes.substr(0, size) == start.substr(0, size)) return true;
  }
  return false;
}

// An HTTP upgrade (RFC 6455, section 4) to SIP (RFC 7118, section 4).
bool IsUpgradeToSip(std::string_view header) {
  TakeLine(header);
  const auto protocol = FindHeader(header, "Sec-WebSocket-Protocol");
  if (!protocol) return false;
  std::string_view list = *protocol;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    if (EqualsIgnoreCase(TrimBlanks(list.substr(0, comma)), "sip")) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

}  // namespace

//  0               1               2
// +-+-+-+-+-------+-+-------------+ - - - - - - - - - - - - - - - - +
// |F|R|R|R| opcode|M|    length   | length:16 or :64 if 126 or 127 |
// +-+-+-+-+-------+-+-------------+ - - - - - - - - - - - - - - - - +
// | masking key:32 if M                                            |
WebSocketFramer::Parsed WebSocketFramer::ParseFrame(std::string_view bytes,
                                                    Frame& frame) {
  const auto byte = [bytes](size_t i) {
    return static_cast<uint8_t>(bytes[i]);
  };
  if (bytes.empty()) return Parsed::kNeedsMore;
  frame.final = byte(0) & 0x80;
  frame.compressed = byte(0) & 0x40;
  frame.opcode = byte(0) & 0x0f;
  const bool known = frame.opcode <= kBinary ||
                     (frame.opcode >= kClose && frame.opcode <= kPong);
  if ((byte(0) & 0x30) != 0 || !known) return Parsed::kBad;
  if (IsControl(frame.opcode) && (!frame.final || frame.compressed)) {
    return Parsed::kBad;
  }
  if (bytes.size() < 2) return Parsed::kNeedsMore;
  frame.masked = byte(1) & 0x80;
  frame.payload_size = byte(1) & 0x7f;
  size_t length_size = 0;
  if (frame.payload_size == 126) length_size = 2;
  if (frame.payload_size == 127) length_size = 8;
  frame.header_size = 2 + length_size + (frame.masked ? 4 : 0);
  if (IsControl(frame.opcode) && frame.payload_size > kMaxControlBytes) {
    return Parsed::kBad;
  }
  if (bytes.size() < frame.header_size) return Parsed::kNeedsMore;
  if (length_size > 0) frame.payload_size = 0;
  for (size_t i = 0; i < length_size; ++i) {
    frame.payload_size = frame.payload_size << 8 | byte(2 + i);
  }
  for (size_t i = 0; frame.masked && i < 4; ++i) {
    frame.mask[i] = byte(2 + length_size + i);
  }
  return frame.payload_size > kMaxBelievedBytes ? Parsed::kBad : Parsed::kWhole;
}

bool BeginsLikeWebSocket(std::string_view bytes) {
  if (bytes.size() < 2) return false;
  if (MayBeHttp(bytes))
    return IsUpgradeToSip(bytes.substr(0, kMaxUpgradeBytes));
  WebSocketFramer::Frame frame;
  if (WebSocketFramer::ParseFrame(bytes, frame) !=
          WebSocketFramer::Parsed::kWhole ||
      frame.compressed || (frame.opcode != kText && frame.opcode != kBinary)) {
    return false;
  }
  std::string payload(
      bytes.substr(frame.header_size,
                   std::min<uint64_t>(frame.payload_size, kTellingBytes)));
  if (frame.masked) Unmask(frame.mask, payload, 0);
  return LooksLikeSip(payload);
}

void WebSocketFramer::Append(std::string_view bytes, MessageFn emit) {
  const auto skipped =
      static_cast<size_t>(std::min<uint64_t>(skip_, bytes.size()));
  skip_ -= skipped;
  bytes.remove_prefix(skipped);
  if (bytes.empty()) return;
  buffer_.append(bytes);
  while (front_ < buffer_.size() && Step(emit)) {
  }
  buffer_.erase(0, front_);
  front_ = 0;
}

void WebSocketFramer::Break(MessageFn emit) {
  Frame frame;
  if (synchronised_ && !buffer_.empty() &&
      ParseFrame(buffer_, frame) == Parsed::kWhole &&
      !IsControl(frame.opcode)) {
    AddPayload(frame, std::string_view(buffer_).substr(frame.header_size));
    buffer_.clear();
  }
  // Worth something only with its header.
  if (message_.find("\r\n\r\n") != std::string::npos) EndMessage(true, emit);
  Reset();
}

void WebSocketFramer::Reset() {
  Discard(rest().size());
  buffer_.clear();
  front_ = 0;
  synchronised_ = false;
  skip_ = 0;
  message_.clear();
  in_message_ = unreadable_ = too_long_ = false;
}

bool WebSocketFramer::Step(MessageFn emit) {
  if (!synchronised_) return Synchronise();
  Frame frame;
  switch (ParseFrame(rest(), frame)) {
    case Parsed::kNeedsMore:
      return false;
    case Parsed::kBad:
      Discard(rest().size());
      synchronised_ = in_message_ = false;
      message_.clear();
      return true;
    case Parsed::kWhole:
      break;
  }
  if (frame.payload_size > kMaxMessageBytes) {
    Skip(frame);
    return true;
  }
  const size_t size =
      frame.header_size + static_cast<size_t>(frame.payload_size);
  if (rest().size() < size) return false;
  TakeFrame(frame, rest().substr(frame.header_size, frame.payload_size), emit);
  Consume(size);
  return true;
}

// Here a segment begins, or what follows the upgrade.
bool WebSocketFramer::Synchronise() {
  if (MayBeHttp(rest())) return SkipUpgrade();
  Frame frame;
  switch (ParseFrame(rest(), frame)) {
    case Parsed::kNeedsMore:
      return false;
    case Parsed::kBad:
      break;
    case Parsed::kWhole: {
      // Anything may look like a frame; one with SIP, or a whole ping, is one.
      const bool is_whole_control =
          IsControl(frame.opcode) &&
          frame.header_size + frame.payload_size == rest().size();
      if (is_whole_control || BeginsLikeWebSocket(rest())) {
        synchronised_ = true;
        return true;
      }
    }
  }
  Discard(rest().size());
  return true;
}

bool WebSocketFramer::SkipUpgrade() {
  const size_t end = rest().find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (rest().size() <= kMaxUpgradeBytes) return false;
    Discard(rest().size());
    return true;
  }
  Consume(end + 4);
  synchronised_ = true;
  return true;
}

void WebSocketFramer::TakeFrame(const Frame& frame, std::string_view payload,
                                MessageFn emit) {
  if (IsControl(frame.opcode)) {
    counters_.Count(SignallingDiscard::kSipKeepAlive);
    return;
  }
  AddPayload(frame, payload);
  if (frame.final) EndMessage(/*truncated=*/too_long_, emit);
}

void WebSocketFramer::AddPayload(const Frame& frame, std::string_view payload) {
  if (frame.opcode != kContinuation) {
    message_.clear();
    in_message_ = true;
    too_long_ = false;
    unreadable_ = frame.compressed;
    if (frame.compressed) {
      counters_.Count(SignallingDiscard::kWebSocketCompressed);
    }
  } else if (!in_message_) {
    in_message_ = unreadable_ = true;  // The beginning was not seen.
    counters_.Count(SignallingDiscard::kNotSip);
  }
  if (unreadable_) return;
  const size_t had = message_.size();
  const size_t room = kMaxMessageBytes - had;
  too_long_ = too_long_ || payload.size() > room;
  message_.append(payload.substr(0, room));
  if (frame.masked) Unmask(frame.mask, message_, had);
}

void WebSocketFramer::EndMessage(bool truncated, MessageFn emit) {
  in_message_ = false;
  if (unreadable_) {
    unreadable_ = false;
    return;
  }
  if (LooksLikeSip(message_)) {
    emit(message_, truncated);
  } else if (IsKeepAlive(message_)) {
    counters_.Count(SignallingDiscard::kSipKeepAlive);
  } else {
    counters_.Count(SignallingDiscard::kNotSip);
  }
  message_.clear();
}

void WebSocketFramer::Skip(const Frame& frame) {
  const size_t here = std::min<size_t>(
      rest().size(),
      frame.header_size + static_cast<size_t>(frame.payload_size));
  skip_ = frame.header_size + frame.payload_size - here;
  counters_.Count(SignallingDiscard::kNotSip);
  Consume(here);
  message_.clear();
  in_message_ = !frame.final;
  unreadable_ = true;
}

void WebSocketFramer::Discard(size_t size) {
  if (size == 0) return;
  counters_.Count(SignallingDiscard::kSipTcpSkipped, size);
  Consume(size);
}

}  // namespace callbraid::sensor
