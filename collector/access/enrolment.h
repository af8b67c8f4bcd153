#ifndef CALLBRAID_COLLECTOR_ACCESS_ENROLMENT_H_
#define CALLBRAID_COLLECTOR_ACCESS_ENROLMENT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "callbraid/v1/enrolment.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "collector/access/attempt_limiter.h"
#include "collector/access/caller.h"
#include "collector/access/sensor_book.h"
#include "common/base/clock.h"
#include "common/pki/certificate.h"

namespace callbraid::collector {

// The collector as the authority of its sensors' certificates.
//
// Files are read for each certificate: these are rare, and a changed file
// counts at once. Thread-safe; everything touches the disk. Errors as in
// enrolment.proto and sensor.proto.
class Enrolment {
 public:
  // `config` as from Complete(). References must outlive this.
  Enrolment(const v1::CollectorConfig& config, SensorBook& book,
            const Clock& clock);

  // OK also if enrolment is off. Else FAILED_PRECONDITION, NOT_FOUND or
  // PERMISSION_DENIED: which file is not in order, and why.
  static absl::Status CheckFiles(const v1::CollectorConfig& config);

  absl::StatusOr<v1::EnrollSensorResponse> Invite(
      const v1::EnrollSensorRequest& request, const Caller& by);

  // For whoever asks.
  absl::StatusOr<v1::GetAuthoritiesResponse> GetAuthorities(
      const std::string& address);
  // `sensor` has the address; its name is filled in.
  absl::StatusOr<v1::SensorCertificate> Enroll(const v1::EnrollRequest& request,
                                               Caller& sensor);
  // `sensor` has the address, and the id of its certificate as its name.
  absl::StatusOr<v1::SensorCertificate> Renew(const v1::RenewRequest& request,
                                              const pki::Validity& certificate,
                                              const Caller& sensor);

 private:
  struct Files;
  static absl::StatusOr<Files> Load(const v1::EnrollConfig& config,
                                    const v1::TlsConfig& tls);
  // As Load(), for whom it is no affair where our files are.
  absl::StatusOr<Files> LoadForSensor() const;
  // Signs `request_pem` for the sensor of that name.
  absl::StatusOr<v1::SensorCertificate> Certify(
      const std::string& request_pem, const std::string& id,
      pki::IssuedCertificate& issued) const;

  const v1::EnrollConfig config_;
  const v1::TlsConfig tls_;
  SensorBook& book_;
  const Clock& clock_;
  // By address, but for renewals: by sensor.
  AttemptLimiter bad_tokens_;
  AttemptLimiter questions_;
  AttemptLimiter renewals_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_ENROLMENT_H_
