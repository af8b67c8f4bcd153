#include "sensor/decap/tunnel_sequences.h"

#include <bit>

namespace callbraid::sensor {

void TunnelSequences::OnPacket(const IpAddress& source,
                               const IpAddress& destination, uint32_t id,
                               uint32_t sequence) {
  const Key key = {source, destination, id};
  auto found = numberings_.find(key);
  if (found == numberings_.end()) {
    // So many are no tunnels that somebody set up: what is real begins anew.
    if (numberings_.size() == kMaxTunnels) numberings_.clear();
    numberings_[key] = {.highest = sequence, .anew = sequence + 1};
    return;
  }
  Numbering& numbering = found->second;
  const auto ahead = static_cast<int32_t>(sequence - numbering.highest);
  if (ahead > 0 && ahead <= kMaxGap) return Advance(numbering, ahead);
  if (ahead <= 0 && ahead > -kWindow) {
    numbering.come |= uint64_t{1} << -ahead;
    return;
  }
  if (sequence == numbering.anew) {
    numbering = {.highest = sequence};
  }
  numbering.anew = sequence + 1;
}

void TunnelSequences::Advance(Numbering& numbering, int32_t ahead) {
  const auto missing_in = [](uint64_t come, int bits) {
    return static_cast<uint64_t>(bits - std::popcount(come));
  };
  if (ahead < kWindow) {
    missing_ += missing_in(numbering.come >> (kWindow - ahead), ahead);
    numbering.come = numbering.come << ahead | 1;
  } else {
    missing_ += missing_in(numbering.come, kWindow) +
                static_cast<uint64_t>(ahead - kWindow);
    numbering.come = 1;
  }
  numbering.highest += static_cast<uint32_t>(ahead);
}

void TunnelSequences::Finish() {
  for (const auto& [key, numbering] : numberings_) {
    missing_ += static_cast<uint64_t>(kWindow - std::popcount(numbering.come));
  }
  numberings_.clear();
}

}  // namespace callbraid::sensor
