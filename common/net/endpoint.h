#ifndef CALLBRAID_COMMON_NET_ENDPOINT_H_
#define CALLBRAID_COMMON_NET_ENDPOINT_H_

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace callbraid {

namespace v1 {
class Endpoint;
}

// An IPv4 or IPv6 address. A value; IPv4 is held as ::ffff:a.b.c.d, so a mapped
// address and its IPv4 form are the same.
class IpAddress {
 public:
  // The unspecified IPv4 address, 0.0.0.0.
  IpAddress() { bytes_[10] = bytes_[11] = 0xff; }

  // Nullopt unless `bytes` has 4 or 16 bytes.
  static std::optional<IpAddress> FromBytes(std::span<const uint8_t> bytes);
  // "10.0.0.1", "2001:db8::1", "[2001:db8::1]". No names.
  static std::optional<IpAddress> Parse(std::string_view text);

  bool is_v4() const;
  // 0.0.0.0 or ::.
  bool is_unspecified() const;
  bool is_multicast() const;
  // Means something in one site only: private, shared, link-local, loopback
  // (RFC 1918, 6598, 3927, 4193, 4291).
  bool is_private() const;
  // 4 bytes for IPv4, else 16.
  std::span<const uint8_t> bytes() const;
  // Always 16 bytes.
  const std::array<uint8_t, 16>& mapped() const { return bytes_; }
  std::string ToString() const;

  auto operator<=>(const IpAddress&) const = default;

  template <typename H>
  friend H AbslHashValue(H state, const IpAddress& address) {
    return H::combine(std::move(state), address.bytes_);
  }

 private:
  std::array<uint8_t, 16> bytes_ = {};
};

struct Endpoint {
  IpAddress address;
  uint16_t port = 0;

  auto operator<=>(const Endpoint&) const = default;

  // "10.0.0.1:5060", "[2001:db8::1]:5060".
  std::string ToString() const;

  template <typename H>
  friend H AbslHashValue(H state, const Endpoint& endpoint) {
    return H::combine(std::move(state), endpoint.address, endpoint.port);
  }
};

// One direction of a transport flow.
struct FlowKey {
  Endpoint source;
  Endpoint destination;

  FlowKey Reversed() const { return {destination, source}; }
  auto operator<=>(const FlowKey&) const = default;

  template <typename H>
  friend H AbslHashValue(H state, const FlowKey& key) {
    return H::combine(std::move(state), key.source, key.destination);
  }
};

// Proto form. FromProto() returns nullopt if a field is out of its range.
v1::Endpoint ToProto(const Endpoint& endpoint);
std::optional<Endpoint> FromProto(const v1::Endpoint& endpoint);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_NET_ENDPOINT_H_
