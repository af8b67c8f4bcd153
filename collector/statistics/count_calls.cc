#include "collector/statistics/count_calls.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/statistics/intervals.h"
#include "collector/store/call_counts.h"
#include "collector/store/proto_time.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Looked at in one go: the store holds its files for that.
constexpr int64_t kSliceNs = 96 * kQuarterNs;

using BySite = std::map<std::string, store::v1::CallCounts>;

// What could not be counted, because it was damaged, may be taken off later.
uint64_t AtLeastNone(int64_t calls) {
  return static_cast<uint64_t>(std::max<int64_t>(calls, 0));
}

v1::CallCounts ToProto(const store::v1::CallCounts& sum) {
  v1::CallCounts counts;
  counts.set_calls(AtLeastNone(sum.calls()));
  counts.set_answered(AtLeastNone(sum.answered()));
  for (int i = 0; i < sum.states_size(); ++i) {
    if (sum.states(i) <= 0 || !v1::CallState_IsValid(i)) continue;
    v1::StateCount& state = *counts.add_states();
    state.set_state(static_cast<v1::CallState>(i));
    state.set_calls(AtLeastNone(sum.states(i)));
  }
  for (int i = 0; i < sum.flags_size(); ++i) {
    if (sum.flags(i) <= 0 || !v1::CallFlag_IsValid(i)) continue;
    v1::FlagCount& flag = *counts.add_flags();
    flag.set_flag(static_cast<v1::CallFlag>(i));
    flag.set_calls(AtLeastNone(sum.flags(i)));
  }
  const int64_t talk_ms = std::max<int64_t>(sum.talk_ms(), 0);
  counts.mutable_talk()->set_seconds(talk_ms / 1000);
  counts.mutable_talk()->set_nanos(
      static_cast<int32_t>(talk_ms % 1000 * 1'000'000));
  int64_t heard = 0;
  for (int i = 0; i < sum.mos_size(); ++i) {
    if (sum.mos(i) <= 0) continue;
    v1::MosCount& mos = *counts.add_mos();
    mos.set_from((10 + i) / 10.0);
    mos.set_calls(AtLeastNone(sum.mos(i)));
    heard += sum.mos(i);
  }
  if (heard > 0) {
    counts.set_mean_mos(static_cast<double>(sum.mos_sum()) / 1000.0 /
                        static_cast<double>(heard));
  }
  return counts;
}

// Adds up by interval and site. One thread.
class Sums {
 public:
  Sums(const v1::CountCallsRequest& request, const CountedRowLimits& limits,
       const Scope& scope, std::vector<CountInterval> intervals)
      : request_(request),
        limits_(limits),
        scope_(scope),
        intervals_(std::move(intervals)),
        sums_(intervals_.size()) {}

  const std::vector<CountInterval>& intervals() const { return intervals_; }

  // False: it is too much for one answer.
  bool Add(const CallCountKey& key, const store::v1::CallCounts& counts) {
    if (!scope_.SeesSite(key.site) ||
        (!request_.site().empty() && request_.site() != key.site)) {
      return true;
    }
    const auto behind =
        std::upper_bound(intervals_.begin(), intervals_.end(), key.start_ns,
                         [](int64_t start_ns, const CountInterval& interval) {
                           return start_ns < interval.from_ns;
                         });
    if (behind == intervals_.begin()) return true;
    BySite& sites = sums_[static_cast<size_t>(behind - intervals_.begin()) - 1];
    const auto [sum, is_new] =
        sites.try_emplace(request_.by_site() ? key.site : "");
    if (is_new && ++rows_ > limits_.rows) return false;
    AddCounts(counts, 1, sum->second);
    return true;
  }

  v1::CountCallsResponse Take() const {
    v1::CountCallsResponse response;
    for (size_t i = 0; i < intervals_.size(); ++i) {
      v1::CallInterval& interval = *response.add_intervals();
      *interval.mutable_start_time() = ToTimestamp(intervals_[i].from_ns);
      *interval.mutable_end_time() = ToTimestamp(intervals_[i].before_ns);
      for (const auto& [site, sum] : sums_[i]) {
        v1::CallCounts counts = ToProto(sum);
        if (counts.calls() == 0) continue;
        counts.set_site(request_.by_site() ? site : request_.site());
        *interval.add_counts() = std::move(counts);
      }
    }
    return response;
  }

 private:
  const v1::CountCallsRequest& request_;
  const CountedRowLimits& limits_;
  const Scope& scope_;
  const std::vector<CountInterval> intervals_;
  // Of each interval.
  std::vector<BySite> sums_;
  size_t rows_ = 0;
};

absl::Status TooManyRows(const CountedRowLimits& limits) {
  return absl::FailedPreconditionError(
      absl::StrCat("more than ", limits.rows,
                   " counts: ask for less time, longer intervals or one site"));
}

absl::Status AddStored(FactStore& facts, CallReader& calls,
                       const CountedRowLimits& limits, Sums& sums) {
  const int64_t before_ns = sums.intervals().back().before_ns;
  bool fits = true;
  for (int64_t from_ns = sums.intervals().front().from_ns;
       from_ns < before_ns && fits; from_ns += kSliceNs) {
    RETURN_IF_ERROR(calls.CheckAwaited());
    RETURN_IF_ERROR(facts.VisitCounts(
        from_ns, std::min(from_ns + kSliceNs, before_ns),
        [&](const CallCountKey& key, const store::v1::CallCounts& counts) {
          return fits = sums.Add(key, counts);
        }));
  }
  return fits ? absl::OkStatus() : TooManyRows(limits);
}

absl::Status AddListed(CallReader& calls, const CountedRowLimits& limits,
                       Sums& sums) {
  bool fits = true;
  ASSIGN_OR_RETURN(
      const bool all,
      calls.ReadCalls(absl::FromUnixNanos(sums.intervals().front().from_ns),
                      absl::FromUnixNanos(sums.intervals().back().before_ns),
                      [&](const v1::Call& call) {
                        return fits = sums.Add(CountedAs(call), CountsOf(call));
                      }));
  if (!fits) return TooManyRows(limits);
  if (all) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "more calls than can be looked at one by one, as it takes for who may "
      "see "
      "those of some numbers only: ask for less time");
}

}  // namespace

absl::StatusOr<v1::CountCallsResponse> CountCalls(
    const v1::CountCallsRequest& request, const CountedRowLimits& limits,
    const Scope& scope, FactStore& facts, CallReader& calls) {
  ASSIGN_OR_RETURN(std::vector<CountInterval> intervals,
                   DivideTime(request, calls.now()));
  if (intervals.empty()) return v1::CountCallsResponse();
  Sums sums(request, limits, scope, std::move(intervals));
  RETURN_IF_ERROR(scope.GoesBySites() ? AddStored(facts, calls, limits, sums)
                                      : AddListed(calls, limits, sums));
  return sums.Take();
}

}  // namespace callbraid::collector
