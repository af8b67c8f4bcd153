#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "collector/calls/call_streams.h"
#include "collector/calls/stream_findings.h"
#include "collector/calls/stream_rating.h"
#include "collector/store/proto_time.h"

namespace callbraid::collector {
namespace {

constexpr double kUsPerMs = 1000.0;

uint32_t Count(int64_t number) {
  return static_cast<uint32_t>(
      std::clamp<int64_t>(number, 0, std::numeric_limits<uint32_t>::max()));
}

void AddSighting(const StreamSighting& sighting, v1::Stream& stream) {
  const Node& node = *sighting.node;
  const v1::StreamStatistics& statistics = node.tally().statistics();
  v1::StreamObservation& seen = *stream.add_observations();
  seen.set_id(node.id.ToHex());
  seen.set_sensor(node.sensor());
  seen.set_site(node.site());
  seen.set_capture_point(node.capture_point());
  seen.set_source(node.flow.source.ToString());
  seen.set_destination(node.flow.destination.ToString());
  seen.set_packets(Count(sighting.packets.size() - sighting.unlisted));
  seen.set_lost(Count(sighting.packets.missing() + sighting.unlisted));
  seen.set_duplicates(statistics.duplicates());
  seen.set_reordered(statistics.reordered());
  seen.set_mirror_copies(statistics.mirror_copies());
  seen.set_jitter_ms(statistics.jitter_us() / kUsPerMs);
  seen.set_max_jitter_ms(statistics.max_jitter_us() / kUsPerMs);
  *seen.mutable_start_time() = ToTimestamp(node.first_ns);
  *seen.mutable_end_time() = ToTimestamp(node.last_ns);
}

// The union of what all capture points saw. In how many runs packets are lost.
uint64_t CountPackets(const CallStream& stream, v1::Stream& proto) {
  std::map<size_t, SequenceSet> segments;
  for (const StreamSighting& sighting : stream.sightings) {
    segments[sighting.segment].Add(sighting.packets);
  }
  int64_t packets = 0;
  int64_t lost = 0;
  uint64_t runs = 0;
  for (const auto& [segment, seen] : segments) {
    const int64_t unlisted = UnlistedOf(stream, segment);
    packets += seen.size() - unlisted;
    SequenceSet accounted = seen;
    const auto diverted = stream.diverted.find(segment);
    // What went to both addresses was copied, not diverted.
    if (diverted != stream.diverted.end() &&
        seen.CommonWith(diverted->second) == 0) {
      accounted.Add(diverted->second.Within(seen.begin(), seen.end()));
    }
    lost += accounted.missing() + unlisted;
    // Those that are left out are the shortest.
    runs += std::max<size_t>(1, accounted.intervals().size()) - 1 +
            static_cast<uint64_t>(unlisted);
  }
  proto.set_packets(Count(packets));
  proto.set_lost(Count(lost));
  return runs;
}

}  // namespace

v1::Stream ToProto(const CallStream& stream, const Component& component,
                   const std::vector<CallLeg>& legs,
                   const SensorClocks& clocks) {
  v1::Stream proto;
  const Node& first = stream.first();
  proto.set_id(first.id.ToHex());
  proto.set_ssrc(first.ssrc);
  proto.set_transport(first.rtp().transport());
  proto.set_source(first.flow.source.ToString());
  proto.set_destination(first.flow.destination.ToString());
  const CallLeg* leg = stream.leg ? &legs[*stream.leg] : nullptr;
  proto.set_codec(stream.codec.name);
  proto.set_payload_type(stream.codec.payload_type);
  proto.set_clock_rate(stream.codec.clock_rate);
  if (stream.encryption.encrypted) {
    proto.set_encrypted(true);
    proto.set_encryption(stream.encryption.words);
  }
  const uint64_t runs = CountPackets(stream, proto);
  for (const StreamSighting& sighting : stream.sightings) {
    AddSighting(sighting, proto);
  }
  if (leg != nullptr) proto.set_leg_id(leg->nodes.front()->id.ToHex());
  proto.set_side(stream.side);
  *proto.mutable_start_time() = ToTimestamp(stream.start_ns);
  *proto.mutable_end_time() = ToTimestamp(stream.end_ns);
  AddJourney(stream, component, legs, clocks, proto);
  if (const auto mos = ListeningMosOf(stream, proto, runs)) {
    proto.set_listening_mos(*mos);
  }
  for (std::string& finding : FindingsOf(proto)) {
    proto.add_findings(std::move(finding));
  }
  if (stream.encryption.encrypted && !stream.encryption.has_key) {
    proto.add_findings("encrypted, " + stream.encryption.words);
  }
  if (stream.encryption.turned_ns != 0) {
    constexpr double kNsPerSecond = 1e9;
    proto.add_findings(absl::StrFormat(
        "in clear for %.1f s, then encrypted by %s: that is not decrypted",
        static_cast<double>(stream.encryption.turned_ns - stream.start_ns) /
            kNsPerSecond,
        stream.encryption.words));
  }
  return proto;
}

}  // namespace callbraid::collector
