#include "sensor/spool/spool_series.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr uint64_t kMib = uint64_t{1} << 20;

class SpoolSeriesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "seriesXXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override {
    series_ = nullptr;
    fs::remove_all(dir_);
  }

  void OpenSpare(uint64_t limit_bytes) {
    SpoolOptions options;
    options.dir = dir_ + "/spare";
    options.lane = v1::SPOOL_LANE_SPARE_MEDIA;
    options.limit_bytes = limit_bytes;
    auto opened = Spool::Open(std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    spare_ = *std::move(opened);
  }
  // As the spare spool's writer does.
  void WriteSpare(int buffers) {
    for (int i = 0; i < buffers; ++i) {
      spare_->set_limit_bytes(series_->room_for_spare());
      ASSERT_TRUE(
          spare_->Append(std::make_shared<const std::string>(64 << 10, 's'), 1)
              .ok());
    }
  }

  void Open(uint64_t limit_bytes = 64 * kMib, bool lossless = false) {
    series_ = nullptr;
    SpoolOptions options;
    options.dir = dir_ + "/media";
    options.lane = v1::SPOOL_LANE_MEDIA;
    options.limit_bytes = limit_bytes;
    SpoolWriterOptions writer;
    writer.thread_name = "test";
    writer.lossless = lossless;
    auto opened = SpoolSeries::Open(std::move(options), writer, clock_, spare_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    series_ = *std::move(opened);
  }

  // So many buffers of 64 KiB, each one frame, to the newest spool.
  void Write(int buffers) {
    const auto writer = series_->writer();
    const auto spool = series_->spools().front();
    for (int i = 0; i < buffers; ++i) {
      const uint64_t next = spool->State().next_sequence();
      writer->Write({std::string(64 << 10, 'm'), 1});
      while (spool->State().next_sequence() == next) {
      }
    }
  }
  static void Deliver(Spool& spool) {
    spool.Ack(spool.State().next_sequence() - 1);
  }

  std::vector<std::string> Folders() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_)) {
      names.push_back(entry.path().filename());
    }
    return names;
  }

  const SystemClock clock_{};
  std::string dir_;
  std::shared_ptr<Spool> spare_;
  std::unique_ptr<SpoolSeries> series_;
};

TEST_F(SpoolSeriesTest, IsOneSpoolAsLongAsAllIsDelivered) {
  Open();
  EXPECT_EQ(series_->number(), 1u);
  Write(3);
  EXPECT_FALSE(series_->SetBacklogApart());
  EXPECT_EQ(series_->pending_frames(), 3u);
  EXPECT_THAT(series_->spools(), SizeIs(1));
}

TEST_F(SpoolSeriesTest, PutsWhatComesAsideFromABacklog) {
  Open();
  Write(20);
  const auto backlog = series_->spools().front();
  EXPECT_TRUE(series_->SetBacklogApart());
  EXPECT_EQ(series_->number(), 2u);
  Write(2);
  const auto spools = series_->spools();
  ASSERT_THAT(spools, SizeIs(2));
  EXPECT_EQ(spools[0]->pending_frames(), 2u);
  EXPECT_EQ(spools[1], backlog);
  EXPECT_EQ(backlog->pending_frames(), 20u);
  EXPECT_EQ(series_->pending_frames(), 22u);
}

TEST_F(SpoolSeriesTest, RemovesASpoolWhenItIsDeliveredAndNobodyWritesToIt) {
  Open();
  Write(20);
  auto writer = series_->writer();
  const auto backlog = series_->spools().front();
  ASSERT_TRUE(series_->SetBacklogApart());
  series_->RemoveDelivered();
  EXPECT_THAT(series_->spools(), SizeIs(2));
  Deliver(*backlog);
  series_->RemoveDelivered();
  EXPECT_THAT(series_->spools(), SizeIs(2)) << "somebody still writes";
  writer = nullptr;
  series_->RemoveDelivered();
  EXPECT_THAT(series_->spools(), SizeIs(1));
  EXPECT_THAT(Folders(), ElementsAre("media-2"));
}

TEST_F(SpoolSeriesTest, KeepsWhatAnEarlierProcessLeftBesideWhatComes) {
  Open();
  Write(20);
  Open();
  EXPECT_EQ(series_->number(), 2u);
  ASSERT_THAT(series_->spools(), SizeIs(2));
  EXPECT_EQ(series_->spools()[1]->pending_frames(), 20u);
  Write(1);
  Open();
  // What is left of the second is less than a backlog.
  EXPECT_EQ(series_->number(), 2u);
  EXPECT_EQ(series_->pending_frames(), 21u);
  EXPECT_THAT(Folders(), UnorderedElementsAre("media", "media-2"));
}

TEST_F(SpoolSeriesTest, MakesNoMoreSpoolsThanACollectorTakes) {
  Open();
  for (size_t i = 1; i < SpoolSeries::kMostSpools; ++i) {
    Write(20);
    EXPECT_TRUE(series_->SetBacklogApart());
  }
  Write(20);
  EXPECT_FALSE(series_->SetBacklogApart());
  EXPECT_THAT(series_->spools(), SizeIs(SpoolSeries::kMostSpools));
}

TEST_F(SpoolSeriesTest, DiscardsTheOldestOfAllWhenTheRoomIsUsedUp) {
  Open(8 * kMib);
  Write(100);
  ASSERT_TRUE(series_->SetBacklogApart());
  Write(60);
  const auto spools = series_->spools();
  EXPECT_EQ(spools[0]->pending_frames(), 60u);
  EXPECT_LT(spools[1]->pending_frames(), 80u);
  EXPECT_GT(spools[1]->State().discarded_frames(), 20u);
  EXPECT_LE(spools[0]->bytes() + spools[1]->bytes(), 8 * kMib);
  Write(200);
  EXPECT_LE(spools[0]->bytes() + spools[1]->bytes(), 8 * kMib);
  EXPECT_GT(spools[0]->State().discarded_frames(), 0u);
}

TEST_F(SpoolSeriesTest, RemembersWhatASpoolDiscardedThatIsRemoved) {
  Open(8 * kMib);
  Write(200);
  const auto backlog = series_->spools().front();
  const uint64_t discarded = backlog->State().discarded_frames();
  ASSERT_GT(discarded, 0u);
  ASSERT_TRUE(series_->SetBacklogApart());
  Deliver(*backlog);
  series_->RemoveDelivered();
  ASSERT_THAT(series_->spools(), SizeIs(1));
  EXPECT_EQ(series_->spools().front()->State().discarded_frames(), discarded);
  EXPECT_EQ(backlog->State().discarded_frames(), 0u) << "it is counted once";
}

TEST_F(SpoolSeriesTest, SpareMediaHasTheRoomThatIsLeftAndGoesFirst) {
  constexpr uint64_t kLimit = 8 * kMib;
  OpenSpare(kLimit);
  Open(kLimit);
  const auto both = [this] {
    return spare_->bytes() + series_->spools().front()->bytes();
  };
  const auto media_lost = [this] {
    return series_->spools().front()->State().discarded_frames();
  };
  // As long as there is room it takes all that the series does not.
  WriteSpare(100);
  EXPECT_EQ(spare_->State().discarded_frames(), 0u);
  Write(40);
  EXPECT_LE(both(), kLimit);
  EXPECT_GT(spare_->State().discarded_frames(), 0u);
  EXPECT_GT(spare_->pending_frames(), 50u);
  WriteSpare(100);
  EXPECT_LE(both(), kLimit);
  EXPECT_EQ(media_lost(), 0u);
  // Then all of it goes but for the segment that grows, and media only then.
  Write(60);
  EXPECT_EQ(media_lost(), 0u);
  Write(100);
  EXPECT_LE(both(), kLimit);
  EXPECT_LE(spare_->pending_frames(), 2u);
  EXPECT_GT(media_lost(), 0u);
  EXPECT_GT(series_->pending_frames(), 110u);
  // Room that is free again is the spare media's again.
  Deliver(*series_->spools().front());
  WriteSpare(60);
  EXPECT_GT(spare_->pending_frames(), 50u);
}

TEST_F(SpoolSeriesTest, OnAFullDiskSpareMediaGoesFirstThenTheOldest) {
  OpenSpare(64 * kMib);
  Open(64 * kMib);
  Write(20);
  ASSERT_TRUE(series_->SetBacklogApart());
  Write(40);
  WriteSpare(40);
  const auto spools = series_->spools();
  const auto lost = [](Spool& spool) {
    return spool.State().discarded_frames();
  };
  while (spare_->pending_frames() > 16) {
    ASSERT_TRUE(series_->DiscardOldest());
    ASSERT_EQ(lost(*spools[0]) + lost(*spools[1]), 0u);
  }
  ASSERT_TRUE(series_->DiscardOldest());
  EXPECT_GT(lost(*spools[1]), 0u);
  EXPECT_EQ(lost(*spools[0]), 0u);
  while (series_->DiscardOldest()) {
  }
  EXPECT_GT(lost(*spools[0]), 0u);
  EXPECT_GT(series_->pending_frames(), 0u) << "the segment that grows stays";
}

TEST_F(SpoolSeriesTest, OfFilesIsOneSpool) {
  Open(64 * kMib, /*lossless=*/true);
  Write(20);
  EXPECT_FALSE(series_->SetBacklogApart());
}

}  // namespace
}  // namespace callbraid::sensor
