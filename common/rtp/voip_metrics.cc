#include "common/rtp/voip_metrics.h"

#include "common/bytes/byte_reader.h"

namespace callbraid {
namespace {

// As in rtcp_packet.cc.
constexpr uint8_t kFirstType = 192;
constexpr uint8_t kLastType = 223;
constexpr uint8_t kSenderReport = 200;
constexpr uint8_t kReceiverReport = 201;
constexpr uint8_t kExtendedReport = 207;

constexpr uint8_t kVoipMetricsBlock = 7;
constexpr size_t kVoipMetricsWords = 8;

// One RTCP packet of a datagram.
struct Packet {
  uint8_t type = 0;
  int count = 0;
  std::span<const uint8_t> body;
};

// The next one. False at the end, or where it is none.
bool Next(ByteReader& in, Packet& packet) {
  if (in.rest().empty()) return false;
  const uint8_t first = in.U8();
  packet.type = in.U8();
  const size_t words = in.U16();
  packet.body = in.Take(4 * words);
  packet.count = first & 0x1f;
  return in.ok() && first >> 6 == 2 && packet.type >= kFirstType &&
         packet.type <= kLastType;
}

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// |                        SSRC of source                         |
// |   loss rate   | discard rate  | burst density |  gap density  |
// |       burst duration          |         gap duration          |
// |     round trip delay          |       end system delay        |
// | signal level  |  noise level  |     RERL      |     Gmin      |
// |   R factor    | ext. R factor |    MOS-LQ     |    MOS-CQ     |
// |   RX config   |   reserved    |          JB nominal           |
// |          JB maximum           |          JB abs max           |
RtcpVoipMetrics ReadBlock(uint32_t reporter, ByteReader& in) {
  RtcpVoipMetrics metrics;
  metrics.reporter = reporter;
  metrics.ssrc = in.U32();
  metrics.loss_rate = in.U8();
  metrics.discard_rate = in.U8();
  metrics.burst_density = in.U8();
  metrics.gap_density = in.U8();
  metrics.burst_duration_ms = in.U16();
  metrics.gap_duration_ms = in.U16();
  metrics.round_trip_delay_ms = in.U16();
  metrics.end_system_delay_ms = in.U16();
  in.U32();
  metrics.r_factor = in.U8();
  in.U8();
  metrics.mos_lq = in.U8();
  metrics.mos_cq = in.U8();
  return metrics;
}

}  // namespace

size_t ReadVoipMetrics(std::span<const uint8_t> datagram,
                       std::span<RtcpVoipMetrics> metrics) noexcept {
  size_t count = 0;
  ByteReader in(datagram);
  Packet packet;
  while (Next(in, packet)) {
    if (packet.type != kExtendedReport) continue;
    ByteReader body(packet.body);
    const uint32_t reporter = body.U32();
    while (body.ok() && !body.rest().empty()) {
      const uint8_t type = body.U8();
      body.U8();
      const size_t words = body.U16();
      ByteReader block(body.Take(4 * words));
      if (!body.ok() || type != kVoipMetricsBlock ||
          words != kVoipMetricsWords) {
        continue;
      }
      if (count == metrics.size()) return count;
      metrics[count++] = ReadBlock(reporter, block);
    }
  }
  return count;
}

size_t ReadRtcpTimings(std::span<const uint8_t> datagram,
                       std::span<RtcpTiming> timings) noexcept {
  size_t count = 0;
  ByteReader in(datagram);
  Packet packet;
  while (Next(in, packet)) {
    if (packet.type != kSenderReport && packet.type != kReceiverReport)
      continue;
    ByteReader body(packet.body);
    RtcpTiming timing;
    timing.ssrc = body.U32();
    if (packet.type == kSenderReport) {
      timing.at = static_cast<uint32_t>(body.U64() >> 16);
      // RTP timestamp, packets and octets sent.
      body.Take(12);
      if (!body.ok()) break;
      if (count == timings.size()) return count;
      timings[count++] = timing;
    }
    timing.kind = RtcpTiming::Kind::kHeard;
    for (int blocks = packet.count; blocks > 0; --blocks) {
      timing.of = body.U32();
      // Losses, highest sequence number, jitter.
      body.Take(12);
      timing.at = body.U32();
      timing.held = body.U32();
      if (!body.ok()) break;
      if (timing.at == 0) continue;
      if (count == timings.size()) return count;
      timings[count++] = timing;
    }
  }
  return count;
}

}  // namespace callbraid
