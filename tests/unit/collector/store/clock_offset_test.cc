#include "collector/store/clock_offset.h"

#include <limits>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

store::v1::SensorOffset Offset(const std::string& sensor, int64_t offset_ns,
                               int64_t from_ns = 0) {
  store::v1::SensorOffset offset;
  offset.set_sensor(sensor);
  offset.set_offset_ns(offset_ns);
  offset.set_from_ns(from_ns);
  offset.set_uncertainty_ns(7);
  return offset;
}

TEST(OffsetAt, IsThatOfTheSensor) {
  store::v1::CallRecord record;
  *record.add_offsets() = Offset("s1", 0);
  *record.add_offsets() = Offset("s2", -3 * kSecond);
  EXPECT_EQ(OffsetAt(record, "s1", 5), 0);
  EXPECT_EQ(OffsetAt(record, "s2", 5), -3 * kSecond);
  EXPECT_EQ(OffsetUncertaintyAt(record, "s2", 5), 7);
  EXPECT_EQ(OffsetAt(record, "s3", 5), 0);
  EXPECT_EQ(OffsetUncertaintyAt(record, "s3", 5), 0);
}

TEST(OffsetAt, ChangesWhereTheClockWasSet) {
  store::v1::CallRecord record;
  *record.add_offsets() = Offset("s1", 1);
  *record.add_offsets() = Offset("s1", 2, 100);
  *record.add_offsets() = Offset("s1", 3, 200);
  *record.add_offsets() = Offset("s2", 9);
  EXPECT_EQ(OffsetAt(record, "s1", -5), 1);
  EXPECT_EQ(OffsetAt(record, "s1", 99), 1);
  EXPECT_EQ(OffsetAt(record, "s1", 100), 2);
  EXPECT_EQ(OffsetAt(record, "s1", 5000), 3);
}

TEST(OffsetAt, FollowsTheDrift) {
  store::v1::CallRecord record;
  store::v1::SensorOffset& offset = *record.add_offsets();
  offset = Offset("s1", 1000);
  offset.set_reference_ns(100 * kSecond);
  offset.set_drift_ppb(200'000);
  EXPECT_EQ(OffsetAt(record, "s1", 100 * kSecond), 1000);
  EXPECT_EQ(OffsetAt(record, "s1", 110 * kSecond), 1000 + 2'000'000);
  EXPECT_EQ(OffsetAt(record, "s1", 90 * kSecond), 1000 - 2'000'000);
}

TEST(OffsetAt, DoesNotBelieveNonsense) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  store::v1::CallRecord record;
  store::v1::SensorOffset& offset = *record.add_offsets();
  offset = Offset("s1", kMost);
  EXPECT_EQ(OffsetAt(record, "s1", 0), 0);
  offset = Offset("s1", 0);
  offset.set_reference_ns(std::numeric_limits<int64_t>::min());
  offset.set_drift_ppb(std::numeric_limits<int32_t>::max());
  EXPECT_LT(OffsetAt(record, "s1", kMost), int64_t{1} << 61);
}

}  // namespace
}  // namespace callbraid::collector
