#include "collector/playout/redundant_audio.h"

#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using namespace std::string_view_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Two older blocks of 3 and 2 bytes, 320 and 160 ticks old, and the new one.
constexpr std::string_view kThree =
    "\x80\x05\x00\x03"
    "\x80\x02\x80\x02"
    "\x00"
    "abcdeFGHI"sv;

TEST(ParseRedundantAudio, FindsTheBlocksOldestFirst) {
  const auto blocks = ParseRedundantAudio(kThree);
  ASSERT_THAT(blocks, SizeIs(3));
  EXPECT_EQ(blocks[0].timestamp_offset, 320u);
  EXPECT_EQ(blocks[0].payload, "abc");
  EXPECT_EQ(blocks[1].timestamp_offset, 160u);
  EXPECT_EQ(blocks[1].payload, "de");
  EXPECT_EQ(blocks[2].timestamp_offset, 0u);
  EXPECT_EQ(blocks[2].payload, "FGHI");
  EXPECT_EQ(blocks[2].payload_type, 0);
}

TEST(ParseRedundantAudio, ReadsTheLargestOffsetAndLength) {
  const std::string block = "\xe0\xff\xff\xff\x60" + std::string(1023, 'x');
  const auto blocks = ParseRedundantAudio(block);
  ASSERT_THAT(blocks, SizeIs(2));
  EXPECT_EQ(blocks[0].payload_type, 96);
  EXPECT_EQ(blocks[0].timestamp_offset, 16383u);
  EXPECT_THAT(blocks[0].payload, SizeIs(1023));
  EXPECT_THAT(blocks[1].payload, IsEmpty()) << "nothing new";
}

TEST(ParseRedundantAudio, RefusesWhatIsCut) {
  EXPECT_THAT(ParseRedundantAudio(""), IsEmpty());
  // Within the headers, and within what is old; what is new has no length.
  for (size_t size = 1; size < 14; ++size) {
    EXPECT_THAT(ParseRedundantAudio(kThree.substr(0, size)), IsEmpty()) << size;
  }
  EXPECT_THAT(ParseRedundantAudio(kThree.substr(0, 14)), SizeIs(3));
  EXPECT_THAT(ParseRedundantAudio(std::string(2000, '\xff')), IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
