#include "sensor/spool/kept_media.h"

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sensor/spool/spool_sink.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::sensor {
namespace {

namespace fs = std::filesystem;
using fakes::kMs;
using ::testing::ElementsAre;

class KeptMediaTest : public testing::Test {
 protected:
  void SetUp() override {
    SpoolOptions options;
    options.dir = dir_.path() + "/media";
    media_ = *Spool::Open(options);
    SpoolWriterOptions writer;
    writer.thread_name = "media";
    media_writer_ = std::make_shared<SpoolWriter>(writer, *media_, clock_);
  }

  void Open(uint64_t limit_bytes = uint64_t{64} << 20,
            absl::Duration retry_interval = absl::Milliseconds(5),
            absl::Duration keep_for = absl::InfiniteDuration()) {
    SpoolOptions options;
    options.dir = dir_.path() + "/kept";
    options.lane = v1::SPOOL_LANE_KEPT_MEDIA;
    options.limit_bytes = limit_bytes;
    SpoolWriterOptions writer;
    writer.thread_name = "kept";
    writer.sync_interval = absl::Milliseconds(5);
    writer.retry_interval = retry_interval;
    auto kept = KeptMedia::Open(
        options, writer, keep_for,
        [this] {
          while (is_held_up_) absl::SleepFor(absl::Milliseconds(1));
          return media_writer_;
        },
        clock_);
    ASSERT_TRUE(kept.ok()) << kept.status();
    kept_ = *std::move(kept);
  }

  // Half a second of `stream` each, from the first on.
  void Keep(const fakes::Stream& stream, uint32_t chunks) {
    HandOver(stream, 0, chunks);
    WaitForTheDisk();
  }
  void HandOver(const fakes::Stream& stream, uint32_t begin, uint32_t end) {
    SpoolSink sink({nullptr, nullptr, nullptr, kept_->writer()},
                   absl::ZeroDuration(), clock_);
    for (uint32_t i = begin; i < end; ++i) {
      v1::CallFrame frame = stream.Run(25 * i, 25 * i + 25);
      frame.mutable_media()->set_was_kept(true);
      sink.OnFrame(v1::SPOOL_LANE_KEPT_MEDIA, frame);
      sink.Flush();
      // No more than its queue holds.
      if (i % 32 == 31) WaitForTheDisk();
    }
  }
  void WaitForTheDisk() {
    while (kept_->writer()->synced() < kept_->writer()->handed_over()) {
      absl::SleepFor(absl::Milliseconds(2));
    }
  }

  // No file can be made meanwhile.
  void TakeTheDiskAway() {
    fs::rename(dir_.path() + "/kept", dir_.path() + "/away");
  }
  void GiveTheDiskBack() {
    fs::rename(dir_.path() + "/away", dir_.path() + "/kept");
  }
  bool BecomesWell(bool well) {
    for (int turn = 0; turn < 2000 && kept_->is_well() != well; ++turn) {
      absl::SleepFor(absl::Milliseconds(5));
    }
    return kept_->is_well() == well;
  }

  // Packets `begin` up to `end` of it.
  static KeptMedia::Gap GapOf(const fakes::Stream& stream, uint32_t begin,
                              uint32_t end) {
    return {{0, {stream.source, stream.destination}, stream.ssrc},
            static_cast<uint16_t>(stream.first_sequence + begin),
            end - begin,
            stream.start_ns + begin * 20 * kMs};
  }

  // First sequence numbers of what was handed on, once it is so much.
  std::vector<uint32_t> HandedOn(size_t count) {
    std::vector<uint32_t> numbers;
    uint64_t next = 1;
    for (int turn = 0; turn < 2000 && numbers.size() < count; ++turn) {
      absl::SleepFor(absl::Milliseconds(5));
      while (const auto read = media_->Read(next)) {
        v1::FrameBatch batch;
        EXPECT_TRUE(batch.ParseFromString(*read->frames));
        for (const v1::CallFrame& frame : batch.frames()) {
          EXPECT_TRUE(frame.media().was_kept());
          EXPECT_FALSE(frame.media().payload().empty());
          numbers.push_back(frame.media().first_sequence());
        }
        next = read->next_sequence();
      }
    }
    return numbers;
  }

  static fakes::Stream StreamOf(uint32_t ssrc) {
    fakes::Stream stream;
    stream.ssrc = ssrc;
    stream.first_sequence = 100;
    return stream;
  }

  const SystemClock clock_{};
  fakes::TempDir dir_;
  std::unique_ptr<Spool> media_;
  std::shared_ptr<SpoolWriter> media_writer_;
  // Nothing can be handed on.
  std::atomic<bool> is_held_up_ = false;
  std::unique_ptr<KeptMedia> kept_;
};

TEST_F(KeptMediaTest, HandsOnWhatIsAskedForAndNothingElse) {
  Open();
  Keep(StreamOf(1), 6);
  Keep(StreamOf(2), 6);
  kept_->Deliver(GapOf(StreamOf(3), 0, 1000));
  kept_->Deliver(GapOf(StreamOf(1), 30, 80));
  EXPECT_THAT(HandedOn(3), ElementsAre(125, 150, 175));
}

TEST_F(KeptMediaTest, HandsOnOnceWhatIsAskedForAgainMeanwhile) {
  Open();
  Keep(StreamOf(1), 4);
  is_held_up_ = true;
  for (int i = 0; i < 3; ++i) {
    kept_->Deliver(GapOf(StreamOf(1), 0, 25));
    kept_->Deliver(GapOf(StreamOf(1), 25, 50));
  }
  kept_->Deliver(GapOf(StreamOf(1), 50, 75));
  is_held_up_ = false;
  EXPECT_THAT(HandedOn(3), ElementsAre(100, 125, 150));
  kept_->Deliver(GapOf(StreamOf(1), 0, 25));
  EXPECT_THAT(HandedOn(4), ElementsAre(100, 125, 150, 100));
}

TEST_F(KeptMediaTest, KnowsWhatAnEarlierProcessKept) {
  Open();
  Keep(StreamOf(1), 3);
  kept_.reset();
  Open();
  EXPECT_FALSE(kept_->empty());
  kept_->Deliver(GapOf(StreamOf(1), 0, 26));
  EXPECT_THAT(HandedOn(2), ElementsAre(100, 125));
}

TEST_F(KeptMediaTest, TheOldestMakesRoom) {
  Open(/*limit_bytes=*/uint64_t{1} << 20);
  // 4 kB each.
  Keep(StreamOf(1), 1000);
  kept_->Deliver(GapOf(StreamOf(1), 0, 25'000));
  kept_->Deliver(GapOf(StreamOf(1), 24'975, 25'000));
  const std::vector<uint32_t> numbers = HandedOn(100);
  EXPECT_GT(numbers.front(), 100u + 25 * 700);
  EXPECT_EQ(kept_->writer()->lost_frames(), 0u);
}

TEST_F(KeptMediaTest, LeavesWhatWaitsWhenItIsClosed) {
  Open();
  Keep(StreamOf(1), 1000);
  for (uint32_t i = 0; i < KeptMedia::kMaxGaps; ++i) {
    kept_->Deliver(GapOf(StreamOf(1), i, 25'000));
  }
  kept_->Close();
  media_writer_->Close();
  // Of eleven million chunks.
  EXPECT_LT(media_->State().next_sequence(), 1'000'000u);
}

// Nothing comes by which it could notice: all is sent while it is not well.
TEST_F(KeptMediaTest, GoesOnByItselfWhenTheDiskTakesSomethingAgain) {
  Open(/*limit_bytes=*/uint64_t{1} << 20);
  Keep(StreamOf(1), 2);
  EXPECT_TRUE(kept_->is_well());
  TakeTheDiskAway();
  // More than the file at hand may have.
  HandOver(StreamOf(1), 2, 20);
  ASSERT_TRUE(BecomesWell(false));
  GiveTheDiskBack();
  EXPECT_TRUE(BecomesWell(true));
  WaitForTheDisk();
  EXPECT_EQ(kept_->writer()->lost_frames(), 0u);
  kept_->Deliver(GapOf(StreamOf(1), 0, 500));
  EXPECT_EQ(HandedOn(20).size(), 20u);
}

TEST_F(KeptMediaTest, CanBeClosedWhileTheDiskTakesNothing) {
  Open(/*limit_bytes=*/uint64_t{1} << 20, /*retry_interval=*/absl::Hours(1));
  TakeTheDiskAway();
  HandOver(StreamOf(1), 0, 20);
  ASSERT_TRUE(BecomesWell(false));
  kept_->Close();
  EXPECT_GT(kept_->writer()->lost_frames(), 0u);
  GiveTheDiskBack();
}

// The streams of these tests are of 1970.
TEST_F(KeptMediaTest, DropsWhatIsOldOnceNoMoreIsKept) {
  Open();
  Keep(StreamOf(1), 3);
  kept_->Deliver(GapOf(StreamOf(1), 0, 25));
  EXPECT_THAT(HandedOn(1), ElementsAre(100));
  EXPECT_FALSE(kept_->empty());
  kept_.reset();
  Open(uint64_t{64} << 20, absl::Seconds(1), KeptMedia::kExpiry);
  for (int turn = 0; turn < 2000 && !kept_->empty(); ++turn) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_TRUE(kept_->empty());
  kept_.reset();
  for (const auto& entry : fs::directory_iterator(dir_.path() + "/kept")) {
    EXPECT_NE(entry.path().extension(), ".seg");
  }
}

}  // namespace
}  // namespace callbraid::sensor
