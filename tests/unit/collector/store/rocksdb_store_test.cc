#include "collector/store/rocksdb_store.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "collector/store/keys.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/rocksdb_options.h"
#include "gtest/gtest.h"
#include "rocksdb/perf_context.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/store/access_store_contract.h"
#include "tests/unit/collector/store/call_counts_contract.h"
#include "tests/unit/collector/store/call_store_contract.h"
#include "tests/unit/collector/store/coordination_store_contract.h"
#include "tests/unit/collector/store/deletion_contract.h"
#include "tests/unit/collector/store/event_log_contract.h"
#include "tests/unit/collector/store/fact_store_contract.h"
#include "tests/unit/collector/store/media_store_contract.h"

namespace callbraid::collector {
namespace {

std::unique_ptr<RocksDbStore> MustOpen(const std::string& dir) {
  auto store = RocksDbStore::Open(dir);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

class RocksDbHolder final : public StoreHolder {
 public:
  Store& store() override { return *store_; }
  EventLog& events() override { return store_->events(); }

 private:
  const fakes::TempDir dir_;
  const std::unique_ptr<RocksDbStore> store_ = MustOpen(dir_.path());
};

const auto kRocksDb = testing::Values(
    StoreKind{"RocksDb", [] { return std::make_unique<RocksDbHolder>(); }});

INSTANTIATE_TEST_SUITE_P(Stores, AccessStoreContract, kRocksDb, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, CallCountsContract, kRocksDb, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, DeletionContract, kRocksDb, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, EventLogContract, kRocksDb, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, FactStoreContract, kRocksDb, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, CallStoreContract, kRocksDb, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, MediaStoreContract, kRocksDb, NameOfKind);
INSTANTIATE_TEST_SUITE_P(Stores, CoordinationStoreContract, kRocksDb,
                         NameOfKind);

CommitGroup SomeGroup() {
  CommitGroup group;
  group.frames = {{IdOf(1), 5, 0, "frame"}};
  group.observations.push_back(RtpUpsert(IdOf(1), 10));
  group.observations[0].tokens = {77};
  group.watermarks = {{"s1", 1, 10}};
  group.sensors.emplace_back().set_id("s1");
  v1::StreamReport report;
  report.set_time_ns(10);
  report.set_final(true);
  group.reports = {{IdOf(1), report}};
  return group;
}

TEST(RocksDbStore, TheLogOfEventsGoesOnAfterARestart) {
  const fakes::TempDir dir;
  const fakes::FakeClock clock;
  CallChange change;
  change.records.emplace_back().mutable_call()->set_id(IdOf(1).ToHex());
  {
    const auto store = MustOpen(dir.path());
    ASSERT_TRUE(store->events().StartLog(clock).ok());
    ASSERT_TRUE(store->facts().ApplyCalls(change).ok());
    ASSERT_EQ(store->events().LastEvent(), 1u);
  }
  const auto store = MustOpen(dir.path());
  ASSERT_TRUE(store->events().StartLog(clock).ok());
  EXPECT_EQ(store->events().LastEvent(), 1u);
  change.records[0].mutable_call()->set_id(IdOf(2).ToHex());
  ASSERT_TRUE(store->facts().ApplyCalls(change).ok());
  const auto events = store->events().ReadEvents(1, 10);
  ASSERT_TRUE(events.ok()) << events.status();
  ASSERT_EQ(events->size(), 1u);
  EXPECT_EQ(events->front().sequence, 2u);
}

TEST(RocksDbStore, WhatACallWasToldToBeIsKeptWhileItIsOpenAgainOnly) {
  const fakes::TempDir dir;
  const auto apply = [&](bool settled) {
    CallChange change;
    store::v1::CallRecord& record = change.records.emplace_back();
    record.mutable_call()->set_id(IdOf(1).ToHex());
    record.set_settled(settled);
    const auto store = MustOpen(dir.path());
    ASSERT_TRUE(store->facts().ApplyCalls(change).ok());
  };
  const auto told = [&] {
    const auto engine = RocksDbEngine::Open(dir.path());
    EXPECT_TRUE(engine.ok()) << engine.status();
    return (*engine)->Get(Family::kDefault, EncodeToldKey(IdOf(1))).value();
  };
  apply(true);
  EXPECT_FALSE(told().has_value());
  apply(false);
  EXPECT_TRUE(told().has_value());
  apply(true);
  EXPECT_FALSE(told().has_value());
}

TEST(RocksDbStore, CuttingTheLogDoesNotStepOverWhatWasCut) {
  const fakes::TempDir dir;
  const fakes::FakeClock clock;
  const auto store = MustOpen(dir.path());
  ASSERT_TRUE(store->events().StartLog(clock).ok());
  CallChange change;
  for (int i = 0; i < 25'000; ++i) {
    change.records.emplace_back().mutable_call()->set_id(IdOf(i).ToHex());
  }
  ASSERT_TRUE(store->facts().ApplyCalls(change).ok());
  const uint64_t& skipped =
      rocksdb::get_perf_context()->internal_delete_skipped_count;
  const uint64_t before = skipped;
  while (store->events().CutEvents(0, 1).value()) {
  }
  ASSERT_EQ(store->events().ReadEvents(24'999, 10)->size(), 1u);
  EXPECT_LT(skipped - before, 100u);
}

TEST(RocksDbStore, EverythingCommittedIsThereAfterARestart) {
  const fakes::TempDir dir;
  {
    const auto store = MustOpen(dir.path());
    ASSERT_TRUE(store->Commit(SomeGroup()).ok());
  }
  const auto store = MustOpen(dir.path());
  int frames = 0;
  ASSERT_TRUE(store->media()
                  .ReadFrames(IdOf(1), {0, 0},
                              [&frames](const FrameRecord& frame) {
                                EXPECT_EQ(frame.frame, "frame");
                                ++frames;
                                return true;
                              })
                  .ok());
  EXPECT_EQ(frames, 1);
  const auto stored = store->facts().GetObservation(IdOf(1));
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_TRUE(stored->observation.final());
  EXPECT_EQ(store->facts().FindByToken(77, -9, 9, 9)->size(), 1u);
  EXPECT_EQ(*store->coordination().GetWatermark("s1", 1), 10u);
  EXPECT_TRUE(store->coordination().GetSensor("s1").ok());
}

TEST(RocksDbStore, WhatWasUnsettledStaysSoOverARestart) {
  const fakes::TempDir dir;
  {
    const auto store = MustOpen(dir.path());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(store->Commit(SomeGroup()).ok());
  }
  const auto store = MustOpen(dir.path());
  EXPECT_EQ(store->facts().Unsettled()->size(), 1u);
  // Numbers of commits go on behind those of the marks.
  CallChange change;
  change.settled = {IdOf(1)};
  change.read_at = store->facts().LastCommit();
  ASSERT_TRUE(store->facts().ApplyCalls(change).ok());
  EXPECT_EQ(store->facts().Unsettled()->size(), 0u);
}

TEST(RocksDbStore, CallsAreThereAfterARestart) {
  const fakes::TempDir dir;
  CallChange change;
  change.records.emplace_back().mutable_call()->set_id(IdOf(1).ToHex());
  {
    const auto store = MustOpen(dir.path());
    ASSERT_TRUE(store->facts().ApplyCalls(change).ok());
  }
  const auto store = MustOpen(dir.path());
  EXPECT_TRUE(store->facts().GetCall(IdOf(1).ToHex(), Scope::All()).ok());
  EXPECT_EQ(store->facts().ListCalls({}, Scope::All())->calls.size(), 1u);
}

TEST(RocksDbStore, ManyCallsWithOneNumberAreListedByTime) {
  const fakes::TempDir dir;
  const auto store = MustOpen(dir.path());
  constexpr int kCalls = 6000;
  CallChange change;
  for (int i = 0; i < kCalls; ++i) {
    v1::Call& call = *change.records.emplace_back().mutable_call();
    call.set_id(IdOf(i).ToHex());
    call.set_caller(std::to_string(1000 + i % 7));
    call.mutable_start_time()->set_seconds(i);
  }
  ASSERT_TRUE(store->facts().ApplyCalls(change).ok());
  v1::ListCallsRequest request;
  request.set_number_prefix("100");
  request.set_page_size(1000);
  int64_t next = kCalls;
  do {
    const auto page = store->facts().ListCalls(request, Scope::All());
    ASSERT_TRUE(page.ok()) << page.status();
    for (const v1::Call& call : page->calls) {
      EXPECT_EQ(call.start_time().seconds(), --next);
    }
    request.set_page_token(page->next_page_token);
  } while (!request.page_token().empty());
  EXPECT_EQ(next, 0);
}

// The column families, past the store.
class Inside {
 public:
  explicit Inside(const std::string& dir) {
    rocksdb::DB* raw = nullptr;
    EXPECT_TRUE(rocksdb::DB::Open(DbOptions(), dir, FamilyDescriptors(),
                                  &handles_, &raw)
                    .ok());
    db_.reset(raw);
  }
  ~Inside() {
    for (auto* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  }

  void Put(Family family, std::string_view key, const std::string& value) {
    EXPECT_TRUE(
        db_->Put(rocksdb::WriteOptions(), Handle(family), key, value).ok());
  }
  std::string Get(Family family, std::string_view key) {
    std::string value;
    EXPECT_TRUE(
        db_->Get(rocksdb::ReadOptions(), Handle(family), key, &value).ok());
    return value;
  }

 private:
  rocksdb::ColumnFamilyHandle* Handle(Family family) {
    return handles_[static_cast<size_t>(family)];
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

void ExpectOneLine(const absl::Status& status, const std::string& part) {
  const std::string message(status.message());
  EXPECT_NE(message.find(part), std::string::npos) << message;
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

TEST(RocksDbStore, RefusesTheDirectoryOfANewerVersion) {
  const fakes::TempDir dir;
  MustOpen(dir.path()).reset();
  Inside(dir.path()).Put(Family::kDefault, kSchemaKey, EncodeBe32(7));
  const auto store = RocksDbStore::Open(dir.path());
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status()));
  ExpectOneLine(store.status(),
                " was written by a newer Callbraid (schema 7, this one knows "
                "4); upgrade, or point data elsewhere");
}

// Schema 1 marked what was unsettled without its time.
TEST(RocksDbStore, TakesOverTheDirectoryOfAnOlderVersion) {
  const fakes::TempDir dir;
  {
    const auto store = MustOpen(dir.path());
    ASSERT_TRUE(store->Commit(SomeGroup()).ok());
  }
  {
    Inside inside(dir.path());
    inside.Put(Family::kDefault, kSchemaKey, EncodeBe32(1));
    inside.Put(Family::kUnsettled, IdOf(1).bytes(), EncodeBe64(1));
  }
  {
    const auto store = MustOpen(dir.path());
    EXPECT_THAT(*store->facts().Unsettled(), testing::ElementsAre(IdOf(1)));
  }
  EXPECT_EQ(Inside(dir.path()).Get(Family::kDefault, kSchemaKey),
            EncodeBe32(kSchemaVersion));
}

// Entries of an index that were written before it had all that is searched by.
TEST(RocksDbStore, WhatAnOldIndexDoesNotTellTheRecordTells) {
  const fakes::TempDir dir;
  CallChange change;
  for (int i = 1; i <= 3; ++i) {
    v1::Call& call = *change.records.emplace_back().mutable_call();
    call.set_id(IdOf(i).ToHex());
    call.set_caller("101");
    call.mutable_start_time()->set_seconds(i);
    call.add_legs()->add_observations()->set_site("berlin");
    if (i == 2) call.add_flags(v1::CALL_FLAG_ONE_WAY);
  }
  {
    const auto store = MustOpen(dir.path());
    ASSERT_TRUE(store->facts().ApplyCalls(change).ok());
  }
  {
    Inside inside(dir.path());
    store::v1::CallIndexEntry old;
    old.set_caller("101");
    for (int i = 1; i <= 3; ++i) {
      const CallPosition position{int64_t{i} * 1'000'000'000, IdOf(i)};
      inside.Put(Family::kCallsByTime, EncodeCallTimeKey(position),
                 old.SerializeAsString());
      inside.Put(Family::kCallsByNumber, EncodeCallNumberKey("101", position),
                 old.SerializeAsString());
    }
  }
  const auto store = MustOpen(dir.path());
  v1::ListCallsRequest request;
  request.set_site("berlin");
  EXPECT_EQ(store->facts().ListCalls(request, Scope::All())->calls.size(), 3u);
  request.add_flags(v1::CALL_FLAG_ONE_WAY);
  for (const char* number : {"", "101"}) {
    request.set_number_prefix(number);
    const auto page = store->facts().ListCalls(request, Scope::All());
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_EQ(page->calls.size(), 1u);
    EXPECT_EQ(page->calls[0].id(), IdOf(2).ToHex());
  }
  request.set_site("paris");
  EXPECT_TRUE(store->facts().ListCalls(request, Scope::All())->calls.empty());
}

TEST(RocksDbStore, RefusesANewerVersionsColumnFamilies) {
  const fakes::TempDir dir;
  MustOpen(dir.path()).reset();
  Inside(dir.path())
      .Put(Family::kDefault, kSchemaKey, EncodeBe32(kSchemaVersion + 1));
  {
    rocksdb::DB* raw = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    auto descriptors = FamilyDescriptors();
    descriptors.emplace_back("holds", rocksdb::ColumnFamilyOptions());
    ASSERT_TRUE(
        rocksdb::DB::Open(DbOptions(), dir.path(), descriptors, &handles, &raw)
            .ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  }
  const auto store = RocksDbStore::Open(dir.path());
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status()));
  ExpectOneLine(store.status(), "(schema 5, this one knows 4)");
}

TEST(RocksDbStore, RefusesTheDirectoryOfAnotherProgram) {
  const fakes::TempDir dir;
  {
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, dir.path(), &raw).ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), "k", "v").ok());
  }
  const auto store = RocksDbStore::Open(dir.path());
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status()));
  ExpectOneLine(store.status(), "belongs to another program");
}

TEST(RocksDbStore, RefusesASecondCollectorInTheDirectory) {
  const fakes::TempDir dir;
  const auto first = MustOpen(dir.path());
  const auto second = RocksDbStore::Open(dir.path());
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status()));
  ExpectOneLine(second.status(), "in use by another collector");
}

TEST(RocksDbStore, SaysThatTheDirectoryCannotBeMade) {
  const fakes::TempDir dir;
  std::ofstream(dir.path() + "/file") << "no folder";
  const auto store = RocksDbStore::Open(dir.path() + "/file/data");
  EXPECT_TRUE(absl::IsPermissionDenied(store.status()));
  ExpectOneLine(store.status(), dir.path() + "/file/data");
}

TEST(RocksDbStore, SaysThatTheDirectoryIsDamaged) {
  const fakes::TempDir dir;
  MustOpen(dir.path()).reset();
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    if (entry.path().filename().string().rfind("MANIFEST", 0) != 0) continue;
    std::fstream file(entry.path(), std::ios::in | std::ios::out);
    file.seekp(10);
    file << "damage";
  }
  const auto store = RocksDbStore::Open(dir.path());
  EXPECT_TRUE(absl::IsDataLoss(store.status())) << store.status();
  ExpectOneLine(store.status(), "damaged");
}

}  // namespace
}  // namespace callbraid::collector
