#include "common/net/endpoint.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "callbraid/v1/frame.pb.h"

namespace callbraid {
namespace {

constexpr std::array<uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0,    0,
                                                   0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> IpAddress::FromBytes(std::span<const uint8_t> bytes) {
  IpAddress address;
  if (bytes.size() == 4) {
    std::copy(bytes.begin(), bytes.end(), address.bytes_.begin() + 12);
  } else if (bytes.size() == 16) {
    std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  } else {
    return std::nullopt;
  }
  return address;
}

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    text = text.substr(1, text.size() - 2);
  }
  // inet_pton wants a terminated string, and no address is longer.
  char terminated[INET6_ADDRSTRLEN];
  if (text.size() >= sizeof(terminated)) return std::nullopt;
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';

  std::array<uint8_t, 16> bytes;
  if (inet_pton(AF_INET, terminated, bytes.data()) == 1) {
    return FromBytes(std::span(bytes).first(4));
  }
  if (inet_pton(AF_INET6, terminated, bytes.data()) == 1) {
    return FromBytes(bytes);
  }
  return std::nullopt;
}

bool IpAddress::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes_.begin());
}

bool IpAddress::is_unspecified() const {
  const auto significant = bytes();
  return std::all_of(significant.begin(), significant.end(),
                     [](uint8_t byte) { return byte == 0; });
}

bool IpAddress::is_multicast() const {
  return is_v4() ? (bytes_[12] & 0xf0) == 0xe0 : bytes_[0] == 0xff;
}

bool IpAddress::is_private() const {
  if (!is_v4()) {
    const bool loopback = std::all_of(bytes_.begin(), bytes_.end() - 1,
                                      [](uint8_t byte) { return byte == 0; }) &&
                          bytes_[15] == 1;
    const bool link_local = bytes_[0] == 0xfe && (bytes_[1] & 0xc0) == 0x80;
    return loopback || link_local || (bytes_[0] & 0xfe) == 0xfc;
  }
  const uint8_t a = bytes_[12];
  const uint8_t b = bytes_[13];
  return a == 10 || a == 127 || (a == 172 && (b & 0xf0) == 16) ||
         (a == 192 && b == 168) || (a == 169 && b == 254) ||
         (a == 100 && (b & 0xc0) == 64);
}

std::span<const uint8_t> IpAddress::bytes() const {
  return is_v4() ? std::span<const uint8_t>(bytes_).subspan(12)
                 : std::span<const uint8_t>(bytes_);
}

std::string IpAddress::ToString() const {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes().data(), text, sizeof(text));
  return text;
}

std::string Endpoint::ToString() const {
  const std::string host = address.ToString();
  return (address.is_v4() ? host : '[' + host + ']') + ':' +
         std::to_string(port);
}

v1::Endpoint ToProto(const Endpoint& endpoint) {
  v1::Endpoint proto;
  const auto bytes = endpoint.address.bytes();
  proto.set_address(bytes.data(), bytes.size());
  proto.set_port(endpoint.port);
  return proto;
}

std::optional<Endpoint> FromProto(const v1::Endpoint& endpoint) {
  const std::string& bytes = endpoint.address();
  const auto address = IpAddress::FromBytes(
      {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  if (!address || endpoint.port() > 0xffff) return std::nullopt;
  return Endpoint{*address, static_cast<uint16_t>(endpoint.port())};
}

}  // namespace callbraid
