#include "collector/ingest/sccp_leg.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "collector/ingest/dialog_fold_links.h"
#include "collector/ingest/leg_words.h"
#include "collector/ingest/sdp_fold.h"
#include "common/bytes/utf8.h"
#include "common/sccp/sccp_codec.h"
#include "common/sccp/sccp_message.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxDeviceName = 16;
constexpr int kMaxKeys = 256;
// A channel of media that was closed so long ago is forgotten: the longest
// call.
constexpr int64_t kChannelNs = int64_t{86'400} * 1'000'000'000;

using store::v1::DialogObservation;
using store::v1::ExchangeObservation;
using store::v1::LegKey;
using store::v1::Observation;

class SccpLeg final : public LegMessage {
 public:
  SccpLeg(const v1::SipFrame& frame, const FlowKey& flow,
          const SccpMessage& message)
      : frame_(frame),
        hosts_(flow.source.port == kSccpPort ? flow.Reversed() : flow),
        from_device_(flow == hosts_),
        message_(message) {}

  FlowKey DeviceAndController(const ExchangeObservation&) const override {
    return hosts_;
  }
  std::string LegOf(const ExchangeObservation& exchange) const override;
  std::string NewNameOf(const ExchangeObservation&) const override {
    return "";
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
  bool IsState(SccpCallState state) const {
    return message_.id == SccpId::kCallState && message_.state == state;
  }
  bool IsOfMedia() const {
    return message_.id == SccpId::kOpenReceiveChannel ||
           message_.id == SccpId::kStartMediaTransmission;
  }
  const LegKey* ChannelOf(const ExchangeObservation& exchange) const;
  void FoldHook(bool device_initiates, DialogObservation& dialog) const;
  void FoldState(bool device_initiates, DialogObservation& dialog) const;
  void FoldParties(bool device_initiates, DialogObservation& dialog) const;
  void FoldMedia(const ExchangeObservation& exchange, bool device_initiates,
                 Observation& leg, std::vector<Token>& tokens) const;

  const v1::SipFrame& frame_;
  const FlowKey hosts_;
  const bool from_device_;
  const SccpMessage message_;
};

// What is known of the channel of media that the message is about.
const LegKey* SccpLeg::ChannelOf(const ExchangeObservation& exchange) const {
  if (message_.party == 0) return nullptr;
  for (const LegKey& key : exchange.keys()) {
    if (key.key() == message_.party) return &key;
  }
  return nullptr;
}

std::string SccpLeg::LegOf(const ExchangeObservation& exchange) const {
  if (message_.call_reference != 0) {
    return absl::StrCat(message_.call_reference);
  }
  if (const LegKey* channel = ChannelOf(exchange)) return channel->leg();
  switch (message_.id) {
    // Older phones do not say which call; there is one at a time that they can
    // mean.
    case SccpId::kKeypadButton:
    case SccpId::kOnHook:
    case SccpId::kOffHook:
    case SccpId::kSoftKeyEvent:
      return exchange.current_leg();
    default:
      return "";
  }
}

Fit SccpLeg::FitOf(const Observation& leg, const ExchangeObservation&) const {
  const int64_t ended_ns = leg.dialog().end_time_ns();
  if (ended_ns == 0 || frame_.time_ns() - ended_ns <= kAfterwordNs) {
    return Fit::kContinues;
  }
  return Begins() ? Fit::kBeginsAnew : Fit::kOther;
}

bool SccpLeg::Begins() const {
  if (message_.call_reference == 0) return false;
  switch (message_.id) {
    case SccpId::kCallState:
      return message_.state != SccpCallState::kOnHook &&
             message_.state != SccpCallState::kRemoteMultiline;
    case SccpId::kCallInfo:
    case SccpId::kCallInfoV2:
    case SccpId::kDialedNumber:
    case SccpId::kOpenReceiveChannel:
    case SccpId::kStartMediaTransmission:
      return true;
    default:
      return false;
  }
}

void SccpLeg::Begin(const ExchangeObservation& exchange,
                    Observation& leg) const {
  LegStart start;
  start.protocol = v1::SIGNALLING_PROTOCOL_SCCP;
  start.transport = frame_.transport();
  start.device_and_controller = hosts_;
  const bool is_out =
      IsState(SccpCallState::kOffHook) || IsState(SccpCallState::kRingOut) ||
      IsState(SccpCallState::kProceed) || message_.id == SccpId::kDialedNumber;
  start.device_initiates =
      is_out || message_.call_type == SccpCallType::kOutbound;
  // A conference bridge is told of media alone.
  const bool is_beginning = IsState(SccpCallState::kOffHook) ||
                            IsState(SccpCallState::kRingIn) ||
                            IsState(SccpCallState::kCallWaiting) || IsOfMedia();
  start.began_before = !is_beginning;
  start.call_id = absl::StrCat(message_.call_reference);
  start.device = hosts_.source.address.ToString();
  DialogObservation& dialog = *leg.mutable_dialog();
  BeginLeg(start, dialog);
  dialog.set_method("INVITE");
  if (!exchange.device_name().empty()) {
    (start.device_initiates ? *dialog.mutable_from_uri()
                            : *dialog.mutable_to_uri()) =
        exchange.device_name();
  }
}

void SccpLeg::Fold(const ExchangeObservation& exchange, Observation& leg,
                   std::vector<Token>& tokens) const {
  DialogObservation& dialog = *leg.mutable_dialog();
  const bool device_initiates = DeviceInitiates(hosts_, dialog);
  const bool is_first = dialog.messages() == 0;
  const std::string& bytes = frame_.message();
  // Nothing in a message numbers it, and TCP sends none again: marks pair them
  // with another capture point's, and no more.
  CountMessage(XXH3_64bits(bytes.data(), bytes.size()), frame_.time_ns(),
               frame_.ordinal(), from_device_ == device_initiates, leg);
  if (is_first) {
    AddLegTokens(leg, tokens);
    FoldControlledCall(absl::StrCat(message_.call_reference, "@",
                                    hosts_.destination.address.ToString()),
                       {frame_.time_ns(), false, leg.site()}, dialog, tokens);
  }
  const std::string parties = dialog.from_uri() + dialog.to_uri();
  FoldHook(device_initiates, dialog);
  FoldState(device_initiates, dialog);
  FoldParties(device_initiates, dialog);
  FoldMedia(exchange, device_initiates, leg, tokens);
  if (parties != dialog.from_uri() + dialog.to_uri()) AddLegTokens(leg, tokens);
}

// Who puts the receiver down ends the call, unless it is on hold; the call
// manager says so next. What else it says of the call, it goes on.
void SccpLeg::FoldHook(bool device_initiates, DialogObservation& dialog) const {
  if (dialog.end_time_ns() != 0) return;
  if (message_.id == SccpId::kCallState &&
      message_.state != SccpCallState::kOnHook) {
    dialog.clear_ended_by();
  }
  if (message_.id != SccpId::kOnHook) return;
  const auto* audio = LastAudio(device_initiates, dialog);
  if (audio != nullptr && audio->direction() == "sendonly") return;
  dialog.set_ended_by(device_initiates ? v1::SIDE_CALLER : v1::SIDE_CALLEE);
}

void SccpLeg::FoldState(bool device_initiates,
                        DialogObservation& dialog) const {
  const int64_t time_ns = frame_.time_ns();
  if (message_.id != SccpId::kCallState) return;
  switch (message_.state) {
    case SccpCallState::kProceed:
      Attempt(time_ns, dialog);
      break;
    case SccpCallState::kRingIn:
    case SccpCallState::kRingOut:
    case SccpCallState::kCallWaiting:
      Ring(time_ns, dialog);
      break;
    case SccpCallState::kConnected:
      Answer(time_ns, dialog);
      Restate("sendrecv", time_ns, device_initiates, dialog);
      break;
    case SccpCallState::kHold:
    case SccpCallState::kCallTransfer:
      Restate("sendonly", time_ns, device_initiates, dialog);
      break;
    case SccpCallState::kBusy:
    case SccpCallState::kCongestion:
    case SccpCallState::kInvalidNumber:
      Refuse(time_ns, dialog);
      if (dialog.end_reason() == v1::END_REASON_REFUSED) {
        dialog.set_ended_by(v1::SIDE_CALLEE);
      }
      break;
    case SccpCallState::kOnHook:
      Hangup(time_ns, dialog);
      break;
    // Another phone of this line took the call.
    case SccpCallState::kRemoteMultiline:
      if (dialog.answer_time_ns() == 0) Hangup(time_ns, dialog);
      break;
    default:
      break;
  }
}

void SccpLeg::FoldParties(bool device_initiates,
                          DialogObservation& dialog) const {
  switch (message_.id) {
    case SccpId::kCallInfo:
    case SccpId::kCallInfoV2:
      NameCaller(message_.calling_number, message_.calling_name, dialog);
      NameCallee(message_.called_number, message_.called_name, dialog);
      break;
    case SccpId::kDialedNumber:
      NameCallee(message_.dialled, "", dialog);
      break;
    case SccpId::kKeypadButton:
      if (message_.digit != 0) {
        PressKey(message_.digit, frame_.time_ns(), device_initiates, dialog);
      }
      break;
    default:
      break;
  }
}

void SccpLeg::FoldMedia(const ExchangeObservation& exchange,
                        bool device_initiates, Observation& leg,
                        std::vector<Token>& tokens) const {
  DialogObservation& dialog = *leg.mutable_dialog();
  const int64_t time_ns = frame_.time_ns();
  const auto state = [&](uint32_t payload, uint8_t event_type,
                         bool by_initiator) {
    FoldMediaLines({SccpMediaLine(*message_.media, payload, event_type)},
                   time_ns, by_initiator, leg.site(), dialog, tokens);
  };
  switch (message_.id) {
    case SccpId::kOpenReceiveChannelAck: {
      if (!message_.media || message_.status != 0) break;
      uint32_t payload = 0;
      uint32_t event_type = 0;
      if (const LegKey* channel = ChannelOf(exchange)) {
        const std::vector<std::string> words =
            absl::StrSplit(channel->command(), ' ');
        if (words.size() == 2) {
          (void)absl::SimpleAtoi(words[0], &payload);
          (void)absl::SimpleAtoi(words[1], &event_type);
        }
      }
      state(payload, static_cast<uint8_t>(event_type), device_initiates);
      break;
    }
    case SccpId::kStartMediaTransmission:
      if (message_.media) {
        state(message_.payload, message_.event_type, !device_initiates);
      }
      // Who has no states of calls talks as soon as there is media.
      if (dialog.invite_time_ns() == 0) Answer(time_ns, dialog);
      break;
    case SccpId::kCloseReceiveChannel:
      StopMedia(time_ns, device_initiates, dialog);
      break;
    case SccpId::kStopMediaTransmission:
      StopMedia(time_ns, !device_initiates, dialog);
      break;
    default:
      break;
  }
}

void SccpLeg::Note(const std::string& leg,
                   ExchangeObservation& exchange) const {
  if (!message_.device_name.empty()) {
    exchange.set_device_name(ToUtf8(message_.device_name, kMaxDeviceName));
  }
  if (leg.empty()) return;
  if (message_.id == SccpId::kCallState) exchange.set_current_leg(leg);
  if (message_.party == 0 || !IsOfMedia()) return;
  auto& keys = *exchange.mutable_keys();
  const LegKey* known = ChannelOf(exchange);
  std::string command = known == nullptr ? "" : known->command();
  if (message_.id == SccpId::kOpenReceiveChannel) {
    command = absl::StrCat(message_.payload, " ", message_.event_type);
  }
  keys.erase(std::remove_if(keys.begin(), keys.end(),
                            [this](const LegKey& key) {
                              return key.key() == message_.party ||
                                     frame_.time_ns() - key.time_ns() >
                                         kChannelNs;
                            }),
             keys.end());
  while (keys.size() >= kMaxKeys) keys.erase(keys.begin());
  LegKey& key = *keys.Add();
  key.set_key(message_.party);
  key.set_time_ns(frame_.time_ns());
  key.set_leg(leg);
  key.set_command(std::move(command));
}

}  // namespace

std::unique_ptr<LegMessage> ReadSccpLeg(const v1::SipFrame& frame,
                                        const FlowKey& flow) {
  const auto message = ParseSccp(frame.message());
  if (!message) return nullptr;
  return std::make_unique<SccpLeg>(frame, flow, *message);
}

}  // namespace callbraid::collector
