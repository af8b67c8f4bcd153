#include "collector/record/recorder.h"

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
using ::testing::HasSubstr;

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

TEST(RenderCall, PutsCallerLeftAndCalleeRight) {
  RecordedCall call;
  const Packets caller = Speech(50, 1);
  const Packets callee = Speech(50, 2, kStart + 500 * kMs);
  call.Observe(call.AddStream(v1::SIDE_CALLEE, kB, kA), "s1", callee);
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB), "s1", caller);
  const Wav wav = call.Render();
  ASSERT_TRUE(wav.status.ok()) << wav.status;
  EXPECT_EQ(wav.channels, 2);
  EXPECT_EQ(wav.sample_rate, 8000);
  EXPECT_LE(wav.largest_write, size_t{64} << 10);
  ASSERT_EQ(wav.left.size(), 12000u);
  EXPECT_EQ(Part(wav.left, 0, 8000), Decoded(caller));
  EXPECT_THAT(Part(wav.left, 8000, 12000), Each(0));
  EXPECT_THAT(Part(wav.right, 0, 4000), Each(0));
  EXPECT_EQ(Part(wav.right, 4000, 12000), Decoded(callee));
}

TEST(RenderCall, PlaysARelayedCopyOnce) {
  RecordedCall call;
  call.LegOf("first");
  call.LegOf("second");
  const Packets spoken = Speech(150);
  Packets relayed = Speech(150, 1, kStart + 40 * kMs, 9000, 77);
  call.Observe(
      call.AddStream(v1::SIDE_CALLER, "10.0.0.9:5000", kB, "second", 2), "s1",
      relayed);
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, "10.0.0.9:5002", "first"),
               "s1", spoken);
  const Wav wav = call.Render();
  EXPECT_EQ(wav.left, Decoded(spoken));
}

TEST(RenderCall, FillsAHoleFromARelayedCopy) {
  RecordedCall call;
  call.LegOf("first");
  call.LegOf("second");
  const Packets all = Speech(150);
  Packets spoken = all;
  spoken.erase(spoken.begin() + 50, spoken.begin() + 100);
  const Packets relayed = Speech(150, 1, kStart, 9000, 77);
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, "10.0.0.9:5002", "first"),
               "s1", spoken);
  call.Observe(
      call.AddStream(v1::SIDE_CALLER, "10.0.0.9:5000", kB, "second", 2), "s1",
      relayed);
  EXPECT_EQ(call.Render().left, Decoded(all));
}

Packets Withheld(Packets packets, size_t from, size_t until) {
  for (size_t i = from; i < until; ++i) packets[i].withheld = true;
  return packets;
}

// Each sensor sends the payload of a part, whichever is read first.
TEST(RenderCall, TakesThePayloadFromWhoSentIt) {
  const Packets all = Speech(150);
  for (const auto& [one, other] :
       {std::pair("s1", "s2"), std::pair("s2", "s1")}) {
    RecordedCall call;
    v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB);
    call.Observe(stream, one, Withheld(all, 50, 150));
    call.Observe(stream, other, Withheld(all, 0, 50));
    EXPECT_EQ(call.Render().left, Decoded(all));
  }
}

// Clocks may be known badly: what comes late by them is still what was said.
TEST(RenderCall, TakesThePayloadFromWhoSentItThoughItsClockIsOff) {
  const Packets all = Speech(150);
  Packets late = all;
  for (SentPacket& packet : late) packet.time_ns += 3 * kSecond;
  RecordedCall call;
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB);
  call.Observe(stream, "s1", Withheld(all, 0, 150));
  call.Observe(stream, "s2", late);
  const auto left = call.Render().left;
  const auto said = Decoded(all);
  EXPECT_NE(std::search(left.begin(), left.end(), said.begin(), said.end()),
            left.end());
}

TEST(RenderCall, HearsWhatNobodySentAsLost) {
  Packets some = Speech(150);
  RecordedCall withheld;
  withheld.Observe(withheld.AddStream(v1::SIDE_CALLER, kA, kB), "s1",
                   Withheld(some, 50, 100));
  some.erase(some.begin() + 50, some.begin() + 100);
  RecordedCall lost;
  lost.Observe(lost.AddStream(v1::SIDE_CALLER, kA, kB), "s1", some);
  EXPECT_EQ(withheld.Render().left, lost.Render().left);
}

TEST(RenderCall, UnitesARelayThatKeepsTheRtpHeader) {
  RecordedCall call;
  call.LegOf("first");
  call.LegOf("second");
  const Packets all = Speech(150);
  Packets near;
  Packets relayed;
  for (size_t i = 0; i < all.size(); ++i) {
    if (i % 2 == 0) near.push_back(all[i]);
    if (i % 2 == 1 || i < 10) relayed.push_back(all[i]);
  }
  call.Observe(call.AddStream(v1::SIDE_CALLEE, kB, "10.0.0.9:5002", "second"),
               "s1", near);
  call.Observe(call.AddStream(v1::SIDE_CALLEE, "10.0.0.9:5000", kA, "first"),
               "s1", relayed);
  EXPECT_EQ(call.Render().right, Decoded(all));
}

TEST(RenderCall, PrefersTheLegNearestToEachParty) {
  RecordedCall call;
  call.LegOf("first").set_source("10.0.0.1:5060");
  call.LegOf("first").set_destination("10.1.1.1:5060");
  call.LegOf("second").set_source("10.1.1.1:5060");
  call.LegOf("second").set_destination("10.0.0.2:5060");
  const Packets near = Speech(50, 1);
  const Packets far = Speech(50, 2);
  for (const v1::Side side : {v1::SIDE_CALLER, v1::SIDE_CALLEE}) {
    const bool caller = side == v1::SIDE_CALLER;
    call.Observe(call.AddStream(side, caller ? "10.0.0.9:1" : "10.0.0.9:2",
                                "10.1.1.1:1", caller ? "second" : "first", 3),
                 "s1", far);
    call.Observe(call.AddStream(side, caller ? kA : kB, "10.1.1.1:2",
                                caller ? "first" : "second", 4),
                 "s1", near);
  }
  const Wav wav = call.Render();
  EXPECT_EQ(wav.left, Decoded(near));
  EXPECT_EQ(wav.right, Decoded(near));
}

TEST(RenderCall, GoesOnWithANewSsrc) {
  RecordedCall call;
  const Packets first = Speech(50, 1);
  const Packets second = Speech(50, 2, kStart + kSecond, 5, 1);
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "", 1), "s1", first);
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "", 2), "s1", second);
  EXPECT_EQ(call.Render().left, Decoded(first + second));
}

TEST(RenderCall, MovesSensorsToTheClockOfTheCall) {
  RecordedCall call;
  const int64_t skew = 2112 * kSecond;
  const Packets caller = Speech(50, 1);
  const Packets callee = Speech(50, 2, kStart + kSecond + skew);
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB), "s1", caller);
  call.Observe(call.AddStream(v1::SIDE_CALLEE, kB, kA), "s2", callee);
  store::v1::SensorOffset& offset = *call.record().add_offsets();
  offset.set_sensor("s2");
  offset.set_offset_ns(-skew);
  const Wav wav = call.Render();
  ASSERT_EQ(wav.left.size(), 16000u);
  EXPECT_EQ(Part(wav.right, 8000, 16000), Decoded(callee));
}

TEST(RenderCall, ChangesCodecInMidCall) {
  const Packets mu = Speech(50);
  Packets a = Speech(50, 2, kStart + kSecond, 150, 16000);
  for (SentPacket& packet : a) packet.type = 8;
  const Wav wav = RenderSeenAs({mu + a});
  EXPECT_EQ(Part(wav.left, 0, 8000), Decoded(mu));
  EXPECT_EQ(Part(wav.left, 8000, 16000), Decoded(a, "PCMA"));
}

TEST(RenderCall, ReadsDynamicPayloadTypesBySdpOfTheTime) {
  RecordedCall call;
  Packets sent = Speech(100);
  for (SentPacket& packet : sent) packet.type = 98;
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "leg"), "s1", sent);
  call.AddSdp("leg", kStart - kSecond, kB, {{98, "PCMU"}});
  call.AddSdp("leg", kStart + kSecond, kB, {{98, "PCMA"}});
  const Wav wav = call.Render();
  const Packets first(sent.begin(), sent.begin() + 50);
  const Packets second(sent.begin() + 50, sent.end());
  EXPECT_EQ(Part(wav.left, 0, 8000), Decoded(first));
  EXPECT_EQ(Part(wav.left, 8000, 16000), Decoded(second, "PCMA"));
}

TEST(RenderCall, IsWidebandIfAnyPartyIs) {
  RecordedCall call;
  Packets wide = Speech(50, 1);
  for (SentPacket& packet : wide) packet.type = 9;
  const Packets narrow = Speech(50, 2, kStart + kSecond);
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB), "s1", wide);
  call.Observe(call.AddStream(v1::SIDE_CALLEE, kB, kA), "s1", narrow);
  const Wav wav = call.Render();
  EXPECT_EQ(wav.sample_rate, 16000);
  ASSERT_EQ(wav.left.size(), 32000u);
  EXPECT_EQ(Part(wav.left, 0, 16000), Decoded(wide, "G722"));
  EXPECT_THAT(Part(wav.right, 0, 16000), Each(0));
  // Every other sample is the talker's own, a millisecond later.
  const auto expected = Decoded(narrow);
  for (size_t i = 0; i < 7000; ++i) {
    ASSERT_EQ(wav.right[16000 + 16 + 2 * i], expected[i]) << i;
  }
}

TEST(RenderCall, TakesDigitsAndComfortNoiseForSilenceNotLoss) {
  RecordedCall call;
  const Packets before = Speech(50);
  Packets digit = Speech(10, 3, kStart + kSecond, 150, 16000);
  for (SentPacket& packet : digit) {
    packet.type = 101;
    packet.timestamp = 16000;
    packet.payload = {1, 10, 0, 160};
  }
  digit[9].type = 13;
  digit[9].payload = {127};  // As quiet as can be said.
  const Packets after = Speech(50, 2, kStart + 1200 * kMs, 160, 17600);
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB, "leg"), "s1",
               before + digit + after);
  call.AddSdp("leg", kStart, kB, {{0, "PCMU"}, {101, "telephone-event"}});
  const Wav wav = call.Render();
  ASSERT_EQ(wav.left.size(), 8000u + 1600 + 8000);
  EXPECT_THAT(Part(wav.left, 8000, 9600), Each(0));
  EXPECT_EQ(Part(wav.left, 9600, 17600), Decoded(after));
}

TEST(RenderCall, StopsWhenTheReaderIsGone) {
  class Gone final : public RecordingSink {
   public:
    absl::Status Begin(uint64_t) override { return absl::OkStatus(); }
    absl::Status Write(std::string_view) override {
      return absl::CancelledError("gone");
    }
  };
  RecordedCall call;
  call.Observe(call.AddStream(v1::SIDE_CALLER, kA, kB), "s1", Speech(50));
  Gone sink;
  EXPECT_TRUE(
      absl::IsCancelled(RenderCall(call.store(), call.record(), {}, sink)));
}

TEST(RenderCall, SaysWhyThereIsNothingToPlay) {
  RecordedCall call;
  EXPECT_TRUE(absl::IsFailedPrecondition(call.Render().status));
  EXPECT_TRUE(absl::IsNotFound(
      call.Render({.stream_id = std::string(32, 'a'), .conceal = true})
          .status));

  Packets packets = Speech(50);
  for (SentPacket& packet : packets) packet.type = 18;
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB);
  call.Observe(stream, "s1", packets);
  const absl::Status unknown = call.Render().status;
  EXPECT_TRUE(absl::IsFailedPrecondition(unknown));
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("G729"));

  stream.set_encrypted(true);
  const absl::Status encrypted = call.Render().status;
  EXPECT_TRUE(absl::IsFailedPrecondition(encrypted));
  EXPECT_THAT(std::string(encrypted.message()), HasSubstr("encrypted"));
}

TEST(RenderCall, RefusesWhatAWavFileCannotHold) {
  const Packets early = Speech(50);
  const Packets late = Speech(50, 1, kStart + 40 * 3600 * kSecond, 150,
                              8000 + 40u * 3600 * 8000);
  const absl::Status status = RenderSeenAs({early + late}).status;
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("4 GiB"));
}

TEST(RenderCall, IgnoresFramesThatAreNotSound) {
  RecordedCall call;
  v1::Stream& stream = call.AddStream(v1::SIDE_CALLER, kA, kB);
  const Packets sent = Speech(50);
  call.Observe(stream, "s1", sent);
  CommitGroup group;
  FrameRecord& junk = group.frames.emplace_back();
  junk.observation = *ObservationId::FromHex(stream.observations(0).id());
  junk.time_ns = kStart + 1;
  junk.frame = "\xff\xff junk";
  ASSERT_TRUE(call.store().Commit(group).ok());
  EXPECT_EQ(call.Render().left, Decoded(sent));
}

}  // namespace
}  // namespace callbraid::collector
