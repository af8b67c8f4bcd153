#include "common/rtp/rtp_packet.h"

#include "common/bytes/byte_reader.h"

namespace callbraid {
namespace {

constexpr uint8_t kVersion = 2;
constexpr size_t kFixedHeaderSize = 12;

}  // namespace

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
// |                           timestamp                           |
// |           synchronization source (SSRC) identifier            |
// |            contributing source (CSRC) identifiers ...         |
// |      defined by profile       |           length              |
// |                       header extension ...                    |
std::optional<RtpPacket> ParseRtp(std::span<const uint8_t> datagram,
                                  bool truncated) noexcept {
  ByteReader in(datagram);
  RtpPacket packet;
  packet.first_byte = in.U8();
  const uint8_t marker_and_type = in.U8();
  packet.sequence = in.U16();
  packet.timestamp = in.U32();
  packet.ssrc = in.U32();
  in.Take(size_t{4} * (packet.first_byte & 0x0f));  // Contributing sources.
  if (packet.first_byte & 0x10) {                   // Header extension.
    in.U16();
    in.Take(size_t{4} * in.U16());
  }
  if (!in.ok() || packet.first_byte >> 6 != kVersion) return std::nullopt;

  packet.payload_type = marker_and_type & 0x7f;
  packet.marker = (marker_and_type & 0x80) != 0;
  packet.truncated = truncated;
  packet.payload = in.rest();
  packet.extra_header =
      datagram.subspan(kFixedHeaderSize, datagram.size() - kFixedHeaderSize -
                                             packet.payload.size());
  if ((packet.first_byte & 0x20) && !truncated) {  // Padding.
    if (packet.payload.empty()) return std::nullopt;
    packet.padding = packet.payload.back();
    if (packet.padding == 0 || packet.padding > packet.payload.size()) {
      return std::nullopt;
    }
    packet.payload =
        packet.payload.first(packet.payload.size() - packet.padding);
  }
  return packet;
}

}  // namespace callbraid
