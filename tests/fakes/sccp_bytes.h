#ifndef CALLBRAID_TESTS_FAKES_SCCP_BYTES_H_
#define CALLBRAID_TESTS_FAKES_SCCP_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/sccp/sccp_message.h"

namespace callbraid::fakes {

// Builds messages of SCCP field by field.
class SccpBytes {
 public:
  SccpBytes& U32(uint32_t value) {
    for (int i = 0; i < 4; ++i) {
      bytes_.push_back(static_cast<char>(value >> (8 * i) & 0xff));
    }
    return *this;
  }
  SccpBytes& Raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  SccpBytes& Zeros(size_t count) { return Raw(std::string(count, '\0')); }
  SccpBytes& Text(std::string_view text, size_t size) {
    return Raw(text).Zeros(size - text.size());
  }
  std::string Message(SccpId id, uint32_t version = 20) const {
    return SccpBytes()
               .U32(static_cast<uint32_t>(4 + bytes_.size()))
               .U32(version)
               .U32(static_cast<uint32_t>(id))
               .bytes_ +
           bytes_;
  }

 private:
  std::string bytes_;
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_SCCP_BYTES_H_
