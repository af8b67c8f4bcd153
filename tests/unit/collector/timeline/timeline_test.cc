#include "collector/timeline/timeline.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;

// Speech with a key in it: 8 packets, the last sent three times.
Packets WithKeys(const std::string& keys) {
  Packets packets = Speech(20);
  for (const char key : keys) {
    const uint16_t sequence = packets.back().sequence;
    const uint32_t timestamp = packets.back().timestamp + 160;
    for (uint16_t i = 1; i <= 10; ++i) {
      SentPacket packet;
      packet.time_ns = packets.back().time_ns + 20 * kMs;
      packet.sequence = static_cast<uint16_t>(sequence + i);
      packet.timestamp = timestamp;
      packet.type = 101;
      const auto duration = static_cast<uint16_t>(160 * std::min<int>(i, 8));
      packet.payload = {static_cast<uint8_t>(key - '0'),
                        static_cast<uint8_t>(i >= 8 ? 0x8a : 0x0a),
                        static_cast<uint8_t>(duration >> 8),
                        static_cast<uint8_t>(duration & 0xff)};
      packets.push_back(packet);
    }
    packets = packets + Speech(20, 1, packets.back().time_ns + 20 * kMs,
                               static_cast<uint16_t>(sequence + 11),
                               timestamp + 1600);
  }
  return packets;
}

// The same as redundant audio of type 63, without anything sent again.
Packets AsRedundant(Packets packets) {
  for (SentPacket& packet : packets) {
    packet.payload.insert(packet.payload.begin(), packet.type);
    packet.type = 63;
  }
  return packets;
}

class TimelineTest : public testing::Test {
 protected:
  v1::GetTimelineResponse Read(const std::string& stream = "",
                               bool with_digits = true) {
    v1::GetTimelineRequest request;
    request.set_stream_id(stream);
    request.set_with_digits(with_digits);
    const auto response = ReadTimeline(call_.store(), call_.record(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::GetTimelineResponse();
  }
  std::vector<std::string> Told(const v1::GetTimelineResponse& response) {
    std::vector<std::string> told;
    for (const v1::TimelineEvent& event : response.events()) {
      const int64_t ms =
          (TimeUtil::TimestampToNanoseconds(event.time()) - kStart) / kMs;
      const std::string what = event.has_dtmf()   ? event.dtmf().digit()
                               : event.has_tone() ? event.tone().name()
                               : event.has_hold() ? "hold"
                               : event.has_early_media()
                                   ? "early"
                                   : event.codec().codec();
      told.push_back(absl::StrCat(ms, " ", what));
    }
    return told;
  }

  RecordedCall call_;
};

TEST_F(TimelineTest, TellsWhatWasHeardBeforeTheAnswer) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_CALLEE, kB, kA, "leg");
  call_.AddSdp("leg", kStart, kA, {{0, "PCMU"}});
  call_.Observe(stream, "s1", Speech(100));
  *stream.mutable_start_time() = TimeUtil::NanosecondsToTimestamp(kStart);
  *stream.mutable_end_time() =
      TimeUtil::NanosecondsToTimestamp(kStart + 2 * kSecond);
  const auto answered = [this](int64_t after_ns) {
    *call_.record().mutable_call()->mutable_answer_time() =
        TimeUtil::NanosecondsToTimestamp(kStart + after_ns);
    return Read();
  };
  EXPECT_THAT(Told(answered(100 * kMs)), ElementsAre());
  const auto early = answered(kSecond);
  EXPECT_THAT(Told(early), ElementsAre("0 early"));
  EXPECT_EQ(TimeUtil::DurationToMilliseconds(early.events(0).duration()), 1000);
  EXPECT_EQ(early.events(0).side(), v1::SIDE_CALLEE);
  EXPECT_EQ(TimeUtil::DurationToMilliseconds(
                answered(5 * kSecond).events(0).duration()),
            2000);
}

// Beside Opus, whose clock is 48 kHz, events may have one of their own.
TEST_F(TimelineTest, MeasuresKeysByTheClockThatSdpNames) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_CALLER, kA, kB, "leg");
  call_.AddSdp("leg", kStart, kB, {{0, "opus"}, {101, "telephone-event"}});
  call_.Observe(stream, "s1", WithKeys("1"));
  const auto timeline = Read();
  ASSERT_EQ(timeline.events_size(), 1);
  EXPECT_EQ(TimeUtil::DurationToMilliseconds(timeline.events(0).duration()),
            160);
}

TEST_F(TimelineTest, TellsKeysWithinRedundantAudio) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_CALLER, kA, kB, "leg");
  call_.AddSdp("leg", kStart, kB,
               {{63, "red", "0/101"}, {0, "PCMU"}, {101, "telephone-event"}});
  call_.Observe(stream, "s1", AsRedundant(WithKeys("12")));
  EXPECT_THAT(Told(Read()), ElementsAre("400 1", "1000 2"));
}

TEST_F(TimelineTest, TellsKeysWithTimeLengthAndSide) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_CALLER, kA, kB, "leg");
  call_.AddSdp("leg", kStart, kB, {{0, "PCMU"}, {101, "telephone-event"}});
  call_.Observe(stream, "s1", WithKeys("12"));
  const auto timeline = Read();
  EXPECT_THAT(Told(timeline), ElementsAre("400 1", "1000 2"));
  const v1::TimelineEvent& first = timeline.events(0);
  EXPECT_EQ(TimeUtil::DurationToMilliseconds(first.duration()), 160);
  EXPECT_EQ(first.side(), v1::SIDE_CALLER);
  EXPECT_EQ(first.stream_id(), stream.id());
  EXPECT_EQ(first.dtmf().source(), v1::DTMF_SOURCE_RTP);
}

TEST_F(TimelineTest, KeysAreToldToWhoAsksForThem) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_CALLER, kA, kB, "leg");
  call_.AddSdp("leg", kStart, kB, {{0, "PCMU"}, {101, "telephone-event"}});
  call_.Observe(stream, "s1", WithKeys("7"));
  const auto timeline = Read("", /*with_digits=*/false);
  ASSERT_EQ(timeline.events_size(), 1);
  EXPECT_TRUE(timeline.events(0).has_dtmf());
  EXPECT_EQ(timeline.events(0).dtmf().digit(), "");
}

TEST_F(TimelineTest, FindsKeysOfWhichSdpSaysNothing) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_UNSPECIFIED, kA, kB);
  call_.Observe(stream, "s1", WithKeys("5"));
  EXPECT_THAT(Told(Read()), ElementsAre("400 5"));
}

// A relay that sends its own SSRC and sequence numbers.
TEST_F(TimelineTest, ARelayedKeyIsOne) {
  call_.AddSdp("near", kStart, kB, {{0, "PCMU"}, {101, "telephone-event"}});
  v1::Stream& near = call_.AddStream(v1::SIDE_CALLER, kA, kB, "near");
  call_.Observe(near, "s1", WithKeys("11"));
  v1::Stream& far =
      call_.AddStream(v1::SIDE_CALLER, kB, "10.0.0.3:4000", "", 2);
  Packets relayed = WithKeys("11");
  for (SentPacket& packet : relayed) {
    packet.time_ns += 5 * kMs;
    packet.sequence += 999;
    packet.timestamp += 77'777;
    if (packet.type == 0) packet.payload[0] ^= 1;
  }
  call_.Observe(far, "s2", relayed);
  EXPECT_THAT(Told(Read()), ElementsAre("400 1", "1000 1"));
  EXPECT_THAT(Told(Read(far.id())), ElementsAre("405 1", "1005 1"));
}

TEST_F(TimelineTest, TellsChangesOfCodec) {
  v1::Stream& stream = call_.AddStream(v1::SIDE_CALLER, kA, kB);
  Packets packets = Speech(50);
  for (int i = 25; i < 50; ++i) packets[i].type = 8;
  packets[10].type = 13;  // Comfort noise is none.
  call_.Observe(stream, "s1", packets);
  EXPECT_THAT(Told(Read()), ElementsAre("500 PCMA"));
}

TEST_F(TimelineTest, OneStreamOrNone) {
  const auto response = ReadTimeline(call_.store(), call_.record(), [] {
    v1::GetTimelineRequest request;
    request.set_stream_id("nonesuch");
    return request;
  }());
  EXPECT_TRUE(absl::IsNotFound(response.status()));
  EXPECT_EQ(Read().events_size(), 0);
}

}  // namespace
}  // namespace callbraid::collector
