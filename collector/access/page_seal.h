#ifndef CALLBRAID_COLLECTOR_ACCESS_PAGE_SEAL_H_
#define CALLBRAID_COLLECTOR_ACCESS_PAGE_SEAL_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace callbraid::collector {

// Makes page tokens that tell nothing and cannot be changed: where a listing is
// may be at a call that its reader must not know of. AES-256-GCM under a key
// of this process; tokens end with it. Immutable, so thread-safe.
class PageSeal {
 public:
  PageSeal();

  // "" stays "". `purpose` must be the same when it is opened.
  std::string Seal(const std::string& token, const std::string& purpose) const;
  // INVALID_ARGUMENT unless it comes from Seal(), unchanged.
  absl::StatusOr<std::string> Open(const std::string& sealed,
                                   const std::string& purpose) const;

 private:
  std::array<uint8_t, 32> key_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_PAGE_SEAL_H_
