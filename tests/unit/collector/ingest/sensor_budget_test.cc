#include "collector/ingest/sensor_budget.h"

#include <cstdint>
#include <tuple>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

v1::IngestConfig Config() {
  v1::IngestConfig config;
  config.set_max_mib_per_second(1);
  config.set_max_frames_per_second(100);
  config.set_max_observations_per_minute(60);
  return config;
}

TEST(SensorBudget, IsFullAtFirst) {
  SensorBudget budget(Config(), 0);
  budget.Spend(size_t{3} << 20, 399, 59);
  EXPECT_TRUE(budget.IsOpen(0));
}

TEST(SensorBudget, AnyOneOfItsPartsCloses) {
  for (const auto& [bytes, frames, observations] :
       {std::tuple(size_t{4} << 20, 0, 0), std::tuple(size_t{0}, 400, 0),
        std::tuple(size_t{0}, 0, 60)}) {
    SensorBudget budget(Config(), 0);
    budget.Spend(bytes, static_cast<uint64_t>(frames),
                 static_cast<uint64_t>(observations));
    EXPECT_FALSE(budget.IsOpen(0));
  }
}

TEST(SensorBudget, TimePaysForWhatWasOverdrawn) {
  SensorBudget budget(Config(), 0);
  // 10 s worth more than there was.
  budget.Spend(0, 1400, 0);
  EXPECT_FALSE(budget.IsOpen(9 * kSecond));
  EXPECT_TRUE(budget.IsOpen(10 * kSecond + 1));
}

TEST(SensorBudget, SavesUpOnlySoMuch) {
  SensorBudget budget(Config(), 0);
  EXPECT_TRUE(budget.IsOpen(3600 * kSecond));
  budget.Spend(0, 400, 0);
  EXPECT_FALSE(budget.IsOpen(3600 * kSecond));
}

}  // namespace
}  // namespace callbraid::collector
