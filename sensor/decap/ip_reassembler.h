#ifndef CALLBRAID_SENSOR_DECAP_IP_REASSEMBLER_H_
#define CALLBRAID_SENSOR_DECAP_IP_REASSEMBLER_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "sensor/decap/discard.h"
#include "sensor/decap/ip_packet.h"

namespace callbraid::sensor {

// Puts IPv4 (RFC 791, section 3.2) and IPv6 (RFC 8200, section 4.5) fragments
// together, in any order.
//
// Of bytes that come twice the first win. Held are at most kMaxBytes and
// kMaxDatagrams, for kMaxAgeNs of capture time; the oldest make room. Fragments
// that come to nothing are counted by reason. One thread.
class IpReassembler {
 public:
  static constexpr size_t kMaxBytes = size_t{4} << 20;
  static constexpr size_t kMaxDatagrams = 1024;
  static constexpr size_t kMaxPieces = 256;
  static constexpr int64_t kMaxAgeNs = 5'000'000'000;

  // `counters` must outlive the reassembler.
  explicit IpReassembler(DecapCounters& counters) : counters_(counters) {}

  // Takes one fragment, not truncated. Returns the payload of the whole
  // datagram if this completes it: a view, valid until the next call.
  std::optional<std::span<const uint8_t>> Add(int64_t time_ns,
                                              const IpPacket& fragment);

  // Gives up what has waited for longer than kMaxAgeNs.
  void Expire(int64_t time_ns);
  // Gives up all that is held.
  void Clear();

  // Bytes of memory charged for what is held.
  size_t bytes() const { return bytes_; }

 private:
  using Key = std::tuple<IpAddress, IpAddress, uint8_t, uint32_t, bool>;
  struct Partial {
    Key key;
    int64_t time_ns = 0;  // Of its first fragment.
    // By offset; they never overlap.
    std::map<size_t, std::vector<uint8_t>> pieces;
    size_t received = 0;
    // Known from the fragment that is the last by its header.
    std::optional<size_t> total;
    uint64_t fragments = 0;
  };
  // Oldest first.
  using Partials = std::list<Partial>;

  Partials::iterator Find(int64_t time_ns, const IpPacket& fragment);
  bool IsConsistent(const Partial& partial, size_t end, bool last) const;
  // Takes those bytes of the fragment that are not there yet. Returns false if
  // some were.
  bool Insert(Partial& partial, size_t offset, std::span<const uint8_t> bytes);
  void AddPiece(Partial& partial, size_t offset,
                std::span<const uint8_t> bytes);
  std::span<const uint8_t> Assemble(const Partial& partial);
  void GiveUp(Partials::iterator partial, Discard reason);
  void Erase(Partials::iterator partial);

  DecapCounters& counters_;
  Partials partials_;
  absl::flat_hash_map<Key, Partials::iterator> by_key_;
  size_t bytes_ = 0;
  std::vector<uint8_t> whole_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_IP_REASSEMBLER_H_
