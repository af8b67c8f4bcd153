#include "collector/calls/stream_reception.h"

#include <algorithm>

#include "collector/evidence/evidence_policy.h"
#include "common/rtp/sequence.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = EvidencePolicy::kSecond;

constexpr int64_t kDefaultStepNs = 20 * EvidencePolicy::kMs;
// The last report may come with the BYE, well after the last packet.
constexpr int64_t kAfterEndNs = 60 * kSecond;
// Clocks of two sensors, where nothing tells how they differ.
constexpr int64_t kClockNs = 3 * kSecond;
// A report speaks of packets that were seen here, give or take those on their
// way and those that no capture point saw.
constexpr int64_t kSlackPackets = 500;

bool SpeaksOf(const Node& report, const Node& rtp) {
  return !rtp.is_udptl && report.ssrc == rtp.ssrc &&
         report.site() == rtp.site() &&
         report.flow.source.address == rtp.flow.source.address &&
         report.flow.destination.address == rtp.flow.destination.address;
}

// The number that `sighting` had come to at `time_ns`, aligned.
int64_t NumberAt(const StreamSighting& sighting, int64_t time_ns,
                 const SensorClocks& clocks) {
  const Node& node = *sighting.node;
  const int64_t packets = sighting.packets.end() - sighting.packets.begin();
  const int64_t step_ns =
      packets > 1
          ? std::max<int64_t>(1, (node.last_ns - node.first_ns) / (packets - 1))
          : kDefaultStepNs;
  const int64_t passed_ns =
      time_ns - clocks.Align(node.sensor(), node.first_ns);
  return std::min(sighting.packets.begin() + passed_ns / step_ns,
                  sighting.packets.end());
}

bool InTime(const Node& report, const StreamSighting& sighting,
            const SensorClocks& clocks) {
  const Node& node = *sighting.node;
  const int64_t slack = SameSensor(report, node) ? 0 : kClockNs;
  const auto align = [&clocks](const Node& of, int64_t time_ns) {
    return clocks.Align(of.sensor(), time_ns);
  };
  return align(report, report.last_ns) + slack >= align(node, node.first_ns) &&
         align(report, report.first_ns) - slack <=
             align(node, node.last_ns) + kAfterEndNs;
}

bool Further(const StreamReception& a, const StreamReception& b) {
  if (a.highest != b.highest) return a.highest > b.highest;
  if (a.node->reception().reports() != b.node->reception().reports()) {
    return a.node->reception().reports() > b.node->reception().reports();
  }
  return a.node->id < b.node->id;
}

}  // namespace

std::optional<StreamReception> ReceptionOf(const CallStream& stream,
                                           const Component& component,
                                           const SensorClocks& clocks) {
  std::optional<StreamReception> best;
  for (const Node* report : component.receptions) {
    const store::v1::ReceptionReport& last = report->reception().last();
    const int64_t time_ns = clocks.Align(report->sensor(), last.time_ns());
    for (const StreamSighting& sighting : stream.sightings) {
      if (sighting.packets.empty() || !SpeaksOf(*report, *sighting.node) ||
          !InTime(*report, sighting, clocks)) {
        continue;
      }
      // The numbering adds a multiple of 65,536 to what RTP carries.
      const StreamReception found = {
          report, sighting.segment,
          Unwrap(static_cast<uint16_t>(last.highest_sequence()),
                 NumberAt(sighting, time_ns, clocks))};
      if (found.highest < sighting.packets.begin() ||
          found.highest > sighting.packets.end() + kSlackPackets) {
        continue;
      }
      if (!best || Further(found, *best)) best = found;
    }
  }
  return best;
}

}  // namespace callbraid::collector
