#include <optional>

#include "collector/store/rocksdb_held_parts.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/retention/retention_fixture.h"

namespace callbraid::collector {
namespace {

// A call on hold and the next one from there to there, of one SSRC, while RTCP
// of the first goes on.
class NeighboursTest : public RetentionTest {
 protected:
  NeighboursTest() {
    held_.Store(*store_);
    old_.Store(*store_);
    reception_ = StoreReception(old_, *store_);
    rtcp_of_reception_ =
        *RtcpOf(store_->facts().GetCommitted(reception_)->observation);
    // Of the second alone.
    CommitGroup group;
    group.frames.push_back(
        {old_.rtcp(), old_.start_ns + 100 * kSecond, 0, "a late report"});
    EXPECT_TRUE(store_->Commit(group).ok());
    Hold(v1::CallHold());
  }
  void Hold(const std::optional<v1::CallHold>& hold) {
    EXPECT_TRUE(store_->facts().SetHold(held_.id(), Scope::All(), hold).ok());
  }
  void ExpectRtcp(size_t frames, size_t of_reception) {
    EXPECT_EQ(held_.Frames(*store_, held_.rtcp()), frames);
    EXPECT_EQ(held_.Frames(*store_, rtcp_of_reception_), of_reception);
    EXPECT_EQ(store_->facts().GetCommitted(reception_).ok(), of_reception > 0);
  }

  const OldCall held_{.start_ns = clock_.WallNs() - 100 * kDay,
                      .given_ssrc = 7};
  const OldCall old_{.start_ns = held_.start_ns + 35 * kSecond,
                     .caller = "+4930200",
                     .seconds = 60,
                     .given_ssrc = 7};
  ObservationId reception_;
  ObservationId rtcp_of_reception_;
};

TEST_F(NeighboursTest, AHoldCoversWhatTheNextCallHasAsWell) {
  ExpectRtcp(3, 1);
  v1::RetentionConfig config;
  config.set_call_days(30);
  Run(config);
  EXPECT_FALSE(old_.IsThere(*store_));
  EXPECT_EQ(old_.MediaFrames(*store_), 0u);
  ExpectRtcp(2, 1);
  Hold(std::nullopt);
  Run(config);
  EXPECT_FALSE(held_.IsThere(*store_));
  ExpectRtcp(0, 0);
}

TEST_F(NeighboursTest, AHoldCoversItWhenMediaGoAlone) {
  v1::RetentionConfig config;
  v1::RetentionRule& rule = *config.add_rules();
  rule.add_numbers("+4930200");
  rule.set_media_days(7);
  Run(config);
  EXPECT_TRUE(old_.IsThere(*store_));
  EXPECT_EQ(old_.MediaFrames(*store_), 0u);
  ExpectRtcp(2, 1);
}

}  // namespace
}  // namespace callbraid::collector
