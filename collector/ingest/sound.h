#ifndef CALLBRAID_COLLECTOR_INGEST_SOUND_H_
#define CALLBRAID_COLLECTOR_INGEST_SOUND_H_

#include <cstdint>
#include <optional>

#include "callbraid/v1/frame.pb.h"
#include "common/net/endpoint.h"

// What every frame must be to be folded, as frame.proto bounds it.

namespace callbraid::collector {

// Up to 2116: whatever is computed from two times fits into 64 bits.
inline constexpr int64_t kMaxTimeNs = int64_t{1} << 62;

inline bool IsSane(int64_t time_ns) {
  return time_ns >= 0 && time_ns <= kMaxTimeNs;
}

bool IsSound(const v1::LinkInfo& link);

// Nullopt if either end is none.
template <typename Frame>
std::optional<FlowKey> FlowOf(const Frame& frame) {
  const auto source = FromProto(frame.source());
  const auto destination = FromProto(frame.destination());
  if (!source || !destination) return std::nullopt;
  return FlowKey{*source, *destination};
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_SOUND_H_
