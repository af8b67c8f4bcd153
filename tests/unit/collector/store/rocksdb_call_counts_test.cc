#include "collector/store/rocksdb_call_counts.h"

#include <memory>
#include <string>
#include <utility>

#include "collector/store/keys.h"
#include "collector/store/rocksdb_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rocksdb/merge_operator.h"
#include "tests/fakes/delete_call.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/store/counted_calls.h"

namespace callbraid::collector {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kNow = 2'000'000'000'000'000'000;

// Puts into the directory of a store that is closed.
void Put(const std::string& dir, Family family, std::string_view key,
         std::string_view value) {
  const auto engine = RocksDbEngine::Open(dir);
  ASSERT_TRUE(engine.ok()) << engine.status();
  RocksDbBatch batch(**engine);
  batch.Put(family, key, value);
  ASSERT_TRUE(batch.Write(/*sync=*/true).ok());
}

// Rows as they lie there, those of no calls, too.
int StoredRows(const std::string& dir) {
  const auto engine = RocksDbEngine::Open(dir);
  EXPECT_TRUE(engine.ok()) << engine.status();
  EXPECT_TRUE((*engine)
                  ->Rewrite(Family::kCallCounts,
                            CallCountSeekKey(kFirstQuarterNs),
                            CallCountSeekKey(kLastQuarterNs))
                  .ok());
  int rows = 0;
  const auto iterator = (*engine)->NewIterator(Family::kCallCounts);
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) ++rows;
  EXPECT_TRUE(iterator->status().ok());
  return rows;
}

class RocksDbCallCountsTest : public testing::Test {
 protected:
  RocksDbCallCountsTest() { Open(); }

  void Open() {
    store_ = nullptr;
    auto opened = RocksDbStore::Open(dir_.path());
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  void Close() { store_ = nullptr; }
  void Apply(const CallChange& change) {
    const absl::Status status = store_->facts().ApplyCalls(change);
    ASSERT_TRUE(status.ok()) << status;
  }
  void ExpectRight(const std::string& when) {
    ASSERT_EQ(RowsOf(store_->facts()), CountListedCalls(store_->facts()))
        << when;
  }

  const fakes::TempDir dir_;
  std::unique_ptr<RocksDbStore> store_;
};

TEST_F(RocksDbCallCountsTest, AreRightOverRestartsRetentionAndRewriting) {
  constexpr int kIds = 25;
  CallChanger changer(3);
  int expired = 0;
  for (int round = 0; round < 300; ++round) {
    const std::string id = IdOf(changer.Below(kIds)).ToHex();
    switch (changer.Below(12)) {
      case 0:
        Open();
        break;
      case 1:
        fakes::DeleteCall(*store_, id, Scope::All(), kNow).IgnoreError();
        break;
      case 2:
        store_->retention().Purge([] {}).IgnoreError();
        break;
      case 3:
      case 4:
        expired += store_->retention()
                           .ExpireCall(*ObservationId::FromHex(id), kNow)
                           .ok()
                       ? 1
                       : 0;
        break;
      default:
        Apply(changer.Change(store_->facts(), kIds));
    }
    ExpectRight("round " + std::to_string(round));
  }
  EXPECT_GT(expired, 5);
}

TEST_F(RocksDbCallCountsTest, AddUpManyChangesOfOneRow) {
  CallChange change;
  v1::Call& call = *change.records.emplace_back().mutable_call();
  for (int i = 0; i < 5000; ++i) {
    call.set_id(IdOf(i % 50).ToHex());
    call.set_state(static_cast<v1::CallState>(1 + i % 5));
    Apply(change);
  }
  EXPECT_THAT(RowsOf(store_->facts()), SizeIs(1));
  ExpectRight("with changes in memory");
  Open();
  ExpectRight("from tables");
}

TEST_F(RocksDbCallCountsTest, RowsOfNoCallsLeaveTheDisk) {
  CallChange change;
  CallChange removal;
  for (int i = 0; i < 20; ++i) {
    v1::Call& call = *change.records.emplace_back().mutable_call();
    call.set_id(IdOf(i).ToHex());
    call.mutable_start_time()->set_seconds(i * 900);
    if (i > 0) removal.removed.push_back(call.id());
  }
  Apply(change);
  Close();
  EXPECT_EQ(StoredRows(dir_.path()), 20);
  Open();
  Apply(removal);
  EXPECT_THAT(RowsOf(store_->facts()), SizeIs(1));
  Close();
  // Of a row and what takes all off it the first rewriting makes an empty one.
  StoredRows(dir_.path());
  EXPECT_EQ(StoredRows(dir_.path()), 1);
}

TEST_F(RocksDbCallCountsTest, ADirectoryOfSchema3IsCountedOnce) {
  CallChanger changer(5);
  for (int i = 0; i < 30; ++i) Apply(changer.Change(store_->facts(), 200));
  // More rows than are added up at once.
  CallChange change;
  for (int i = 0; i < 10'500; ++i) {
    v1::Call& call = *change.records.emplace_back().mutable_call();
    call.set_id(IdOf(1000 + i).ToHex());
    call.mutable_start_time()->set_seconds(int64_t{i} * 900);
  }
  Apply(change);
  const CountedRows rows = RowsOf(store_->facts());
  EXPECT_GT(rows.size(), 10'500u);
  Close();
  // With what an attempt left that was ended half way.
  store::v1::CallCounts left;
  left.set_calls(99);
  Put(dir_.path(), Family::kCallCounts, EncodeCallCountKey({0, ""}),
      left.SerializeAsString());
  Put(dir_.path(), Family::kCallCounts, EncodeCallCountKey({-kQuarterNs, ""}),
      left.SerializeAsString());
  Put(dir_.path(), Family::kCalls, IdOf(-1).bytes(), "\xff no record");
  Put(dir_.path(), Family::kDefault, kSchemaKey, EncodeBe32(3));
  Open();
  EXPECT_EQ(RowsOf(store_->facts()), rows);
  Close();
  Put(dir_.path(), Family::kCallCounts, EncodeCallCountKey({-kQuarterNs, ""}),
      left.SerializeAsString());
  Open();
  EXPECT_EQ(RowsOf(store_->facts()).size(), rows.size() + 1);
}

TEST_F(RocksDbCallCountsTest, ARowThatIsDamagedStopsNoCall) {
  CallChange change;
  for (int i = 0; i < 3; ++i) {
    v1::Call& call = *change.records.emplace_back().mutable_call();
    call.set_id(IdOf(i).ToHex());
    call.mutable_start_time()->set_seconds(i * 900);
  }
  Apply(change);
  Close();
  Put(dir_.path(), Family::kCallCounts, EncodeCallCountKey({kQuarterNs, ""}),
      "\xff no counts");
  Open();
  for (v1::CallState state : {v1::CALL_STATE_RINGING, v1::CALL_STATE_ACTIVE}) {
    change.records[1].mutable_call()->set_state(state);
    Apply(change);
  }
  const auto visit = [](const CallCountKey&, const store::v1::CallCounts&) {
    return true;
  };
  FactStore& facts = store_->facts();
  EXPECT_TRUE(facts.VisitCounts(0, kQuarterNs, visit).ok());
  EXPECT_TRUE(facts.VisitCounts(2 * kQuarterNs, kLastQuarterNs, visit).ok());
  EXPECT_TRUE(absl::IsDataLoss(facts.VisitCounts(0, kLastQuarterNs, visit)));
  Close();
  EXPECT_EQ(StoredRows(dir_.path()), 3);
}

TEST(RocksDbCallCounts, ChangesAddUpInAnyOrder) {
  rocksdb::ColumnFamilyOptions options;
  SetCountOptions(options);
  store::v1::CallCounts one;
  one.set_calls(1);
  one.add_states(0);
  one.add_states(3);
  store::v1::CallCounts less;
  AddCounts(one, -1, less);
  const auto merge = [&](std::vector<std::string> changes) {
    const std::vector<rocksdb::Slice> operands(changes.begin(), changes.end());
    std::string sum;
    rocksdb::Slice last(nullptr, 0);
    rocksdb::MergeOperator::MergeOperationOutput out(sum, last);
    EXPECT_TRUE(options.merge_operator->FullMergeV2(
        rocksdb::MergeOperator::MergeOperationInput("key", nullptr, operands,
                                                    nullptr),
        &out));
    return sum;
  };
  const std::string more = one.SerializeAsString();
  const std::string off = less.SerializeAsString();
  EXPECT_EQ(merge({more, more, off}), more);
  EXPECT_EQ(merge({off, more, more}), more);
  EXPECT_EQ(merge({off, more}), "");
  // Neither hides what is damaged nor fails.
  EXPECT_EQ(merge({more, "\xff", more}), "\xff");
}

}  // namespace
}  // namespace callbraid::collector
