#ifndef CALLBRAID_COLLECTOR_CREATE_TOKEN_H_
#define CALLBRAID_COLLECTOR_CREATE_TOKEN_H_

#include "common/base/clock.h"

namespace callbraid::collector {

// `callbraid-collector create-token`: makes an API token in the data folder of
// a collector, running or not, and prints it, once. `argv[0]` is
// "create-token". Returns the exit code.
int CreateToken(int argc, char** argv, const Clock& clock);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CREATE_TOKEN_H_
