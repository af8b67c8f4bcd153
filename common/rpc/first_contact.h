#ifndef CALLBRAID_COMMON_RPC_FIRST_CONTACT_H_
#define CALLBRAID_COMMON_RPC_FIRST_CONTACT_H_

#include <memory>
#include <string>

#include "grpcpp/grpcpp.h"

namespace callbraid {

// TLS with whoever answers: nothing secret may be sent, and nothing believed
// that is not proven otherwise.
std::shared_ptr<grpc::ChannelCredentials> UnverifiedCredentials();

// TLS with who has a certificate of `authorities_pem` for the host dialled.
// This side shows none.
std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(
    const std::string& authorities_pem);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_RPC_FIRST_CONTACT_H_
