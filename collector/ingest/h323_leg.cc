#include "collector/ingest/h323_leg.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/ingest/dialog_fold_links.h"
#include "collector/ingest/h323_channels.h"
#include "collector/ingest/h323_parties.h"
#include "collector/ingest/leg_words.h"
#include "collector/ingest/sdp_fold.h"
#include "common/h323/h323_message.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

// Of the notification indicator (Q.953): the user held and retrieved the call.
constexpr uint8_t kRemoteHold = 0x79;
constexpr uint8_t kRemoteRetrieval = 0x7a;
// "!": hook flash.
constexpr std::string_view kKeys = "0123456789*#ABCD!";

using store::v1::DialogObservation;
using store::v1::ExchangeObservation;
using store::v1::Observation;

class H323Leg final : public LegMessage {
 public:
  // `message` points into `frame`.
  H323Leg(const v1::SipFrame& frame, const FlowKey& flow, H323Message message)
      : frame_(frame), flow_(flow), message_(std::move(message)) {}

  FlowKey DeviceAndController(const ExchangeObservation&) const override;
  bool IsOfItsConnection() const override { return true; }
  std::string LegOf(const ExchangeObservation& exchange) const override;
  std::string NewNameOf(const ExchangeObservation&) const override {
    return "";
  }
  std::vector<Endpoint> Announces() const override;
  bool FollowsAnnouncement() const override {
    return std::holds_alternative<H245Message>(message_);
  }
  Fit FitOf(const Observation& leg,
            const ExchangeObservation& exchange) const override;
  bool Begins() const override;
  void Begin(const ExchangeObservation& exchange,
             Observation& leg) const override;
  void Fold(const ExchangeObservation& exchange, Observation& leg,
            std::vector<Token>& tokens) const override;
  void Note(const std::string& leg,
            ExchangeObservation& exchange) const override;

 private:
  // What FoldH225() and FoldH245() work on.
  struct Context {
    const ExchangeObservation& exchange;
    const H323Channels& channels;
    bool from_initiator;
    Observation& leg;
    std::vector<Token>& tokens;

    DialogObservation& dialog() const { return *leg.mutable_dialog(); }
  };

  const H225Message* h225() const {
    return std::get_if<H225Message>(&message_);
  }
  bool FromInitiator(const DialogObservation& dialog) const;
  void FoldIdentity(Observation& leg, std::vector<Token>& tokens) const;
  void FoldH225(const H225Message& message, const Context& fold) const;
  void FoldRelease(const H225Message& message, bool from_initiator,
                   DialogObservation& dialog) const;
  void FoldFastStart(const H225Message& message, const Context& fold) const;
  void FoldH245(const H245Message& message, const Context& fold) const;
  void PressKeys(std::string_view keys, bool from_initiator,
                 DialogObservation& dialog) const;
  void State(std::vector<SdpMediaLine> lines, const Context& fold) const;

  const v1::SipFrame& frame_;
  const FlowKey flow_;
  const H323Message message_;
};

FlowKey H323Leg::DeviceAndController(const ExchangeObservation&) const {
  const H225Message* message = h225();
  return message == nullptr || message->q931.from_originator ? flow_
                                                             : flow_.Reversed();
}

std::string H323Leg::LegOf(const ExchangeObservation& exchange) const {
  const H225Message* message = h225();
  if (message == nullptr) return "";
  if (!message->call_id.empty()) return message->call_id;
  if (message->q931.type != Q931Type::kSetup) {
    return LegOfCallReference(flow_, message->q931, exchange);
  }
  // H.323 version 1 has no call identifier.
  return absl::StrCat(message->q931.call_reference, "@",
                      flow_.source.ToString());
}

// What an address translator on the way makes of it as well.
std::vector<Endpoint> H323Leg::Announces() const {
  const H225Message* message = h225();
  if (message == nullptr || !message->h245_address) return {};
  const Endpoint& named = *message->h245_address;
  if (named.address == flow_.source.address) return {named};
  return {named, {flow_.source.address, named.port}};
}

Fit H323Leg::FitOf(const Observation& leg, const ExchangeObservation&) const {
  const int64_t ended_ns = leg.dialog().end_time_ns();
  if (ended_ns == 0 || frame_.time_ns() - ended_ns <= kAfterwordNs) {
    return Fit::kContinues;
  }
  return Begins() ? Fit::kBeginsAnew : Fit::kOther;
}

bool H323Leg::Begins() const {
  const H225Message* message = h225();
  if (message == nullptr) return false;
  switch (message->q931.type) {
    case Q931Type::kSetup:
    case Q931Type::kCallProceeding:
    case Q931Type::kAlerting:
    case Q931Type::kProgress:
    case Q931Type::kConnect:
    case Q931Type::kFacility:
      return true;
    default:
      return false;
  }
}

void H323Leg::Begin(const ExchangeObservation& exchange,
                    Observation& leg) const {
  LegStart start;
  start.protocol = v1::SIGNALLING_PROTOCOL_H323;
  start.transport = frame_.transport();
  start.device_and_controller = DeviceAndController(exchange);
  start.device_initiates = true;
  start.began_before = h225()->q931.type != Q931Type::kSetup;
  start.call_id = LegOf(exchange);
  // By its own name for itself, which is the same wherever it is seen.
  const Endpoint& caller = start.device_and_controller.source;
  const auto translation = TranslationOf(*h225(), caller);
  start.device = (translation ? translation->named : caller.address).ToString();
  DialogObservation& dialog = *leg.mutable_dialog();
  BeginLeg(start, dialog);
  dialog.set_method("INVITE");
}

// H.245 may pass by the hosts that the call signalling is routed through.
bool H323Leg::FromInitiator(const DialogObservation& dialog) const {
  if (const H225Message* message = h225()) {
    return message->q931.from_originator;
  }
  const auto initiator = FromProto(dialog.initiator());
  const auto responder = FromProto(dialog.responder());
  if (!initiator || !responder) return false;
  if (flow_.source.address == initiator->address) return true;
  return flow_.destination.address != initiator->address &&
         flow_.source.address != responder->address &&
         flow_.destination.address == responder->address;
}

void H323Leg::Fold(const ExchangeObservation& exchange, Observation& leg,
                   std::vector<Token>& tokens) const {
  DialogObservation& dialog = *leg.mutable_dialog();
  const bool from_initiator = FromInitiator(dialog);
  const bool is_first = dialog.messages() == 0;
  const std::string& bytes = frame_.message();
  // Nothing in a message numbers it, and TCP sends none again: marks pair them
  // with another capture point's, and no more.
  CountMessage(XXH3_64bits(bytes.data(), bytes.size()), frame_.time_ns(),
               frame_.ordinal(), from_initiator, leg);
  const std::string parties = dialog.from_uri() + dialog.to_uri();
  const H323Channels channels(flow_, dialog.call_id());
  const H225Message* const message = h225();
  const Context fold{exchange, channels, from_initiator, leg, tokens};
  if (message != nullptr) {
    FoldH225(*message, fold);
  } else if (const auto* h245 = std::get_if<H245Message>(&message_)) {
    FoldH245(*h245, fold);
  }
  if (is_first) FoldIdentity(leg, tokens);
  if (is_first || parties != dialog.from_uri() + dialog.to_uri()) {
    AddLegTokens(leg, tokens);
  }
}

void H323Leg::FoldIdentity(Observation& leg, std::vector<Token>& tokens) const {
  const H225Message* message = h225();
  if (message == nullptr) return;
  DialogObservation& dialog = *leg.mutable_dialog();
  const LinkContext context{frame_.time_ns(), message->q931.from_originator,
                            leg.site()};
  if (!message->call_id.empty()) {
    FoldControlledCall(message->call_id, context, dialog, tokens);
  }
  if (!message->conference_id.empty() && !message->joins_conference) {
    FoldCiscoGuid(message->conference_id, context, dialog, tokens);
  }
}

void H323Leg::FoldH225(const H225Message& message, const Context& fold) const {
  const int64_t time_ns = frame_.time_ns();
  DialogObservation& dialog = fold.dialog();
  NameH323Parties(message, flow_, dialog);
  switch (message.q931.type) {
    case Q931Type::kSetup:
      Attempt(time_ns, dialog);
      break;
    case Q931Type::kAlerting:
      Ring(time_ns, dialog);
      break;
    case Q931Type::kConnect:
      Answer(time_ns, dialog);
      break;
    case Q931Type::kReleaseComplete:
      FoldRelease(message, fold.from_initiator, dialog);
      break;
    // Before the answer, what is dialled.
    case Q931Type::kInformation:
      PressKeys(message.q931.keypad, fold.from_initiator, dialog);
      break;
    default:
      break;
  }
  FoldFastStart(message, fold);
  for (const H245Message& tunnelled : message.tunnelled) {
    FoldH245(tunnelled, fold);
  }
  if (message.q931.notification == kRemoteHold) {
    Restate("sendonly", time_ns, fold.from_initiator, dialog);
  } else if (message.q931.notification == kRemoteRetrieval) {
    Restate("sendrecv", time_ns, fold.from_initiator, dialog);
  }
}

void H323Leg::FoldRelease(const H225Message& message, bool from_initiator,
                          DialogObservation& dialog) const {
  const int64_t time_ns = frame_.time_ns();
  if (dialog.release_cause() == 0) {
    dialog.set_release_cause(message.q931.cause);
  }
  if (dialog.end_time_ns() == 0) {
    dialog.set_ended_by(from_initiator ? v1::SIDE_CALLER : v1::SIDE_CALLEE);
  }
  if (!from_initiator) Refuse(time_ns, dialog);
  Hangup(time_ns, dialog);
}

// Several codecs at one place are one line.
void H323Leg::FoldFastStart(const H225Message& message,
                            const Context& fold) const {
  std::vector<SdpMediaLine> lines;
  for (const H245Message& open : message.fast_start) {
    // Where the sender receives: the caller says it of the reverse channels
    // that it asks for, the callee of those that it accepts.
    const std::optional<SdpMediaLine>& own =
        message.q931.from_originator ? open.reverse : open.forward;
    if (!own || own->rtp.port == 0) continue;
    const auto same = std::find_if(
        lines.begin(), lines.end(), [&own](const SdpMediaLine& line) {
          return line.rtp == own->rtp && line.kind == own->kind;
        });
    if (same == lines.end()) {
      lines.push_back(*own);
    } else {
      same->payloads.insert(same->payloads.end(), own->payloads.begin(),
                            own->payloads.end());
    }
  }
  State(std::move(lines), fold);
}

void H323Leg::FoldH245(const H245Message& message, const Context& fold) const {
  const int64_t time_ns = frame_.time_ns();
  DialogObservation& dialog = fold.dialog();
  switch (message.kind) {
    case H245Kind::kCapabilities:
      // Who can receive nothing holds the call (H.323, section 8.4.6).
      if (message.pauses) {
        Restate("sendonly", time_ns, fold.from_initiator, dialog);
      }
      break;
    case H245Kind::kOpen:
      if (message.reverse && message.reverse->rtp.port != 0) {
        State({*message.reverse}, fold);
      }
      break;
    case H245Kind::kOpenAck:
      if (auto line = fold.channels.Acknowledged(message, fold.exchange)) {
        State({*std::move(line)}, fold);
      }
      break;
    case H245Kind::kClose:
      // Nothing comes any more to where the other side received it.
      if (fold.channels.ClosesAudio(message, fold.exchange)) {
        StopMedia(time_ns, !fold.from_initiator, dialog);
      }
      break;
    case H245Kind::kUserInput:
      PressKeys(message.input, fold.from_initiator, dialog);
      break;
    default:
      break;
  }
}

// Before the answer, nothing that is pressed is dialled: the number was in the
// Setup.
void H323Leg::PressKeys(std::string_view keys, bool from_initiator,
                        DialogObservation& dialog) const {
  if (dialog.answer_time_ns() == 0 && !dialog.began_before()) return;
  for (const char key : keys) {
    if (kKeys.find(key) != std::string_view::npos) {
      PressKey(key, frame_.time_ns(), from_initiator, dialog);
    }
  }
}

// Where an address translator puts the initiator.
void H323Leg::State(std::vector<SdpMediaLine> lines,
                    const Context& fold) const {
  if (lines.empty()) return;
  const DialogObservation& dialog = fold.dialog();
  const auto named = IpAddress::Parse(dialog.from_tag());
  const auto seen = FromProto(dialog.initiator());
  if (fold.from_initiator && named && seen) {
    for (SdpMediaLine& line : lines) {
      if (line.rtp.address != *named) continue;
      line.rtp.address = line.rtcp.address = seen->address;
    }
  }
  FoldMediaLines(lines, frame_.time_ns(), fold.from_initiator, fold.leg.site(),
                 fold.dialog(), fold.tokens);
}

void H323Leg::Note(const std::string& leg,
                   ExchangeObservation& exchange) const {
  if (leg.empty()) return;
  const int64_t time_ns = frame_.time_ns();
  const H323Channels channels(flow_, leg);
  if (const auto* h245 = std::get_if<H245Message>(&message_)) {
    channels.Note(*h245, time_ns, exchange);
    return;
  }
  const H225Message* message = h225();
  if (message == nullptr) return;
  if (message->q931.type == Q931Type::kReleaseComplete) {
    channels.Forget(exchange);
    return;
  }
  if (message->q931.type == Q931Type::kSetup) {
    NoteCallReference(flow_, message->q931, leg, time_ns, exchange);
  }
  channels.NoteFastStart(*message, time_ns, exchange);
  for (const H245Message& tunnelled : message->tunnelled) {
    channels.Note(tunnelled, time_ns, exchange);
  }
}

}  // namespace

std::unique_ptr<LegMessage> ReadH323Leg(const v1::SipFrame& frame,
                                        const FlowKey& flow) {
  auto message =
      ParseH323(frame.message(), frame.transport() == v1::TRANSPORT_UDP);
  if (!message) return nullptr;
  return std::make_unique<H323Leg>(frame, flow, *std::move(message));
}

}  // namespace callbraid::collector
