#include "common/sip/sip_header.h"

#include <algorithm>
#include <cstddef>

namespace callbraid {
namespace {

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// A header line with its folded continuations, as one view.
std::string_view TakeFolded(std::string_view& headers) {
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

}  // namespace

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view TakeLine(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

bool SipHeader::Is(std::string_view full_name, char compact) const {
  if (name.size() == 1) return compact != 0 && Lower(name[0]) == compact;
  return EqualsIgnoreCase(name, full_name);
}

SipHeader TakeSipHeader(std::string_view& headers) {
  const std::string_view line = TakeFolded(headers);
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  return {TrimBlanks(line.substr(0, colon)),
          TrimBlanks(line.substr(colon + 1))};
}

std::string_view SipParameter(std::string_view value, std::string_view name) {
  bool quoted = false;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '"' && (i == 0 || value[i - 1] != '\\')) quoted = !quoted;
    if (quoted || value[i] != ';') continue;
    std::string_view rest = value.substr(i + 1);
    const size_t end = rest.find_first_of(";,");
    const std::string_view parameter = rest.substr(0, end);
    const size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    if (!EqualsIgnoreCase(TrimBlanks(parameter.substr(0, equals)), name)) {
      continue;
    }
    std::string_view found = TrimBlanks(rest.substr(equals + 1));
    if (!found.empty() && found.front() == '"') {
      const size_t close = found.find('"', 1);
      return found.substr(1,
                          close == std::string_view::npos ? close : close - 1);
    }
    return TrimBlanks(parameter.substr(equals + 1));
  }
  return {};
}

std::string_view SipUriUser(std::string_view uri) {
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

SipAddress ParseSipAddress(std::string_view value) {
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
  // A quote without end (RFC 4475, section 3.1.2.6): what is a name is not
  // known.
  const bool unbalanced = quoted && open == std::string_view::npos;
  if (unbalanced) open = value.rfind('<');
  std::string_view parameters;
  if (open != std::string_view::npos) {
    if (!unbalanced) address.display_name = TrimBlanks(value.substr(0, open));
    const size_t close = value.find('>', open);
    address.uri = TrimBlanks(value.substr(
        open + 1, close == std::string_view::npos ? close : close - open - 1));
    if (close != std::string_view::npos) parameters = value.substr(close + 1);
  } else {
    // Without brackets, parameters belong to the header, not the URI.
    const size_t semicolon = value.find(';');
    address.uri = TrimBlanks(value.substr(0, semicolon));
    if (semicolon != std::string_view::npos)
      parameters = value.substr(semicolon);
  }
  std::string_view& name = address.display_name;
  if (name.size() >= 2 && name.front() == '"' && name.back() == '"') {
    name = name.substr(1, name.size() - 2);
  }
  address.user = SipUriUser(address.uri);
  address.tag = SipParameter(parameters, "tag");
  return address;
}

}  // namespace callbraid
