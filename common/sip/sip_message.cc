#include "common/sip/sip_message.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace callbraid {
namespace {

constexpr std::string_view kVersion = "SIP/2.0";
// RFC 4475, section 3.1.1.2, has one of 43.
constexpr size_t kLongestMethod = 64;

// RFC 3261, section 25.1: token.
bool IsTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') ||
         std::string_view("-.!%*_+`'~").find(c) != std::string_view::npos;
}

template <typename T>
bool ParseNumber(std::string_view text, T& number) {
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), number);
  return result.ec == std::errc();
}

bool ParseStartLine(std::string_view line, SipMessage& message) {
  if (line.size() > kVersion.size() &&
      EqualsIgnoreCase(line.substr(0, kVersion.size()), kVersion) &&
      line[kVersion.size()] == ' ') {
    const std::string_view rest = TrimBlanks(line.substr(kVersion.size() + 1));
    const bool is_longer = rest.size() > 3 && rest[3] >= '0' && rest[3] <= '9';
    if (rest.size() < 3 || is_longer ||
        !ParseNumber(rest.substr(0, 3), message.status) ||
        message.status < 100 || message.status > 699) {
      return false;
    }
    message.reason = TrimBlanks(rest.substr(3));
    return true;
  }
  // RFC 4475, section 3.1.2.10, has blanks behind it.
  while (!line.empty() && line.back() == ' ') line.remove_suffix(1);
  const size_t space = line.find(' ');
  const size_t last = line.rfind(' ');
  if (space == 0 || space == std::string_view::npos || last == space ||
      space > kLongestMethod) {
    return false;
  }
  const std::string_view method = line.substr(0, space);
  if (!std::all_of(method.begin(), method.end(), IsTokenChar) ||
      !EqualsIgnoreCase(TrimBlanks(line.substr(last + 1)), kVersion)) {
    return false;
  }
  message.method = method;
  message.request_uri = TrimBlanks(line.substr(space + 1, last - space - 1));
  return !message.request_uri.empty();
}

void ParseCSeq(std::string_view value, SipMessage& message) {
  ParseNumber(value, message.cseq);
  const size_t space = value.find_first_of(" \t");
  if (space != std::string_view::npos) {
    message.cseq_method = TrimBlanks(value.substr(space));
  }
}

// Takes in one header; the first of a kind counts.
void Absorb(const SipHeader& header, SipMessage& message, bool& via_seen) {
  if (header.Is("Call-ID", 'i')) {
    if (message.call_id.empty()) message.call_id = header.value;
  } else if (header.Is("From", 'f')) {
    if (message.from.uri.empty()) message.from = ParseSipAddress(header.value);
  } else if (header.Is("To", 't')) {
    if (message.to.uri.empty()) message.to = ParseSipAddress(header.value);
  } else if (header.Is("Via", 'v')) {
    if (!via_seen) message.via_branch = SipParameter(header.value, "branch");
    via_seen = true;
  } else if (header.Is("CSeq", 0)) {
    if (message.cseq_method.empty()) ParseCSeq(header.value, message);
  } else if (header.Is("Content-Type", 'c')) {
    if (!message.content_type.empty()) return;
    message.content_type =
        TrimBlanks(header.value.substr(0, header.value.find(';')));
    message.boundary = SipParameter(header.value, "boundary");
  } else if (header.Is("Content-Length", 'l')) {
    if (message.content_length < 0 &&
        !ParseNumber(header.value, message.content_length)) {
      message.content_length = -1;
    }
  }
}

// Where the header ends: behind the first empty line, or at the end.
size_t HeaderEnd(std::string_view text) {
  const size_t crlf = text.find("\r\n\r\n");
  const size_t lf = text.find("\n\n");
  if (crlf < lf) return crlf + 4;
  if (lf != std::string_view::npos) return lf + 2;
  return std::string_view::npos;
}

std::string_view WithoutLeadingLineEnds(std::string_view text) {
  while (!text.empty() && (text.front() == '\r' || text.front() == '\n')) {
    text.remove_prefix(1);
  }
  return text;
}

}  // namespace

bool LooksLikeSip(std::string_view text) {
  text = WithoutLeadingLineEnds(text);
  if (text.size() < 12) return false;
  SipMessage message;
  std::string_view rest = text.substr(0, 4096);
  return ParseStartLine(TakeLine(rest), message);
}

std::optional<SipMessage> ParseSip(std::string_view text) {
  SipMessage message;
  text = WithoutLeadingLineEnds(text);
  std::string_view rest = text;
  if (!ParseStartLine(TakeLine(rest), message)) return std::nullopt;

  const size_t header_end = HeaderEnd(text);
  const size_t start = text.size() - rest.size();
  if (header_end != std::string_view::npos && header_end >= start) {
    message.headers = text.substr(start, header_end - start);
    message.body = text.substr(header_end);
  } else {
    message.headers = rest;
  }
  bool via_seen = false;
  for (std::string_view headers = message.headers; !headers.empty();) {
    Absorb(TakeSipHeader(headers), message, via_seen);
  }
  if (message.content_length >= 0 &&
      static_cast<uint64_t>(message.content_length) < message.body.size()) {
    message.body =
        message.body.substr(0, static_cast<size_t>(message.content_length));
  }
  if (message.call_id.empty() || message.from.uri.empty() ||
      message.to.uri.empty() || message.cseq_method.empty()) {
    return std::nullopt;
  }
  return message;
}

std::optional<std::string_view> FindHeader(std::string_view headers,
                                           std::string_view name,
                                           char compact) {
  while (!headers.empty()) {
    const SipHeader header = TakeSipHeader(headers);
    if (header.Is(name, compact)) return header.value;
  }
  return std::nullopt;
}

std::string_view SdpBody(const SipMessage& message) {
  constexpr std::string_view kSdp = "application/sdp";
  if (EqualsIgnoreCase(message.content_type, kSdp)) return message.body;
  if (message.boundary.empty() || message.content_type.size() < 10 ||
      !EqualsIgnoreCase(message.content_type.substr(0, 10), "multipart/")) {
    return {};
  }
  const std::string_view body = message.body;
  for (size_t at = body.find(message.boundary); at != std::string_view::npos;) {
    std::string_view part = body.substr(at + message.boundary.size());
    TakeLine(part);
    const size_t next = part.find(message.boundary);
    std::string_view content = part.substr(0, next);
    const size_t header_end = HeaderEnd(content);
    const auto type = FindHeader(
        content.substr(0,
                       header_end == std::string_view::npos ? 0 : header_end),
        "Content-Type", 'c');
    if (type &&
        EqualsIgnoreCase(TrimBlanks(type->substr(0, type->find(';'))), kSdp)) {
      content = content.substr(header_end);
      // Without the delimiter's own line end and dashes (RFC 2046, 5.1.1).
      if (content.size() >= 2 && content.substr(content.size() - 2) == "--") {
        content.remove_suffix(2);
      }
      for (const char end : {'\n', '\r'}) {
        if (!content.empty() && content.back() == end) content.remove_suffix(1);
      }
      return content;
    }
    if (next == std::string_view::npos) break;
    at = static_cast<size_t>(part.data() - body.data()) + next;
  }
  return {};
}

std::optional<size_t> SipMessageLength(std::string_view text) {
  const size_t end = HeaderEnd(text);
  if (end == std::string_view::npos) return std::nullopt;
  const auto value = FindHeader(text.substr(0, end), "Content-Length", 'l');
  uint32_t length = 0;
  if (value) ParseNumber(*value, length);
  return end + length;
}

}  // namespace callbraid
