#ifndef CALLBRAID_TESTS_FAKES_CALL_SCENE_H_
#define CALLBRAID_TESTS_FAKES_CALL_SCENE_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "collector/evidence/node.h"
#include "collector/store/observation_identity.h"
#include "collector/store/store.h"
#include "common/media/fingerprint.h"
#include "common/net/endpoint.h"

// Observations as ingest would fold them, for tests of correlation: say what
// happened and where it was seen.
namespace callbraid::collector::fakes {

inline constexpr int64_t kMs = 1'000'000;
inline constexpr int64_t kSecond = 1000 * kMs;
// All scenes begin about here.
inline constexpr int64_t kEpoch = 1'700'000'000 * kSecond;

inline Endpoint At(const std::string& text) {
  const size_t colon = text.rfind(':');
  return {*IpAddress::Parse(text.substr(0, colon)),
          static_cast<uint16_t>(std::stoi(text.substr(colon + 1)))};
}

// A well-mixed number that depends on both.
inline uint64_t Mix(uint64_t a, uint64_t b) {
  uint64_t x = a * 0x9e3779b97f4a7c15u + b + 0x632be59bd9b4e019u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}
inline uint64_t Mix(const std::string& text) {
  uint64_t x = 1;
  for (const char c : text) x = Mix(x, static_cast<uint8_t>(c));
  return x;
}

// Where something is seen, and what its clock shows.
struct Spot {
  std::string sensor = "s1";
  std::string capture_point = "eth0";
  std::string site = "hq";
  int64_t clock_ns = 0;   // Added to the true time.
  int64_t delay_ns = 0;   // How much later than elsewhere it sees things.
  int64_t drift_ppm = 0;  // Since kEpoch.
  // At set_ms after kEpoch the clock is set by so much.
  int64_t set_ms = 0;
  int64_t set_ns = 0;

  // What the clock shows when something that happens `ms` after kEpoch is seen.
  int64_t Shows(int64_t ms) const {
    const int64_t since_ns = ms * kMs + delay_ns;
    return kEpoch + since_ns + clock_ns + since_ns / 1'000'000 * drift_ppm +
           (ms >= set_ms ? set_ns : 0);
  }
};

// What a dialog says of others.
struct Link {
  store::v1::LinkKind kind = store::v1::LINK_KIND_UNSPECIFIED;
  std::string value = "";
  // -1: with the INVITE. Any other time takes a message of its own.
  int64_t at_ms = -1;
  bool from_initiator = true;
  // Of a dialog that is named.
  std::string to_tag = "";
  std::string from_tag = "";
  uint32_t status = 0;
  std::string referred_by = "";
};

// One dialog on one hop. Times in ms since kEpoch; below 0: did not happen.
struct Dialog {
  std::string call_id = "call-1";
  std::string from_tag = "tag-a";
  std::string to_tag = "tag-b";
  std::string initiator = "10.0.0.1:5060";
  std::string responder = "10.0.0.9:5060";
  std::string from = "sip:101@10.0.0.9";
  std::string to = "sip:102@10.0.0.9";
  int64_t invite_ms = 0;
  int64_t ring_ms = 50;
  int64_t answer_ms = 2000;
  int64_t end_ms = 20'000;
  v1::EndReason end_reason = v1::END_REASON_BYE;
  uint32_t final_status = 200;
  std::string offer = "10.0.0.1:4000";    // Empty: none.
  std::string answer = "10.0.0.9:30000";  // Sent at answer_ms.
  int64_t sdp_answer_ms = -1;             // If earlier than the answer.
  bool began_before = false;
  std::string method = "INVITE";
  bool encrypted = false;
  std::string request_uri = "";
  std::vector<Link> links = {};
  bool responder_is_focus = false;
  uint32_t transfer_status = 0;
  bool is_copy = false;
};

namespace internal {

inline void AddMedia(const std::string& endpoint, int64_t time_ns,
                     bool from_initiator, bool encrypted,
                     store::v1::DialogObservation& dialog) {
  if (endpoint.empty()) return;
  auto& media = *dialog.add_media();
  media.set_time_ns(time_ns);
  media.set_from_initiator(from_initiator);
  *media.mutable_rtp() = ToProto(At(endpoint));
  media.set_kind("audio");
  media.set_direction("sendrecv");
  media.set_encrypted(encrypted);
  auto& codec = *media.add_codecs();
  codec.set_payload_type(8);
  codec.set_name("PCMA");
  codec.set_clock_rate(8000);
  auto& event = *media.add_codecs();
  event.set_payload_type(101);
  event.set_name("telephone-event");
  event.set_clock_rate(8000);
}

}  // namespace internal

// `upto_ms`: only what happened until then.
inline StoredObservation See(const Dialog& it, const Spot& spot,
                             int64_t upto_ms = INT64_MAX) {
  StoredObservation stored;
  auto& observation = stored.observation;
  auto& dialog = *observation.mutable_dialog();
  const auto time = [&](int64_t ms) { return spot.Shows(ms); };
  const auto happened = [&](int64_t ms) { return ms >= 0 && ms <= upto_ms; };
  const std::string hop = it.call_id + it.initiator + it.responder;
  int64_t first_ms = -1;
  int64_t last_ms = -1;
  const auto message = [&](const std::string& name, int64_t ms,
                           bool from_initiator) {
    if (!happened(ms)) return false;
    auto& mark = *dialog.add_marks();
    mark.set_from_initiator(from_initiator);
    mark.set_identity(Mix(hop + name + std::to_string(it.invite_ms)));
    mark.set_time_ns(time(ms));
    if (first_ms < 0) first_ms = ms;
    last_ms = std::max(last_ms, ms);
    dialog.set_messages(dialog.messages() + 1);
    return true;
  };
  if (!it.began_before && message("INVITE", it.invite_ms, true)) {
    dialog.set_invite_time_ns(time(it.invite_ms));
    internal::AddMedia(it.offer, time(it.invite_ms), true, it.encrypted,
                       dialog);
  }
  if (!it.began_before && message("180", it.ring_ms, false)) {
    dialog.set_ringing_time_ns(time(it.ring_ms));
  }
  if (happened(it.sdp_answer_ms)) {
    internal::AddMedia(it.answer, time(it.sdp_answer_ms), false, it.encrypted,
                       dialog);
  }
  if (!it.began_before && message("200", it.answer_ms, false)) {
    dialog.set_answer_time_ns(time(it.answer_ms));
    dialog.set_answered_tag(it.to_tag);
    dialog.set_final_status(200);
    if (it.sdp_answer_ms < 0) {
      internal::AddMedia(it.answer, time(it.answer_ms), false, it.encrypted,
                         dialog);
    }
    dialog.add_to_tags(it.to_tag);
  }
  for (const Link& link : it.links) {
    const int64_t at_ms = link.at_ms < 0 ? it.invite_ms : link.at_ms;
    if (link.at_ms >= 0)
      message("link " + link.value, at_ms, link.from_initiator);
    if (!happened(at_ms)) continue;
    auto& stated = *dialog.add_links();
    stated.set_kind(link.kind);
    stated.set_value(link.value);
    stated.set_time_ns(time(at_ms));
    stated.set_from_initiator(link.from_initiator);
    stated.set_to_tag(link.to_tag);
    stated.set_from_tag(link.from_tag);
    stated.set_status(link.status);
    stated.set_referred_by(link.referred_by);
  }
  if (message("BYE", it.end_ms, true)) {
    dialog.set_end_time_ns(time(it.end_ms));
    dialog.set_end_reason(it.end_reason);
    dialog.set_ended_by(it.end_reason == v1::END_REASON_REFUSED
                            ? v1::SIDE_CALLEE
                            : v1::SIDE_CALLER);
    dialog.set_final_status(it.final_status);
  }
  dialog.set_call_id(it.call_id);
  dialog.set_from_tag(it.from_tag);
  *dialog.mutable_initiator() = ToProto(At(it.initiator));
  *dialog.mutable_responder() = ToProto(At(it.responder));
  dialog.set_from_uri(it.from);
  dialog.set_to_uri(it.to);
  dialog.set_request_uri(it.request_uri);
  dialog.set_responder_is_focus(it.responder_is_focus);
  dialog.set_transfer_status(it.transfer_status);
  dialog.set_is_copy(it.is_copy);
  dialog.set_began_before(it.began_before);
  dialog.set_method(it.method);
  if (it.began_before) dialog.add_to_tags(it.to_tag);
  observation.set_sensor(spot.sensor);
  observation.set_site(spot.site);
  observation.set_capture_point(spot.capture_point);
  observation.set_first_time_ns(time(first_ms));
  observation.set_last_time_ns(time(last_ms));
  observation.set_id(std::string(
      DialogObservationId(
          {spot.sensor, spot.capture_point}, it.call_id, it.from_tag,
          MakeSignallingPair(At(it.initiator), At(it.responder)),
          observation.first_time_ns())
          .bytes()));
  return stored;
}

// One stream with 20 ms packets.
struct Stream {
  std::string source = "10.0.0.1:4000";
  std::string destination = "10.0.0.9:30000";
  uint32_t ssrc = 0x11111111;
  int64_t start_ms = 2100;
  int64_t packets = 800;
  uint16_t sequence = 1000;
  uint32_t timestamp = 50'000;
  // What is said: equal numbers have equal payloads from `content_offset` on.
  // 0: silence.
  uint64_t content = 1;
  uint64_t content_offset = 0;
  uint32_t payload_type = 8;
  // Lost before it came here: every n-th; 0: none.
  int64_t lose_every = 0;
  // These, too.
  std::vector<int64_t> lost = {};
};

inline StoredObservation See(const Stream& it, const Spot& spot,
                             int64_t upto_ms = INT64_MAX) {
  constexpr int64_t kStepMs = 20;
  StoredObservation stored;
  auto& observation = stored.observation;
  auto& rtp = *observation.mutable_rtp();
  auto& tally = stored.tally;
  const auto time = [&](int64_t i) {
    return spot.Shows(it.start_ms + i * kStepMs);
  };
  const uint64_t first = uint64_t{it.sequence} + 65536;
  int64_t start = 0;
  int64_t seen = 0;
  int64_t last = 0;
  for (int64_t i = 0; i < it.packets; ++i) {
    if (i > 0 && it.start_ms + i * kStepMs > upto_ms) break;
    const bool lost =
        (it.lose_every != 0 && i % it.lose_every == 5) ||
        std::find(it.lost.begin(), it.lost.end(), i) != it.lost.end();
    // What a capture point does not see first does not begin there.
    if (lost && seen == 0) continue;
    if (seen == 0) start = i;
    const bool has_run = (tally.runs_size() % 2 == 1) == !lost;
    if (!has_run) tally.add_runs(0);
    tally.set_runs(tally.runs_size() - 1,
                   tally.runs(tally.runs_size() - 1) + 1);
    if (lost) continue;
    ++seen;
    last = i;
    const auto number = static_cast<uint64_t>(i);
    const uint64_t hash = Mix(it.content, it.content_offset + number);
    const auto anchors = static_cast<size_t>(rtp.anchors_size());
    if (it.content == 0 || !IsSampled(hash, anchors)) continue;
    auto& anchor = *rtp.add_anchors();
    anchor.set_payload_hash(hash);
    anchor.set_sequence(first + number);
    anchor.set_timestamp(it.timestamp + static_cast<uint32_t>(i) * 160);
    anchor.set_time_ns(time(i));
  }
  // The end of the runs is the last packet seen.
  if (tally.runs_size() % 2 == 0) tally.mutable_runs()->RemoveLast();
  *rtp.mutable_source() = ToProto(At(it.source));
  *rtp.mutable_destination() = ToProto(At(it.destination));
  rtp.set_ssrc(it.ssrc);
  rtp.set_first_timestamp(it.timestamp + static_cast<uint32_t>(start) * 160);
  rtp.set_first_sequence(first + static_cast<uint64_t>(start));
  tally.set_lowest_sequence(first + static_cast<uint64_t>(start));
  tally.set_highest_sequence(first + static_cast<uint64_t>(last));
  tally.set_last_time_ns(time(last));
  tally.mutable_statistics()->set_packets(static_cast<uint32_t>(seen));
  auto& use = *tally.add_payload_types();
  use.set_payload_type(it.payload_type);
  use.set_packets(static_cast<uint32_t>(seen));
  use.set_first_time_ns(time(start));
  use.set_clock_rate(8000);
  auto& state = *tally.mutable_state();
  state.set_payload_type(it.payload_type);
  state.set_timestamp(it.timestamp + static_cast<uint32_t>(last) * 160);
  state.set_time_ns(time(last));
  *rtp.mutable_payload_types() = tally.payload_types();
  observation.set_sensor(spot.sensor);
  observation.set_site(spot.site);
  observation.set_capture_point(spot.capture_point);
  observation.set_first_time_ns(time(start));
  observation.set_last_time_ns(time(last));
  observation.set_id(
      std::string(RtpObservationId({spot.sensor, spot.capture_point},
                                   {At(it.source), At(it.destination)}, it.ssrc,
                                   observation.first_time_ns())
                      .bytes()));
  return stored;
}

// What the receiver of a stream reports by RTCP.
struct Report {
  // As seen on the way, of the stream.
  std::string source = "10.0.0.1:4000";
  std::string destination = "10.0.0.9:30000";
  uint32_t ssrc = 0x11111111;
  int64_t first_ms = 7100;
  int64_t last_ms = 17'100;
  // The last report: highest number that arrived, as in the RTP header.
  uint16_t highest = 0;
  int32_t lost = 0;
};

inline StoredObservation See(const Report& it, const Spot& spot) {
  StoredObservation stored;
  auto& observation = stored.observation;
  auto& reception = *observation.mutable_reception();
  *reception.mutable_sender() = ToProto(At(it.source));
  *reception.mutable_reporter() = ToProto(At(it.destination));
  reception.set_ssrc(it.ssrc);
  reception.set_reports(3);
  const auto time = [&](int64_t ms) { return spot.Shows(ms); };
  reception.mutable_first()->set_time_ns(time(it.first_ms));
  auto& last = *reception.mutable_last();
  last.set_time_ns(time(it.last_ms));
  last.set_highest_sequence(it.highest);
  last.set_cumulative_lost(it.lost);
  last.set_jitter(80);
  reception.set_max_jitter(160);
  observation.set_sensor(spot.sensor);
  observation.set_site(spot.site);
  observation.set_capture_point(spot.capture_point);
  observation.set_first_time_ns(time(it.first_ms));
  observation.set_last_time_ns(time(it.last_ms));
  observation.set_id(std::string(
      ReceptionObservationId({spot.sensor, spot.capture_point},
                             At(it.source).address, At(it.destination).address,
                             it.ssrc, observation.first_time_ns())
          .bytes()));
  return stored;
}

// The other direction of `stream`.
inline Stream Reply(Stream stream, uint32_t ssrc, uint64_t content) {
  std::swap(stream.source, stream.destination);
  stream.ssrc = ssrc;
  stream.content = content;
  return stream;
}

inline ObservationId IdOf(const StoredObservation& stored) {
  return *ObservationId::FromBytes(stored.observation.id());
}

inline ObservationUpsert UpsertOf(const StoredObservation& stored) {
  ObservationUpsert upsert;
  upsert.id = IdOf(stored);
  upsert.observation = stored.observation;
  if (stored.observation.has_rtp()) upsert.tally = stored.tally;
  upsert.first_time_ns = stored.observation.first_time_ns();
  const auto node = MakeNode(stored);
  for (const NodeToken& token : node->tokens) {
    upsert.tokens.push_back(token.token);
  }
  return upsert;
}

// A sensor whose only capture point has come to `time_ns` of its own clock.
inline v1::Sensor SensorAt(const Spot& spot, int64_t time_ns,
                           bool final = false) {
  v1::Sensor sensor;
  sensor.set_id(spot.sensor);
  sensor.set_site(spot.site);
  sensor.set_connected(true);
  auto& point = *sensor.add_capture_points();
  point.mutable_capture_point()->set_name(spot.capture_point);
  point.mutable_report()->set_time_ns(time_ns);
  point.mutable_report()->set_final(final);
  return sensor;
}

}  // namespace callbraid::collector::fakes

#endif  // CALLBRAID_TESTS_FAKES_CALL_SCENE_H_
