#include "collector/completeness/call_finder.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "common/sip/sip_number.h"

namespace callbraid::collector {
namespace {

// Of two numbers that end alike the shorter one has at least so many digits.
constexpr size_t kShortest = 3;
// Some seconds.
constexpr size_t kMaxLookedAt = 50'000'000;

std::string_view Digits(std::string_view number) {
  const size_t first = number.find_first_not_of("+0");
  return first == std::string_view::npos ? std::string_view()
                                         : number.substr(first);
}

bool HasParties(const SeenCall& call, const CdrRow& row) {
  return std::any_of(call.parties.begin(), call.parties.end(),
                     [&row](const auto& parties) {
                       return MayBeOneNumber(row.caller, parties.first) &&
                              MayBeOneNumber(row.callee, parties.second);
                     });
}

void Add(const SeenCall* call, std::vector<const SeenCall*>& calls) {
  if (calls.empty() || calls.back() != call) calls.push_back(call);
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

CallFinder::CallFinder(const std::vector<SeenCall>& calls) {
  by_start_.reserve(calls.size());
  for (const SeenCall& call : calls) by_start_.push_back(&call);
  std::sort(by_start_.begin(), by_start_.end(),
            [](const SeenCall* a, const SeenCall* b) {
              return std::tie(a->start, a->id) < std::tie(b->start, b->id);
            });
  for (const SeenCall* call : by_start_) {
    for (const auto& [caller, callee] : call->parties) {
      Add(call, by_caller_[NumberKey(caller)]);
      Add(call, by_callee_[NumberKey(callee)]);
    }
  }
}

CallFinder::Range CallFinder::RangeOf(const ByNumber& calls,
                                      const std::string& key, absl::Time from,
                                      absl::Time to) {
  const auto found = calls.find(key);
  if (found == calls.end()) return {};
  const std::vector<const SeenCall*>& list = found->second;
  const auto begin = std::lower_bound(
      list.begin(), list.end(), from,
      [](const SeenCall* call, absl::Time time) { return call->start < time; });
  const auto end = std::upper_bound(
      begin, list.end(), to,
      [](absl::Time time, const SeenCall* call) { return time < call->start; });
  return {list.data() + (begin - list.begin()),
          list.data() + (end - list.begin())};
}

CallFinder::Ranges CallFinder::RangesOf(const ByNumber& calls,
                                        const std::string& number,
                                        absl::Time from, absl::Time to) {
  return {RangeOf(calls, NumberKey(number), from, to),
          RangeOf(calls, "", from, to)};
}

bool CallFinder::Visit(
    const CdrRow& row, absl::Time from, absl::Time to,
    const std::function<void(const SeenCall&)>& visit) const {
  if (row.caller.empty() && row.callee.empty()) return true;
  // By whichever number fewer calls have; one that is not known tells nothing.
  Ranges ranges = RangesOf(by_callee_, row.callee, from, to);
  if (!row.caller.empty()) {
    const Ranges of_caller = RangesOf(by_caller_, row.caller, from, to);
    if (row.callee.empty() || of_caller.size() < ranges.size()) {
      ranges = of_caller;
    }
  }
  for (const Range& range : {ranges.same, ranges.unknown}) {
    for (const SeenCall* const* call = range.begin; call != range.end; ++call) {
      if (looked_at_++ >= kMaxLookedAt) return false;
      if (HasParties(**call, row)) visit(**call);
    }
  }
  return true;
}

}  // namespace callbraid::collector
