#include "collector/access/peer.h"

#include "common/net/endpoint.h"

namespace callbraid::collector {

Peer PeerOf(const grpc::CallbackServerContext& context) {
  Peer peer;
  peer.address = AddressOfPeer(context.peer());
  if (const auto authenticated = context.auth_context()) {
    peer.certificate = CertificateOf(*authenticated);
    if (!peer.certificate.none()) peer.validity = ValidityOf(*authenticated);
  }
  const auto [begin, end] =
      context.client_metadata().equal_range("authorization");
  for (auto value = begin; value != end; ++value) {
    peer.authorization.emplace_back(value->second.data(), value->second.size());
  }
  return peer;
}

std::string AddressOfPeer(const std::string& peer) {
  std::string address = peer;
  for (const char* family : {"ipv4:", "ipv6:"}) {
    if (address.rfind(family, 0) == 0) {
      address.erase(0, 5);
      const size_t colon = address.rfind(':');
      if (colon != std::string::npos) address.resize(colon);
    }
  }
  for (const char* bracket : {"%5B", "%5D", "[", "]"}) {
    const size_t at = address.find(bracket);
    if (at != std::string::npos) {
      address.erase(at, bracket[0] == '%' ? 3 : 1);
    }
  }
  return address;
}

std::string LimitKey(const std::string& address) {
  const auto parsed = IpAddress::Parse(address);
  if (!parsed || parsed->is_v4()) return address;
  const auto bytes = parsed->bytes().first(8);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace callbraid::collector
