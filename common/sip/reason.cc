#include "common/sip/reason.h"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "common/sip/sip_header.h"
#include "common/sip/sip_links.h"

namespace callbraid {
namespace {

// Nobody has more to say.
constexpr int kMaxValues = 16;
constexpr size_t kMaxTextBytes = 256;

// What comes first in `parameters`, up to the next semicolon that is not
// quoted; `parameters` moves behind it.
std::string_view TakeParameter(std::string_view& parameters) {
  bool quoted = false;
  size_t end = 0;
  for (; end < parameters.size(); ++end) {
    const char c = parameters[end];
    if (quoted && c == '\\') {
      ++end;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ';' && !quoted) {
      break;
    }
  }
  const std::string_view parameter = parameters.substr(0, end);
  parameters.remove_prefix(std::min(end + 1, parameters.size()));
  return TrimBlanks(parameter);
}

// A token or a quoted string (RFC 3261, section 25.1), as it is meant.
std::string Plain(std::string_view value) {
  const bool quoted = !value.empty() && value.front() == '"';
  if (quoted) value.remove_prefix(1);
  std::string plain;
  for (size_t i = 0; i < value.size() && plain.size() < kMaxTextBytes; ++i) {
    if (quoted && value[i] == '"') break;
    if (quoted && value[i] == '\\' && i + 1 < value.size()) ++i;
    const auto byte = static_cast<unsigned char>(value[i]);
    // A line that is folded has its ends in it.
    plain.push_back(byte < 0x20 || byte == 0x7f ? ' ' : value[i]);
  }
  return std::string(TrimBlanks(plain));
}

// 0 unless it is a number from `least` to `most`.
uint32_t NumberWithin(const std::string& text, uint32_t least, uint32_t most) {
  uint32_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() &&
                 number >= least && number <= most
             ? number
             : 0;
}

// Q.850;cause=16;text="Normal call clearing"
void ReadValue(std::string_view value, SipReason& reason) {
  const std::string_view protocol = TakeParameter(value);
  const bool is_q850 = EqualsIgnoreCase(protocol, "Q.850");
  const bool is_sip = EqualsIgnoreCase(protocol, "SIP");
  while (!value.empty()) {
    const std::string_view parameter = TakeParameter(value);
    const size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = TrimBlanks(parameter.substr(0, equals));
    const std::string plain = Plain(TrimBlanks(parameter.substr(equals + 1)));
    if (EqualsIgnoreCase(name, "text")) {
      if (reason.text.empty()) reason.text = plain;
    } else if (EqualsIgnoreCase(name, "cause")) {
      if (is_q850 && reason.q850 == 0) {
        reason.q850 = NumberWithin(plain, 1, 127);
      } else if (is_sip && reason.status == 0) {
        reason.status = NumberWithin(plain, 100, 699);
      }
    }
  }
}

}  // namespace

SipReason ParseSipReason(std::string_view headers) {
  SipReason reason;
  int values = 0;
  while (!headers.empty() && values < kMaxValues) {
    const SipHeader header = TakeSipHeader(headers);
    if (!header.Is("Reason", 0)) continue;
    std::string_view list = header.value;
    for (; !list.empty() && values < kMaxValues; ++values) {
      ReadValue(TakeListValue(list), reason);
    }
  }
  return reason;
}

}  // namespace callbraid
