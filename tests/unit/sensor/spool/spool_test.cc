#include "sensor/spool/spool.h"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace callbraid::sensor {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// A folder that goes away with the test.
class SpoolTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "spoolXXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override { fs::remove_all(dir_); }

  SpoolOptions Options() const {
    SpoolOptions options;
    options.dir = dir_;
    options.lane = v1::SPOOL_LANE_SIGNALLING;
    return options;
  }

  // 4 segments of a kilobyte, nothing kept in memory.
  SpoolOptions TinyOptions() const {
    SpoolOptions options = Options();
    options.limit_bytes = 4096;
    options.segment_bytes = 1024;
    options.cache_bytes = 0;
    return options;
  }

  static std::unique_ptr<Spool> Open(const SpoolOptions& options) {
    auto spool = Spool::Open(options);
    EXPECT_TRUE(spool.ok()) << spool.status();
    return spool.ok() ? *std::move(spool) : nullptr;
  }

  static absl::Status Append(Spool& spool, std::string frames,
                             uint32_t count = 1) {
    return spool.Append(std::make_shared<const std::string>(std::move(frames)),
                        count);
  }

  // What is read from `sequence` on: "sequence:frames".
  static std::vector<std::string> ReadFrom(Spool& spool, uint64_t sequence) {
    std::vector<std::string> all;
    while (const auto batch = spool.Read(sequence)) {
      all.push_back(std::to_string(batch->first_sequence) + ":" +
                    *batch->frames);
      sequence = batch->next_sequence();
    }
    return all;
  }

  std::vector<fs::path> SegmentFiles() const {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(dir_)) {
      if (entry.path().extension() == ".seg") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  static std::string Contents(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static void Write(const fs::path& path, const std::string& contents) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << contents;
  }

  std::string dir_;
};

TEST_F(SpoolTest, GivesBackWhatWasAppendedInOrderFromOneOn) {
  const auto spool = Open(Options());
  ASSERT_TRUE(Append(*spool, "a").ok());
  ASSERT_TRUE(Append(*spool, "bc", 2).ok());
  ASSERT_TRUE(Append(*spool, "d").ok());
  EXPECT_THAT(ReadFrom(*spool, 1), testing::ElementsAre("1:a", "2:bc", "4:d"));
  EXPECT_EQ(spool->State().next_sequence(), 5u);
  EXPECT_EQ(spool->pending_frames(), 4u);
}

TEST_F(SpoolTest, ReadsTheBatchThatHoldsASequenceInItsMiddle) {
  const auto spool = Open(Options());
  ASSERT_TRUE(Append(*spool, "abc", 3).ok());
  EXPECT_THAT(ReadFrom(*spool, 3), testing::ElementsAre("1:abc"));
}

TEST_F(SpoolTest, ReadsTheSameFromDiskAsFromMemory) {
  SpoolOptions options = TinyOptions();
  options.limit_bytes = 1 << 20;
  const auto spool = Open(options);
  std::vector<std::string> expected;
  for (int i = 1; i <= 50; ++i) {
    const std::string frames(100, static_cast<char>('a' + i % 26));
    ASSERT_TRUE(Append(*spool, frames).ok());
    expected.push_back(std::to_string(i) + ":" + frames);
  }
  EXPECT_GT(SegmentFiles().size(), 4u);
  EXPECT_EQ(ReadFrom(*spool, 1), expected);
  // Again, as after a lost connection.
  EXPECT_EQ(ReadFrom(*spool, 1), expected);
}

TEST_F(SpoolTest, ReadsWhatIsAppendedAfterItCameToTheEnd) {
  const auto spool = Open(TinyOptions());
  ASSERT_TRUE(Append(*spool, "a").ok());
  EXPECT_THAT(ReadFrom(*spool, 1), SizeIs(1));
  EXPECT_FALSE(spool->Read(2));
  ASSERT_TRUE(Append(*spool, "b").ok());
  EXPECT_THAT(ReadFrom(*spool, 2), testing::ElementsAre("2:b"));
}

TEST_F(SpoolTest, KeepsIdAndSequencesWhenItIsOpenedAgain) {
  uint64_t id = 0;
  {
    const auto spool = Open(Options());
    id = spool->State().spool_id();
    EXPECT_NE(id, 0u);
    ASSERT_TRUE(Append(*spool, "a").ok());
    ASSERT_TRUE(Append(*spool, "b").ok());
    spool->Ack(1);
  }
  const auto spool = Open(Options());
  EXPECT_EQ(spool->State().spool_id(), id);
  EXPECT_EQ(spool->State().first_sequence(), 2u);
  EXPECT_EQ(spool->recovered_next_sequence(), 3u);
  ASSERT_TRUE(Append(*spool, "c").ok());
  EXPECT_THAT(ReadFrom(*spool, 2), testing::ElementsAre("2:b", "3:c"));
}

TEST_F(SpoolTest, GoesOnNumberingAfterEverythingWasAcknowledged) {
  {
    const auto spool = Open(Options());
    ASSERT_TRUE(Append(*spool, "abc", 3).ok());
    spool->Ack(3);
    EXPECT_EQ(spool->pending_frames(), 0u);
  }
  const auto spool = Open(Options());
  EXPECT_EQ(spool->State().first_sequence(), 4u);
  EXPECT_EQ(spool->State().next_sequence(), 4u);
  EXPECT_EQ(spool->pending_frames(), 0u);
}

TEST_F(SpoolTest, TwoSpoolsHaveDifferentIds) {
  SpoolOptions other = Options();
  other.dir += "/below/that";
  EXPECT_NE(Open(Options())->State().spool_id(),
            Open(other)->State().spool_id());
}

TEST_F(SpoolTest, RefusesASecondUserOfItsFolder) {
  const auto spool = Open(Options());
  const auto second = Spool::Open(Options());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("in use"));
}

TEST_F(SpoolTest, RecoversAllWholeRecordsWhereverTheFileIsTorn) {
  {
    const auto spool = Open(Options());
    ASSERT_TRUE(Append(*spool, "first").ok());
    ASSERT_TRUE(Append(*spool, "second").ok());
    ASSERT_TRUE(Append(*spool, "third").ok());
  }
  ASSERT_THAT(SegmentFiles(), SizeIs(1));
  const fs::path path = SegmentFiles().front();
  const std::string whole = Contents(path);
  const size_t ends[] = {kSegmentHeaderBytes + kRecordHeaderBytes + 5,
                         kSegmentHeaderBytes + 2 * kRecordHeaderBytes + 5 + 6,
                         whole.size()};
  ASSERT_EQ(ends[2], kSegmentHeaderBytes + 3 * kRecordHeaderBytes + 16);

  for (size_t size = 0; size <= whole.size(); ++size) {
    for (const auto& file : SegmentFiles()) fs::remove(file);
    Write(path, whole.substr(0, size));
    const auto spool = Open(Options());
    const size_t records = static_cast<size_t>(
        std::count_if(std::begin(ends), std::end(ends),
                      [size](size_t end) { return end <= size; }));
    EXPECT_THAT(ReadFrom(*spool, 1), SizeIs(records)) << size << " bytes";
    EXPECT_EQ(spool->State().next_sequence(), records + 1);
    // And it takes more.
    ASSERT_TRUE(Append(*spool, "more").ok());
    EXPECT_THAT(ReadFrom(*spool, records + 1),
                testing::ElementsAre(std::to_string(records + 1) + ":more"));
  }
}

TEST_F(SpoolTest, KnowsSinceWhenTheOldestFrameWaits) {
  const int64_t before_ns = absl::GetCurrentTimeNanos();
  auto spool = Open(Options());
  EXPECT_EQ(spool->State().waiting_since_ns(), 0);
  ASSERT_TRUE(Append(*spool, "a").ok());
  const int64_t since_ns = spool->State().waiting_since_ns();
  EXPECT_GE(since_ns, before_ns);
  EXPECT_LE(since_ns, absl::GetCurrentTimeNanos());
  ASSERT_TRUE(Append(*spool, "b").ok());
  EXPECT_EQ(spool->State().waiting_since_ns(), since_ns);
  spool->Ack(2);
  EXPECT_EQ(spool->State().waiting_since_ns(), 0);
  absl::SleepFor(absl::Milliseconds(1100));
  ASSERT_TRUE(Append(*spool, "c").ok());
  EXPECT_GE(spool->State().waiting_since_ns(), since_ns + 1'000'000'000);
  // The file's clock is that of the kernel's ticks.
  spool = nullptr;
  spool = Open(Options());
  EXPECT_GE(spool->State().waiting_since_ns(), before_ns - 100'000'000);
}

TEST_F(SpoolTest, RecoversUpToTheRecordInWhichAnyByteIsDamaged) {
  {
    const auto spool = Open(Options());
    ASSERT_TRUE(Append(*spool, "first").ok());
    ASSERT_TRUE(Append(*spool, "second").ok());
  }
  const fs::path path = SegmentFiles().front();
  const std::string whole = Contents(path);
  const size_t second = kSegmentHeaderBytes + kRecordHeaderBytes + 5;
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x40);
    Write(path, damaged);
    const auto spool = Open(Options());
    const size_t left = at < kSegmentHeaderBytes ? 0 : at < second ? 0 : 1;
    EXPECT_THAT(ReadFrom(*spool, 1), SizeIs(left)) << "byte " << at;
  }
}

TEST_F(SpoolTest, GoesOnWithTheNextSegmentAfterADamagedOne) {
  SpoolOptions options = TinyOptions();
  options.limit_bytes = 1 << 20;
  {
    const auto spool = Open(options);
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(Append(*spool, std::string(200, 'x')).ok());
    }
  }
  const auto files = SegmentFiles();
  ASSERT_GT(files.size(), 3u);
  const uint64_t third = *ParseSegmentName(files[2].filename().string());
  std::string contents = Contents(files[1]);
  contents[kSegmentHeaderBytes + kRecordHeaderBytes] = '!';
  Write(files[1], contents);

  const auto spool = Open(options);
  const uint64_t second = *ParseSegmentName(files[1].filename().string());
  const auto last_before = spool->Read(second - 1);
  ASSERT_TRUE(last_before);
  EXPECT_EQ(last_before->first_sequence, second - 1);
  const auto after = spool->Read(second);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->first_sequence, third);
  EXPECT_EQ(spool->State().discarded_frames(), third - second);
  // Counted once.
  EXPECT_TRUE(spool->Read(second));
  EXPECT_EQ(spool->State().discarded_frames(), third - second);
}

TEST_F(SpoolTest, HasNothingPendingWhenOnlyDamagedFramesAreLeft) {
  const auto spool = Open(TinyOptions());
  ASSERT_TRUE(Append(*spool, "a").ok());
  Write(SegmentFiles().front(), "");
  EXPECT_FALSE(spool->Read(1));
  EXPECT_EQ(spool->pending_frames(), 0u);
  EXPECT_EQ(spool->State().discarded_frames(), 1u);
}

// A folder in the place of a file can be opened, and not be read.
class UnreadableSpoolTest : public SpoolTest {
 protected:
  void HideSegment() {
    path_ = SegmentFiles().back();
    fs::rename(path_, dir_ + "/hidden");
    fs::create_directory(path_);
  }
  void ShowSegment() {
    fs::remove(path_);
    fs::rename(dir_ + "/hidden", path_);
  }

 private:
  fs::path path_;
};

TEST_F(UnreadableSpoolTest, TriesAgainWhatTheDiskCouldNotRead) {
  const auto spool = Open(TinyOptions());
  ASSERT_TRUE(Append(*spool, "a").ok());
  HideSegment();
  EXPECT_FALSE(spool->Read(1));
  EXPECT_EQ(spool->pending_frames(), 1u);
  ShowSegment();
  EXPECT_THAT(ReadFrom(*spool, 1), testing::ElementsAre("1:a"));
  EXPECT_EQ(spool->State().discarded_frames(), 0u);
}

TEST_F(UnreadableSpoolTest, GivesUpWhatTheDiskHasNotReadForAMinute) {
  fakes::FakeClock clock;
  SpoolOptions options = TinyOptions();
  options.clock = &clock;
  const auto spool = Open(options);
  ASSERT_TRUE(Append(*spool, "a").ok());
  HideSegment();
  EXPECT_FALSE(spool->Read(1));
  clock.Advance(59'000'000'000);
  EXPECT_FALSE(spool->Read(1));
  EXPECT_EQ(spool->pending_frames(), 1u);
  clock.Advance(1'000'000'000);
  EXPECT_FALSE(spool->Read(1));
  EXPECT_EQ(spool->pending_frames(), 0u);
  EXPECT_EQ(spool->State().discarded_frames(), 1u);
  ShowSegment();
}

TEST_F(UnreadableSpoolTest, TakesNothingForTornThatTheDiskCannotRead) {
  ASSERT_TRUE(Append(*Open(Options()), "a").ok());
  HideSegment();
  const auto refused = Spool::Open(Options());
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("move that file away"));
  ShowSegment();
  EXPECT_THAT(ReadFrom(*Open(Options()), 1), testing::ElementsAre("1:a"));
}

TEST_F(SpoolTest, BeginsASegmentOverOneThatCouldNotBeRemoved) {
  const auto spool = Open(Options());
  Write(SegmentPath(dir_, 1), "left when neither write nor unlink worked");
  ASSERT_TRUE(Append(*spool, "a").ok());
  EXPECT_THAT(ReadFrom(*spool, 1), testing::ElementsAre("1:a"));
}

TEST_F(SpoolTest, DiscardsTheOldestSegmentWhenItIsFullAndCountsIt) {
  const auto spool = Open(TinyOptions());
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(Append(*spool, std::string(200, 'x'), 2).ok());
    EXPECT_LE(spool->State().bytes(), 4096u);
  }
  const v1::SpoolState state = spool->State();
  EXPECT_EQ(state.next_sequence(), 81u);
  EXPECT_GT(state.first_sequence(), 1u);
  EXPECT_EQ(state.discarded_frames(), state.first_sequence() - 1);
  const auto oldest = spool->Read(1);
  ASSERT_TRUE(oldest);
  EXPECT_EQ(oldest->first_sequence, state.first_sequence());
}

TEST_F(SpoolTest, DiscardsNoFrameThatIsAcknowledged) {
  const auto spool = Open(TinyOptions());
  for (int i = 1; i <= 40; ++i) {
    ASSERT_TRUE(Append(*spool, std::string(200, 'x')).ok());
    spool->Ack(static_cast<uint64_t>(i));
  }
  EXPECT_EQ(spool->State().discarded_frames(), 0u);
}

TEST_F(SpoolTest, FreesSegmentsWhenTheyAreAcknowledged) {
  const auto spool = Open(TinyOptions());
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(Append(*spool, std::string(200, 'x')).ok());
  }
  const size_t before = SegmentFiles().size();
  ASSERT_GE(before, 3u);
  const uint64_t second = *ParseSegmentName(SegmentFiles()[1].filename());
  spool->Ack(second - 2);
  EXPECT_THAT(SegmentFiles(), SizeIs(before));
  spool->Ack(second - 1);
  EXPECT_THAT(SegmentFiles(), SizeIs(before - 1));
  spool->Ack(12);
  EXPECT_THAT(SegmentFiles(), SizeIs(1));
  EXPECT_EQ(spool->pending_frames(), 0u);
}

TEST_F(SpoolTest, BelievesNoAckOfWhatItNeverHad) {
  const auto spool = Open(Options());
  ASSERT_TRUE(Append(*spool, "a").ok());
  spool->Ack(UINT64_MAX);
  ASSERT_TRUE(Append(*spool, "b").ok());
  EXPECT_EQ(spool->pending_frames(), 1u);
  EXPECT_THAT(ReadFrom(*spool, 2), testing::ElementsAre("2:b"));
  EXPECT_FALSE(spool->Read(UINT64_MAX));
}

TEST_F(SpoolTest, NumbersFramesThatWereLostBeforeTheyCame) {
  const auto spool = Open(TinyOptions());
  ASSERT_TRUE(Append(*spool, "a").ok());
  spool->Lose(5);
  ASSERT_TRUE(Append(*spool, "b").ok());
  EXPECT_THAT(ReadFrom(*spool, 1), testing::ElementsAre("1:a", "7:b"));
  EXPECT_THAT(ReadFrom(*spool, 2), testing::ElementsAre("7:b"));
  EXPECT_EQ(spool->State().discarded_frames(), 5u);
}

TEST_F(SpoolTest, WaitsForNothingWhenOnlyLostFramesFollow) {
  const auto spool = Open(Options());
  ASSERT_TRUE(Append(*spool, "a").ok());
  spool->Lose(5);
  spool->Ack(1);
  EXPECT_EQ(spool->pending_frames(), 0u);
}

TEST_F(SpoolTest, RefusesToAppendWhenTheDiskIsFullAndRecovers) {
  // What a full disk does to write(): some of it is written, then an error.
  const auto spool = Open(Options());
  ASSERT_TRUE(Append(*spool, "a").ok());
  const auto previous_handler = signal(SIGXFSZ, SIG_IGN);
  rlimit unlimited = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
  rlimit full = unlimited;
  full.rlim_cur = fs::file_size(SegmentFiles().front()) + 10;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  const absl::Status refused = Append(*spool, std::string(1000, 'x'));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
  signal(SIGXFSZ, previous_handler);

  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(spool->State().next_sequence(), 2u);
  ASSERT_TRUE(Append(*spool, "b").ok());
  EXPECT_THAT(ReadFrom(*spool, 1), testing::ElementsAre("1:a", "2:b"));
  spool->Ack(0);
  const std::string contents = Contents(SegmentFiles().front());
  EXPECT_EQ(contents.size(), kSegmentHeaderBytes + 2 * kRecordHeaderBytes + 2);
}

TEST_F(SpoolTest,
       GivesBackItsLastSegmentWhenTheDiskIsFullAndAllIsAcknowledged) {
  const auto previous_handler = signal(SIGXFSZ, SIG_IGN);
  rlimit unlimited = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
  // A disk of less than a segment.
  rlimit full = unlimited;
  full.rlim_cur = 2500;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  {
    const auto spool = Open(Options());
    EXPECT_TRUE(Append(*spool, std::string(1000, 'x')).ok());
    EXPECT_TRUE(Append(*spool, std::string(1000, 'y')).ok());
    EXPECT_FALSE(Append(*spool, std::string(1000, 'z')).ok());
    spool->Ack(1);
    EXPECT_FALSE(Append(*spool, std::string(1000, 'z')).ok());
    EXPECT_EQ(ReadFrom(*spool, 2).size(), 1u);
    spool->Ack(2);
    EXPECT_FALSE(Append(*spool, std::string(1000, 'z')).ok());
    EXPECT_THAT(SegmentFiles(), SizeIs(0));
    EXPECT_TRUE(Append(*spool, "z").ok());
    EXPECT_THAT(ReadFrom(*spool, 3), testing::ElementsAre("3:z"));
    EXPECT_EQ(spool->pending_frames(), 1u);
    spool->Ack(3);
    EXPECT_FALSE(Append(*spool, std::string(3000, 'z')).ok());
  }
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
  signal(SIGXFSZ, previous_handler);
  EXPECT_EQ(Open(Options())->State().next_sequence(), 4u);
}

TEST_F(SpoolTest, IsClearedOfAllThatItHas) {
  const auto spool = Open(TinyOptions());
  for (const char* frame : {"a", "b", "c"}) {
    ASSERT_TRUE(Append(*spool, frame).ok());
  }
  spool->Clear();
  EXPECT_EQ(spool->bytes(), 0u);
  EXPECT_EQ(spool->pending_frames(), 0u);
  EXPECT_THAT(SegmentFiles(), SizeIs(0));
  EXPECT_EQ(spool->State().discarded_frames(), 0u);
  ASSERT_TRUE(Append(*spool, "d").ok());
  EXPECT_THAT(ReadFrom(*spool, 1), testing::ElementsAre("4:d"));
}

TEST_F(SpoolTest, SaysWhenItsFolderIsALinkToNowhere) {
  fs::create_symlink(dir_ + "/nowhere", dir_ + "/link");
  SpoolOptions options = Options();
  options.dir = dir_ + "/link/signalling";
  const auto spool = Spool::Open(options);
  EXPECT_THAT(std::string(spool.status().message()),
              HasSubstr("/link is a link to what does not exist"));
}

TEST_F(SpoolTest, RoomComesFromAcks) {
  const auto spool = Open(TinyOptions());
  uint64_t last = 0;
  while (spool->WaitForRoom(200, absl::ZeroDuration())) {
    ASSERT_TRUE(Append(*spool, std::string(200, 'x')).ok());
    ++last;
    ASSERT_LT(last, 100u);
  }
  EXPECT_EQ(spool->State().discarded_frames(), 0u);
  EXPECT_GT(last, 10u);
  std::thread collector([&] { spool->Ack(last / 2); });
  EXPECT_TRUE(spool->WaitForRoom(200, absl::Seconds(60)));
  collector.join();
}

TEST_F(SpoolTest, HasRoomForAnythingWhenAllIsAcknowledged) {
  const auto spool = Open(TinyOptions());
  ASSERT_TRUE(Append(*spool, std::string(3000, 'x')).ok());
  EXPECT_FALSE(spool->WaitForRoom(3000, absl::ZeroDuration()));
  spool->Ack(1);
  EXPECT_TRUE(spool->WaitForRoom(3000, absl::ZeroDuration()));
}

TEST_F(SpoolTest, RenewedItNamesOnlyWhatCameSinceItWasOpened) {
  uint64_t id = 0;
  {
    const auto spool = Open(Options());
    id = spool->State().spool_id();
    ASSERT_TRUE(Append(*spool, "old").ok());
  }
  auto spool = Open(Options());
  ASSERT_TRUE(Append(*spool, "new").ok());
  ASSERT_TRUE(Append(*spool, "newer").ok());
  ASSERT_TRUE(spool->Renew().ok());
  EXPECT_NE(spool->State().spool_id(), id);
  EXPECT_EQ(spool->recovered_next_sequence(), 1u);
  EXPECT_THAT(ReadFrom(*spool, 1), testing::ElementsAre("1:new", "2:newer"));
  id = spool->State().spool_id();
  spool->Ack(1);

  // All of which it remembers.
  spool = nullptr;
  spool = Open(Options());
  EXPECT_EQ(spool->State().spool_id(), id);
  EXPECT_EQ(spool->State().first_sequence(), 2u);
  EXPECT_THAT(ReadFrom(*spool, 2), testing::ElementsAre("2:newer"));
}

TEST_F(SpoolTest, RemembersSinceWhenItHasNotHeardTheCollector) {
  {
    const auto spool = Open(Options());
    ASSERT_TRUE(spool->Confirm().ok());
    ASSERT_TRUE(Append(*spool, "a").ok());
  }
  // Two starts in a row without a collector.
  for (int start = 0; start < 2; ++start) {
    const auto spool = Open(Options());
    EXPECT_EQ(spool->recovered_next_sequence(), 2u);
    ASSERT_TRUE(Append(*spool, "b").ok());
  }
  {
    const auto spool = Open(Options());
    ASSERT_TRUE(spool->Confirm().ok());
  }
  EXPECT_EQ(Open(Options())->recovered_next_sequence(), 4u);
}

TEST_F(SpoolTest, GetsANewIdWhenItsMetaFileIsGone) {
  uint64_t id = 0;
  {
    const auto spool = Open(Options());
    id = spool->State().spool_id();
    ASSERT_TRUE(Append(*spool, "a").ok());
  }
  fs::remove(dir_ + "/meta");
  const auto spool = Open(Options());
  EXPECT_NE(spool->State().spool_id(), id);
  EXPECT_THAT(ReadFrom(*spool, 1), testing::ElementsAre("1:a"));
}

TEST_F(SpoolTest, RefusesAFolderOfALaterVersion) {
  Open(Options()).reset();
  std::string meta = Contents(dir_ + "/meta");
  meta[7] = 2;
  Write(dir_ + "/meta", meta);
  const auto spool = Spool::Open(Options());
  EXPECT_EQ(spool.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(spool.status().message()), HasSubstr("later"));
}

TEST_F(SpoolTest, OneThreadAppendsWhileAnotherReadsAndAcknowledges) {
  SpoolOptions options = TinyOptions();
  options.limit_bytes = 16 << 10;
  options.cache_bytes = 2000;
  Wakeup appended;
  options.appended = &appended;
  const auto spool = Open(options);
  constexpr uint64_t kBatches = 2000;
  std::thread writer([&] {
    for (uint64_t i = 1; i <= kBatches; ++i) {
      while (!spool->WaitForRoom(100, absl::Seconds(1))) {
      }
      ASSERT_TRUE(Append(*spool, std::string(i % 97, 'x')).ok());
      if (i % 100 == 0) {
        ASSERT_TRUE(spool->Sync().ok());
      }
    }
  });
  uint64_t next = 1;
  while (next <= kBatches) {
    while (const auto batch = spool->Read(next)) {
      ASSERT_EQ(batch->first_sequence, next);
      ASSERT_EQ(batch->frames->size(), next % 97);
      next = batch->next_sequence();
      if (next % 7 == 0) spool->Ack(next - 1);
    }
    spool->Ack(next - 1);
    appended.Wait(absl::Milliseconds(100));
  }
  writer.join();
  EXPECT_EQ(spool->pending_frames(), 0u);
  EXPECT_EQ(spool->State().discarded_frames(), 0u);
}

}  // namespace
}  // namespace callbraid::sensor
