// What a party heard of the other one, by where its stream was seen last.

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A call over two switches: s1 at the caller, s2 at the callee. On the way, one
// packet in five is lost either way.
class PerspectiveTest : public testing::Test {
 protected:
  PerspectiveTest() {
    AddStream(v1::SIDE_CALLER, kA, kB, caller_, "s1", "s2");
    callee_id_ = AddStream(v1::SIDE_CALLEE, kB, kA, callee_, "s2", "s1");
  }

  std::string AddStream(v1::Side side, const char* from, const char* to,
                        const Packets& sent, const char* near,
                        const char* far) {
    v1::Stream& stream =
        call_.AddStream(side, from, to, "leg", side == v1::SIDE_CALLER ? 1 : 2);
    Packets arrived;
    for (size_t i = 0; i < sent.size(); ++i) {
      if (i % 5 == 3) continue;
      arrived.push_back(sent[i]);
      arrived.back().time_ns += 30 * kMs;
      // Late for 60 ms, not for 100.
      if (i == 100) arrived.back().time_ns += 80 * kMs;
    }
    call_.Observe(stream, near, sent);
    call_.Observe(stream, far, arrived);
    v1::Hop& hop = *stream.add_hops();
    hop.set_from_sensor(near);
    hop.set_to_sensor(far);
    return stream.id();
  }

  Wav Render(Perspective perspective, int64_t buffer_ms = 60) {
    RecordingOptions options;
    options.perspective = perspective;
    options.conceal = false;
    options.jitter_buffer_ns = buffer_ms * kMs;
    return call_.Render(options);
  }

  // What arrived of `sent`, so much later than it was sent.
  static std::vector<int16_t> Arrived(const Packets& sent, size_t delay_ms,
                                      bool late_too) {
    std::vector<int16_t> pcm(delay_ms * 8);
    for (size_t i = 0; i < sent.size(); ++i) {
      const bool lost = i % 5 == 3 || (i == 100 && !late_too);
      const auto heard = lost ? std::vector<int16_t>(160) : Decoded({sent[i]});
      pcm.insert(pcm.end(), heard.begin(), heard.end());
    }
    return pcm;
  }

  RecordedCall call_;
  // Neither ends with what is lost.
  const Packets caller_ = Speech(200, 1);
  const Packets callee_ = Speech(200, 2);
  std::string callee_id_;
};

TEST_F(PerspectiveTest, AsSpokenIsWhole) {
  const Wav wav = Render(Perspective::kAsSpoken);
  EXPECT_EQ(wav.left, Decoded(caller_));
  EXPECT_EQ(wav.right, Decoded(callee_));
  EXPECT_THAT(wav.findings, IsEmpty());
}

TEST_F(PerspectiveTest, TheCallerHearsWhatReachedIt) {
  const Wav wav = Render(Perspective::kHeardByCaller);
  const auto heard = Arrived(callee_, 90, false);
  ASSERT_EQ(wav.right.size(), heard.size());
  EXPECT_EQ(wav.right, heard);
  // Itself it is as it spoke.
  EXPECT_EQ(Part(wav.left, 0, 32'000), Decoded(caller_));
  EXPECT_THAT(Part(wav.left, 32'000, wav.left.size()), Each(0));
  EXPECT_THAT(
      wav.findings,
      ElementsAre("stream " + callee_id_ +
                      ": as the caller had it at s1, the last of 2 capture "
                      "points",
                  "stream " + callee_id_ +
                      ": 1 of 160 packets came too late for the jitter buffer "
                      "and are not heard"));
}

TEST_F(PerspectiveTest, TheCalleeHearsWhatReachedIt) {
  const Wav wav = Render(Perspective::kHeardByCallee);
  EXPECT_EQ(wav.left, Arrived(caller_, 90, false));
  EXPECT_EQ(Part(wav.right, 0, 32'000), Decoded(callee_));
}

TEST_F(PerspectiveTest, ALongerBufferLosesLess) {
  const Wav wav = Render(Perspective::kHeardByCaller, 100);
  EXPECT_EQ(wav.right, Arrived(callee_, 130, true));
}

TEST_F(PerspectiveTest, LossIsConcealedAsAPhoneDoes) {
  RecordingOptions options;
  options.perspective = Perspective::kHeardByCaller;
  const Wav wav = call_.Render(options);
  const auto silent = Render(Perspective::kHeardByCaller).right;
  ASSERT_EQ(wav.right.size(), silent.size());
  const size_t gap = 90 * 8 + 3 * 160;
  EXPECT_THAT(Part(silent, gap, gap + 160), Each(0));
  EXPECT_THAT(Part(wav.right, gap, gap + 100), Each(testing::Ne(0)));
}

TEST(Perspective, IsOfTheListenersLegAlone) {
  // A relay: what the callee said came to it whole, and left it with a hole.
  RecordedCall call;
  call.LegOf("first").set_source("10.0.0.1:5060");
  call.LegOf("first").set_destination("10.1.1.1:5060");
  call.LegOf("second").set_source("10.1.1.1:5060");
  call.LegOf("second").set_destination("10.0.0.2:5060");
  const Packets said = Speech(200, 2);
  Packets relayed = Speech(200, 2, kStart, 9000, 77);
  relayed.erase(relayed.begin() + 50, relayed.begin() + 100);
  for (const bool near : {true, false}) {
    v1::Stream& stream = call.AddStream(
        v1::SIDE_CALLEE, near ? kB : "10.1.1.1:4002",
        near ? "10.1.1.1:4000" : kA, near ? "second" : "first", near ? 1 : 2);
    call.Observe(stream, "s1", near ? said : relayed);
    stream.mutable_end_time()->set_seconds(stream.start_time().seconds() + 4);
  }
  EXPECT_EQ(call.Render().right, Decoded(said));
  RecordingOptions options;
  options.perspective = Perspective::kHeardByCaller;
  options.conceal = false;
  const Wav heard = call.Render(options);
  ASSERT_EQ(heard.right.size(), 32'000u);
  EXPECT_THAT(Part(heard.right, 8000, 16'000), Each(0));
  ASSERT_EQ(heard.findings.size(), 1u);
  EXPECT_THAT(heard.findings[0], HasSubstr("the only capture point"));
}

}  // namespace
}  // namespace callbraid::collector
