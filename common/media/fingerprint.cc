#include "common/media/fingerprint.h"

#include <bitset>

#include "xxhash.h"

namespace callbraid {
namespace {

constexpr size_t kMinBytes = 10;
constexpr size_t kMinValues = 8;

}  // namespace

uint64_t PayloadHash(std::span<const uint8_t> payload) {
  return XXH3_64bits(payload.data(), payload.size());
}

bool IsDistinctive(std::span<const uint8_t> payload) {
  if (payload.size() < kMinBytes) return false;
  std::bitset<256> seen;
  size_t values = 0;
  for (const uint8_t byte : payload) {
    if (seen[byte]) continue;
    seen[byte] = true;
    if (++values == kMinValues) return true;
  }
  return false;
}

}  // namespace callbraid
