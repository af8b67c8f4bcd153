// Where packets come to lie on the timeline, as heard in the recording.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

using ::testing::Each;

// Renders what `sensors` saw of one stream, the caller's.
Wav RenderSeenAs(const std::vector<Packets>& sensors,
                 const RecordingOptions& options = {}) {
  RecordedCall call;
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB);
  for (size_t i = 0; i < sensors.size(); ++i) {
    call.Observe(stream, "s" + std::to_string(i), sensors[i]);
  }
  return call.Render(options);
}

TEST(RenderCall, GivesTheSameForAnyOrderOfArrivalAndAnyRepetition) {
  const Packets sent = Speech(100);
  const Wav plain = RenderSeenAs({sent});
  Packets disturbed = sent;
  for (size_t i = 10; i + 5 < disturbed.size(); i += 7) {
    std::swap(disturbed[i], disturbed[i + 3]);
    std::swap(disturbed[i].time_ns, disturbed[i + 3].time_ns);
  }
  for (size_t i = 0; i < 100; i += 3) {
    SentPacket copy = disturbed[i];
    copy.time_ns += 35 * kMs;
    disturbed.push_back(copy);
  }
  std::stable_sort(disturbed.begin(), disturbed.end(),
                   [](const SentPacket& a, const SentPacket& b) {
                     return a.time_ns < b.time_ns;
                   });
  EXPECT_EQ(plain.left, Decoded(sent));
  EXPECT_EQ(RenderSeenAs({disturbed}).bytes, plain.bytes);
  EXPECT_EQ(RenderSeenAs({sent, sent}).bytes, plain.bytes);
}

TEST(RenderCall, KeepsTheLengthOfSilence) {
  const Packets before = Speech(50);
  // Sequence goes on, time passes: hold, or DTX.
  const Packets after =
      Speech(50, 2, kStart + 4 * kSecond, 150, 8000 + 4 * 8000);
  const Wav wav = RenderSeenAs({before + after});
  ASSERT_EQ(wav.left.size(), 5u * 8000);
  EXPECT_EQ(Part(wav.left, 0, 8000), Decoded(before));
  EXPECT_THAT(Part(wav.left, 8000, 32000), Each(0));
  EXPECT_EQ(Part(wav.left, 32000, 40000), Decoded(after));
}

TEST(RenderCall, JoinsRunsOfAStreamOnOneTimeline) {
  // After a long silence the sensor begins another run: another observation.
  RecordedCall call;
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB);
  const Packets before = Speech(50);
  const Packets after = Speech(50, 2, kStart + 20 * kSecond, 7, 99);
  call.Observe(stream, "s1", after);
  call.Observe(stream, "s1", before);
  const Wav wav = call.Render();
  ASSERT_EQ(wav.left.size(), 21u * 8000);
  EXPECT_EQ(Part(wav.left, 0, 8000), Decoded(before));
  EXPECT_THAT(Part(wav.left, 8000, 160000), Each(0));
  EXPECT_EQ(Part(wav.left, 160000, 168000), Decoded(after));
}

TEST(RenderCall, ConcealsLossUnlessToldNotTo) {
  const Packets sent = Speech(50);
  Packets seen = sent;
  seen.erase(seen.begin() + 20);
  const Wav concealed = RenderSeenAs({seen});
  const Wav silent = RenderSeenAs({seen}, {.stream_id = "", .conceal = false});
  ASSERT_EQ(silent.left.size(), 8000u);
  EXPECT_THAT(Part(silent.left, 3200, 3360), Each(0));
  ASSERT_EQ(concealed.left.size(), 8000u);
  EXPECT_THAT(Part(concealed.left, 3200, 3300), Each(testing::Ne(0)));
  for (const Wav* wav : {&concealed, &silent}) {
    EXPECT_EQ(Part(wav->left, 0, 3200), Part(Decoded(sent), 0, 3200));
    EXPECT_EQ(Part(wav->left, 3360, 8000), Part(Decoded(sent), 3360, 8000));
  }
}

TEST(RenderCall, FadesToSilenceInALongLoss) {
  Packets seen = Speech(50);
  seen.erase(seen.begin() + 10, seen.begin() + 40);
  const Wav wav = RenderSeenAs({seen});
  ASSERT_EQ(wav.left.size(), 8000u);
  EXPECT_NE(wav.left[1600], 0);
  EXPECT_THAT(Part(wav.left, 1600 + 480, 6400), Each(0));
}

TEST(RenderCall, MakesAWholeOfTwoCapturesWithDisjointLosses) {
  const Packets sent = Speech(200);
  Packets near;
  Packets far;
  for (size_t i = 0; i < sent.size(); ++i) {
    if (i < 50 || i % 3 != 0) near.push_back(sent[i]);
    if (i % 3 != 1) {
      far.push_back(sent[i]);
      far.back().time_ns += 30 * kMs;
    }
  }
  EXPECT_EQ(RenderSeenAs({near, far}).left, Decoded(sent));
  EXPECT_EQ(RenderSeenAs({far, near}).left, Decoded(sent));
}

TEST(RenderCall, PrefersTheCopyThatIsWhole) {
  const Packets sent = Speech(50);
  Packets cut = sent;
  for (SentPacket& packet : cut) {
    packet.truncated = true;
    packet.payload.resize(20);
  }
  EXPECT_EQ(RenderSeenAs({cut, sent}).left, Decoded(sent));
  const Wav wav = RenderSeenAs({cut}, {.stream_id = "", .conceal = false});
  ASSERT_EQ(wav.left.size(), 49u * 160 + 20);
  EXPECT_EQ(Part(wav.left, 1600, 1620), Part(Decoded(sent), 1600, 1620));
  EXPECT_THAT(Part(wav.left, 1620, 1760), Each(0));
}

TEST(RenderCall, FollowsAJumpOfTheTimestamp) {
  for (const uint32_t jump : {1'000'000'000u, 4'000'000'000u, 80'000u}) {
    const Packets before = Speech(100);
    const Packets after =
        Speech(100, 2, kStart + 2 * kSecond, 200, 24000 + jump);
    const Wav wav = RenderSeenAs({before + after});
    EXPECT_EQ(wav.left, Decoded(before + after)) << jump;
  }
}

TEST(RenderCall, FollowsAClockThatStoodStillOnHold) {
  const Packets before = Speech(100);
  const Packets after = Speech(100, 2, kStart + 5 * kSecond, 200, 8000 + 16000);
  const Wav wav = RenderSeenAs({before + after});
  ASSERT_EQ(wav.left.size(), 7u * 8000);
  EXPECT_THAT(Part(wav.left, 16000, 40000), Each(0));
  EXPECT_EQ(Part(wav.left, 40000, 56000), Decoded(after));
}

TEST(RenderCall, IsNotMovedByABurstAfterAStall) {
  const Packets sent = Speech(200);
  Packets seen = sent;
  for (int i = 80; i < 140; ++i) {
    seen[i].time_ns = kStart + 2800 * kMs + i * kMs / 10;
  }
  EXPECT_EQ(RenderSeenAs({seen}).left, Decoded(sent));
}

TEST(RenderCall, LeavesOutAWildTimestamp) {
  const Packets sent = Speech(100);
  Packets seen = sent;
  seen[0].timestamp += 123'456'789;
  seen[50].timestamp -= 123'456'789;
  const Wav wav = RenderSeenAs({seen}, {.stream_id = "", .conceal = false});
  ASSERT_EQ(wav.left.size(), 99u * 160);
  EXPECT_EQ(Part(wav.left, 0, 49 * 160), Part(Decoded(sent), 160, 50 * 160));
  EXPECT_THAT(Part(wav.left, 49 * 160, 50 * 160), Each(0));
}

TEST(RenderCall, WrapsSequenceAndTimestamp) {
  const Packets sent =
      Speech(100, 1, kStart, 0xffff - 40, 0xffffffff - 50 * 160);
  EXPECT_EQ(RenderSeenAs({sent}).left, Decoded(sent));
}

TEST(RenderCall, FollowsDriftWithoutAStep) {
  // The talker's clock is 0.1 % slow: 120 ms in two minutes.
  Packets sent = Speech(6000);
  for (int i = 0; i < 6000; ++i) {
    sent[i].time_ns = kStart + i * 20 * kMs * 1001 / 1000;
  }
  const Wav wav = RenderSeenAs({sent});
  const auto natural = static_cast<int64_t>(6000 * 160);
  const auto length = static_cast<int64_t>(wav.left.size());
  EXPECT_GT(length, natural + 8 * 60);
  EXPECT_LT(length, natural + 8 * 125);
  EXPECT_EQ(std::count(wav.left.begin(), wav.left.end(), 0), 0);
}

TEST(RenderStream, IsMonoAndPlacedByTimestampAlone) {
  RecordedCall call;
  const Packets before = Speech(50);
  // Half a second late for good: the timestamps count.
  const Packets after = Speech(50, 2, kStart + 2500 * kMs, 160, 8000 + 16000);
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLEE, kA, kB);
  call.Observe(stream, "s1", before + after);
  const Wav wav = call.Render({.stream_id = stream.id(), .conceal = false});
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  EXPECT_EQ(wav.channels, 1);
  ASSERT_EQ(wav.left.size(), 24000u);
  EXPECT_EQ(Part(wav.left, 0, 8000), Decoded(before));
  EXPECT_THAT(Part(wav.left, 8000, 16000), Each(0));
  EXPECT_EQ(Part(wav.left, 16000, 24000), Decoded(after));
}

TEST(RenderStream, BeginsWithTheEarliestTimestamp) {
  RecordedCall call;
  Packets sent = Speech(50);
  const auto expected = Decoded(sent);
  std::swap(sent[0], sent[1]);
  std::swap(sent[0].time_ns, sent[1].time_ns);
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB);
  call.Observe(stream, "s1", sent);
  EXPECT_EQ(call.Render({.stream_id = stream.id(), .conceal = false}).left,
            expected);
}

TEST(RenderStream, HearsAPacketUntilTheNextOneBegins) {
  RecordedCall call;
  Packets sent = Speech(120);
  const auto expected = Decoded(sent);
  for (SentPacket& packet : sent) {
    packet.payload.insert(packet.payload.end(), 10, 0x55);  // SRTP's tag.
  }
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB);
  call.Observe(stream, "s1", sent);
  const Wav wav = call.Render({.stream_id = stream.id(), .conceal = false});
  ASSERT_EQ(wav.left.size(), expected.size() + 10);
  EXPECT_EQ(Part(wav.left, 0, expected.size()), expected);
}

TEST(RenderStream, HearsTheFirstOfPacketsThatBeginTogether) {
  RecordedCall call;
  Packets sent = Speech(50);
  const auto expected = Decoded(sent);
  SentPacket other = Speech(1, 2)[0];
  other.timestamp = sent[20].timestamp;
  other.time_ns = sent[20].time_ns + kMs;
  other.sequence = 200;
  sent.insert(sent.begin() + 21, other);
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB);
  call.Observe(stream, "s1", sent);
  EXPECT_EQ(call.Render({.stream_id = stream.id(), .conceal = false}).left,
            expected);
}

}  // namespace
}  // namespace callbraid::collector
