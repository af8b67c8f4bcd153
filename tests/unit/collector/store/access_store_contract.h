#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_ACCESS_STORE_CONTRACT_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_ACCESS_STORE_CONTRACT_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tests/unit/collector/store/store_contract.h"

namespace callbraid::collector {

class AccessStoreContract : public StoreContract {
 protected:
  AccessStore& access() { return store().access(); }

  void MustWrite(const AccessChange& change) {
    const absl::Status status = access().WriteAccess(change);
    ASSERT_TRUE(status.ok()) << status;
  }
  void WriteEntries(uint64_t first, uint64_t last) {
    AccessChange change;
    for (uint64_t i = first; i <= last; ++i) {
      change.entries.emplace_back().set_sequence(i);
    }
    MustWrite(change);
  }
  std::vector<uint64_t> Sequences(uint64_t from, bool newest_first,
                                  size_t limit = 1000) {
    std::vector<uint64_t> sequences;
    const absl::Status status =
        access().ReadAudit(from, newest_first, [&](v1::AuditEntry entry) {
          sequences.push_back(entry.sequence());
          return sequences.size() < limit;
        });
    EXPECT_TRUE(status.ok()) << status;
    return sequences;
  }
  static constexpr uint64_t kEnd = std::numeric_limits<uint64_t>::max();
};

TEST_P(AccessStoreContract, TokensAreAsLastWritten) {
  AccessChange change;
  for (const char* hash : {"hash-b", "hash-a"}) {
    change.tokens.emplace_back().set_hash(hash);
  }
  MustWrite(change);
  change.tokens.resize(1);
  change.tokens[0].mutable_token()->set_name("b");
  change.removed_tokens = {"hash-a", "hash-x"};
  MustWrite(change);
  const auto tokens = access().ListTokens();
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  ASSERT_EQ(tokens->size(), 1u);
  EXPECT_EQ(tokens->front().token().name(), "b");
}

TEST_P(AccessStoreContract, TheLogIsReadInBothDirections) {
  EXPECT_THAT(Sequences(kEnd, true), testing::ElementsAre());
  WriteEntries(1, 5);
  EXPECT_THAT(Sequences(kEnd, true), testing::ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(Sequences(3, true), testing::ElementsAre(3, 2, 1));
  EXPECT_THAT(Sequences(0, false), testing::ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(Sequences(0, false, 2), testing::ElementsAre(1, 2));
}

TEST_P(AccessStoreContract, TheOldestEntriesAreCut) {
  WriteEntries(1, 300);
  AccessChange change;
  change.cut_before = 299;
  change.entries.emplace_back().set_sequence(301);
  MustWrite(change);
  EXPECT_THAT(Sequences(0, false), testing::ElementsAre(299, 300, 301));
}

TEST_P(AccessStoreContract, SensorRecordsAreAsLastWritten) {
  AccessChange change;
  for (const char* id : {"s2", "s1", "s"}) {
    change.sensors.emplace_back().set_id(id);
  }
  MustWrite(change);
  change.sensors.resize(1);
  change.sensors[0].mutable_trust()->set_site("berlin");
  MustWrite(change);
  const auto records = access().ListSensorRecords();
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), 3u);
  EXPECT_EQ(records->at(0).id(), "s");
  EXPECT_EQ(records->at(2).trust().site(), "berlin");
}

TEST_P(AccessStoreContract, WhatIsKeptDoesNotMix) {
  AccessChange change;
  change.sensors.emplace_back().set_id("~");
  change.tokens.emplace_back().set_hash(std::string(32, '\xff'));
  change.tokens.emplace_back().set_hash(std::string(32, '\0'));
  change.entries.emplace_back().set_sequence(1);
  MustWrite(change);
  EXPECT_EQ(access().ListTokens()->size(), 2u);
  EXPECT_EQ(access().ListSensorRecords()->size(), 1u);
  EXPECT_THAT(Sequences(kEnd, true), testing::ElementsAre(1));
  change = {};
  change.cut_before = kEnd;
  MustWrite(change);
  EXPECT_EQ(access().ListTokens()->size(), 2u);
  EXPECT_EQ(access().ListSensorRecords()->size(), 1u);
}

TEST_P(AccessStoreContract, KeepsOneKeyForSeals) {
  EXPECT_EQ(store().access().ReadSealKey().value(), "");
  AccessChange change;
  change.seal_key = std::string(32, 'k');
  ASSERT_TRUE(store().access().WriteAccess(change).ok());
  ASSERT_TRUE(store().access().WriteAccess(AccessChange()).ok());
  EXPECT_EQ(store().access().ReadSealKey().value(), change.seal_key);
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_ACCESS_STORE_CONTRACT_H_
