// Which media line of the SDP of its leg a stream is of, by the endpoints that
// both have.

#include <algorithm>
#include <optional>
#include <string>

#include "collector/calls/call_streams.h"
#include "common/net/endpoint.h"

namespace callbraid::collector {
namespace {

using store::v1::SdpMedia;

// Calls `visit` with each media line of `leg`, and which of the audio lines of
// its SDP it is (or would be).
template <typename Visit>
void ForEachLine(const CallLeg& leg, Visit visit) {
  for (const Node* node : leg.nodes) {
    const SdpMedia* before = nullptr;
    size_t audio = 0;
    for (const SdpMedia& line : node->dialog().media()) {
      // One SDP came with one message.
      if (before == nullptr || before->time_ns() != line.time_ns() ||
          before->from_initiator() != line.from_initiator()) {
        audio = 0;
      }
      visit(line, audio);
      if (line.kind() == "audio") ++audio;
      before = &line;
    }
  }
}

}  // namespace

LineEnd EndAt(const CallStream& stream, const SdpMedia& line) {
  LineEnd best = LineEnd::kNone;
  const auto compare = [&](const v1::Endpoint& named) {
    const auto endpoint = FromProto(named);
    if (!endpoint || endpoint->port == 0) return;
    for (const StreamSighting& sighting : stream.sightings) {
      const FlowKey& flow = sighting.node->flow;
      const LineEnd end = flow.destination == *endpoint ? LineEnd::kDestination
                          : flow.source == *endpoint    ? LineEnd::kSource
                                                        : LineEnd::kNone;
      best = std::max(best, end);
    }
  };
  compare(line.rtp());
  for (const v1::Endpoint& candidate : line.candidates()) compare(candidate);
  return best;
}

std::string KindByEnds(const CallStream& stream, const CallLeg& leg) {
  LineEnd best = LineEnd::kNone;
  std::string kind;
  ForEachLine(leg, [&](const SdpMedia& line, size_t) {
    // A fax, which is no RTP, goes on where audio was.
    if (line.kind().empty() || line.kind() == "image") return;
    const LineEnd end = EndAt(stream, line);
    if (end == LineEnd::kNone || end < best) return;
    if (end > best) {
      kind = line.kind();
    } else if (kind != line.kind()) {
      kind.clear();
    }
    best = end;
  });
  return kind;
}

std::optional<size_t> AudioLineOf(const CallStream& stream,
                                  const CallLeg& leg) {
  LineEnd best = LineEnd::kNone;
  std::optional<size_t> first;
  ForEachLine(leg, [&](const SdpMedia& line, size_t audio) {
    if (line.kind() != "audio") return;
    const LineEnd end = EndAt(stream, line);
    if (end == LineEnd::kNone || end < best) return;
    if (end > best || audio < *first) first = audio;
    best = end;
  });
  return first;
}

}  // namespace callbraid::collector
