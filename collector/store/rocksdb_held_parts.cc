#include "collector/store/rocksdb_held_parts.h"

#include <algorithm>
#include <utility>

#include "collector/store/rocksdb_batch.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kReadEveryNs = 60'000'000'000;

// `ranges` but for the buckets from `first` to `last`.
std::vector<uint32_t> Without(uint32_t first, uint32_t last,
                              const std::vector<uint32_t>& ranges) {
  std::vector<uint32_t> rest;
  for (size_t i = 0; i + 1 < ranges.size(); i += 2) {
    if (ranges[i] < first) {
      rest.insert(rest.end(), {ranges[i], std::min(ranges[i + 1], first - 1)});
    }
    if (ranges[i + 1] > last) {
      rest.insert(rest.end(), {std::max(ranges[i], last + 1), ranges[i + 1]});
    }
  }
  return rest;
}

}  // namespace

absl::Status RocksDbHeldParts::Update(int64_t now_ns) {
  if (IsCurrent() && now_ns >= read_ns_ && now_ns < read_ns_ + kReadEveryNs) {
    return absl::OkStatus();
  }
  read_ns_ = std::numeric_limits<int64_t>::min();
  {
    // Behind whatever is being written: a hold counts before it can be read.
    const RocksDbBatch batch(engine_);
    RETURN_IF_ERROR(batch.status());
    changes_ = holds_.changes();
  }
  receptions_.clear();
  rtcp_.clear();
  ASSIGN_OR_RETURN(const std::vector<ObservationId> held, holds_.List());
  for (const ObservationId& call : held) RETURN_IF_ERROR(Add(call));
  read_ns_ = now_ns;
  return absl::OkStatus();
}

absl::Status RocksDbHeldParts::Add(const ObservationId& call) {
  const auto record = facts_.GetCall(call.ToHex(), Scope::All());
  if (absl::IsNotFound(record.status()) || absl::IsDataLoss(record.status())) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(record.status());
  ASSIGN_OR_RETURN(const std::vector<CallPart> parts, parts_.Of(*record));
  for (const CallPart& part : parts) {
    if (part.observation.has_reception()) receptions_.insert(part.id);
    for (const FiledFrames& filed : part.Media()) {
      if (filed.id == part.id) continue;
      std::vector<uint32_t>& ranges = rtcp_[filed.id];
      ranges.insert(ranges.end(), filed.buckets.begin(), filed.buckets.end());
    }
  }
  return absl::OkStatus();
}

std::vector<uint32_t> RocksDbHeldParts::Rest(const FiledFrames& filed) const {
  std::vector<uint32_t> rest = filed.buckets;
  const auto held = rtcp_.find(filed.id);
  if (held == rtcp_.end()) return rest;
  const std::vector<uint32_t>& ranges = held->second;
  for (size_t i = 0; i + 1 < ranges.size(); i += 2) {
    rest = Without(ranges[i], ranges[i + 1], rest);
  }
  return rest;
}

}  // namespace callbraid::collector
