#include "collector/completeness/day_counts.h"

#include <map>
#include <numeric>
#include <string>
#include <utility>

#include "collector/completeness/time_zone.h"
#include "collector/store/proto_time.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr absl::Duration kDefaultTime = absl::Hours(24 * 7);

using DayAndSite = std::pair<std::string, std::string>;

}  // namespace

uint64_t WholenessCounts::Sum() const {
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

google::protobuf::RepeatedPtrField<v1::WholenessCount>
WholenessCounts::ToProto() const {
  google::protobuf::RepeatedPtrField<v1::WholenessCount> counts;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    v1::WholenessCount& count = *counts.Add();
    count.set_wholeness(static_cast<v1::Wholeness>(i));
    count.set_calls(counts_[i]);
  }
  return counts;
}

absl::StatusOr<v1::GetCompletenessResponse> CountDays(
    const v1::GetCompletenessRequest& request, const CountLimits& limits,
    CallReader& calls) {
  ASSIGN_OR_RETURN(const absl::TimeZone zone,
                   FindTimeZone(request.time_zone()));
  ASSIGN_OR_RETURN(const absl::Time from,
                   TimeOf(request.has_start_from(), request.start_from(),
                          calls.now() - kDefaultTime, "start_from"));
  ASSIGN_OR_RETURN(const absl::Time before,
                   TimeOf(request.has_start_before(), request.start_before(),
                          calls.now(), "start_before"));
  std::map<DayAndSite, WholenessCounts> days;
  size_t looked_at = 0;
  absl::Time counted_from = before;
  ASSIGN_OR_RETURN(
      const bool all, calls.Read(from, before, [&](const SeenCall& call) {
        if (looked_at == limits.calls) return false;
        if (call.answered) {
          DayAndSite day(absl::FormatTime("%Y-%m-%d", call.start, zone),
                         call.site);
          const auto known = days.find(day);
          if (known == days.end() && days.size() == limits.rows) return false;
          days[std::move(day)].Add(call.wholeness);
        }
        ++looked_at;
        counted_from = call.start;
        return true;
      }));

  v1::GetCompletenessResponse response;
  for (const auto& [day, counts] : days) {
    v1::DayCompleteness& one = *response.add_days();
    one.set_date(day.first);
    one.set_site(day.second);
    one.set_answered(counts.Sum());
    *one.mutable_counts() = counts.ToProto();
  }
  response.set_calls(looked_at);
  if (!all) {
    response.set_truncated(true);
    *response.mutable_counted_from() =
        ToTimestamp(absl::ToUnixNanos(counted_from));
  }
  return response;
}

}  // namespace callbraid::collector
