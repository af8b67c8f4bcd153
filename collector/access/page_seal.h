#ifndef CALLBRAID_COLLECTOR_ACCESS_PAGE_SEAL_H_
#define CALLBRAID_COLLECTOR_ACCESS_PAGE_SEAL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace callbraid::collector {

// Makes tokens that tell nothing and cannot be changed: where a listing is may
// be at a call that its reader must not know of. AES-256-GCM. Immutable, so
// thread-safe.
class PageSeal {
 public:
  static constexpr size_t kKeyBytes = 32;

  // Under a key of this process: tokens end with it.
  PageSeal();
  // Under a key that is kept. Another size than kKeyBytes is none: as above.
  explicit PageSeal(const std::string& key);
  // A secret.
  std::string key() const { return {key_.begin(), key_.end()}; }

  // "" stays "". `purpose` must be the same when it is opened.
  std::string Seal(const std::string& token, const std::string& purpose) const;
  // INVALID_ARGUMENT unless it comes from Seal(), unchanged.
  absl::StatusOr<std::string> Open(const std::string& sealed,
                                   const std::string& purpose) const;

 private:
  std::array<uint8_t, kKeyBytes> key_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_PAGE_SEAL_H_
