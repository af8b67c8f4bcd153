#ifndef CALLBRAID_COLLECTOR_QUERY_ENROLMENT_SERVICE_H_
#define CALLBRAID_COLLECTOR_QUERY_ENROLMENT_SERVICE_H_

#include <functional>

#include "absl/status/status.h"
#include "callbraid/v1/enrolment.grpc.pb.h"
#include "collector/access/access_control.h"
#include "collector/access/enrolment.h"
#include "collector/query/worker_pool.h"

namespace callbraid::collector {

// callbraid.v1.EnrolmentService: for sensors, which prove who they are by a
// token or by their certificate, and have no role. What is refused is noted in
// the audit log.
//
// All arguments must outlive the server that this is registered with.
class EnrolmentService final : public v1::EnrolmentService::CallbackService {
 public:
  // With `insecure` there are no certificates, and nothing is answered.
  EnrolmentService(bool insecure, AccessControl& access, Enrolment& enrolment,
                   WorkerPool& workers)
      : insecure_(insecure),
        access_(access),
        enrolment_(enrolment),
        workers_(workers) {}

  grpc::ServerUnaryReactor* GetAuthorities(
      grpc::CallbackServerContext* context,
      const v1::GetAuthoritiesRequest* request,
      v1::GetAuthoritiesResponse* response) override;
  grpc::ServerUnaryReactor* Enroll(grpc::CallbackServerContext* context,
                                   const v1::EnrollRequest* request,
                                   v1::EnrollResponse* response) override;
  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* context,
                                  const v1::RenewRequest* request,
                                  v1::RenewResponse* response) override;

 private:
  // Answers with what `work` returns for the sensor, whose address is filled
  // in.
  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context,
                                   const char* method,
                                   std::function<absl::Status(Caller&)> work);

  const bool insecure_;
  AccessControl& access_;
  Enrolment& enrolment_;
  WorkerPool& workers_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_ENROLMENT_SERVICE_H_
