#include "common/rtp/rtcp_packet.h"

#include "common/bytes/byte_reader.h"

namespace callbraid {
namespace {

// FIR and NACK of RFC 2032 (192, 193) up to XR and its successors: the range
// that RFC 5761 keeps free of payload types.
constexpr uint8_t kFirstType = 192;
constexpr uint8_t kLastType = 223;
constexpr uint8_t kSenderReport = 200;
constexpr uint8_t kReceiverReport = 201;
constexpr uint8_t kExtendedReport = 207;
// NTP and RTP timestamp, packets and octets sent.
constexpr size_t kSenderInfoBytes = 20;

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// |                         SSRC reported on                      |
// | fraction lost |        cumulative number of packets lost      |
// |             extended highest sequence number received         |
// |                      interarrival jitter                      |
// |                    last SR, delay since it                    |
RtcpReport ReadReport(uint32_t reporter, ByteReader& in) {
  RtcpReport report;
  report.reporter = reporter;
  report.ssrc = in.U32();
  in.U8();
  // Signed, 24 bits.
  report.cumulative_lost = static_cast<int32_t>(in.U24() << 8) >> 8;
  report.highest_sequence = in.U32();
  report.jitter = in.U32();
  in.U64();
  return report;
}

}  // namespace

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// |V=2|P|  count  |      PT       |   length in words, less one   |
// |                        SSRC of the sender                     |
std::optional<RtcpDatagram> ParseRtcp(std::span<const uint8_t> datagram,
                                      bool truncated) noexcept {
  RtcpDatagram result;
  ByteReader in(datagram);
  while (in.ok() && !in.rest().empty()) {
    const uint8_t first = in.U8();
    const uint8_t type = in.U8();
    const size_t words = in.U16();
    if (!in.ok()) {
      if (truncated && result.packets > 0) return result;
      return std::nullopt;
    }
    if (first >> 6 != 2 || type < kFirstType || type > kLastType) {
      // The trailer of SRTCP (RFC 3711, section 3.4) looks like anything.
      if (result.packets > 0) return result;
      return std::nullopt;
    }
    if (result.packets == 0) {
      if (type < kSenderReport || type > kExtendedReport) return std::nullopt;
      // A BYE without sources has no SSRC; all others do.
      ByteReader body(in.rest());
      result.ssrc = words > 0 ? body.U32() : 0;
      if (!body.ok()) return std::nullopt;
      result.packet_type = type;
    }
    in.Take(4 * words);
    if (!in.ok() && !truncated) return std::nullopt;
    ++result.packets;
  }
  if (result.packets == 0) return std::nullopt;
  return result;
}

size_t ReadRtcpReports(std::span<const uint8_t> datagram,
                       std::span<RtcpReport> reports) noexcept {
  size_t count = 0;
  ByteReader in(datagram);
  while (!in.rest().empty()) {
    const uint8_t first = in.U8();
    const uint8_t type = in.U8();
    const size_t words = in.U16();
    ByteReader body(in.Take(4 * words));
    if (!in.ok() || first >> 6 != 2 || type < kFirstType || type > kLastType) {
      return 0;
    }
    if (type != kSenderReport && type != kReceiverReport) continue;
    const uint32_t reporter = body.U32();
    if (type == kSenderReport) body.Take(kSenderInfoBytes);
    for (int blocks = first & 0x1f; blocks > 0; --blocks) {
      const RtcpReport report = ReadReport(reporter, body);
      if (!body.ok() || count == reports.size()) break;
      reports[count++] = report;
    }
  }
  return count;
}

}  // namespace callbraid
