#include "collector/web/recording_files.h"

#include <memory>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

class RecordingFilesTest : public testing::Test {
 protected:
  RecordingFiles::Found Open(const std::string& key, bool goes_on = false) {
    auto found = files_.Open(key, goes_on);
    EXPECT_TRUE(found.ok()) << found.status();
    return *std::move(found);
  }
  static std::string ReadAll(BodySource& body) {
    std::string all;
    char buffer[3];
    for (;;) {
      const long got = body.Read(nullptr, buffer, sizeof(buffer));
      if (got <= 0) return all + (got == BodySource::kBroken ? "|broken" : "");
      all.append(buffer, static_cast<size_t>(got));
    }
  }

  const fakes::TempDir dir_;
  fakes::FakeClock clock_;
  RecordingFiles files_{dir_.path(), clock_};
};

TEST_F(RecordingFilesTest, ManyReadWhatOneWrites) {
  const auto file = Open("ann, call").file;
  file->Begin(11, "");
  file->Append("hello ");
  file->Append("world");
  file->Finish(grpc::Status::OK);
  EXPECT_EQ(ReadAll(*file->Read(0, 11)), "hello world");
  EXPECT_EQ(ReadAll(*file->Read(6, 3)), "wor");
  EXPECT_EQ(ReadAll(*file->Read(10, 100)), "d");
  EXPECT_EQ(ReadAll(*file->Read(11, 0)), "");
}

TEST_F(RecordingFilesTest, WhatFailsHalfWayIsCut) {
  const auto file = Open("ann, call").file;
  file->Begin(11, "");
  file->Append("hello ");
  file->Finish({grpc::StatusCode::UNAVAILABLE, "stops"});
  EXPECT_EQ(ReadAll(*file->Read(0, 11)), "hello |broken");
  EXPECT_EQ(ReadAll(*file->Read(0, 5)), "hello");
  const auto broken = file->Read(0, 11);
  broken->Break();
  EXPECT_EQ(ReadAll(*broken), "|broken");
}

TEST_F(RecordingFilesTest, TheHeadComesWhenItIsKnown) {
  const auto file = Open("ann, call").file;
  std::optional<RecordingFile::Head> head;
  file->WhenBegun([&](const RecordingFile::Head& known) { head = known; });
  EXPECT_FALSE(head.has_value());
  file->Begin(7, "a finding");
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->total_bytes, 7u);
  EXPECT_EQ(head->findings, "a finding");
  head.reset();
  file->WhenBegun([&](const RecordingFile::Head& known) { head = known; });
  EXPECT_TRUE(head.has_value());

  const auto none = Open("ann, no call").file;
  none->WhenBegun([&](const RecordingFile::Head& known) { head = known; });
  none->Finish({grpc::StatusCode::NOT_FOUND, "no such call"});
  EXPECT_EQ(head->status.error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(RecordingFilesTest, ASizeThatWasNotKnownIsWhenItIsWhole) {
  const auto file = Open("ann, call").file;
  file->Begin(0, "");
  file->Append("12345");
  file->Finish(grpc::Status::OK);
  std::optional<RecordingFile::Head> head;
  file->WhenBegun([&](const RecordingFile::Head& known) { head = known; });
  EXPECT_EQ(head->total_bytes, 5u);
}

TEST_F(RecordingFilesTest, WhoGoesOnHasTheSameAndWhoBeginsAnewOne) {
  const auto first = Open("ann, call");
  EXPECT_TRUE(first.is_new);
  EXPECT_FALSE(Open("ann, call").is_new);  // Two requests of one page.
  EXPECT_TRUE(Open("bob, call").is_new);
  clock_.Advance(60 * kSecond);
  EXPECT_EQ(Open("ann, call", /*goes_on=*/true).file, first.file);
  EXPECT_TRUE(Open("ann, call").is_new);
  EXPECT_NE(Open("ann, call", true).file, first.file);
}

TEST_F(RecordingFilesTest, WhatFailedIsTriedAgain) {
  Open("ann, call").file->Finish({grpc::StatusCode::RESOURCE_EXHAUSTED, ""});
  EXPECT_TRUE(Open("ann, call").is_new);
}

TEST_F(RecordingFilesTest, IsLetGoWhenNobodyAsks) {
  std::weak_ptr<RecordingFile> file = Open("ann, call").file;
  clock_.Advance(299 * kSecond);
  files_.Forget();
  EXPECT_FALSE(file.expired());
  clock_.Advance(2 * kSecond);
  files_.Forget();
  EXPECT_TRUE(file.expired());
}

TEST_F(RecordingFilesTest, ThereAreOnlySoMany) {
  std::weak_ptr<RecordingFile> oldest = Open("0").file;
  for (int i = 1; i < 64; ++i) {
    clock_.Advance(1);
    Open(std::to_string(i));
  }
  EXPECT_FALSE(oldest.expired());
  std::weak_ptr<RecordingFile> large = Open("63", true).file;
  large.lock()->Begin(uint64_t{5} << 30, "");
  Open("64");
  EXPECT_TRUE(oldest.expired());
  EXPECT_TRUE(large.expired());
}

TEST_F(RecordingFilesTest, WithoutAFolderThereIsNone) {
  RecordingFiles nowhere(dir_.path() + "/nowhere", clock_);
  EXPECT_EQ(nowhere.Open("a", false).status().code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace callbraid::collector
