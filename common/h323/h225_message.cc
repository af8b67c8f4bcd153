#include "common/h323/h225_message.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "common/h323/h225_types.h"
#include "common/h323/h245_media.h"
#include "common/h323/h323_secrets.h"
#include "common/h323/h323_tag.h"
#include "common/h323/per_decoder.h"

namespace callbraid {
namespace {

constexpr size_t kMaxItems = 64;
// Alternatives of conferenceGoal.
constexpr uint64_t kJoin = 1;
constexpr uint64_t kInvite = 2;
// Alternatives of AliasAddress.
constexpr uint64_t kDialledDigits = 0;
constexpr uint64_t kPartyNumber = 5;

constexpr std::array<std::string_view, 33> kRasNames = {
    "gatekeeperRequest",
    "gatekeeperConfirm",
    "gatekeeperReject",
    "registrationRequest",
    "registrationConfirm",
    "registrationReject",
    "unregistrationRequest",
    "unregistrationConfirm",
    "unregistrationReject",
    "admissionRequest",
    "admissionConfirm",
    "admissionReject",
    "bandwidthRequest",
    "bandwidthConfirm",
    "bandwidthReject",
    "disengageRequest",
    "disengageConfirm",
    "disengageReject",
    "locationRequest",
    "locationConfirm",
    "locationReject",
    "infoRequest",
    "infoRequestResponse",
    "nonStandardMessage",
    "unknownMessageResponse",
    "requestInProgress",
    "resourcesAvailableIndicate",
    "resourcesAvailableConfirm",
    "infoRequestAck",
    "infoRequestNak",
    "serviceControlIndication",
    "serviceControlResponse",
    "admissionConfirmSequence"};

std::string Hex(const PerValue* guid) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  if (guid == nullptr) return hex;
  for (const char c : guid->octets) {
    const auto byte = static_cast<uint8_t>(c);
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  // Some send zeros in place of none.
  return hex.find_first_not_of('0') == std::string::npos ? "" : hex;
}

H323Party PartyOf(const PerValue* aliases) {
  H323Party party;
  if (aliases == nullptr) return party;
  for (const PerValue& alias : aliases->parts) {
    const PerValue* text = alias.Find(tag::kText);
    if (text == nullptr) continue;
    const bool is_number =
        alias.number == kDialledDigits || alias.number == kPartyNumber;
    std::string& into = is_number ? party.number : party.id;
    if (into.empty()) into = text->text.substr(0, text->text.find('\0'));
  }
  return party;
}

// Those of a list that are read, and those behind them. What turns out to be no
// message counts as well: to find that out costs as much.
struct Items {
  explicit Items(const PerValue* list) {
    if (list == nullptr) return;
    const std::span<const PerValue> all = list->parts;
    read = all.first(std::min(all.size(), kMaxItems));
    beyond = all.subspan(read.size());
  }
  std::span<const PerValue> read;
  std::span<const PerValue> beyond;
};

template <typename Parse>
void ReadItems(const PerValue* list, Parse parse,
               std::vector<H245Message>& messages, H225Message& message) {
  const Items items(list);
  for (const PerValue& item : items.read) {
    if (auto parsed = parse(item.octets)) {
      messages.push_back(*std::move(parsed));
    }
  }
  if (!items.beyond.empty()) message.complete = false;
}

void ReadMessage(const PerValue& body, H225Message& message) {
  message.call_id = Hex(body.Find(tag::kCallId));
  message.conference_id = Hex(body.Find(tag::kConferenceId));
  if (const PerValue* goal = body.Find(tag::kConferenceGoal)) {
    message.joins_conference = goal->number == kJoin || goal->number == kInvite;
  }
  message.caller = PartyOf(body.Find(tag::kSourceAddress));
  message.callee = PartyOf(body.Find(tag::kDestinationAddress));
  message.connected = PartyOf(body.Find(tag::kConnectedAddress));
  message.source_signal_address =
      ReadTransportAddress(body.Find(tag::kSourceSignalAddress));
  message.h245_address = ReadTransportAddress(body.Find(tag::kH245Address));
  ReadItems(body.Find(tag::kFastStart), ParseFastStart, message.fast_start,
            message);
  ReadItems(body.Find(tag::kParallelH245), ParseH245, message.tunnelled,
            message);
}

// What the network says of numbers wins.
void AddNumbers(const Q931Message& q931, H225Message& message) {
  const auto take = [](std::string_view number, H323Party& party) {
    if (!number.empty()) party.number = number;
  };
  take(q931.calling_number, message.caller);
  take(q931.called_number, message.callee);
  take(q931.connected_number, message.connected);
}

}  // namespace

std::optional<H225Message> ParseH225(std::string_view bytes) {
  const auto q931 = ParseQ931(bytes);
  if (!q931) return std::nullopt;
  H225Message message;
  message.q931 = *q931;
  const PerDecoded decoded =
      DecodePer(kH323UserInformation, message.q931.user_user);
  message.complete = decoded.complete;
  if (const PerValue* body = decoded.value.Find(tag::kBody, tag::kMessage)) {
    ReadMessage(*body, message);
  }
  ReadItems(decoded.value.Find(tag::kH245Control), ParseH245, message.tunnelled,
            message);
  AddNumbers(message.q931, message);
  return message;
}

std::optional<TranslatedAddress> TranslationOf(const H225Message& message,
                                               const Endpoint& source) {
  const std::optional<Endpoint>& named = message.source_signal_address;
  if (!named || named->port != source.port ||
      named->address == source.address || named->address.is_unspecified()) {
    return std::nullopt;
  }
  return TranslatedAddress{named->address, source.address};
}

//   ... h323-message-body  extension, options  length:8 = 6
//   {itu-t(0) recommendation(0) h(8) h225-0(2250) version(0)} version:8
bool IsH225(std::string_view bytes) {
  using namespace std::string_view_literals;
  // The choices before it take one to three bytes.
  constexpr size_t kLatest = 10;
  constexpr std::string_view kH225 = "\x06\x00\x08\x91\x4a\x00"sv;
  const auto message = ParseQ931(bytes);
  return message && message->user_user.substr(0, kLatest).find(kH225) !=
                        std::string_view::npos;
}

std::vector<std::string_view> H225Secrets(std::string_view bytes) {
  const auto q931 = ParseQ931(bytes);
  if (!q931) return {};
  const PerDecoded decoded = DecodePer(kH323UserInformation, q931->user_user);
  std::vector<std::string_view> secrets = SecretsOf(decoded);
  const auto add = [&secrets](const PerValue* list, auto secrets_of) {
    const Items items(list);
    for (const PerValue& item : items.read) {
      for (const std::string_view secret : secrets_of(item.octets)) {
        secrets.push_back(secret);
      }
    }
    for (const PerValue& item : items.beyond) secrets.push_back(item.octets);
  };
  add(decoded.value.Find(tag::kH245Control), H245Secrets);
  if (const PerValue* body = decoded.value.Find(tag::kBody, tag::kMessage)) {
    add(body->Find(tag::kFastStart), FastStartSecrets);
    add(body->Find(tag::kParallelH245), H245Secrets);
  }
  return secrets;
}

std::optional<RasMessage> ParseRas(std::string_view bytes) {
  const PerDecoded decoded = DecodePer(kRasMessage, bytes);
  const PerValue* ras = decoded.value.Find(tag::kBody);
  if (ras == nullptr || ras->number >= kRasNames.size()) return std::nullopt;
  RasMessage message;
  message.name = kRasNames[ras->number];
  if (const PerValue* request = ras->Find(tag::kMessage)) {
    message.caller = PartyOf(request->Find(tag::kSourceAddress));
    message.callee = PartyOf(request->Find(tag::kDestinationAddress));
    message.call_id = Hex(request->Find(tag::kCallId));
  }
  return message;
}

}  // namespace callbraid
