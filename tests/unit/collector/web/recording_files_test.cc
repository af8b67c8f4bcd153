#include "collector/web/recording_files.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

class RecordingFilesTest : public testing::Test {
 protected:
  static RecordingFiles::Request Of(const std::string& key) {
    return {{"10.0.0.1", "Bearer " + key}, "call", "request"};
  }
  // One that has begun.
  std::weak_ptr<RecordingFile> Play(const std::string& key,
                                    uint64_t total_bytes = 10) {
    const auto file = Open(key).file;
    EXPECT_TRUE(file->Begin(total_bytes, ""));
    return file;
  }
  RecordingFiles::Found Open(const std::string& key, bool goes_on = false) {
    auto found = files_.Open(Of(key), goes_on);
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
  Open("ann").file->Finish({grpc::StatusCode::RESOURCE_EXHAUSTED, ""});
  const auto half = Open("ann");
  EXPECT_TRUE(half.is_new);
  half.file->Begin(100, "");
  half.file->Finish({grpc::StatusCode::UNAVAILABLE, "full"});
  EXPECT_TRUE(Open("ann", /*goes_on=*/true).is_new);
}

TEST_F(RecordingFilesTest, WhoMayNotHearItAnyMoreIsCut) {
  const auto file = Open("ann").file;
  file->Begin(11, "");
  file->Append("hello world");
  const auto reader = file->Read(0, 11);
  char buffer[5];
  EXPECT_EQ(reader->Read(nullptr, buffer, sizeof(buffer)), 5);
  files_.Drop(Of("ann"), file.get());
  file->CutReaders();
  EXPECT_EQ(reader->Read(nullptr, buffer, sizeof(buffer)), BodySource::kBroken);
  EXPECT_TRUE(Open("ann", true).is_new);
}

TEST_F(RecordingFilesTest, IsLetGoWhenNobodyAsks) {
  const auto file = Play("ann");
  clock_.Advance(299 * kSecond);
  EXPECT_EQ(files_.Forget().size(), 1u);
  EXPECT_FALSE(file.expired());
  clock_.Advance(2 * kSecond);
  EXPECT_EQ(files_.Forget().size(), 0u);
  EXPECT_TRUE(file.expired());
}

TEST_F(RecordingFilesTest, ThereAreOnlySoMany) {
  const auto oldest = Play("0");
  for (int i = 1; i < 64; ++i) {
    clock_.Advance(1);
    Play(std::to_string(i));
  }
  EXPECT_FALSE(oldest.expired());
  clock_.Advance(1);
  Play("64");
  EXPECT_TRUE(oldest.expired());
}

TEST_F(RecordingFilesTest, TakeOnlySoMuch) {
  const auto large = Play("ann", uint64_t{5} << 30);
  EXPECT_FALSE(large.expired());
  clock_.Advance(1);
  Play("bob");
  EXPECT_TRUE(large.expired());
}

// Whoever still reads what was let go has it; then others must wait.
TEST_F(RecordingFilesTest, AreNotBegunWhenTooMuchIsRead) {
  std::vector<std::shared_ptr<RecordingFile>> read;
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(1);
    read.push_back(Open(std::to_string(i)).file);
    read.back()->Begin(uint64_t{4} << 30, "");
  }
  EXPECT_EQ(files_.Open(Of("more"), false).status().code(),
            absl::StatusCode::kResourceExhausted);
  read.clear();
  files_.Forget();
  EXPECT_TRUE(files_.Open(Of("more"), false).ok());
}

// Strangers, who come to nothing.
TEST_F(RecordingFilesTest, WhatHasNotBegunTakesNoPlace) {
  const auto played = Play("ann");
  std::vector<std::shared_ptr<RecordingFile>> strange;
  for (int i = 0; i < 200; ++i) {
    clock_.Advance(1);
    strange.push_back(Open("stranger " + std::to_string(i)).file);
  }
  EXPECT_FALSE(played.expired());
  for (const auto& file : strange) {
    file->Finish({grpc::StatusCode::UNAUTHENTICATED, "who?"});
  }
  strange.clear();
  EXPECT_EQ(files_.Forget().size(), 1u);
}

// Else who reads slowly would read on after the token was revoked.
TEST_F(RecordingFilesTest, WhatWasLetGoIsKnownWhileSomebodyReadsIt) {
  const auto first = Open("ann").file;
  first->Begin(11, "");
  clock_.Advance(60 * kSecond);
  auto second = Open("ann").file;  // In its place.
  ASSERT_NE(second, first);
  auto left = files_.Forget();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_THAT(left.begin()->second, testing::ElementsAre(first, second));
  second.reset();
  left.clear();
  clock_.Advance(301 * kSecond);  // Nobody asks for it any more.
  left = files_.Forget();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left.begin()->first.credentials.authorization, "Bearer ann");
  EXPECT_THAT(left.begin()->second, testing::ElementsAre(first));
}

TEST_F(RecordingFilesTest, WhatHadToMakeRoomIsKnownWhileSomebodyReadsIt) {
  auto read = Open("ann").file;
  read->Begin(uint64_t{5} << 30, "");
  clock_.Advance(1);
  Play("bob");
  ASSERT_TRUE(Open("ann", /*goes_on=*/true).is_new) << "it was let go";
  auto left = files_.Forget();
  ASSERT_TRUE(left.contains(Of("ann")));
  EXPECT_THAT(left[Of("ann")], testing::Contains(read));
  // And no longer.
  read.reset();
  left.clear();
  left = files_.Forget();
  EXPECT_EQ(left[Of("ann")].size(), 1u);
}

TEST_F(RecordingFilesTest, WithoutAFolderThereIsNone) {
  RecordingFiles nowhere(dir_.path() + "/nowhere", clock_);
  const auto file = nowhere.Open(Of("ann"), false)->file;
  EXPECT_FALSE(file->Begin(10, ""));
  EXPECT_FALSE(file->Append("hello"));
  std::optional<RecordingFile::Head> head;
  file->WhenBegun([&](const RecordingFile::Head& known) { head = known; });
  EXPECT_EQ(head->status.error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace callbraid::collector
