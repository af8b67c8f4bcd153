#include "sensor/flow/probation.h"

#include <utility>

namespace callbraid::sensor {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

constexpr size_t kMaxCandidates = 4096;
constexpr size_t kMaxBytes = size_t{8} << 20;
constexpr size_t kMaxCandidatePackets = 64;
constexpr size_t kMaxCandidateBytes = size_t{96} << 10;
// Without a further packet. Voice with silence suppression can pause for long.
constexpr int64_t kProbationNs = 30 * kNsPerSecond;

constexpr size_t kMaxFlowsRemembered = 8192;
// SSRCs that a flow may try before it is ignored.
constexpr int kMaxAttempts = 8;
constexpr int64_t kIgnoredNs = 10 * kNsPerSecond;
// Contradictions after which a candidate is given up.
constexpr int kMaxContradictions = 4;

}  // namespace

Probation::Probation(FlowCounters& counters)
    : counters_(counters),
      candidates_(kMaxCandidates),
      attempts_(kMaxFlowsRemembered) {}

Candidate* Probation::Add(const Datagram& datagram, const RtpPacket& packet) {
  const Key key{datagram.flow, packet.ssrc};
  Candidate* candidate = candidates_.Find(key);
  if (candidate == nullptr) {
    if (IsIgnored(datagram.flow)) {
      counters_.Count(FlowDiscard::kNotRtp);
      return nullptr;
    }
    candidate = Begin(key, datagram);
  } else {
    candidates_.Use(key, now_ns_);
  }
  bool fits = candidate->evidence.Add(datagram.time_ns, packet);
  if (fits) fits = Keep(datagram, *candidate);
  if (fits) return candidate;

  // Perhaps RTP begins here.
  Empty(*candidate, FlowDiscard::kNotRtp);
  if (++candidate->contradictions >= kMaxContradictions) {
    attempts_.Use(key.flow, now_ns_).ignored_until_ns = now_ns_ + kIgnoredNs;
    counters_.Count(FlowDiscard::kNotRtp);
    candidates_.Erase(key);
    return nullptr;
  }
  candidate->evidence.Add(datagram.time_ns, packet);
  if (Keep(datagram, *candidate)) return candidate;
  counters_.Count(FlowDiscard::kNotRtp);
  candidates_.Erase(key);
  return nullptr;
}

void Probation::AddMirrorCopy(const FlowKey& flow, uint32_t ssrc) {
  Candidate* candidate = candidates_.Find({flow, ssrc});
  if (candidate != nullptr) ++candidate->mirror_copies;
}

Candidate Probation::Release(const FlowKey& flow, uint32_t ssrc) {
  const Key key{flow, ssrc};
  Candidate released;
  Candidate* candidate = candidates_.Find(key);
  if (candidate == nullptr) return released;
  released = std::move(*candidate);
  bytes_ -= released.bytes.size();
  candidates_.Erase(key);
  attempts_.Erase(flow);
  return released;
}

void Probation::Drop(const FlowKey& flow, uint32_t ssrc, FlowDiscard reason) {
  const Key key{flow, ssrc};
  Candidate* candidate = candidates_.Find(key);
  if (candidate == nullptr) return;
  Empty(*candidate, reason);
  candidates_.Erase(key);
}

std::optional<Probation::Key> Probation::NextExpired(bool any) {
  const auto* oldest = candidates_.oldest();
  if (oldest == nullptr ||
      (!any && oldest->used_ns >= now_ns_ - kProbationNs)) {
    return std::nullopt;
  }
  return oldest->key;
}

void Probation::OnTick(int64_t now_ns) {
  now_ns_ = now_ns;
  attempts_.EraseUnusedSince(now_ns - kIgnoredNs);
}

bool Probation::IsIgnored(const FlowKey& flow) {
  Attempts* attempts = attempts_.Find(flow);
  if (attempts == nullptr) return false;
  if (attempts->ignored_until_ns > now_ns_) return true;
  if (attempts->candidates < kMaxAttempts) return false;
  attempts->candidates = 0;
  attempts->ignored_until_ns = now_ns_ + kIgnoredNs;
  return true;
}

Candidate* Probation::Begin(const Key& key, const Datagram& datagram) {
  while (candidates_.full() || bytes_ >= kMaxBytes) {
    const Key oldest = candidates_.oldest()->key;
    Drop(oldest.flow, oldest.ssrc, FlowDiscard::kRtpUnconfirmed);
  }
  ++attempts_.Use(key.flow, now_ns_).candidates;
  Candidate& candidate = candidates_.Use(key, now_ns_);
  candidate.link = datagram.link;
  candidate.dscp = datagram.dscp;
  return &candidate;
}

bool Probation::Keep(const Datagram& datagram, Candidate& candidate) {
  const auto& payload = datagram.payload;
  if (candidate.packets.size() >= kMaxCandidatePackets ||
      candidate.bytes.size() + payload.size() > kMaxCandidateBytes) {
    return false;
  }
  candidate.packets.push_back({datagram.time_ns,
                               static_cast<uint32_t>(payload.size()),
                               datagram.truncated});
  candidate.bytes.append(reinterpret_cast<const char*>(payload.data()),
                         payload.size());
  bytes_ += payload.size();
  return true;
}

void Probation::Empty(Candidate& candidate, FlowDiscard reason) {
  counters_.Count(reason, candidate.packets.size());
  bytes_ -= candidate.bytes.size();
  candidate.packets.clear();
  candidate.bytes.clear();
  candidate.mirror_copies = 0;
  candidate.evidence = RtpEvidence();
}

}  // namespace callbraid::sensor
