#include "collector/events/cdr_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_event_feed.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMinuteNs = 60'000'000'000;

class CdrFilesTest : public testing::Test {
 protected:
  CdrFilesTest() {
    config_.set_name("billing");
    config_.set_folder(dir_.path() + "/cdr");
    config_.set_format("jsonl");
    config_.set_rotate_minutes(60);
    config_.set_rotate_mib(1);
    Restart();
  }

  // The collector is killed and started; what was not told to the feed comes
  // again.
  void Restart() {
    files_.reset();
    feed_.Restart();
    files_ = std::make_unique<CdrFiles>(config_, feed_, meter_, clock_);
  }
  void Settle(const std::string& call) {
    feed_.Add(call, "", v1::CALL_EVENT_KIND_SETTLED);
  }
  // Name, and ids in the lines, of each file that is there.
  std::map<std::string, std::vector<std::string>> Files() {
    std::map<std::string, std::vector<std::string>> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(config_.folder())) {
      std::vector<std::string>& ids = files[entry.path().filename()];
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        const size_t begin = line.find(':') + 2;
        ids.push_back(line.substr(std::min(begin, line.size()),
                                  line.find('"', begin) - begin));
      }
    }
    return files;
  }
  std::vector<std::string> AllIds() {
    std::vector<std::string> all;
    for (const auto& [name, ids] : Files()) {
      all.insert(all.end(), ids.begin(), ids.end());
    }
    return all;
  }
  std::string Part() {
    for (const auto& [name, ids] : Files()) {
      const std::string path = config_.folder() + "/" + name;
      if (std::filesystem::path(name).extension() == ".part") return path;
    }
    return "";
  }

  const fakes::TempDir dir_;
  fakes::FakeClock clock_;
  fakes::FakeEventFeed feed_;
  SinkMeter meter_{"billing", "cdr_files"};
  v1::CdrFilesConfig config_;
  std::unique_ptr<CdrFiles> files_;
};

TEST_F(CdrFilesTest, AFileIsFinishedWhenItIsOld) {
  Settle("a");
  files_->RunOnce();
  EXPECT_THAT(Files(), testing::ElementsAre(testing::Pair(
                           ".billing-20231114T221320Z-1.jsonl.part",
                           testing::ElementsAre("a"))));
  clock_.Advance(59 * kMinuteNs);
  Settle("b");
  files_->RunOnce();
  clock_.Advance(kMinuteNs);
  files_->RunOnce();
  EXPECT_THAT(Files(), testing::ElementsAre(
                           testing::Pair("billing-20231114T221320Z-1.jsonl",
                                         testing::ElementsAre("a", "b"))));
  Settle("c");
  files_->RunOnce();
  EXPECT_EQ(Files().size(), 2u);
  EXPECT_EQ(meter_.state().delivered, 3u);
}

TEST_F(CdrFilesTest, AFileIsFinishedWhenItIsLarge) {
  feed_.CallOf("a").set_id("a");
  feed_.CallOf("a").set_caller(std::string(1 << 20, '1'));
  Settle("a");
  Settle("b");
  files_->RunOnce();
  Settle("c");
  files_->RunOnce();
  EXPECT_THAT(Files(), testing::UnorderedElementsAre(
                           testing::Pair(testing::StartsWith("billing-"),
                                         testing::ElementsAre("a", "b")),
                           testing::Pair(testing::StartsWith(".billing-"),
                                         testing::ElementsAre("c"))));
}

TEST_F(CdrFilesTest, GoesOnInTheSameFileAfterARestart) {
  Settle("a");
  files_->RunOnce();
  Restart();
  clock_.Advance(30 * kMinuteNs);
  Settle("b");
  files_->RunOnce();
  clock_.Advance(30 * kMinuteNs);
  files_->RunOnce();
  EXPECT_THAT(Files(), testing::ElementsAre(
                           testing::Pair("billing-20231114T221320Z-1.jsonl",
                                         testing::ElementsAre("a", "b"))));
}

TEST_F(CdrFilesTest, WhatACrashLeftBehindIsCutOffAndWrittenOnce) {
  Settle("a");
  files_->RunOnce();
  Settle("b");
  feed_.FailDone(1);
  files_->RunOnce();
  ASSERT_THAT(AllIds(), testing::ElementsAre("a", "b"));
  EXPECT_TRUE(meter_.state().down);
  // It is there, but nobody knows.
  std::ofstream(Part(), std::ios::app) << "{\"id\":\"half a li";
  Restart();
  files_->RunOnce();
  EXPECT_THAT(AllIds(), testing::ElementsAre("a", "b"));
  EXPECT_FALSE(meter_.state().down);
}

TEST_F(CdrFilesTest, AFileOfWhichNothingIsNotedIsWrittenAnew) {
  Settle("a");
  feed_.FailDone(/*times=*/1, /*after=*/1);
  files_->RunOnce();
  ASSERT_THAT(AllIds(), testing::ElementsAre("a"));
  clock_.Advance(kMinuteNs);
  Restart();
  files_->RunOnce();
  EXPECT_THAT(AllIds(), testing::ElementsAre("a"));
  EXPECT_EQ(Files().size(), 1u);
}

TEST_F(CdrFilesTest, AFileThatTheStoreForgotIsKept) {
  Settle("a");
  files_->RunOnce();
  const std::string part = Part();
  // Of another whose name begins alike.
  const std::string other =
      config_.folder() + "/.billing-eu-20231114T221320Z-1.jsonl.part";
  std::ofstream(other) << "";
  feed_.Wipe();
  clock_.Advance(kMinuteNs);
  Restart();
  Settle("b");
  files_->RunOnce();
  EXPECT_THAT(Files()[std::filesystem::path(part + ".orphan").filename()],
              testing::ElementsAre("a"));
  EXPECT_THAT(AllIds(), testing::UnorderedElementsAre("a", "b"));
  EXPECT_TRUE(std::filesystem::exists(other));
}

TEST_F(CdrFilesTest, ALeftOverThatCannotBeMovedHoldsUpNothing) {
  const std::string left_over =
      config_.folder() + "/.billing-20231114T221320Z-9.jsonl.part";
  for (const std::string& path : {left_over, left_over + ".orphan"}) {
    std::filesystem::create_directories(path + "/x");
  }
  Settle("a");
  files_->RunOnce();
  EXPECT_FALSE(meter_.state().down);
  EXPECT_EQ(meter_.state().delivered, 1u);
}

TEST_F(CdrFilesTest, AnotherFormatOrFolderFinishesTheFile) {
  Settle("a");
  files_->RunOnce();
  config_.set_format("csv");
  Restart();
  Settle("b");
  files_->RunOnce();
  EXPECT_THAT(Files(), testing::UnorderedElementsAre(
                           testing::Pair("billing-20231114T221320Z-1.jsonl",
                                         testing::ElementsAre("a")),
                           testing::Pair(".billing-20231114T221320Z-2.csv.part",
                                         testing::SizeIs(2))));
  const auto before = Files().size();
  const std::string old_folder = config_.folder();
  config_.set_folder(dir_.path() + "/new folder");
  Restart();
  Settle("c");
  files_->RunOnce();
  EXPECT_THAT(Files(), testing::ElementsAre(testing::Key(
                           ".billing-20231114T221320Z-3.csv.part")));
  EXPECT_TRUE(
      std::filesystem::exists(old_folder + "/billing-20231114T221320Z-2.csv"));
  config_.set_folder(old_folder);
  EXPECT_EQ(Files().size(), before);
}

TEST_F(CdrFilesTest, WaitsForAFileThatIsNotThere) {
  Settle("a");
  files_->RunOnce();
  // The file system of the folder was not mounted.
  const std::string away = dir_.path() + "/away";
  std::filesystem::rename(config_.folder(), away);
  Restart();
  Settle("b");
  files_->RunOnce();
  EXPECT_TRUE(meter_.state().down);
  std::filesystem::remove_all(config_.folder());
  std::filesystem::rename(away, config_.folder());
  files_->RunOnce();
  EXPECT_FALSE(meter_.state().down);
  EXPECT_THAT(AllIds(), testing::ElementsAre("a", "b"));
  EXPECT_EQ(Files().size(), 1u);
}

TEST_F(CdrFilesTest, AFinishedFileMayBeTakenAway) {
  Settle("a");
  files_->RunOnce();
  clock_.Advance(60 * kMinuteNs);
  files_->RunOnce();
  std::filesystem::remove_all(config_.folder());
  Restart();
  Settle("b");
  files_->RunOnce();
  EXPECT_THAT(AllIds(), testing::ElementsAre("b"));
}

TEST_F(CdrFilesTest, AFileThatWasMadeShorterIsNotFilledWithZeros) {
  Settle("a");
  files_->RunOnce();
  const std::string part = Part();
  std::filesystem::resize_file(part, 3);
  Settle("b");
  files_->RunOnce();
  files_->RunOnce();
  EXPECT_EQ(std::filesystem::file_size(part + ".orphan"), 3u);
  EXPECT_THAT(Files()[std::filesystem::path(Part()).filename()],
              testing::ElementsAre("b"));
  std::filesystem::resize_file(Part(), 3);
  Restart();
  Settle("c");
  files_->RunOnce();
  EXPECT_THAT(Files()[std::filesystem::path(Part()).filename()],
              testing::ElementsAre("c"));
}

TEST_F(CdrFilesTest, GathersForASecondWhatIsWrittenAtOnce) {
  for (int i = 0; i < 300; ++i) Settle(std::to_string(i));
  EXPECT_EQ(files_->RunOnce(), absl::ZeroDuration());
  EXPECT_EQ(files_->RunOnce(), absl::Seconds(1));
  EXPECT_EQ(AllIds().size(), 300u);
  EXPECT_EQ(files_->RunOnce(), kEventPoll);
}

TEST_F(CdrFilesTest, AFileThatWasFinishedBeforeACrashStaysSo) {
  Settle("a");
  files_->RunOnce();
  clock_.Advance(60 * kMinuteNs);
  files_->RunOnce();
  Restart();
  Settle("b");
  files_->RunOnce();
  EXPECT_THAT(AllIds(), testing::UnorderedElementsAre("a", "b"));
  EXPECT_EQ(Files().size(), 2u);
}

TEST_F(CdrFilesTest, TriesAgainWhileTheFolderCannotBeWritten) {
  config_.set_folder(dir_.path() + "/file");
  std::ofstream(config_.folder()) << "in the way";
  Restart();
  Settle("a");
  EXPECT_GT(files_->RunOnce(), kEventPoll);
  EXPECT_TRUE(meter_.state().down);
  std::filesystem::remove(config_.folder());
  files_->RunOnce();
  EXPECT_THAT(AllIds(), testing::ElementsAre("a"));
}

TEST_F(CdrFilesTest, SaysOfACallWithALineThatItIsPartOfAnother) {
  Settle("a");
  files_->RunOnce();
  feed_.Add("a", "b", v1::CALL_EVENT_KIND_MERGED).was_settled = true;
  feed_.Add("c", "b", v1::CALL_EVENT_KIND_MERGED);
  // Part of another one before its line was written.
  Settle("d");
  feed_.CallOf("d").set_id("b");
  files_->RunOnce();
  EXPECT_THAT(AllIds(), testing::ElementsAre("a", "a"));
  EXPECT_EQ(feed_.done(), 4u);
}

}  // namespace
}  // namespace callbraid::collector
