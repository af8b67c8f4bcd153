#include "common/rpc/first_contact.h"

#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_certificate_verifier.h"
#include "grpcpp/security/tls_credentials_options.h"

namespace callbraid {

namespace tls_api = grpc::experimental;

std::shared_ptr<grpc::ChannelCredentials> UnverifiedCredentials() {
  tls_api::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_certificate_verifier(
      std::make_shared<tls_api::NoOpCertificateVerifier>());
  // The name in a call is checked apart from the certificate.
  options.set_check_call_host(false);
  return tls_api::TlsCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(
    const std::string& authorities_pem) {
  tls_api::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(
      std::make_shared<tls_api::StaticDataCertificateProvider>(
          authorities_pem));
  options.watch_root_certs();
  return tls_api::TlsCredentials(options);
}

}  // namespace callbraid
