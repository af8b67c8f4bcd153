// Messages of MGCP and SCCP, by way of what the two hosts have under way.

#include <memory>
#include <utility>

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

void BeginExchange(const ExchangeObservation* before, const v1::SipFrame& frame,
                   const FlowKey& hosts, Observation& observation) {
  observation.set_first_time_ns(frame.time_ns());
  ExchangeObservation& exchange = *observation.mutable_exchange();
  if (before != nullptr) exchange = *before;
  exchange.set_messages(0);
  exchange.set_protocol(frame.protocol());
  *exchange.mutable_device() = ToProto(hosts.source);
  *exchange.mutable_controller() = ToProto(hosts.destination);
}

}  // namespace

// Its leg among the uses of that name; null if none fits.
OpenObservation* ObservationFolder::FittingLeg(
    const std::vector<OpenObservation*>& uses, const LegMessage& message,
    const ExchangeObservation& exchange) {
  for (OpenObservation* const use : uses) {
    const Fit fit = message.FitOf(use->stored.observation, exchange);
    if (fit == Fit::kContinues) return use;
    if (fit == Fit::kBeginsAnew) return nullptr;
  }
  return nullptr;
}

absl::StatusOr<FoldResult> ObservationFolder::FoldExchange(
    const FrameOrigin& origin, const v1::CallFrame& frame, const FlowKey& flow,
    CommitGroup& group) {
  const v1::SipFrame& sip = frame.sip();
  const std::unique_ptr<LegMessage> message = ReadLegMessage(sip, flow);
  if (message == nullptr) return FoldResult::kMalformed;
  const CapturePlace place{origin.sensor, origin.capture_point};
  const SignallingPair pair = MakeSignallingPair(flow.source, flow.destination);
  const auto list_of = [&](std::string_view leg) {
    return CallIdToken(place, ListName(sip.protocol(), leg), pair);
  };

  // All that may fail comes first: nothing has changed if it does.
  const Token exchanges = list_of("");
  ASSIGN_OR_RETURN(const std::vector<OpenObservation*> days,
                   cache_.FindListed(exchanges));
  OpenObservation* day = days.empty() ? nullptr : days.front();
  if (day != nullptr && IsRepeat(sip, day->stored.observation)) {
    return FoldResult::kRepeated;
  }
  const ExchangeObservation state = day == nullptr
                                        ? ExchangeObservation()
                                        : day->stored.observation.exchange();
  const std::string name = message->LegOf(state);
  const std::string new_name =
      name.empty() ? std::string() : message->NewNameOf(state);
  OpenObservation* leg = nullptr;
  ObservationId new_leg;
  if (!name.empty()) {
    ASSIGN_OR_RETURN(const std::vector<OpenObservation*> uses,
                     cache_.FindListed(list_of(name)));
    leg = FittingLeg(uses, *message, state);
    if (leg == nullptr && message->Begins()) {
      new_leg = DialogObservationId(place, ListName(sip.protocol(), name), "",
                                    pair, sip.time_ns());
      ASSIGN_OR_RETURN(const OpenObservation* known, cache_.Find(new_leg));
      // One of so many uses of this name that it was not listed.
      if (known != nullptr) return FoldResult::kRepeated;
    }
  }
  if (!new_name.empty()) {
    RETURN_IF_ERROR(cache_.FindListed(list_of(new_name)).status());
  }

  const FlowKey hosts = message->DeviceAndController(state);
  if (day == nullptr ||
      sip.time_ns() - day->stored.observation.first_time_ns() > kExchangeNs) {
    day = &Begin(DialogObservationId(place, ListName(sip.protocol(), ""), "",
                                     pair, sip.time_ns()));
    SetOrigin(origin, day->id, day->stored.observation);
    BeginExchange(days.empty() ? nullptr : &state, sip, hosts,
                  day->stored.observation);
    AddTokens({exchanges}, *day);
    cache_.List(exchanges, *day);
  }
  if (leg == nullptr && new_leg != ObservationId()) {
    leg = &Begin(new_leg);
    Observation& observation = leg->stored.observation;
    SetOrigin(origin, new_leg, observation);
    observation.set_first_time_ns(sip.time_ns());
    message->Begin(state, observation);
    const Token token = list_of(name);
    AddTokens({token, ClockToken(observation)}, *leg);
    cache_.List(token, *leg);
  }
  if (leg != nullptr) {
    std::vector<Token> tokens;
    message->Fold(state, leg->stored.observation, tokens);
    if (!new_name.empty()) {
      tokens.push_back(list_of(new_name));
      cache_.List(tokens.back(), *leg);
    }
    AddTokens(tokens, *leg);
    leg->observation_changed = true;
    cache_.Note(*leg);
  }
  NoteExchange(*message, sip, leg == nullptr ? "" : name, hosts, *day);
  AddFrame(leg == nullptr ? day->id : leg->id, sip.time_ns(), sip.ordinal(),
           frame, group);
  return FoldResult::kStored;
}

// What the next messages rest on. Of the frames here are those of no leg.
void ObservationFolder::NoteExchange(const LegMessage& message,
                                     const v1::SipFrame& sip,
                                     const std::string& leg,
                                     const FlowKey& hosts,
                                     OpenObservation& day) {
  Observation& observation = day.stored.observation;
  ExchangeObservation& exchange = *observation.mutable_exchange();
  observation.set_last_time_ns(sip.time_ns());
  exchange.set_last_ordinal(sip.ordinal());
  exchange.set_messages(exchange.messages() + 1);
  *exchange.mutable_device() = ToProto(hosts.source);
  *exchange.mutable_controller() = ToProto(hosts.destination);
  if (leg.empty()) {
    AddBucket(BucketOf(sip.time_ns()), *observation.mutable_bucket_ranges());
  }
  message.Note(leg, exchange);
  day.observation_changed = true;
  cache_.Note(day);
}

}  // namespace callbraid::collector
