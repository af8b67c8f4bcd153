#include "common/sip/sip_links.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>

#include "common/sip/sip_header.h"

namespace callbraid {
namespace {

constexpr size_t kUuidDigits = 32;
constexpr size_t kMaxUriHeaderBytes = 1024;

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `text` if it is a UUID as Session-ID has it, and not nil.
std::string_view SessionUuid(std::string_view text) {
  text = TrimBlanks(text);
  const bool hex = std::all_of(text.begin(), text.end(),
                               [](char c) { return HexDigit(c) >= 0; });
  if (text.size() != kUuidDigits || !hex ||
      text.find_first_not_of('0') == std::string_view::npos) {
    return {};
  }
  return text;
}

// Where what `uri` asks for begins, or its end.
size_t UriHeadersAt(std::string_view uri) {
  // A user part may hold a question mark (RFC 3261, section 25.1).
  const size_t at = uri.find('@');
  const size_t from = at == std::string_view::npos ? 0 : at;
  return std::min(uri.find('?', from), uri.size());
}

// Calls `visit` with each character of `value` that is neither quoted nor in
// angle brackets, until it returns false.
template <typename Visit>
void ForEachPlain(std::string_view value, Visit visit) {
  bool quoted = false;
  bool bracketed = false;
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (quoted && c == '\\') {
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == '<' || c == '>')) {
      bracketed = c == '<';
    } else if (!quoted && !bracketed && !visit(i)) {
      return;
    }
  }
}

}  // namespace

SipSessionId ParseSessionId(std::string_view value) {
  return {SessionUuid(value.substr(0, value.find(';'))),
          SessionUuid(SipParameter(value, "remote"))};
}

std::string_view ParseChargingId(std::string_view value) {
  constexpr std::string_view kName = "icid-value";
  // Parameters have no value before them here, so the first lacks its ';'.
  const size_t end = value.find_first_of(";,");
  const std::string_view first = value.substr(0, end);
  const size_t equals = first.find('=');
  if (equals == std::string_view::npos ||
      !EqualsIgnoreCase(TrimBlanks(first.substr(0, equals)), kName)) {
    return SipParameter(value, kName);
  }
  std::string_view found = TrimBlanks(value.substr(equals + 1));
  if (!found.empty() && found.front() == '"') {
    found.remove_prefix(1);
    return found.substr(0, found.find('"'));
  }
  return TrimBlanks(first.substr(equals + 1));
}

std::optional<SipDialogName> ParseDialogName(std::string_view value) {
  SipDialogName name;
  name.call_id = TrimBlanks(value.substr(0, value.find(';')));
  name.to_tag = SipParameter(value, "to-tag");
  name.from_tag = SipParameter(value, "from-tag");
  if (name.to_tag.empty()) name.to_tag = SipParameter(value, "local-tag");
  if (name.from_tag.empty()) name.from_tag = SipParameter(value, "remote-tag");
  if (name.call_id.empty() || name.to_tag.empty() || name.from_tag.empty()) {
    return std::nullopt;
  }
  return name;
}

std::string_view TakeListValue(std::string_view& values) {
  size_t end = values.size();
  ForEachPlain(values, [&](size_t i) {
    if (values[i] != ',') return true;
    end = i;
    return false;
  });
  const std::string_view value = TrimBlanks(values.substr(0, end));
  values.remove_prefix(std::min(end + 1, values.size()));
  return value;
}

std::string SipUnescape(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      plain.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 +
                                        HexDigit(text[i + 2])));
      i += 2;
    } else {
      plain.push_back(text[i]);
    }
  }
  return plain;
}

std::optional<std::string> SipUriHeader(std::string_view uri,
                                        std::string_view name) {
  std::string_view rest = uri.substr(UriHeadersAt(uri));
  while (!rest.empty()) {
    rest.remove_prefix(1);  // '?' or '&'.
    const size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view header = rest.substr(0, end);
    rest.remove_prefix(end);
    const size_t equals = header.find('=');
    if (equals != std::string_view::npos &&
        EqualsIgnoreCase(header.substr(0, equals), name)) {
      const std::string_view escaped = header.substr(equals + 1);
      if (escaped.size() > kMaxUriHeaderBytes) return std::nullopt;
      return SipUnescape(escaped);
    }
  }
  return std::nullopt;
}

std::string_view WithoutUriHeaders(std::string_view uri) {
  return uri.substr(0, UriHeadersAt(uri));
}

bool HasSipFlag(std::string_view value, std::string_view name) {
  bool found = false;
  ForEachPlain(value, [&](size_t i) {
    if (value[i] != ';') return true;
    std::string_view flag = value.substr(i + 1);
    flag = TrimBlanks(flag.substr(0, flag.find_first_of(";,=")));
    found = EqualsIgnoreCase(flag, name);
    return !found;
  });
  return found;
}

int SipFragStatus(std::string_view body) {
  constexpr std::string_view kVersion = "SIP/2.0 ";
  const std::string_view line = TakeLine(body);
  if (!EqualsIgnoreCase(line.substr(0, kVersion.size()), kVersion)) return 0;
  const std::string_view digits = line.substr(kVersion.size(), 3);
  int status = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), status);
  return status >= 100 && status <= 699 ? status : 0;
}

}  // namespace callbraid
