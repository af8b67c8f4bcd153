#include "sensor/decap/tunnel_sequences.h"

#include <initializer_list>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

class TunnelSequencesTest : public ::testing::Test {
 protected:
  void Send(uint32_t sequence, uint32_t id = 1) {
    sequences_.OnPacket(source_, destination_, id, sequence);
  }
  void SendAll(uint32_t first, uint32_t last) {
    for (uint32_t number = first; number != last + 1; ++number) Send(number);
  }
  uint64_t Missing() {
    sequences_.Finish();
    return sequences_.missing();
  }

  const IpAddress source_ = *IpAddress::Parse("10.0.0.1");
  const IpAddress destination_ = *IpAddress::Parse("10.0.0.2");
  TunnelSequences sequences_;
};

TEST_F(TunnelSequencesTest, MissesNothingInWhatIsWhole) {
  SendAll(0xffffff00, 300);
  EXPECT_EQ(Missing(), 0u);
}

TEST_F(TunnelSequencesTest, CountsGapsOnceTheirWindowHasPassed) {
  SendAll(1, 10);
  SendAll(14, 70);
  EXPECT_EQ(sequences_.missing(), 0u);
  SendAll(71, 100);
  EXPECT_EQ(sequences_.missing(), 3u);
  SendAll(1100, 1200);
  EXPECT_EQ(Missing(), 3u + 999);
}

TEST_F(TunnelSequencesTest, DoesNotMindOrderAndCopies) {
  for (const uint32_t number : {1, 3, 2, 2, 5, 6, 7, 4, 4, 70, 8}) {
    Send(number);
  }
  SendAll(9, 200);
  EXPECT_EQ(Missing(), 0u);
}

TEST_F(TunnelSequencesTest, BeginsAnewWhenANumberingJumps) {
  SendAll(1000, 1100);
  SendAll(5, 200);
  SendAll(90'000'000, 90'000'100);
  EXPECT_EQ(Missing(), 0u);
  Send(1);
  Send(4'000'000'000);
  Send(2);
  EXPECT_EQ(Missing(), 0u);
}

TEST_F(TunnelSequencesTest, DoesNotMindANumberThatStandsStill) {
  for (int i = 0; i < 100; ++i) Send(0);
  EXPECT_EQ(Missing(), 0u);
}

TEST_F(TunnelSequencesTest, TellsTunnelsApart) {
  for (uint32_t number = 0; number < 100; ++number) {
    Send(number, 1);
    Send(number * 100, 2);
    sequences_.OnPacket(destination_, source_, 1, 7000 + number);
  }
  EXPECT_EQ(Missing(), 99u * 99);
}

TEST_F(TunnelSequencesTest, FollowsABoundedNumberOfTunnels) {
  for (uint32_t id = 0; id < 100'000; ++id) Send(id * 7, id);
  EXPECT_LE(sequences_.size(), TunnelSequences::kMaxTunnels);
  SendAll(1, 2);
  Send(5);
  SendAll(6, 100);
  EXPECT_EQ(sequences_.missing(), 2u);
}

}  // namespace
}  // namespace callbraid::sensor
