#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "collector/calls/call_streams.h"
#include "common/sip/encoding.h"
#include "common/sip/sdp.h"

namespace callbraid::collector {
namespace {

constexpr uint32_t kComfortNoise = 13;
constexpr uint32_t kOldComfortNoise = 19;

// An encoding that SDP names, and the kind of its line.
struct Named {
  const store::v1::SdpCodec* codec = nullptr;
  std::string kind;
};

// A payload type means what the receiver said it means; some senders use their
// own numbers. Each media line has numbers of its own, so that the line that
// names the stream's destination is asked first, then the one of its source;
// where an address translator is in between, the audio lines before others. Of
// lines that are as good the newest before `by_ns` (aligned); if there is none,
// the first after that.
class PayloadFinder {
 public:
  PayloadFinder(const CallStream& stream, const CallLeg* leg,
                const SensorClocks& clocks)
      : stream_(stream), leg_(leg), clocks_(clocks) {
    if (leg_ != nullptr) kind_ = KindByEnds(stream_, *leg_);
  }

  const std::string& kind() const { return kind_; }

  Named Find(uint32_t payload_type, int64_t by_ns) const {
    Named best;
    if (leg_ == nullptr) return best;
    int best_rank = 0;
    int64_t best_ns = 0;
    for (const Node* node : leg_->nodes) {
      for (const auto& line : node->dialog().media()) {
        if (!kind_.empty() && !line.kind().empty() && line.kind() != kind_) {
          continue;
        }
        const auto found =
            std::find_if(line.codecs().begin(), line.codecs().end(),
                         [payload_type](const store::v1::SdpCodec& codec) {
                           return codec.payload_type() == payload_type;
                         });
        if (found == line.codecs().end()) continue;
        const int rank = RankOf(line);
        const int64_t at = clocks_.Align(node->sensor(), line.time_ns());
        const bool better = best.codec == nullptr ? true
                            : rank != best_rank   ? rank < best_rank
                            : best_ns <= by_ns    ? at <= by_ns && at > best_ns
                                                  : at < best_ns;
        if (!better) continue;
        best = {&*found, line.kind()};
        best_rank = rank;
        best_ns = at;
      }
    }
    return best;
  }

 private:
  // Less is better.
  int RankOf(const store::v1::SdpMedia& line) const {
    switch (EndAt(stream_, line)) {
      case LineEnd::kDestination:
        return 0;
      case LineEnd::kSource:
        return 1;
      case LineEnd::kNone:
        break;
    }
    const bool initiator_sends =
        stream_.from_initiator.value_or(stream_.side != v1::SIDE_CALLEE);
    return (line.kind() == "audio" ? 2 : 4) +
           (line.from_initiator() == initiator_sends ? 1 : 0);
  }

  const CallStream& stream_;
  const CallLeg* leg_;
  const SensorClocks& clocks_;
  std::string kind_;
};

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

// What a stream is named by, rather than by what comes in between.
bool IsMedia(uint32_t payload_type, std::string_view name) {
  return payload_type != kComfortNoise && payload_type != kOldComfortNoise &&
         (!CarriesNoAudio(name) || IsVideoEncoding(name));
}

StreamCodec FindCodec(const CallStream& stream, const CallLeg* leg,
                      const SensorClocks& clocks,
                      const EvidencePolicy& policy) {
  if (stream.first().is_udptl) return {.name = "T.38"};
  const PayloadFinder finder(stream, leg, clocks);
  StreamCodec best;
  best.kind = finder.kind();
  bool best_is_media = false;
  uint64_t best_packets = 0;
  for (const auto& [payload_type, use] : UsesOf(stream, clocks)) {
    StreamCodec codec;
    codec.payload_type = payload_type;
    const int64_t by_ns = use.first_ns + policy.media_before_sdp_ns;
    Named line = finder.Find(payload_type, by_ns);
    codec.kind = line.codec == nullptr ? finder.kind() : line.kind;
    uint32_t audio_type = payload_type;
    const auto carried =
        line.codec == nullptr
            ? std::nullopt
            : CarriedByRedundantAudio(line.codec->name(), line.codec->fmtp());
    if (carried) {
      codec.redundant = true;
      audio_type = *carried;
      line = finder.Find(audio_type, by_ns);
    }
    const store::v1::SdpCodec* named = line.codec;
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
    const bool is_media = IsMedia(payload_type, codec.name);
    if (best_packets == 0 || (is_media && !best_is_media) ||
        (is_media == best_is_media && use.packets > best_packets)) {
      best = codec;
      best_is_media = is_media;
      best_packets = std::max<uint64_t>(1, use.packets);
    }
  }
  return best;
}

}  // namespace

bool StreamCodec::IsAudio() const {
  return (kind.empty() || kind == "audio") && !CarriesNoAudio(name);
}

void FindCodecs(const std::vector<CallLeg>& legs, const SensorClocks& clocks,
                const EvidencePolicy& policy,
                std::vector<CallStream>& streams) {
  for (CallStream& stream : streams) {
    const CallLeg* leg = stream.leg ? &legs[*stream.leg] : nullptr;
    stream.codec = FindCodec(stream, leg, clocks, policy);
  }
}

}  // namespace callbraid::collector
