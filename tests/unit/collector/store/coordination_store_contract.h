#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_COORDINATION_STORE_CONTRACT_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_COORDINATION_STORE_CONTRACT_H_

#include <cstdint>
#include <string>

#include "tests/unit/collector/store/store_contract.h"

namespace callbraid::collector {

class CoordinationStoreContract : public StoreContract {
 protected:
  uint64_t Watermark(const std::string& sensor, uint64_t spool_id) {
    const auto watermark = coordination().GetWatermark(sensor, spool_id);
    EXPECT_TRUE(watermark.ok()) << watermark.status();
    return watermark.ok() ? *watermark : 0;
  }
};

TEST_P(CoordinationStoreContract, WatermarkIsZeroBeforeAnythingCame) {
  EXPECT_EQ(Watermark("s1", 5), 0u);
}

TEST_P(CoordinationStoreContract, WatermarksOnlyGrow) {
  CommitGroup group;
  group.watermarks = {{"s1", 5, 10}, {"s1", 5, 30}, {"s1", 5, 20}};
  MustCommit(group);
  EXPECT_EQ(Watermark("s1", 5), 30u);
  group.watermarks = {{"s1", 5, 29}};
  MustCommit(group);
  EXPECT_EQ(Watermark("s1", 5), 30u);
}

TEST_P(CoordinationStoreContract, WatermarksAreOfOneSensorAndSpool) {
  CommitGroup group;
  group.watermarks = {{"s1", 5, 10}, {"s1", 6, 11}, {"s2", 5, 12}};
  MustCommit(group);
  EXPECT_EQ(Watermark("s1", 5), 10u);
  EXPECT_EQ(Watermark("s1", 6), 11u);
  EXPECT_EQ(Watermark("s2", 5), 12u);
  EXPECT_EQ(Watermark("s", 5), 0u);
}

TEST_P(CoordinationStoreContract, SensorsAreAsLastWritten) {
  CommitGroup group;
  v1::Sensor& sensor = group.sensors.emplace_back();
  sensor.set_id("s1");
  sensor.set_site("here");
  MustCommit(group);
  sensor.set_site("there");
  MustCommit(group);
  const auto stored = coordination().GetSensor("s1");
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->site(), "there");
  EXPECT_TRUE(absl::IsNotFound(coordination().GetSensor("s").status()));
}

TEST_P(CoordinationStoreContract, SensorsAreListedById) {
  CommitGroup group;
  for (const char* id : {"b", "a", "c"}) {
    group.sensors.emplace_back().set_id(id);
  }
  MustCommit(group);
  const auto sensors = coordination().ListSensors();
  ASSERT_TRUE(sensors.ok()) << sensors.status();
  ASSERT_EQ(sensors->size(), 3u);
  EXPECT_EQ((*sensors)[0].id(), "a");
  EXPECT_EQ((*sensors)[2].id(), "c");
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_STORE_COORDINATION_STORE_CONTRACT_H_
