#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_COUNTED_CALLS_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_COUNTED_CALLS_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "collector/store/call_counts.h"
#include "collector/store/store.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/store/store_contract.h"

// Calls as they are counted, one way and the other, and what changes them.

namespace callbraid::collector {

// Rows by key, each as text.
using CountedRows = std::map<CallCountKey, std::string>;

inline constexpr int64_t kFirstQuarterNs =
    std::numeric_limits<int64_t>::min() / kQuarterNs * kQuarterNs;
inline constexpr int64_t kLastQuarterNs =
    std::numeric_limits<int64_t>::max() / kQuarterNs * kQuarterNs;

inline CountedRows RowsOf(FactStore& facts, int64_t from_ns = kFirstQuarterNs,
                          int64_t before_ns = kLastQuarterNs) {
  CountedRows rows;
  const absl::Status status = facts.VisitCounts(
      from_ns, before_ns,
      [&rows](const CallCountKey& key, const store::v1::CallCounts& counts) {
        EXPECT_TRUE(rows.emplace(key, counts.ShortDebugString()).second);
        return true;
      });
  EXPECT_TRUE(status.ok()) << status;
  return rows;
}

// The same, call by call.
inline CountedRows CountListedCalls(FactStore& facts) {
  std::map<CallCountKey, store::v1::CallCounts> sums;
  v1::ListCallsRequest request;
  do {
    const auto page = facts.ListCalls(request, Scope::All());
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) break;
    for (const v1::Call& call : page->calls) {
      AddCounts(CountsOf(call), 1, sums[CountedAs(call)]);
    }
    request.set_page_token(page->next_page_token);
  } while (!request.page_token().empty());
  CountedRows rows;
  for (const auto& [key, sum] : sums) rows[key] = sum.ShortDebugString();
  return rows;
}

// Changes calls of few ids in every way that there is.
class CallChanger {
 public:
  explicit CallChanger(uint32_t seed) : random_(seed) {}

  int Below(int limit) {
    return std::uniform_int_distribution<int>(0, limit - 1)(random_);
  }

  store::v1::CallRecord Record(int number) {
    store::v1::CallRecord record;
    record.add_members(std::string(IdOf(number).bytes()));
    record.set_settled(Below(2) == 0);
    v1::Call& call = *record.mutable_call();
    call.set_id(IdOf(number).ToHex());
    call.set_revision(++revision_);
    call.set_state(static_cast<v1::CallState>(Below(v1::CallState_ARRAYSIZE)));
    const int64_t start_s = 1'700'000'000 + Below(8) * 600;
    call.mutable_start_time()->set_seconds(start_s);
    if (Below(2) == 0) call.mutable_answer_time()->set_seconds(start_s + 7);
    if (record.settled()) {
      call.mutable_end_time()->set_seconds(start_s + Below(99));
    }
    for (int i = Below(4); i > 0; --i) {
      call.add_flags(static_cast<v1::CallFlag>(Below(v1::CallFlag_ARRAYSIZE)));
    }
    if (Below(2) == 0) call.set_listening_mos(1 + Below(36) / 10.0);
    const char* const sites[] = {"", "berlin", "bonn"};
    call.add_legs()->add_observations()->set_site(sites[Below(3)]);
    return record;
  }

  // New calls, changes of others, and some that become part of these.
  CallChange Change(const FactStore& facts, int ids) {
    CallChange change;
    change.deletions = facts.deletions().number();
    std::vector<int> numbers(ids);
    for (int i = 0; i < ids; ++i) numbers[i] = i;
    std::shuffle(numbers.begin(), numbers.end(), random_);
    const int written = 1 + Below(3);
    const int removed = Below(3);
    for (int i = 0; i < written; ++i) {
      change.records.push_back(Record(numbers[i]));
    }
    for (int i = written; i < written + removed; ++i) {
      change.removed.push_back(IdOf(numbers[i]).ToHex());
      change.records[0].add_members(std::string(IdOf(numbers[i]).bytes()));
    }
    for (int i = 0; i < written + removed; ++i) {
      change.settled.push_back(IdOf(numbers[i]));
    }
    change.read_at = std::numeric_limits<uint64_t>::max();
    return change;
  }

 private:
  std::mt19937 random_;
  uint64_t revision_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_COUNTED_CALLS_H_
