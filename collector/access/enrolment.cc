#include "collector/access/enrolment.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "collector/access/peer.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/pki/enrolment_token.h"
#include "common/pki/issuer.h"
#include "common/pki/request.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxAddresses = 4096;
constexpr uint32_t kQuestionsPerMinute = 30;
constexpr uint32_t kRenewalsPerMinute = 6;
constexpr int64_t kDayS = 86'400;
constexpr uint32_t kDefaultTokenS = 3600;
constexpr uint32_t kMaxTokenS = 30 * kDayS;
constexpr int kMaxCapturePoints = 64;
constexpr size_t kMaxCapturePointBytes = 128;

absl::Status CheckName(const char* field, const std::string& name) {
  const bool good = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
           c == '_' || c == '-';
  });
  if (!name.empty() && name.size() <= 64 && good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(field, ": must be 1 to 64 of [A-Za-z0-9._-]"));
}

absl::Status CheckInvitation(const v1::EnrollSensorRequest& request) {
  RETURN_IF_ERROR(CheckName("id", request.id()));
  RETURN_IF_ERROR(CheckName("site", request.site()));
  if (request.capture_points_size() > kMaxCapturePoints) {
    return absl::InvalidArgumentError("capture_points: more than 64");
  }
  for (const std::string& point : request.capture_points()) {
    if (point.empty() || point.size() > kMaxCapturePointBytes) {
      return absl::InvalidArgumentError(
          "capture_points: a name must have 1 to 128 bytes");
    }
  }
  if (request.valid_seconds() > kMaxTokenS) {
    return absl::InvalidArgumentError("valid_seconds: at most 30 days");
  }
  return absl::OkStatus();
}

absl::Status TooMany() {
  return absl::ResourceExhaustedError(
      "too many requests; try again in a minute");
}

}  // namespace

struct Enrolment::Files {
  pki::Issuer issuer;
  std::vector<pki::X509Ptr> authorities;
  // KeyHash() of the one that our own certificate goes back to.
  std::string anchor;
};

Enrolment::Enrolment(const v1::CollectorConfig& config, SensorBook& book,
                     const Clock& clock)
    : config_(config.enroll()),
      tls_(config.tls()),
      book_(book),
      clock_(clock),
      bad_tokens_(config.access().bad_tokens_per_minute(), kMaxAddresses,
                  clock),
      questions_(kQuestionsPerMinute, kMaxAddresses, clock),
      renewals_(kRenewalsPerMinute, SensorBook::kMaxRecords, clock) {}

absl::StatusOr<Enrolment::Files> Enrolment::Load(const v1::EnrollConfig& config,
                                                 const v1::TlsConfig& tls) {
  if (config.ca_cert().empty()) {
    return absl::FailedPreconditionError(
        "enrolment is off: this collector has no authority's key to sign with "
        "(enroll.ca_cert, enroll.ca_key)");
  }
  ASSIGN_OR_RETURN(pki::Issuer issuer,
                   pki::Issuer::Load(config.ca_cert(), config.ca_key()));
  ASSIGN_OR_RETURN(const std::vector<pki::X509Ptr> chain,
                   pki::ReadCertificates(config.ca_cert()));
  ASSIGN_OR_RETURN(const std::vector<pki::X509Ptr> believed,
                   pki::ReadCertificates(tls.ca()));
  if (!pki::AnchorOf(chain, believed).ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the authority ", config.ca_cert(), " (enroll.ca_cert) is not in ",
        tls.ca(),
        " (tls.ca): this collector would refuse the certificates that it "
        "signs; add it there"));
  }
  const std::string& server_ca =
      config.server_ca().empty() ? tls.ca() : config.server_ca();
  ASSIGN_OR_RETURN(std::vector<pki::X509Ptr> authorities,
                   pki::ReadCertificates(server_ca));
  ASSIGN_OR_RETURN(const std::vector<pki::X509Ptr> own,
                   pki::ReadCertificates(tls.cert()));
  const auto anchor = pki::AnchorOf(own, authorities);
  if (!anchor.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the certificate ", tls.cert(), " (tls.cert) is by no authority of ",
        server_ca,
        ": sensors would not know this collector; set enroll.server_ca"));
  }
  std::string hash = pki::KeyHash(**anchor);
  return Files{std::move(issuer), std::move(authorities), std::move(hash)};
}

absl::StatusOr<Enrolment::Files> Enrolment::LoadForSensor() const {
  auto files = Load(config_, tls_);
  if (files.ok() || config_.ca_cert().empty()) return files;
  spdlog::error("no sensor can be enrolled: {}",
                std::string(files.status().message()));
  return absl::FailedPreconditionError(
      "the collector's files for enrolment are not in order; its log says "
      "more");
}

absl::Status Enrolment::CheckFiles(const v1::CollectorConfig& config) {
  if (config.enroll().ca_cert().empty()) return absl::OkStatus();
  RETURN_IF_ERROR(Load(config.enroll(), config.tls()).status());
  const std::string& key = config.enroll().ca_key();
  std::error_code unknown;
  const auto mode = std::filesystem::status(key, unknown).permissions();
  if (!unknown && (mode & std::filesystem::perms::others_all) !=
                      std::filesystem::perms::none) {
    spdlog::warn(
        "everyone on this machine can use {} (enroll.ca_key), and with it make "
        "sensors of their own: chmod o= {}",
        key, key);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::EnrollSensorResponse> Enrolment::Invite(
    const v1::EnrollSensorRequest& request, const Caller& by) {
  RETURN_IF_ERROR(CheckInvitation(request));
  ASSIGN_OR_RETURN(const Files files, Load(config_, tls_));
  const pki::EnrolmentToken token{request.id(), files.anchor, pki::NewSecret()};
  const uint32_t valid_s =
      request.valid_seconds() == 0 ? kDefaultTokenS : request.valid_seconds();
  const int64_t expire_s = clock_.WallNs() / 1'000'000'000 + valid_s;
  RETURN_IF_ERROR(
      book_.Invite(request, pki::HashOf(token.secret), expire_s, by));
  v1::EnrollSensorResponse response;
  response.set_token(pki::ToText(token));
  response.mutable_expire_time()->set_seconds(expire_s);
  return response;
}

absl::StatusOr<v1::GetAuthoritiesResponse> Enrolment::GetAuthorities(
    const std::string& address) {
  if (!questions_.Take(LimitKey(address))) return TooMany();
  ASSIGN_OR_RETURN(const Files files, LoadForSensor());
  v1::GetAuthoritiesResponse response;
  response.set_authorities_pem(pki::ToPem(files.authorities));
  return response;
}

absl::StatusOr<v1::SensorCertificate> Enrolment::Enroll(
    const v1::EnrollRequest& request, Caller& sensor) {
  const std::string key = LimitKey(sensor.address);
  if (bad_tokens_.Exhausted(key)) {
    return absl::ResourceExhaustedError(
        "too many bad tokens came from this address; try again in a minute");
  }
  const std::string hash = pki::HashOf(request.secret());
  const auto id = book_.SensorOfToken(hash);
  if (!id.ok()) {
    bad_tokens_.Take(key);
    return id.status();
  }
  sensor.name = *id;
  pki::IssuedCertificate issued;
  ASSIGN_OR_RETURN(v1::SensorCertificate certificate,
                   Certify(request.request_pem(), *id, issued));
  RETURN_IF_ERROR(book_.Enrolled(hash, issued, sensor));
  spdlog::info("sensor {} was enrolled from {}", *id, sensor.address);
  return certificate;
}

absl::StatusOr<v1::SensorCertificate> Enrolment::Renew(
    const v1::RenewRequest& request, const pki::Validity& certificate,
    const Caller& sensor) {
  if (!renewals_.Take(sensor.name)) return TooMany();
  RETURN_IF_ERROR(book_.CheckRenewal(sensor.name, certificate));
  pki::IssuedCertificate issued;
  ASSIGN_OR_RETURN(v1::SensorCertificate next,
                   Certify(request.request_pem(), sensor.name, issued));
  RETURN_IF_ERROR(book_.Renewed(sensor.name, issued, sensor));
  return next;
}

absl::StatusOr<v1::SensorCertificate> Enrolment::Certify(
    const std::string& request_pem, const std::string& id,
    pki::IssuedCertificate& issued) const {
  ASSIGN_OR_RETURN(const pki::KeyPtr key, pki::CheckRequest(request_pem, id));
  ASSIGN_OR_RETURN(const Files files, LoadForSensor());
  ASSIGN_OR_RETURN(issued,
                   files.issuer.Issue(*key, id, clock_.WallNs() / 1'000'000'000,
                                      config_.valid_days() * kDayS));
  v1::SensorCertificate certificate;
  certificate.set_certificate_pem(issued.pem);
  certificate.set_authorities_pem(pki::ToPem(files.authorities));
  certificate.mutable_expire_time()->set_seconds(issued.validity.to_s);
  return certificate;
}

}  // namespace callbraid::collector
