#include "collector/query/enrolment_service.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/access/peer.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/rpc/credentials.h"

namespace callbraid::collector {
namespace {

// As CheckRequest(); here so that nothing large waits for its turn.
constexpr size_t kMaxRequestBytes = size_t{8} << 10;
constexpr size_t kMaxSecretBytes = 32;

absl::Status CheckSizes(const v1::RenewRequest& request) {
  return request.request_pem().size() <= kMaxRequestBytes
             ? absl::OkStatus()
             : absl::InvalidArgumentError("request_pem: more than 8 KiB");
}

absl::Status CheckSizes(const v1::EnrollRequest& request) {
  if (request.request_pem().size() > kMaxRequestBytes) {
    return absl::InvalidArgumentError("request_pem: more than 8 KiB");
  }
  return request.secret().size() <= kMaxSecretBytes
             ? absl::OkStatus()
             : absl::InvalidArgumentError("secret: more than 32 bytes");
}

grpc::ServerUnaryReactor* Refuse(grpc::CallbackServerContext* context,
                                 const absl::Status& status) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(ToGrpc(status));
  return reactor;
}

}  // namespace

grpc::ServerUnaryReactor* EnrolmentService::Answer(
    grpc::CallbackServerContext* context, const char* method,
    std::function<absl::Status(Caller&)> work) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  Caller sensor;
  sensor.address = AddressOfPeer(context->peer());
  sensor.method = absl::StrCat("callbraid.v1.EnrolmentService.", method);
  sensor.credential = v1::CREDENTIAL_NONE;
  const absl::Status queued =
      workers_.Submit([this, context, reactor, sensor = std::move(sensor),
                       work = std::move(work)]() mutable {
        // Or the token would be used up for nobody.
        if (context->IsCancelled()) {
          return reactor->Finish(grpc::Status::CANCELLED);
        }
        const absl::Status status =
            insecure_ ? absl::FailedPreconditionError(
                            "enrolment is off: this collector talks plaintext")
                      : work(sensor);
        if (!status.ok()) {
          access_.NoteFailure(sensor, v1::AUDIT_ACT_REFUSED, sensor.name,
                              status);
        }
        reactor->Finish(ToGrpc(status));
      });
  if (!queued.ok()) reactor->Finish(ToGrpc(queued));
  return reactor;
}

grpc::ServerUnaryReactor* EnrolmentService::GetAuthorities(
    grpc::CallbackServerContext* context, const v1::GetAuthoritiesRequest*,
    v1::GetAuthoritiesResponse* response) {
  return Answer(context, "GetAuthorities",
                [this, response](Caller& sensor) -> absl::Status {
                  ASSIGN_OR_RETURN(*response,
                                   enrolment_.GetAuthorities(sensor.address));
                  return absl::OkStatus();
                });
}

grpc::ServerUnaryReactor* EnrolmentService::Enroll(
    grpc::CallbackServerContext* context, const v1::EnrollRequest* request,
    v1::EnrollResponse* response) {
  if (absl::Status status = CheckSizes(*request); !status.ok()) {
    return Refuse(context, status);
  }
  return Answer(context, "Enroll",
                [this, request, response](Caller& sensor) -> absl::Status {
                  sensor.credential = v1::CREDENTIAL_TOKEN;
                  ASSIGN_OR_RETURN(*response->mutable_certificate(),
                                   enrolment_.Enroll(*request, sensor));
                  return absl::OkStatus();
                });
}

grpc::ServerUnaryReactor* EnrolmentService::Renew(
    grpc::CallbackServerContext* context, const v1::RenewRequest* request,
    v1::RenewResponse* response) {
  if (absl::Status status = CheckSizes(*request); !status.ok()) {
    return Refuse(context, status);
  }
  Certificate names;
  pki::Validity validity;
  if (const auto peer = context->auth_context(); peer != nullptr) {
    names = CertificateOf(*peer);
    validity = ValidityOf(*peer);
  }
  return Answer(context, "Renew",
                [this, request, response, names = std::move(names),
                 validity](Caller& sensor) -> absl::Status {
                  // One that we made has the URI, and only that.
                  if (names.sensors.size() != 1 || !names.users.empty()) {
                    return absl::UnauthenticatedError(
                        "only a sensor's certificate is renewed here");
                  }
                  sensor.name = names.sensors.front();
                  sensor.credential = v1::CREDENTIAL_CERTIFICATE;
                  ASSIGN_OR_RETURN(
                      *response->mutable_certificate(),
                      enrolment_.Renew(*request, validity, sensor));
                  return absl::OkStatus();
                });
}

}  // namespace callbraid::collector
