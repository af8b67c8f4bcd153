#include "collector/events/cdr_files.h"

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
        ids.push_back(line.substr(7, line.find('"', 7) - 7));
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
      if (name[0] == '.') return config_.folder() + "/" + name;
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

TEST_F(CdrFilesTest, AFileThatNobodyKnowsOfIsBegunAnew) {
  Settle("a");
  feed_.FailDone(1);
  files_->RunOnce();
  ASSERT_THAT(AllIds(), testing::ElementsAre("a"));
  // Of another whose name begins alike.
  const std::string other =
      config_.folder() + "/.billing-eu-20231114T221320Z-1.jsonl.part";
  std::ofstream(other) << "";
  clock_.Advance(kMinuteNs);
  Restart();
  files_->RunOnce();
  EXPECT_THAT(AllIds(), testing::ElementsAre("a"));
  EXPECT_TRUE(std::filesystem::exists(other));
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
