#include "collector/ingest/h323_channels.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/absl_string.h"
#include "xxhash.h"

namespace callbraid::collector {
namespace {

constexpr int kMaxKeys = 256;
constexpr char kAudio[] = "audio";

using store::v1::ExchangeObservation;
using store::v1::LegKey;

uint64_t KeyOf(const std::string& name) {
  return XXH3_64bits(name.data(), name.size());
}

// A host; on one machine, one of its ends.
std::string SideOf(const Endpoint& self, const Endpoint& peer) {
  return self.address == peer.address ? self.ToString()
                                      : self.address.ToString();
}

const LegKey* FindKey(uint64_t key, const ExchangeObservation& exchange) {
  const auto& keys = exchange.keys();
  for (auto known = keys.rbegin(); known != keys.rend(); ++known) {
    if (known->key() == key) return &*known;
  }
  return nullptr;
}

template <typename Condition>
void EraseKeys(Condition condition, ExchangeObservation& exchange) {
  auto& keys = *exchange.mutable_keys();
  keys.erase(std::remove_if(keys.begin(), keys.end(), condition), keys.end());
}

void AddKey(uint64_t key, const std::string& leg, int64_t time_ns,
            std::string command, ExchangeObservation& exchange) {
  EraseKeys([key](const LegKey& known) { return known.key() == key; },
            exchange);
  auto& keys = *exchange.mutable_keys();
  while (keys.size() >= kMaxKeys) keys.erase(keys.begin());
  LegKey& added = *keys.Add();
  added.set_key(key);
  added.set_time_ns(time_ns);
  added.set_leg(leg);
  added.set_command(std::move(command));
}

// "10.0.0.1\naudio\nRTP/AVP\n1\n0 8000 PCMU\n18 8000 G729 annexb=no": who
// opened it, kind, protocol, encrypted, codecs.
std::string ToText(const std::string& opener, const SdpMediaLine& line) {
  std::string text = absl::StrCat(opener, "\n", line.kind, "\n", line.protocol,
                                  "\n", line.encrypted ? 1 : 0);
  for (const SdpPayload& payload : line.payloads) {
    absl::StrAppend(&text, "\n", payload.type, " ", payload.clock_rate, " ",
                    payload.name, " ", payload.fmtp);
  }
  return text;
}

SdpMediaLine FromText(const std::string& text) {
  SdpMediaLine line;
  const std::vector<std::string> parts = absl::StrSplit(text, '\n');
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i == 1) line.kind = parts[i];
    if (i == 2) line.protocol = parts[i];
    if (i == 3) line.encrypted = parts[i] == "1";
    if (i < 4) continue;
    const std::vector<std::string> words =
        absl::StrSplit(parts[i], absl::MaxSplits(' ', 3));
    uint32_t type = 0;
    SdpPayload payload;
    if (words.size() != 4 || !absl::SimpleAtoi(words[0], &type) ||
        !absl::SimpleAtoi(words[1], &payload.clock_rate)) {
      continue;
    }
    payload.type = static_cast<uint8_t>(type);
    payload.name = words[2];
    payload.fmtp = words[3];
    line.payloads.push_back(std::move(payload));
  }
  return line;
}

uint64_t CallReferenceKey(const FlowKey& flow, const Q931Message& q931) {
  const Endpoint& originator =
      q931.from_originator ? flow.source : flow.destination;
  return KeyOf(absl::StrCat("reference ", originator.ToString(), " ",
                            q931.call_reference));
}

}  // namespace

std::string H323Channels::Sender() const {
  return SideOf(flow_.source, flow_.destination);
}

std::string H323Channels::Receiver() const {
  return SideOf(flow_.destination, flow_.source);
}

uint64_t H323Channels::ChannelKey(const std::string& opener,
                                  uint16_t channel) const {
  return KeyOf(absl::StrCat("channel ", leg_, " ", opener, " ", channel));
}

// What the sender can receive of telephone-events.
uint64_t H323Channels::EventKey() const {
  return KeyOf(absl::StrCat("events ", leg_, " ", Sender()));
}

std::optional<SdpMediaLine> H323Channels::Acknowledged(
    const H245Message& ack, const ExchangeObservation& exchange) const {
  if (!ack.forward || ack.forward->rtp.port == 0) return std::nullopt;
  SdpMediaLine line;
  line.kind = kAudio;
  line.protocol = "RTP/AVP";
  const LegKey* asked = FindKey(ChannelKey(Receiver(), ack.channel), exchange);
  if (asked != nullptr) line = FromText(asked->command());
  line.rtp = ack.forward->rtp;
  line.rtcp = ack.forward->rtcp;
  uint32_t event_type = 0;
  const LegKey* events = FindKey(EventKey(), exchange);
  if (events != nullptr && line.kind == kAudio &&
      absl::SimpleAtoi(events->command(), &event_type)) {
    SdpPayload& payload = line.payloads.emplace_back();
    payload.type = static_cast<uint8_t>(event_type);
    payload.name = "telephone-event";
    payload.clock_rate = 8000;
  }
  return line;
}

bool H323Channels::ClosesAudio(const H245Message& close,
                               const ExchangeObservation& exchange) const {
  const LegKey* opened = FindKey(ChannelKey(Sender(), close.channel), exchange);
  if (opened != nullptr) return FromText(opened->command()).kind == kAudio;
  const std::string audio = absl::StrCat(Sender(), "\n", kAudio, "\n");
  return std::none_of(exchange.keys().begin(), exchange.keys().end(),
                      [this, &audio](const LegKey& known) {
                        return known.leg() == leg_ &&
                               known.command().starts_with(audio);
                      });
}

void H323Channels::NoteChannel(const std::string& opener, uint16_t channel,
                               const SdpMediaLine& line, int64_t time_ns,
                               ExchangeObservation& exchange) const {
  AddKey(ChannelKey(opener, channel), leg_, time_ns, ToText(opener, line),
         exchange);
}

void H323Channels::Note(const H245Message& message, int64_t time_ns,
                        ExchangeObservation& exchange) const {
  switch (message.kind) {
    case H245Kind::kCapabilities:
      if (message.event_type != 0) {
        AddKey(EventKey(), leg_, time_ns, absl::StrCat(message.event_type),
               exchange);
      }
      break;
    case H245Kind::kOpen:
      if (message.forward) {
        NoteChannel(Sender(), message.channel, *message.forward, time_ns,
                    exchange);
      }
      break;
    case H245Kind::kClose: {
      const uint64_t key = ChannelKey(Sender(), message.channel);
      EraseKeys([key](const LegKey& known) { return known.key() == key; },
                exchange);
      break;
    }
    default:
      break;
  }
}

// Only what the callee accepts: of what the caller offers most is never opened.
// The callee numbers the channels that it opens itself (H.323, section
// 8.1.7.1).
void H323Channels::NoteFastStart(const H225Message& message, int64_t time_ns,
                                 ExchangeObservation& exchange) const {
  if (message.q931.from_originator) return;
  for (const H245Message& accepted : message.fast_start) {
    if (accepted.forward) {
      NoteChannel(Receiver(), accepted.channel, *accepted.forward, time_ns,
                  exchange);
    }
    if (accepted.reverse) {
      NoteChannel(Sender(), accepted.channel, *accepted.reverse, time_ns,
                  exchange);
    }
  }
}

void H323Channels::Forget(ExchangeObservation& exchange) const {
  EraseKeys([this](const LegKey& known) { return known.leg() == leg_; },
            exchange);
}

std::string LegOfCallReference(const FlowKey& flow, const Q931Message& q931,
                               const ExchangeObservation& exchange) {
  const LegKey* key = FindKey(CallReferenceKey(flow, q931), exchange);
  return key == nullptr ? "" : key->leg();
}

void NoteCallReference(const FlowKey& flow, const Q931Message& q931,
                       const std::string& leg, int64_t time_ns,
                       ExchangeObservation& exchange) {
  AddKey(CallReferenceKey(flow, q931), leg, time_ns, "", exchange);
}

}  // namespace callbraid::collector
