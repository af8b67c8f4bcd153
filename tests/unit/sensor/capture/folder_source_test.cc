#include "sensor/capture/folder_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/capture_file.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/packet_builder.h"
#include "tests/fakes/packet_recorder.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::sensor {
namespace {

namespace fs = std::filesystem;

using ::callbraid::fakes::Bytes;
using ::callbraid::fakes::CaptureFile;
using ::callbraid::fakes::PacketBuilder;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'600'000'000 * kSecond;

const Bytes kFrame = PacketBuilder().Payload(std::string(100, 'x')).Ethernet();

Bytes FileOf(int64_t time_ns) {
  return CaptureFile().Add(time_ns, kFrame).bytes();
}

class FolderSourceTest : public ::testing::Test {
 protected:
  FolderSourceTest() {
    fs::create_directory(path_);
    folder_.set_path(path_);
    Open();
  }
  void Open() {
    auto opened = FolderSource::Open(folder_, temp_.path() + "/read.log",
                                     config_, clock_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    source_ = *std::move(opened);
  }
  std::string PathOf(const std::string& name) { return path_ + "/" + name; }
  void Write(const std::string& name, const Bytes& bytes) {
    fakes::WriteFile(PathOf(name), bytes);
  }
  // The time of the last change, in seconds before now.
  void SetAge(const std::string& name, int64_t seconds) {
    const int64_t at = clock_.WallNs() / kSecond - seconds;
    const timespec times[2] = {{at, 0}, {at, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, PathOf(name).c_str(), times, 0), 0);
  }
  // Times of the packets that were read since, in seconds after kStart; what
  // was read becomes safe.
  std::vector<int64_t> Read() {
    recorder_.packets.clear();
    for (int i = 0; i < 8; ++i) {
      const auto more = source_->Read(recorder_);
      EXPECT_TRUE(more.ok() && *more);
      if (is_safe_ && source_->TakePart()) source_->PartIsSafe();
    }
    std::vector<int64_t> seconds;
    for (const auto& packet : recorder_.packets) {
      seconds.push_back((packet.packet.time_ns - kStart) / kSecond);
    }
    return seconds;
  }

  const fakes::TempDir temp_;
  const std::string path_ = temp_.path() + "/in";
  v1::FolderConfig folder_;
  v1::CaptureConfig config_;
  fakes::FakeClock clock_;
  fakes::PacketRecorder recorder_;
  std::unique_ptr<FolderSource> source_;
  bool is_safe_ = true;
};

TEST_F(FolderSourceTest, ReadsWhatIsThereInOrderOfTheLastChange) {
  Write("b.pcap", FileOf(kStart + 1 * kSecond));
  Write("a.pcap", FileOf(kStart + 2 * kSecond));
  Write("c.pcap", FileOf(kStart + 3 * kSecond));
  Write("d.pcap", FileOf(kStart + 4 * kSecond));
  SetAge("b.pcap", 100);
  SetAge("a.pcap", 90);
  SetAge("c.pcap", 80);
  SetAge("d.pcap", 80);
  EXPECT_THAT(Read(), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(Read(), IsEmpty());
  EXPECT_EQ(source_->counters().packets, 4u);
  EXPECT_EQ(source_->name(), "in");
}

TEST_F(FolderSourceTest, ReadsAFileWhenItsWriterHasClosedIt) {
  const Bytes bytes = FileOf(kStart);
  const int fd = open(PathOf("a.pcap").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_EQ(write(fd, bytes.data(), 30), 30);
  EXPECT_THAT(Read(), IsEmpty());
  const auto rest = static_cast<ssize_t>(bytes.size() - 30);
  ASSERT_EQ(write(fd, bytes.data() + 30, bytes.size() - 30), rest);
  EXPECT_THAT(Read(), IsEmpty());
  close(fd);
  EXPECT_THAT(Read(), ElementsAre(0));
}

TEST_F(FolderSourceTest, ReadsAFileThatIsRenamedIntoTheFolder) {
  fakes::WriteFile(temp_.path() + "/a.pcap", FileOf(kStart));
  EXPECT_THAT(Read(), IsEmpty());
  fs::rename(temp_.path() + "/a.pcap", PathOf("a.pcap"));
  EXPECT_THAT(Read(), ElementsAre(0));
}

TEST_F(FolderSourceTest, PassesOverHiddenNamesAndFolders) {
  Write(".a.pcap.x7", FileOf(kStart));
  fs::create_directory(PathOf("sub"));
  fakes::WriteFile(PathOf("sub/a.pcap"), FileOf(kStart));
  EXPECT_THAT(Read(), IsEmpty());
  fs::rename(PathOf(".a.pcap.x7"), PathOf("a.pcap"));
  EXPECT_THAT(Read(), ElementsAre(0));
}

TEST_F(FolderSourceTest, ReadsEachFileOnceAlsoOverRestarts) {
  Write("a.pcap", FileOf(kStart));
  EXPECT_THAT(Read(), ElementsAre(0));
  Open();
  EXPECT_THAT(Read(), IsEmpty());
  // The same name, written anew, is another file.
  Write("a.pcap", FileOf(kStart + 5 * kSecond));
  SetAge("a.pcap", 2);
  EXPECT_THAT(Read(), ElementsAre(5));
}

TEST_F(FolderSourceTest, ReadsAgainWhatWasNotSafe) {
  is_safe_ = false;
  Write("a.pcap", FileOf(kStart));
  SetAge("a.pcap", 100);
  EXPECT_THAT(Read(), ElementsAre(0));
  Open();
  is_safe_ = true;
  EXPECT_THAT(Read(), ElementsAre(0));
  Open();
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_F(FolderSourceTest, DeletesWhatIsSafe) {
  folder_.set_done("delete");
  Open();
  is_safe_ = false;
  Write("a.pcap", FileOf(kStart));
  EXPECT_THAT(Read(), ElementsAre(0));
  EXPECT_TRUE(fs::exists(PathOf("a.pcap")));
  ASSERT_TRUE(source_->TakePart());
  source_->PartIsSafe();
  EXPECT_FALSE(fs::exists(PathOf("a.pcap")));
}

TEST_F(FolderSourceTest, MovesWhatIsSafeAndOverwritesNothing) {
  folder_.set_done("move");
  folder_.set_move_to(temp_.path() + "/out");
  EXPECT_FALSE(
      FolderSource::Open(folder_, temp_.path() + "/read.log", config_, clock_)
          .ok());
  fs::create_directory(folder_.move_to());
  Open();
  for (int i = 0; i < 2; ++i) {
    Write("a.pcap", FileOf(kStart + i * kSecond));
    EXPECT_THAT(Read(), ElementsAre(i));
    EXPECT_FALSE(fs::exists(PathOf("a.pcap")));
  }
  const auto moved = fs::directory_iterator(folder_.move_to());
  EXPECT_EQ(std::distance(begin(moved), end(moved)), 2);
}

TEST_F(FolderSourceTest, DoesNotDeleteWhatWasWrittenMeanwhile) {
  folder_.set_done("delete");
  Open();
  is_safe_ = false;
  Write("a.pcap", FileOf(kStart));
  EXPECT_THAT(Read(), ElementsAre(0));
  Write("a.pcap", FileOf(kStart + 7 * kSecond));
  SetAge("a.pcap", 2);
  ASSERT_TRUE(source_->TakePart());
  source_->PartIsSafe();
  is_safe_ = true;
  EXPECT_THAT(Read(), ElementsAre(7));
}

TEST_F(FolderSourceTest, GoesOnAfterWhatIsNoCaptureFileOrDamaged) {
  folder_.set_done("delete");
  Open();
  Write("a.txt", fakes::ToBytes("nothing of the kind, and long enough"));
  Bytes cut = CaptureFile().Add(kStart, kFrame).Add(kStart, kFrame).bytes();
  cut.pop_back();
  Write("b.pcap", cut);
  Write("c.pcap", FileOf(kStart + 2 * kSecond));
  EXPECT_THAT(Read(), ElementsAre(0, 2));
  // What could not be read is not thrown away.
  EXPECT_TRUE(fs::exists(PathOf("a.txt")));
  EXPECT_TRUE(fs::exists(PathOf("b.pcap")));
  EXPECT_FALSE(fs::exists(PathOf("c.pcap")));
  Open();
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_F(FolderSourceTest, LetsTimeGoOnWhileNobodyWrites) {
  Write("a.pcap", FileOf(kStart));
  Read();
  clock_.Advance(20 * kSecond);
  EXPECT_EQ(source_->watermark_ns(), kStart + 20 * kSecond);
  const int fd = open(PathOf("b.pcap").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_EQ(write(fd, "x", 1), 1);
  Read();
  EXPECT_EQ(source_->watermark_ns(), kStart);
  close(fd);
}

TEST_F(FolderSourceTest, EndsAfterStop) {
  source_->Stop();
  EXPECT_EQ(*source_->Read(recorder_), false);
}

TEST_F(FolderSourceTest, SaysWhatIsWrongWithAFolder) {
  folder_.set_path(temp_.path() + "/none");
  auto opened =
      FolderSource::Open(folder_, temp_.path() + "/read.log", config_, clock_);
  EXPECT_TRUE(absl::IsNotFound(opened.status()));
  fakes::WriteFile(temp_.path() + "/file", FileOf(kStart));
  folder_.set_path(temp_.path() + "/file");
  opened =
      FolderSource::Open(folder_, temp_.path() + "/read.log", config_, clock_);
  EXPECT_TRUE(absl::IsInvalidArgument(opened.status()));
}

TEST(FolderLog, ForgetsWhatIsGoneAndKeepsTheRest) {
  const fakes::TempDir temp;
  const std::string path = temp.path() + "/log";
  const auto name = [](int i) { return "name with\n" + std::to_string(i); };
  {
    const auto log = FolderLog::Open(path);
    ASSERT_TRUE(log.ok());
    for (int i = 0; i < 1200; ++i) {
      ASSERT_TRUE((*log)->Add(name(i), {1, i, 3}).ok());
    }
    ASSERT_TRUE((*log)->KeepOnly(std::set<std::string>{name(7)}).ok());
  }
  EXPECT_LT(fs::file_size(path), 100u);
  std::ofstream(path, std::ios::app) << "cut o";
  const auto log = FolderLog::Open(path);
  ASSERT_TRUE(log.ok());
  EXPECT_EQ((*log)->size(), 1u);
  EXPECT_TRUE((*log)->Has(name(7), {1, 7, 3}));
  EXPECT_FALSE((*log)->Has(name(7), {1, 8, 3}));
  EXPECT_FALSE((*log)->Has(name(8), {1, 8, 3}));
  ASSERT_TRUE((*log)->Add("x", {4, 5, 6}).ok());
  EXPECT_TRUE((*FolderLog::Open(path))->Has("x", {4, 5, 6}));
}

}  // namespace
}  // namespace callbraid::sensor
