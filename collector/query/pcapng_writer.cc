#include "collector/query/pcapng_writer.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/bytes/byte_writer.h"

namespace callbraid::collector {

struct PcapngWriter::Packet {
  uint32_t interface = 0;
  int64_t time_ns = 0;
  FlowKey flow;
  const v1::LinkInfo& link;
  bool truncated = false;
  // Behind what is written: the sensor did not send them.
  uint32_t withheld_bytes = 0;

  const char* comment() const {
    if (withheld_bytes > 0) {
      return "The sensor kept the payload, for another one sent it.";
    }
    return truncated ? "The capture cut this packet." : nullptr;
  }
};

namespace {

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kTtl = 64;
constexpr size_t kIpv4HeaderBytes = 20;
constexpr size_t kTcpHeaderBytes = 20;
constexpr size_t kUdpHeaderBytes = 8;
// So that IPv4's total length does not overflow; IPv6 could take 20 more.
constexpr size_t kMaxSegmentBytes = 65535 - kIpv4HeaderBytes;
constexpr int kMaxVlanTags = 8;
constexpr size_t kMaxTcpFlows = 4096;

// pcapng is written in the byte order that its first block shows: big endian.
constexpr uint32_t kSectionHeader = 0x0a0d0d0a;
constexpr uint32_t kInterfaceDescription = 1;
constexpr uint32_t kEnhancedPacket = 6;
constexpr uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr uint16_t kEthernet = 1;
constexpr uint16_t kOptionEnd = 0;
constexpr uint16_t kOptionComment = 1;
constexpr uint16_t kSectionApplication = 4;
constexpr uint16_t kInterfaceName = 2;
constexpr uint16_t kInterfaceResolution = 9;

void Pad(ByteWriter& out, size_t size) {
  for (; size % 4 != 0; ++size) out.U8(0);
}

//  code:2 length:2 value, padded to 32 bits
void Option(ByteWriter& out, uint16_t code, std::string_view value) {
  value = value.substr(0, 0xffff);
  out.U16(code);
  out.U16(static_cast<uint16_t>(value.size()));
  out.Bytes(value);
  Pad(out, value.size());
}

void EndOfOptions(ByteWriter& out) {
  out.U16(kOptionEnd);
  out.U16(0);
}

//  type:4 length:4 body length:4
void Block(std::string& out, uint32_t type, std::string_view body) {
  const auto length = static_cast<uint32_t>(12 + body.size());
  ByteWriter writer(out);
  writer.U32(type);
  writer.U32(length);
  writer.Bytes(body);
  writer.U32(length);
}

uint32_t SumOf(std::string_view bytes) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    sum += static_cast<uint32_t>(static_cast<uint8_t>(bytes[i]) << 8 |
                                 static_cast<uint8_t>(bytes[i + 1]));
  }
  if (bytes.size() % 2 != 0) {
    sum += static_cast<uint32_t>(static_cast<uint8_t>(bytes.back()) << 8);
  }
  return sum;
}

// RFC 1071.
uint16_t Checksum(uint32_t sum) {
  while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(~sum);
}

uint32_t SumOf(std::span<const uint8_t> bytes) {
  return SumOf(std::string_view(reinterpret_cast<const char*>(bytes.data()),
                                bytes.size()));
}

void PutU16(std::string& bytes, size_t at, uint16_t value) {
  bytes[at] = static_cast<char>(value >> 8);
  bytes[at + 1] = static_cast<char>(value & 0xff);
}

// Sets the checksum at `at` of a UDP or TCP segment, over it and the pseudo
// header (RFC 768, RFC 8200 section 8.1).
void SetChecksum(const FlowKey& flow, uint8_t protocol, size_t at,
                 std::string& segment) {
  const uint32_t sum = SumOf(flow.source.address.bytes()) +
                       SumOf(flow.destination.address.bytes()) + protocol +
                       static_cast<uint32_t>(segment.size()) + SumOf(segment);
  const uint16_t checksum = Checksum(sum);
  // In UDP, 0 means that there is none.
  PutU16(segment, at, checksum == 0 && protocol == kUdp ? 0xffff : checksum);
}

void Mac(ByteWriter& out, const std::string& address) {
  static constexpr char kUnknown[6] = {};
  out.Bytes(address.size() == 6 ? std::string_view(address)
                                : std::string_view(kUnknown, 6));
}

void EthernetHeader(ByteWriter& out, const v1::LinkInfo& link, bool v4) {
  Mac(out, link.destination_mac());
  Mac(out, link.source_mac());
  const int tags = std::min(link.vlan_ids_size(), kMaxVlanTags);
  for (int i = 0; i < tags; ++i) {
    // All but the innermost are service tags (802.1ad).
    out.U16(i + 1 < tags ? 0x88a8 : 0x8100);
    out.U16(static_cast<uint16_t>(link.vlan_ids(i) & 0x0fff));
  }
  out.U16(v4 ? 0x0800 : 0x86dd);
}

void Ipv4Header(std::string& out, const FlowKey& flow, uint32_t dscp,
                uint8_t protocol, size_t payload_size) {
  const size_t begin = out.size();
  ByteWriter writer(out);
  writer.U8(0x45);
  writer.U8(static_cast<uint8_t>(dscp << 2));
  writer.U16(static_cast<uint16_t>(kIpv4HeaderBytes + payload_size));
  writer.U16(0);
  writer.U16(0x4000);  // Don't fragment.
  writer.U8(kTtl);
  writer.U8(protocol);
  writer.U16(0);
  writer.Bytes(flow.source.address.bytes());
  writer.Bytes(flow.destination.address.bytes());
  PutU16(out, begin + 10, Checksum(SumOf(std::string_view(out).substr(begin))));
}

void Ipv6Header(std::string& out, const FlowKey& flow, uint32_t dscp,
                uint8_t protocol, size_t payload_size) {
  ByteWriter writer(out);
  writer.U32(0x60000000 | (dscp & 0x3f) << 22);
  writer.U16(static_cast<uint16_t>(payload_size));
  writer.U8(protocol);
  writer.U8(kTtl);
  for (const IpAddress& address :
       {flow.source.address, flow.destination.address}) {
    writer.Bytes(std::span<const uint8_t>(address.mapped()));
  }
}

std::optional<FlowKey> FlowOf(const v1::Endpoint& source,
                              const v1::Endpoint& destination) {
  const auto from = FromProto(source);
  const auto to = FromProto(destination);
  if (!from || !to) return std::nullopt;
  return FlowKey{*from, *to};
}

// RFC 3550, section 5.1.
void RtpPacketBytes(const RtpPacket& packet, std::string& out) {
  ByteWriter writer(out);
  writer.U8(packet.first_byte);
  writer.U8(
      static_cast<uint8_t>(packet.payload_type | (packet.marker ? 0x80 : 0)));
  writer.U16(packet.sequence);
  writer.U32(packet.timestamp);
  writer.U32(packet.ssrc);
  writer.Bytes(packet.extra_header);
  writer.Bytes(packet.payload);
  if (packet.padding == 0) return;
  for (int i = 1; i < packet.padding; ++i) writer.U8(0);
  writer.U8(packet.padding);
}

}  // namespace

PcapngWriter::PcapngWriter(std::string& out) : out_(out) {
  std::string body;
  ByteWriter writer(body);
  writer.U32(kByteOrderMagic);
  writer.U16(1);  // Version 1.0.
  writer.U16(0);
  writer.U64(~uint64_t{0});  // The section's length is not told.
  Option(writer, kSectionApplication, "Callbraid");
  EndOfOptions(writer);
  Block(out_, kSectionHeader, body);
}

uint32_t PcapngWriter::Interface(const std::string& sensor,
                                 const std::string& capture_point) {
  const auto [it, inserted] = interfaces_.try_emplace(
      {sensor, capture_point}, static_cast<uint32_t>(interfaces_.size()));
  if (inserted) {
    std::string body;
    ByteWriter writer(body);
    writer.U16(kEthernet);
    writer.U16(0);
    writer.U32(0);  // No snapshot length.
    Option(writer, kInterfaceName, absl::StrCat(sensor, "/", capture_point));
    Option(writer, kInterfaceResolution, "\x09");  // 10^-9 s.
    EndOfOptions(writer);
    Block(out_, kInterfaceDescription, body);
  }
  return it->second;
}

bool PcapngWriter::AddSip(uint32_t interface, const v1::SipFrame& frame) {
  const auto flow = FlowOf(frame.source(), frame.destination());
  if (!flow) return false;
  Packet packet{interface, frame.time_ns(), *flow, frame.link(),
                frame.truncated()};
  // What came in WebSocket frames, or in TLS, is written without them.
  if (frame.transport() == v1::TRANSPORT_UDP ||
      frame.transport() == v1::TRANSPORT_UNSPECIFIED) {
    WriteUdp(packet, frame.message());
  } else {
    WriteTcp(packet, frame.message());
  }
  return true;
}

bool PcapngWriter::AddRtcp(uint32_t interface, const v1::RtcpFrame& frame,
                           const v1::LinkInfo& link) {
  const auto flow = FlowOf(frame.source(), frame.destination());
  if (!flow) return false;
  Packet packet{interface, frame.time_ns(), *flow, link, frame.truncated()};
  WriteUdp(packet, frame.packet());
  return true;
}

bool PcapngWriter::AddRtp(uint32_t interface, const v1::MediaChunk& chunk,
                          const ChunkPacket& chunk_packet,
                          const v1::LinkInfo& link) {
  const auto flow = FlowOf(chunk.source(), chunk.destination());
  if (!flow) return false;
  Packet packet{interface,
                chunk_packet.time_ns,
                *flow,
                link,
                chunk_packet.rtp.truncated,
                chunk_packet.withheld ? chunk_packet.payload_size : 0};
  rtp_.clear();
  if (chunk.transport() == v1::MEDIA_TRANSPORT_UDPTL) {
    ByteWriter udptl(rtp_);
    udptl.U16(chunk_packet.rtp.sequence);
    udptl.Bytes(chunk_packet.rtp.payload);
  } else {
    RtpPacketBytes(chunk_packet.rtp, rtp_);
  }
  WriteUdp(packet, rtp_);
  return true;
}

bool PcapngWriter::AddMedia(uint32_t interface, const v1::MediaChunk& chunk,
                            const v1::LinkInfo& link) {
  if (!ReadChunk(chunk, decoder_, chunk_packets_)) return false;
  for (const ChunkPacket& packet : chunk_packets_) {
    if (!AddRtp(interface, chunk, packet, link)) return false;
  }
  return true;
}

// A message of 64 KiB does not fit into one packet with its headers.
void PcapngWriter::WriteTcp(Packet& packet, std::string_view message) {
  if (tcp_sequences_.size() >= kMaxTcpFlows) tcp_sequences_.clear();
  const auto other =
      tcp_sequences_.try_emplace(packet.flow.Reversed(), 1).first->second;
  uint32_t& sequence = tcp_sequences_.try_emplace(packet.flow, 1).first->second;
  do {
    const std::string_view part =
        message.substr(0, kMaxSegmentBytes - kTcpHeaderBytes);
    message.remove_prefix(part.size());
    segment_.clear();
    ByteWriter writer(segment_);
    writer.U16(packet.flow.source.port);
    writer.U16(packet.flow.destination.port);
    writer.U32(sequence);
    writer.U32(other);
    writer.U16(0x5018);  // Header of 5 words; PSH, ACK.
    writer.U16(0xffff);
    writer.U32(0);
    writer.Bytes(part);
    SetChecksum(packet.flow, kTcp, 16, segment_);
    sequence += static_cast<uint32_t>(part.size());
    WritePacket(packet, kTcp, segment_);
  } while (!message.empty());
}

void PcapngWriter::WriteUdp(Packet& packet, std::string_view payload) {
  if (payload.size() > kMaxSegmentBytes - kUdpHeaderBytes) {
    payload = payload.substr(0, kMaxSegmentBytes - kUdpHeaderBytes);
    packet.truncated = true;
  }
  segment_.clear();
  ByteWriter writer(segment_);
  writer.U16(packet.flow.source.port);
  writer.U16(packet.flow.destination.port);
  writer.U16(static_cast<uint16_t>(kUdpHeaderBytes + payload.size() +
                                   packet.withheld_bytes));
  writer.U16(0);
  writer.Bytes(payload);
  SetChecksum(packet.flow, kUdp, 6, segment_);
  WritePacket(packet, kUdp, segment_);
}

//  interface:4 time_high:4 time_low:4 captured:4 original:4 bytes options
void PcapngWriter::WritePacket(const Packet& packet, uint8_t protocol,
                               std::string_view segment) {
  const bool v4 = packet.flow.source.address.is_v4() &&
                  packet.flow.destination.address.is_v4();
  const uint32_t dscp = packet.link.dscp() & 0x3f;
  frame_.clear();
  ByteWriter frame(frame_);
  EthernetHeader(frame, packet.link, v4);
  if (v4) {
    Ipv4Header(frame_, packet.flow, dscp, protocol,
               segment.size() + packet.withheld_bytes);
  } else {
    Ipv6Header(frame_, packet.flow, dscp, protocol,
               segment.size() + packet.withheld_bytes);
  }
  frame.Bytes(segment);

  const size_t before = out_.size();
  ByteWriter out(out_);
  out.U32(kEnhancedPacket);
  out.U32(0);  // Length: set below.
  out.U32(packet.interface);
  out.U64(static_cast<uint64_t>(packet.time_ns));
  out.U32(static_cast<uint32_t>(frame_.size()));
  out.U32(static_cast<uint32_t>(frame_.size() + packet.withheld_bytes));
  out.Bytes(frame_);
  Pad(out, frame_.size());
  if (const char* const comment = packet.comment(); comment != nullptr) {
    Option(out, kOptionComment, comment);
    EndOfOptions(out);
  }
  const auto length = static_cast<uint32_t>(out_.size() - before + 4);
  out.U32(length);
  PutU16(out_, before + 4, static_cast<uint16_t>(length >> 16));
  PutU16(out_, before + 6, static_cast<uint16_t>(length & 0xffff));
}

}  // namespace callbraid::collector
