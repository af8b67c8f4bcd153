#include "sensor/flow/probation.h"

#include <cstdint>
#include <string_view>

#include "common/net/endpoint.h"
#include "gtest/gtest.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {
namespace {

using fakes::Bytes;

constexpr int64_t kSecond = 1'000'000'000;

FlowKey FlowFrom(uint16_t port) {
  return {{*IpAddress::Parse("10.0.0.1"), port},
          {*IpAddress::Parse("10.0.0.2"), 4000}};
}

class ProbationTest : public testing::Test {
 protected:
  ProbationTest() { probation_.OnTick(0); }

  bool Add(const FlowKey& flow, uint32_t ssrc, uint16_t sequence,
           size_t payload_size = 160) {
    const Bytes bytes = fakes::Rtp{.ssrc = ssrc,
                                   .sequence = sequence,
                                   .timestamp = sequence * 160u,
                                   .payload = Bytes(payload_size)}
                            .Build();
    Datagram datagram;
    datagram.flow = flow;
    datagram.payload = bytes;
    return probation_.Add(datagram, *ParseRtp(bytes)) != nullptr;
  }

  FlowCounters counters_;
  Probation probation_{counters_};
};

TEST_F(ProbationTest, KeepsThePacketsOfACandidate) {
  EXPECT_TRUE(Add(FlowFrom(1), 7, 1));
  EXPECT_TRUE(Add(FlowFrom(1), 7, 2));
  const Candidate candidate = probation_.Release(FlowFrom(1), 7);
  EXPECT_EQ(candidate.packets.size(), 2u);
  EXPECT_EQ(candidate.bytes.size(), 2u * 172);
  EXPECT_EQ(probation_.size(), 0u);
  EXPECT_EQ(probation_.bytes(), 0u);
}

TEST_F(ProbationTest, BeginsAnewWhereACandidateContradictsItself) {
  EXPECT_TRUE(Add(FlowFrom(1), 7, 1));
  EXPECT_TRUE(Add(FlowFrom(1), 7, 9000));
  EXPECT_TRUE(Add(FlowFrom(1), 7, 9001));
  EXPECT_EQ(probation_.Release(FlowFrom(1), 7).packets.size(), 2u);
  EXPECT_EQ(counters_.Get(FlowDiscard::kNotRtp), 1u);
}

TEST_F(ProbationTest, IgnoresAFlowThatContradictsItselfOftenForAWhile) {
  bool kept = true;
  for (uint16_t i = 0; i < 5; ++i) {
    kept = Add(FlowFrom(1), 7, static_cast<uint16_t>(i * 1000));
  }
  EXPECT_FALSE(kept);
  EXPECT_FALSE(Add(FlowFrom(1), 7, 1));
  EXPECT_TRUE(Add(FlowFrom(2), 7, 1));
  probation_.OnTick(11 * kSecond);
  EXPECT_TRUE(Add(FlowFrom(1), 7, 1));
}

TEST_F(ProbationTest, IgnoresAFlowThatTriesManySources) {
  for (uint32_t ssrc = 0; ssrc < 8; ++ssrc) {
    EXPECT_TRUE(Add(FlowFrom(1), ssrc, 1));
  }
  EXPECT_FALSE(Add(FlowFrom(1), 8, 1));
}

TEST_F(ProbationTest, DropsTheOldestWhenThereAreTooMany) {
  for (uint16_t port = 1; port <= 5000; ++port) Add(FlowFrom(port), 7, 1);
  EXPECT_EQ(probation_.size(), 4096u);
  EXPECT_EQ(counters_.Get(FlowDiscard::kRtpUnconfirmed), 5000u - 4096);
  EXPECT_EQ(probation_.Release(FlowFrom(1), 7).packets.size(), 0u);
  EXPECT_EQ(probation_.Release(FlowFrom(5000), 7).packets.size(), 1u);
}

TEST_F(ProbationTest, KeepsABoundedNumberOfBytes) {
  for (uint16_t port = 1; port <= 4000; ++port) {
    Add(FlowFrom(port), 7, 1, 60'000);
  }
  EXPECT_LE(probation_.bytes(), size_t{9} << 20);
  EXPECT_GT(probation_.bytes(), size_t{7} << 20);
}

TEST_F(ProbationTest, EndsAfterHalfAMinuteWithoutAPacket) {
  Add(FlowFrom(1), 7, 1);
  probation_.OnTick(29 * kSecond);
  EXPECT_FALSE(probation_.NextExpired(/*any=*/false).has_value());
  Add(FlowFrom(1), 7, 2);
  probation_.OnTick(58 * kSecond);
  EXPECT_FALSE(probation_.NextExpired(/*any=*/false).has_value());
  probation_.OnTick(60 * kSecond);
  const auto key = probation_.NextExpired(/*any=*/false);
  ASSERT_TRUE(key.has_value());
  probation_.Drop(key->flow, key->ssrc, FlowDiscard::kRtpUnconfirmed);
  EXPECT_EQ(counters_.Get(FlowDiscard::kRtpUnconfirmed), 2u);
  EXPECT_EQ(probation_.size(), 0u);
}

}  // namespace
}  // namespace callbraid::sensor
