#include "collector/access/peer.h"

#include <utility>

#include "common/net/endpoint.h"

namespace callbraid::collector {
namespace {

// gRPC's name of a peer in this process, and of nobody who came by a socket.
constexpr char kInProcess[] = "inproc";

}  // namespace

Peer PeerOf(const grpc::CallbackServerContext& context) {
  Peer peer;
  peer.address = AddressOfPeer(context.peer());
  const auto& metadata = context.client_metadata();
  if (const auto client = metadata.find(kClientAddress);
      peer.address == kInProcess && client != metadata.end()) {
    peer.address.assign(client->second.data(), client->second.size());
  }
  if (const auto authenticated = context.auth_context()) {
    peer.certificate = CertificateOf(*authenticated);
    if (!peer.certificate.none()) peer.validity = ValidityOf(*authenticated);
  }
  const auto [begin, end] = metadata.equal_range("authorization");
  for (auto value = begin; value != end; ++value) {
    peer.authorization.emplace_back(value->second.data(), value->second.size());
  }
  return peer;
}

std::string EndpointOfPeer(const std::string& peer) {
  std::string endpoint = peer;
  for (const char* family : {"ipv4:", "ipv6:"}) {
    if (endpoint.rfind(family, 0) == 0) endpoint.erase(0, 5);
  }
  for (const auto& [code, character] :
       {std::pair("%5B", "["), std::pair("%5D", "]")}) {
    const size_t at = endpoint.find(code);
    if (at != std::string::npos) endpoint.replace(at, 3, character);
  }
  return endpoint;
}

std::string AddressOfPeer(const std::string& peer) {
  std::string address = EndpointOfPeer(peer);
  // What is no IP address has no port.
  if (address == peer) return address;
  const size_t colon = address.rfind(':');
  if (colon != std::string::npos) address.resize(colon);
  if (address.size() >= 2 && address.front() == '[') {
    address = address.substr(1, address.size() - 2);
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
