#ifndef CALLBRAID_COLLECTOR_CLI_FORMAT_H_
#define CALLBRAID_COLLECTOR_CLI_FORMAT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/completeness.pb.h"
#include "callbraid/v1/listening.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"

namespace callbraid::cli {

// The words, times and numbers that people read.

absl::Time ToTime(const google::protobuf::Timestamp& timestamp);
google::protobuf::Timestamp FromTime(absl::Time time);
google::protobuf::Duration FromDuration(absl::Duration duration);

// "2026-11-23 09:21:32" and "09:21:32.033".
std::string DateAndTime(absl::Time time, absl::TimeZone zone);
std::string TimeOfDay(absl::Time time, absl::TimeZone zone);
// "CET", "UTC", "+03".
std::string ZoneName(absl::Time time, absl::TimeZone zone);
// As the API takes it: "Europe/Berlin"; of a zone without such a name the
// offset that it has at `time`.
std::string ZoneForApi(absl::Time time, absl::TimeZone zone);
// "0:08", "1:02:03"; with tenths below ten seconds: "8.1 s" if `exact`.
std::string Length(absl::Duration duration);
std::string ExactLength(absl::Duration duration);
// "0.3 %"; "-" of nothing.
std::string Percent(uint64_t part, uint64_t whole);
// "4.41"; "-" if it is not known.
std::string ListeningMos(const v1::Call& call);
// "1.2 MiB".
std::string Bytes(uint64_t bytes);
// "1,234,567".
std::string Count(uint64_t count);
// "1 packet", "2 packets".
std::string Counted(uint64_t count, const std::string& noun);

// "ringing"; "" if not known.
std::string Word(v1::CallState state);
absl::StatusOr<v1::CallState> ParseState(const std::string& word);
std::string Word(v1::EndReason reason);
std::string Word(v1::CallFlag flag);
// "one-way", as the API names it.
absl::StatusOr<v1::CallFlag> ParseFlag(const std::string& word);
std::string Word(v1::Side side);
// Whether a party was heard: "yes", or why not.
std::string Word(v1::Hearing hearing);
// "no media"; "whole".
std::string Word(v1::Wholeness wholeness);
// "one-way, capture loss".
std::string FlagWords(const v1::Call& call);
// The same with tags: "one-way, #vip".
std::string NoteWords(const v1::Call& call);
// "s1, s2".
std::string SensorList(const v1::Call& call);

// How long the parties talked, or have so far; zero if they did not.
absl::Duration TalkTime(const v1::Call& call, absl::Time now);

// "2026-11-23 09:21", "09:21:32" (today), RFC 3339, "today", "yesterday",
// "now", or how long ago: "90m", "2h", "3d".
absl::StatusOr<absl::Time> ParseTimeArgument(const std::string& text,
                                             absl::Time now,
                                             absl::TimeZone zone);

// How long: "90s", "5m", "1h30m"; without a unit, seconds.
absl::StatusOr<absl::Duration> ParseLength(const std::string& text);

// How far into a call: "80", "1:20", "1:02:03.5".
absl::StatusOr<absl::Duration> ParseOffset(const std::string& text);

// One line of proto3 JSON, without the newline.
std::string ToJson(const google::protobuf::Message& message);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_FORMAT_H_
