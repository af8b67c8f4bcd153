#include "collector/timeline/sip_digits.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "collector/timeline/telephone_events.h"
#include "common/base/absl_string.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxDigits = 32;
constexpr int64_t kMaxDurationMs = 60'000;

// "5", "*"; some write the number of the event: "10" is "*", "16" a flash.
std::string KeyOf(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.size() == 1) {
    const char key = absl::ascii_toupper(text[0]);
    return std::string_view("0123456789*#ABCD!").find(key) !=
                   std::string_view::npos
               ? std::string(1, key)
               : "";
  }
  uint32_t event = 0;
  if (absl::EqualsIgnoreCase(text, "hf")) return "!";
  return text.size() == 2 && absl::SimpleAtoi(text, &event) && event <= 16
             ? DigitOf(static_cast<uint8_t>(event))
             : "";
}

// Lines "Name=value" in any order and case.
void ReadRelay(std::string_view body, SipDigits& found) {
  for (const absl::string_view line :
       absl::StrSplit(ToAbsl(body), absl::ByAnyChar("\r\n"))) {
    const size_t equals = line.find('=');
    if (equals == absl::string_view::npos) continue;
    const auto name = absl::StripAsciiWhitespace(line.substr(0, equals));
    const auto value = absl::StripAsciiWhitespace(line.substr(equals + 1));
    if (absl::EqualsIgnoreCase(name, "signal")) {
      found.digits = KeyOf(value);
    } else if (absl::EqualsIgnoreCase(name, "duration")) {
      int64_t duration_ms = 0;
      if (absl::SimpleAtoi(value, &duration_ms)) {
        found.duration_ms = std::clamp<int64_t>(duration_ms, 0, kMaxDurationMs);
      }
    }
  }
}

// <kpml-response version="1.0" code="200" text="OK" digits="1A#" tag="x"/>
void ReadKpml(std::string_view body, SipDigits& found) {
  constexpr std::string_view kAttribute = "digits=";
  const size_t at = body.find(kAttribute);
  // An attribute of its own, not the end of another's name.
  if (at == std::string_view::npos || at == 0 ||
      !absl::ascii_isspace(static_cast<unsigned char>(body[at - 1]))) {
    return;
  }
  body.remove_prefix(at + kAttribute.size());
  if (body.empty() || (body[0] != '"' && body[0] != '\'')) return;
  const size_t end = body.find(body[0], 1);
  if (end == std::string_view::npos || end - 1 > kMaxDigits) return;
  for (const char key : body.substr(1, end - 1)) {
    found.digits += KeyOf(absl::string_view(&key, 1));
  }
}

}  // namespace

std::optional<SipDigits> DigitsIn(const SipMessage& message) {
  const auto type = ToAbsl(message.content_type);
  SipDigits found;
  if (message.method == "INFO" &&
      absl::EqualsIgnoreCase(type, "application/dtmf-relay")) {
    found.source = v1::DTMF_SOURCE_INFO;
    ReadRelay(message.body, found);
  } else if (message.method == "INFO" &&
             absl::EqualsIgnoreCase(type, "application/dtmf")) {
    found.source = v1::DTMF_SOURCE_INFO;
    found.digits = KeyOf(ToAbsl(message.body));
    // Some have the lines of the other type here.
    if (found.digits.empty()) ReadRelay(message.body, found);
  } else if (message.method == "NOTIFY" &&
             absl::EqualsIgnoreCase(type, "application/kpml-response+xml")) {
    found.source = v1::DTMF_SOURCE_KPML;
    ReadKpml(message.body, found);
  }
  if (found.digits.empty()) return std::nullopt;
  return found;
}

}  // namespace callbraid::collector
