#include "collector/events/cdr_row.h"

#include <cmath>
#include <cstdint>
#include <set>
#include <string_view>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "collector/store/scope.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;

constexpr std::string_view kColumns =
    "id,caller,callee,start,answer,end,state,end_reason,status,setup_s,talk_s,"
    "legs,streams,codecs,packets,lost,flags,sites,sensors,caller_uri,"
    "callee_uri,mos,pdd_s,ended_by,cause,merged_into\r\n";

std::string Quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

// One record: fields in the order of the columns.
class CsvLine {
 public:
  CsvLine& Add(const std::string& text) {
    absl::StrAppend(&line_, line_.empty() ? "" : ",", Quoted(text));
    return *this;
  }
  CsvLine& Add(uint64_t number) { return Add(std::to_string(number)); }
  std::string Take() { return line_ + "\r\n"; }

 private:
  std::string line_;
};

std::string TimeText(bool present, const Timestamp& time) {
  return present ? TimeUtil::ToString(time) : "";
}

// Seconds with milliseconds; "" if one of them is not known.
std::string Between(bool known, const Timestamp& from, const Timestamp& to) {
  if (!known) return "";
  const int64_t ms = TimeUtil::DurationToMilliseconds(to - from);
  return absl::StrCat(ms < 0 ? "-" : "", std::abs(ms) / 1000, ".",
                      absl::Dec(std::abs(ms) % 1000, absl::kZeroPad3));
}

// "CALL_STATE_COMPLETED" is "completed".
std::string Lower(const std::string& name, const char* prefix) {
  return absl::AsciiStrToLower(absl::StripPrefix(name, prefix));
}

std::string FlagsOf(const v1::Call& call) {
  std::vector<std::string> flags;
  for (const int flag : call.flags()) {
    flags.push_back(Lower(v1::CallFlag_Name(static_cast<v1::CallFlag>(flag)),
                          "CALL_FLAG_"));
  }
  return absl::StrJoin(flags, " ");
}

// "" if it is not known.
std::string SideOf(v1::Side side) {
  return side == v1::SIDE_UNSPECIFIED ? ""
                                      : Lower(v1::Side_Name(side), "SIDE_");
}

// With a dot, in hundredths; "" if there is none.
std::string MosOf(const v1::Call& call) {
  if (!call.has_listening_mos()) return "";
  const auto hundredths =
      static_cast<int64_t>(std::lround(call.listening_mos() * 100));
  return absl::StrCat(hundredths / 100, ".",
                      absl::Dec(hundredths % 100, absl::kZeroPad2));
}

std::string CallLine(const v1::Call& call) {
  std::set<std::string> codecs;
  uint64_t packets = 0;
  uint64_t lost = 0;
  for (const v1::Stream& stream : call.streams()) {
    if (!stream.codec().empty()) codecs.insert(stream.codec());
    packets += stream.packets();
    lost += stream.lost();
  }
  CsvLine line;
  line.Add(call.id()).Add(call.caller()).Add(call.callee());
  line.Add(TimeText(call.has_start_time(), call.start_time()));
  line.Add(TimeText(call.has_answer_time(), call.answer_time()));
  line.Add(TimeText(call.has_end_time(), call.end_time()));
  line.Add(Lower(v1::CallState_Name(call.state()), "CALL_STATE_"));
  line.Add(Lower(v1::EndReason_Name(call.end_reason()), "END_REASON_"));
  line.Add(call.final_status() == 0 ? "" : std::to_string(call.final_status()));
  line.Add(Between(call.has_start_time() && call.has_answer_time(),
                   call.start_time(), call.answer_time()));
  line.Add(Between(call.has_answer_time() && call.has_end_time(),
                   call.answer_time(), call.end_time()));
  line.Add(static_cast<uint64_t>(call.legs_size()));
  line.Add(static_cast<uint64_t>(call.streams_size()));
  line.Add(absl::StrJoin(codecs, " ")).Add(packets).Add(lost);
  line.Add(FlagsOf(call)).Add(absl::StrJoin(SitesOf(call), " "));
  line.Add(absl::StrJoin(call.sensors(), " "));
  line.Add(call.caller_uri()).Add(call.callee_uri());
  line.Add(MosOf(call));
  line.Add(Between(call.has_start_time() && call.has_ringing_time(),
                   call.start_time(), call.ringing_time()));
  line.Add(SideOf(call.ended_by()));
  line.Add(call.release_cause() == 0 ? ""
                                     : std::to_string(call.release_cause()));
  line.Add("");
  return line.Take();
}

// Empty fields, but for the first and the last.
std::string GoneLine(const v1::CallEvent& event) {
  std::string line = event.call_id();
  for (const char c : kColumns) {
    if (c == ',') line += c;
  }
  return absl::StrCat(
      line, event.merged_into().empty() ? "removed" : event.merged_into(),
      "\r\n");
}

}  // namespace

std::string ExtensionOf(CdrFormat format) {
  return format == CdrFormat::kCsv ? ".csv" : ".jsonl";
}

std::string CdrHeader(CdrFormat format) {
  return format == CdrFormat::kCsv ? std::string(kColumns) : "";
}

std::string CdrRow(CdrFormat format, const v1::CallEvent& event) {
  const bool whole = event.kind() == v1::CALL_EVENT_KIND_SETTLED;
  if (format == CdrFormat::kCsv) {
    return whole ? CallLine(event.call()) : GoneLine(event);
  }
  if (!whole) {
    return absl::StrCat(R"({"id":")", event.call_id(), R"(","mergedInto":")",
                        event.merged_into(), "\"}\n");
  }
  std::string json;
  // Fails only for times out of range, which no call has.
  (void)google::protobuf::util::MessageToJsonString(event.call(), &json);
  return json + "\n";
}

}  // namespace callbraid::collector
