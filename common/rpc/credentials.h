#ifndef CALLBRAID_COMMON_RPC_CREDENTIALS_H_
#define CALLBRAID_COMMON_RPC_CREDENTIALS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "grpcpp/grpcpp.h"

namespace callbraid {

// Credentials of the side that listens: TLS 1.3. A client certificate is asked
// for; one that is shown must come from the CA, or there is no connection. Who
// shows none gets as far as the services, which ask who it is. Files are read
// again when they change. With `insecure`, plaintext.
//
// Errors name the flag or file and what to do: INVALID_ARGUMENT (TLS files
// missing in the configuration, or given together with insecure), NOT_FOUND,
// PERMISSION_DENIED (file unreadable), FAILED_PRECONDITION (not PEM, or key and
// certificate do not belong together).
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> ServerCredentials(
    const v1::TlsConfig& tls, bool insecure);

// The same for the side that dials; it checks the server's certificate, and
// that it is for the host dialled (or tls.server_name). With `has_token` there
// need be no certificate of this side.
absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> ClientCredentials(
    const v1::TlsConfig& tls, bool insecure, bool has_token = false);

// A channel with our keep-alive, message size limit and target name check.
std::shared_ptr<grpc::Channel> Dial(
    const std::string& target, const v1::TlsConfig& tls,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials);

// Why a call to `target` failed, in one line with what to do: refused, no
// answer, name unknown, certificate not accepted (by us, by them), TLS against
// plaintext.
std::string ExplainFailure(const grpc::Status& status,
                           const std::string& target);

// What is wrong with the time of our own certificate: it expired, or is not
// valid yet. In TLS 1.3 the other side refuses it when the handshake is over,
// with words that say nothing. Empty if it is valid at `now_ns`, or cannot be
// read.
std::string CertificateFault(const v1::TlsConfig& tls, int64_t now_ns);

// gRPC's status for ours.
grpc::Status ToGrpc(const absl::Status& status);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_RPC_CREDENTIALS_H_
