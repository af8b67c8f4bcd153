#ifndef CALLBRAID_SENSOR_SENSOR_CONFIG_H_
#define CALLBRAID_SENSOR_SENSOR_CONFIG_H_

#include <string>

#include "absl/status/status.h"
#include "callbraid/v1/config.pb.h"

namespace callbraid::sensor {

// Sets what is not set and has a default that is not for one stage alone: site,
// compression, spool sizes and times.
void SetDefaults(v1::SensorConfig& config);

// INVALID_ARGUMENT with what is wrong and what to do, by the names of the flag
// and of the field.
absl::Status Validate(const v1::SensorConfig& config);

// As v1::CapturePoint.name of a file.
std::string FileName(const std::string& path);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SENSOR_CONFIG_H_
