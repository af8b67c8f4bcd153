#include "collector/statistics/intervals.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "collector/completeness/time_zone.h"
#include "collector/store/call_counts.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr absl::Duration kDefaultTime = absl::Hours(24 * 7);
constexpr int64_t kDayNs = 86'400'000'000'000;
constexpr int64_t kMaxDays = 366;
constexpr size_t kMaxIntervals = 1000;
// Days are counted from a Monday on.
constexpr absl::CivilDay kMonday(1970, 1, 5);

absl::StatusOr<int64_t> WidthOf(const v1::CountCallsRequest& request) {
  if (!request.has_interval()) return kDayNs;
  const google::protobuf::Duration& interval = request.interval();
  if (interval.nanos() == 0 && interval.seconds() > 0 &&
      interval.seconds() <= kMaxDays * 86'400) {
    const int64_t width_ns = interval.seconds() * 1'000'000'000;
    if (width_ns % kQuarterNs == 0 &&
        (width_ns % kDayNs == 0 || kDayNs % width_ns == 0)) {
      return width_ns;
    }
  }
  return absl::InvalidArgumentError(
      "interval: must be quarters of an hour that divide a day evenly (900s, "
      "3600s, 21600s) or up to 366 whole days (86400s, 604800s)");
}

// The first that begins at or after `time`.
int64_t QuarterFrom(absl::Time time) {
  return QuarterOf(absl::ToUnixNanos(time) + kQuarterNs - 1);
}

// Where the interval ends that `time` is in.
absl::Time EndOf(absl::Time time, int64_t width_ns, absl::TimeZone zone) {
  const absl::CivilDay day(absl::ToCivilSecond(time, zone));
  if (width_ns >= kDayNs) {
    const int64_t days = width_ns / kDayNs;
    const int64_t since = day - kMonday;
    const int64_t into = ((since % days) + days) % days;
    return absl::FromCivil(day + (days - into), zone);
  }
  const absl::Duration width = absl::Nanoseconds(width_ns);
  const absl::Time midnight = absl::FromCivil(day, zone);
  const absl::Time end =
      midnight + (absl::Floor(time - midnight, width) + width);
  return std::min(end, absl::FromCivil(day + 1, zone));
}

}  // namespace

absl::StatusOr<std::vector<CountInterval>> DivideTime(
    const v1::CountCallsRequest& request, absl::Time now) {
  ASSIGN_OR_RETURN(const absl::TimeZone zone,
                   FindTimeZone(request.time_zone()));
  ASSIGN_OR_RETURN(const int64_t width_ns, WidthOf(request));
  ASSIGN_OR_RETURN(const absl::Time from,
                   TimeOf(request.has_start_from(), request.start_from(),
                          now - kDefaultTime, "start_from"));
  ASSIGN_OR_RETURN(const absl::Time before,
                   TimeOf(request.has_start_before(), request.start_before(),
                          now, "start_before"));
  const int64_t end_ns = QuarterFrom(before);
  std::vector<CountInterval> intervals;
  for (int64_t from_ns = QuarterOf(absl::ToUnixNanos(from)); from_ns < end_ns;
       from_ns = intervals.back().before_ns) {
    if (intervals.size() == kMaxIntervals) {
      return absl::InvalidArgumentError(absl::StrCat(
          "interval: more than ", kMaxIntervals,
          " fit into that time; ask for longer ones, or less time"));
    }
    // Zones of old had odd minutes, and whatever clocks were set to: time goes
    // on.
    const int64_t next_ns = std::max(
        QuarterFrom(EndOf(absl::FromUnixNanos(from_ns), width_ns, zone)),
        from_ns + kQuarterNs);
    intervals.push_back({from_ns, std::min(next_ns, end_ns)});
  }
  return intervals;
}

}  // namespace callbraid::collector
