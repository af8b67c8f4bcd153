#ifndef CALLBRAID_COLLECTOR_COMPLETENESS_CALL_FINDER_H_
#define CALLBRAID_COLLECTOR_COMPLETENESS_CALL_FINDER_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "collector/completeness/cdr_file.h"
#include "collector/completeness/seen_call.h"

namespace callbraid::collector {

// Calls by numbers and start, so that finding those of a record does not cost
// more with every other call that there is. One thread.
class CallFinder {
 public:
  // `calls` must outlive it.
  explicit CallFinder(const std::vector<SeenCall>& calls);

  // Calls `visit` with each call that may be of `row` by its numbers and
  // started in [from, to], some of them twice. False, and not all of them were
  // visited, once so many were looked at in all that it takes too long: many
  // records of a few numbers with many calls.
  bool Visit(const CdrRow& row, absl::Time from, absl::Time to,
             const std::function<void(const SeenCall&)>& visit) const;

  // By start, then by id.
  const std::vector<const SeenCall*>& by_start() const { return by_start_; }

 private:
  using ByNumber =
      absl::flat_hash_map<std::string, std::vector<const SeenCall*>>;
  struct Range {
    const SeenCall* const* begin = nullptr;
    const SeenCall* const* end = nullptr;
    size_t size() const { return static_cast<size_t>(end - begin); }
  };
  // Those with a number that may be `number`, and those without one.
  struct Ranges {
    Range same;
    Range unknown;
    size_t size() const { return same.size() + unknown.size(); }
  };
  static Range RangeOf(const ByNumber& calls, const std::string& key,
                       absl::Time from, absl::Time to);
  static Ranges RangesOf(const ByNumber& calls, const std::string& number,
                         absl::Time from, absl::Time to);

  std::vector<const SeenCall*> by_start_;
  // By NumberKey() of the one party and of the other.
  ByNumber by_caller_;
  ByNumber by_callee_;
  mutable size_t looked_at_ = 0;
};

// Whether two numbers, as PlainUser() has them, may be one: with or without
// country code, area code or what is dialled to get out. True if either is
// empty: one that is not known.
bool MayBeOneNumber(std::string_view a, std::string_view b);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COMPLETENESS_CALL_FINDER_H_
