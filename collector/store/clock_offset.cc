#include "collector/store/clock_offset.h"

#include <algorithm>
#include <cmath>

namespace callbraid::collector {
namespace {

constexpr int64_t kMaxOffsetNs = int64_t{1} << 61;
// Beyond some hours the drift is another one.
constexpr double kLongestNs = 6 * 3600e9;

// Null if there is none.
const store::v1::SensorOffset* PieceOf(const store::v1::CallRecord& record,
                                       std::string_view sensor,
                                       int64_t time_ns) {
  const store::v1::SensorOffset* found = nullptr;
  for (const store::v1::SensorOffset& offset : record.offsets()) {
    if (offset.sensor() != sensor) continue;
    if (found != nullptr && offset.from_ns() > time_ns) break;
    found = &offset;
  }
  return found;
}

}  // namespace

int64_t OffsetAt(const store::v1::CallRecord& record, std::string_view sensor,
                 int64_t time_ns) {
  const store::v1::SensorOffset* const piece = PieceOf(record, sensor, time_ns);
  if (piece == nullptr || piece->offset_ns() > kMaxOffsetNs ||
      piece->offset_ns() < -kMaxOffsetNs) {
    return 0;
  }
  if (piece->drift_ppb() == 0) return piece->offset_ns();
  // In floating point: what is stored may be anything.
  const double away_ns = std::clamp(
      static_cast<double>(time_ns) - static_cast<double>(piece->reference_ns()),
      -kLongestNs, kLongestNs);
  return piece->offset_ns() + std::llround(away_ns * piece->drift_ppb() * 1e-9);
}

int64_t OffsetUncertaintyAt(const store::v1::CallRecord& record,
                            std::string_view sensor, int64_t time_ns) {
  const store::v1::SensorOffset* const piece = PieceOf(record, sensor, time_ns);
  if (piece == nullptr) return 0;
  return static_cast<int64_t>(std::min<uint64_t>(
      piece->uncertainty_ns(), static_cast<uint64_t>(kMaxOffsetNs)));
}

}  // namespace callbraid::collector
