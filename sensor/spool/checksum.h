#ifndef CALLBRAID_SENSOR_SPOOL_CHECKSUM_H_
#define CALLBRAID_SENSOR_SPOOL_CHECKSUM_H_

#include <cstdint>
#include <string_view>

namespace callbraid::sensor {

// XXH3-64: ten times as fast as a CRC in software.
uint64_t Checksum(std::string_view bytes, uint64_t seed = 0);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_CHECKSUM_H_
