#include "common/rtp/rtp_packet.h"

#include <vector>

#include "common/rtp/sequence.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

std::vector<uint8_t> MinimalRtp() {
  return {0x80, 0x88, 0x12, 0x34, 0, 0, 0, 0xa0, 0xde, 0xad, 0xbe, 0xef};
}

TEST(ParseRtp, ReadsTheFixedHeader) {
  auto bytes = MinimalRtp();
  bytes.push_back(0xd5);
  const auto packet = ParseRtp(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->payload_type, 8);
  EXPECT_TRUE(packet->marker);
  EXPECT_EQ(packet->sequence, 0x1234);
  EXPECT_EQ(packet->timestamp, 0xa0u);
  EXPECT_EQ(packet->ssrc, 0xdeadbeefu);
  EXPECT_EQ(packet->payload.size(), 1u);
  EXPECT_TRUE(packet->extra_header.empty());
}

TEST(ParseRtp, RejectsEveryTruncationOfTheHeader) {
  const auto bytes = MinimalRtp();
  for (size_t size = 0; size < 12; ++size) {
    EXPECT_FALSE(ParseRtp(std::span(bytes).first(size))) << size << " bytes";
  }
}

TEST(ParseRtp, RejectsOtherVersions) {
  for (const uint8_t first : {0x00, 0x40, 0xc0}) {
    auto bytes = MinimalRtp();
    bytes[0] = first;
    EXPECT_FALSE(ParseRtp(bytes));
  }
}

TEST(ParseRtp, StripsSourcesExtensionAndPadding) {
  auto bytes = MinimalRtp();
  bytes[0] = 0x80 | 0x20 | 0x10 | 2;
  const std::vector<uint8_t> rest = {
      1,    1,    1,    1, 2,    2,    2, 2,  // Two contributing sources.
      0xbe, 0xde, 0,    1, 0x10, 0xff, 0, 0,  // Extension of one word.
      0xaa, 0xbb, 0xcc,                       // Payload.
      0,    0,    3};                         // Padding.
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  const auto packet = ParseRtp(bytes);
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->extra_header.size(), 16u);
  EXPECT_EQ(packet->padding, 3);
  ASSERT_EQ(packet->payload.size(), 3u);
  EXPECT_EQ(packet->payload[0], 0xaa);
}

TEST(ParseRtp, RejectsPaddingLongerThanThePayload) {
  auto bytes = MinimalRtp();
  bytes[0] |= 0x20;
  EXPECT_FALSE(ParseRtp(bytes)) << "no payload to hold the padding length";
  bytes.push_back(2);
  EXPECT_FALSE(ParseRtp(bytes));
  bytes.back() = 0;
  EXPECT_FALSE(ParseRtp(bytes));
}

TEST(ParseRtp, KeepsPaddingThatTheCaptureCut) {
  auto bytes = MinimalRtp();
  bytes[0] |= 0x20;
  bytes.push_back(0xff);
  const auto packet = ParseRtp(bytes, /*truncated=*/true);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->truncated);
  EXPECT_EQ(packet->payload.size(), 1u);
}

TEST(ParseRtp, RejectsAnExtensionThatRunsOut) {
  auto bytes = MinimalRtp();
  bytes[0] |= 0x10;
  bytes.insert(bytes.end(), {0, 0, 0xff, 0xff, 1, 2, 3, 4});
  EXPECT_FALSE(ParseRtp(bytes));
}

TEST(Unwrap, FollowsSequenceNumbersOverTheirWrapInBothDirections) {
  EXPECT_EQ(Unwrap(uint16_t{0}, 65535), 65536);
  EXPECT_EQ(Unwrap(uint16_t{65535}, 65536), 65535);
  EXPECT_EQ(Unwrap(uint16_t{5}, 131072), 131077);
  EXPECT_EQ(Unwrap(uint16_t{65535}, 0), -1);
}

TEST(Unwrap, FollowsTimestampsOverTheirWrap) {
  EXPECT_EQ(Unwrap(uint32_t{160}, int64_t{0xffffffff}), int64_t{0x1000000a0});
  EXPECT_EQ(Unwrap(uint32_t{0xffffff00}, int64_t{0x100000000}),
            int64_t{0xffffff00});
}

}  // namespace
}  // namespace callbraid
