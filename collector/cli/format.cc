#include "collector/cli/format.h"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/config/flags.h"
#include "google/protobuf/util/json_util.h"

namespace callbraid::cli {
namespace {

constexpr std::pair<v1::CallState, const char*> kStates[] = {
    {v1::CALL_STATE_SETUP, "setup"},
    {v1::CALL_STATE_RINGING, "ringing"},
    {v1::CALL_STATE_ACTIVE, "active"},
    {v1::CALL_STATE_COMPLETED, "completed"},
    {v1::CALL_STATE_UNANSWERED, "unanswered"},
};

// "one-way" of CALL_FLAG_ONE_WAY.
std::string NameOf(v1::CallFlag flag) {
  std::string name = v1::CallFlag_Name(flag).substr(sizeof("CALL_FLAG_") - 1);
  absl::AsciiStrToLower(&name);
  return absl::StrReplaceAll(name, {{"_", "-"}});
}

absl::Status NotOneOf(const std::string& word,
                      const std::vector<std::string>& words) {
  const std::string nearest = NearestWord(word, words);
  return absl::InvalidArgumentError(absl::StrCat(
      "'", word, "' is not one of ", absl::StrJoin(words, ", "),
      nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?")));
}

}  // namespace

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) +
         absl::Nanoseconds(timestamp.nanos());
}

google::protobuf::Timestamp FromTime(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t seconds = absl::ToUnixSeconds(time);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(
      (time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return timestamp;
}

google::protobuf::Duration FromDuration(absl::Duration duration) {
  google::protobuf::Duration proto;
  absl::Duration rest;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &rest));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(rest)));
  return proto;
}

std::string DateAndTime(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, zone);
}

std::string TimeOfDay(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime("%H:%M:%E3S", time, zone);
}

std::string ZoneName(absl::Time time, absl::TimeZone zone) {
  return absl::FormatTime("%Z", time, zone);
}

std::string ZoneForApi(absl::Time time, absl::TimeZone zone) {
  constexpr char kZones[] = "/zoneinfo/";
  std::string name = zone.name();
  if (!name.empty() && name.front() == '/') {
    // /etc/localtime is a link to its zone.
    std::error_code unknown;
    name = std::filesystem::canonical(name, unknown).string();
    const size_t zones = name.find(kZones);
    name = zones == std::string::npos ? ""
                                      : name.substr(zones + sizeof(kZones) - 1);
  }
  if (!name.empty()) return name;
  return absl::StrCat("Fixed/UTC", absl::FormatTime("%Ez", time, zone), ":00");
}

std::string Length(absl::Duration duration) {
  const int64_t seconds = absl::ToInt64Seconds(duration);
  const int64_t hours = seconds / 3600;
  if (hours > 0) {
    return absl::StrFormat("%d:%02d:%02d", hours, seconds / 60 % 60,
                           seconds % 60);
  }
  return absl::StrFormat("%d:%02d", seconds / 60, seconds % 60);
}

std::string ExactLength(absl::Duration duration) {
  if (duration >= absl::Minutes(1)) return Length(duration);
  return absl::StrFormat("%.1f s", absl::ToDoubleSeconds(duration));
}

std::string Percent(uint64_t part, uint64_t whole) {
  if (whole == 0) return "-";
  const double percent = 100.0 * part / whole;
  // Little loss must not read as none.
  if (part > 0 && percent < 0.1) return "<0.1 %";
  return absl::StrFormat("%.1f %%", percent);
}

std::string ListeningMos(const v1::Call& call) {
  if (!call.has_listening_mos()) return "-";
  return absl::StrFormat("%.2f", call.listening_mos());
}

std::string Bytes(uint64_t bytes) {
  if (bytes < 1024) return absl::StrCat(bytes, " B");
  double size = bytes / 1024.0;
  for (const char* unit : {"KiB", "MiB", "GiB"}) {
    if (size < 1024) return absl::StrFormat("%.1f %s", size, unit);
    size /= 1024;
  }
  return absl::StrFormat("%.1f TiB", size);
}

std::string Count(uint64_t count) {
  std::string digits = absl::StrCat(count);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, 1, ',');
  return digits;
}

std::string Counted(uint64_t count, const std::string& noun) {
  return absl::StrCat(Count(count), " ", noun, count == 1 ? "" : "s");
}

std::string Word(v1::CallState state) {
  for (const auto& [known, word] : kStates) {
    if (known == state) return word;
  }
  return "";
}

absl::StatusOr<v1::CallState> ParseState(const std::string& word) {
  std::vector<std::string> words;
  for (const auto& [state, known] : kStates) {
    if (word == known) return state;
    words.push_back(known);
  }
  return NotOneOf(word, words);
}

absl::StatusOr<v1::CallFlag> ParseFlag(const std::string& word) {
  std::vector<std::string> words;
  for (int value = v1::CallFlag_MIN; value <= v1::CallFlag_MAX; ++value) {
    if (!v1::CallFlag_IsValid(value) || value == v1::CALL_FLAG_UNSPECIFIED) {
      continue;
    }
    const auto flag = static_cast<v1::CallFlag>(value);
    if (word == NameOf(flag)) return flag;
    words.push_back(NameOf(flag));
  }
  return NotOneOf(word, words);
}

std::string Word(v1::EndReason reason) {
  switch (reason) {
    case v1::END_REASON_BYE:
      return "hung up";
    case v1::END_REASON_CANCELLED:
      return "cancelled by the caller";
    case v1::END_REASON_REFUSED:
      return "refused";
    case v1::END_REASON_SILENCE:
      return "nothing more was seen";
    case v1::END_REASON_CAPTURE_ENDED:
      return "the capture ended";
    default:
      return "";
  }
}

std::string Word(v1::CallFlag flag) {
  switch (flag) {
    case v1::CALL_FLAG_NO_MEDIA:
      return "no media seen";
    case v1::CALL_FLAG_ONE_WAY:
      return "one-way";
    case v1::CALL_FLAG_NO_SIGNALLING:
      return "no signalling";
    case v1::CALL_FLAG_BEGAN_BEFORE_CAPTURE:
      return "began before capture";
    case v1::CALL_FLAG_ENCRYPTED:
      return "encrypted";
    case v1::CALL_FLAG_CAPTURE_LOSS:
      return "capture loss";
    case v1::CALL_FLAG_UNKNOWN_CODEC:
      return "unknown codec";
    case v1::CALL_FLAG_MEDIA_DELETED:
      return "media deleted";
    default:
      return "";
  }
}

std::string Word(v1::Side side) {
  switch (side) {
    case v1::SIDE_CALLER:
      return "caller speaks";
    case v1::SIDE_CALLEE:
      return "callee speaks";
    default:
      return "side not known";
  }
}

std::string Word(v1::Hearing hearing) {
  switch (hearing) {
    case v1::HEARING_HEARD:
      return "yes";
    case v1::HEARING_NO_PACKETS:
      return "no packets";
    case v1::HEARING_ONLY_SILENCE:
      return "only silence";
    case v1::HEARING_NO_PACKETS_AFTER_HOLD:
      return "no packets after hold";
    case v1::HEARING_ONLY_SILENCE_AFTER_HOLD:
      return "only silence after hold";
    case v1::HEARING_PACKETS_STOPPED:
      return "packets stopped";
    default:
      return "not known";
  }
}

std::string Word(v1::Wholeness wholeness) {
  switch (wholeness) {
    case v1::WHOLENESS_WHOLE:
      return "whole";
    case v1::WHOLENESS_LOSSY:
      return "capture loss";
    case v1::WHOLENESS_BEGAN_BEFORE_CAPTURE:
      return "began before capture";
    case v1::WHOLENESS_UNKNOWN_CODEC:
      return "unknown codec";
    case v1::WHOLENESS_ENCRYPTED:
      return "encrypted";
    case v1::WHOLENESS_ONE_WAY:
      return "one way";
    case v1::WHOLENESS_NO_MEDIA:
      return "no media";
    case v1::WHOLENESS_MEDIA_DELETED:
      return "media deleted";
    default:
      return "?";
  }
}

std::string FlagWords(const v1::Call& call) {
  std::vector<std::string> words;
  if (call.has_hold()) words.push_back("on hold");
  for (const int flag : call.flags()) {
    const std::string word = Word(static_cast<v1::CallFlag>(flag));
    if (!word.empty()) words.push_back(word);
  }
  return absl::StrJoin(words, ", ");
}

std::string NoteWords(const v1::Call& call) {
  std::string words = FlagWords(call);
  for (const std::string& tag : call.annotation().tags()) {
    absl::StrAppend(&words, words.empty() ? "" : ", ", "#", tag);
  }
  return words;
}

std::string SensorList(const v1::Call& call) {
  return absl::StrJoin(call.sensors(), ", ");
}

absl::Duration TalkTime(const v1::Call& call, absl::Time now) {
  if (!call.has_answer_time() && call.state() != v1::CALL_STATE_ACTIVE &&
      call.state() != v1::CALL_STATE_COMPLETED) {
    return absl::ZeroDuration();
  }
  const absl::Time from =
      ToTime(call.has_answer_time() ? call.answer_time() : call.start_time());
  const absl::Time to = call.has_end_time() ? ToTime(call.end_time()) : now;
  return std::max(to - from, absl::ZeroDuration());
}

absl::StatusOr<absl::Time> ParseTimeArgument(const std::string& text,
                                             absl::Time now,
                                             absl::TimeZone zone) {
  if (text == "now") return now;
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  if (text == "today") return absl::FromCivil(today, zone);
  if (text == "yesterday") return absl::FromCivil(today - 1, zone);

  double days = 0;
  if (!text.empty() && text.back() == 'd' &&
      absl::SimpleAtod(text.substr(0, text.size() - 1), &days) && days >= 0) {
    return now - days * absl::Hours(24);
  }
  absl::Duration ago;
  if (absl::ParseDuration(text, &ago) && ago >= absl::ZeroDuration()) {
    return now - ago;
  }
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, zone, &time, &error)) {
    return time;
  }
  for (const char* format : {"%Y-%m-%d %H:%M:%E*S", "%Y-%m-%dT%H:%M:%E*S",
                             "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    if (absl::ParseTime(format, text, zone, &time, &error)) return time;
  }
  const std::string with_date =
      absl::StrCat(absl::FormatCivilTime(today), " ", text);
  for (const char* format : {"%Y-%m-%d %H:%M:%E*S", "%Y-%m-%d %H:%M"}) {
    if (absl::ParseTime(format, with_date, zone, &time, &error)) return time;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "'", text,
      "' is no time; write 2026-11-23 09:21, 09:21 (today), "
      "2026-11-23T09:21:32Z, today, yesterday, or how long ago: 90m, 2h, 3d"));
}

absl::StatusOr<absl::Duration> ParseLength(const std::string& text) {
  absl::Duration length;
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds)) length = absl::Seconds(seconds);
  if ((absl::ParseDuration(text, &length) || seconds > 0) &&
      length >= absl::ZeroDuration() && length < absl::Hours(100'000)) {
    return length;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is no length; write 90s, 5m, 1h30m"));
}

absl::StatusOr<absl::Duration> ParseOffset(const std::string& text) {
  const absl::Status wrong = absl::InvalidArgumentError(absl::StrCat(
      "\"", text, "\" is no offset: give seconds, 1:20 or 1:02:03.5"));
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  if (parts.size() > 3) return wrong;
  absl::Duration offset;
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool is_last = i + 1 == parts.size();
    const bool sound =
        !parts[i].empty() &&
        parts[i].find_first_not_of(is_last ? "0123456789." : "0123456789") ==
            std::string::npos;
    double number = 0;
    if (!sound || !absl::SimpleAtod(parts[i], &number)) return wrong;
    // The first may be as much as it likes: "90:00".
    if (i > 0 && number >= 60) return wrong;
    offset = offset * 60 + absl::Seconds(number);
  }
  // Four months.
  return offset <= absl::Hours(2880) ? absl::StatusOr<absl::Duration>(offset)
                                     : wrong;
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string json;
  // Fails only for timestamps out of range, which the collector never sends.
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

}  // namespace callbraid::cli
