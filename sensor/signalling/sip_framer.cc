#include "sensor/signalling/sip_framer.h"

#include <algorithm>
#include <array>

#include "common/sip/sip_message.h"
#include "sensor/signalling/message_sink.h"

namespace callbraid::sensor {
namespace {

// A start line that is not complete is waited for up to this length.
constexpr size_t kMaxStartLineBytes = 4096;
// A Content-Length beyond this is a lie, and what follows the header no body.
constexpr size_t kMaxBelievedBytes = size_t{1} << 20;

// How a message begins: the version, or a method that is registered (RFC 3261
// and its extensions). Any token would do as a method, also one with the last
// letters of a body in front.
constexpr std::array<std::string_view, 15> kBeginnings = {
    "SIP/2.0 ", "INVITE ",   "ACK ",     "BYE ",     "CANCEL ",
    "OPTIONS ", "REGISTER ", "PRACK ",   "INFO ",    "UPDATE ",
    "REFER ",   "NOTIFY ",   "MESSAGE ", "PUBLISH ", "SUBSCRIBE "};

// Whether `text` begins like a message, as far as it goes.
bool MayBegin(std::string_view text) {
  const size_t line = text.find_first_not_of("\r\n");
  if (line == std::string_view::npos) return true;
  text.remove_prefix(line);
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [text](std::string_view beginning) {
                       const size_t size =
                           std::min(text.size(), beginning.size());
                       return text.substr(0, size) == beginning.substr(0, size);
                     });
}

// Whether `bytes` are a message in place of the last `promised` bytes of a
// body: Content-Length lied. Not where a message begins behind these, as it
// should; and only a whole message counts, for bodies may hold fragments of SIP
// (RFC 3420).
bool StandsInForBody(std::string_view bytes, size_t promised) {
  return bytes.size() > promised && MayBegin(bytes) &&
         !MayBegin(bytes.substr(promised)) && ParseSip(bytes).has_value();
}

}  // namespace

void SipFramer::Append(std::string_view bytes, MessageFn emit) {
  const size_t skipped = std::min(skip_, bytes.size());
  skip_ -= skipped;
  bytes.remove_prefix(skipped);
  if (bytes.empty()) return;

  const size_t had = buffer_.size();
  const bool lied =
      message_size_ > had && StandsInForBody(bytes, message_size_ - had);
  buffer_.append(bytes);
  if (lied) CutShort(had, emit);
  while (front_ < buffer_.size() && Step(emit)) {
  }
  buffer_.erase(0, front_);
  front_ = 0;
}

void SipFramer::Break(MessageFn emit) {
  if (message_size_ > 0) CutShort(buffer_.size(), emit);
  Reset();
}

void SipFramer::Reset() {
  Discard(buffer_.size() - front_);
  buffer_.clear();
  front_ = 0;
  synchronised_ = false;
  skip_ = 0;
}

bool SipFramer::Step(MessageFn emit) {
  if (!synchronised_) return FindStartLine();
  if (message_size_ == 0) return FindHeaderEnd();
  return TakeMessage(emit);
}

// Looks at the first line; leaves it, if it is a start line, or drops it.
bool SipFramer::FindStartLine() {
  const std::string_view text = rest();
  const size_t line = text.find_first_not_of("\r\n");
  if (line != 0) {  // Line ends between messages: keep-alives.
    Consume(std::min(line, text.size()));
    return true;
  }
  const size_t end = text.find('\n', searched_);
  if (end == std::string_view::npos) {
    searched_ = text.size();
    if (text.size() > kMaxStartLineBytes) Discard(text.size());
    return false;
  }
  if (LooksLikeSip(text.substr(0, end + 1))) {
    synchronised_ = true;
    searched_ = 0;
  } else {
    Discard(end + 1);
  }
  return true;
}

bool SipFramer::FindHeaderEnd() {
  const std::string_view text = rest();
  // The end may have begun in what was searched: an empty line has up to 4
  // bytes.
  const size_t from = searched_ < 3 ? 0 : searched_ - 3;
  const size_t crlf = text.find("\r\n\r\n", from);
  const size_t lf = text.find("\n\n", from);
  if (crlf != std::string_view::npos || lf != std::string_view::npos) {
    message_size_ = SipMessageLength(text).value_or(text.size());
    if (message_size_ > kMaxBelievedBytes) {
      message_size_ = crlf < lf ? crlf + 4 : lf + 2;
    }
    return true;
  }
  searched_ = text.size();
  if (text.size() <= kMaxMessageBytes) return false;
  Discard(text.size());
  synchronised_ = false;
  return false;
}

bool SipFramer::TakeMessage(MessageFn emit) {
  const std::string_view text = rest();
  const size_t kept = std::min(message_size_, kMaxMessageBytes);
  if (text.size() < kept) return false;
  emit(text.substr(0, kept), /*truncated=*/kept < message_size_);
  const size_t here = std::min(message_size_, text.size());
  skip_ = message_size_ - here;
  Consume(here);
  synchronised_ = false;
  return true;
}

void SipFramer::CutShort(size_t size, MessageFn emit) {
  emit(rest().substr(0, std::min(size, kMaxMessageBytes)),
       /*truncated=*/true);
  Consume(size);
  synchronised_ = false;
}

void SipFramer::Discard(size_t size) {
  if (size == 0) return;
  counters_.Count(SignallingDiscard::kSipTcpSkipped, size);
  Consume(size);
}

void SipFramer::Consume(size_t size) {
  front_ += size;
  searched_ = 0;
  message_size_ = 0;
}

}  // namespace callbraid::sensor
