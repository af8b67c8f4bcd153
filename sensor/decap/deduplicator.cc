#include "sensor/decap/deduplicator.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

namespace callbraid::sensor {
namespace {

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;

// What is hashed besides the bytes behind the transport header. No padding.
struct KeyFields {
  std::array<uint8_t, 16> source;
  std::array<uint8_t, 16> destination;
  // UDP: ports and length. TCP: ports, sequence, acknowledgement, offset,
  // flags, window. Leaves out the checksum.
  std::array<uint8_t, 16> transport;
  uint32_t length;
  uint32_t fragment_id;
  uint16_t fragment_offset;
  uint16_t protocol;
  uint32_t reserved;
  uint64_t payload;
};
static_assert(sizeof(KeyFields) == 16 * 3 + 24);

// Bytes of the transport header that a mirror leaves alone, and its size.
struct Stable {
  size_t bytes;
  size_t header;
};

Stable StableHeader(const IpPacket& packet) {
  // A fragment is compared whole: only the first has a transport header.
  if (packet.is_fragment) return {0, 0};
  if (packet.protocol == kUdp) return {6, 8};
  if (packet.protocol == kTcp) return {16, 20};
  return {0, 0};
}

uint64_t KeyOf(const IpPacket& packet) {
  KeyFields fields = {};
  fields.source = packet.source.mapped();
  fields.destination = packet.destination.mapped();
  const Stable stable = StableHeader(packet);
  std::copy_n(packet.payload.begin(),
              std::min(stable.bytes, packet.payload.size()),
              fields.transport.begin());
  fields.length = static_cast<uint32_t>(packet.payload_length);
  if (packet.is_fragment) {
    fields.fragment_id = packet.id;
    fields.fragment_offset = packet.fragment_offset;
  }
  fields.protocol = packet.protocol;
  const auto rest =
      packet.payload.subspan(std::min(stable.header, packet.payload.size()));
  fields.payload = XXH3_64bits(rest.data(), rest.size());
  return XXH3_64bits(&fields, sizeof(fields));
}

constexpr uint64_t kIdMask = 0xffff;

bool AreTwoSends(uint64_t stamp, uint64_t other) {
  const uint64_t id = stamp & kIdMask;
  const uint64_t other_id = other & kIdMask;
  return id != 0 && other_id != 0 && id != other_id;
}

}  // namespace

Deduplicator::Deduplicator(int64_t window_ns)
    : window_us_(window_ns / 1000),
      sets_(std::make_unique<std::array<Set, kSets>>()) {}

bool Deduplicator::IsWithinWindow(uint64_t stamp, uint64_t other) const {
  // Sign-extends the difference of the two 48-bit times.
  const auto apart =
      static_cast<int64_t>((stamp & ~kIdMask) - (other & ~kIdMask)) >> 16;
  return apart <= window_us_ && apart >= -window_us_;
}

Deduplicator::Sight Deduplicator::Look(int64_t time_ns, const IpPacket& packet,
                                       uint8_t session) {
  const uint64_t hash = KeyOf(packet);
  const uint64_t key = (hash & ~kSessionMask) | session;
  const auto time_us = static_cast<uint64_t>(time_ns / 1000);
  const uint64_t id = packet.is_v6 ? 0 : packet.id & kIdMask;
  const uint64_t stamp = time_us << 16 | id;
  auto& entries = (*sets_)[hash % kSets].entries;
  Sight sight = Sight::kFirst;
  for (const Entry& entry : entries) {
    const uint64_t difference = entry.key ^ key;
    if ((difference & ~kSessionMask) != 0 ||
        !IsWithinWindow(stamp, entry.stamp) ||
        AreTwoSends(stamp, entry.stamp)) {
      continue;
    }
    // What comes in no session, here or there, is a copy as ever.
    if (difference == 0 || session == 0 || (entry.key & kSessionMask) == 0) {
      return Sight::kCopy;
    }
    sight = Sight::kOfOtherSession;
  }
  if (entries.back().key != 0 && IsWithinWindow(stamp, entries.back().stamp)) {
    ++evicted_early_;
  }
  std::copy_backward(entries.begin(), entries.end() - 1, entries.end());
  entries.front() = {key, stamp};
  return sight;
}

}  // namespace callbraid::sensor
