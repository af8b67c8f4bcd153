#ifndef CALLBRAID_SENSOR_ENROLL_COMMAND_H_
#define CALLBRAID_SENSOR_ENROLL_COMMAND_H_

#include "common/base/clock.h"

namespace callbraid::sensor {

// `callbraid-sensor enroll`: gets this sensor's certificate for a token, and
// writes what uplink.tls needs. `argv[0]` is the word "enroll". Returns the
// exit code: 0 done, 1 failed, 2 wrong usage.
int EnrollCommand(int argc, char** argv, const Clock& clock);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_ENROLL_COMMAND_H_
