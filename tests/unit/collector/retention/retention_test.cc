#include "collector/retention/retention.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/store/old_calls.h"

namespace callbraid::collector {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 86'400 * kSecond;

class RetentionTest : public testing::Test {
 protected:
  RetentionTest() {
    auto store = RocksDbStore::Open(dir_.path());
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
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
  void Run(const v1::RetentionConfig& config) {
    v1::RetentionConfig complete = config;
    ASSERT_TRUE(CompleteRetention(complete).ok());
    Retention retention(complete, store_->retention(), *audit_, clock_);
    ASSERT_TRUE(retention.RunByAge().ok());
    ASSERT_TRUE(retention.RunByRoom().ok());
    state_ = retention.State();
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
  fakes::FakeClock clock_{1'700'000'000 * kSecond};
  std::unique_ptr<RocksDbStore> store_;
  std::unique_ptr<AuditLog> audit_;
  RetentionState state_;
};

TEST_F(RetentionTest, DoesNothingUnlessItIsTold) {
  const OldCall call = Call(4000);
  Run({});
  EXPECT_EQ(call.MediaFrames(*store_), 30u);
  EXPECT_THAT(Audit(), SizeIs(0));
}

TEST_F(RetentionTest, DropsMediaAndKeepsWhatIsKnownOfTheCall) {
  const OldCall old = Call(32);
  const OldCall young = Call(29);
  v1::RetentionConfig config;
  config.set_media_days(30);
  Run(config);
  EXPECT_EQ(old.MediaFrames(*store_), 0u);
  EXPECT_EQ(old.Frames(*store_, old.dialog()), 1u) << "its messages";
  EXPECT_TRUE(IsFlagged(old));
  EXPECT_EQ(*store_->LeftOfMedia(old.Record()), MediaLeft::kNone);
  EXPECT_EQ(young.MediaFrames(*store_), 30u);
  EXPECT_FALSE(IsFlagged(young));
  const auto log = Audit();
  ASSERT_THAT(log, SizeIs(1));
  EXPECT_EQ(log[0].act(), v1::AUDIT_ACT_EXPIRE);
  EXPECT_THAT(log[0].detail(), HasSubstr("30 days"));
  // A second run has nothing to do, and says nothing.
  Run(config);
  EXPECT_THAT(Audit(), SizeIs(1));
}

TEST_F(RetentionTest, KeepsWhatIsOnHoldUntilItIsReleased) {
  const OldCall held = Call(101);
  const OldCall old = Call(100, "+4930200");
  v1::CallHold hold;
  hold.set_reason("case 7");
  ASSERT_TRUE(store_->facts().SetHold(held.id(), Scope::All(), hold).ok());
  v1::RetentionConfig config;
  config.set_media_days(30);
  config.set_call_days(60);
  Run(config);
  EXPECT_FALSE(old.IsThere(*store_));
  EXPECT_EQ(held.MediaFrames(*store_), 30u);
  const ObservationId rtcp = RtcpFramesId(
      {"s1", "eth0"}, {held.source(), held.destination()}, held.ssrc());
  EXPECT_EQ(held.Frames(*store_, rtcp), 1u);
  EXPECT_FALSE(IsFlagged(held));
  ASSERT_TRUE(
      store_->facts().SetHold(held.id(), Scope::All(), std::nullopt).ok());
  Run(config);
  EXPECT_FALSE(held.IsThere(*store_));
  EXPECT_EQ(held.MediaFrames(*store_), 0u);
}

TEST_F(RetentionTest, DeletesOldCallsWithAllThatFindsThem) {
  const OldCall old = Call(100);
  const OldCall young = Call(50, "+4930200");
  v1::RetentionConfig config;
  config.set_call_days(60);
  Run(config);
  EXPECT_FALSE(old.IsThere(*store_));
  EXPECT_TRUE(
      absl::IsNotFound(store_->facts().GetCommitted(old.stream()).status()));
  EXPECT_EQ(old.Frames(*store_, old.dialog()), 0u);
  EXPECT_TRUE(young.IsThere(*store_));
  EXPECT_EQ(state_.expired_calls, 1u);
  // If it is delivered again it is taken, and goes again.
  EXPECT_FALSE(*store_->facts().WasDeleted(old.stream(), old.start_ns));
}

TEST_F(RetentionTest, KeepsByRule) {
  const OldCall boss = Call(100, "+4930999");
  const OldCall shop = Call(20, "+4930777");
  const OldCall other = Call(100);
  v1::RetentionConfig config;
  config.set_media_days(30);
  v1::RetentionRule& longer = *config.add_rules();
  longer.add_numbers("+4930999");
  longer.set_media_days(365);
  v1::RetentionRule& shorter = *config.add_rules();
  shorter.add_numbers("+4930777");
  shorter.set_media_days(7);
  Run(config);
  EXPECT_EQ(boss.MediaFrames(*store_), 30u);
  EXPECT_EQ(shop.MediaFrames(*store_), 0u);
  EXPECT_TRUE(IsFlagged(shop));
  EXPECT_EQ(other.MediaFrames(*store_), 0u);
  clock_.Advance(300 * kDay);
  Run(config);
  EXPECT_EQ(boss.MediaFrames(*store_), 0u);
  EXPECT_TRUE(boss.IsThere(*store_));
}

TEST_F(RetentionTest, TouchesNothingThatIsInProgress) {
  OldCall open{.start_ns = clock_.WallNs() - 100 * kDay, .settled = false};
  open.Store(*store_);
  v1::RetentionConfig config;
  config.set_call_days(30);
  Run(config);
  EXPECT_TRUE(open.IsThere(*store_));
  EXPECT_EQ(open.MediaFrames(*store_), 30u);
}

TEST_F(RetentionTest, MakesRoomFromTheOldestMediaOn) {
  const OldCall old = Call(3);
  const OldCall held = Call(2);
  ASSERT_TRUE(
      store_->facts().SetHold(held.id(), Scope::All(), v1::CallHold()).ok());
  v1::RetentionConfig config;
  // More than any disk has.
  config.set_min_free_gib(1u << 29);
  Run(config);
  EXPECT_EQ(old.MediaFrames(*store_), 0u);
  EXPECT_TRUE(old.IsThere(*store_));
  EXPECT_EQ(held.MediaFrames(*store_), 30u);
  EXPECT_TRUE(IsFlagged(old));
}

TEST_F(RetentionTest, SweepsWhatNoCallOwns) {
  constexpr int64_t kYear = 366 * kDay;
  OldCall lone{.start_ns = clock_.WallNs() - 100 * kDay};
  CommitGroup group;
  lone.AddTo(group);
  group.observations.resize(1);
  ASSERT_TRUE(store_->Commit(group).ok());
  CallChange change;
  change.read_at = store_->facts().LastCommit();
  change.settled = {lone.dialog()};
  ASSERT_TRUE(store_->facts().ApplyCalls(change).ok());
  const OldCall owned = Call(100, "+4930200");
  std::string cursor;
  uint64_t removed = 0;
  do {
    const auto swept = store_->retention().Sweep(
        clock_.WallNs() - 30 * kDay, clock_.WallNs() - kYear, cursor);
    ASSERT_TRUE(swept.ok()) << swept.status();
    removed += *swept;
  } while (!cursor.empty());
  EXPECT_EQ(removed, 1u);
  EXPECT_TRUE(
      absl::IsNotFound(store_->facts().GetCommitted(lone.dialog()).status()));
  EXPECT_EQ(lone.Frames(*store_, lone.dialog()), 0u);
  EXPECT_TRUE(store_->facts().GetCommitted(owned.dialog()).ok());
}

}  // namespace
}  // namespace callbraid::collector
