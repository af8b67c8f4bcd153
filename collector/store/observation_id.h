#ifndef CALLBRAID_COLLECTOR_STORE_OBSERVATION_ID_H_
#define CALLBRAID_COLLECTOR_STORE_OBSERVATION_ID_H_

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace callbraid::collector {

// The first 16 bytes of the SHA-256 of an identity. Ids of observations, legs,
// streams and calls are of this one kind: content, never order of arrival.
class ObservationId {
 public:
  ObservationId() = default;

  // Hash of `identity`, whose parts the caller has delimited.
  static ObservationId Of(std::string_view identity);
  static std::optional<ObservationId> FromBytes(std::string_view bytes);
  // 32 hexadecimal digits, either case.
  static std::optional<ObservationId> FromHex(std::string_view hex);

  std::string_view bytes() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }
  std::string ToHex() const;

  auto operator<=>(const ObservationId&) const = default;
  template <typename H>
  friend H AbslHashValue(H state, const ObservationId& id) {
    return H::combine(std::move(state), id.bytes_);
  }

 private:
  std::array<uint8_t, 16> bytes_ = {};
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_OBSERVATION_ID_H_
