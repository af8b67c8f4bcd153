#include "collector/access/peer.h"

#include <map>
#include <utility>

#include "collector/access/token_secret.h"
#include "common/net/endpoint.h"
#include "openssl/crypto.h"

namespace callbraid::collector {
namespace {

// gRPC has no name for a peer in this process, so it must show that it is one.
bool IsOurs(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  const auto shown = metadata.find(kClientSecret);
  return shown != metadata.end() &&
         shown->second.size() == ClientSecret().size() &&
         CRYPTO_memcmp(shown->second.data(), ClientSecret().data(),
                       ClientSecret().size()) == 0;
}

}  // namespace

const std::string& ClientSecret() {
  static const std::string& secret = *new std::string(NewTokenSecret());
  return secret;
}

Peer PeerOf(const grpc::CallbackServerContext& context) {
  Peer peer;
  peer.address = AddressOfPeer(context.peer());
  const auto& metadata = context.client_metadata();
  if (const auto client = metadata.find(kClientAddress);
      client != metadata.end() && IsOurs(metadata)) {
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
