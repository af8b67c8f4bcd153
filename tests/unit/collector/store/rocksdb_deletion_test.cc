#include "collector/store/rocksdb_deletion.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/delete_call.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/store/old_calls.h"

namespace callbraid::collector {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kStart = 1'700'000'000 * kSecond;
constexpr int64_t kNow = kStart + kHour;

std::unique_ptr<RocksDbStore> MustOpen(const std::string& dir) {
  auto store = RocksDbStore::Open(dir);
  EXPECT_TRUE(store.ok()) << store.status();
  return store.ok() ? *std::move(store) : nullptr;
}

// Files of the folder that have `text` in them.
std::vector<std::string> FilesWith(const std::string& dir,
                                   const std::string& text) {
  std::vector<std::string> found;
  for (const auto& file : std::filesystem::directory_iterator(dir)) {
    std::ostringstream bytes;
    bytes << std::ifstream(file.path(), std::ios::binary).rdbuf();
    if (bytes.str().find(text) != std::string::npos) {
      found.push_back(file.path().filename());
    }
  }
  return found;
}

class RocksDbDeletionTest : public testing::Test {
 protected:
  absl::StatusOr<DeletedCall> Delete(const OldCall& call) {
    return fakes::DeleteCall(*store_, call.id(), Scope::All(), kNow);
  }
  bool WasDeleted(Token token, int64_t time_ns) {
    const auto answer = store_->facts().WasDeleted(token, time_ns);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() && *answer;
  }
  void Purge() {
    // It waits for readers.
    for (int i = 0; i < 100; ++i) {
      const absl::Status status = store_->retention().Purge([] {});
      if (status.ok()) return;
      ASSERT_TRUE(absl::IsUnavailable(status)) << status;
    }
    FAIL() << "somebody reads for ever";
  }

  const fakes::TempDir dir_;
  std::unique_ptr<RocksDbStore> store_ = MustOpen(dir_.path());
};

TEST_F(RocksDbDeletionTest, RemovesMessagesMediaAndRtcp) {
  const OldCall call{.start_ns = kStart};
  const OldCall other{.start_ns = kStart + kSecond, .caller = "+4930200"};
  call.Store(*store_);
  other.Store(*store_);
  const auto deleted = Delete(call);
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(deleted->frames, 32u);
  EXPECT_EQ(call.Frames(*store_, call.dialog()), 0u);
  EXPECT_EQ(call.MediaFrames(*store_), 0u);
  EXPECT_EQ(call.Frames(*store_, call.rtcp()), 0u);
  EXPECT_EQ(other.MediaFrames(*store_), 30u);
  EXPECT_TRUE(other.IsThere(*store_));
}

// Another capture point saw the same dialog and the same packets, and was cut
// off until now.
TEST_F(RocksDbDeletionTest, KnowsTheCallWhereverElseItWasSeen) {
  const OldCall call{.start_ns = kStart};
  call.Store(*store_);
  const Token dialog = DialogToken(call.Name(), "tag");
  const Token flow = FlowToken(call.source(), call.destination(), call.ssrc());
  EXPECT_FALSE(WasDeleted(dialog, kStart));
  ASSERT_TRUE(Delete(call).ok());
  EXPECT_TRUE(WasDeleted(dialog, kStart + 10 * kSecond));
  EXPECT_TRUE(WasDeleted(dialog, kStart - 1800 * kSecond)) << "a wrong clock";
  EXPECT_TRUE(WasDeleted(flow, kStart + 10 * kSecond));
  // The next call from there to there.
  EXPECT_FALSE(WasDeleted(flow, kStart + 60 * kSecond));
  EXPECT_FALSE(WasDeleted(DialogToken("another", "tag"), kStart));
  store_.reset();
  store_ = MustOpen(dir_.path());
  EXPECT_TRUE(WasDeleted(dialog, kStart)) << "after a restart";
}

TEST_F(RocksDbDeletionTest, DeletesWhatNobodyWaitsForAnyMore) {
  // A sensor never came back: its calls are over, and never settle.
  OldCall call{.start_ns = kStart};
  CommitGroup group;
  call.AddTo(group);
  ASSERT_TRUE(store_->Commit(group).ok());
  CallChange change;
  change.records.push_back(call.Record());
  change.records[0].set_settled(false);
  ASSERT_TRUE(store_->facts().ApplyCalls(change).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Delete(call).status()));
  EXPECT_TRUE(
      fakes::DeleteCall(*store_, call.id(), Scope::All(), kStart + 25 * kHour)
          .ok());
  EXPECT_THAT(*store_->facts().Unsettled(), IsEmpty());
}

TEST_F(RocksDbDeletionTest, TakesTheBytesOffTheDisk) {
  const OldCall call{.start_ns = kStart,
                     .caller = "+49301234567",
                     .call_id = "the-call-that-was"};
  const OldCall other{.start_ns = kStart + kSecond,
                      .caller = "+49307654321",
                      .call_id = "the-call-that-is"};
  const fakes::FakeClock clock(kNow);
  ASSERT_TRUE(store_->events().StartLog(clock).ok());
  call.Store(*store_);
  other.Store(*store_);
  // It had another number first, as watchers by number were told.
  CallChange change;
  change.records.push_back(call.Record());
  change.records[0].mutable_call()->set_caller("+49309999999");
  change.records[0].mutable_call()->set_revision(1);
  ASSERT_TRUE(store_->facts().ApplyCalls(change).ok());
  change.records[0] = call.Record();
  change.records[0].mutable_call()->set_revision(2);
  ASSERT_TRUE(store_->facts().ApplyCalls(change).ok());
  v1::AnnotateCallRequest note;
  note.set_id(call.id());
  note.set_note("somebody wrote this");
  ASSERT_TRUE(store_->facts().Annotate(note, "anna", Scope::All()).ok());
  v1::CallHold hold;
  hold.set_reason("reason for the hold");
  ASSERT_TRUE(store_->facts().SetHold(call.id(), Scope::All(), hold).ok());
  ASSERT_TRUE(
      store_->facts().SetHold(call.id(), Scope::All(), std::nullopt).ok());
  // Into tables, and their keys into the list of tables.
  store_.reset();
  store_ = MustOpen(dir_.path());
  ASSERT_TRUE(store_->events().StartLog(clock).ok());
  for (const char* text :
       {"speech of the-call-that-was", "+49309999999", "somebody wrote this"}) {
    ASSERT_THAT(FilesWith(dir_.path(), text), Not(IsEmpty())) << text;
  }
  const uint64_t told = store_->events().LastEvent();
  ASSERT_TRUE(Delete(call).ok());
  Purge();
  EXPECT_EQ(store_->events().LastEvent(), told + 1);
  EXPECT_THAT(*store_->events().ReadEvents(0, 100), SizeIs(told + 1));
  for (const char* text : {"the-call-that-was", "+49301234567", "+49309999999",
                           "somebody wrote this", "reason for the hold"}) {
    EXPECT_THAT(FilesWith(dir_.path(), text), IsEmpty()) << text;
  }
  EXPECT_THAT(FilesWith(dir_.path(), "speech of the-call-that-is"),
              Not(IsEmpty()));
  EXPECT_TRUE(other.IsThere(*store_));
  EXPECT_EQ(other.MediaFrames(*store_), 30u);
}

// Killed between the deletion and its bytes.
TEST_F(RocksDbDeletionTest, GoesOnAfterARestart) {
  const OldCall call{.start_ns = kStart, .call_id = "the-call-that-was"};
  call.Store(*store_);
  ASSERT_TRUE(Delete(call).ok());
  store_.reset();
  store_ = MustOpen(dir_.path());
  Purge();
  EXPECT_THAT(FilesWith(dir_.path(), "the-call-that-was"), IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
