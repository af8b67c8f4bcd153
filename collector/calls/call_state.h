#ifndef CALLBRAID_COLLECTOR_CALLS_CALL_STATE_H_
#define CALLBRAID_COLLECTOR_CALLS_CALL_STATE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "collector/calls/call_legs.h"
#include "collector/calls/call_streams.h"
#include "collector/calls/component.h"
#include "collector/clocks/uplink_clocks.h"
#include "collector/evidence/evidence_policy.h"

namespace callbraid::collector {

// How far the capture points have come: what has not been seen by then will not
// be.
class Watermarks {
 public:
  struct Mark {
    // Everything captured before this has been handed on.
    int64_t time_ns = 0;
    // Nothing follows.
    bool final = false;
    // The sensor is away, and was for long.
    bool lost = false;
    // For so long that it is not waited for any more.
    bool gone = false;
  };

  Watermarks() = default;
  // `wall_ns`: now, to tell how long a sensor has been away.
  Watermarks(const std::vector<v1::Sensor>& sensors, int64_t wall_ns,
             const EvidencePolicy& policy);

  Mark Of(const std::string& sensor, const std::string& capture_point) const;

  // How the sensors' clocks compare by their round trips.
  const UplinkClocks& uplinks() const { return uplinks_; }

 private:
  std::map<std::pair<std::string, std::string>, Mark> marks_;
  UplinkClocks uplinks_;
};

// What a capture point may still have to say of a call.
enum class Outlook {
  kOpen,
  // All of its streams have ended, by themselves.
  kDone,
  // Its sensor is away.
  kLost,
  // Its capture ended.
  kEnded,
  // It went on for the time of silence.
  kSilent,
};

// One capture point of a call. Kept with the call, so that a new watermark can
// be told to matter without looking at the observations again.
struct WatchPoint {
  std::string sensor;
  std::string capture_point;
  int64_t last_ns = 0;
  bool final = false;
  // It keeps payload that is missed (withheld.h).
  bool owes = false;

  Outlook OutlookAt(const Watermarks::Mark& mark,
                    const EvidencePolicy& policy) const;
  // Late packets of a call that is over are no longer expected.
  bool PassedAt(const Watermarks::Mark& mark,
                const EvidencePolicy& policy) const;
  // And neither is what it owes: it was delivered, or given up.
  bool IsDoneAt(const Watermarks::Mark& mark,
                const EvidencePolicy& policy) const;
};

// By sensor and capture point.
std::vector<WatchPoint> WatchPointsOf(const Component& component);

// All that is to be known of `points`: when it changes, so may the call.
std::string PhaseOf(const std::vector<WatchPoint>& points,
                    const Watermarks& watermarks, const EvidencePolicy& policy);

// Where a call stands. Times are aligned; 0: not (yet).
struct CallStanding {
  v1::CallState state = v1::CALL_STATE_UNSPECIFIED;
  v1::EndReason end_reason = v1::END_REASON_UNSPECIFIED;
  int64_t start_ns = 0;
  // The first 18x that anyone got; where there was none, the answer. 0 as well
  // where no INVITE was seen: how long it took to ring is not known then.
  int64_t ringing_ns = 0;
  int64_t answer_ns = 0;
  int64_t end_ns = 0;
  uint32_t final_status = 0;
  bool over = false;
  // Over, and no capture point will say more.
  bool settled = false;
  // Last sign of life.
  int64_t last_ns = 0;
};

CallStanding StandingOf(const std::vector<CallLeg>& legs,
                        const std::vector<CallStream>& streams,
                        const std::vector<WatchPoint>& points,
                        const Component& component, const SensorClocks& clocks,
                        const Watermarks& watermarks,
                        const EvidencePolicy& policy);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_CALL_STATE_H_
