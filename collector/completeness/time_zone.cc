#include "collector/completeness/time_zone.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "collector/store/proto_time.h"

namespace callbraid::collector {
namespace {

constexpr char kZones[] = "/usr/share/zoneinfo/";
constexpr char kFixed[] = "Fixed/UTC";
constexpr size_t kMaxNameBytes = 64;

// "Fixed/UTC+02:00:00".
bool IsFixed(const std::string& name) {
  constexpr std::string_view kForm = "+dd:dd:00";
  if (!absl::StartsWith(name, kFixed)) return false;
  const std::string offset = name.substr(sizeof(kFixed) - 1);
  return offset.size() == kForm.size() &&
         std::equal(
             offset.begin(), offset.end(), kForm.begin(),
             [](char c, char form) {
               if (form == '+') return c == '+' || c == '-';
               if (form == 'd') {
                 return absl::ascii_isdigit(static_cast<unsigned char>(c));
               }
               return c == form;
             });
}

// A name that was asked for once is remembered for ever, be it a zone or not,
// and "/dev/..." would be opened: so it must be one of the files that there
// are.
bool IsKnown(const std::string& name) {
  const bool plain = !name.empty() && name.size() <= kMaxNameBytes &&
                     name.front() != '/' &&
                     std::all_of(name.begin(), name.end(), [](unsigned char c) {
                       return absl::ascii_isalnum(c) || c == '/' || c == '_' ||
                              c == '+' || c == '-';
                     });
  std::error_code unknown;
  return plain && std::filesystem::is_regular_file(kZones + name, unknown);
}

}  // namespace

absl::StatusOr<absl::TimeZone> FindTimeZone(const std::string& name) {
  if (name.empty() || name == "UTC") return absl::UTCTimeZone();
  absl::TimeZone zone;
  if ((IsFixed(name) || IsKnown(name)) && absl::LoadTimeZone(name, &zone)) {
    return zone;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("time_zone: there is no '", name.substr(0, kMaxNameBytes),
                   "' here; as in UTC, Europe/Berlin, Fixed/UTC+02:00:00"));
}

absl::StatusOr<absl::Time> TimeOf(bool is_set,
                                  const google::protobuf::Timestamp& time,
                                  absl::Time otherwise, const char* field) {
  if (!is_set) return otherwise;
  // Nanoseconds since 1970 end in 2262.
  if (time.seconds() < 0 || time.seconds() > 9'000'000'000 ||
      time.nanos() < 0 || time.nanos() > 999'999'999) {
    return absl::InvalidArgumentError(std::string(field) +
                                      ": not a valid time");
  }
  return absl::FromUnixNanos(ToNs(time));
}

}  // namespace callbraid::collector
