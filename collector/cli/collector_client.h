#ifndef CALLBRAID_COLLECTOR_CLI_COLLECTOR_CLIENT_H_
#define CALLBRAID_COLLECTOR_CLI_COLLECTOR_CLIENT_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/access.pb.h"
#include "callbraid/v1/completeness.pb.h"
#include "callbraid/v1/config.pb.h"
#include "callbraid/v1/diagnosis.pb.h"
#include "callbraid/v1/query.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "common/base/clock.h"

namespace callbraid::cli {

// The collector's API, with a deadline on each call and failures in words.
//
// Errors: UNAVAILABLE whenever the collector gave no answer; else those of
// the services. The streaming calls also return what `take` returned if that
// was not OK. All calls block. One thread.
class CollectorClient {
 public:
  template <typename Response>
  using Take = std::function<absl::Status(const Response&)>;

  // Dials nothing yet. `token`, unless it is empty, goes with each call.
  // INVALID_ARGUMENT: the TLS files are missing or wrong. `clock` must outlive
  // the client.
  static absl::StatusOr<std::unique_ptr<CollectorClient>> Create(
      const v1::ClientConfig& config, const std::string& token,
      const Clock& clock);
  ~CollectorClient();

  absl::StatusOr<v1::ListCallsResponse> ListCalls(
      const v1::ListCallsRequest& request);
  absl::StatusOr<v1::CountCallsResponse> CountCalls(
      const v1::CountCallsRequest& request);
  absl::StatusOr<v1::Call> GetCall(const std::string& id);
  absl::StatusOr<v1::GetSignallingResponse> GetSignalling(const std::string& id,
                                                          bool with_rtcp);
  absl::StatusOr<v1::GetTimelineResponse> GetTimeline(
      const v1::GetTimelineRequest& request);
  absl::StatusOr<v1::GetQualityResponse> GetQuality(
      const v1::GetQualityRequest& request);
  // The call as it is then. ABORTED: somebody else wrote meanwhile.
  absl::StatusOr<v1::Call> AnnotateCall(const v1::AnnotateCallRequest& request);
  absl::StatusOr<v1::HoldCallResponse> HoldCall(
      const v1::HoldCallRequest& request);
  absl::StatusOr<v1::ReleaseCallResponse> ReleaseCall(
      const v1::ReleaseCallRequest& request);
  absl::StatusOr<v1::DeleteCallResponse> DeleteCall(
      const v1::DeleteCallRequest& request);
  absl::StatusOr<v1::GetRetentionResponse> GetRetention();
  // Has no deadline; keep-alive notices a collector that is gone.
  absl::Status WatchCalls(const v1::WatchCallsRequest& request,
                          const Take<v1::WatchCallsResponse>& take);
  absl::Status GetAudio(const v1::GetAudioRequest& request,
                        const Take<v1::GetAudioResponse>& take);
  absl::Status GetFax(const v1::GetFaxRequest& request,
                      const Take<v1::GetFaxResponse>& take);
  absl::Status GetPackets(const v1::GetPacketsRequest& request,
                          const Take<v1::GetPacketsResponse>& take);
  // Has no deadline either.
  absl::Status ListenToCall(const v1::ListenToCallRequest& request,
                            const Take<v1::ListenToCallResponse>& take);
  absl::StatusOr<v1::GetCompletenessResponse> GetCompleteness(
      const v1::GetCompletenessRequest& request);
  absl::StatusOr<v1::ReconcileCallsResponse> ReconcileCalls(
      const v1::ReconcileCallsRequest& request);
  absl::StatusOr<v1::ListSensorsResponse> ListSensors();
  absl::StatusOr<v1::ListPhonesResponse> ListPhones(
      const v1::ListPhonesRequest& request);
  absl::StatusOr<v1::DiagnoseResponse> Diagnose(
      const v1::DiagnoseRequest& request);
  absl::StatusOr<v1::EnrollSensorResponse> EnrollSensor(
      const v1::EnrollSensorRequest& request);
  absl::StatusOr<v1::RevokeSensorResponse> RevokeSensor(
      const v1::RevokeSensorRequest& request);
  absl::StatusOr<v1::AllowSensorResponse> AllowSensor(
      const v1::AllowSensorRequest& request);
  absl::StatusOr<v1::SetUserResponse> SetUser(
      const v1::SetUserRequest& request);
  absl::StatusOr<v1::ListUsersResponse> ListUsers();
  absl::StatusOr<v1::RemoveUserResponse> RemoveUser(
      const v1::RemoveUserRequest& request);
  absl::StatusOr<v1::ShareCallResponse> ShareCall(
      const v1::ShareCallRequest& request);
  absl::StatusOr<v1::CreateTokenResponse> CreateToken(
      const v1::CreateTokenRequest& request);
  absl::StatusOr<v1::ListTokensResponse> ListTokens();
  absl::StatusOr<v1::RevokeTokenResponse> RevokeToken(
      const v1::RevokeTokenRequest& request);
  absl::StatusOr<v1::ListAuditResponse> ListAudit(
      const v1::ListAuditRequest& request);

 private:
  struct Impl;
  explicit CollectorClient(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
};

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_COLLECTOR_CLIENT_H_
