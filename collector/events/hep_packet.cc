#include "collector/events/hep_packet.h"

#include <algorithm>

#include "common/bytes/byte_writer.h"

namespace callbraid::collector {
namespace {

//  "HEP3" length:16 chunk...
//  chunk: vendor:16 (0: generic) type:16 length:16 (of all of it) value
constexpr size_t kHeaderBytes = 6;
constexpr size_t kChunkHeaderBytes = 6;
// What UDP over IPv4 takes.
constexpr size_t kMaxBytes = 65'507;
// Of a text besides the payload.
constexpr size_t kMaxTextBytes = 256;

constexpr uint8_t kIpv4 = 2;
constexpr uint8_t kIpv6 = 10;

enum Chunk : uint16_t {
  kFamily = 1,
  kProtocol = 2,
  kSource4 = 3,
  kDestination4 = 4,
  kSource6 = 5,
  kDestination6 = 6,
  kSourcePort = 7,
  kDestinationPort = 8,
  kSeconds = 9,
  kMicroseconds = 10,
  kPayloadType = 11,
  kCaptureId = 12,
  kPayload = 15,
  kCorrelationId = 17,
  kNode = 19,
};

class Chunks {
 public:
  explicit Chunks(std::string& out) : writer_(out) {}

  void U8(Chunk type, uint8_t value) {
    Begin(type, 1);
    writer_.U8(value);
  }
  void U16(Chunk type, uint16_t value) {
    Begin(type, 2);
    writer_.U16(value);
  }
  void U32(Chunk type, uint32_t value) {
    Begin(type, 4);
    writer_.U32(value);
  }
  void Bytes(Chunk type, std::string_view bytes) {
    Begin(type, bytes.size());
    writer_.Bytes(bytes);
  }
  void Address(Chunk type, const IpAddress& address, bool v4) {
    const auto bytes = v4 ? address.bytes() : std::span(address.mapped());
    Begin(type, bytes.size());
    writer_.Bytes(std::span<const uint8_t>(bytes));
  }

 private:
  void Begin(Chunk type, size_t bytes) {
    writer_.U16(0);
    writer_.U16(type);
    writer_.U16(static_cast<uint16_t>(kChunkHeaderBytes + bytes));
  }

  ByteWriter writer_;
};

}  // namespace

std::string EncodeHep(const HepPacket& packet) {
  std::string body;
  Chunks chunks(body);
  const Endpoint& source = packet.flow.source;
  const Endpoint& destination = packet.flow.destination;
  const bool v4 = source.address.is_v4() && destination.address.is_v4();
  chunks.U8(kFamily, v4 ? kIpv4 : kIpv6);
  chunks.U8(kProtocol, packet.ip_protocol);
  chunks.Address(v4 ? kSource4 : kSource6, source.address, v4);
  chunks.Address(v4 ? kDestination4 : kDestination6, destination.address, v4);
  chunks.U16(kSourcePort, source.port);
  chunks.U16(kDestinationPort, destination.port);
  chunks.U32(kSeconds, static_cast<uint32_t>(packet.time_ns / 1'000'000'000));
  chunks.U32(kMicroseconds,
             static_cast<uint32_t>(packet.time_ns / 1000 % 1'000'000));
  chunks.U8(kPayloadType, static_cast<uint8_t>(packet.payload_type));
  chunks.U32(kCaptureId, packet.capture_id);
  chunks.Bytes(kCorrelationId, packet.correlation_id.substr(0, kMaxTextBytes));
  chunks.Bytes(kNode, packet.node.substr(0, kMaxTextBytes));
  const size_t room =
      kMaxBytes - kHeaderBytes - body.size() - kChunkHeaderBytes;
  chunks.Bytes(kPayload,
               packet.payload.substr(0, std::min(room, packet.payload.size())));

  std::string out;
  ByteWriter writer(out);
  writer.Bytes(std::string_view("HEP3"));
  writer.U16(static_cast<uint16_t>(kHeaderBytes + body.size()));
  writer.Bytes(std::string_view(body));
  return out;
}

}  // namespace callbraid::collector
