// A disk that has no room while retention makes some.
#include <cstdint>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/retention/retention_fixture.h"

namespace callbraid::collector {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// A disk that takes the deletion, and not the tables that are written anew
// without what went, nor the note of it.
class NarrowRetentionTest : public RetentionTest {
 protected:
  NarrowRetentionTest() {
    held_.Store(*store_);
    old_.Store(*store_);
    EXPECT_TRUE(
        store_->facts().SetHold(held_.id(), Scope::All(), v1::CallHold()).ok());
    Open();
  }
  // That the media went, and that it is noted once there is room.
  void ExpectNoted(Retention& retention) {
    EXPECT_EQ(old_.MediaFrames(*store_), 0u);
    EXPECT_EQ(held_.MediaFrames(*store_), 30u);
    EXPECT_THAT(Audit(), SizeIs(0));
    disk_->set_room(fakes::SmallDisk::kRoomy);
    ASSERT_TRUE(retention.RunByRoom().ok());
    ASSERT_THAT(Audit(), SizeIs(1));
    EXPECT_THAT(Audit()[0].detail(), HasSubstr("media from before"));
  }

  static v1::RetentionConfig Room() {
    v1::RetentionConfig config;
    // More than any disk has.
    config.set_min_free_gib(1u << 29);
    EXPECT_TRUE(CompleteRetention(config).ok());
    return config;
  }

  static constexpr int64_t kEnoughToDelete = 1000;
  const OldCall held_{.start_ns = clock_.WallNs() - 101 * kDay,
                      .frame_bytes = 1000};
  const OldCall old_{.start_ns = clock_.WallNs() - 100 * kDay,
                     .caller = "+4930200",
                     .frame_bytes = 1000};
};

TEST_F(NarrowRetentionTest, NotesWhatMadeRoomWhateverFailsThen) {
  Retention retention = Of(Room());
  disk_->set_room(kEnoughToDelete);
  EXPECT_TRUE(absl::IsUnavailable(retention.RunByRoom()));
  EXPECT_EQ(retention.State().drops_for_room, 1u);
  EXPECT_FALSE(retention.State().is_full);
  ExpectNoted(retention);
}

TEST_F(NarrowRetentionTest, NotesWhatWasOldWhateverFailsThen) {
  v1::RetentionConfig config;
  config.set_media_days(30);
  ASSERT_TRUE(CompleteRetention(config).ok());
  Retention retention = Of(config);
  disk_->set_room(kEnoughToDelete);
  EXPECT_TRUE(absl::IsUnavailable(retention.RunByAge()));
  ExpectNoted(retention);
}

TEST_F(NarrowRetentionTest, IsFullWhereNotEvenADeletionHasRoom) {
  Retention retention = Of(Room());
  disk_->set_room(0);
  EXPECT_TRUE(absl::IsUnavailable(retention.RunByRoom()));
  EXPECT_EQ(old_.MediaFrames(*store_), 30u);
  EXPECT_TRUE(retention.State().is_full);
}

}  // namespace
}  // namespace callbraid::collector
