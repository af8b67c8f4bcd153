#include "sensor/flow/lru_map.h"

#include <vector>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

std::vector<int> KeysOf(LruMap<int, int>& map) {
  std::vector<int> keys;
  for (const auto& entry : map.entries()) keys.push_back(entry.key);
  return keys;
}

TEST(LruMap, TheOneNotUsedForLongestMakesRoom) {
  LruMap<int, int> map(3);
  for (int key = 1; key <= 3; ++key) map.Use(key, key) = 10 * key;
  EXPECT_TRUE(map.full());
  EXPECT_EQ(map.Use(1, 4), 10);
  map.Use(4, 5);
  EXPECT_EQ(map.Find(2), nullptr);
  EXPECT_EQ(KeysOf(map), (std::vector<int>{3, 1, 4}));
  EXPECT_EQ(map.size(), 3u);
}

TEST(LruMap, NeverGrowsBeyondItsCapacity) {
  LruMap<int, int> map(100);
  for (int key = 0; key < 10'000; ++key) {
    map.Use(key * 7919 % 4099, key);
    ASSERT_LE(map.size(), 100u);
  }
}

TEST(LruMap, ForgetsWhatWasNotUsedSince) {
  LruMap<int, int> map(10);
  for (int key = 1; key <= 5; ++key) map.Use(key, key);
  map.EraseUnusedSince(4);
  EXPECT_EQ(KeysOf(map), (std::vector<int>{4, 5}));
  EXPECT_EQ(map.Find(3), nullptr);
}

}  // namespace
}  // namespace callbraid::sensor
