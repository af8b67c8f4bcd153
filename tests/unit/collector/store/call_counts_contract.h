#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_CALL_COUNTS_CONTRACT_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_CALL_COUNTS_CONTRACT_H_

#include <string>

#include "tests/fakes/delete_call.h"
#include "tests/unit/collector/store/counted_calls.h"
#include "tests/unit/collector/store/store_contract.h"

namespace callbraid::collector {

class CallCountsContract : public StoreContract {};

TEST_P(CallCountsContract, WhateverHappensToCallsTheyAreCountedAsListed) {
  constexpr int kIds = 20;
  CallChanger changer(7);
  int deleted = 0;
  for (int round = 0; round < 400; ++round) {
    if (changer.Below(3) > 0) {
      MustApply(changer.Change(facts(), kIds));
    } else {
      const auto gone =
          fakes::DeleteCall(store(), IdOf(changer.Below(kIds)).ToHex(),
                            Scope::All(), 2'000'000'000'000'000'000);
      deleted += gone.ok() ? 1 : 0;
    }
    if (round % 8 == 0) {
      ASSERT_EQ(RowsOf(facts()), CountListedCalls(facts())) << round;
    }
  }
  EXPECT_GT(deleted, 20);
  EXPECT_GT(RowsOf(facts()).size(), 3u);
}

TEST_P(CallCountsContract, CallsThatAreNoMoreLeaveNothing) {
  CallChanger changer(1);
  CallChange change;
  for (int i = 0; i < 9; ++i) change.records.push_back(changer.Record(i));
  MustApply(change);
  EXPECT_FALSE(RowsOf(facts()).empty());
  CallChange removal;
  for (int i = 0; i < 9; ++i) removal.removed.push_back(IdOf(i).ToHex());
  MustApply(removal);
  EXPECT_THAT(RowsOf(facts()), testing::IsEmpty());
}

TEST_P(CallCountsContract, RowsOfATimeComeInItsOrderUntilNobodyWantsMore) {
  CallChange change;
  for (const int minutes : {0, 14, 15, 16, 44, 45}) {
    v1::Call& call = *change.records.emplace_back().mutable_call();
    call.set_id(IdOf(minutes).ToHex());
    call.mutable_start_time()->set_seconds(int64_t{minutes} * 60);
  }
  MustApply(change);
  // None has a state.
  const auto counts = [](int calls) {
    const std::string number = std::to_string(calls);
    return "calls: " + number + " states: " + number;
  };
  EXPECT_EQ(RowsOf(facts(), 0, 3 * kQuarterNs),
            (CountedRows{{{0, ""}, counts(2)},
                         {{kQuarterNs, ""}, counts(2)},
                         {{2 * kQuarterNs, ""}, counts(1)}}));
  EXPECT_EQ(RowsOf(facts(), kQuarterNs, 2 * kQuarterNs).size(), 1u);
  int seen = 0;
  ASSERT_TRUE(
      facts()
          .VisitCounts(0, kLastQuarterNs,
                       [&](const auto&, const auto&) { return ++seen < 2; })
          .ok());
  EXPECT_EQ(seen, 2);
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_CALL_COUNTS_CONTRACT_H_
