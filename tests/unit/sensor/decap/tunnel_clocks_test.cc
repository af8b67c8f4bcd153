#include "sensor/decap/tunnel_clocks.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1000 * kMs;
constexpr int64_t kStart = 1'790'000'000 * kSecond;

class TunnelClocksTest : public ::testing::Test {
 protected:
  // A frame that was mirrored at `time_ns` of the switch's clock.
  int64_t Send(int64_t time_ns, int64_t arrival_ns, uint32_t unit_ns = 100,
               bool wraps = true, uint8_t chip = 0) {
    Tunnel tunnel;
    tunnel.id = 7;
    tunnel.stamp.emplace();
    tunnel.stamp->unit_ns = unit_ns;
    tunnel.stamp->wraps_at_32_bits = wraps;
    tunnel.stamp->clock = chip;
    tunnel.stamp->ticks = static_cast<uint64_t>(
        unit_ns == 0 ? time_ns : time_ns / int64_t{unit_ns});
    if (wraps) tunnel.stamp->ticks &= 0xffffffff;
    return clocks_.TimeOf(source_, destination_, tunnel, arrival_ns);
  }
  // A frame each 10 ms from `begin_ns` on, up to 20 ms on the way, but one in
  // ten at once. Returns how far times are from the truth at most, from frame
  // `from` on.
  int64_t Worst(int64_t begin_ns, int frames, int64_t switch_offset_ns,
                uint32_t unit_ns = 100, bool wraps = true, double rate = 1,
                int from = 0) {
    int64_t worst = 0;
    for (int i = 0; i < frames; ++i) {
      const int64_t true_ns = begin_ns + i * 10 * kMs;
      const int64_t delay_ns = i % 10 == 0 ? 0 : Random(20 * kMs);
      const auto stamp_ns = static_cast<int64_t>(
          static_cast<double>(true_ns - begin_ns) * rate + 0.5);
      const int64_t time_ns =
          Send(begin_ns - kStart + stamp_ns + switch_offset_ns,
               true_ns + delay_ns, unit_ns, wraps);
      if (i >= from) worst = std::max(worst, std::abs(time_ns - true_ns));
    }
    return worst;
  }
  int64_t Random(int64_t below) {
    return static_cast<int64_t>(random_() % static_cast<uint64_t>(below));
  }

  const IpAddress source_ = *IpAddress::Parse("10.0.0.1");
  const IpAddress destination_ = *IpAddress::Parse("10.0.0.2");
  std::minstd_rand random_{1};
  TunnelClocks clocks_;
};

TEST_F(TunnelClocksTest, TakesWhatTheWayAddsOutOnceTheClockIsProven) {
  EXPECT_GT(Worst(kStart, 200, 5 * kSecond), 10 * kMs);
  // The last may have come two seconds after the first.
  EXPECT_LE(clocks_.used(), 2u);
  EXPECT_GE(clocks_.refused(), 198u);
  // Over several turns of 32 bits, which last 429 s.
  EXPECT_LE(Worst(kStart + 2 * kSecond, 100'000, 5 * kSecond), 100);
  EXPECT_GE(clocks_.used(), 100'000u);
}

TEST_F(TunnelClocksTest, UnderstandsNanosecondsOf32And64Bits) {
  for (const bool wraps : {true, false}) {
    clocks_ = TunnelClocks();
    Worst(kStart, 200, 77, 1, wraps);
    EXPECT_LE(Worst(kStart + 2 * kSecond, 2000, 77, 1, wraps), 1) << wraps;
    EXPECT_GE(clocks_.used(), 2000u);
  }
}

TEST_F(TunnelClocksTest, FollowsAClockThatDrifts) {
  // 100 ppm: 20 ms in all, 0.2 ms in two windows.
  constexpr int64_t kOff = 20 * kMs;
  const int64_t worst =
      Worst(kStart, 20'200, 0, 100, true, 1.0001, /*from=*/300);
  EXPECT_GE(clocks_.used(), 20'000u);
  EXPECT_LT(worst, kOff / 20);
}

// Signalling alone: the fastest of five frames in a second says little.
TEST_F(TunnelClocksTest, StaysBelievedWhereFramesAreFew) {
  int64_t worst = 0;
  for (int i = 0; i < 2000; ++i) {
    const int64_t after_ns = i * 200 * kMs;
    const int64_t time_ns =
        Send(after_ns, kStart + after_ns + Random(30 * kMs));
    if (i >= 64) worst = std::max(worst, time_ns - kStart - after_ns);
  }
  EXPECT_EQ(clocks_.refused(), 63u);
  EXPECT_LT(worst, 5 * kMs);
}

TEST_F(TunnelClocksTest, DoesNotBelieveWhatDoesNotRunWithTheArrivals) {
  // Stands still, runs ten times too fast, counts by the frame, is noise.
  for (int i = 0; i < 2000; ++i) Send(0, kStart + i * 10 * kMs);
  EXPECT_EQ(clocks_.used(), 0u);
  for (int i = 0; i < 2000; ++i) {
    Send(i * 100 * kMs, kStart + i * 10 * kMs, 100, true, 1);
    Send(i * 100, kStart + i * 10 * kMs, 100, true, 2);
    Send(Random(kSecond * 400), kStart + i * 10 * kMs, 100, true, 3);
  }
  EXPECT_EQ(clocks_.used(), 0u);
}

TEST_F(TunnelClocksTest, DoesNotUseAUnitThatIsUnknown) {
  for (int i = 0; i < 500; ++i) {
    EXPECT_EQ(Send(i, kStart + i * 10 * kMs, 0), kStart + i * 10 * kMs);
  }
  EXPECT_EQ(clocks_.refused(), 500u);
  EXPECT_EQ(clocks_.size(), 0u);
}

TEST_F(TunnelClocksTest, ProvesItselfAgainAfterAJump) {
  Worst(kStart, 400, 0);
  const uint64_t used = clocks_.used();
  EXPECT_GE(used, 200u);
  // The switch was set back by an hour; times are those of arrival.
  const int64_t at = kStart + 4 * kSecond;
  EXPECT_EQ(Send(-3600 * kSecond, at), at);
  Worst(at, 190, -3600 * kSecond);
  EXPECT_EQ(clocks_.used(), used);
  Worst(at + 1900 * kMs, 20, -3600 * kSecond);
  EXPECT_LE(Worst(at + 2100 * kMs, 100, -3600 * kSecond), 100);
  EXPECT_GE(clocks_.used(), used + 100);
}

TEST_F(TunnelClocksTest, HoldsNoMoreThanItsLimits) {
  for (int i = 0; i < 1000; ++i) {
    Tunnel tunnel;
    tunnel.id = static_cast<uint32_t>(i);
    tunnel.stamp.emplace();
    tunnel.stamp->unit_ns = 1;
    clocks_.TimeOf(source_, destination_, tunnel, kStart);
    ASSERT_LE(clocks_.size(), TunnelClocks::kMaxTunnels);
  }
}

}  // namespace
}  // namespace callbraid::sensor
