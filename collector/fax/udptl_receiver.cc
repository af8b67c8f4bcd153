#include "collector/fax/udptl_receiver.h"

#include <algorithm>
#include <utility>

#include "common/rtp/sequence.h"
#include "common/t38/ifp_packet.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kWaiting = 16;
constexpr int64_t kWaitNs = 2'000'000'000;
// Handed on, and still needed for parities.
constexpr int64_t kRemembered = 64;
constexpr size_t kMaxParities = 64;
// Further away than this the source began to count anew.
constexpr int64_t kMaxJump = 1000;

std::string ToString(std::span<const uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

std::span<const uint8_t> ToBytes(const std::string& text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

void UdptlReceiver::Take(int64_t time_ns, uint16_t sequence,
                         std::span<const uint8_t> rest) {
  const auto packet = ParseUdptl(sequence, rest);
  if (!packet) {
    ++tally_.malformed;
    return;
  }
  int64_t number = begun_ ? Unwrap(sequence, highest_) : int64_t{sequence};
  if (begun_ && (number > highest_ + kMaxJump || number < next_ - kMaxJump)) {
    Finish();
    known_.clear();
    parities_.clear();
    begun_ = false;
    number = sequence;
  }
  if (!begun_) Begin(number, *packet);
  if (number < next_) return;
  highest_ = std::max(highest_, number);
  Known& known = known_[number];
  // It may have been told before it came.
  if (known.ifp.empty() || known.source != Source::kPrimary) {
    ++tally_.packets;
    known = {time_ns, Source::kPrimary, ToString(packet->primary)};
  }
  if (packet->recovery_kind == UdptlPacket::Recovery::kRedundancy) {
    TakeRedundancy(time_ns, number, *packet);
  } else {
    TakeParity(time_ns, number, *packet);
  }
  Deliver();
  while (IsWaiting(time_ns)) PassOver();
}

// What came before the first packet may be told by it.
void UdptlReceiver::Begin(int64_t number, const UdptlPacket& packet) {
  begun_ = true;
  highest_ = number;
  next_ = number;
  if (packet.recovery_kind != UdptlPacket::Recovery::kRedundancy) return;
  next_ = std::max<int64_t>(0, number - packet.recovery_count);
}

void UdptlReceiver::TakeRedundancy(int64_t time_ns, int64_t number,
                                   const UdptlPacket& packet) {
  for (size_t i = 0; i < packet.recovery_count; ++i) {
    const int64_t earlier = number - 1 - static_cast<int64_t>(i);
    if (earlier < next_ || known_.contains(earlier) ||
        !ParseIfp(packet.recovery[i])) {
      continue;
    }
    known_[earlier] = {time_ns, Source::kRedundancy,
                       ToString(packet.recovery[i])};
  }
}

void UdptlReceiver::TakeParity(int64_t time_ns, int64_t number,
                               const UdptlPacket& packet) {
  const int64_t reach = int64_t{packet.parity_span} * packet.recovery_count;
  if (reach == 0 || reach > kRemembered) return;
  Parity& parity = parities_.emplace_back();
  parity = {number, time_ns, packet.parity_span, {}};
  for (size_t i = 0; i < packet.recovery_count; ++i) {
    parity.entries.push_back(ToString(packet.recovery[i]));
  }
  if (parities_.size() > kMaxParities) parities_.pop_front();
  // One packet that is known again may tell another.
  for (bool any = !known_.contains(next_); any;) {
    any = false;
    for (const Parity& kept : parities_) {
      for (size_t i = 0; i < kept.entries.size(); ++i) any |= Recover(kept, i);
    }
  }
}

// If all packets of the group but one are known.
bool UdptlReceiver::Recover(const Parity& parity, size_t entry) {
  const auto entries = static_cast<int64_t>(parity.entries.size());
  std::optional<int64_t> missing;
  std::string bytes = parity.entries[entry];
  for (int64_t k = 1; k <= parity.span; ++k) {
    const int64_t number =
        parity.number + static_cast<int64_t>(entry) - k * entries;
    const auto known = known_.find(number);
    if (known == known_.end()) {
      if (missing || number < next_) return false;
      missing = number;
      continue;
    }
    const std::string& ifp = known->second.ifp;
    for (size_t i = 0; i < std::min(bytes.size(), ifp.size()); ++i) {
      bytes[i] = static_cast<char>(bytes[i] ^ ifp[i]);
    }
  }
  if (!missing) return false;
  // Parities are as long as the longest of their packets.
  const auto ifp = ParseIfp(ToBytes(bytes), /*to_the_end=*/false);
  if (!ifp) return false;
  bytes.resize(ifp->size);
  known_[*missing] = {parity.time_ns, Source::kParity, std::move(bytes)};
  return true;
}

bool UdptlReceiver::IsWaiting(int64_t time_ns) const {
  const auto first = known_.lower_bound(next_);
  if (first == known_.end()) return false;
  return highest_ - next_ >= kWaiting ||
         time_ns - first->second.time_ns > kWaitNs;
}

// The next packet is lost.
void UdptlReceiver::PassOver() {
  ++tally_.missing;
  ++next_;
  follows_loss_ = true;
  Deliver();
}

void UdptlReceiver::Deliver() {
  for (auto known = known_.find(next_); known != known_.end();
       known = known_.find(next_)) {
    Hand(known->second);
    ++next_;
  }
  known_.erase(known_.begin(), known_.lower_bound(next_ - kRemembered));
}

void UdptlReceiver::Hand(const Known& known) {
  if (known.source != Source::kPrimary) ++tally_.missing;
  if (known.source == Source::kRedundancy) ++tally_.recovered_by_redundancy;
  if (known.source == Source::kParity) ++tally_.recovered_by_parity;
  ready_.push_back(
      {known.time_ns, std::exchange(follows_loss_, false), known.ifp});
}

void UdptlReceiver::Finish() {
  while (known_.lower_bound(next_) != known_.end()) PassOver();
}

std::optional<ReceivedIfp> UdptlReceiver::Next() {
  if (ready_.empty()) return std::nullopt;
  ReceivedIfp next = std::move(ready_.front());
  ready_.pop_front();
  return next;
}

}  // namespace callbraid::collector
