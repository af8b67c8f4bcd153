#ifndef CALLBRAID_COLLECTOR_ACCESS_PEER_H_
#define CALLBRAID_COLLECTOR_ACCESS_PEER_H_

#include <string>
#include <vector>

#include "collector/access/certificate.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::collector {

// What a request shows of who sends it.
struct Peer {
  // Without port; what gRPC says where it is no IP address.
  std::string address;
  Certificate certificate;
  // Of the certificate; TLS looks only when the connection is made.
  pki::Validity validity;
  // Every value of the metadata "authorization".
  std::vector<std::string> authorization;
};

// Metadata by which the collector's own web server says for whom it asks: the
// address, and a secret of this process, without which that is not believed.
inline constexpr char kClientAddress[] = "callbraid-client-address";
inline constexpr char kClientSecret[] = "callbraid-client-secret";
const std::string& ClientSecret();

Peer PeerOf(const grpc::CallbackServerContext& context);

// Of gRPC's "ipv4:10.0.0.1:4700", "ipv6:%5B2001:db8::1%5D:4700":
// "10.0.0.1:4700", "[2001:db8::1]:4700".
std::string EndpointOfPeer(const std::string& peer);
// Without port and brackets.
std::string AddressOfPeer(const std::string& peer);

// What attempts are counted by: the address, of IPv6 the network of 64 bits,
// for one machine has all of that.
std::string LimitKey(const std::string& address);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_PEER_H_
