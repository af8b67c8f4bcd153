#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_RETENTION_RETENTION_FIXTURE_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_RETENTION_RETENTION_FIXTURE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "collector/retention/retention.h"
#include "collector/store/rocksdb_call_parts.h"
#include "gtest/gtest.h"
#include "rocksdb/env.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/small_disk.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/store/old_calls.h"

namespace callbraid::collector {

inline constexpr int64_t kSecond = 1'000'000'000;
inline constexpr int64_t kDay = 86'400 * kSecond;

// A store of old calls, and what retention does to it.
class RetentionTest : public testing::Test {
 protected:
  RetentionTest() { Open(); }

  // Puts all that is in the log into tables.
  void Open() {
    audit_ = nullptr;
    store_ = nullptr;
    auto store = RocksDbStore::Open(dir_.path(), env_.get());
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    EXPECT_TRUE(store_->events().StartLog(clock_).ok());
    v1::AccessConfig access;
    access.set_audit_days(1000);
    access.set_audit_entries(1000);
    audit_ = std::make_unique<AuditLog>(access, store_->access(), clock_);
  }

  // A call that began so many days ago.
  OldCall Call(int days, const std::string& caller = "+4930100") {
    OldCall call{.start_ns = clock_.WallNs() - days * kDay, .caller = caller};
    call.Store(*store_);
    return call;
  }
  Retention Of(const v1::RetentionConfig& complete) {
    return Retention(complete, store_->retention(), store_->facts(),
                     store_->events(), *audit_, clock_);
  }
  void Run(const v1::RetentionConfig& config) {
    v1::RetentionConfig complete = config;
    ASSERT_TRUE(CompleteRetention(complete).ok());
    Retention retention = Of(complete);
    ASSERT_TRUE(retention.RunByAge().ok());
    ASSERT_TRUE(retention.RunByRoom().ok());
    state_ = retention.State();
  }
  // Once through; how many were removed.
  uint64_t Sweep() {
    std::string cursor;
    uint64_t removed = 0;
    do {
      const auto swept = store_->retention().Sweep(
          clock_.WallNs() - 30 * kDay, clock_.WallNs() - 366 * kDay, cursor);
      EXPECT_TRUE(swept.ok()) << swept.status();
      removed += swept.value_or(0);
    } while (!cursor.empty());
    return removed;
  }
  bool IsFlagged(const OldCall& call) {
    const auto record = store_->facts().GetCall(call.id(), Scope::All());
    EXPECT_TRUE(record.ok()) << record.status();
    return record.ok() && record->call().flags_size() == 1 &&
           record->call().flags(0) == v1::CALL_FLAG_MEDIA_DELETED;
  }
  std::vector<v1::AuditEntry> Audit() {
    const auto log = audit_->List({});
    return {log->entries().begin(), log->entries().end()};
  }

  const fakes::TempDir dir_;
  const std::shared_ptr<fakes::SmallDisk> disk_ =
      std::make_shared<fakes::SmallDisk>();
  const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(disk_);
  fakes::FakeClock clock_{1'700'000'000 * kSecond};
  std::unique_ptr<RocksDbStore> store_;
  std::unique_ptr<AuditLog> audit_;
  RetentionState state_;
};

// What a receiver said of a stream, while it ran.
inline ObservationId StoreReception(const OldCall& of, RocksDbStore& store) {
  CommitGroup group;
  ObservationUpsert& upsert = group.observations.emplace_back();
  upsert.id = ObservationId::Of("r" + of.Name());
  upsert.first_time_ns = of.start_ns + 5 * kSecond;
  store::v1::Observation& said = upsert.observation.emplace();
  said.set_id(std::string(upsert.id.bytes()));
  said.set_sensor("s1");
  said.set_site(of.site);
  said.set_capture_point("eth0");
  said.set_first_time_ns(upsert.first_time_ns);
  said.set_last_time_ns(upsert.first_time_ns);
  *said.mutable_reception()->mutable_reporter() = ToProto(of.destination());
  *said.mutable_reception()->mutable_sender() = ToProto(of.source());
  said.mutable_reception()->set_ssrc(of.ssrc());
  said.mutable_reception()->set_reporter_ssrc(7);
  upsert.tokens = FiledTokens(said);
  group.frames.push_back(
      {*RtcpOf(said), upsert.first_time_ns, 0, "what is heard"});
  EXPECT_TRUE(store.Commit(group).ok());
  CallChange change;
  change.read_at = store.facts().LastCommit();
  change.settled = {upsert.id};
  EXPECT_TRUE(store.facts().ApplyCalls(change).ok());
  return upsert.id;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_RETENTION_RETENTION_FIXTURE_H_
