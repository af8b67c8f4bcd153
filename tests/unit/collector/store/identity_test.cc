#include <array>
#include <cstdint>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "collector/store/buckets.h"
#include "collector/store/observation_id.h"
#include "collector/store/observation_identity.h"
#include "collector/store/tokens.h"
#include "common/media/fingerprint.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

Endpoint At(const char* address, uint16_t port) {
  return {*IpAddress::Parse(address), port};
}

const Endpoint kA = At("10.0.0.1", 5060);
const Endpoint kB = At("10.0.0.2", 5060);

TEST(ObservationId, IsTheBeginningOfTheSha256) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(ObservationId::Of("abc").ToHex(),
            "ba7816bf8f01cfea414140de5dae2223");
}

TEST(ObservationId, ComesBackFromHexAndBytes) {
  const ObservationId id = ObservationId::Of("abc");
  EXPECT_EQ(ObservationId::FromHex(id.ToHex()), id);
  EXPECT_EQ(ObservationId::FromHex("BA7816BF8F01CFEA414140DE5DAE2223"), id);
  EXPECT_EQ(ObservationId::FromBytes(id.bytes()), id);
  EXPECT_FALSE(ObservationId::FromHex("ba7816bf8f01cfea414140de5dae222"));
  EXPECT_FALSE(ObservationId::FromHex("xa7816bf8f01cfea414140de5dae2223"));
  EXPECT_FALSE(ObservationId::FromBytes("short"));
}

TEST(SignallingPair, KnowsHostsByAddressAlone) {
  EXPECT_EQ(MakeSignallingPair(kA, kB),
            MakeSignallingPair(At("10.0.0.2", 49152), At("10.0.0.1", 1)));
}

TEST(SignallingPair, TellsProgramsOnOneHostApartByPort) {
  const Endpoint low = At("127.0.0.1", 5060);
  const Endpoint high = At("127.0.0.1", 5061);
  EXPECT_EQ(MakeSignallingPair(low, high), MakeSignallingPair(high, low));
  EXPECT_NE(MakeSignallingPair(low, high),
            MakeSignallingPair(low, At("127.0.0.1", 5062)));
}

TEST(ObservationIdentity, EveryPartCounts) {
  const CapturePlace place{"s", "eth0"};
  const SignallingPair pair = MakeSignallingPair(kA, kB);
  const std::set<ObservationId> ids = {
      DialogObservationId(place, "c", "t", pair, 1),
      DialogObservationId({"se", "th0"}, "c", "t", pair, 1),
      DialogObservationId(place, "ct", "", pair, 1),
      DialogObservationId(place, "c", "t", pair, 2),
      DialogObservationId(place, "c", "t", MakeSignallingPair(kA, kA), 1),
      RtpObservationId(place, {kA, kB}, 1, 1),
      RtpObservationId(place, {kB, kA}, 1, 1),
      RtpObservationId(place, {kA, kB}, 2, 1),
      RtpObservationId(place, {kA, kB}, 1, 2),
      RtcpFramesId(place, {kA, kB}, 1),
      RtcpFramesId(place, {kB, kA}, 1),
  };
  EXPECT_EQ(ids.size(), 11u);
}

TEST(ObservationIdentity, RtcpIsFiledUnderItsSendersStreamWhateverThePort) {
  store::v1::Observation observation;
  observation.set_sensor("s");
  observation.set_capture_point("eth0");
  EXPECT_FALSE(RtcpFramesId(observation));
  *observation.mutable_rtp()->mutable_source() = ToProto(kA);
  *observation.mutable_rtp()->mutable_destination() = ToProto(kB);
  observation.mutable_rtp()->set_ssrc(9);
  EXPECT_EQ(RtcpFramesId(observation),
            RtcpFramesId({"s", "eth0"},
                         {At("10.0.0.1", 5061), At("10.0.0.2", 5061)}, 9));
}

TEST(Tokens, KindsAndPartsDoNotCollide) {
  const std::set<Token> tokens = {
      DialogToken("a", "b"),
      DialogToken("ab", ""),
      EndpointToken("site", kA),
      EndpointToken("other", kA),
      EndpointToken("site", kB),
      FlowToken(kA, kB, 1),
      FlowToken(kB, kA, 1),
      PairToken("site", kA, kB),
      PairToken("other", kA, kB),
      PayloadToken(1),
      CallIdToken({"s", "c"}, "a", MakeSignallingPair(kA, kB)),
      LinkToken(store::v1::LINK_KIND_HEADER, "a"),
      LinkToken(store::v1::LINK_KIND_SESSION_ID, "a"),
      NameToken("a"),
      HubToken("site", kA, "101"),
      HubToken("other", kA, "101"),
      HubToken("site", kB, "101"),
      HubToken("site", kA, "102"),
      TurnToken("site", kA, "101", 1),
      TurnToken("site", kA, "101", 2),
  };
  EXPECT_EQ(tokens.size(), 20u);
  EXPECT_EQ(PairToken("site", kA, kB), PairToken("site", kB, kA));
}

TEST(Fingerprint, SilenceAndShortPayloadsSayNothing) {
  EXPECT_FALSE(IsDistinctive(std::vector<uint8_t>(160, 0xff)));
  std::vector<uint8_t> few(160);
  for (size_t i = 0; i < few.size(); ++i) few[i] = i % 7;
  EXPECT_FALSE(IsDistinctive(few));
  few[80] = 99;
  EXPECT_TRUE(IsDistinctive(few));
  std::vector<uint8_t> nine(9);
  std::iota(nine.begin(), nine.end(), 0);
  EXPECT_FALSE(IsDistinctive(nine));
}

TEST(Fingerprint, SparseAnchorsAreAmongTheDenseOnes) {
  for (uint64_t hash = 0; hash < 4096; ++hash) {
    if (IsSampled(hash, kDenseAnchors)) {
      EXPECT_TRUE(IsSampled(hash, 0));
    }
    EXPECT_FALSE(IsSampled(hash, kMaxAnchors));
  }
}

std::vector<uint32_t> Ranges(const std::vector<uint32_t>& buckets) {
  google::protobuf::RepeatedField<uint32_t> ranges;
  for (const uint32_t bucket : buckets) AddBucket(bucket, ranges);
  return {ranges.begin(), ranges.end()};
}

TEST(Buckets, NeighboursAreOneRangeInAnyOrder) {
  EXPECT_THAT(Ranges({5, 6, 7}), testing::ElementsAre(5, 7));
  EXPECT_THAT(Ranges({7, 5, 6, 6}), testing::ElementsAre(5, 7));
  EXPECT_THAT(Ranges({1, 9, 5}), testing::ElementsAre(1, 1, 5, 5, 9, 9));
  EXPECT_THAT(Ranges({9, 5, 1, 6, 0, 8}),
              testing::ElementsAre(0, 1, 5, 6, 8, 9));
}

TEST(Buckets, BeyondTheLimitARangeIsStretched) {
  std::vector<uint32_t> buckets;
  for (uint32_t i = 1; i <= kMaxBucketPairs; ++i) buckets.push_back(10 * i);
  buckets.push_back(15);
  buckets.push_back(1);
  buckets.push_back(9999);
  const std::vector<uint32_t> ranges = Ranges(buckets);
  ASSERT_EQ(ranges.size(), size_t{2} * kMaxBucketPairs);
  EXPECT_EQ(ranges[0], 1u);
  EXPECT_EQ(ranges[1], 15u);
  EXPECT_EQ(ranges.back(), 9999u);
  for (const uint32_t bucket : buckets) {
    bool held = false;
    for (size_t i = 0; i < ranges.size(); i += 2) {
      held = held || (ranges[i] <= bucket && bucket <= ranges[i + 1]);
    }
    EXPECT_TRUE(held) << bucket;
  }
}

TEST(Buckets, TimesBefore1970ShareTheFirst) {
  EXPECT_EQ(BucketOf(INT64_MIN), 0u);
  EXPECT_EQ(BucketOf(kBucketNs - 1), 0u);
  EXPECT_EQ(BucketOf(kBucketNs), 1u);
  EXPECT_EQ(BucketOf(INT64_MAX), 922'337'203u);
}

}  // namespace
}  // namespace callbraid::collector
