#include "collector/ingest/mgcp_leg.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "collector/ingest/dialog_fold_links.h"
#include "collector/ingest/leg_words.h"
#include "collector/ingest/sdp_fold.h"
#include "collector/store/tokens.h"
#include "common/base/absl_string.h"
#include "common/bytes/utf8.h"
#include "common/mgcp/mgcp_meaning.h"
#include "common/mgcp/mgcp_message.h"
#include "common/sip/sdp.h"
#include "common/sip/sip_header.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxCallIdBytes = 128;
constexpr size_t kMaxEndpointBytes = 256;
constexpr int kMaxKeys = 256;
// A command is answered within that time (RFC 3435, section 3.5.3: T-HIST).
constexpr int64_t kCommandNs = int64_t{60} * 1'000'000'000;
// Of a leg whose call has no id yet: what rang instead.
constexpr char kProvisional[] = "RQNT ";
// From off-hook to the first connection: somebody dials.
constexpr int64_t kSetupNs = int64_t{300} * 1'000'000'000;
constexpr int kFirstFailure = 400;

using store::v1::DialogObservation;
using store::v1::ExchangeObservation;
using store::v1::LegKey;
using store::v1::Observation;

bool IsProvisional(const DialogObservation& dialog) {
  return dialog.call_id().empty() ||
         absl::StartsWith(dialog.call_id(), kProvisional);
}

class MgcpLeg final : public LegMessage {
 public:
  MgcpLeg(const v1::SipFrame& frame, const FlowKey& flow,
          const MgcpMessage& message)
      : frame_(frame),
        flow_(flow),
        message_(message),
        endpoint_(
            ToUtf8(PlainMgcpEndpoint(message.endpoint), kMaxEndpointBytes)),
        call_id_(ToUtf8(MgcpParameter(message, "C"), kMaxCallIdBytes)) {}

  FlowKey DeviceAndController(
      const ExchangeObservation& exchange) const override;
  std::string LegOf(const ExchangeObservation& exchange) const override;
  std::string NewNameOf(const ExchangeObservation& exchange) const override;
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
  const LegKey* Answered(const ExchangeObservation& exchange) const;
  std::string CallOf(const ExchangeObservation& exchange) const;
  uint64_t Identity() const;

  void Adopt(const std::string& call_id, const FlowKey& hosts, Observation& leg,
             std::vector<Token>& tokens) const;
  void FoldEnd(bool from_device, bool device_initiates,
               DialogObservation& dialog) const;
  void FoldEvents(bool device_initiates, DialogObservation& dialog) const;
  void FoldSignals(bool device_initiates, DialogObservation& dialog) const;
  void FoldConnection(bool device_initiates, Observation& leg,
                      std::vector<Token>& tokens) const;
  void FoldResponse(const LegKey* command, bool device_initiates,
                    Observation& leg, std::vector<Token>& tokens) const;
  void FoldSdp(std::string_view direction, bool from_initiator,
               Observation& leg, std::vector<Token>& tokens) const;

  const v1::SipFrame& frame_;
  const FlowKey flow_;
  const MgcpMessage message_;
  const std::string endpoint_;
  const std::string call_id_;
};

FlowKey MgcpLeg::DeviceAndController(
    const ExchangeObservation& exchange) const {
  const auto device = FromProto(exchange.device());
  switch (MgcpSenderOf(message_)) {
    case MgcpSender::kGateway:
      return flow_;
    case MgcpSender::kCallAgent:
      return flow_.Reversed();
    case MgcpSender::kEither:
      break;
  }
  if (device && exchange.has_device()) {
    const bool one_host = flow_.source.address == flow_.destination.address;
    const bool is_source = one_host ? *device == flow_.source
                                    : device->address == flow_.source.address;
    return is_source ? flow_ : flow_.Reversed();
  }
  return flow_.source.port == kMgcpAgentPort ? flow_.Reversed() : flow_;
}

// The command that this response is to; null if it was not seen, or is itself
// one.
const LegKey* MgcpLeg::Answered(const ExchangeObservation& exchange) const {
  if (message_.is_command() || message_.transaction == 0) return nullptr;
  const auto& keys = exchange.keys();
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    if (key->key() == message_.transaction) return &*key;
  }
  return nullptr;
}

std::string MgcpLeg::CallOf(const ExchangeObservation& exchange) const {
  const LegKey* command = Answered(exchange);
  return command != nullptr ? command->call_id() : call_id_;
}

std::string MgcpLeg::LegOf(const ExchangeObservation& exchange) const {
  if (!message_.is_command()) {
    const LegKey* command = Answered(exchange);
    return command == nullptr ? "" : command->leg();
  }
  for (const std::string_view verb : {"NTFY", "RQNT", "MDCX", "DLCX", "AUCX"}) {
    if (message_.Is(verb)) return IsMgcpWildcard(endpoint_) ? "" : endpoint_;
  }
  return message_.Is("CRCX") ? endpoint_ : "";
}

// A gateway that was asked for any endpoint says which one it took.
std::string MgcpLeg::NewNameOf(const ExchangeObservation& exchange) const {
  const LegKey* command = Answered(exchange);
  if (command == nullptr || !IsMgcpWildcard(command->leg())) return "";
  const std::string name = ToUtf8(
      PlainMgcpEndpoint(MgcpParameter(message_, "Z")), kMaxEndpointBytes);
  return IsMgcpWildcard(name) ? "" : name;
}

Fit MgcpLeg::FitOf(const Observation& leg,
                   const ExchangeObservation& exchange) const {
  const DialogObservation& dialog = leg.dialog();
  const int64_t time_ns = frame_.time_ns();
  const bool ended = dialog.end_time_ns() != 0;
  // Sent again: the response was lost.
  if (HasMark(Identity(), dialog) &&
      time_ns - leg.last_time_ns() <= kCommandNs) {
    return Fit::kContinues;
  }
  const std::string call_id = CallOf(exchange);
  if (!call_id.empty()) {
    if (dialog.call_id() == call_id) return Fit::kContinues;
    const bool adopts = IsProvisional(dialog) && !ended &&
                        time_ns - leg.last_time_ns() <= kSetupNs;
    return adopts ? Fit::kContinues : Fit::kOther;
  }
  if (Begins()) {
    // Off-hook answers what rings; it begins a call where one was under way, or
    // over.
    const bool fits =
        !ended && dialog.answer_time_ns() == 0 &&
        (!MgcpGoesOffHook(message_) || dialog.ringing_time_ns() != 0) &&
        time_ns - leg.last_time_ns() <= kSetupNs;
    return fits ? Fit::kContinues : Fit::kBeginsAnew;
  }
  const bool in_time = !ended || time_ns - dialog.end_time_ns() <= kAfterwordNs;
  return in_time ? Fit::kContinues : Fit::kOther;
}

bool MgcpLeg::Begins() const {
  if (message_.Is("CRCX") || message_.Is("MDCX") || message_.Is("DLCX")) {
    return !call_id_.empty();
  }
  return MgcpGoesOffHook(message_) ||
         (message_.Is("RQNT") && MgcpRings(message_));
}

void MgcpLeg::Begin(const ExchangeObservation& exchange,
                    Observation& leg) const {
  LegStart start;
  start.protocol = v1::SIGNALLING_PROTOCOL_MGCP;
  start.transport = frame_.transport();
  start.device_and_controller = DeviceAndController(exchange);
  start.device_initiates = MgcpGoesOffHook(message_);
  start.began_before = message_.Is("MDCX") || message_.Is("DLCX");
  start.device = endpoint_;
  if (message_.Is("RQNT")) {
    start.call_id = absl::StrCat(kProvisional, message_.transaction);
  }
  DialogObservation& dialog = *leg.mutable_dialog();
  BeginLeg(start, dialog);
  // No call until there is a connection, or it rings.
  dialog.set_method(start.device_initiates ? "NTFY" : "INVITE");
  (start.device_initiates ? *dialog.mutable_from_uri()
                          : *dialog.mutable_to_uri()) = endpoint_;
}

// The same wherever the message is seen.
uint64_t MgcpLeg::Identity() const {
  const std::string identity =
      message_.transaction == 0
          ? frame_.message()
          : absl::StrCat(message_.transaction, " ", ToAbsl(message_.verb), " ",
                         message_.code, " ", endpoint_);
  return XXH3_64bits(identity.data(), identity.size());
}

void MgcpLeg::Fold(const ExchangeObservation& exchange, Observation& leg,
                   std::vector<Token>& tokens) const {
  DialogObservation& dialog = *leg.mutable_dialog();
  const FlowKey hosts = DeviceAndController(exchange);
  const bool device_initiates = DeviceInitiates(hosts, dialog);
  const bool from_device = flow_ == hosts;
  if (!CountMessage(Identity(), frame_.time_ns(), frame_.ordinal(),
                    from_device == device_initiates, leg)) {
    return;
  }
  const std::string parties = dialog.from_uri() + dialog.to_uri();
  if (const std::string name = NewNameOf(exchange); !name.empty()) {
    dialog.set_from_tag(name);
    (device_initiates ? *dialog.mutable_from_uri() : *dialog.mutable_to_uri()) =
        name;
  }
  Adopt(CallOf(exchange), hosts, leg, tokens);
  if (!message_.is_command()) {
    FoldResponse(Answered(exchange), device_initiates, leg, tokens);
  } else if (message_.Is("NTFY")) {
    FoldEvents(device_initiates, dialog);
  } else if (message_.Is("DLCX")) {
    FoldEnd(from_device, device_initiates, dialog);
  } else {
    FoldSignals(device_initiates, dialog);
    FoldConnection(device_initiates, leg, tokens);
  }
  if (parties != dialog.from_uri() + dialog.to_uri()) AddLegTokens(leg, tokens);
}

// The leg is of that call.
void MgcpLeg::Adopt(const std::string& call_id, const FlowKey& hosts,
                    Observation& leg, std::vector<Token>& tokens) const {
  DialogObservation& dialog = *leg.mutable_dialog();
  if (call_id.empty() || dialog.call_id() == call_id) return;
  dialog.set_call_id(call_id);
  dialog.set_method("INVITE");
  AddLegTokens(leg, tokens);
  FoldControlledCall(
      absl::StrCat(call_id, "@", hosts.destination.address.ToString()),
      {frame_.time_ns(), false, leg.site()}, dialog, tokens);
}

// Where a receiver was put down, its user did it. Where the call agent deletes
// the connection of a phone before that, the other side did; of a trunk it
// deletes them whoever hangs up.
void MgcpLeg::FoldEnd(bool from_device, bool device_initiates,
                      DialogObservation& dialog) const {
  const bool is_phone = device_initiates || dialog.ringing_time_ns() != 0;
  if (dialog.end_time_ns() == 0 && (from_device || is_phone)) {
    dialog.set_ended_by(from_device == device_initiates ? v1::SIDE_CALLER
                                                        : v1::SIDE_CALLEE);
  }
  Hangup(frame_.time_ns(), dialog);
}

void MgcpLeg::FoldEvents(bool device_initiates,
                         DialogObservation& dialog) const {
  const int64_t time_ns = frame_.time_ns();
  std::string_view events = MgcpParameter(message_, "O");
  while (const auto event = TakeMgcpEvent(events)) {
    if (event->Is("hd")) {
      if (!device_initiates) Answer(time_ns, dialog);
    } else if (event->Is("hu")) {
      FoldEnd(/*from_device=*/true, device_initiates, dialog);
    } else if (event->Is("hf")) {
      if (dialog.answer_time_ns() != 0) {
        PressKey('!', time_ns, device_initiates, dialog);
      }
    } else if (const char digit = MgcpDigit(*event); digit != '\0') {
      PressKey(digit, time_ns, device_initiates, dialog);
    }
  }
}

void MgcpLeg::FoldSignals(bool device_initiates,
                          DialogObservation& dialog) const {
  std::string_view signals = MgcpParameter(message_, "S");
  while (const auto signal = TakeMgcpEvent(signals)) {
    // A phone rings, or its user hears that another one does.
    const bool hears_ringing =
        device_initiates && EqualsIgnoreCase(signal->name, "rt");
    if (hears_ringing || (!device_initiates && IsMgcpRing(*signal))) {
      Ring(frame_.time_ns(), dialog);
    } else if (signal->Is("ci") && !device_initiates) {
      const MgcpCaller caller = ReadMgcpCaller(signal->arguments);
      NameCaller(caller.number, caller.name, dialog);
    }
  }
}

// CRCX and MDCX, and whatever has a connection mode.
void MgcpLeg::FoldConnection(bool device_initiates, Observation& leg,
                             std::vector<Token>& tokens) const {
  DialogObservation& dialog = *leg.mutable_dialog();
  const int64_t time_ns = frame_.time_ns();
  if (message_.Is("CRCX")) Attempt(time_ns, dialog);
  const std::string_view direction =
      MgcpDirection(MgcpParameter(message_, "M"));
  const bool talked = dialog.answer_time_ns() != 0 || dialog.began_before();
  // What the device is to receive alone, the other side sends: music.
  const std::string_view peer_direction =
      talked && direction == "recvonly" ? "sendonly" : "sendrecv";
  if (!message_.body.empty()) {
    FoldSdp(direction.empty() ? direction : peer_direction, !device_initiates,
            leg, tokens);
  }
  if (direction.empty()) return;
  Restate(direction, time_ns, device_initiates, dialog);
  if (message_.body.empty()) {
    Restate(peer_direction, time_ns, !device_initiates, dialog);
  }
  const bool rings =
      !device_initiates && dialog.ringing_time_ns() != 0;  // Off-hook answers.
  const auto* peer = LastAudio(!device_initiates, dialog);
  if (direction == "sendrecv" && peer != nullptr && peer->rtp().port() != 0 &&
      !rings) {
    Answer(time_ns, dialog);
  }
}

void MgcpLeg::FoldResponse(const LegKey* command, bool device_initiates,
                           Observation& leg, std::vector<Token>& tokens) const {
  if (command == nullptr) return;
  if (message_.code >= kFirstFailure) {
    // Without a connection there is no call.
    if (absl::StartsWith(command->command(), "CRCX") &&
        LastAudio(device_initiates, leg.dialog()) == nullptr) {
      Refuse(frame_.time_ns(), *leg.mutable_dialog());
    }
    return;
  }
  if (message_.body.empty()) return;
  const size_t space = command->command().find(' ');
  const std::string_view mode =
      space == std::string::npos
          ? std::string_view()
          : std::string_view(command->command()).substr(space + 1);
  FoldSdp(MgcpDirection(mode), device_initiates, leg, tokens);
}

// SDP in MGCP says no direction: the connection mode does.
void MgcpLeg::FoldSdp(std::string_view direction, bool from_initiator,
                      Observation& leg, std::vector<Token>& tokens) const {
  auto sdp = ParseSdp(message_.body);
  if (!sdp) return;
  for (SdpMediaLine& line : sdp->media) {
    line.direction = ToSdpDirection(direction, line.direction);
  }
  DialogObservation& dialog = *leg.mutable_dialog();
  // "EPN": numbered by each endpoint anew, for itself alone.
  if (sdp->origin.find(" EPN ") == std::string::npos) {
    FoldOrigin(sdp->origin, {frame_.time_ns(), from_initiator, leg.site()},
               dialog, tokens);
  }
  FoldMediaLines(sdp->media, frame_.time_ns(), from_initiator, leg.site(),
                 dialog, tokens);
}

void MgcpLeg::Note(const std::string& leg,
                   ExchangeObservation& exchange) const {
  auto& keys = *exchange.mutable_keys();
  const auto is_old = [&](const LegKey& key) {
    return key.key() == message_.transaction ||
           frame_.time_ns() - key.time_ns() > kCommandNs;
  };
  if (!message_.is_command()) {
    // Provisional ones are followed by another.
    if (message_.code < 200 || message_.transaction == 0) return;
    keys.erase(std::remove_if(keys.begin(), keys.end(), is_old), keys.end());
    return;
  }
  keys.erase(std::remove_if(keys.begin(), keys.end(), is_old), keys.end());
  if (leg.empty()) return;
  while (keys.size() >= kMaxKeys) keys.erase(keys.begin());
  LegKey& key = *keys.Add();
  key.set_key(message_.transaction);
  key.set_time_ns(frame_.time_ns());
  key.set_leg(leg);
  key.set_call_id(call_id_);
  key.set_command(
      absl::StrCat(ToUtf8(message_.verb, 8), " ",
                   ToUtf8(MgcpParameter(message_, "M").substr(0, 16), 16)));
}

}  // namespace

std::unique_ptr<LegMessage> ReadMgcpLeg(const v1::SipFrame& frame,
                                        const FlowKey& flow) {
  const auto message = ParseMgcp(frame.message());
  if (!message) return nullptr;
  return std::make_unique<MgcpLeg>(frame, flow, *message);
}

}  // namespace callbraid::collector
