// The part of FlowTable that recognises fax by T.38 (UDPTL).

#include "common/t38/udptl_packet.h"
#include "sensor/flow/flow_table.h"
#include "sensor/flow/parse_media.h"

namespace callbraid::sensor {
namespace {

// What it takes on ports that carry RTP, in this or the other direction, and
// where nothing speaks for it. UDPTL has no magic number: of strangers, data
// must be seen to come again as redundancy.
constexpr int kSuccessorsOfFriends = 3;
constexpr int kRepeatsOfStrangers = 4;

Datagram ViewOf(const UdptlCandidate& candidate, const FlowKey& flow,
                const UdptlCandidate::Packet& packet) {
  Datagram datagram;
  datagram.time_ns = packet.time_ns;
  datagram.flow = flow;
  datagram.link = candidate.link;
  datagram.dscp = candidate.dscp;
  datagram.payload = {reinterpret_cast<const uint8_t*>(packet.bytes.data()),
                      packet.bytes.size()};
  return datagram;
}

}  // namespace

Stream* FlowTable::FindUdptl(const FlowKey& flow) {
  const auto it = flows_.find(flow);
  if (it == flows_.end()) return nullptr;
  Stream* stream = it->second;
  while (stream != nullptr && !stream->is_udptl()) {
    stream = stream->next_in_flow;
  }
  return stream;
}

bool FlowTable::ExpectsUdptl(const FlowKey& flow) {
  return expected_.ExpectsUdptl(flow.destination) ||
         expected_.ExpectsUdptl(flow.source);
}

// False of what is none.
bool FlowTable::OnUdptl(const Datagram& datagram) {
  const FlowKey& flow = datagram.flow;
  // What was cut cannot be told from chance, except where it is expected.
  if (datagram.truncated) {
    Stream* stream = FindUdptl(flow);
    const auto packet = ReadUdptl(datagram.payload, /*truncated=*/true);
    if (stream == nullptr || !stream->active || !packet) return false;
    OnStreamPacket(*stream, datagram, *packet);
    return true;
  }
  const auto udptl = ParseUdptl(datagram.payload);
  if (!udptl) return false;
  Stream* stream = FindUdptl(flow);
  if (stream != nullptr) {
    OnStreamPacket(*stream, datagram, *ReadUdptl(datagram.payload, false));
    return true;
  }
  const Standing standing = StandingOf(flow);
  if (standing == Standing::kService) return false;
  const UdptlCandidate& candidate = udptl_probation_.Add(datagram, *udptl);
  if (ExpectsUdptl(flow) || candidate.repeats >= kRepeatsOfStrangers ||
      (standing != Standing::kStranger &&
       candidate.successors >= kSuccessorsOfFriends)) {
    AcceptUdptl(flow);
  }
  return true;
}

void FlowTable::AcceptUdptl(const FlowKey& flow) {
  const UdptlCandidate candidate = udptl_probation_.Release(flow);
  Stream* stream = NewStream(flow, /*ssrc=*/0, v1::MEDIA_TRANSPORT_UDPTL);
  if (stream == nullptr) {
    counters_.Count(FlowDiscard::kStreamLimit, candidate.packets.size());
    return;
  }
  for (const UdptlCandidate::Packet& kept : candidate.packets) {
    const Datagram datagram = ViewOf(candidate, flow, kept);
    const auto packet = ReadUdptl(datagram.payload, /*truncated=*/false);
    if (packet) OnStreamPacket(*stream, datagram, *packet);
  }
}

// SDP may have come after the last packet.
void FlowTable::ExpireUdptlProbation(bool all) {
  while (const auto flow = udptl_probation_.NextExpired(all)) {
    if (ExpectsUdptl(*flow)) {
      AcceptUdptl(*flow);
    } else {
      udptl_probation_.Drop(*flow);
    }
  }
}

}  // namespace callbraid::sensor
