#include "sensor/uplink/enrolment.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "callbraid/v1/config.pb.h"
#include "callbraid/v1/enrolment.grpc.pb.h"
#include "common/base/status_macros.h"
#include "common/pki/certificate.h"
#include "common/pki/request.h"
#include "common/rpc/credentials.h"
#include "common/rpc/first_contact.h"
#include "grpcpp/grpcpp.h"
#include "sensor/spool/file.h"

namespace callbraid::sensor {
namespace {

constexpr absl::Duration kRequestLimit = absl::Seconds(20);

// One attempt at a call, over a connection of its own.
template <typename Request, typename Response>
absl::StatusOr<Response> Ask(
    const std::string& target, const std::string& server_name,
    const std::shared_ptr<grpc::ChannelCredentials>& credentials,
    grpc::Status (v1::EnrolmentService::Stub::*method)(grpc::ClientContext*,
                                                       const Request&,
                                                       Response*),
    const Request& request, const Clock& clock) {
  v1::TlsConfig tls;
  tls.set_server_name(server_name);
  const auto stub =
      v1::EnrolmentService::NewStub(Dial(target, tls, credentials));
  grpc::ClientContext context;
  context.set_deadline(
      absl::ToChronoTime(absl::FromUnixNanos(clock.WallNs()) + kRequestLimit));
  Response response;
  const grpc::Status status = ((*stub).*method)(&context, request, &response);
  if (status.ok()) return response;
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
    return absl::Status(
        code, absl::StrCat("the collector ", target,
                           " knows no enrolment; is it older than this "
                           "program?"));
  }
  return absl::Status(code, ExplainFailure(status, target));
}

// Those of `authorities_pem` whose key the token names.
absl::StatusOr<std::string> Believed(const std::string& authorities_pem,
                                     const pki::EnrolmentToken& token) {
  ASSIGN_OR_RETURN(const std::vector<pki::X509Ptr> authorities,
                   pki::ParseCertificates(authorities_pem));
  std::string believed;
  for (const pki::X509Ptr& authority : authorities) {
    if (pki::KeyHash(*authority) == token.authority) {
      believed += pki::ToPem(*authority);
    }
  }
  if (!believed.empty()) return believed;
  return absl::PermissionDeniedError(
      "this is not the collector that made the token: none of its authorities "
      "has the key that the token names; nothing was told to it");
}

}  // namespace

absl::StatusOr<Enrolled> Enrol(const std::string& target,
                               const std::string& server_name,
                               const pki::EnrolmentToken& token,
                               const Clock& clock) {
  ASSIGN_OR_RETURN(const v1::GetAuthoritiesResponse authorities,
                   Ask(target, server_name, UnverifiedCredentials(),
                       &v1::EnrolmentService::Stub::GetAuthorities,
                       v1::GetAuthoritiesRequest(), clock));
  ASSIGN_OR_RETURN(const std::string believed,
                   Believed(authorities.authorities_pem(), token));
  Enrolled enrolled;
  ASSIGN_OR_RETURN(enrolled.key, pki::NewKey());
  v1::EnrollRequest request;
  request.set_secret(token.secret);
  ASSIGN_OR_RETURN(*request.mutable_request_pem(),
                   pki::MakeRequest(enrolled.key, token.sensor_id));
  ASSIGN_OR_RETURN(v1::EnrollResponse response,
                   Ask(target, server_name, CredentialsOf(believed),
                       &v1::EnrolmentService::Stub::Enroll, request, clock));
  v1::SensorCertificate& made = *response.mutable_certificate();
  RETURN_IF_ERROR(pki::CheckPair(made.certificate_pem(), enrolled.key));
  RETURN_IF_ERROR(pki::ParseCertificates(made.authorities_pem()).status());
  enrolled.certificate = std::move(*made.mutable_certificate_pem());
  enrolled.authorities = std::move(*made.mutable_authorities_pem());
  enrolled.expire_s = made.expire_time().seconds();
  return enrolled;
}

absl::Status CheckWritable(const std::string& dir) {
  RETURN_IF_ERROR(MakeFolder(dir));
  // What is left of it is overwritten.
  return ReplaceFile(dir, "sensor.key.new", "");
}

absl::Status WriteEnrolled(const Enrolled& enrolled, const std::string& dir) {
  RETURN_IF_ERROR(MakeFolder(dir));
  RETURN_IF_ERROR(ReplaceFile(dir, "ca.pem", enrolled.authorities));
  RETURN_IF_ERROR(ReplaceFile(dir, "sensor.key", enrolled.key));
  return ReplaceFile(dir, "sensor.pem", enrolled.certificate);
}

}  // namespace callbraid::sensor
