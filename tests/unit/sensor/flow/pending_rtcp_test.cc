#include "sensor/flow/pending_rtcp.h"

#include <array>
#include <cstdint>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr uint32_t kMost = 256;

class PendingRtcpTest : public testing::Test {
 protected:
  void Add(uint32_t ssrc, int64_t now_ns = 0) {
    const std::array<uint8_t, 8> packet = {0x80, 201, 0, 1};
    RtcpView rtcp;
    rtcp.ssrc = ssrc;
    rtcp.packet = packet;
    pending_.Add(rtcp, now_ns);
  }

  FlowCounters counters_;
  PendingRtcp pending_{counters_};
};

TEST_F(PendingRtcpTest, TheOldestMakesRoomAndIsCounted) {
  for (uint32_t ssrc = 0; ssrc < kMost + 10; ++ssrc) Add(ssrc);
  EXPECT_EQ(counters_.Get(FlowDiscard::kRtcpUnrelated), 10u);
  uint32_t next = 10;
  while (const auto item = pending_.TakeExpired(0, /*any=*/true)) {
    EXPECT_EQ(item->ssrc, next++);
  }
  EXPECT_EQ(next, kMost + 10);
}

TEST_F(PendingRtcpTest, WaitsFiveSeconds) {
  Add(1, kSecond);
  EXPECT_FALSE(pending_.TakeExpired(6 * kSecond - 1, false).has_value());
  EXPECT_TRUE(pending_.TakeExpired(6 * kSecond, false).has_value());
  EXPECT_FALSE(pending_.TakeExpired(6 * kSecond, true).has_value());
}

}  // namespace
}  // namespace callbraid::sensor
