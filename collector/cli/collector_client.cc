#include "collector/cli/collector_client.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "callbraid/v1/access.grpc.pb.h"
#include "callbraid/v1/completeness.grpc.pb.h"
#include "callbraid/v1/query.grpc.pb.h"
#include "callbraid/v1/sensor.grpc.pb.h"
#include "common/base/status_macros.h"
#include "common/rpc/credentials.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::cli {
namespace {

constexpr absl::Duration kRequestLimit = absl::Seconds(30);
// Reads many calls, and may have to wait for another that does.
constexpr absl::Duration kCountLimit = absl::Minutes(2);
// For a whole recording or capture, over a slow line too.
constexpr absl::Duration kExportLimit = absl::Hours(2);

template <typename Response>
grpc::Status ReadAll(grpc::ClientContext& context,
                     grpc::ClientReader<Response>& reader,
                     const CollectorClient::Take<Response>& take,
                     absl::Status& taken) {
  Response response;
  while (taken.ok() && reader.Read(&response)) taken = take(response);
  if (!taken.ok()) context.TryCancel();
  return reader.Finish();
}

}  // namespace

struct CollectorClient::Impl {
  Impl(const std::string& collector, std::string api_token,
       const std::shared_ptr<grpc::Channel>& channel, const Clock& wall_clock)
      : target(collector),
        token(std::move(api_token)),
        clock(wall_clock),
        calls(v1::CallService::NewStub(channel)),
        sensors(v1::SensorService::NewStub(channel)),
        access(v1::AccessService::NewStub(channel)),
        completeness(v1::CompletenessService::NewStub(channel)) {}

  void Prepare(grpc::ClientContext& context, absl::Duration limit) const {
    if (!token.empty()) {
      context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
    }
    if (limit == absl::InfiniteDuration()) return;
    context.set_deadline(
        absl::ToChronoTime(absl::FromUnixNanos(clock.WallNs()) + limit));
  }

  template <typename Response, typename Stub, typename Request>
  absl::StatusOr<Response> Ask(
      Stub& stub,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request, absl::Duration limit = kRequestLimit) const {
    grpc::ClientContext context;
    Prepare(context, limit);
    Response response;
    RETURN_IF_ERROR(Explain((stub.*method)(&context, request, &response)));
    return response;
  }

  absl::Status Explain(const grpc::Status& status) const {
    switch (status.error_code()) {
      case grpc::StatusCode::OK:
        return absl::OkStatus();
      case grpc::StatusCode::UNAVAILABLE:
      case grpc::StatusCode::DEADLINE_EXCEEDED:
        return absl::UnavailableError(ExplainFailure(status, target));
      case grpc::StatusCode::UNIMPLEMENTED:
        return absl::UnimplementedError(absl::StrCat(
            "the collector at ", target,
            " does not know this request; is it older than this program?"));
      default:
        // Both use the same numbers (google.rpc.Code).
        return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                            status.error_message());
    }
  }

  template <typename Response, typename Start>
  absl::Status Stream(absl::Duration limit, const Take<Response>& take,
                      Start start) const {
    grpc::ClientContext context;
    Prepare(context, limit);
    const std::unique_ptr<grpc::ClientReader<Response>> reader =
        start(&context);
    absl::Status taken;
    const grpc::Status status = ReadAll(context, *reader, take, taken);
    return taken.ok() ? Explain(status) : taken;
  }

  const std::string target;
  const std::string token;
  const Clock& clock;
  const std::unique_ptr<v1::CallService::Stub> calls;
  const std::unique_ptr<v1::SensorService::Stub> sensors;
  const std::unique_ptr<v1::AccessService::Stub> access;
  const std::unique_ptr<v1::CompletenessService::Stub> completeness;
};

CollectorClient::CollectorClient(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}
CollectorClient::~CollectorClient() = default;

absl::StatusOr<std::unique_ptr<CollectorClient>> CollectorClient::Create(
    const v1::ClientConfig& config, const std::string& token,
    const Clock& clock) {
  const auto credentials =
      ClientCredentials(config.tls(), config.insecure(), !token.empty());
  if (!credentials.ok()) {
    return absl::InvalidArgumentError(credentials.status().message());
  }
  // make_unique cannot call a private constructor.
  return std::unique_ptr<CollectorClient>(
      new CollectorClient(std::make_unique<Impl>(
          config.collector(), token,
          Dial(config.collector(), config.tls(), *credentials), clock)));
}

absl::StatusOr<v1::ListCallsResponse> CollectorClient::ListCalls(
    const v1::ListCallsRequest& request) {
  return impl_->Ask(*impl_->calls, &v1::CallService::Stub::ListCalls, request);
}

absl::StatusOr<v1::CountCallsResponse> CollectorClient::CountCalls(
    const v1::CountCallsRequest& request) {
  return impl_->Ask(*impl_->calls, &v1::CallService::Stub::CountCalls, request,
                    kCountLimit);
}

absl::StatusOr<v1::Call> CollectorClient::GetCall(const std::string& id) {
  v1::GetCallRequest request;
  request.set_id(id);
  ASSIGN_OR_RETURN(
      v1::GetCallResponse response,
      impl_->Ask(*impl_->calls, &v1::CallService::Stub::GetCall, request));
  return std::move(*response.mutable_call());
}

absl::StatusOr<v1::GetSignallingResponse> CollectorClient::GetSignalling(
    const std::string& id, bool with_rtcp) {
  v1::GetSignallingRequest request;
  request.set_id(id);
  request.set_with_rtcp(with_rtcp);
  return impl_->Ask(*impl_->calls, &v1::CallService::Stub::GetSignalling,
                    request);
}

absl::StatusOr<v1::GetTimelineResponse> CollectorClient::GetTimeline(
    const v1::GetTimelineRequest& request) {
  return impl_->Ask(*impl_->calls, &v1::CallService::Stub::GetTimeline,
                    request);
}

absl::StatusOr<v1::GetQualityResponse> CollectorClient::GetQuality(
    const v1::GetQualityRequest& request) {
  return impl_->Ask(*impl_->calls, &v1::CallService::Stub::GetQuality, request);
}

absl::StatusOr<v1::Call> CollectorClient::AnnotateCall(
    const v1::AnnotateCallRequest& request) {
  ASSIGN_OR_RETURN(
      v1::AnnotateCallResponse response,
      impl_->Ask(*impl_->calls, &v1::CallService::Stub::AnnotateCall, request));
  return std::move(*response.mutable_call());
}

absl::StatusOr<v1::HoldCallResponse> CollectorClient::HoldCall(
    const v1::HoldCallRequest& request) {
  return impl_->Ask(*impl_->calls, &v1::CallService::Stub::HoldCall, request);
}

absl::StatusOr<v1::ReleaseCallResponse> CollectorClient::ReleaseCall(
    const v1::ReleaseCallRequest& request) {
  return impl_->Ask(*impl_->calls, &v1::CallService::Stub::ReleaseCall,
                    request);
}

absl::StatusOr<v1::DeleteCallResponse> CollectorClient::DeleteCall(
    const v1::DeleteCallRequest& request) {
  return impl_->Ask(*impl_->calls, &v1::CallService::Stub::DeleteCall, request);
}

absl::StatusOr<v1::GetRetentionResponse> CollectorClient::GetRetention() {
  return impl_->Ask(*impl_->calls, &v1::CallService::Stub::GetRetention,
                    v1::GetRetentionRequest());
}

absl::Status CollectorClient::WatchCalls(
    const v1::WatchCallsRequest& request,
    const Take<v1::WatchCallsResponse>& take) {
  return impl_->Stream<v1::WatchCallsResponse>(
      absl::InfiniteDuration(), take, [&](grpc::ClientContext* context) {
        return impl_->calls->WatchCalls(context, request);
      });
}

absl::Status CollectorClient::GetAudio(const v1::GetAudioRequest& request,
                                       const Take<v1::GetAudioResponse>& take) {
  return impl_->Stream<v1::GetAudioResponse>(
      kExportLimit, take, [&](grpc::ClientContext* context) {
        return impl_->calls->GetAudio(context, request);
      });
}

absl::Status CollectorClient::GetFax(const v1::GetFaxRequest& request,
                                     const Take<v1::GetFaxResponse>& take) {
  return impl_->Stream<v1::GetFaxResponse>(
      kExportLimit, take, [&](grpc::ClientContext* context) {
        return impl_->calls->GetFax(context, request);
      });
}

absl::Status CollectorClient::GetPackets(
    const v1::GetPacketsRequest& request,
    const Take<v1::GetPacketsResponse>& take) {
  return impl_->Stream<v1::GetPacketsResponse>(
      kExportLimit, take, [&](grpc::ClientContext* context) {
        return impl_->calls->GetPackets(context, request);
      });
}

absl::Status CollectorClient::ListenToCall(
    const v1::ListenToCallRequest& request,
    const Take<v1::ListenToCallResponse>& take) {
  return impl_->Stream<v1::ListenToCallResponse>(
      absl::InfiniteDuration(), take, [&](grpc::ClientContext* context) {
        return impl_->calls->ListenToCall(context, request);
      });
}

absl::StatusOr<v1::GetCompletenessResponse> CollectorClient::GetCompleteness(
    const v1::GetCompletenessRequest& request) {
  return impl_->Ask(*impl_->completeness,
                    &v1::CompletenessService::Stub::GetCompleteness, request,
                    kCountLimit);
}

absl::StatusOr<v1::ReconcileCallsResponse> CollectorClient::ReconcileCalls(
    const v1::ReconcileCallsRequest& request) {
  return impl_->Ask(*impl_->completeness,
                    &v1::CompletenessService::Stub::ReconcileCalls, request,
                    kCountLimit);
}

absl::StatusOr<v1::ListSensorsResponse> CollectorClient::ListSensors() {
  return impl_->Ask(*impl_->sensors, &v1::SensorService::Stub::ListSensors,
                    v1::ListSensorsRequest());
}

absl::StatusOr<v1::ListPhonesResponse> CollectorClient::ListPhones(
    const v1::ListPhonesRequest& request) {
  return impl_->Ask(*impl_->sensors, &v1::SensorService::Stub::ListPhones,
                    request);
}

absl::StatusOr<v1::DiagnoseResponse> CollectorClient::Diagnose(
    const v1::DiagnoseRequest& request) {
  return impl_->Ask(*impl_->sensors, &v1::SensorService::Stub::Diagnose,
                    request);
}

absl::StatusOr<v1::EnrollSensorResponse> CollectorClient::EnrollSensor(
    const v1::EnrollSensorRequest& request) {
  return impl_->Ask(*impl_->sensors, &v1::SensorService::Stub::EnrollSensor,
                    request);
}

absl::StatusOr<v1::RevokeSensorResponse> CollectorClient::RevokeSensor(
    const v1::RevokeSensorRequest& request) {
  return impl_->Ask(*impl_->sensors, &v1::SensorService::Stub::RevokeSensor,
                    request);
}

absl::StatusOr<v1::AllowSensorResponse> CollectorClient::AllowSensor(
    const v1::AllowSensorRequest& request) {
  return impl_->Ask(*impl_->sensors, &v1::SensorService::Stub::AllowSensor,
                    request);
}

absl::StatusOr<v1::SetUserResponse> CollectorClient::SetUser(
    const v1::SetUserRequest& request) {
  return impl_->Ask(*impl_->access, &v1::AccessService::Stub::SetUser, request);
}

absl::StatusOr<v1::ListUsersResponse> CollectorClient::ListUsers() {
  return impl_->Ask(*impl_->access, &v1::AccessService::Stub::ListUsers,
                    v1::ListUsersRequest());
}

absl::StatusOr<v1::RemoveUserResponse> CollectorClient::RemoveUser(
    const v1::RemoveUserRequest& request) {
  return impl_->Ask(*impl_->access, &v1::AccessService::Stub::RemoveUser,
                    request);
}

absl::StatusOr<v1::ShareCallResponse> CollectorClient::ShareCall(
    const v1::ShareCallRequest& request) {
  return impl_->Ask(*impl_->access, &v1::AccessService::Stub::ShareCall,
                    request);
}

absl::StatusOr<v1::CreateTokenResponse> CollectorClient::CreateToken(
    const v1::CreateTokenRequest& request) {
  return impl_->Ask(*impl_->access, &v1::AccessService::Stub::CreateToken,
                    request);
}

absl::StatusOr<v1::ListTokensResponse> CollectorClient::ListTokens() {
  return impl_->Ask(*impl_->access, &v1::AccessService::Stub::ListTokens,
                    v1::ListTokensRequest());
}

absl::StatusOr<v1::RevokeTokenResponse> CollectorClient::RevokeToken(
    const v1::RevokeTokenRequest& request) {
  return impl_->Ask(*impl_->access, &v1::AccessService::Stub::RevokeToken,
                    request);
}

absl::StatusOr<v1::ListAuditResponse> CollectorClient::ListAudit(
    const v1::ListAuditRequest& request) {
  return impl_->Ask(*impl_->access, &v1::AccessService::Stub::ListAudit,
                    request);
}

}  // namespace callbraid::cli
