#include "sensor/signalling/controlled_media.h"

#include <algorithm>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "common/sccp/sccp_codec.h"
#include "common/sccp/sccp_message.h"
#include "common/sip/sdp.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxPairs = 4096;
constexpr size_t kMaxCommands = 16'384;
// Gateways say something at least when their call agent asks whether they are
// there.
constexpr int64_t kPairLifetimeNs = int64_t{86'400} * 1'000'000'000;
// A response comes again for that long (RFC 3435, section 3.5.1).
constexpr int64_t kCommandLifetimeNs = int64_t{30} * 1'000'000'000;

// Never 0, which stands for no call.
uint64_t CallOf(std::string_view call_id) {
  return absl::HashOf(absl::string_view(call_id.data(), call_id.size())) | 1;
}

}  // namespace

ControlledMedia::ControlledMedia(DialogTable& dialogs,
                                 SignallingCounters& counters)
    : dialogs_(dialogs),
      counters_(counters),
      pairs_(kMaxPairs),
      commands_(kMaxCommands) {}

ControlledMedia::Pair ControlledMedia::PairOf(const FlowKey& flow) {
  return std::minmax(flow.source.address, flow.destination.address);
}

bool ControlledMedia::SpeakMgcp(const FlowKey& flow) {
  return pairs_.Find(PairOf(flow)) != nullptr;
}

void ControlledMedia::OnMgcp(const FlowKey& flow, const MgcpMessage& message) {
  const Pair pair = PairOf(flow);
  if (pairs_.full() && pairs_.Find(pair) == nullptr) {
    counters_.Count(SignallingDiscard::kMgcpEvicted);
  }
  pairs_.Use(pair, now_ns_);
  uint64_t call_id = 0;
  if (message.is_command()) {
    const std::string_view call = MgcpParameter(message, "C");
    if (!call.empty()) call_id = CallOf(call);
    commands_.Use({pair, message.transaction}, now_ns_) = call_id;
  } else if (const uint64_t* asked =
                 commands_.Find({pair, message.transaction})) {
    call_id = *asked;
  }
  if (call_id != 0) dialogs_.Refresh(call_id);
  const auto sdp = ParseSdp(message.body);
  if (!sdp) return;
  for (const SdpMediaLine& line : sdp->media) {
    // A gateway describes itself in responses; a command describes its peer.
    if (message.is_command() || call_id == 0) {
      dialogs_.OnPeerMedia(line);
    } else {
      dialogs_.OnDeviceMedia(line, call_id);
    }
  }
}

void ControlledMedia::OnSccp(const FlowKey& flow, std::string_view bytes) {
  const auto message = ParseSccp(bytes);
  if (!message) return;
  if (!message->media) return;
  // A channel of media: not all messages about it say of which call it is.
  const uint64_t call_id = absl::HashOf(PairOf(flow), message->party) | 1;
  const SdpMediaLine line =
      SccpMediaLine(*message->media, message->payload, message->event_type);
  if (message->id == SccpId::kStartMediaTransmission) {
    dialogs_.OnPeerMedia(line);
  } else {
    dialogs_.OnDeviceMedia(line, call_id);
  }
}

void ControlledMedia::OnTick(int64_t now_ns) {
  now_ns_ = now_ns;
  pairs_.EraseUnusedSince(now_ns - kPairLifetimeNs);
  commands_.EraseUnusedSince(now_ns - kCommandLifetimeNs);
}

}  // namespace callbraid::sensor
