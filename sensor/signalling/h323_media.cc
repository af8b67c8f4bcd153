#include "sensor/signalling/h323_media.h"

#include <algorithm>
#include <optional>
#include <string>
#include <variant>

#include "absl/hash/hash.h"
#include "common/h323/h323_message.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxH245 = 8192;
constexpr size_t kMaxOpened = 8192;
constexpr size_t kMaxTranslated = 1024;
// From its announcement to the connection, and between two messages of it: long
// calls say nothing.
constexpr int64_t kH245LifetimeNs = int64_t{86'400} * 1'000'000'000;
constexpr int64_t kOpenedLifetimeNs = int64_t{60} * 1'000'000'000;

// Never 0, which stands for no call.
uint64_t CallOf(const FlowKey& flow, const H225Message& message) {
  if (!message.call_id.empty()) return absl::HashOf(message.call_id) | 1;
  const Endpoint& originator =
      message.q931.from_originator ? flow.source : flow.destination;
  return absl::HashOf(originator, message.q931.call_reference) | 1;
}

}  // namespace

H323Media::H323Media(DialogTable& dialogs, SignallingCounters& counters)
    : dialogs_(dialogs),
      counters_(counters),
      h245_(kMaxH245),
      opened_(kMaxOpened),
      translated_(kMaxTranslated) {}

bool H323Media::IsH245(const FlowKey& flow) {
  return h245_.Find(flow.source) != nullptr ||
         h245_.Find(flow.destination) != nullptr;
}

void H323Media::ExpectH245(const FlowKey& flow) {
  if (!IsH245(flow)) Announce(flow.destination, 0);
}

template <typename Key, typename Value>
Value& H323Media::Use(LruMap<Key, Value>& map, const Key& key) {
  if (map.full() && map.Find(key) == nullptr) {
    counters_.Count(SignallingDiscard::kH323Evicted);
  }
  return map.Use(key, now_ns_);
}

void H323Media::Announce(const Endpoint& endpoint, uint64_t call_id) {
  Use(h245_, endpoint) = call_id;
}

bool H323Media::OnMessage(const FlowKey& flow, std::string_view bytes) {
  const auto message = ParseH323(bytes, /*is_datagram=*/false);
  if (!message) return false;
  if (const auto* h225 = std::get_if<H225Message>(&*message)) {
    OnH225(flow, *h225);
  } else if (const auto* h245 = std::get_if<H245Message>(&*message)) {
    OnH245(flow, *h245, CallOfH245(flow));
  }
  return true;
}

uint64_t H323Media::CallOfH245(const FlowKey& flow) {
  for (const Endpoint& endpoint : {flow.source, flow.destination}) {
    const uint64_t* call_id = h245_.Find(endpoint);
    if (call_id != nullptr && *call_id != 0)
      return h245_.Use(endpoint, now_ns_);
  }
  return absl::HashOf(std::min(flow.source, flow.destination)) | 1;
}

void H323Media::OnH225(const FlowKey& flow, const H225Message& message) {
  if (!message.complete && !message.q931.user_user.empty()) {
    counters_.Count(SignallingDiscard::kBadH323);
  }
  const uint64_t call_id = CallOf(flow, message);
  if (message.h245_address) {
    Announce(*message.h245_address, call_id);
    // What an address translator on the way makes of it.
    Announce({flow.source.address, message.h245_address->port}, call_id);
  }
  if (const auto translation = TranslationOf(message, flow.source)) {
    Use(translated_, translation->named) = translation->seen;
  }
  dialogs_.Refresh(call_id);
  for (const H245Message& channel : message.fast_start) {
    // Offers name where the caller receives what the callee is to send; answers
    // where the callee receives (H.323, section 8.1.7).
    const std::optional<SdpMediaLine>& own =
        message.q931.from_originator ? channel.reverse : channel.forward;
    if (own) Expect(*own, call_id);
  }
  for (const H245Message& tunnelled : message.tunnelled) {
    OnH245(flow, tunnelled, call_id);
  }
}

void H323Media::OnH245(const FlowKey& flow, const H245Message& message,
                       uint64_t call_id) {
  dialogs_.Refresh(call_id);
  if (message.kind == H245Kind::kOpen) OnOpen(flow, message, call_id);
  if (message.kind == H245Kind::kOpenAck) OnOpenAck(flow, message, call_id);
}

void H323Media::OnOpen(const FlowKey& flow, const H245Message& message,
                       uint64_t call_id) {
  if (message.reverse) Expect(*message.reverse, call_id);
  if (!message.forward) return;
  Use(opened_, {flow, message.channel}) = *message.forward;
}

void H323Media::OnOpenAck(const FlowKey& flow, const H245Message& message,
                          uint64_t call_id) {
  if (!message.forward) return;
  SdpMediaLine line = *message.forward;
  if (const SdpMediaLine* asked =
          opened_.Find({flow.Reversed(), message.channel})) {
    line = *asked;
    line.rtp = message.forward->rtp;
    line.rtcp = message.forward->rtcp;
  } else {
    line.protocol = "RTP/AVP";
  }
  Expect(line, call_id);
}

void H323Media::Expect(SdpMediaLine line, uint64_t call_id) {
  if (line.rtp.port == 0) return;
  dialogs_.OnDeviceMedia(line, call_id);
  const IpAddress* seen = translated_.Find(line.rtp.address);
  if (seen == nullptr) return;
  line.rtp.address = *seen;
  line.rtcp.address = *seen;
  dialogs_.OnDeviceMedia(line, call_id);
}

void H323Media::OnTick(int64_t now_ns) {
  now_ns_ = now_ns;
  h245_.EraseUnusedSince(now_ns - kH245LifetimeNs);
  opened_.EraseUnusedSince(now_ns - kOpenedLifetimeNs);
  translated_.EraseUnusedSince(now_ns - kH245LifetimeNs);
}

}  // namespace callbraid::sensor
