#include "collector/timeline/heard_tones.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "collector/timeline/timeline.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/codecs/reference.h"
#include "tests/unit/collector/record/dtmf.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint8_t kL16 = 96;

// `pcm` in L16 at 8 kHz.
Packets Spoken(const std::vector<int16_t>& pcm, int64_t time_ns = kStart) {
  Packets packets = Speech(static_cast<int>(pcm.size() / 160), 1, time_ns);
  for (size_t i = 0; i < packets.size(); ++i) {
    packets[i].type = kL16;
    packets[i].payload.clear();
    for (size_t j = 0; j < 160; ++j) {
      const auto sample = static_cast<uint16_t>(pcm[i * 160 + j]);
      packets[i].payload.push_back(static_cast<uint8_t>(sample >> 8));
      packets[i].payload.push_back(static_cast<uint8_t>(sample & 0xff));
    }
  }
  return packets;
}

class HeardTonesTest : public testing::Test {
 protected:
  HeardTonesTest() {
    for (const char* to : {kA, kB}) {
      call_.AddSdp("leg", kStart - kSecond, to,
                   {{kL16, "L16"}, {101, "telephone-event"}});
    }
  }
  void Speaks(v1::Side side, const Packets& packets) {
    const bool is_caller = side == v1::SIDE_CALLER;
    call_.Observe(
        call_.AddStream(side, is_caller ? kA : kB, is_caller ? kB : kA, "leg",
                        is_caller ? 1 : 2),
        "s1", packets);
  }
  // "caller 5 in audio at 1.0 s" and its like.
  std::vector<std::string> Told() {
    v1::GetTimelineRequest request;
    request.set_with_digits(true);
    const auto response = ReadTimeline(call_.store(), call_.record(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> told;
    for (const v1::TimelineEvent& event : response->events()) {
      const double s =
          static_cast<double>(TimeUtil::TimestampToNanoseconds(event.time()) -
                              kStart) /
          1e9;
      char text[80];
      std::snprintf(
          text, sizeof(text), "%s %s in %s at %.1f s",
          event.side() == v1::SIDE_CALLER ? "caller" : "callee",
          (event.has_dtmf() ? event.dtmf().digit() : event.tone().name())
              .c_str(),
          event.dtmf().source() == v1::DTMF_SOURCE_AUDIO ||
                  event.tone().in_audio()
              ? "audio"
              : "event",
          s);
      told.push_back(text);
    }
    return told;
  }

  RecordedCall call_;
};

TEST_F(HeardTonesTest, TellsKeysWithSideAndTime) {
  std::vector<int16_t> pcm = Voice(8000, 10);
  for (const size_t second : {2u, 3u, 7u}) {
    std::fill_n(pcm.begin() + second * 8000, 800, int16_t{0});
    AddKey(pcm, second * 8000, 800, second == 7 ? '#' : '5');
  }
  Packets packets = Spoken(pcm);
  // Silence between them keeps its length.
  packets.erase(packets.begin() + 200, packets.begin() + 300);
  Speaks(v1::SIDE_CALLER, packets);
  EXPECT_THAT(Told(), ElementsAre("caller 5 in audio at 2.0 s",
                                  "caller 5 in audio at 3.0 s",
                                  "caller # in audio at 7.0 s"));
}

TEST_F(HeardTonesTest, TellsAKeyOnceThatIsSignalledBeside) {
  std::vector<int16_t> pcm(8000 * 4);
  AddKey(pcm, 8000, 600, '5');
  AddKey(pcm, 24'000, 600, '7');
  Packets packets = Spoken(pcm);
  // The event follows the beginning of the tone.
  for (int i = 0; i < 5; ++i) {
    SentPacket event = packets[60];
    event.type = 101;
    event.sequence = static_cast<uint16_t>(9000 + i);
    event.time_ns = kStart + kSecond + (60 + 20 * i) * kMs;
    event.payload = {5, static_cast<uint8_t>(i > 2 ? 0x8a : 0x0a), 0, 160};
    packets.push_back(event);
  }
  std::stable_sort(packets.begin(), packets.end(),
                   [](const SentPacket& a, const SentPacket& b) {
                     return a.time_ns < b.time_ns;
                   });
  Speaks(v1::SIDE_CALLER, packets);
  EXPECT_THAT(Told(), ElementsAre("caller 5 in event at 1.1 s",
                                  "caller 7 in audio at 3.0 s"));
}

TEST_F(HeardTonesTest, TellsAnEchoNotAtAll) {
  std::vector<int16_t> pcm(8000 * 4);
  AddKey(pcm, 8000, 800, '5');
  Speaks(v1::SIDE_CALLER, Spoken(pcm));
  std::vector<int16_t> echo(8000 * 4);
  AddKey(echo, 8000 + 480, 800, '5', 700);
  // A key of its own.
  AddKey(echo, 24'000, 800, '5');
  Speaks(v1::SIDE_CALLEE, Spoken(echo));
  EXPECT_THAT(Told(), ElementsAre("caller 5 in audio at 1.0 s",
                                  "callee 5 in audio at 3.0 s"));
}

TEST_F(HeardTonesTest, TellsTheTonesOfFaxMachines) {
  std::vector<int16_t> calling(8000 * 14);
  for (const size_t at : {1u, 4u, 8u}) {
    AddTone(calling, at * 8000, 4000, 1100, 5000);
  }
  Speaks(v1::SIDE_CALLER, Spoken(calling));
  std::vector<int16_t> answering(8000 * 14);
  AddTone(answering, 9 * 8000, 3 * 8000, 2100, 5000);
  Speaks(v1::SIDE_CALLEE, Spoken(answering));
  EXPECT_THAT(Told(), ElementsAre("caller CNG in audio at 1.0 s",
                                  "callee ANS in audio at 9.0 s"));
}

TEST_F(HeardTonesTest, HearsNoneInSpeech) {
  Speaks(v1::SIDE_CALLER, Spoken(Voice(8000, 120)));
  EXPECT_THAT(Told(), IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
