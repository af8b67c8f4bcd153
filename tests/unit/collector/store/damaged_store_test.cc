// Bits of the tables that turned on the disk: what they held is never served as
// if it were whole, and everything else goes on.
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "collector/ingest/observation_folder.h"
#include "collector/store/rocksdb_store.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/collector/store/old_calls.h"

namespace callbraid::collector {
namespace {

namespace fs = std::filesystem;
using fakes::kSecond;

constexpr int kStreams = 300;
constexpr uint32_t kPackets = 50;

fakes::Stream StreamNumber(int number) {
  fakes::Stream stream;
  stream.ssrc = static_cast<uint32_t>(number + 1);
  return stream;
}

class DamagedStore : public testing::Test {
 protected:
  void Open() {
    store_ = nullptr;
    auto opened = RocksDbStore::Open(data_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  // Packets [begin, begin + kPackets) of each stream.
  void Ingest(uint32_t begin) {
    ObservationFolder folder(*store_);
    CommitGroup group;
    for (int i = 0; i < kStreams; ++i) {
      const auto folded = folder.Fold(
          origin_, StreamNumber(i).Run(begin, begin + kPackets), group);
      ASSERT_TRUE(folded.ok()) << folded.status();
      ASSERT_EQ(*folded, FoldResult::kStored);
    }
    folder.Collect(group);
    for (const ObservationUpsert& upsert : group.observations) {
      ids_.insert(upsert.id);
    }
    group.watermarks = {{"s1", 1, begin + 1}};
    const absl::Status status = store_->Commit(group);
    ASSERT_TRUE(status.ok()) << status;
  }

  // Turns a bit in every so many bytes of all tables.
  void Damage(size_t step) {
    store_ = nullptr;
    int tables = 0;
    for (const auto& entry : fs::directory_iterator(data_)) {
      if (entry.path().extension() != ".sst") continue;
      const auto size = static_cast<size_t>(fs::file_size(entry.path()));
      std::fstream file(entry.path(),
                        std::ios::in | std::ios::out | std::ios::binary);
      // Not what is needed to open the table at all: that is at its end.
      for (size_t at = step / 2; at + 4096 < size; at += step) {
        file.seekg(static_cast<std::streamoff>(at));
        const auto byte = static_cast<char>(file.get() ^ 0x10);
        file.seekp(static_cast<std::streamoff>(at));
        file.put(byte);
      }
      ++tables;
    }
    ASSERT_GT(tables, 0);
  }

  // How many of the observations read as they were written, and how many say
  // that they are damaged; any other answer is wrong.
  std::pair<int, int> CountObservations(uint32_t packets) {
    std::pair<int, int> counts;
    for (const ObservationId& id : ids_) {
      const auto stored = store_->facts().GetCommitted(id);
      if (absl::IsDataLoss(stored.status())) {
        ++counts.second;
        continue;
      }
      EXPECT_TRUE(stored.ok()) << stored.status();
      if (!stored.ok()) continue;
      EXPECT_EQ(stored->tally.statistics().packets(), packets);
      ++counts.first;
    }
    return counts;
  }

  const fakes::TempDir dir_;
  const std::string data_ = dir_.path() + "/data";
  const std::string name_ = "s1";
  const FrameOrigin origin_{name_, name_, name_};
  std::set<ObservationId> ids_;
  std::unique_ptr<RocksDbStore> store_;
};

TEST_F(DamagedStore, SaysSoOfWhatIsDamagedAndServesTheRest) {
  Open();
  Ingest(0);
  Open();  // Puts all that is in the log into tables.
  EXPECT_EQ(CountObservations(kPackets), std::pair(kStreams, 0));
  Damage(40'000);
  Open();
  const auto [whole, damaged] = CountObservations(kPackets);
  EXPECT_GT(whole, 0);
  EXPECT_GT(damaged, 0);
  int frames = 0;
  int losses = 0;
  for (const ObservationId& id : ids_) {
    const auto stored = store_->facts().GetCommitted(id);
    if (!stored.ok()) continue;
    const absl::Status status = store_->media().ReadFrames(
        id,
        {stored->tally.bucket_ranges().begin(),
         stored->tally.bucket_ranges().end()},
        [&](const FrameRecord& frame) {
          v1::CallFrame parsed;
          EXPECT_TRUE(parsed.ParseFromString(frame.frame));
          EXPECT_EQ(parsed.media().packet_count(), kPackets);
          ++frames;
          return true;
        });
    if (status.ok()) continue;
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    ++losses;
  }
  EXPECT_GT(frames, 0);
  EXPECT_GT(losses, 0);
}

TEST_F(DamagedStore, GoesOnTakingFramesForWhatIsDamaged) {
  Open();
  Ingest(0);
  Open();
  Damage(16'384);
  Open();
  Ingest(kPackets);
  for (const ObservationId& id : ids_) {
    const auto stored = store_->facts().GetCommitted(id);
    ASSERT_TRUE(stored.ok()) << stored.status();
    const uint32_t packets = stored->tally.statistics().packets();
    EXPECT_TRUE(packets == kPackets || packets == 2 * kPackets) << packets;
  }
  EXPECT_EQ(*store_->coordination().GetWatermark("s1", 1), kPackets + 1);
}

TEST_F(DamagedStore, RoomIsMadeOfWhatIsDamagedToo) {
  Open();
  Ingest(0);
  Open();
  Damage(16'384);
  Open();
  // Of what is unsettled nothing may go; what is damaged cannot be told.
  CallChange settled;
  settled.read_at = store_->facts().LastCommit();
  settled.settled = {ids_.begin(), ids_.end()};
  ASSERT_TRUE(store_->facts().ApplyCalls(settled).ok());
  RetentionStore& retention = store_->retention();
  const auto use = retention.Use();
  ASSERT_TRUE(use.ok()) << use.status();
  ASSERT_TRUE(use->oldest_media_ns.has_value());
  const int64_t behind_ns = 4600 * kSecond;
  const auto dropped =
      retention.DropOldest(uint64_t{1} << 40, behind_ns, behind_ns);
  ASSERT_TRUE(dropped.ok()) << dropped.status();
  EXPECT_EQ(*dropped, behind_ns);
  EXPECT_FALSE(retention.Use()->oldest_media_ns.has_value());
}

TEST_F(DamagedStore, OldCallsBehindWhatIsDamagedAreFound) {
  constexpr int64_t kHour = 3600 * kSecond;
  constexpr int kCalls = 3000;
  Open();
  CallChange change;
  for (int hour = 0; hour < kCalls; ++hour) {
    change.records.push_back(OldCall{.start_ns = hour * kHour}.Record());
  }
  ASSERT_TRUE(store_->facts().ApplyCalls(change).ok());
  Open();
  Damage(40'000);
  Open();
  int seen = 0;
  int64_t last_ns = 0;
  const absl::Status visited = store_->retention().VisitCalls(
      std::nullopt, kCalls * kHour,
      [&](const CallPosition& position, const store::v1::CallIndexEntry&) {
        EXPECT_GE(position.start_ns, last_ns);
        last_ns = position.start_ns;
        return ++seen > 0;
      });
  EXPECT_TRUE(visited.ok()) << visited;
  EXPECT_GT(seen, kCalls / 2);
  EXPECT_LT(seen, kCalls);
  EXPECT_GT(last_ns, (kCalls - 200) * kHour);
}

}  // namespace
}  // namespace callbraid::collector
