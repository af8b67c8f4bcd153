#include <cstdint>
#include <utility>
#include <vector>

#include "collector/clocks/uplink_clocks.h"
#include "collector/correlate/clocked_spans.h"
#include "collector/evidence/clock_table.h"
#include "collector/evidence/leg_relation.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_scene.h"
#include "tests/unit/collector/correlate/link_scenes.h"

// What times of several sensors are compared by.

namespace callbraid::collector {
namespace {

using fakes::kMs;
using fakes::kSecond;
using fakes::Spot;
using scenes::LegOf;

constexpr int64_t kAheadNs = 2112 * kSecond;

class ClockedTimes : public scenes::LinkTest {
 protected:
  const Node& A() { return Seen(LegOf("a", "10.0.0.1", "10.0.0.9")); }
  // So much later than A().
  const Node& B(int64_t later_ms) {
    return Seen(LegOf("b", "10.0.0.9", "10.0.0.2", later_ms),
                Spot{.sensor = "s2", .clock_ns = kAheadNs});
  }
  ClockRelation Ahead() { return {true, kAheadNs, 500 * kMs}; }
};

TEST_F(ClockedTimes, AreMovedFromEitherEnd) {
  const Node& a = A();
  const Node& b = B(100);
  EXPECT_FALSE(RanTogether(a, b, policy_));
  EXPECT_TRUE(RanTogether(a, b, policy_, Ahead()));
  EXPECT_TRUE(RanTogether(b, a, policy_, Ahead().Reversed()));
  EXPECT_FALSE(SetUpTogether(a, b, policy_));
  EXPECT_TRUE(SetUpTogether(a, b, policy_, Ahead()));
  EXPECT_TRUE(SetUpTogether(b, a, policy_, Ahead().Reversed()));
}

TEST_F(ClockedTimes, TellWhatCameFirst) {
  const Node& a = A();
  const Node& b = B(2000);
  EXPECT_TRUE(MayCause(a, b, policy_, Ahead()));
  EXPECT_FALSE(MayCause(b, a, policy_, Ahead().Reversed()));
}

TEST_F(ClockedTimes, LeaveNoMoreOpenThanIsNotKnown) {
  const Node& a = A();
  const Node& b = B(0);
  EXPECT_EQ(ClockSlack(a, b, policy_),
            policy_.hop_delay_ns + policy_.clock_tolerance_ns);
  EXPECT_EQ(ClockSlack(a, b, policy_, Ahead()),
            policy_.hop_delay_ns + 500 * kMs);
}

TEST_F(ClockedTimes, AreComparedTheSameFromBothEnds) {
  const Node& a = A();
  const Node& b = B(0);
  EXPECT_EQ(clocks_.Between(a, b), ClockRelation());
  EXPECT_EQ(clocks_.Between(a, a), ClockRelation::Same());
  // What either says for itself may differ.
  clocks_.Set(a, {{"s2", Ahead()}});
  clocks_.Set(b, {{"s1", {true, -kAheadNs + kSecond, 500 * kMs}}});
  EXPECT_TRUE(clocks_.Between(a, b).known);
  EXPECT_EQ(clocks_.Between(a, b), clocks_.Between(b, a).Reversed());
}

std::vector<std::pair<int64_t, int64_t>> MergedOf(
    const std::vector<TimeSpan>& spans) {
  std::vector<std::pair<int64_t, int64_t>> merged;
  for (const TimeSpan& span : Merged(spans)) {
    merged.emplace_back(span.from_ns, span.to_ns);
  }
  return merged;
}

TEST(Merged, PutsTogetherWhatOverlaps) {
  using Spans = std::vector<std::pair<int64_t, int64_t>>;
  EXPECT_EQ(MergedOf({}), Spans());
  EXPECT_EQ(MergedOf({{5, 9}, {-3, 1}}), (Spans{{-3, 1}, {5, 9}}));
  EXPECT_EQ(MergedOf({{4, 6}, {1, 4}, {2, 3}}), (Spans{{1, 6}}));
  EXPECT_EQ(MergedOf({{0, 10}, {2, 3}, {11, 12}}), (Spans{{0, 10}, {11, 12}}));
}

UplinkClocks ByRoundTrips(uint64_t tolerance_ns) {
  std::vector<v1::Sensor> sensors(2);
  sensors[0].set_id("s1");
  sensors[1].set_id("s2");
  for (v1::Sensor& sensor : sensors) {
    sensor.add_clock_epochs()->set_tolerance_ns(tolerance_ns);
  }
  sensors[1].mutable_clock_epochs(0)->set_offset_ns(kAheadNs);
  return UplinkClocks(sensors);
}

TEST(UplinkClocks, SayNothingWhereTheyLeaveTooMuchOpen) {
  const int64_t now_ns = fakes::kEpoch;
  EXPECT_EQ(ByRoundTrips(kSecond).Relate("s1", now_ns, "s2"),
            (ClockRelation{true, kAheadNs, 2 * kSecond}));
  EXPECT_FALSE(ByRoundTrips(40 * kSecond).Relate("s1", now_ns, "s2").known);
  EXPECT_FALSE(
      ByRoundTrips(uint64_t{1} << 63).Relate("s1", now_ns, "s2").known);
}

}  // namespace
}  // namespace callbraid::collector
