#include "collector/completeness/reconcile.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <tuple>
#include <utility>

#include "common/sip/sip_number.h"

namespace callbraid::collector {
namespace {

// Of two numbers that end alike the shorter one has at least so many digits.
constexpr size_t kShortest = 3;
constexpr absl::Duration kWidestShift = absl::Hours(14);
constexpr size_t kFewestForShift = 3;
// So many rows, evenly taken, tell as much as all: each is compared with the
// calls of more than a day.
constexpr size_t kMostForShift = 500;

std::string_view Digits(std::string_view number) {
  const size_t first = number.find_first_not_of("+0");
  return first == std::string_view::npos ? std::string_view()
                                         : number.substr(first);
}

bool HasParties(const SeenCall& call, const CdrRow& row) {
  if (row.caller.empty() && row.callee.empty()) return false;
  return std::any_of(call.parties.begin(), call.parties.end(),
                     [&row](const auto& parties) {
                       return MayBeOneNumber(row.caller, parties.first) &&
                              MayBeOneNumber(row.callee, parties.second);
                     });
}

// Calls by their start, to be found by it.
class ByStart {
 public:
  explicit ByStart(const std::vector<SeenCall>& calls) {
    for (const SeenCall& call : calls) calls_.push_back(&call);
    std::sort(calls_.begin(), calls_.end(), [](const auto* a, const auto* b) {
      return std::tie(a->start, a->id) < std::tie(b->start, b->id);
    });
  }

  template <typename Visit>
  void Between(absl::Time from, absl::Time to, const Visit& visit) const {
    auto it = std::lower_bound(calls_.begin(), calls_.end(), from,
                               [](const SeenCall* call, absl::Time time) {
                                 return call->start < time;
                               });
    for (; it != calls_.end() && (*it)->start <= to; ++it) visit(**it);
  }

 private:
  std::vector<const SeenCall*> calls_;
};

// Nearest first, so that of two calls between the same numbers each finds its
// own row.
void MatchNearest(const std::vector<CdrRow>& rows, const ByStart& calls,
                  const ReconcileOptions& options, Reconciliation& found) {
  struct Pair {
    bool answered_differs = false;
    absl::Duration away;
    size_t row = 0;
    const SeenCall* call = nullptr;
  };
  std::vector<Pair> pairs;
  for (size_t i = 0; i < rows.size(); ++i) {
    const CdrRow& row = rows[i];
    calls.Between(row.start - options.tolerance, row.start + options.tolerance,
                  [&](const SeenCall& call) {
                    if (!HasParties(call, row)) return;
                    pairs.push_back({call.answered != row.answered,
                                     absl::AbsDuration(call.start - row.start),
                                     i, &call});
                  });
  }
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) {
    return std::tie(a.answered_differs, a.away, a.row, a.call->start) <
           std::tie(b.answered_differs, b.away, b.row, b.call->start);
  });
  std::map<const SeenCall*, bool> taken;
  for (const Pair& pair : pairs) {
    if (found.rows[pair.row].call != nullptr || taken[pair.call]) continue;
    found.rows[pair.row].call = pair.call;
    taken[pair.call] = true;
  }
}

// Rows that a PBX writes of further legs: in the course of the call.
void MatchLegs(const ByStart& calls, absl::Duration longest,
               const ReconcileOptions& options, Reconciliation& found) {
  for (Reconciled& one : found.rows) {
    if (one.call != nullptr) continue;
    const absl::Time start = one.row->start;
    calls.Between(start - longest, start + options.tolerance,
                  [&](const SeenCall& call) {
                    if (call.end + options.tolerance < start) return;
                    if (HasParties(call, *one.row)) one.call = &call;
                  });
  }
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

bool MayBeOneNumber(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty() || a == b) return true;
  if (!IsDialled(a) || !IsDialled(b)) return false;
  a = Digits(a);
  b = Digits(b);
  if (a.size() > b.size()) std::swap(a, b);
  return a.size() >= kShortest && b.substr(b.size() - a.size()) == a;
}

Reconciliation Reconcile(const std::vector<CdrRow>& rows,
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
  const ByStart by_start(calls);
  MatchNearest(rows, by_start, options, found);
  MatchLegs(by_start, Longest(calls), options, found);

  std::map<const SeenCall*, bool> matched;
  for (Reconciled& one : found.rows) {
    if (one.call == nullptr) continue;
    matched[one.call] = true;
    one.is_short =
        one.row->answered && one.row->talk > one.call->recorded + options.slack;
  }
  by_start.Between(first, last, [&](const SeenCall& call) {
    if (call.answered && call.has_signalling && !matched[&call]) {
      found.extra.push_back(&call);
    }
  });
  return found;
}

std::optional<absl::Duration> FindShift(const std::vector<CdrRow>& rows,
                                        const std::vector<SeenCall>& calls) {
  const ByStart by_start(calls);
  // By seconds, how many rows would fit.
  std::map<int64_t, size_t> votes;
  const size_t step = rows.size() / kMostForShift + 1;
  size_t asked = 0;
  for (size_t i = 0; i < rows.size(); i += step) {
    const CdrRow& row = rows[i];
    ++asked;
    std::map<int64_t, bool> voted;
    by_start.Between(row.start - kWidestShift, row.start + kWidestShift,
                     [&](const SeenCall& call) {
                       if (!HasParties(call, row)) return;
                       const int64_t seconds = absl::ToInt64Seconds(absl::Floor(
                           call.start - row.start, absl::Seconds(1)));
                       // Where it lies between two seconds, both count.
                       for (const int64_t second : {seconds, seconds + 1}) {
                         if (!std::exchange(voted[second], true))
                           ++votes[second];
                       }
                     });
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
