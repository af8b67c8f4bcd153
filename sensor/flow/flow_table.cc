#include "sensor/flow/flow_table.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "common/mgcp/mgcp_message.h"
#include "common/rtp/rtcp_packet.h"
#include "common/sip/sip_message.h"
#include "common/t38/udptl_packet.h"
#include "sensor/flow/parse_media.h"

namespace callbraid::sensor {
namespace {

// Evidence (see RtpEvidence) that RTP needs where nothing else speaks for it:
// four perfect successors. On a flow that carries RTP already, in this or the
// other direction, one is enough, or two of one instant.
constexpr int kScoreOfStrangers = 8;
constexpr int kScoreOfFriends = 2;
constexpr int kSuccessorsOfFriends = 2;

// RFC 5761, section 4: types of RTCP, with the bit that is RTP's marker.
bool IsRtcpType(uint8_t type) { return type >= 192 && type <= 223; }
// Payload types that would be confused with them.
bool IsReservedForRtcp(uint8_t payload_type) {
  return payload_type >= 64 && payload_type <= 95;
}

// Services whose packets can look like RTP for a while, and that no phone uses
// as media ports: DNS, DHCP, TFTP, NTP, NetBIOS, SNMP, IKE, syslog, RIP, SSDP,
// IPsec NAT traversal, mDNS, LLMNR, ONC RPC, NFS, BACnet; RAS of H.323.
constexpr std::array<uint16_t, 20> kServicePorts = {
    53,  67,  68,  69,   111,  123,  137,  138,  161,  162,
    500, 514, 520, 1719, 1900, 2049, 4500, 5353, 5355, 47808};

bool IsServicePort(uint16_t port) {
  return std::find(kServicePorts.begin(), kServicePorts.end(), port) !=
         kServicePorts.end();
}

// RAS of H.323, from or to a gatekeeper (H.225.0, section 7.3).
bool UsesRasPort(const FlowKey& flow) {
  constexpr uint16_t kRasPort = 1719;
  return flow.source.port == kRasPort || flow.destination.port == kRasPort;
}

std::string_view TextOf(const Datagram& datagram) {
  return {reinterpret_cast<const char*>(datagram.payload.data()),
          datagram.payload.size()};
}

// Text, which begins with a letter or, of responses of MGCP, with a digit.
bool LooksLikeSignalling(std::string_view text) {
  const char first = text[0];
  return (first >= 'A' && first <= 'Z' && LooksLikeSip(text)) ||
         LooksLikeMgcpCommand(text) || LooksLikeMgcpResponse(text);
}

// The RTCP flow's RTP neighbour, one port below (RFC 3550, section 11).
FlowKey OnePortBelow(FlowKey flow) {
  --flow.source.port;
  --flow.destination.port;
  return flow;
}

}  // namespace

FlowTable::FlowTable(const FlowOptions& options, ExpectedMedia& expected,
                     SignallingSink& signalling, MediaSink& media)
    : options_(options),
      expected_(expected),
      signalling_(signalling),
      media_(media),
      pool_(options.max_streams),
      probation_(counters_),
      udptl_probation_(counters_),
      pending_rtcp_(counters_) {}

void FlowTable::OnDatagram(const Datagram& datagram) {
  if (datagram.protocol == Protocol::kTcp) {
    signalling_.OnSignalling(datagram);
    return;
  }
  const auto& payload = datagram.payload;
  if (payload.size() < 2 || payload[0] >> 6 != 2) {
    // Of UDPTL it would be a sequence number.
    if (const auto zrtp = ParseZrtp(payload)) {
      OnZrtp(datagram, *zrtp);
    } else if (!OnUdptl(datagram)) {
      OnOther(datagram);
    }
    return;
  }
  if (IsRtcpType(payload[1])) {
    if (!OnUdptl(datagram)) OnRtcp(datagram);
    return;
  }
  const auto packet = ParseMedia(payload, datagram.truncated);
  Stream* stream = packet ? Find(datagram.flow, packet->ssrc) : nullptr;
  if (stream != nullptr) {
    OnStreamPacket(*stream, datagram, *packet);
  } else if (OnUdptl(datagram)) {
    // Its sequence number looked like the beginning of RTP.
  } else if (packet) {
    OnUnknownSource(datagram, *packet);
  } else {
    counters_.Count(FlowDiscard::kBadRtp);
  }
}

// A copy is counted where its original was.
void FlowTable::OnMirrorCopy(const Datagram& copy) {
  const auto& payload = copy.payload;
  if (copy.protocol != Protocol::kUdp) return;
  if (Stream* udptl = FindUdptl(copy.flow);
      udptl != nullptr && udptl->active && ParseUdptl(payload)) {
    udptl->meter.AddMirrorCopy();
    return;
  }
  if (payload.size() < 2 || payload[0] >> 6 != 2 || IsRtcpType(payload[1])) {
    return;
  }
  const auto packet = ParseMedia(payload, copy.truncated);
  if (!packet) return;
  Stream* stream = Find(copy.flow, packet->ssrc);
  if (stream == nullptr) {
    probation_.AddMirrorCopy(copy.flow, packet->ssrc);
  } else if (stream->active) {
    stream->meter.AddMirrorCopy();
  }
}

void FlowTable::OnTick(int64_t now_ns) {
  now_ns_ = now_ns;
  zrtp_.OnTick(now_ns);
  probation_.OnTick(now_ns);
  udptl_probation_.OnTick(now_ns);
  ExpireProbation(/*all=*/false);
  ExpireUdptlProbation(/*all=*/false);
  ExpireRtcp(/*all=*/false);
  // A tenth of the streams at each tick.
  constexpr size_t kShare = 10;
  constexpr int64_t kTickNs = 100'000'000;
  for (size_t slot = static_cast<uint64_t>(now_ns / kTickNs) % kShare;
       slot < pool_.slots(); slot += kShare) {
    Stream* stream = pool_.at(slot);
    if (stream != nullptr) Visit(*stream);
  }
}

void FlowTable::Finish() {
  ExpireProbation(/*all=*/true);
  ExpireUdptlProbation(/*all=*/true);
  ExpireRtcp(/*all=*/true);
  EndRuns();
}

void FlowTable::EndRuns() {
  for (size_t slot = 0; slot < pool_.slots(); ++slot) {
    Stream* stream = pool_.at(slot);
    if (stream != nullptr && stream->active) EndRun(*stream);
  }
}

// By the first byte (RFC 7983).
void FlowTable::OnOther(const Datagram& datagram) {
  if (datagram.payload.empty()) {
    counters_.Count(FlowDiscard::kEmptyUdp);
    return;
  }
  const uint8_t first = datagram.payload[0];
  if (options_.sip_ports.UsedBy(datagram.flow) ||
      LooksLikeSignalling(TextOf(datagram)) || UsesRasPort(datagram.flow)) {
    signalling_.OnSignalling(datagram);
  } else if (first <= 3 && datagram.payload.size() >= 20) {
    counters_.Count(FlowDiscard::kStun);
  } else if (first >= 20 && first <= 63) {
    counters_.Count(FlowDiscard::kDtls);
    media_.OnDtls(datagram);
  } else if (first >= 64 && first <= 79) {
    counters_.Count(FlowDiscard::kTurnChannel);
  } else {
    counters_.Count(FlowDiscard::kNotVoip);
  }
}

// What runs on the flow was in clear until now. The next report says so.
void FlowTable::OnZrtp(const Datagram& datagram, ZrtpMessage message) {
  counters_.Count(FlowDiscard::kZrtp);
  zrtp_.OnMessage(datagram.flow, message, datagram.time_ns);
  const int64_t since_ns = zrtp_.SecureSince(datagram.flow);
  if (since_ns == 0) return;
  for (const FlowKey& flow : {datagram.flow, datagram.flow.Reversed()}) {
    const auto first = flows_.find(flow);
    if (first == flows_.end()) continue;
    for (Stream* s = first->second; s != nullptr; s = s->next_in_flow) {
      if (s->active && !s->is_udptl() && s->zrtp_secure_ns == 0) {
        s->zrtp_secure_ns = since_ns;
      }
    }
  }
}

void FlowTable::OnUnknownSource(const Datagram& datagram,
                                const RtpPacket& packet) {
  const FlowKey& flow = datagram.flow;
  if (IsReservedForRtcp(packet.payload_type)) {
    counters_.Count(FlowDiscard::kBadRtp);
    return;
  }
  const Standing standing = StandingOf(flow);
  if (standing == Standing::kService) {
    counters_.Count(FlowDiscard::kNotRtp);
    return;
  }
  const Candidate* candidate = probation_.Add(datagram, packet);
  if (candidate == nullptr) return;
  const RtpEvidence& evidence = candidate->evidence;
  const bool proven = standing == Standing::kExpected ||
                      evidence.score() >= kScoreOfStrangers ||
                      (standing == Standing::kFriend &&
                       (evidence.score() >= kScoreOfFriends ||
                        evidence.successors() >= kSuccessorsOfFriends));
  if (proven) Accept(flow, packet.ssrc);
}

// A second source on an expected endpoint is not taken at its first packet:
// after a switch to T.38 (UDPTL) anything can look like one.
FlowTable::Standing FlowTable::StandingOf(const FlowKey& flow) {
  if (flows_.contains(flow)) return Standing::kFriend;
  if (IsExpected(flow)) return Standing::kExpected;
  if (IsServicePort(flow.source.port) || IsServicePort(flow.destination.port)) {
    return Standing::kService;
  }
  return flows_.contains(flow.Reversed()) ? Standing::kFriend
                                          : Standing::kStranger;
}

bool FlowTable::IsExpected(const FlowKey& flow) {
  return expected_.ExpectsRtp(flow.destination) ||
         expected_.ExpectsRtp(flow.source);
}

void FlowTable::Accept(const FlowKey& flow, uint32_t ssrc) {
  const Candidate candidate = probation_.Release(flow, ssrc);
  Stream* stream = NewStream(flow, ssrc, v1::MEDIA_TRANSPORT_UNSPECIFIED);
  if (stream == nullptr) {
    counters_.Count(FlowDiscard::kStreamLimit, candidate.packets.size());
    return;
  }
  Datagram datagram;
  datagram.flow = flow;
  datagram.link = candidate.link;
  datagram.dscp = candidate.dscp;
  const auto* bytes = reinterpret_cast<const uint8_t*>(candidate.bytes.data());
  for (const Candidate::Packet& kept : candidate.packets) {
    datagram.time_ns = kept.time_ns;
    datagram.payload = {bytes, kept.size};
    datagram.truncated = kept.truncated;
    bytes += kept.size;
    const auto packet = ParseMedia(datagram.payload, datagram.truncated);
    if (packet) OnStreamPacket(*stream, datagram, *packet);
  }
  for (uint32_t i = 0; i < candidate.mirror_copies; ++i) {
    stream->meter.AddMirrorCopy();
  }
}

// SDP may have come after the last packet.
void FlowTable::ExpireProbation(bool all) {
  while (const auto key = probation_.NextExpired(all)) {
    if (StandingOf(key->flow) == Standing::kExpected) {
      Accept(key->flow, key->ssrc);
    } else {
      probation_.Drop(key->flow, key->ssrc, FlowDiscard::kRtpUnconfirmed);
    }
  }
}

void FlowTable::OnRtcp(const Datagram& datagram) {
  const auto rtcp = ParseRtcp(datagram.payload, datagram.truncated);
  if (!rtcp) {
    counters_.Count(FlowDiscard::kBadRtcp);
    return;
  }
  const RtcpView view{datagram.time_ns, datagram.flow, rtcp->ssrc,
                      datagram.payload, datagram.truncated};
  if (IsRelated(view)) {
    media_.OnRtcp(view);
  } else {
    pending_rtcp_.Add(view, now_ns_);
  }
}

bool FlowTable::IsRelated(const RtcpView& rtcp) {
  const FlowKey& flow = rtcp.flow;
  const FlowKey neighbour = OnePortBelow(flow);
  return expected_.Expects(flow.destination) ||
         expected_.Expects(flow.source) || flows_.contains(flow) ||
         flows_.contains(flow.Reversed()) || flows_.contains(neighbour) ||
         flows_.contains(neighbour.Reversed()) || ssrcs_.contains(rtcp.ssrc);
}

void FlowTable::ExpireRtcp(bool all) {
  while (const auto item = pending_rtcp_.TakeExpired(now_ns_, all)) {
    const RtcpView view = item->View();
    if (IsRelated(view)) {
      media_.OnRtcp(view);
    } else {
      counters_.Count(FlowDiscard::kRtcpUnrelated);
    }
  }
}

}  // namespace callbraid::sensor
