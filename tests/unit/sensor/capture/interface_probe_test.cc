#include "sensor/capture/interface_probe.h"

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(InterfaceProbe, CountsFromTheFirstLookOn) {
  InterfaceProbe probe("none");
  probe.Count({1000, 50'000, 10, 3}, 5 * kSecond);
  EXPECT_EQ(probe.state().rx_frames(), 0u);
  probe.Count({1100, 60'000, 12, 4}, 6 * kSecond);
  EXPECT_EQ(probe.state().rx_frames(), 100u);
  EXPECT_EQ(probe.state().rx_bytes(), 10'000u);
  EXPECT_EQ(probe.state().rx_multicast(), 2u);
  EXPECT_EQ(probe.state().rx_errors(), 1u);
}

TEST(InterfaceProbe, GoesOnWhenTheKernelsCountersWrap) {
  InterfaceProbe probe("none");
  probe.Count({0xffffffff, 0xfffffff0, 0, 0}, 0);
  probe.Count({9, 0x10, 0, 0}, kSecond);
  EXPECT_EQ(probe.state().rx_frames(), 10u);
  EXPECT_EQ(probe.state().rx_bytes(), 32u);
}

TEST(InterfaceProbe, KeepsTheHighestLoadWithPreambleAndGap) {
  InterfaceProbe probe("none");
  probe.Count({0, 0, 0, 0}, 0);
  probe.Count({1000, 100'000, 0, 0}, kSecond);
  EXPECT_EQ(probe.state().peak_bits_per_second(), 8u * 124'000);
  // Half the load in twice the time.
  probe.Count({1500, 150'000, 0, 0}, 3 * kSecond);
  EXPECT_EQ(probe.state().peak_bits_per_second(), 8u * 124'000);
  // Two looks in one instant tell nothing about load.
  probe.Count({9500, 950'000, 0, 0}, 3 * kSecond + 1);
  EXPECT_EQ(probe.state().peak_bits_per_second(), 8u * 124'000);
}

TEST(InterfaceProbe, ForgetsALoadOfTwoMinutesAgo) {
  InterfaceProbe probe("none");
  probe.Count({0, 0, 0, 0}, 0);
  probe.Count({0, 1000, 0, 0}, kSecond);
  probe.Count({0, 1000, 0, 0}, 61 * kSecond);
  EXPECT_EQ(probe.state().peak_bits_per_second(), 8000u);
  probe.Count({0, 1000, 0, 0}, 121 * kSecond);
  EXPECT_EQ(probe.state().peak_bits_per_second(), 0u);
}

TEST(InterfaceProbe, AsksTheKernelAboutLoopback) {
  InterfaceProbe probe("lo");
  probe.Update(0);
  EXPECT_GE(probe.state().mtu(), 1500u);
  EXPECT_EQ(probe.state().mac(), std::string(6, '\0'));
}

TEST(InterfaceProbe, SaysThatAnInterfaceIsGone) {
  InterfaceProbe probe("nosuchif0");
  probe.Update(0);
  EXPECT_FALSE(probe.state().running());
}

}  // namespace
}  // namespace callbraid::sensor
