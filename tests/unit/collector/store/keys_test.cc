#include "collector/store/keys.h"

#include <limits>
#include <string>
#include <vector>

#include "collector/store/buckets.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
const std::vector<int64_t> kTimes = {kMin,          kMin + 1,  -1,       0,   1,
                                     kBucketNs - 1, kBucketNs, kMax - 1, kMax};

ObservationId Id(const char* name) { return ObservationId::Of(name); }

TEST(Keys, FrameKeysComeBackAsTheyWere) {
  for (const int64_t time_ns : kTimes) {
    const auto key = DecodeFrameKey(EncodeFrameKey(Id("a"), time_ns, 7));
    ASSERT_TRUE(key) << time_ns;
    EXPECT_EQ(key->observation, Id("a"));
    EXPECT_EQ(key->time_ns, time_ns);
    EXPECT_EQ(key->ordinal, 7u);
    EXPECT_EQ(key->bucket, BucketOf(time_ns));
  }
}

TEST(Keys, FramesOfAnObservationAreOrderedByTimeAndOrdinal) {
  std::string last;
  for (const int64_t time_ns : kTimes) {
    for (const uint32_t ordinal : {0u, 1u, 256u, 0xffffffffu}) {
      const std::string key = EncodeFrameKey(Id("a"), time_ns, ordinal);
      EXPECT_LT(last, key) << time_ns << ' ' << ordinal;
      last = key;
    }
  }
}

TEST(Keys, FramePrefixIsBeforeItsFramesAndBehindEarlierBuckets) {
  const std::string prefix = FramePrefix(1, Id("a"));
  EXPECT_LT(prefix, EncodeFrameKey(Id("a"), kBucketNs, 0));
  EXPECT_GT(prefix, EncodeFrameKey(Id("a"), kBucketNs - 1, 0xffffffff));
}

TEST(Keys, TokensAreOrderedNewestFirst) {
  std::string last = EncodeTokenKey(4, kMin, Id("a"));
  for (auto time = kTimes.rbegin(); time != kTimes.rend(); ++time) {
    const std::string key = EncodeTokenKey(5, *time, Id("a"));
    EXPECT_LT(last, key) << *time;
    EXPECT_LE(TokenSeekKey(5, *time), key);
    EXPECT_GT(TokenSeekKey(5, *time), last);
    last = key;
    const auto decoded = DecodeTokenKey(key);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->token, 5u);
    EXPECT_EQ(decoded->first_time_ns, *time);
    EXPECT_EQ(decoded->observation, Id("a"));
  }
}

TEST(Keys, CallsAreOrderedAsListed) {
  std::string last;
  for (auto time = kTimes.rbegin(); time != kTimes.rend(); ++time) {
    const CallPosition position{*time, Id("a")};
    const std::string key = EncodeCallTimeKey(position);
    EXPECT_LT(last, key) << *time;
    last = key;
    EXPECT_EQ(DecodeCallTimeKey(key), position);
  }
}

TEST(Keys, NumbersSortBeforeTheLongerOnesTheyBegin) {
  const CallPosition oldest{kMin, Id("a")};
  const CallPosition newest{kMax, Id("a")};
  EXPECT_LT(EncodeCallNumberKey("49", oldest),
            EncodeCallNumberKey("490", newest));
  EXPECT_LT(EncodeCallNumberKey("49", oldest), AfterNumber("49"));
  EXPECT_GT(EncodeCallNumberKey("490", newest), AfterNumber("49"));
  const std::string bytes = EncodeCallNumberKey("49", newest);
  const auto key = DecodeCallNumberKey(bytes);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->number, "49");
  EXPECT_EQ(key->position, newest);
}

TEST(Keys, WatermarksOfTwoSensorsNeverShareAKey) {
  EXPECT_NE(EncodeWatermarkKey("a", 1), EncodeWatermarkKey("ab", 1));
  EXPECT_NE(EncodeCaptureEndKey("a", "bc"), EncodeCaptureEndKey("ab", "c"));
}

TEST(Keys, RefusesEveryOtherLength) {
  for (size_t size = 0; size < 40; ++size) {
    const std::string bytes(size, '\0');
    EXPECT_EQ(DecodeFrameKey(bytes).has_value(), size == 32) << size;
    EXPECT_EQ(DecodeTokenKey(bytes).has_value(), size == 32) << size;
    EXPECT_EQ(DecodeCallTimeKey(bytes).has_value(), size == 24) << size;
    EXPECT_EQ(DecodeCallNumberKey(bytes).has_value(), size == 25) << size;
    EXPECT_EQ(DecodeBe32(bytes).has_value(), size == 4) << size;
    EXPECT_EQ(DecodeTime(bytes).has_value(), size == 8) << size;
  }
}

TEST(Keys, TimesAsValuesKeepTheirOrder) {
  for (size_t i = 1; i < kTimes.size(); ++i) {
    EXPECT_LT(EncodeTime(kTimes[i - 1]), EncodeTime(kTimes[i]));
    EXPECT_EQ(DecodeTime(EncodeTime(kTimes[i])), kTimes[i]);
  }
}

}  // namespace
}  // namespace callbraid::collector
