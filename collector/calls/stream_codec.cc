#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "collector/calls/call_streams.h"
#include "common/sip/sdp.h"

namespace callbraid::collector {
namespace {

constexpr uint32_t kComfortNoise = 13;
constexpr uint32_t kOldComfortNoise = 19;

// The newest SDP of one side that knows `payload_type`, before `by_ns`
// (aligned); if there is none, the first after that.
const store::v1::SdpCodec* FindInSdp(const CallLeg& leg, bool from_initiator,
                                     uint32_t payload_type, int64_t by_ns,
                                     const SensorClocks& clocks) {
  const store::v1::SdpCodec* best = nullptr;
  int64_t best_ns = 0;
  for (const Node* node : leg.nodes) {
    for (const auto& media : node->dialog().media()) {
      if (media.from_initiator() != from_initiator) continue;
      const auto found =
          std::find_if(media.codecs().begin(), media.codecs().end(),
                       [payload_type](const store::v1::SdpCodec& codec) {
                         return codec.payload_type() == payload_type;
                       });
      if (found == media.codecs().end()) continue;
      const int64_t at = clocks.Align(node->sensor(), media.time_ns());
      const bool better = best == nullptr    ? true
                          : best_ns <= by_ns ? at <= by_ns && at > best_ns
                                             : at < best_ns;
      if (!better) continue;
      best = &*found;
      best_ns = at;
    }
  }
  return best;
}

// A payload type means what the receiver said it means; some senders use their
// own numbers.
const store::v1::SdpCodec* FindPayload(const CallLeg* leg, v1::Side side,
                                       uint32_t payload_type, int64_t by_ns,
                                       const SensorClocks& clocks) {
  if (leg == nullptr) return nullptr;
  const bool receiver_is_initiator = side == v1::SIDE_CALLEE;
  const store::v1::SdpCodec* named =
      FindInSdp(*leg, receiver_is_initiator, payload_type, by_ns, clocks);
  if (named != nullptr) return named;
  return FindInSdp(*leg, !receiver_is_initiator, payload_type, by_ns, clocks);
}

struct Use {
  uint64_t packets = 0;
  int64_t first_ns = kNever;
  uint32_t clock_rate = 0;
};

std::map<uint32_t, Use> UsesOf(const CallStream& stream,
                               const SensorClocks& clocks) {
  std::map<uint32_t, Use> uses;
  for (const StreamSighting& sighting : stream.sightings) {
    const Node& node = *sighting.node;
    for (const auto& seen : node.rtp().payload_types()) {
      Use& use = uses[seen.payload_type()];
      use.packets += seen.packets();
      use.first_ns = std::min(
          use.first_ns, clocks.Align(node.sensor(), seen.first_time_ns()));
      use.clock_rate = std::max(use.clock_rate, seen.clock_rate());
    }
  }
  return uses;
}

bool IsAudible(uint32_t payload_type, std::string_view name) {
  if (payload_type == kComfortNoise || payload_type == kOldComfortNoise) {
    return false;
  }
  const absl::string_view text(name.data(), name.size());
  return !absl::EqualsIgnoreCase(text, "telephone-event") &&
         !absl::EqualsIgnoreCase(text, "CN");
}

}  // namespace

StreamCodec FindCodec(const CallStream& stream, const CallLeg* leg,
                      const SensorClocks& clocks,
                      const EvidencePolicy& policy) {
  if (stream.first().is_udptl) return {.name = "T.38"};
  StreamCodec best;
  bool best_audible = false;
  uint64_t best_packets = 0;
  for (const auto& [payload_type, use] : UsesOf(stream, clocks)) {
    StreamCodec codec;
    codec.payload_type = payload_type;
    const int64_t by_ns = use.first_ns + policy.media_before_sdp_ns;
    const store::v1::SdpCodec* named =
        FindPayload(leg, stream.side, payload_type, by_ns, clocks);
    uint32_t audio_type = payload_type;
    const auto carried = named == nullptr ? std::nullopt
                                          : CarriedByRedundantAudio(
                                                named->name(), named->fmtp());
    if (carried) {
      codec.redundant = true;
      audio_type = *carried;
      named = FindPayload(leg, stream.side, audio_type, by_ns, clocks);
    }
    const StaticPayload known =
        StaticPayloadOf(static_cast<uint8_t>(audio_type & 0x7f));
    if (named != nullptr && !named->name().empty()) {
      codec.name = named->name();
      codec.clock_rate = named->clock_rate();
    } else {
      codec.name = std::string(known.name);
      codec.clock_rate = known.clock_rate;
    }
    if (codec.clock_rate == 0) codec.clock_rate = use.clock_rate;
    const bool audible = IsAudible(payload_type, codec.name);
    if (best_packets == 0 || (audible && !best_audible) ||
        (audible == best_audible && use.packets > best_packets)) {
      best = codec;
      best_audible = audible;
      best_packets = std::max<uint64_t>(1, use.packets);
    }
  }
  return best;
}

}  // namespace callbraid::collector
