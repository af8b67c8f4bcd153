#include "sensor/uplink/renewal.h"

#include <random>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "callbraid/v1/enrolment.grpc.pb.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/pki/certificate.h"
#include "common/pki/pem_file.h"
#include "common/pki/request.h"
#include "common/rpc/credentials.h"
#include "sensor/spool/file.h"

namespace callbraid::sensor {
namespace {

constexpr absl::Duration kRequestLimit = absl::Seconds(20);

// Of the whole life, what is left when the next certificate is asked for.
bool IsDue(const pki::Validity& validity, int64_t now_s) {
  return validity.to_s - now_s < (validity.to_s - validity.from_s) / 3;
}

absl::Status Replace(const std::string& path, const std::string& contents) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos
             ? ReplaceFile(".", path, contents)
             : ReplaceFile(path.substr(0, slash + 1), path.substr(slash + 1),
                           contents);
}

}  // namespace

Renewal::Renewal(Options options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {
  thread_ = Thread("renewal", [this] { Run(); });
}

Renewal::~Renewal() { Stop(); }

void Renewal::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    if (request_ != nullptr) request_->TryCancel();
  }
  stop_.Raise();
  thread_.Join();
}

absl::StatusOr<bool> Renewal::Look() {
  grpc::ClientContext context;
  {
    MutexLock lock(mutex_);
    if (stopping_) return false;
    request_ = &context;
  }
  auto renewed = RenewIfDue(options_, clock_, context);
  MutexLock lock(mutex_);
  request_ = nullptr;
  if (stopping_) return false;
  return renewed;
}

absl::Duration Renewal::Jittered(absl::Duration duration) {
  std::random_device random;
  return duration * std::uniform_real_distribution(0.9, 1.1)(random);
}

void Renewal::Run() {
  std::random_device random;
  // Not all at once after a power failure.
  stop_.Wait(options_.first_look *
             std::uniform_real_distribution(0.0, 1.0)(random));
  std::string last_failure;
  const auto stopping = [this] {
    MutexLock lock(mutex_);
    return stopping_;
  };
  while (!stopping()) {
    const absl::StatusOr<bool> renewed = Look();
    const std::string failure(renewed.status().message());
    if (failure != last_failure && !failure.empty()) {
      spdlog::warn("the certificate was not renewed: {}", failure);
    }
    last_failure = failure;
    stop_.Wait(Jittered(options_.interval));
  }
}

absl::StatusOr<bool> Renewal::RenewIfDue(const Options& options,
                                         const Clock& clock,
                                         grpc::ClientContext& context) {
  const absl::Time now = absl::FromUnixNanos(clock.WallNs());
  ASSIGN_OR_RETURN(const std::vector<pki::X509Ptr> present,
                   pki::ReadCertificates(options.tls.cert()));
  const pki::Validity validity = pki::ValidityOf(*present.front());
  if (!IsDue(validity, absl::ToUnixSeconds(now))) return false;
  ASSIGN_OR_RETURN(const std::string key, pki::ReadPemFile(options.tls.key()));
  v1::RenewRequest request;
  ASSIGN_OR_RETURN(*request.mutable_request_pem(),
                   pki::MakeRequest(key, options.sensor_id));

  const auto stub = v1::EnrolmentService::NewStub(options.dial());
  context.set_deadline(absl::ToChronoTime(now + kRequestLimit));
  v1::RenewResponse response;
  const grpc::Status answer = stub->Renew(&context, request, &response);
  if (!answer.ok()) {
    return absl::Status(
        static_cast<absl::StatusCode>(answer.error_code()),
        absl::StrCat(ExplainFailure(answer, options.target), "; it expires at ",
                     absl::FormatTime(absl::FromUnixSeconds(validity.to_s))));
  }
  const v1::SensorCertificate& next = response.certificate();
  RETURN_IF_ERROR(pki::CheckPair(next.certificate_pem(), key));
  RETURN_IF_ERROR(pki::ParseCertificates(next.authorities_pem()).status());
  ASSIGN_OR_RETURN(const std::string authorities,
                   pki::ReadPemFile(options.tls.ca()));
  if (authorities != next.authorities_pem()) {
    // The certificate is worth having without.
    const absl::Status replaced =
        Replace(options.tls.ca(), next.authorities_pem());
    if (replaced.ok()) {
      spdlog::info("the authorities of the collector's certificate changed: {}",
                   options.tls.ca());
    } else {
      spdlog::warn("the authorities of the collector's certificate changed: {}",
                   std::string(replaced.message()));
    }
  }
  RETURN_IF_ERROR(Replace(options.tls.cert(), next.certificate_pem()));
  spdlog::info(
      "the certificate was renewed until {}",
      absl::FormatTime(absl::FromUnixSeconds(next.expire_time().seconds())));
  return true;
}

}  // namespace callbraid::sensor
