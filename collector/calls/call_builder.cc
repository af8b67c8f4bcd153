#include "collector/calls/call_builder.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "collector/calls/call_end.h"
#include "collector/calls/call_legs.h"
#include "collector/calls/call_streams.h"
#include "collector/calls/call_transfers.h"
#include "collector/calls/sensor_clocks.h"
#include "collector/calls/stream_rating.h"
#include "collector/codecs/find_codec.h"
#include "collector/store/proto_time.h"
#include "common/base/disjoint_sets.h"
#include "common/sip/party.h"

namespace callbraid::collector {
namespace {

// Of what is to be heard.
bool LacksDecoder(const CallStream& stream) {
  const StreamCodec& codec = stream.codec;
  return !stream.first().is_udptl && codec.IsAudio() &&
         FindCodec(CodecFormat{codec.name, codec.clock_rate}).codec == nullptr;
}

// A spanning tree of the best evidence, and the best of each other kind.
void AddEvidence(const Component& component, const EvidencePolicy& policy,
                 v1::Call& call) {
  std::vector<const Edge*> edges;
  for (const Edge& edge : component.edges) edges.push_back(&edge);
  std::sort(edges.begin(), edges.end(), [](const Edge* a, const Edge* b) {
    return std::tuple(-a->evidence.score, a->evidence.kind, a->first,
                      a->second) < std::tuple(-b->evidence.score,
                                              b->evidence.kind, b->first,
                                              b->second);
  });
  DisjointSets joined(component.members.size());
  std::set<v1::EvidenceKind> kinds;
  std::vector<const Edge*> chosen;
  std::vector<const Edge*> spare;
  for (const Edge* edge : edges) {
    if (joined.Join(edge->first, edge->second)) {
      chosen.push_back(edge);
      kinds.insert(edge->evidence.kind);
    } else {
      spare.push_back(edge);
    }
  }
  for (const Edge* edge : spare) {
    if (kinds.insert(edge->evidence.kind).second) chosen.push_back(edge);
  }
  if (chosen.size() > policy.max_evidence) chosen.resize(policy.max_evidence);
  std::sort(chosen.begin(), chosen.end(), [](const Edge* a, const Edge* b) {
    return std::tie(a->first, a->second, a->evidence.kind) <
           std::tie(b->first, b->second, b->evidence.kind);
  });
  for (const Edge* edge : chosen) {
    v1::Evidence& evidence = *call.add_evidence();
    evidence.set_kind(edge->evidence.kind);
    evidence.set_score(edge->evidence.score);
    evidence.set_first(component.members[edge->first]->id.ToHex());
    evidence.set_second(component.members[edge->second]->id.ToHex());
    evidence.set_detail(edge->evidence.detail);
  }
}

void AddParties(const std::vector<CallLeg>& legs,
                const std::vector<CallStream>& streams, v1::Call& call) {
  if (!legs.empty()) {
    const auto& dialog = legs.front().best->dialog();
    call.set_caller(NumberOf(dialog.from_uri()));
    call.set_callee(NumberOf(dialog.to_uri().empty() ? dialog.request_uri()
                                                     : dialog.to_uri()));
    call.set_caller_uri(dialog.from_uri());
    call.set_callee_uri(dialog.to_uri());
    call.set_caller_name(dialog.from_name());
    call.set_callee_name(dialog.to_name());
    return;
  }
  for (const CallStream& stream : streams) {
    if (stream.side != v1::SIDE_CALLER) continue;
    call.set_caller(stream.first().flow.source.address.ToString());
    call.set_callee(stream.first().flow.destination.address.ToString());
    return;
  }
}

void AddCourse(const CallStanding& standing, const CallEnd& end,
               v1::Call& call) {
  call.set_state(standing.state);
  *call.mutable_start_time() = ToTimestamp(standing.start_ns);
  if (standing.ringing_ns != 0) {
    *call.mutable_ringing_time() = ToTimestamp(standing.ringing_ns);
  }
  if (standing.answer_ns != 0) {
    *call.mutable_answer_time() = ToTimestamp(standing.answer_ns);
  }
  if (standing.over) *call.mutable_end_time() = ToTimestamp(standing.end_ns);
  call.set_end_reason(standing.end_reason);
  call.set_final_status(standing.final_status);
  call.set_ended_by(end.ended_by);
  call.set_release_cause(end.release_cause);
  call.set_release_reason(end.release_reason);
}

bool HasSide(const v1::Call& call, v1::Side side) {
  return std::any_of(
      call.streams().begin(), call.streams().end(),
      [side](const v1::Stream& stream) { return stream.side() == side; });
}

bool CaptureLost(const v1::Call& call) {
  for (const v1::Stream& stream : call.streams()) {
    if (!stream.capture_losses().empty()) return true;
  }
  return false;
}

void AddFlags(const std::vector<CallLeg>& legs,
              const std::vector<CallStream>& streams,
              const CallStanding& standing, const EvidencePolicy& policy,
              v1::Call& call) {
  const bool answered = standing.state == v1::CALL_STATE_ACTIVE ||
                        standing.state == v1::CALL_STATE_COMPLETED;
  // Long enough for media to be missed.
  const bool mature =
      standing.over ||
      standing.last_ns - std::max(standing.start_ns, standing.answer_ns) >=
          policy.one_way_ns;
  const bool no_media = call.streams().empty();
  // Of a call whose mere end was seen it is not known where its media went.
  const bool told =
      std::any_of(legs.begin(), legs.end(), [](const CallLeg& leg) {
        return !leg.best->dialog().began_before() || !leg.best->namings.empty();
      });
  std::set<v1::CallFlag> flags;
  if (answered && mature && no_media && told) {
    flags.insert(v1::CALL_FLAG_NO_MEDIA);
  }
  if (answered && mature && !no_media &&
      (!HasSide(call, v1::SIDE_CALLER) || !HasSide(call, v1::SIDE_CALLEE))) {
    flags.insert(v1::CALL_FLAG_ONE_WAY);
  }
  if (legs.empty()) flags.insert(v1::CALL_FLAG_NO_SIGNALLING);
  const auto began_before = [](const CallLeg& leg) {
    return leg.best->dialog().began_before();
  };
  if (!legs.empty() && std::all_of(legs.begin(), legs.end(), began_before)) {
    flags.insert(v1::CALL_FLAG_BEGAN_BEFORE_CAPTURE);
  }
  for (const CallStream& stream : streams) {
    const StreamEncryption& encryption = stream.encryption;
    if (encryption.encrypted && !encryption.has_key) {
      flags.insert(v1::CALL_FLAG_ENCRYPTED);
      continue;
    }
    if (encryption.turned_ns != 0) flags.insert(v1::CALL_FLAG_ENCRYPTED);
    if (LacksDecoder(stream)) flags.insert(v1::CALL_FLAG_UNKNOWN_CODEC);
  }
  if (CaptureLost(call)) flags.insert(v1::CALL_FLAG_CAPTURE_LOSS);
  for (const v1::CallFlag flag : flags) call.add_flags(flag);
}

void AddMembers(const Component& component, store::v1::CallRecord& record) {
  std::set<std::string> sensors;
  std::vector<ObservationId> ids;
  for (const Node* node : component.members) {
    sensors.insert(node->sensor());
    ids.push_back(node->id);
  }
  std::sort(ids.begin(), ids.end());
  for (const ObservationId& id : ids) {
    record.add_members(std::string(id.bytes()));
  }
  for (const std::string& sensor : sensors) {
    record.mutable_call()->add_sensors(sensor);
  }
}

}  // namespace

BuiltCall BuildCall(const Component& component, const Watermarks& watermarks,
                    const EvidencePolicy& policy, MediaKeeping keeping) {
  BuiltCall built;
  const SensorClocks clocks(component);
  std::vector<CallLeg> legs = FindLegs(component, clocks, policy);
  LinkLegs(component, legs);
  std::vector<CallStream> streams = FindStreams(component, clocks, policy);
  const std::vector<bool> turned =
      AssignSides(component, legs, policy, streams);
  FindCodecs(legs, clocks, policy, streams);
  FindEncryption(legs, clocks, policy, streams);
  built.points = WatchPointsOf(component);
  std::vector<MissingPayload> missing;
  for (const CallStream& stream : streams) {
    missing.emplace_back(stream, watermarks, policy);
    if (!keeping.given_up) NoteDebts(stream, missing.back(), built.points);
  }
  const CallStanding standing = StandingOf(
      legs, streams, built.points, component, clocks, watermarks, policy);

  v1::Call& call = *built.record.mutable_call();
  call.set_id(component.members.front()->id.ToHex());
  AddParties(legs, streams, call);
  AddCourse(standing, FindEnd(legs, turned, standing), call);
  for (const CallLeg& leg : legs) {
    *call.add_legs() = ToProto(leg, legs, standing.over);
  }
  for (size_t i = 0; i < streams.size(); ++i) {
    v1::Stream& stream = *call.add_streams();
    stream = ToProto(streams[i], component, legs, clocks);
    TellWithheld(streams[i], missing[i], stream);
  }
  if (const auto mos = ListeningMosOf(streams, legs, clocks, policy, call)) {
    call.set_listening_mos(*mos);
  }
  AddEvidence(component, policy, call);
  AddFlags(legs, streams, standing, policy, call);
  AddMembers(component, built.record);
  for (store::v1::SensorOffset& offset : clocks.ToProto()) {
    *built.record.add_offsets() = std::move(offset);
  }
  built.record.set_settled(standing.settled);
  if (standing.settled) return built;
  for (size_t i = 0; i < streams.size(); ++i) {
    for (PayloadGap& gap : missing[i].Gaps(streams[i])) {
      built.wishes.gaps.push_back(std::move(gap));
    }
    if (!keeping.any || standing.over) continue;
    auto candidates = CandidatesOf(streams[i], clocks, watermarks, policy);
    if (candidates.size() < 2) continue;
    built.wishes.streams.push_back(std::move(candidates));
  }
  return built;
}

}  // namespace callbraid::collector
