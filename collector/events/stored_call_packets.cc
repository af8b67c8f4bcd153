#include "collector/events/stored_call_packets.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/events/quality_json.h"
#include "collector/events/rtcp_json.h"
#include "collector/quality/call_quality.h"
#include "collector/query/call_rtcp.h"
#include "collector/query/signalling.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;

// "10.0.0.1:5060" and "[2001:db8::1]:5060"; nullopt of what is neither.
std::optional<Endpoint> ParseEndpoint(const std::string& text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto address = IpAddress::Parse(text.substr(0, colon));
  if (!address) return std::nullopt;
  return Endpoint{*address,
                  static_cast<uint16_t>(std::atoi(text.c_str() + colon + 1))};
}

std::optional<FlowKey> ParseFlow(const std::string& source,
                                 const std::string& destination) {
  const auto from = ParseEndpoint(source);
  const auto to = ParseEndpoint(destination);
  if (!from || !to) return std::nullopt;
  return FlowKey{*from, *to};
}

// That Homer puts the call under: of the leg, else of the first one.
std::string SipCallIdOf(const v1::Call& call, const std::string& leg_id) {
  for (const v1::Leg& leg : call.legs()) {
    if (leg.id() == leg_id) return leg.call_id();
  }
  return call.legs().empty() ? call.id() : call.legs(0).call_id();
}

}  // namespace

absl::Status StoredCallPackets::Read(const std::string& call_id,
                                     const Visit& visit) {
  ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                   store_.facts().GetCall(call_id, Scope::All()));
  ASSIGN_OR_RETURN(bool go_on, ReadSip(record, visit));
  if (go_on) {
    ASSIGN_OR_RETURN(go_on, ReadRtcp(record, visit));
  }
  return go_on ? ReadStreams(record, visit) : absl::OkStatus();
}

absl::StatusOr<bool> StoredCallPackets::ReadSip(
    const store::v1::CallRecord& record, const Visit& visit) {
  v1::GetSignallingResponse response;
  RETURN_IF_ERROR(ReadSignalling(store_, record, SignallingLimits(),
                                 pressed_keys_, response));
  for (const v1::SipRecord& message : response.messages()) {
    const auto flow = ParseFlow(message.source(), message.destination());
    HepPacket packet;
    switch (message.protocol()) {
      case v1::SIGNALLING_PROTOCOL_UNSPECIFIED:
      case v1::SIGNALLING_PROTOCOL_SIP:
        break;
      case v1::SIGNALLING_PROTOCOL_MGCP:
        packet.payload_type = HepPayload::kMgcp;
        break;
      default:
        continue;  // HEP has no name for it.
    }
    if (!flow) continue;
    packet.flow = *flow;
    packet.ip_protocol = message.transport() == v1::TRANSPORT_UDP ? kUdp : kTcp;
    packet.time_ns = TimeUtil::TimestampToNanoseconds(message.time());
    const std::string correlation =
        SipCallIdOf(record.call(), message.leg_id());
    const std::string node =
        absl::StrCat(message.sensor(), ":", message.capture_point());
    packet.correlation_id = correlation;
    packet.node = node;
    packet.payload = message.message();
    if (!visit(packet)) return false;
  }
  return true;
}

absl::StatusOr<bool> StoredCallPackets::ReadRtcp(
    const store::v1::CallRecord& record, const Visit& visit) {
  bool go_on = true;
  RETURN_IF_ERROR(VisitRtcp(store_, record, [&](const CallRtcp& seen) {
    const v1::RtcpFrame& rtcp = seen.frame;
    const auto source = FromProto(rtcp.source());
    const auto destination = FromProto(rtcp.destination());
    const auto json =
        RtcpToJson({reinterpret_cast<const uint8_t*>(rtcp.packet().data()),
                    rtcp.packet().size()});
    if (!source || !destination || !json) return true;
    const std::string correlation = SipCallIdOf(record.call(), seen.leg_id);
    const std::string node = absl::StrCat(seen.sensor, ":", seen.capture_point);
    HepPacket packet;
    packet.payload_type = HepPayload::kRtcpJson;
    packet.flow = {*source, *destination};
    packet.time_ns = rtcp.time_ns();
    packet.correlation_id = correlation;
    packet.node = node;
    packet.payload = *json;
    go_on = visit(packet);
    return go_on;
  }));
  return go_on;
}

absl::Status StoredCallPackets::ReadStreams(const store::v1::CallRecord& record,
                                            const Visit& visit) {
  if (record.call().streams().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::GetQualityResponse response,
                   ReadQuality(store_, record, v1::GetQualityRequest()));
  for (const v1::StreamQuality& quality : response.streams()) {
    const auto stream = std::find_if(record.call().streams().begin(),
                                     record.call().streams().end(),
                                     [&quality](const v1::Stream& one) {
                                       return one.id() == quality.stream_id();
                                     });
    if (stream == record.call().streams().end()) continue;
    const auto flow = ParseFlow(stream->source(), stream->destination());
    if (!flow) continue;
    const std::string call_id = SipCallIdOf(record.call(), stream->leg_id());
    const std::string json = QualityToJson(call_id, *stream, quality);
    HepPacket packet;
    packet.payload_type = HepPayload::kQualityJson;
    packet.flow = *flow;
    packet.time_ns = TimeUtil::TimestampToNanoseconds(stream->end_time());
    packet.correlation_id = call_id;
    packet.payload = json;
    if (!visit(packet)) return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
