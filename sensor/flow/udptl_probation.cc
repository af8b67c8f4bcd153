#include "sensor/flow/udptl_probation.h"

#include <algorithm>
#include <utility>

#include "common/t38/ifp_packet.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxCandidates = 256;
// With datagrams of at most this size: 1.5 MB for all.
constexpr size_t kMaxPackets = 16;
constexpr size_t kMaxPacketBytes = 384;
constexpr int64_t kProbationNs = int64_t{30} * 1'000'000'000;

bool IsSame(std::span<const uint8_t> bytes, const std::string& kept) {
  return std::equal(bytes.begin(), bytes.end(), kept.begin(), kept.end(),
                    [](uint8_t a, char b) { return a == uint8_t(b); });
}

// Data that say something.
bool IsData(std::span<const uint8_t> primary) {
  const auto ifp = ParseIfp(primary);
  return ifp && !ifp->is_indicator && ifp->field_count > 0;
}

}  // namespace

UdptlProbation::UdptlProbation(FlowCounters& counters)
    : counters_(counters), candidates_(kMaxCandidates) {}

const UdptlCandidate& UdptlProbation::Add(const Datagram& datagram,
                                          const UdptlPacket& packet) {
  const FlowKey& flow = datagram.flow;
  if (candidates_.full() && candidates_.Find(flow) == nullptr) {
    Drop(candidates_.oldest()->key);
  }
  UdptlCandidate& candidate = candidates_.Use(flow, now_ns_);
  const bool is_first = candidate.packets.empty();
  const auto step = static_cast<uint16_t>(packet.sequence - candidate.sequence);
  // What is sent several times says nothing, for or against.
  const bool again = !is_first && step == 0;
  if (is_first || step > 1 || candidate.packets.size() >= kMaxPackets ||
      datagram.payload.size() > kMaxPacketBytes) {
    counters_.Count(FlowDiscard::kUdptlUnconfirmed, candidate.packets.size());
    candidate = UdptlCandidate();
    candidate.link = datagram.link;
    candidate.dscp = datagram.dscp;
  } else if (!again) {
    ++candidate.successors;
    const std::string& before = candidate.primary;
    const bool repeats =
        packet.recovery_kind == UdptlPacket::Recovery::kRedundancy &&
        packet.recovery_count > 0 && IsSame(packet.recovery[0], before) &&
        IsData(packet.recovery[0]);
    if (repeats) ++candidate.repeats;
  }
  candidate.sequence = packet.sequence;
  candidate.primary.assign(packet.primary.begin(), packet.primary.end());
  candidate.packets.push_back(
      {datagram.time_ns,
       std::string(datagram.payload.begin(), datagram.payload.end())});
  return candidate;
}

UdptlCandidate UdptlProbation::Release(const FlowKey& flow) {
  UdptlCandidate* candidate = candidates_.Find(flow);
  if (candidate == nullptr) return {};
  UdptlCandidate released = std::move(*candidate);
  candidates_.Erase(flow);
  return released;
}

void UdptlProbation::Drop(const FlowKey& flow) {
  const UdptlCandidate* candidate = candidates_.Find(flow);
  if (candidate == nullptr) return;
  counters_.Count(FlowDiscard::kUdptlUnconfirmed, candidate->packets.size());
  candidates_.Erase(flow);
}

std::optional<FlowKey> UdptlProbation::NextExpired(bool any) {
  const auto* oldest = candidates_.oldest();
  if (oldest == nullptr ||
      (!any && oldest->used_ns >= now_ns_ - kProbationNs)) {
    return std::nullopt;
  }
  return oldest->key;
}

}  // namespace callbraid::sensor
