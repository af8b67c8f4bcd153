#include "common/sip/sip_message.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace callbraid {
namespace {

constexpr std::string_view kVersion = "SIP/2.0";
constexpr size_t kLongestMethod = 32;

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

// RFC 3261, section 25.1: token.
bool IsTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         (c >= '0' && c <= '9') ||
         std::string_view("-.!%*_+`'~").find(c) != std::string_view::npos;
}

// The first line of `text`, without its end; `text` moves behind it.
std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

// A header line with its folded continuations (RFC 3261, section 7.3.1), as one
// view that still holds the line ends.
std::string_view TakeHeader(std::string_view& headers) {
  const char* begin = headers.data();
  std::string_view line = TakeLine(headers);
  const char* end = line.data() + line.size();
  while (!headers.empty() &&
         (headers.front() == ' ' || headers.front() == '\t')) {
    line = TakeLine(headers);
    end = line.data() + line.size();
  }
  return {begin, static_cast<size_t>(end - begin)};
}

struct Header {
  std::string_view name;
  std::string_view value;
};

Header SplitHeader(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  return {Trim(line.substr(0, colon)), Trim(line.substr(colon + 1))};
}

bool Is(const Header& header, std::string_view name, char compact) {
  if (header.name.size() == 1) {
    return compact != 0 && Lower(header.name[0]) == compact;
  }
  return EqualsIgnoreCase(header.name, name);
}

// `;name=value` among the parameters of a header value.
std::string_view Parameter(std::string_view value, std::string_view name) {
  bool quoted = false;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '"' && (i == 0 || value[i - 1] != '\\')) quoted = !quoted;
    if (quoted || value[i] != ';') continue;
    std::string_view rest = value.substr(i + 1);
    const size_t end = rest.find_first_of(";,");
    const std::string_view parameter = rest.substr(0, end);
    const size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    if (!EqualsIgnoreCase(Trim(parameter.substr(0, equals)), name)) continue;
    std::string_view found = Trim(rest.substr(equals + 1));
    if (!found.empty() && found.front() == '"') {
      const size_t close = found.find('"', 1);
      return found.substr(1,
                          close == std::string_view::npos ? close : close - 1);
    }
    return Trim(parameter.substr(equals + 1));
  }
  return {};
}

// User part of a sip:, sips: or tel: URI (RFC 3261, section 19.1; RFC 3966).
std::string_view UserOf(std::string_view uri) {
  const size_t colon = uri.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view scheme = uri.substr(0, colon);
  std::string_view rest = uri.substr(colon + 1);
  if (EqualsIgnoreCase(scheme, "tel")) return rest.substr(0, rest.find(';'));
  const size_t at = rest.find('@');
  if (at == std::string_view::npos) return {};
  const std::string_view user = rest.substr(0, at);
  return user.substr(0, user.find_first_of(":;"));
}

SipAddress ParseAddress(std::string_view value) {
  SipAddress address;
  size_t open = std::string_view::npos;
  bool quoted = false;
  for (size_t i = 0; i < value.size() && open == std::string_view::npos; ++i) {
    if (value[i] == '\\' && quoted) {
      ++i;
    } else if (value[i] == '"') {
      quoted = !quoted;
    } else if (value[i] == '<' && !quoted) {
      open = i;
    }
  }
  std::string_view parameters;
  if (open != std::string_view::npos) {
    address.display_name = Trim(value.substr(0, open));
    const size_t close = value.find('>', open);
    address.uri = Trim(value.substr(
        open + 1, close == std::string_view::npos ? close : close - open - 1));
    if (close != std::string_view::npos) parameters = value.substr(close + 1);
  } else {
    // Without brackets, parameters belong to the header, not the URI.
    const size_t semicolon = value.find(';');
    address.uri = Trim(value.substr(0, semicolon));
    if (semicolon != std::string_view::npos)
      parameters = value.substr(semicolon);
  }
  std::string_view& name = address.display_name;
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
    name = name.substr(1, name.size() - 2);
  }
  address.user = UserOf(address.uri);
  address.tag = Parameter(parameters, "tag");
  return address;
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
    const std::string_view rest = Trim(line.substr(kVersion.size() + 1));
    if (rest.size() < 3 || !ParseNumber(rest.substr(0, 3), message.status) ||
        message.status < 100 || message.status > 699) {
      return false;
    }
    message.reason = Trim(rest.substr(3));
    return true;
  }
  const size_t space = line.find(' ');
  const size_t last = line.rfind(' ');
  if (space == 0 || space == std::string_view::npos || last == space ||
      space > kLongestMethod) {
    return false;
  }
  const std::string_view method = line.substr(0, space);
  if (!std::all_of(method.begin(), method.end(), IsTokenChar) ||
      !EqualsIgnoreCase(Trim(line.substr(last + 1)), kVersion)) {
    return false;
  }
  message.method = method;
  message.request_uri = Trim(line.substr(space + 1, last - space - 1));
  return !message.request_uri.empty();
}

void ParseCSeq(std::string_view value, SipMessage& message) {
  ParseNumber(value, message.cseq);
  const size_t space = value.find_first_of(" \t");
  if (space != std::string_view::npos) {
    message.cseq_method = Trim(value.substr(space));
  }
}

// Takes in one header; the first of a kind counts.
void Absorb(const Header& header, SipMessage& message, bool& via_seen) {
  if (Is(header, "Call-ID", 'i')) {
    if (message.call_id.empty()) message.call_id = header.value;
  } else if (Is(header, "From", 'f')) {
    if (message.from.uri.empty()) message.from = ParseAddress(header.value);
  } else if (Is(header, "To", 't')) {
    if (message.to.uri.empty()) message.to = ParseAddress(header.value);
  } else if (Is(header, "Via", 'v')) {
    if (!via_seen) message.via_branch = Parameter(header.value, "branch");
    via_seen = true;
  } else if (Is(header, "CSeq", 0)) {
    if (message.cseq_method.empty()) ParseCSeq(header.value, message);
  } else if (Is(header, "Content-Type", 'c')) {
    if (!message.content_type.empty()) return;
    message.content_type = Trim(header.value.substr(0, header.value.find(';')));
    message.boundary = Parameter(header.value, "boundary");
  } else if (Is(header, "Content-Length", 'l')) {
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
    Absorb(SplitHeader(TakeHeader(headers)), message, via_seen);
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
    const Header header = SplitHeader(TakeHeader(headers));
    if (Is(header, name, compact)) return header.value;
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
        EqualsIgnoreCase(Trim(type->substr(0, type->find(';'))), kSdp)) {
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
