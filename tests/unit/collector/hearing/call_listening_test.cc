#include "collector/hearing/call_listening.h"

#include <optional>
#include <string>
#include <vector>

#include "google/protobuf/util/time_util.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/hearing/sounds.h"
#include "tests/unit/collector/record/recorded_call.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr uint8_t kL16 = 96;

// `pcm` in L16 at 8 kHz.
Packets Spoken(const Pcm& pcm, int64_t time_ns = kStart) {
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

Pcm Silence(double seconds) { return Pcm(static_cast<size_t>(seconds * kHz)); }

double SecondsOf(const google::protobuf::Duration& length) {
  return static_cast<double>(TimeUtil::DurationToMilliseconds(length)) / 1000;
}

double OffsetOf(const google::protobuf::Timestamp& time) {
  return static_cast<double>(TimeUtil::TimestampToNanoseconds(time) - kStart) /
         1e9;
}

class CallListeningTest : public testing::Test {
 protected:
  CallListeningTest() {
    for (const char* to : {kA, kB}) {
      call_.AddSdp("leg", kStart - kSecond, to, {{kL16, "L16"}});
    }
    call_.record().mutable_call()->set_state(v1::CALL_STATE_COMPLETED);
  }
  v1::Stream& Speaks(v1::Side side, const Packets& packets) {
    const bool is_caller = side == v1::SIDE_CALLER;
    v1::Stream& stream =
        call_.AddStream(side, is_caller ? kA : kB, is_caller ? kB : kA, "leg",
                        is_caller ? 1 : 2);
    call_.Observe(stream, "s1", packets);
    return stream;
  }
  void EndsAfter(double seconds) {
    v1::Call& call = *call_.record().mutable_call();
    *call.mutable_answer_time() = TimeUtil::NanosecondsToTimestamp(kStart);
    *call.mutable_end_time() = TimeUtil::NanosecondsToTimestamp(
        kStart + static_cast<int64_t>(seconds * 1e9));
    call.set_end_reason(v1::END_REASON_BYE);
  }
  std::optional<v1::CallListening> Listen(
      const std::vector<CallStretch>& holds = {}) {
    auto told = ListenToCall(call_.store(), call_.record(), holds);
    EXPECT_TRUE(told.ok()) << told.status();
    return told.ok() ? *std::move(told) : std::nullopt;
  }
  static CallStretch Hold(double from, double to) {
    return {kStart + static_cast<int64_t>(from * 1e9),
            kStart + static_cast<int64_t>(to * 1e9)};
  }

  RecordedCall call_;
};

TEST_F(CallListeningTest, TellsLevelsAndWhoTalks) {
  // 6 s, 2 s both, 4 s.
  Speaks(v1::SIDE_CALLER, Spoken(Noise(8, -20, 1) + Noise(4, -70, 2)));
  Speaks(v1::SIDE_CALLEE, Spoken(Noise(6, -64, 3) + Noise(6, -32, 4)));
  const auto told = Listen();
  ASSERT_TRUE(told);
  EXPECT_NEAR(OffsetOf(told->begin()), 0, 0.03);
  EXPECT_NEAR(SecondsOf(told->length()), 12, 0.05);
  ASSERT_EQ(told->parties_size(), 2);
  const v1::PartyListening& caller = told->parties(0);
  EXPECT_EQ(caller.side(), v1::SIDE_CALLER);
  EXPECT_EQ(caller.hearing(), v1::HEARING_HEARD);
  EXPECT_NEAR(caller.level_dbov(), -20, 0.3);
  EXPECT_NEAR(caller.noise_dbov(), -70, 1);
  EXPECT_NEAR(SecondsOf(caller.talk()), 8.2, 0.1);
  EXPECT_NEAR(caller.talk_share(), 8.2 / 12, 0.01);
  EXPECT_EQ(caller.clipped_runs(), 0u);
  EXPECT_FALSE(caller.one_way());
  EXPECT_FALSE(caller.has_echo());
  const v1::PartyListening& callee = told->parties(1);
  EXPECT_EQ(callee.side(), v1::SIDE_CALLEE);
  EXPECT_NEAR(callee.level_dbov(), -32, 0.3);
  EXPECT_NEAR(callee.noise_dbov(), -64, 1);
  EXPECT_NEAR(callee.talk_share(), 0.5, 0.01);
  EXPECT_NEAR(told->double_talk_share(), 2.2 / 12, 0.01);
  EXPECT_TRUE(told->dead_air().empty());
}

TEST_F(CallListeningTest, TellsClipping) {
  Speaks(v1::SIDE_CALLER, Spoken(Louder(Talker(10, -20, 1), 20)));
  Speaks(v1::SIDE_CALLEE, Spoken(Talker(10, -20, 2)));
  const auto told = Listen();
  EXPECT_GT(told->parties(0).clipped_runs(), 1000u);
  EXPECT_GT(told->parties(0).clipped_share(), 0.05);
  EXPECT_EQ(told->parties(1).clipped_runs(), 0u);
}

TEST_F(CallListeningTest, TellsDeadAirButNotOnHold) {
  const Pcm pcm = Talker(5, -20, 1) + Silence(25) + Talker(5, -20, 2);
  Speaks(v1::SIDE_CALLER, Spoken(pcm));
  Speaks(v1::SIDE_CALLEE, Spoken(Noise(35, -65)));
  const auto told = Listen();
  ASSERT_EQ(told->dead_air_size(), 1);
  EXPECT_NEAR(OffsetOf(told->dead_air(0).time()), 5, 0.9);
  EXPECT_NEAR(SecondsOf(told->dead_air(0).length()), 25, 1);
  const auto held = Listen({Hold(7, 24)});
  EXPECT_TRUE(held->dead_air().empty());
  EXPECT_NEAR(SecondsOf(held->on_hold()), 17, 0.05);
  EXPECT_NEAR(held->parties(0).talk_share(),
              told->parties(0).talk_share() * 35 / 18, 0.02);
}

// What comes before the answer, and music on hold, is nobody's talk.
TEST_F(CallListeningTest, ListensToTheConversationOnly) {
  Speaks(v1::SIDE_CALLER, Spoken(Noise(20, -65), kStart));
  Speaks(v1::SIDE_CALLEE,
         Spoken(Noise(20, -20) + Talker(5, -30, 2), kStart - 5 * kSecond));
  EndsAfter(20);
  const auto told = Listen({Hold(0, 15)});
  EXPECT_EQ(OffsetOf(told->begin()), 0);
  EXPECT_EQ(SecondsOf(told->length()), 20);
  EXPECT_NEAR(told->parties(1).level_dbov(), -28.5, 1.5);
  EXPECT_LT(SecondsOf(told->parties(1).talk()), 5.8);
}

TEST_F(CallListeningTest, TellsWhoWasNeverSeen) {
  Speaks(v1::SIDE_CALLEE, Spoken(Talker(12, -20, 2)));
  EndsAfter(12);
  const auto told = Listen();
  const v1::PartyListening& caller = told->parties(0);
  EXPECT_EQ(caller.hearing(), v1::HEARING_NO_PACKETS);
  EXPECT_TRUE(caller.one_way());
  EXPECT_EQ(OffsetOf(caller.unheard_since()), 0);
  EXPECT_FALSE(caller.has_level_dbov());
  EXPECT_EQ(told->parties(1).hearing(), v1::HEARING_HEARD);
  EXPECT_FALSE(told->parties(1).one_way());
}

class OnlySilence : public CallListeningTest,
                    public testing::WithParamInterface<double> {};

TEST_P(OnlySilence, IsNotHeard) {
  Speaks(v1::SIDE_CALLER, Spoken(Talker(12, -20, 2)));
  Speaks(v1::SIDE_CALLEE, Spoken(Noise(12, GetParam())));
  EndsAfter(12);
  const auto told = Listen();
  EXPECT_EQ(told->parties(0).hearing(), v1::HEARING_HEARD);
  EXPECT_EQ(told->parties(1).hearing(), v1::HEARING_ONLY_SILENCE);
  EXPECT_TRUE(told->parties(1).one_way());
  EXPECT_TRUE(told->dead_air().empty());
}
// Digital silence, and comfort noise.
INSTANTIATE_TEST_SUITE_P(Levels, OnlySilence,
                         testing::Values(-200.0, -70.0, -58.0, -45.0));

TEST_F(CallListeningTest, TellsWhoIsNotHeardAfterAHold) {
  Packets caller = Spoken(Talker(5, -20, 1));
  Speaks(v1::SIDE_CALLER, caller);
  Speaks(v1::SIDE_CALLEE, Spoken(Talker(40, -20, 2)));
  EndsAfter(40);
  auto told = Listen({Hold(5.5, 15)});
  EXPECT_EQ(told->parties(0).hearing(), v1::HEARING_NO_PACKETS_AFTER_HOLD);
  EXPECT_TRUE(told->parties(0).one_way());
  EXPECT_NEAR(OffsetOf(told->parties(0).unheard_since()), 15, 0.03);
  // Without it: they stopped.
  told = Listen();
  EXPECT_EQ(told->parties(0).hearing(), v1::HEARING_PACKETS_STOPPED);
  EXPECT_NEAR(OffsetOf(told->parties(0).unheard_since()), 5, 0.05);
}

TEST_F(CallListeningTest, TellsWhoIsSilentAfterAHold) {
  Speaks(v1::SIDE_CALLER, Spoken(Talker(5, -20, 1) + Noise(35, -70)));
  Speaks(v1::SIDE_CALLEE, Spoken(Talker(40, -20, 2)));
  EndsAfter(40);
  const auto told = Listen({Hold(5.5, 15)});
  EXPECT_EQ(told->parties(0).hearing(), v1::HEARING_ONLY_SILENCE_AFTER_HOLD);
  EXPECT_TRUE(told->parties(0).one_way());
  // A listener who has been heard is no matter.
  EXPECT_EQ(Listen()->parties(0).hearing(), v1::HEARING_HEARD);
}

// Who sends nothing while it is silent has not stopped.
TEST_F(CallListeningTest, OfASenderWithPausesNothingIsConcluded) {
  Packets caller = Spoken(Talker(8, -20, 1));
  caller.erase(caller.begin() + 100, caller.begin() + 250);
  Speaks(v1::SIDE_CALLER, caller);
  Speaks(v1::SIDE_CALLEE, Spoken(Talker(40, -20, 2)));
  EndsAfter(40);
  EXPECT_EQ(Listen()->parties(0).hearing(), v1::HEARING_HEARD);
}

TEST_F(CallListeningTest, SuspectsAnEcho) {
  const Pcm voice = Talker(30, -20, 1);
  Speaks(v1::SIDE_CALLER, Spoken(voice));
  Speaks(v1::SIDE_CALLEE,
         Spoken(Mixed(Noise(30, -65), Louder(voice, -16), 8 * 140)));
  const auto told = Listen();
  ASSERT_TRUE(told->parties(0).has_echo());
  EXPECT_NEAR(told->parties(0).echo().delay_ms(), 140, 1);
  EXPECT_NEAR(told->parties(0).echo().return_loss_db(), 16, 1.5);
  EXPECT_FALSE(told->parties(1).has_echo());
}

// G.711 codes each sample with an error of its own.
TEST_F(CallListeningTest, SuspectsAnEchoInG711) {
  const Pcm voice = Talker(30, -20, 1);
  const auto coded = [](const Pcm& pcm) {
    const Scratch scratch;
    EXPECT_TRUE(scratch.Encode(pcm, 8000, "-f mulaw", "out.ulaw"));
    const Bytes bytes = scratch.Read("out.ulaw");
    Packets packets = Speech(static_cast<int>(bytes.size() / 160));
    for (size_t i = 0; i < packets.size(); ++i) {
      packets[i].payload.assign(
          bytes.begin() + static_cast<ptrdiff_t>(160 * i),
          bytes.begin() + static_cast<ptrdiff_t>(160 * i + 160));
    }
    return packets;
  };
  Speaks(v1::SIDE_CALLEE, coded(voice));
  Speaks(v1::SIDE_CALLER,
         coded(Mixed(Pcm(voice.size()), Louder(voice, -30), 8 * 60)));
  const auto told = Listen();
  ASSERT_TRUE(told->parties(1).has_echo());
  EXPECT_NEAR(told->parties(1).echo().delay_ms(), 60, 1);
  EXPECT_NEAR(told->parties(1).echo().return_loss_db(), 30, 1.5);
  EXPECT_FALSE(told->parties(0).has_echo());
}

TEST_F(CallListeningTest, OfASecondThereIsLittleToSay) {
  Speaks(v1::SIDE_CALLER, Spoken(Noise(1, -20)));
  Speaks(v1::SIDE_CALLEE, Spoken(Noise(1, -70)));
  const auto told = Listen();
  EXPECT_NEAR(told->parties(0).level_dbov(), -20, 0.5);
  for (const v1::PartyListening& party : told->parties()) {
    EXPECT_FALSE(party.one_way());
    EXPECT_FALSE(party.has_echo());
  }
  EXPECT_TRUE(told->dead_air().empty());
}

TEST_F(CallListeningTest, OfAnUnknownCodecNothingIsKnown) {
  Packets packets = Spoken(Talker(12, -20, 1));
  for (SentPacket& packet : packets) packet.type = 111;
  Speaks(v1::SIDE_CALLER, packets);
  Speaks(v1::SIDE_CALLEE, Spoken(Talker(12, -20, 2)));
  EndsAfter(30);
  const auto told = Listen();
  const v1::PartyListening& caller = told->parties(0);
  EXPECT_EQ(caller.hearing(), v1::HEARING_UNSPECIFIED);
  EXPECT_FALSE(caller.one_way());
  EXPECT_FALSE(caller.has_talk_share());
  EXPECT_FALSE(told->has_double_talk_share());
  EXPECT_TRUE(told->dead_air().empty());
  EXPECT_TRUE(told->parties(1).has_level_dbov());
}

// The picture tells neither that somebody is not understood, nor that anybody
// is there.
TEST_F(CallListeningTest, APictureIsNotListenedTo) {
  constexpr uint8_t kVideo = 105;
  Packets packets = Spoken(Talker(12, -20, 1));
  for (SentPacket& packet : packets) packet.type = kVideo;
  Speaks(v1::SIDE_CALLER, Spoken(Talker(12, -20, 2)));
  v1::Stream& picture = call_.AddStream(v1::SIDE_CALLER, "10.0.1.1:6000",
                                        "10.0.1.2:6000", "leg", 7);
  picture.set_codec("H264");
  picture.set_payload_type(kVideo);
  call_.Observe(picture, "s1", packets);
  v1::Stream& other = call_.AddStream(v1::SIDE_CALLEE, "10.0.1.2:6000",
                                      "10.0.1.1:6000", "leg", 8);
  other.set_codec("H264");
  other.set_payload_type(kVideo);
  call_.Observe(other, "s1", packets);
  EndsAfter(12);
  const auto told = Listen();
  ASSERT_TRUE(told);
  EXPECT_EQ(told->parties(0).hearing(), v1::HEARING_HEARD);
  EXPECT_EQ(told->parties(1).hearing(), v1::HEARING_NO_PACKETS);
}

// Error correction among the audio (RFC 5109) is no codec that is not known.
TEST_F(CallListeningTest, OfErrorCorrectionNothingIsMissed) {
  constexpr int kFec = 102;
  call_.AddSdp("leg", kStart - kMs, kB, {{kL16, "L16"}, {kFec, "ulpfec"}});
  Packets packets = Spoken(Noise(12, -70, 1));
  for (size_t i = 4; i < packets.size(); i += 5) packets[i].type = kFec;
  Speaks(v1::SIDE_CALLER, packets);
  Speaks(v1::SIDE_CALLEE, Spoken(Talker(12, -20, 2)));
  EndsAfter(12);
  EXPECT_EQ(Listen()->parties(0).hearing(), v1::HEARING_ONLY_SILENCE);
}

TEST_F(CallListeningTest, OfEncryptedMediaNothingIsKnown) {
  Speaks(v1::SIDE_CALLER, Spoken(Talker(12, -20, 1))).set_encrypted(true);
  Speaks(v1::SIDE_CALLEE, Spoken(Talker(12, -20, 2))).set_encrypted(true);
  EndsAfter(30);
  const auto told = Listen();
  ASSERT_TRUE(told);
  for (const v1::PartyListening& party : told->parties()) {
    EXPECT_EQ(party.hearing(), v1::HEARING_UNSPECIFIED);
    EXPECT_FALSE(party.one_way());
    EXPECT_FALSE(party.has_level_dbov());
  }
  EXPECT_TRUE(told->dead_air().empty());
}

// RFC 3389: a level of -60 dBov all the time, and no audio.
TEST_F(CallListeningTest, ComfortNoiseAloneIsSilence) {
  Speaks(v1::SIDE_CALLER, Spoken(Talker(12, -20, 1)));
  Packets noise;
  for (int i = 0; i < 12; ++i) {
    SentPacket& packet = noise.emplace_back(Speech(1)[0]);
    packet.time_ns = kStart + i * kSecond;
    packet.sequence = static_cast<uint16_t>(i);
    packet.timestamp = static_cast<uint32_t>(8000 * i);
    packet.type = 13;
    packet.payload = {60};
  }
  *Speaks(v1::SIDE_CALLEE, noise).mutable_end_time() =
      TimeUtil::NanosecondsToTimestamp(kStart + 11 * kSecond);
  EndsAfter(12);
  const auto told = Listen();
  EXPECT_EQ(told->parties(1).hearing(), v1::HEARING_ONLY_SILENCE);
  EXPECT_TRUE(told->parties(1).one_way());
}

// A day of nothing is no work.
TEST_F(CallListeningTest, OfALongSilenceTheTimeIsTold) {
  Speaks(v1::SIDE_CALLER, Spoken(Talker(5, -20, 1)));
  Speaks(v1::SIDE_CALLEE, Spoken(Talker(5, -30, 2)));
  EndsAfter(20 * 3600);
  const auto told = Listen();
  ASSERT_EQ(told->dead_air_size(), 1);
  EXPECT_NEAR(SecondsOf(told->dead_air(0).length()), 20 * 3600 - 5, 1);
  EXPECT_NEAR(told->parties(0).level_dbov(), -18.5, 1.5);
  EXPECT_EQ(told->parties(0).hearing(), v1::HEARING_HEARD);
}

TEST_F(CallListeningTest, OfOtherCallsNothingIsTold) {
  EXPECT_FALSE(Listen());
  Speaks(v1::SIDE_CALLEE, Spoken(Talker(12, -20, 2)));
  call_.record().mutable_call()->set_state(v1::CALL_STATE_UNANSWERED);
  EXPECT_FALSE(Listen());
}

}  // namespace
}  // namespace callbraid::collector
