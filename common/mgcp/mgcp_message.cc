#include "common/mgcp/mgcp_message.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "common/sip/sip_header.h"

namespace callbraid {
namespace {

// RFC 3435, section 3.2.1.1, and MESG of RFC 3435's update.
constexpr std::array<std::string_view, 10> kVerbs = {
    "EPCF", "CRCX", "MDCX", "DLCX", "RQNT",
    "NTFY", "AUEP", "AUCX", "RSIP", "MESG"};
constexpr size_t kVerbSize = 4;
constexpr size_t kMaxTransactionDigits = 9;
constexpr size_t kMaxFirstLine = 512;
constexpr std::string_view kBlanks = " \t";

char Upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view TakeWord(std::string_view& line) {
  const size_t begin = std::min(line.find_first_not_of(kBlanks), line.size());
  line.remove_prefix(begin);
  const size_t end = std::min(line.find_first_of(kBlanks), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

bool IsVerb(std::string_view word) {
  if (word.size() != kVerbSize) return false;
  if (Upper(word[0]) == 'X') {  // Experimental.
    return std::all_of(word.begin(), word.end(), [](char c) {
      return IsDigit(c) || (Upper(c) >= 'A' && Upper(c) <= 'Z');
    });
  }
  return std::any_of(kVerbs.begin(), kVerbs.end(), [&](std::string_view verb) {
    return EqualsIgnoreCase(verb, word);
  });
}

std::optional<uint32_t> ReadTransaction(std::string_view word) {
  if (word.empty() || word.size() > kMaxTransactionDigits ||
      !std::all_of(word.begin(), word.end(), IsDigit)) {
    return std::nullopt;
  }
  uint32_t number = 0;
  for (const char c : word)
    number = number * 10 + static_cast<uint32_t>(c - '0');
  return number;
}

// "MGCP 1.0", with the name of a profile behind it.
bool IsVersion(std::string_view line) {
  if (!EqualsIgnoreCase(TakeWord(line), "MGCP")) return false;
  const std::string_view version = TakeWord(line);
  return version.size() >= 3 && IsDigit(version[0]) && version[1] == '.' &&
         IsDigit(version[2]);
}

bool ReadFirstLine(std::string_view line, bool whole, MgcpMessage& message) {
  const std::string_view first = TakeWord(line);
  const std::string_view number = TakeWord(line);
  const auto transaction = ReadTransaction(number);
  if (!transaction) return false;
  message.transaction = *transaction;
  if (IsVerb(first)) {
    message.verb = first;
    message.endpoint = TakeWord(line);
    return !message.endpoint.empty() && IsVersion(line);
  }
  if (first.size() != 3 || !std::all_of(first.begin(), first.end(), IsDigit)) {
    return false;
  }
  message.code = static_cast<int>(*ReadTransaction(first));
  // Where the line ends with the capture, so may the number.
  if (!whole && line.empty()) message.transaction = 0;
  message.comment = TrimBlanks(line);
  return true;
}

// The first line, and whether it has an end.
struct FirstLine {
  std::string_view line;
  bool whole = false;
};
FirstLine FirstLineOf(std::string_view text) {
  const size_t end = text.substr(0, kMaxFirstLine).find_first_of("\r\n");
  if (end == std::string_view::npos) return {text.substr(0, kMaxFirstLine)};
  return {text.substr(0, end), true};
}

// RFC 3435, section 3.2.2: an empty line ends the parameters.
size_t EmptyLine(std::string_view text) {
  const size_t crlf = text.find("\n\r\n");
  const size_t lf = text.find("\n\n");
  return std::min(crlf, lf);
}

}  // namespace

bool MgcpMessage::Is(std::string_view name) const {
  return EqualsIgnoreCase(verb, name);
}

bool LooksLikeMgcpCommand(std::string_view text) {
  if (text.size() < kVerbSize + 1 || text[kVerbSize] != ' ' ||
      !IsVerb(text.substr(0, kVerbSize))) {
    return false;
  }
  MgcpMessage message;
  const FirstLine first = FirstLineOf(text);
  return ReadFirstLine(first.line, first.whole, message) &&
         message.is_command();
}

bool LooksLikeMgcpResponse(std::string_view text) {
  if (text.size() < 5 || text[3] != ' ' || !IsDigit(text[0]) ||
      !IsDigit(text[4])) {
    return false;
  }
  MgcpMessage message;
  const FirstLine first = FirstLineOf(text);
  return ReadFirstLine(first.line, first.whole, message) &&
         !message.is_command();
}

std::optional<MgcpMessage> ParseMgcp(std::string_view text) {
  MgcpMessage message;
  const FirstLine first = FirstLineOf(text);
  if (!ReadFirstLine(first.line, first.whole, message)) return std::nullopt;
  const size_t empty = EmptyLine(text);
  if (empty == std::string_view::npos) {
    message.parameters = text.substr(first.line.size());
  } else {
    message.parameters =
        text.substr(first.line.size(), empty + 1 - first.line.size());
    message.body = text.substr(text.find('\n', empty + 1) + 1);
  }
  return message;
}

std::string_view TakeMgcpMessage(std::string_view& text) {
  const std::string_view all = text;
  for (size_t at = 0; at < all.size();) {
    const size_t end = std::min(all.find('\n', at), all.size());
    if (TrimBlanks(all.substr(at, end - at)) == ".") {
      text.remove_prefix(std::min(end + 1, all.size()));
      return all.substr(0, at);
    }
    at = end + 1;
  }
  text = {};
  return all;
}

std::string_view MgcpParameter(const MgcpMessage& message,
                               std::string_view name) {
  std::string_view lines = message.parameters;
  while (!lines.empty()) {
    const SipHeader parameter = TakeSipHeader(lines);
    if (EqualsIgnoreCase(parameter.name, name)) return parameter.value;
  }
  return {};
}

bool MgcpEvent::Is(std::string_view wanted) const {
  // Lines (RFC 3660), handsets, and what some gateways call their lines.
  const bool line = package.empty() || EqualsIgnoreCase(package, "L") ||
                    EqualsIgnoreCase(package, "H") ||
                    EqualsIgnoreCase(package, "BL");
  return line && EqualsIgnoreCase(name, wanted);
}

std::optional<MgcpEvent> TakeMgcpEvent(std::string_view& events) {
  size_t depth = 0;
  size_t end = 0;
  for (; end < events.size() && (depth > 0 || events[end] != ','); ++end) {
    if (events[end] == '(') ++depth;
    if (events[end] == ')' && depth > 0) --depth;
  }
  std::string_view text = TrimBlanks(events.substr(0, end));
  const bool more = end < events.size();
  events.remove_prefix(more ? end + 1 : end);
  if (text.empty() && !more) return std::nullopt;
  MgcpEvent event;
  const size_t bracket = text.find('(');
  if (bracket != std::string_view::npos) {
    event.arguments = text.substr(bracket + 1);
    if (event.arguments.ends_with(')')) event.arguments.remove_suffix(1);
    text = text.substr(0, bracket);
  }
  text = text.substr(0, text.find('@'));  // The connection it is about.
  const size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    event.package = text.substr(0, slash);
    text = text.substr(slash + 1);
  }
  event.name = text;
  return event;
}

char MgcpDigit(const MgcpEvent& event) {
  if (!event.package.empty() && !EqualsIgnoreCase(event.package, "D")) return 0;
  if (event.name.size() != 1) return 0;
  const char digit = Upper(event.name[0]);
  const bool known = IsDigit(digit) || digit == '*' || digit == '#' ||
                     (digit >= 'A' && digit <= 'D');
  return known ? digit : '\0';
}

void MaskMgcpDigits(std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view one = TakeMgcpMessage(rest);
    const auto message = ParseMgcp(one);
    if (!message) continue;
    for (const char* parameter : {"O", "S"}) {
      std::string_view events = MgcpParameter(*message, parameter);
      while (const auto event = TakeMgcpEvent(events)) {
        if (MgcpDigit(*event) == 0) continue;
        text[static_cast<size_t>(event->name.data() - text.data())] = 'x';
      }
    }
  }
}

MgcpCaller ReadMgcpCaller(std::string_view arguments) {
  const auto take = [&arguments] {
    const size_t comma = std::min(arguments.find(','), arguments.size());
    std::string_view value = TrimBlanks(arguments.substr(0, comma));
    arguments.remove_prefix(std::min(comma + 1, arguments.size()));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  };
  take();  // The time.
  MgcpCaller caller;
  caller.number = take();
  caller.name = take();
  return caller;
}

std::string PlainMgcpEndpoint(std::string_view endpoint) {
  std::string plain(endpoint);
  for (char& c : plain) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return plain;
}

bool IsMgcpWildcard(std::string_view endpoint) {
  return endpoint.find_first_of("$*") != std::string_view::npos;
}

std::string MgcpSummary(const MgcpMessage& message) {
  std::string summary;
  if (message.is_command()) {
    // Of the endpoint what tells it from the gateway's others.
    const size_t at = message.endpoint.find('@');
    summary = std::string(message.verb) + " " +
              std::string(message.endpoint.substr(0, at));
  } else {
    summary = std::to_string(message.code);
    summary.insert(0, 3 - std::min<size_t>(3, summary.size()), '0');
    if (!message.comment.empty()) summary += " " + std::string(message.comment);
  }
  // What a notification is about, and what rings.
  for (const std::string_view name : {"O", "S"}) {
    const std::string_view value = MgcpParameter(message, name);
    if (!value.empty()) summary += " " + std::string(value);
  }
  if (!message.body.empty()) summary += " (SDP)";
  return summary;
}

}  // namespace callbraid
