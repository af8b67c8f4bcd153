#include "collector/cli/render.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "collector/cli/format.h"
#include "collector/cli/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// 2026-11-23 09:21:32 UTC.
const absl::Time kStart = absl::FromUnixSeconds(1'795'425'692);
const absl::TimeZone kZone = absl::UTCTimeZone();
constexpr char kCallId[] = "3fa85f6457174562b3fc2c963f66afa6";

// 101 behind switch 1 calls 103 behind switch 2; RTP goes from phone to phone.
v1::Call LocalCall() {
  v1::Call call;
  call.set_id(kCallId);
  call.set_caller("101");
  call.set_callee("103");
  call.set_caller_uri("sip:101@10.10.0.10");
  call.set_caller_name("Alice");
  call.set_state(v1::CALL_STATE_COMPLETED);
  call.set_end_reason(v1::END_REASON_BYE);
  call.set_final_status(200);
  *call.mutable_start_time() = FromTime(kStart);
  *call.mutable_answer_time() = FromTime(kStart + absl::Milliseconds(150));
  *call.mutable_end_time() = FromTime(kStart + absl::Milliseconds(8200));
  call.add_sensors("s1");
  call.add_sensors("s2");
  const std::pair<const char*, const char*> legs[] = {
      {"10.10.0.101:5060", "10.10.0.10:5060"},
      {"10.10.0.10:5060", "10.10.0.103:5060"}};
  for (int i = 0; i < 2; ++i) {
    v1::Leg* leg = call.add_legs();
    leg->set_id(absl::StrCat("leg", i));
    leg->set_call_id("73bb44c49654617f");
    leg->set_source(legs[i].first);
    leg->set_destination(legs[i].second);
    v1::LegObservation* seen = leg->add_observations();
    seen->set_id(absl::StrCat("dialog", i));
    seen->set_sensor(i == 0 ? "s1" : "s2");
    seen->set_capture_point("span0");
    seen->set_messages(7);
  }
  v1::Stream* stream = call.add_streams();
  stream->set_id("stream0");
  stream->set_side(v1::SIDE_CALLER);
  stream->set_ssrc(0xe28bb693);
  stream->set_codec("PCMU");
  stream->set_clock_rate(8000);
  stream->set_packets(402);
  stream->set_lost(3);
  stream->set_source("10.10.0.101:16382");
  stream->set_destination("10.10.0.103:16930");
  *stream->mutable_start_time() = FromTime(kStart + absl::Milliseconds(160));
  *stream->mutable_end_time() = FromTime(kStart + absl::Milliseconds(8180));
  for (const char* sensor : {"s1", "s2"}) {
    v1::StreamObservation* seen = stream->add_observations();
    seen->set_id(absl::StrCat("rtp", sensor));
    seen->set_sensor(sensor);
    seen->set_capture_point("span0");
    seen->set_source(stream->source());
    seen->set_destination(stream->destination());
    seen->set_packets(400);
    seen->set_mirror_copies(5);
    seen->set_jitter_ms(0.34);
  }
  v1::Hop* hop = stream->add_hops();
  hop->set_from_sensor("s1");
  hop->set_to_sensor("s2");
  hop->set_packets(402);
  hop->set_lost(2);
  v1::Evidence* evidence = call.add_evidence();
  evidence->set_kind(v1::EVIDENCE_KIND_SAME_RTP);
  evidence->set_score(1);
  evidence->set_first("rtps1");
  evidence->set_second("rtps2");
  evidence->set_detail("64 payloads in common");
  return call;
}

v1::SipRecord Message(const std::string& sensor, absl::Time time,
                      const std::string& from, const std::string& to,
                      const std::string& start_line, const std::string& cseq) {
  v1::SipRecord record;
  record.set_sensor(sensor);
  record.set_capture_point("span0");
  record.set_source(from);
  record.set_destination(to);
  *record.mutable_time() = FromTime(time);
  *record.mutable_aligned_time() = FromTime(time);
  record.set_message(absl::StrCat(
      start_line, "\r\nVia: SIP/2.0/UDP 10.10.0.101;branch=z9hG4bK1\r\n",
      "From: <sip:101@a>;tag=1\r\nTo: <sip:103@a>\r\nCall-ID: c1\r\nCSeq: ",
      cseq, "\r\nContent-Length: 0\r\n\r\n"));
  record.set_summary(absl::StartsWith(start_line, "SIP/2.0 ")
                         ? start_line.substr(8)
                         : start_line.substr(0, start_line.find(' ')));
  return record;
}

std::vector<std::string> Lines(const std::string& text) {
  return absl::StrSplit(text, '\n');
}

// The line that contains `words`; "" if there is none.
std::string LineWith(const std::string& text, const std::string& words) {
  for (const std::string& line : Lines(text)) {
    if (line.find(words) != std::string::npos) return line;
  }
  return "";
}

TEST(RenderCalls, ShowsOneCallARow) {
  v1::Call one_way = LocalCall();
  one_way.add_flags(v1::CALL_FLAG_ONE_WAY);
  one_way.set_listening_mos(4.4);
  v1::Call unrated = LocalCall();
  unrated.set_id("4" + unrated.id().substr(1));
  EXPECT_EQ(RenderCalls({one_way, unrated}, kStart, kZone),
            "ID        START (UTC)          FROM  TO   STATE      TALK   MOS  "
            "SENSORS  NOTES\n"
            "3fa85f64  2026-11-23 09:21:32  101   103  completed  0:08  4.40  "
            "s1, s2   one-way\n"
            "4fa85f64  2026-11-23 09:21:32  101   103  completed  0:08     -  "
            "s1, s2\n");
}

TEST(RenderCalls, FitsTheLineWhateverTheNumbers) {
  v1::Call call = LocalCall();
  call.set_caller(std::string(80, '1'));
  call.set_callee("\x1b[2J" + std::string(80, '2'));
  for (const std::string& line : Lines(RenderCalls({call}, kStart, kZone))) {
    EXPECT_LE(Width(line), kLineWidth) << line;
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
  }
}

TEST(RenderCalls, ShowsAsManyDigitsAsTellCallsApart) {
  v1::Call other = LocalCall();
  other.set_id("3fa85f64ffff4562b3fc2c963f66afa6");
  const std::string text = RenderCalls({LocalCall(), other}, kStart, kZone);
  EXPECT_THAT(text, HasSubstr("3fa85f645717 "));
  EXPECT_THAT(text, HasSubstr("3fa85f64ffff "));
}

TEST(RenderCall, TellsHowWellItCouldBeHeard) {
  v1::Call call = LocalCall();
  EXPECT_EQ(LineWith(RenderCall(call, kStart, kZone), "MOS"), "");
  call.set_listening_mos(4.4);
  call.mutable_streams(0)->set_listening_mos(4.41);
  const std::string text = RenderCall(call, kStart, kZone);
  EXPECT_EQ(LineWith(text, "MOS"),
            "  MOS         4.40 at the worst, by codec and loss");
  EXPECT_THAT(LineWith(text, "402 packets"), HasSubstr(", MOS 4.41, "));
}

TEST(RenderCall, TellsWhoWhenAndHow) {
  const std::string text = RenderCall(LocalCall(), kStart, kZone);
  EXPECT_THAT(text, HasSubstr("Call 3fa85f6457174562b3fc2c963f66afa6\n"));
  EXPECT_THAT(LineWith(text, "Caller"),
              HasSubstr("101 \"Alice\"  <sip:101@10.10.0.10>"));
  EXPECT_THAT(LineWith(text, "State"),
              HasSubstr("completed, hung up, SIP status 200"));
  EXPECT_THAT(LineWith(text, "Started"),
              HasSubstr("Mon 2026-11-23 09:21:32.000 UTC"));
  EXPECT_THAT(LineWith(text, "Answered"), HasSubstr("09:21:32.150"));
  EXPECT_THAT(LineWith(text, "Ended"), HasSubstr("8.1 s of talk"));
  EXPECT_THAT(text, HasSubstr("Leg 2  10.10.0.10:5060 → 10.10.0.103:5060"));
}

TEST(RenderCall, TellsWhoHungUpAndWhy) {
  v1::Call call = LocalCall();
  *call.mutable_ringing_time() = FromTime(kStart + absl::Milliseconds(1230));
  call.set_ended_by(v1::SIDE_CALLER);
  call.set_release_cause(16);
  v1::Leg& leg = *call.mutable_legs(1);
  leg.set_end_reason(v1::END_REASON_BYE);
  leg.set_ended_by(v1::SIDE_CALLEE);
  leg.set_release_reason("Call \x1b completed");
  std::string text = RenderCall(call, kStart, kZone);
  EXPECT_EQ(LineWith(text, "Rang"), "  Rang        09:21:33.230, after 1.2 s");
  EXPECT_THAT(LineWith(text, "State"),
              HasSubstr("completed, caller hung up, SIP status 200, cause 16, "
                        "normal call clearing"));
  EXPECT_THAT(text, HasSubstr("hung up by 10.10.0.103:5060, \"Call "));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  call.set_end_reason(v1::END_REASON_CANCELLED);
  text = RenderCall(call, kStart, kZone);
  EXPECT_THAT(LineWith(text, "State"), HasSubstr(", cancelled by the caller,"));
}

TEST(RenderCall, TellsWhatEachCapturePointSawOfAStream) {
  const std::string text = RenderCall(LocalCall(), kStart, kZone);
  EXPECT_THAT(text, HasSubstr("Stream 1  caller speaks  10.10.0.101:16382 → "
                              "10.10.0.103:16930  PCMU/8000"));
  EXPECT_THAT(text, HasSubstr("402 packets, 3 lost (0.7 %), 8.0 s, "
                              "SSRC e28bb693"));
  EXPECT_THAT(text, HasSubstr("s1 → s2: 402 packets, 2 lost on the way (0.5 "
                              "%)"));
  EXPECT_THAT(text, HasSubstr("0.3 ms"));
}

TEST(RenderCall, PutsEvidenceInWords) {
  EXPECT_THAT(RenderCall(LocalCall(), kStart, kZone),
              HasSubstr("same RTP at sensors s1 and s2 (stream 1): 64 payloads "
                        "in common"));
}

TEST(RenderChange, FollowsAMergedCall) {
  v1::WatchCallsResponse change;
  change.set_change(v1::WatchCallsResponse::CHANGE_MERGED);
  change.mutable_call()->set_id(kCallId);
  change.set_merged_into("9abcdef09abcdef09abcdef09abcdef0");
  EXPECT_THAT(RenderChange(change, kStart, kZone),
              HasSubstr("3fa85f64  is now part of 9abcdef0\n"));
}

TEST(RenderLadder, DrawsAMessageThatTwoSensorsSawOnce) {
  v1::GetSignallingResponse signalling;
  for (const char* sensor : {"s1", "s2"}) {
    *signalling.add_messages() =
        Message(sensor, kStart, "10.10.0.10:5060", "10.10.0.103:5060",
                "INVITE sip:103@a SIP/2.0", "1 INVITE");
  }
  v1::Call call = LocalCall();
  call.clear_streams();
  EXPECT_EQ(RenderLadder(call, signalling, kZone),
            "Call 3fa85f6457174562b3fc2c963f66afa6  2026-11-23, times in UTC\n"
            "\n"
            "                     10.10.0.101              10.10.0.10"
            "               10.10.0.103         SEEN AT\n"
            "09:21:32.000              │                        │"
            "──────── INVITE ───────>│              s1, s2\n");
}

TEST(RenderLadder, TellsARetransmissionFromACopy) {
  v1::GetSignallingResponse signalling;
  for (int i = 0; i < 2; ++i) {
    for (const char* sensor : {"s1", "s2"}) {
      *signalling.add_messages() = Message(
          sensor, kStart + i * absl::Milliseconds(500), "10.10.0.101:5060",
          "10.10.0.10:5060", "INVITE sip:103@a SIP/2.0", "1 INVITE");
    }
  }
  v1::Call call = LocalCall();
  call.clear_streams();
  const std::string text = RenderLadder(call, signalling, kZone);
  EXPECT_EQ(Lines(text).size(), 3u + 2u + 1u);
  EXPECT_THAT(LineWith(text, "09:21:32.500"), HasSubstr("INVITE again"));
}

TEST(RenderLadder, PointsArrowsWhereMessagesGo) {
  v1::GetSignallingResponse signalling;
  *signalling.add_messages() =
      Message("s1", kStart, "10.10.0.10:5060", "10.10.0.101:5060",
              "SIP/2.0 200 OK", "2 BYE");
  const std::string line =
      LineWith(RenderLadder(LocalCall(), signalling, kZone), "200 OK");
  EXPECT_THAT(line, HasSubstr("│<──── 200 OK (BYE) ─────│"));
  EXPECT_THAT(line, HasSubstr("s1"));
}

TEST(RenderLadder, DrawsAStreamAsOneRow) {
  const std::string line = LineWith(
      RenderLadder(LocalCall(), v1::GetSignallingResponse(), kZone), "PCMU");
  EXPECT_THAT(line, HasSubstr("09:21:32.160"));
  EXPECT_THAT(line, HasSubstr("═ RTP PCMU 402 packets, 3 lost ═"));
  EXPECT_THAT(line, HasSubstr(">│"));
  EXPECT_THAT(line, HasSubstr("s1, s2"));
}

TEST(RenderLadder, DrawsRtcpThatTwoSensorsSawOnce) {
  v1::GetSignallingResponse signalling;
  for (const char* sensor : {"s1", "s2"}) {
    v1::RtcpRecord& rtcp = *signalling.add_rtcp();
    rtcp.set_sensor(sensor);
    rtcp.set_source("10.10.0.101:16383");
    rtcp.set_destination("10.10.0.103:16931");
    rtcp.set_summary("SR SDES");
  }
  const std::string line =
      LineWith(RenderLadder(LocalCall(), signalling, kZone), "RTCP");
  EXPECT_NE(line.find("RTCP SR SDES"), std::string::npos) << line;
  EXPECT_NE(line.find("s1, s2"), std::string::npos) << line;
}

TEST(RenderLadder, SurvivesWhatIsNoSip) {
  v1::GetSignallingResponse signalling;
  v1::SipRecord* record = signalling.add_messages();
  record->set_message("\x1b[2J\xff");
  record->set_summary("\x1b[2J\xff");
  signalling.set_truncated(true);
  const std::string text = RenderLadder(v1::Call(), signalling, kZone);
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("the rest is left out"));
}

TEST(RenderCall, SaysHowLongTheWayTookAndWhatWasFound) {
  v1::Call call = LocalCall();
  v1::Stream& stream = *call.mutable_streams(0);
  v1::Hop& hop = *stream.mutable_hops(0);
  hop.set_delay_ms(31.04);
  hop.set_delay_uncertainty_ms(30.12);
  hop.set_delay_variation_p95_ms(20.2);
  stream.add_findings("3.1 % lost between s1 and s2");
  const std::string text = RenderCall(call, kStart, kZone);
  EXPECT_THAT(text, HasSubstr("took 31.0 ms ± 30.1 ms"));
  EXPECT_THAT(text, HasSubstr("20.2 ms"));
  EXPECT_THAT(LineWith(text, "3.1 %"),
              HasSubstr("! 3.1 % lost between s1 and s2"));
}

TEST(RenderQuality, ShowsStreamsWhereTheyWereSeenAndWhatReceiversSaid) {
  v1::Call call;
  v1::Stream& stream = *call.add_streams();
  stream.set_id("aa");
  stream.mutable_reception()->set_lost(5);
  stream.mutable_reception()->set_expected(1000);
  stream.mutable_reception()->set_jitter_ms(7.25);
  v1::GetQualityResponse quality;
  v1::StreamQuality& told = *quality.add_streams();
  told.set_stream_id("aa");
  told.set_side(v1::SIDE_CALLEE);
  told.mutable_codec()->set_name("opus");
  told.mutable_codec()->set_provisional(true);
  told.mutable_codec()->set_source("a paper");
  told.mutable_packets()->set_expected(1000);
  told.mutable_packets()->set_lost(20);
  told.mutable_packets()->mutable_burst_gap()->set_bursts(3);
  told.mutable_packets()->mutable_burst_gap()->set_burst_duration_ms(120);
  told.mutable_rating()->set_r_listening(86.4);
  told.mutable_rating()->set_mos_listening(4.25);
  told.mutable_rating()->set_worst_mos_listening(3.1);
  told.mutable_rating()->set_mos_conversation(3.987);
  told.set_one_way_delay_ms(150);
  told.set_delay_source(v1::DELAY_SOURCE_RTCP);
  told.set_lost_further_on(1);
  for (const char* sensor : {"s1", "s2"}) {
    told.add_observations()->set_sensor(sensor);
  }
  v1::VoipMetrics& report = *told.add_reports();
  report.set_loss_rate(0.125);
  report.set_mos_lq(3.8);
  const std::string text = RenderQuality(call, quality, kZone);
  EXPECT_THAT(LineWith(text, "stream 1 callee"),
              HasSubstr("opus    2.0 %      -  3 x 120 ms"));
  EXPECT_THAT(LineWith(text, "stream 1 callee"), HasSubstr("86  4.25"));
  EXPECT_NE(LineWith(text, "at s2"), "");
  EXPECT_THAT(LineWith(text, "RTCP "), HasSubstr("0.5 %"));
  EXPECT_THAT(LineWith(text, "RTCP XR"), HasSubstr("12.5 %"));
  EXPECT_THAT(LineWith(text, "RTCP XR"), HasSubstr("3.8"));
  EXPECT_THAT(text, HasSubstr("stream 1: MOS 3.10 where it was worst\n"));
  EXPECT_THAT(text,
              HasSubstr("stream 1: MOS 3.99 in conversation, 150.0 ms away"));
  EXPECT_THAT(text, HasSubstr("stream 1: 1 packet lost behind a capture"));
  EXPECT_THAT(text, HasSubstr("opus is rated provisionally (a paper)"));
  EXPECT_THAT(text, Not(HasSubstr("every")));
}

TEST(RenderQuality, ShowsSlices) {
  v1::Call call;
  v1::GetQualityResponse quality;
  EXPECT_EQ(RenderQuality(call, quality, kZone), "no streams with packets\n");
  v1::StreamQuality& told = *quality.add_streams();
  told.set_stream_id("0123456789");
  told.mutable_slice_length()->set_seconds(5);
  for (int i = 0; i < 2; ++i) {
    v1::QualitySlice& slice = *told.add_slices();
    *slice.mutable_time() = FromTime(kStart + absl::Seconds(5 * i));
    slice.mutable_packets()->set_expected(250);
    slice.mutable_packets()->set_discarded(25 * i);
  }
  const std::string text = RenderQuality(call, quality, kZone);
  EXPECT_THAT(text, HasSubstr("01234567, every 5.0 s"));
  EXPECT_THAT(LineWith(text, "09:21:37"), HasSubstr("10.0 %"));
}

TEST(RenderListening, ShowsEachPartyAndWhatIsWrong) {
  v1::GetQualityResponse quality;
  quality.add_streams()->set_stream_id("aa");
  v1::CallListening& told = *quality.mutable_listening();
  *told.mutable_begin() = FromTime(kStart);
  told.set_double_talk_share(0.031);
  v1::SilentStretch& stretch = *told.add_dead_air();
  *stretch.mutable_time() = FromTime(kStart + absl::Seconds(5));
  stretch.mutable_length()->set_seconds(12);
  v1::PartyListening& caller = *told.add_parties();
  caller.set_side(v1::SIDE_CALLER);
  caller.set_hearing(v1::HEARING_HEARD);
  caller.set_level_dbov(-21.34);
  caller.set_noise_dbov(-64.6);
  caller.set_talk_share(0.414);
  caller.set_clipped_runs(7);
  caller.set_clipped_share(0.0012);
  caller.mutable_echo()->set_delay_ms(141.5);
  caller.mutable_echo()->set_return_loss_db(16.2);
  v1::PartyListening& callee = *told.add_parties();
  callee.set_side(v1::SIDE_CALLEE);
  callee.set_hearing(v1::HEARING_NO_PACKETS_AFTER_HOLD);
  callee.set_one_way(true);
  *callee.mutable_unheard_since() = FromTime(kStart + absl::Seconds(9));
  const std::string text = RenderQuality(v1::Call(), quality, kZone);
  EXPECT_THAT(LineWith(text, "caller  yes"),
              HasSubstr("-21.3  -64.6   41 %  7 x, 0.12 %"));
  EXPECT_THAT(LineWith(text, "callee  no packets after hold: one-way"),
              HasSubstr("-      -      -            -"));
  EXPECT_THAT(text, HasSubstr("caller: hears itself after 142 ms, 16 dB"));
  EXPECT_THAT(text, HasSubstr("callee: no packets after hold since 09:21:41"));
  EXPECT_THAT(text, HasSubstr("both talk 3 % of the time"));
  EXPECT_THAT(text, HasSubstr("nobody is heard at 09:21:37.000 for 12.0 s"));
}

TEST(RenderSensors, ComparesClocks) {
  std::vector<v1::Sensor> sensors(3);
  sensors[0].set_id("s1");
  sensors[0].mutable_clock()->set_source(v1::CLOCK_SOURCE_REFERENCE);
  sensors[1].set_id("s2");
  v1::SensorClock& clock = *sensors[1].mutable_clock();
  clock.set_source(v1::CLOCK_SOURCE_BOTH_WAYS);
  clock.set_reference("s1");
  clock.set_offset_ns(-2'112'004'000'000);
  clock.set_uncertainty_ns(213'000);
  clock.set_drift_ppm(200.04);
  *clock.mutable_last_step()->mutable_time() = FromTime(kStart);
  clock.mutable_last_step()->set_size_ns(150'250'000);
  sensors[2].set_id("s3");
  const std::string text = RenderSensors(sensors, kStart, kZone);
  const std::string line = LineWith(text, "2,112");
  EXPECT_THAT(line, HasSubstr("s2"));
  EXPECT_THAT(line, HasSubstr("-2,112.004 s"));
  EXPECT_THAT(line, HasSubstr("0.213 ms"));
  EXPECT_THAT(line, HasSubstr("+200.0 ppm"));
  EXPECT_THAT(line, HasSubstr("traffic both ways"));
  EXPECT_THAT(line, HasSubstr("+150.250 ms at 09:21:32"));
  EXPECT_EQ(LineWith(text.substr(text.find("CLOCK OF")), "s3"), "");
}

TEST(RenderSensors, ShowsLinksAndCapturePoints) {
  v1::Sensor sensor;
  sensor.set_id("s1");
  sensor.set_site("hq");
  sensor.set_connected(true);
  *sensor.mutable_connected_time() = FromTime(kStart - absl::Seconds(65));
  sensor.set_frames_stored(12345);
  v1::SpoolState* spool = sensor.add_spools();
  spool->set_first_sequence(10);
  spool->set_next_sequence(14);
  spool->set_discarded_frames(2);
  spool->set_waiting_since_ns(absl::ToUnixNanos(kStart - absl::Minutes(12)));
  v1::SensorCapturePoint* point = sensor.add_capture_points();
  point->mutable_capture_point()->set_name("eth1");
  point->mutable_report()->set_kernel_drops(77);
  const std::string text = RenderSensors({sensor}, kStart, kZone);
  EXPECT_THAT(LineWith(text, "hq"), HasSubstr("connected 1:05"));
  EXPECT_THAT(LineWith(text, "hq"),
              HasSubstr("12,345  4 for 12:00 (2 discarded)"));
  EXPECT_THAT(LineWith(text, "eth1"), HasSubstr("77"));
}

TEST(RenderSensors, ShowsTheLanesOfASensorThatDiscards) {
  v1::Sensor sensor;
  sensor.set_id("s1");
  const auto add = [&sensor](v1::SpoolLane lane, uint64_t waiting,
                             uint64_t discarded) {
    v1::SpoolState* spool = sensor.add_spools();
    spool->set_lane(lane);
    spool->set_first_sequence(10);
    spool->set_next_sequence(10 + waiting);
    spool->set_bytes(waiting << 20);
    spool->set_discarded_frames(discarded);
  };
  add(v1::SPOOL_LANE_SIGNALLING, 1, 0);
  add(v1::SPOOL_LANE_MEDIA, 2, 0);
  add(v1::SPOOL_LANE_MEDIA, 3, 0);
  EXPECT_EQ(LineWith(RenderSensors({sensor}, kStart, kZone), "SPOOL OF"), "");
  add(v1::SPOOL_LANE_SPARE_MEDIA, 4, 1234);
  const std::string text = RenderSensors({sensor}, kStart, kZone);
  EXPECT_THAT(text,
              HasSubstr("SENSOR  SPOOL OF     WAITING  MIB  DISCARDED\n"
                        "s1      signalling         1  1.0          0\n"
                        "s1      media              5  5.0          0\n"
                        "s1      spare media        4  4.0      1,234\n"));
}

TEST(RenderSensors, ShowsWhatWasReadOfTlsWhereThereAreKeys) {
  v1::Sensor sensor;
  sensor.set_id("s1");
  v1::SensorCapturePoint& point = *sensor.add_capture_points();
  point.mutable_capture_point()->set_name("eth1");
  v1::CaptureReport& report = *point.mutable_report();
  EXPECT_EQ(LineWith(RenderSensors({sensor}, kStart, kZone), "TLS"), "");
  v1::TrafficCensus& census = *report.mutable_census();
  census.set_tls_connections(12);
  census.set_tls_connections_with_key(10);
  census.set_tls_connections_without_key(1);
  census.set_tls_records_read(4321);
  (*report.mutable_discarded())["tls_no_key"] = 7;
  (*report.mutable_discarded())["tls_cipher_not_read"] = 2;
  (*report.mutable_discarded())["not_sip"] = 3;
  EXPECT_THAT(
      RenderSensors({sensor}, kStart, kZone),
      HasSubstr("s1      eth1                   12        10        "
                "    1         4,321  tls_cipher_not_read 2, tls_no_key 7"));
}

}  // namespace
}  // namespace callbraid::cli
