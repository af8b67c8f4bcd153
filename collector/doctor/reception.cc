#include "collector/doctor/reception.h"

#include <algorithm>

#include "common/bytes/byte_reader.h"

namespace callbraid::collector {
namespace {

constexpr uint8_t kSenderReport = 200;
constexpr uint8_t kReceiverReport = 201;
constexpr size_t kSenderInfoBytes = 20;
constexpr size_t kMaxStreams = 32;

// A report block:
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------------------------------------------------------+
//   |                        SSRC of source                         |
//   +---------------+-----------------------------------------------+
//   | Fraction lost |    Cumulative number of packets lost (signed) |
//   +---------------+-----------------------------------------------+
//   |          Extended highest sequence number received            |
//   +---------------------------------------------------------------+
//   |  Interarrival jitter; last SR; delay since last SR (3 words)  |
void AddBlock(ByteReader& in, Reception& reception) {
  const uint32_t ssrc = in.U32();
  in.U8();
  const uint32_t lost = in.U24();
  Reception::Block block;
  block.lost = static_cast<int32_t>(lost << 8) >> 8;
  block.highest_sequence = in.U32();
  in.Take(12);
  if (!in.ok()) return;
  if (reception.blocks.size() >= kMaxStreams &&
      reception.blocks.count(ssrc) == 0) {
    return;
  }
  Reception::Block& known = reception.blocks[ssrc];
  block.taken_back = known.taken_back;
  if (block.lost < known.lost) {
    block.taken_back += static_cast<uint64_t>(known.lost - block.lost);
  }
  known = block;
}

}  // namespace

void AddRtcp(std::span<const uint8_t> datagram, Reception& reception) {
  ByteReader in(datagram);
  while (in.ok() && in.rest().size() >= 8) {
    const uint8_t first = in.U8();
    const uint8_t type = in.U8();
    ByteReader packet(in.Take(size_t{4} * in.U16()));
    if (!in.ok() || first >> 6 != 2) return;
    if (type != kSenderReport && type != kReceiverReport) continue;
    packet.U32();
    if (type == kSenderReport) packet.Take(kSenderInfoBytes);
    if (!packet.ok()) continue;
    const int count = first & 0x1f;
    ++reception.reports;
    if (count == 0) ++reception.empty_reports;
    for (int i = 0; i < count && packet.ok(); ++i) AddBlock(packet, reception);
  }
}

namespace {

// Packets that came twice. Twice at once looks as if a mirror had done it; but
// a mirror that doubles doubles them all.
int64_t DuplicatesOf(const v1::StreamStatistics& statistics) {
  const bool by_mirror =
      uint64_t{statistics.mirror_copies()} * 2 >= statistics.packets();
  return int64_t{statistics.duplicates()} +
         (by_mirror ? 0 : int64_t{statistics.mirror_copies()});
}

}  // namespace

uint64_t MissedThough(const store::v1::RtpTally& tally,
                      const Reception::Block& block) {
  if (tally.runs().empty() || tally.runs_incomplete()) return 0;
  // Ours is the 16-bit number + 65536, and the receiver may have begun in
  // another cycle: the one of ours that has its low bits and is the highest.
  const uint64_t highest = tally.highest_sequence();
  uint64_t upto =
      (highest & ~uint64_t{0xffff}) | (block.highest_sequence & 0xffff);
  if (upto > highest) upto -= 0x10000;
  uint64_t missing = 0;
  uint64_t at = tally.lowest_sequence();
  if (upto < at) return 0;
  bool seen = true;
  for (const uint32_t run : tally.runs()) {
    const uint64_t end = at + run;
    if (!seen) missing += std::min(end, upto + 1) - std::min(at, upto + 1);
    at = end;
    seen = !seen;
  }
  const int64_t lost = int64_t{block.lost} +
                       static_cast<int64_t>(block.taken_back) +
                       DuplicatesOf(tally.statistics());
  const uint64_t lacking = lost > 0 ? static_cast<uint64_t>(lost) : 0;
  return missing > lacking ? missing - lacking : 0;
}

}  // namespace callbraid::collector
