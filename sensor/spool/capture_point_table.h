#ifndef CALLBRAID_SENSOR_SPOOL_CAPTURE_POINT_TABLE_H_
#define CALLBRAID_SENSOR_SPOOL_CAPTURE_POINT_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/uplink.pb.h"

namespace callbraid::sensor {

// A frame names its capture point by an index into the hello, and may wait in
// the spool while the sensor is started anew with other interfaces or files. So
// an index keeps its meaning for as long as frames are in the spool: the table
// is the file "capture_points" in the spool's folder, a serialized v1::Hello of
// which sensor_id and capture_points are set.
//
// Returns the capture points for the hello: `wanted`, after those that
// `spool_is_empty` does not allow to forget. Errors: FAILED_PRECONDITION (the
// spool holds frames of another sensor id, or too many capture points), and
// whatever the disk answers. The caller holds the lock of the spool.
absl::StatusOr<std::vector<v1::CapturePoint>> AgreeOnCapturePoints(
    const std::string& dir, const std::string& sensor_id,
    const std::vector<v1::CapturePoint>& wanted, bool spool_is_empty);

// Position of `point` in `table`; it must be there.
uint32_t CapturePointIndex(const std::vector<v1::CapturePoint>& table,
                           const v1::CapturePoint& point);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_CAPTURE_POINT_TABLE_H_
