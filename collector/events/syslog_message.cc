#include "collector/events/syslog_message.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "collector/events/event_kinds.h"
#include "collector/store/scope.h"
#include "common/base/absl_string.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

// RFC 5424, section 6.2.1.
constexpr uint32_t kError = 3;
constexpr uint32_t kWarning = 4;
constexpr uint32_t kNotice = 5;
constexpr uint32_t kInformational = 6;
constexpr size_t kMaxBytes = 2048;
constexpr size_t kMaxValueBytes = 256;
// What is wrong, and what to do.
constexpr size_t kMaxTextBytes = 700;
constexpr size_t kMaxHostBytes = 255;
constexpr char kByteOrderMark[] = "\xEF\xBB\xBF";

// At the beginning of a character of UTF-8.
std::string CutTo(const std::string& text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<uint8_t>(text[bytes]) & 0xc0) == 0x80) {
    --bytes;
  }
  return text.substr(0, bytes);
}

void Add(const char* name, const std::string& value, std::string& text,
         size_t max_bytes = kMaxValueBytes) {
  if (value.empty()) return;
  absl::StrAppend(&text, " ", name, "=\"");
  for (const char c : CutTo(value, max_bytes)) {
    if (c == '"' || c == '\\') text += '\\';
    text += absl::ascii_iscntrl(static_cast<unsigned char>(c)) ? '?' : c;
  }
  text += '"';
}

std::string Lower(const std::string& name, const char* prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

void AddCall(const v1::Call& call, std::string& text) {
  Add("caller", call.caller(), text);
  Add("callee", call.callee(), text);
  Add("state", Lower(v1::CallState_Name(call.state()), "CALL_STATE_"), text);
  if (call.has_start_time()) {
    Add("start", TimeUtil::ToString(call.start_time()), text);
  }
  if (call.has_answer_time()) {
    Add("answer", TimeUtil::ToString(call.answer_time()), text);
  }
  if (call.has_end_time()) {
    Add("end", TimeUtil::ToString(call.end_time()), text);
    Add("end_reason",
        Lower(v1::EndReason_Name(call.end_reason()), "END_REASON_"), text);
  }
  if (call.final_status() != 0) {
    Add("status", std::to_string(call.final_status()), text);
  }
  Add("sites", absl::StrJoin(SitesOf(call), ","), text);
}

void AddAlert(const v1::Alert& alert, std::string& text) {
  Add("kind", Lower(v1::AlertKind_Name(alert.kind()), "ALERT_KIND_"), text);
  Add("severity", Lower(v1::Severity_Name(alert.severity()), "SEVERITY_"),
      text);
  Add("site", alert.site(), text);
  Add("sensor", alert.sensor(), text);
  Add("capture_point", alert.capture_point(), text);
  Add("setting", alert.setting(), text);
  Add("since", TimeUtil::ToString(alert.begin_time()), text);
  Add("text", alert.text(), text, kMaxTextBytes);
  Add("cure", alert.cure(), text, kMaxTextBytes);
}

uint32_t SeverityOf(const v1::CallEvent& event) {
  if (event.kind() == v1::CALL_EVENT_KIND_ALERT_ENDED) return kNotice;
  if (event.kind() != v1::CALL_EVENT_KIND_ALERT_BEGAN) return kInformational;
  return event.alert().severity() == v1::SEVERITY_PROBLEM ? kError : kWarning;
}

// PRINTUSASCII, or the nil value.
std::string HostOf(std::string host) {
  host = CutTo(host, kMaxHostBytes);
  const bool good = std::all_of(host.begin(), host.end(), [](char c) {
    return absl::ascii_isgraph(static_cast<unsigned char>(c));
  });
  return host.empty() || !good ? "-" : host;
}

}  // namespace

std::string SyslogMessage(const SyslogOrigin& origin,
                          const v1::CallEvent& event) {
  const std::string kind(Word(event.kind()));
  std::string text = absl::StrCat("call ", kind);
  if (IsAlert(event.kind())) {
    text = event.kind() == v1::CALL_EVENT_KIND_ALERT_BEGAN ? "alert began"
                                                           : "alert ended";
  }
  Add("id", event.call_id(), text);
  Add("merged_into", event.merged_into(), text);
  if (event.has_call()) AddCall(event.call(), text);
  if (event.has_alert()) AddAlert(event.alert(), text);
  // Of a fraction RFC 5424 takes six digits.
  const int64_t us = TimeUtil::TimestampToMicroseconds(event.time());
  return CutTo(
      absl::StrCat("<", origin.facility * 8 + SeverityOf(event), ">1 ",
                   TimeUtil::ToString(TimeUtil::MicrosecondsToTimestamp(us)),
                   " ", HostOf(origin.host), " callbraid-collector ",
                   origin.pid, " ", kind, " - ", kByteOrderMark, text),
      kMaxBytes);
}

}  // namespace callbraid::collector
