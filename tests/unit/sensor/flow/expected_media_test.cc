#include "sensor/flow/expected_media.h"

#include <array>
#include <cstdint>
#include <vector>

#include "common/net/endpoint.h"
#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

Endpoint At(std::string_view address, uint16_t port) {
  return {*IpAddress::Parse(address), port};
}

TEST(ExpectedMedia, ExpectsRtpAndRtcpWhereTheyWereAnnounced) {
  ExpectedMedia media(10);
  media.Expect(At("10.0.0.1", 4000), At("10.0.0.1", 4001), {});
  EXPECT_TRUE(media.ExpectsRtp(At("10.0.0.1", 4000)));
  EXPECT_FALSE(media.ExpectsRtp(At("10.0.0.1", 4001)));
  EXPECT_TRUE(media.Expects(At("10.0.0.1", 4001)));
  EXPECT_FALSE(media.Expects(At("10.0.0.2", 4000)));
}

TEST(ExpectedMedia, TakesOnePortForBothWhereTheyAreMultiplexed) {
  ExpectedMedia media(10);
  media.Expect(At("10.0.0.1", 4000), At("10.0.0.1", 4000), {});
  EXPECT_TRUE(media.ExpectsRtp(At("10.0.0.1", 4000)));
  EXPECT_EQ(media.size(), 1u);
}

TEST(ExpectedMedia, IgnoresLinesOnHoldAndRefusedLines) {
  ExpectedMedia media(10);
  media.Expect(At("0.0.0.0", 4000), At("0.0.0.0", 4001), {});
  media.Expect(At("10.0.0.1", 0), At("10.0.0.1", 0), {});
  EXPECT_EQ(media.size(), 0u);
}

TEST(ExpectedMedia, KnowsTheClocksThatSdpGave) {
  ExpectedMedia media(10);
  const std::array<PayloadClock, 2> offer = {{{111, 48'000}, {101, 8000}}};
  const std::array<PayloadClock, 1> again = {{{101, 48'000}}};
  media.Expect(At("10.0.0.1", 4000), At("10.0.0.1", 4001), offer);
  media.Expect(At("10.0.0.1", 4000), At("10.0.0.1", 4001), again);
  EXPECT_EQ(media.ClockRate(At("10.0.0.1", 4000), 111), 48'000u);
  EXPECT_EQ(media.ClockRate(At("10.0.0.1", 4000), 101), 48'000u);
  EXPECT_EQ(media.ClockRate(At("10.0.0.1", 4000), 99), 0u);
}

TEST(ExpectedMedia, KeepsNoMoreClocksThanItHasRoomFor) {
  ExpectedMedia media(10);
  std::vector<PayloadClock> clocks;
  for (uint8_t type = 96; type < 128; ++type) clocks.push_back({type, 16'000});
  media.Expect(At("10.0.0.1", 4000), At("10.0.0.1", 4001), clocks);
  EXPECT_EQ(media.ClockRate(At("10.0.0.1", 4000), 96), 16'000u);
  EXPECT_EQ(media.ClockRate(At("10.0.0.1", 4000), 127), 0u);
}

TEST(ExpectedMedia, ForgetsWhatIsNotUsedForFiveMinutes) {
  ExpectedMedia media(10);
  media.OnTick(1000 * kSecond);
  media.Expect(At("10.0.0.1", 4000), At("10.0.0.1", 4001), {});
  media.OnTick(1200 * kSecond);
  media.Refresh(At("10.0.0.1", 4000));
  media.OnTick(1400 * kSecond);
  EXPECT_TRUE(media.ExpectsRtp(At("10.0.0.1", 4000)));
  EXPECT_FALSE(media.Expects(At("10.0.0.1", 4001)));
  media.OnTick(1600 * kSecond);
  EXPECT_EQ(media.size(), 0u);
}

TEST(ExpectedMedia, DropsTheOldestWhenFull) {
  ExpectedMedia media(4);
  for (uint16_t port = 4000; port < 4010; port += 2) {
    media.Expect(At("10.0.0.1", port),
                 At("10.0.0.1", static_cast<uint16_t>(port + 1)), {});
  }
  EXPECT_EQ(media.size(), 4u);
  EXPECT_FALSE(media.ExpectsRtp(At("10.0.0.1", 4000)));
  EXPECT_TRUE(media.ExpectsRtp(At("10.0.0.1", 4008)));
}

}  // namespace
}  // namespace callbraid::sensor
