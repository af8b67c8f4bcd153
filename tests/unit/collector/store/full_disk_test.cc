// A disk that has no room at any byte of a write: nothing acknowledged is lost,
// nothing is there twice, and it all goes on when there is room.
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "collector/store/rocksdb_store.h"
#include "gtest/gtest.h"
#include "rocksdb/env.h"
#include "tests/fakes/small_disk.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/store/store_contract.h"

namespace callbraid::collector {
namespace {

constexpr size_t kFrameBytes = 3000;

// A frame, and that the spool has come so far.
CommitGroup GroupOf(int number) {
  CommitGroup group;
  group.frames = {{IdOf(1), number, 0, std::string(kFrameBytes, 'f')}};
  group.observations.push_back(RtpUpsert(IdOf(1), number));
  group.watermarks = {{"s1", 1, static_cast<uint64_t>(number)}};
  return group;
}

// Frames 1, 2, ... in their order; -1 if that is not what there is.
int FramesIn(Store& store) {
  int frames = 0;
  const absl::Status status = store.media().ReadFrames(
      IdOf(1), {0, 0}, [&frames](const FrameRecord& frame) {
        const bool good = frame.time_ns == frames + 1 &&
                          frame.frame == std::string(kFrameBytes, 'f');
        frames = good ? frames + 1 : -1;
        return good;
      });
  EXPECT_TRUE(status.ok()) << status;
  return frames;
}

uint64_t WatermarkIn(Store& store) {
  const auto watermark = store.coordination().GetWatermark("s1", 1);
  EXPECT_TRUE(watermark.ok()) << watermark.status();
  return watermark.value_or(0);
}

// Wants the groups up to `acknowledged` and perhaps the next one, whole.
void ExpectWhole(Store& store, int acknowledged) {
  const int frames = FramesIn(store);
  EXPECT_GE(frames, acknowledged);
  EXPECT_LE(frames, acknowledged + 1);
  EXPECT_EQ(WatermarkIn(store), static_cast<uint64_t>(frames));
}

class FullDisk : public testing::Test {
 protected:
  void Open() {
    auto opened = RocksDbStore::Open(data(), env_.get());
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  std::string data() const { return dir_.path() + "/data"; }

  // Commits until the disk is full; how many groups are acknowledged.
  int FillDisk() {
    int number = 1;
    for (; number < 1000; ++number) {
      const absl::Status status = store_->Commit(GroupOf(number));
      if (status.ok()) continue;
      EXPECT_TRUE(absl::IsUnavailable(status)) << status;
      EXPECT_NE(status.message().find("No space left"), std::string::npos);
      break;
    }
    return number - 1;
  }

  // What a restart finds after a kill -9 at this moment.
  void ExpectWholeAfterKill(int acknowledged) {
    const std::string copy = dir_.path() + "/copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(data(), copy);
    const auto store = RocksDbStore::Open(copy);
    ASSERT_TRUE(store.ok()) << store.status();
    ExpectWhole(**store, acknowledged);
  }

  const fakes::TempDir dir_;
  const std::shared_ptr<fakes::SmallDisk> disk_ =
      std::make_shared<fakes::SmallDisk>();
  const std::unique_ptr<rocksdb::Env> env_ = rocksdb::NewCompositeEnv(disk_);
  std::unique_ptr<RocksDbStore> store_;
};

class FullDiskAt : public FullDisk, public testing::WithParamInterface<int> {};

TEST_P(FullDiskAt, LosesAndDoublesNothing) {
  Open();
  disk_->set_room(GetParam());
  const int acknowledged = FillDisk();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(store_->Commit(GroupOf(acknowledged + 1)).ok());
    // It can be read all the while.
    EXPECT_EQ(FramesIn(*store_), acknowledged);
  }
  ExpectWholeAfterKill(acknowledged);

  disk_->set_room(fakes::SmallDisk::kRoomy);
  for (int i = 1; i <= 5; ++i) {
    const absl::Status status = store_->Commit(GroupOf(acknowledged + i));
    EXPECT_TRUE(status.ok()) << status;
  }
  EXPECT_EQ(FramesIn(*store_), acknowledged + 5);
  EXPECT_EQ(WatermarkIn(*store_), static_cast<uint64_t>(acknowledged + 5));
  ExpectWholeAfterKill(acknowledged + 5);
}

INSTANTIATE_TEST_SUITE_P(EveryFewBytes, FullDiskAt,
                         testing::Range(0, 30'000, 2'503));

TEST_F(FullDisk, GoesOnHoweverOftenItIsFull) {
  Open();
  int acknowledged = 0;
  for (int round = 0; round < 10; ++round) {
    disk_->set_room(fakes::SmallDisk::kRoomy);
    for (int i = 0; i < 20; ++i) {
      const absl::Status status = store_->Commit(GroupOf(++acknowledged));
      ASSERT_TRUE(status.ok()) << status;
    }
    disk_->set_room(1000 * round);
    while (store_->Commit(GroupOf(acknowledged + 1)).ok()) ++acknowledged;
  }
  disk_->set_room(fakes::SmallDisk::kRoomy);
  EXPECT_TRUE(store_->Commit(GroupOf(++acknowledged)).ok());
  EXPECT_EQ(FramesIn(*store_), acknowledged);
}

TEST_F(FullDisk, WaitsForReadersBeforeItGoesOn) {
  Open();
  disk_->set_room(10'000);
  const int acknowledged = FillDisk();
  ASSERT_GT(acknowledged, 1);
  disk_->set_room(fakes::SmallDisk::kRoomy);
  int frames = 0;
  ASSERT_TRUE(store_->media()
                  .ReadFrames(IdOf(1), {0, 0},
                              [&](const FrameRecord& frame) {
                                EXPECT_EQ(frame.time_ns, ++frames);
                                const absl::Status status =
                                    store_->Commit(GroupOf(acknowledged + 1));
                                EXPECT_TRUE(absl::IsUnavailable(status))
                                    << status;
                                return frames < 2;
                              })
                  .ok());
  EXPECT_TRUE(store_->Commit(GroupOf(acknowledged + 1)).ok());
  EXPECT_EQ(FramesIn(*store_), acknowledged + 1);
}

TEST_F(FullDisk, KeepsNoLogOfRocksDbBesideTheData) {
  Open();
  ASSERT_TRUE(store_->Commit(GroupOf(1)).ok());
  EXPECT_FALSE(std::filesystem::exists(data() + "/LOG"));
}

}  // namespace
}  // namespace callbraid::collector
