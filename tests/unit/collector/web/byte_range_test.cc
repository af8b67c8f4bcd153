#include "collector/web/byte_range.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

std::string Of(const std::string& header, uint64_t size) {
  const ByteRange range = ByteRange::Parse(header, size);
  switch (range.kind) {
    case ByteRange::Kind::kWhole:
      return absl::StrCat("whole ", range.length);
    case ByteRange::Kind::kNone:
      return "none";
    default:
      return absl::StrCat(range.first, "+", range.length);
  }
}

// RFC 9110, section 14.1.2.
TEST(ByteRange, HasTheFormsOfTheRfc) {
  EXPECT_EQ(Of("bytes=0-499", 10'000), "0+500");
  EXPECT_EQ(Of("bytes=500-999", 10'000), "500+500");
  EXPECT_EQ(Of("bytes=-500", 10'000), "9500+500");
  EXPECT_EQ(Of("bytes=9500-", 10'000), "9500+500");
  EXPECT_EQ(Of("bytes=0-0", 10'000), "0+1");
  EXPECT_EQ(Of("bytes=-1", 10'000), "9999+1");
}

TEST(ByteRange, IsCutAtTheEnd) {
  EXPECT_EQ(Of("bytes=9999-20000", 10'000), "9999+1");
  EXPECT_EQ(Of("bytes=-20000", 10'000), "0+10000");
  EXPECT_EQ(Of("bytes=0-18446744073709551615", 10'000), "0+10000");
}

TEST(ByteRange, BehindTheEndThereIsNothing) {
  EXPECT_EQ(Of("bytes=10000-", 10'000), "none");
  EXPECT_EQ(Of("bytes=-0", 10'000), "none");
  EXPECT_EQ(Of("bytes=0-", 0), "none");
}

TEST(ByteRange, WhatIsNotUnderstoodIsTheWhole) {
  for (const char* header :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4",
        "bytes=0-1,5-6", "items=0-5", "bytes=+1-2", "bytes= 1-2",
        "bytes=18446744073709551616-", "bytes=0x1-2", "bytes=1--2"}) {
    EXPECT_EQ(Of(header, 10'000), "whole 10000") << header;
  }
}

}  // namespace
}  // namespace callbraid::collector
