#include "collector/store/call_annotation.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

v1::CallAnnotation Written(const std::string& user, int64_t second,
                           const std::string& note) {
  v1::CallAnnotation annotation;
  annotation.set_user(user);
  annotation.mutable_time()->set_seconds(second);
  annotation.set_note(note);
  return annotation;
}

std::string Refusal(const v1::AnnotateCallRequest& request) {
  const auto parsed = ParseAnnotation(request);
  EXPECT_TRUE(absl::IsInvalidArgument(parsed.status()));
  return std::string(parsed.status().message());
}

TEST(CallAnnotation, TagsAreOrderedAndEachThereOnce) {
  v1::AnnotateCallRequest request;
  for (const char* tag : {"vip", "claim 17", "vip"}) request.add_tags(tag);
  request.set_note("two\nlines");
  const auto parsed = ParseAnnotation(request);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_THAT(parsed->tags(), ElementsAre("claim 17", "vip"));
  EXPECT_EQ(parsed->note(), "two\nlines");
}

TEST(CallAnnotation, RefusesWhatIsTooMuchOrNoText) {
  v1::AnnotateCallRequest many;
  for (int i = 0; i <= kMaxTags; ++i) many.add_tags(std::to_string(i));
  EXPECT_THAT(Refusal(many), HasSubstr("tags: more than 20"));
  for (const std::string& tag :
       {std::string(), std::string(41, 'x'), std::string("a\nb"),
        std::string("\x7f"), std::string("a,b")}) {
    v1::AnnotateCallRequest request;
    request.add_tags(tag);
    EXPECT_THAT(Refusal(request), HasSubstr("tags: each must have"));
  }
  v1::AnnotateCallRequest note;
  note.set_note(std::string(4001, 'x'));
  EXPECT_THAT(Refusal(note), HasSubstr("note: longer than 4000 bytes"));
  note.set_note("\x1b[31m");
  EXPECT_THAT(Refusal(note), HasSubstr("note: has control characters"));
}

TEST(CallAnnotation, OfTwoCallsKeepsTheTagsOfBothAndTheOlderNoteFirst) {
  v1::CallAnnotation a = Written("ann", 20, "second");
  a.add_tags("b");
  v1::CallAnnotation b = Written("bob", 10, "first");
  b.add_tags("a");
  b.add_tags("b");
  for (const auto& united : {Unite(a, b), Unite(b, a)}) {
    EXPECT_THAT(united.tags(), ElementsAre("a", "b"));
    EXPECT_EQ(united.note(), "first\n\nsecond");
    EXPECT_EQ(united.user(), "ann");
    // Whoever has read one of the two has not read this.
    EXPECT_GT(united.time().nanos(), 0);
  }
  EXPECT_EQ(Unite(a, Written("bob", 30, "second")).note(), "second");
  EXPECT_EQ(Unite(a, Written("bob", 10, "")).note(), "second");
}

TEST(CallAnnotation, OfTwoCallsStaysWithinTheBounds) {
  v1::CallAnnotation a = Written("ann", 1, std::string(3999, 'x'));
  v1::CallAnnotation b = Written("bob", 2, "ü ü ü");
  for (int i = 0; i < kMaxTags; ++i) {
    a.add_tags("a" + std::to_string(i));
    b.add_tags("b" + std::to_string(i));
  }
  const v1::CallAnnotation united = Unite(a, b);
  EXPECT_EQ(united.tags_size(), kMaxTags);
  EXPECT_LE(united.note().size(), kMaxNoteBytes);
  EXPECT_THAT(united.note(), EndsWith("x…"));
}

TEST(CallAnnotation, EachVersionHasATimeOfItsOwn) {
  v1::CallAnnotation first;
  SetTime(5'000'000'000, nullptr, first);
  EXPECT_EQ(first.time().seconds(), 5);
  // The clock stood still, or was set back.
  for (const int64_t now_ns : {5'000'000'000, 3'000'000'000}) {
    v1::CallAnnotation second;
    SetTime(now_ns, &first, second);
    EXPECT_EQ(second.time().seconds(), 5);
    EXPECT_EQ(second.time().nanos(), 1);
  }
}

TEST(CallAnnotation, OneReplacesWhatItsWriterHasRead) {
  const v1::CallAnnotation stored = Written("ann", 20, "x");
  v1::AnnotateCallRequest request;
  EXPECT_TRUE(CheckReplaces(request, nullptr).ok());
  EXPECT_TRUE(absl::IsAborted(CheckReplaces(request, &stored)));
  *request.mutable_replaces() = stored.time();
  EXPECT_TRUE(CheckReplaces(request, &stored).ok());
  EXPECT_TRUE(absl::IsAborted(CheckReplaces(request, nullptr)));
  request.mutable_replaces()->set_nanos(1);
  EXPECT_TRUE(absl::IsAborted(CheckReplaces(request, &stored)));
}

}  // namespace
}  // namespace callbraid::collector
