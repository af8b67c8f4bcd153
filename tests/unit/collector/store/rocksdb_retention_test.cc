#include "collector/store/rocksdb_retention.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/store/old_calls.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'700'000'000 * kSecond;
constexpr int64_t kNow = kStart + 86'400 * kSecond;
constexpr size_t kFrameBytes = 20'000;

class RocksDbRetentionTest : public testing::Test {
 protected:
  void Open() {
    store_ = nullptr;
    auto store = RocksDbStore::Open(dir_.path());
    ASSERT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
  }
  // Of 20 kB a second.
  static OldCall CallAfter(int64_t seconds, int for_seconds) {
    return {.start_ns = kStart + seconds * kSecond,
            .seconds = for_seconds,
            .frame_bytes = kFrameBytes};
  }
  void Hold(const OldCall& call) {
    const auto held =
        store_->facts().SetHold(call.id(), Scope::All(), v1::CallHold());
    ASSERT_TRUE(held.ok()) << held.status();
  }
  std::optional<int64_t> DropOldest(uint64_t bytes) {
    const auto dropped = store_->retention().DropOldest(bytes, kNow, kNow);
    EXPECT_TRUE(dropped.ok()) << dropped.status();
    return dropped.value_or(std::nullopt);
  }

  const fakes::TempDir dir_;
  std::unique_ptr<RocksDbStore> store_;
};

TEST_F(RocksDbRetentionTest, WhatIsOnHoldDoesNotCountAsRoom) {
  Open();
  const OldCall held = CallAfter(0, 300);
  const OldCall old = CallAfter(1000, 30);
  const OldCall young = CallAfter(2000, 30);
  for (const OldCall* call : {&held, &old, &young}) call->Store(*store_);
  Hold(held);
  // Into tables: what is in memory has no size.
  Open();
  EXPECT_EQ(DropOldest(25 * kFrameBytes), kStart + 1030 * kSecond);
  EXPECT_EQ(held.MediaFrames(*store_), 300u);
  EXPECT_EQ(old.MediaFrames(*store_), 0u);
  EXPECT_EQ(young.MediaFrames(*store_), 30u);
  EXPECT_EQ(DropOldest(25 * kFrameBytes), kStart + 2030 * kSecond);
  EXPECT_EQ(young.MediaFrames(*store_), 0u);
  EXPECT_EQ(DropOldest(1), std::nullopt);
  EXPECT_EQ(held.MediaFrames(*store_), 300u);
}

TEST_F(RocksDbRetentionTest, DropsNoMoreThanItIsTold) {
  Open();
  const OldCall old = CallAfter(0, 30);
  const OldCall young = CallAfter(1000, 30);
  for (const OldCall* call : {&old, &young}) call->Store(*store_);
  Open();
  EXPECT_EQ(DropOldest(15 * kFrameBytes), kStart + 20 * kSecond);
  EXPECT_EQ(old.MediaFrames(*store_), 10u);
  EXPECT_EQ(young.MediaFrames(*store_), 30u);
}

}  // namespace
}  // namespace callbraid::collector
