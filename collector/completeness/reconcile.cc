#include "collector/completeness/reconcile.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "collector/completeness/call_finder.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr size_t kFewestForShift = 3;
// So many rows, evenly taken, tell as much as all: each is compared with the
// calls of more than a day.
constexpr size_t kMostForShift = 500;
// Calls that may be of a row, of all rows: 32 bytes each.
constexpr size_t kMaxPairs = 1'000'000;

absl::Status TooMany() {
  return absl::FailedPreconditionError(
      "too many calls fit too many records: give less of the file, or a "
      "smaller tolerance");
}

// Calls that are the call of a row, and not only that of one of its legs.
using Taken = absl::flat_hash_set<const SeenCall*>;

bool IsBetween(const std::pair<std::string, std::string>& parties,
               const CdrRow& row) {
  return MayBeOneNumber(row.caller, parties.first) &&
         MayBeOneNumber(row.callee, parties.second);
}

// A number that is not known tells nothing: any call to the other one in that
// time would do.
bool HasLegOf(const SeenCall& call, const CdrRow& row) {
  return !row.caller.empty() && !row.callee.empty() &&
         std::any_of(call.parties.begin(), call.parties.end(),
                     [&row](const auto& parties) {
                       return !parties.first.empty() &&
                              !parties.second.empty() &&
                              IsBetween(parties, row);
                     });
}

bool IsBetweenMainParties(const SeenCall& call, const CdrRow& row) {
  return !call.parties.empty() && IsBetween(call.parties.front(), row);
}

// Nearest first, so that of two calls between the same numbers each finds its
// own row.
absl::Status MatchNearest(const std::vector<CdrRow>& rows,
                          const CallFinder& calls,
                          const ReconcileOptions& options,
                          Reconciliation& found, Taken& taken) {
  struct Pair {
    bool answered_differs = false;
    absl::Duration away;
    size_t row = 0;
    const SeenCall* call = nullptr;
  };
  std::vector<Pair> pairs;
  for (size_t i = 0; i < rows.size(); ++i) {
    const CdrRow& row = rows[i];
    const bool all = calls.Visit(
        row, row.start - options.tolerance, row.start + options.tolerance,
        [&](const SeenCall& call) {
          if (pairs.size() > kMaxPairs) return;
          pairs.push_back({call.answered != row.answered,
                           absl::AbsDuration(call.start - row.start), i,
                           &call});
        });
    if (!all || pairs.size() > kMaxPairs) return TooMany();
  }
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
    return std::tie(a.answered_differs, a.away, a.row, a.call->start) <
           std::tie(b.answered_differs, b.away, b.row, b.call->start);
  });
  for (const Pair& pair : pairs) {
    if (found.rows[pair.row].call != nullptr) continue;
    if (taken.insert(pair.call).second) found.rows[pair.row].call = pair.call;
  }
  return absl::OkStatus();
}

// Rows that a PBX writes of further legs: in the course of the call. Of several
// calls the last one. Between the parties of a call that has its row already
// another row is of another call: they tried again.
absl::Status MatchLegs(const CallFinder& calls, absl::Duration longest,
                       const ReconcileOptions& options, Reconciliation& found,
                       Taken& taken) {
  for (Reconciled& one : found.rows) {
    if (one.call != nullptr) continue;
    const CdrRow& row = *one.row;
    const bool all = calls.Visit(
        row, row.start - longest, row.start + options.tolerance,
        [&](const SeenCall& call) {
          if (call.end < row.start || !HasLegOf(call, row)) return;
          if (IsBetweenMainParties(call, row) && taken.contains(&call)) {
            return;
          }
          if (one.call != nullptr &&
              std::tie(call.start, call.id) <
                  std::tie(one.call->start, one.call->id)) {
            return;
          }
          one.call = &call;
        });
    if (!all) return TooMany();
    if (one.call != nullptr && IsBetweenMainParties(*one.call, row)) {
      taken.insert(one.call);
    }
  }
  return absl::OkStatus();
}

absl::Duration Longest(const std::vector<SeenCall>& calls) {
  absl::Duration longest;
  for (const SeenCall& call : calls) {
    longest = std::max(longest, call.end == absl::InfiniteFuture()
                                    ? call.talk
                                    : call.end - call.start);
  }
  return longest;
}

}  // namespace

absl::StatusOr<Reconciliation> Reconcile(const std::vector<CdrRow>& rows,
                                         const std::vector<SeenCall>& calls,
                                         const ReconcileOptions& options) {
  Reconciliation found;
  absl::Time first = absl::InfiniteFuture();
  absl::Time last = absl::InfinitePast();
  for (const CdrRow& row : rows) {
    found.rows.push_back({&row});
    first = std::min(first, row.start);
    last = std::max(last, row.start);
  }
  const CallFinder finder(calls);
  Taken taken;
  RETURN_IF_ERROR(MatchNearest(rows, finder, options, found, taken));
  RETURN_IF_ERROR(MatchLegs(finder, Longest(calls), options, found, taken));

  absl::flat_hash_set<const SeenCall*> matched;
  for (Reconciled& one : found.rows) {
    if (one.call == nullptr) continue;
    matched.insert(one.call);
    one.is_short =
        one.row->answered && one.row->talk > one.call->recorded + options.slack;
  }
  for (const SeenCall* call : finder.by_start()) {
    if (call->start < first || call->start > last) continue;
    if (call->answered && call->has_signalling && !matched.contains(call)) {
      found.extra.push_back(call);
    }
  }
  return found;
}

std::optional<absl::Duration> FindShift(const std::vector<CdrRow>& rows,
                                        const std::vector<SeenCall>& calls) {
  const CallFinder finder(calls);
  // By seconds, how many rows would fit.
  std::map<int64_t, size_t> votes;
  const size_t step = rows.size() / kMostForShift + 1;
  size_t asked = 0;
  for (size_t i = 0; i < rows.size(); i += step) {
    const CdrRow& row = rows[i];
    ++asked;
    absl::flat_hash_set<int64_t> voted;
    const bool all =
        finder.Visit(row, row.start - kWidestShift, row.start + kWidestShift,
                     [&](const SeenCall& call) {
                       const int64_t seconds = absl::ToInt64Seconds(absl::Floor(
                           call.start - row.start, absl::Seconds(1)));
                       // Where it lies between two seconds, both count.
                       for (const int64_t second : {seconds, seconds + 1}) {
                         if (voted.insert(second).second) ++votes[second];
                       }
                     });
    if (!all) return std::nullopt;
  }
  const auto best = std::max_element(
      votes.begin(), votes.end(),
      [](const auto& a, const auto& b) { return a.second < b.second; });
  if (best == votes.end() || best->second < kFewestForShift ||
      best->second * 2 < asked) {
    return std::nullopt;
  }
  return absl::Seconds(best->first);
}

}  // namespace callbraid::collector
