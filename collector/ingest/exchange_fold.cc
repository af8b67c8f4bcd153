// Messages of MGCP, SCCP and H.323, by way of what the two hosts have under
// way.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/ingest/leg_message.h"
#include "collector/ingest/observation_folder.h"
#include "collector/store/buckets.h"
#include "collector/store/clock_window.h"
#include "collector/store/observation_identity.h"
#include "collector/store/tokens.h"
#include "common/base/absl_string.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// So that what is old can go: what is under way is taken along.
constexpr int64_t kExchangeNs = int64_t{86'400} * 1'000'000'000;

using store::v1::ExchangeObservation;
using store::v1::Observation;

// The newest exchange of these hosts tells whether the message was folded
// before.
bool IsRepeat(const v1::SipFrame& frame, const Observation& exchange) {
  return frame.time_ns() < exchange.last_time_ns() ||
         (frame.time_ns() == exchange.last_time_ns() &&
          frame.ordinal() <= exchange.exchange().last_ordinal());
}

// Names of legs and of exchanges, in one space with Call-IDs.
std::string ListName(v1::SignallingProtocol protocol, std::string_view leg) {
  return absl::StrCat("\n", static_cast<int>(protocol), "\n", ToAbsl(leg));
}

// Goes on from what was under way the day before.
void BeginExchange(const ExchangeObservation& before, const v1::SipFrame& frame,
                   Observation& observation) {
  observation.set_first_time_ns(frame.time_ns());
  ExchangeObservation& exchange = *observation.mutable_exchange();
  exchange = before;
  exchange.set_messages(0);
  exchange.set_protocol(frame.protocol());
}

}  // namespace

// Everything that can fail in folding one message: nothing has changed then.
struct ObservationFolder::ExchangePlan {
  const v1::SipFrame& sip;
  const LegMessage& message;
  const FlowKey& flow;
  CapturePlace place;
  SignallingPair pair;
  // The ends that have the exchange.
  SignallingPair ends;

  // The newest exchange of the two hosts; null if there is none.
  OpenObservation* day = nullptr;
  // As it was before the message.
  ExchangeObservation state = {};
  FlowKey hosts = {};
  bool is_repeat = false;

  // Of the leg that the message is about, and from here on; may be empty.
  std::string leg_name = {};
  std::string new_name = {};
  // Null: none, or one that begins.
  OpenObservation* leg = nullptr;
  std::optional<ObservationId> beginning = {};

  // Of what the message announces, those where its leg is not listed yet.
  std::vector<Token> announced = {};

  Token ListOf(std::string_view name) const {
    return CallIdToken(place, ListName(sip.protocol(), name), pair);
  }
  Token ListOfExchange() const {
    return CallIdToken(place, ListName(sip.protocol(), ""), ends);
  }
  // Of legs that announced this end, whoever they are between.
  Token AnnouncedAt(const Endpoint& end) const {
    return CallIdToken(place, ListName(sip.protocol(), "@"), {end, end});
  }
  ObservationId IdOfExchange() const {
    return DialogObservationId(place, ListName(sip.protocol(), ""), "", ends,
                               sip.time_ns());
  }
  // Of the leg that is named so, and begins now.
  ObservationId IdOf(std::string_view name) const {
    return DialogObservationId(place, ListName(sip.protocol(), name), "", pair,
                               sip.time_ns());
  }
};

absl::Status ObservationFolder::FindExchange(ExchangePlan& plan) {
  ASSIGN_OR_RETURN(const std::vector<OpenObservation*> days,
                   cache_.FindListed(plan.ListOfExchange()));
  if (!days.empty()) {
    plan.day = days.front();
    plan.state = plan.day->stored.observation.exchange();
    plan.is_repeat = IsRepeat(plan.sip, plan.day->stored.observation);
  }
  plan.hosts = plan.message.DeviceAndController(plan.state);
  return absl::OkStatus();
}

absl::Status ObservationFolder::FindLeg(ExchangePlan& plan) {
  plan.leg_name = plan.message.LegOf(plan.state);
  if (plan.leg_name.empty()) return FindAnnouncedLeg(plan);
  plan.new_name = plan.message.NewNameOf(plan.state);
  if (!plan.new_name.empty()) {
    RETURN_IF_ERROR(cache_.FindListed(plan.ListOf(plan.new_name)).status());
  }
  ASSIGN_OR_RETURN(const std::vector<OpenObservation*> uses,
                   cache_.FindListed(plan.ListOf(plan.leg_name)));
  for (OpenObservation* const use : uses) {
    const Fit fit = plan.message.FitOf(use->stored.observation, plan.state);
    if (fit == Fit::kContinues) plan.leg = use;
    if (fit != Fit::kOther) break;
  }
  if (plan.leg != nullptr || !plan.message.Begins()) return absl::OkStatus();
  plan.beginning = plan.IdOf(plan.leg_name);
  ASSIGN_OR_RETURN(const OpenObservation* known, cache_.Find(*plan.beginning));
  // One of so many uses of this name that it was not listed.
  plan.is_repeat = known != nullptr;
  return absl::OkStatus();
}

// Its name is that of the call: it is listed under no other between these
// hosts.
absl::Status ObservationFolder::FindAnnouncedLeg(ExchangePlan& plan) {
  if (!plan.message.FollowsAnnouncement()) return absl::OkStatus();
  for (const Endpoint& end : {plan.flow.source, plan.flow.destination}) {
    ASSIGN_OR_RETURN(const std::vector<OpenObservation*> legs,
                     cache_.FindListed(plan.AnnouncedAt(end)));
    if (legs.empty()) continue;
    const Observation& newest = legs.front()->stored.observation;
    if (plan.message.FitOf(newest, plan.state) != Fit::kContinues) continue;
    plan.leg = legs.front();
    plan.leg_name = newest.dialog().call_id();
    break;
  }
  return absl::OkStatus();
}

absl::Status ObservationFolder::FindAnnounced(ExchangePlan& plan) {
  for (const Endpoint& end : plan.message.Announces()) {
    const Token token = plan.AnnouncedAt(end);
    ASSIGN_OR_RETURN(const std::vector<OpenObservation*> legs,
                     cache_.FindListed(token));
    const bool is_listed =
        plan.leg != nullptr &&
        std::find(legs.begin(), legs.end(), plan.leg) != legs.end();
    if (!is_listed) plan.announced.push_back(token);
  }
  return absl::OkStatus();
}

// A leg that begins by itself, or the same at another capture point.
absl::StatusOr<bool> ObservationFolder::WasDeleted(const ExchangePlan& plan) {
  if (!plan.beginning) return false;
  const int64_t time_ns = plan.sip.time_ns();
  ASSIGN_OR_RETURN(const bool deleted,
                   facts_.WasDeleted(*plan.beginning, time_ns));
  if (deleted) return true;
  // A leg of MGCP has its call's name from the first message that tells it.
  Observation begun;
  std::vector<Token> tokens;
  plan.message.Begin(plan.state, begun);
  plan.message.Fold(plan.state, begun, tokens);
  return facts_.WasDeleted(
      DialogToken(begun.dialog().call_id(), begun.dialog().from_tag()),
      time_ns);
}

absl::StatusOr<FoldResult> ObservationFolder::FoldExchange(
    const FrameOrigin& origin, const v1::CallFrame& frame, const FlowKey& flow,
    CommitGroup& group) {
  const v1::SipFrame& sip = frame.sip();
  const std::unique_ptr<LegMessage> message = ReadLegMessage(sip, flow);
  if (message == nullptr) return FoldResult::kMalformed;
  const SignallingPair pair = MakeSignallingPair(flow.source, flow.destination);
  const SignallingPair ends{std::min(flow.source, flow.destination),
                            std::max(flow.source, flow.destination)};
  ExchangePlan plan{sip,  *message,
                    flow, {origin.sensor, origin.capture_point},
                    pair, message->IsOfItsConnection() ? ends : pair};
  RETURN_IF_ERROR(FindExchange(plan));
  if (plan.is_repeat) return FoldResult::kRepeated;
  RETURN_IF_ERROR(FindLeg(plan));
  if (plan.is_repeat) return FoldResult::kRepeated;
  ASSIGN_OR_RETURN(const bool deleted, WasDeleted(plan));
  if (deleted) return FoldResult::kDeleted;
  RETURN_IF_ERROR(FindAnnounced(plan));

  OpenObservation& day = DayOf(origin, plan);
  if (plan.beginning) plan.leg = &BeginLegOf(origin, plan);
  if (plan.leg != nullptr) {
    std::vector<Token> tokens;
    message->Fold(plan.state, plan.leg->stored.observation, tokens);
    if (!plan.new_name.empty()) {
      tokens.push_back(plan.ListOf(plan.new_name));
      cache_.List(tokens.back(), *plan.leg);
    }
    for (const Token token : plan.announced) {
      tokens.push_back(token);
      cache_.List(token, *plan.leg);
    }
    AddTokens(tokens, *plan.leg);
    plan.leg->observation_changed = true;
    cache_.Note(*plan.leg);
  }
  NoteExchange(plan, day);
  AddFrame(plan.leg == nullptr ? day.id : plan.leg->id, sip.time_ns(),
           sip.ordinal(), frame, group);
  return FoldResult::kStored;
}

// The exchange that the message is noted in: each day has one.
OpenObservation& ObservationFolder::DayOf(const FrameOrigin& origin,
                                          const ExchangePlan& plan) {
  if (plan.day != nullptr &&
      plan.sip.time_ns() - plan.day->stored.observation.first_time_ns() <=
          kExchangeNs) {
    return *plan.day;
  }
  OpenObservation& day = Begin(plan.IdOfExchange());
  SetOrigin(origin, day.id, day.stored.observation);
  BeginExchange(plan.state, plan.sip, day.stored.observation);
  const Token token = plan.ListOfExchange();
  AddTokens({token}, day);
  cache_.List(token, day);
  return day;
}

OpenObservation& ObservationFolder::BeginLegOf(const FrameOrigin& origin,
                                               const ExchangePlan& plan) {
  OpenObservation& leg = Begin(*plan.beginning);
  Observation& observation = leg.stored.observation;
  SetOrigin(origin, leg.id, observation);
  observation.set_first_time_ns(plan.sip.time_ns());
  plan.message.Begin(plan.state, observation);
  const Token token = plan.ListOf(plan.leg_name);
  AddTokens({token, ClockToken(observation)}, leg);
  cache_.List(token, leg);
  return leg;
}

// What the next messages rest on. Of the frames here are those of no leg.
void ObservationFolder::NoteExchange(const ExchangePlan& plan,
                                     OpenObservation& day) {
  Observation& observation = day.stored.observation;
  ExchangeObservation& exchange = *observation.mutable_exchange();
  observation.set_last_time_ns(plan.sip.time_ns());
  exchange.set_last_ordinal(plan.sip.ordinal());
  exchange.set_messages(exchange.messages() + 1);
  *exchange.mutable_device() = ToProto(plan.hosts.source);
  *exchange.mutable_controller() = ToProto(plan.hosts.destination);
  if (plan.leg == nullptr) {
    AddBucket(BucketOf(plan.sip.time_ns()),
              *observation.mutable_bucket_ranges());
  }
  plan.message.Note(plan.leg == nullptr ? "" : plan.leg_name, exchange);
  day.observation_changed = true;
  cache_.Note(day);
}

}  // namespace callbraid::collector
