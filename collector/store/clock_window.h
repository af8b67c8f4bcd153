#ifndef CALLBRAID_COLLECTOR_STORE_CLOCK_WINDOW_H_
#define CALLBRAID_COLLECTOR_STORE_CLOCK_WINDOW_H_

#include <cstdint>
#include <string_view>

#include "callbraid/store/v1/observation.pb.h"
#include "collector/store/observation_id.h"
#include "collector/store/store.h"

// How observations are found by sensor and time, to compare clocks.
//
// The time of each sensor, by its own clock, is cut into windows. Each
// observation of a call is filed under the window in which it began and a level
// that its content draws: half of all have level 0, a quarter level 1, and so
// on. What two sensors both see has the same level at either. So a few
// observations can be had of each window however many there are, and, if there
// are, the same few at all sensors.

namespace callbraid::collector {

inline constexpr int64_t kClockWindowNs = int64_t{600} * 1'000'000'000;
inline constexpr int kClockLevels = 13;

constexpr int64_t ClockWindowOf(int64_t time_ns) {
  return time_ns / kClockWindowNs - (time_ns % kClockWindowNs < 0 ? 1 : 0);
}

Token ClockToken(std::string_view sensor, int64_t window, int level);

// The level of a dialog, or of RTP.
int ClockLevel(const store::v1::Observation& observation);

// That under which a dialog or RTP is filed.
Token ClockToken(const store::v1::Observation& observation);

// Under which correlation keeps what it went by in a window: ClockNote in
// observation.proto.
ObservationId ClockNoteId(std::string_view sensor, int64_t window);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_CLOCK_WINDOW_H_
