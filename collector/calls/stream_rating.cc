#include "collector/calls/stream_rating.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "collector/emodel/codec_impairment.h"
#include "collector/emodel/loss_score.h"

namespace callbraid::collector {
namespace {

// A second of speech: less says nothing.
constexpr uint32_t kLeastPackets = 50;
// Of SRTP of which nothing says the suite.
constexpr uint32_t kUsualTagBytes = 10;
// What SDP says so shortly before a stream ends is of what follows it.
constexpr int64_t kLastWordsNs = EvidencePolicy::kSecond;

// Of payload, as most packets of its codec have them; 0 if not known.
double BitsPerSecond(const CallStream& stream, const v1::Stream& proto) {
  const store::v1::PayloadTypeUse* best = nullptr;
  for (const StreamSighting& sighting : stream.sightings) {
    for (const auto& use : sighting.node->rtp().payload_types()) {
      if (use.payload_type() != proto.payload_type()) continue;
      if (best == nullptr || use.packets() > best->packets()) best = &use;
    }
  }
  if (best == nullptr || best->timestamp_step() == 0) return 0;
  const uint32_t size =
      best->usual_size_lead() > 0 ? best->usual_size() : best->payload_size();
  const uint32_t known_tag = stream.encryption.tag_bytes;
  const uint32_t tag = !proto.encrypted() ? 0
                       : known_tag > 0    ? known_tag
                                          : kUsualTagBytes;
  return 8.0 * (size - std::min(size, tag)) * proto.clock_rate() /
         best->timestamp_step();
}

// Whether the receiver does not talk and listen as a party does, all the time:
// by its SDP it is on hold and hears music, or it is what plays the music.
bool IsOfHold(const CallStream& stream, const CallLeg& leg,
              const SensorClocks& clocks, const EvidencePolicy& policy) {
  const int64_t begin_ns = stream.start_ns + policy.media_before_sdp_ns;
  const Endpoint& receiver = stream.first().flow.destination;
  const store::v1::SdpMedia* first = nullptr;
  int64_t first_ns = 0;
  bool any_later = false;
  for (const Node* node : leg.nodes) {
    for (const store::v1::SdpMedia& media : node->dialog().media()) {
      if (media.kind() != "audio" || FromProto(media.rtp()) != receiver) {
        continue;
      }
      const int64_t at = clocks.Align(node->sensor(), media.time_ns());
      if (at > begin_ns) {
        if (at > stream.end_ns - kLastWordsNs) continue;
        if (media.direction() == "sendrecv") return false;
        any_later = true;
      } else if (first == nullptr || at > first_ns) {
        first = &media;
        first_ns = at;
      }
    }
  }
  return first == nullptr ? any_later : first->direction() != "sendrecv";
}

}  // namespace

uint64_t LostFurtherOn(const v1::Stream& stream) {
  uint64_t lost = stream.reception().lost_after();
  for (const v1::Hop& hop : stream.hops()) lost += hop.network_lost();
  return lost;
}

std::optional<double> ListeningMosOf(const CallStream& stream,
                                     const v1::Stream& proto, uint64_t runs) {
  // Nobody listens to a picture.
  if (stream.first().is_udptl || !stream.codec.IsAudio() ||
      proto.packets() < kLeastPackets) {
    return std::nullopt;
  }
  const auto codec = ImpairmentOf(proto.codec(), BitsPerSecond(stream, proto),
                                  /*conceals=*/true);
  if (!codec) return std::nullopt;
  const uint64_t expected = uint64_t{proto.packets()} + proto.lost();
  const uint64_t missing = proto.lost_before() + LostFurtherOn(proto);
  const EModelInput input = InputOf(*codec, missing, expected,
                                    BurstRatio(proto.lost(), runs, expected));
  // As it is shown; and a call that goes on is seldom another by it.
  return std::round(ScoreOf(input, codec->wideband).mos * 100) / 100;
}

std::optional<double> ListeningMosOf(const std::vector<CallStream>& streams,
                                     const std::vector<CallLeg>& legs,
                                     const SensorClocks& clocks,
                                     const EvidencePolicy& policy,
                                     const v1::Call& call) {
  std::optional<double> talk;
  std::optional<double> hold;
  for (size_t i = 0; i < streams.size(); ++i) {
    const v1::Stream& rated = call.streams(static_cast<int>(i));
    if (!rated.has_listening_mos()) continue;
    const auto leg = streams[i].leg;
    const bool of_hold =
        leg && IsOfHold(streams[i], legs[*leg], clocks, policy);
    std::optional<double>& least = of_hold ? hold : talk;
    least =
        std::min(least.value_or(rated.listening_mos()), rated.listening_mos());
  }
  return talk ? talk : hold;
}

}  // namespace callbraid::collector
