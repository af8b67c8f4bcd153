#include "sensor/decap/ip_reassembler.h"

#include <algorithm>
#include <iterator>

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxDatagram = 65535;
// Charged for what the containers need besides the bytes themselves.
constexpr size_t kPartialCost = 256;
constexpr size_t kPieceCost = 96;

bool IsSound(const IpPacket& fragment) {
  const size_t size = fragment.payload.size();
  return size != 0 && (!fragment.more_fragments || size % 8 == 0);
}

}  // namespace

std::optional<std::span<const uint8_t>> IpReassembler::Add(
    int64_t time_ns, const IpPacket& fragment) {
  Expire(time_ns);
  if (!IsSound(fragment)) {
    counters_.Count(Discard::kBadFragment);
    return std::nullopt;
  }
  const size_t offset = fragment.fragment_offset;
  const size_t end = offset + fragment.payload.size();
  if (end > kMaxDatagram) {
    counters_.Count(Discard::kFragmentTooBig);
    return std::nullopt;
  }
  const auto partial = Find(time_ns, fragment);
  if (!IsConsistent(*partial, end, !fragment.more_fragments)) {
    counters_.Count(Discard::kBadFragment);
    return std::nullopt;
  }
  if (!fragment.more_fragments) partial->total = end;
  if (Insert(*partial, offset, fragment.payload)) {
    ++partial->fragments;
  } else {
    counters_.Count(Discard::kFragmentOverlap);
  }
  if (partial->total == partial->received) {
    const auto whole = Assemble(*partial);
    Erase(partial);
    return whole;
  }
  if (partial->pieces.size() > kMaxPieces) {
    GiveUp(partial, Discard::kFragmentEvicted);
  }
  while (bytes_ > kMaxBytes || partials_.size() > kMaxDatagrams) {
    GiveUp(partials_.begin(), Discard::kFragmentEvicted);
  }
  return std::nullopt;
}

IpReassembler::Partials::iterator IpReassembler::Find(
    int64_t time_ns, const IpPacket& fragment) {
  const Key key(fragment.source, fragment.destination, fragment.protocol,
                fragment.id, fragment.is_v6);
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) return found->second;
  Partial& partial = partials_.emplace_back();
  partial.key = key;
  partial.time_ns = time_ns;
  bytes_ += kPartialCost;
  return by_key_[key] = std::prev(partials_.end());
}

bool IpReassembler::IsConsistent(const Partial& partial, size_t end,
                                 bool last) const {
  if (partial.total)
    return last ? end == *partial.total : end <= *partial.total;
  if (!last || partial.pieces.empty()) return true;
  const auto& [offset, bytes] = *partial.pieces.rbegin();
  return offset + bytes.size() <= end;
}

bool IpReassembler::Insert(Partial& partial, size_t offset,
                           std::span<const uint8_t> bytes) {
  const size_t end = offset + bytes.size();
  bool is_new = true;
  size_t at = offset;
  // The piece that starts at or before `offset` may reach into the fragment.
  auto next = partial.pieces.upper_bound(offset);
  if (next != partial.pieces.begin()) {
    const auto& [start, piece] = *std::prev(next);
    if (start + piece.size() > at) {
      is_new = false;
      at = start + piece.size();
    }
  }
  while (at < end) {
    const size_t gap_end =
        next == partial.pieces.end() ? end : std::min(end, next->first);
    if (gap_end > at) {
      AddPiece(partial, at, bytes.subspan(at - offset, gap_end - at));
    }
    if (gap_end == end) break;
    is_new = false;
    at = next->first + next->second.size();
    ++next;
  }
  return is_new;
}

void IpReassembler::AddPiece(Partial& partial, size_t offset,
                             std::span<const uint8_t> bytes) {
  partial.pieces.emplace(offset,
                         std::vector<uint8_t>(bytes.begin(), bytes.end()));
  partial.received += bytes.size();
  bytes_ += bytes.size() + kPieceCost;
}

std::span<const uint8_t> IpReassembler::Assemble(const Partial& partial) {
  whole_.clear();
  for (const auto& [offset, bytes] : partial.pieces) {
    whole_.insert(whole_.end(), bytes.begin(), bytes.end());
  }
  return whole_;
}

void IpReassembler::Expire(int64_t time_ns) {
  // A clock that was set back by as much ends them too.
  while (!partials_.empty()) {
    const int64_t first = partials_.front().time_ns;
    const uint64_t age =
        time_ns > first
            ? static_cast<uint64_t>(time_ns) - static_cast<uint64_t>(first)
            : static_cast<uint64_t>(first) - static_cast<uint64_t>(time_ns);
    if (age <= uint64_t{kMaxAgeNs}) return;
    GiveUp(partials_.begin(), Discard::kFragmentTimeout);
  }
}

void IpReassembler::Clear() {
  while (!partials_.empty()) {
    GiveUp(partials_.begin(), Discard::kFragmentTimeout);
  }
}

void IpReassembler::GiveUp(Partials::iterator partial, Discard reason) {
  counters_.Count(reason, partial->fragments);
  Erase(partial);
}

void IpReassembler::Erase(Partials::iterator partial) {
  bytes_ -=
      kPartialCost + partial->received + partial->pieces.size() * kPieceCost;
  by_key_.erase(partial->key);
  partials_.erase(partial);
}

}  // namespace callbraid::sensor
