#include "sensor/spool/checksum.h"

// Inlined: a sensor needs no library for one function.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace callbraid::sensor {

uint64_t Checksum(std::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace callbraid::sensor
