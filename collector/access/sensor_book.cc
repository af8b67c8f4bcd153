#include "collector/access/sensor_book.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr uint32_t kDefaultGraceS = 600;

std::string UtcOf(int64_t time_s) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC",
                          absl::FromUnixSeconds(time_s), absl::UTCTimeZone());
}

absl::Status Revoked(const std::string& id) {
  return absl::PermissionDeniedError(absl::StrCat(
      "sensor '", id, "' is revoked; `callbraid sensors allow ", id,
      "` takes that back, `callbraid sensors enroll` gives it a new token"));
}

std::string DetailOf(const pki::IssuedCertificate& certificate) {
  return absl::StrCat("until ", UtcOf(certificate.validity.to_s), ", serial ",
                      certificate.serial);
}

bool IsVoid(const store::v1::SensorRecord& record,
            const pki::Validity& certificate) {
  return record.certificates_from_s() != 0 &&
         certificate.from_s < record.certificates_from_s();
}

void TakeTokenBack(store::v1::SensorRecord& record) {
  record.clear_token_hash();
  v1::SensorTrust& trust = *record.mutable_trust();
  trust.clear_token_expire_time();
  trust.clear_invited_site();
  trust.clear_invited_capture_points();
}

absl::Status Void(const std::string& id) {
  return absl::PermissionDeniedError(
      absl::StrCat("the certificate of sensor '", id,
                   "' is from before it was revoked and enrolled again"));
}

}  // namespace

SensorBook::SensorBook(const v1::IngestConfig& config, AccessStore& store,
                       AuditLog& audit, const Clock& clock)
    : enrolled_only_(config.enrolled_only()),
      grace_s_(config.expiry_grace_s() == 0 ? kDefaultGraceS
                                            : config.expiry_grace_s()),
      store_(store),
      audit_(audit),
      clock_(clock) {}

absl::Status SensorBook::Load() {
  ASSIGN_OR_RETURN(std::vector<Record> records, store_.ListSensorRecords());
  MutexLock lock(mutex_);
  for (Record& record : records) {
    const std::string id = record.id();
    records_[id] = std::move(record);
  }
  return absl::OkStatus();
}

std::optional<SensorRefusal> SensorBook::Check(
    const v1::Hello& hello, const pki::Validity& certificate) const {
  const std::string& id = hello.sensor_id();
  if (NowS() - grace_s_ > certificate.to_s) {
    return SensorRefusal{
        "expired", absl::AbortedError(absl::StrCat(
                       "the certificate of sensor '", id, "' expired at ",
                       UtcOf(certificate.to_s), "; come with a new one"))};
  }
  const Record record = Find(id);
  const v1::SensorTrust& trust = record.trust();
  if (trust.has_revoke_time()) return SensorRefusal{"revoked", Revoked(id)};
  if (IsVoid(record, certificate)) return SensorRefusal{"void", Void(id)};
  if (enrolled_only_ && !trust.has_enroll_time()) {
    return SensorRefusal{
        "not_enrolled",
        absl::PermissionDeniedError(absl::StrCat(
            "sensor '", id,
            "' is not enrolled, and this collector takes no others "
            "(ingest.enrolled_only); `callbraid sensors enroll ",
            id, "` makes a token"))};
  }
  if (!trust.site().empty() && trust.site() != hello.site()) {
    return SensorRefusal{
        "site", absl::PermissionDeniedError(absl::StrCat(
                    "sensor '", id, "' is bound to site '", trust.site(),
                    "' and says that it is at '", hello.site(), "'"))};
  }
  const auto& bound = trust.capture_points();
  for (const v1::CapturePoint& point : hello.capture_points()) {
    if (bound.empty() ||
        std::find(bound.begin(), bound.end(), point.name()) != bound.end()) {
      continue;
    }
    return SensorRefusal{
        "capture_point",
        absl::PermissionDeniedError(
            absl::StrCat("sensor '", id, "' is not bound to capture point '",
                         point.name(), "'"))};
  }
  return std::nullopt;
}

std::optional<v1::SensorTrust> SensorBook::TrustOf(
    const std::string& id) const {
  const Record record = Find(id);
  if (record.id().empty()) return std::nullopt;
  return record.trust();
}

std::vector<store::v1::SensorRecord> SensorBook::List() const {
  std::vector<Record> records;
  MutexLock lock(mutex_);
  for (const auto& [id, record] : records_) records.push_back(record);
  return records;
}

absl::StatusOr<std::string> SensorBook::SensorOfToken(
    const std::string& hash) const {
  MutexLock lock(mutex_);
  for (const auto& [id, record] : records_) {
    if (hash.empty() || record.token_hash() != hash) continue;
    if (record.trust().token_expire_time().seconds() <= NowS()) break;
    return id;
  }
  return absl::UnauthenticatedError(
      "this token was used already, is too old, or never was; `callbraid "
      "sensors enroll` makes a new one");
}

absl::Status SensorBook::CheckRenewal(const std::string& id,
                                      const pki::Validity& certificate) const {
  if (NowS() > certificate.to_s) {
    return absl::UnauthenticatedError(
        absl::StrCat("the certificate expired at ", UtcOf(certificate.to_s),
                     "; enrol the sensor anew"));
  }
  const Record record = Find(id);
  if (record.trust().has_revoke_time()) return Revoked(id);
  if (IsVoid(record, certificate)) return Void(id);
  if (record.trust().has_enroll_time()) return absl::OkStatus();
  return absl::PermissionDeniedError(
      absl::StrCat("sensor '", id,
                   "' was not enrolled here; its certificate is renewed where "
                   "it was made"));
}

absl::Status SensorBook::Invite(const v1::EnrollSensorRequest& request,
                                const std::string& token_hash, int64_t expire_s,
                                const Caller& by) {
  MutexLock write_lock(write_mutex_);
  ASSIGN_OR_RETURN(Record record, FindOrNew(request.id()));
  record.set_token_hash(token_hash);
  v1::SensorTrust& trust = *record.mutable_trust();
  trust.set_invited_site(request.site());
  *trust.mutable_invited_capture_points() = request.capture_points();
  trust.mutable_token_expire_time()->set_seconds(expire_s);
  v1::AuditEntry note =
      EntryOf(by, v1::AUDIT_ACT_ENROLL_SENSOR, request.id(), absl::OkStatus());
  note.set_detail(absl::StrCat("site ", request.site(),
                               request.capture_points().empty() ? "" : ", ",
                               absl::StrJoin(request.capture_points(), ", ")));
  return Write(record, std::move(note));
}

absl::Status SensorBook::Enrolled(const std::string& token_hash,
                                  const pki::IssuedCertificate& certificate,
                                  const Caller& sensor) {
  MutexLock write_lock(write_mutex_);
  ASSIGN_OR_RETURN(const std::string id, SensorOfToken(token_hash));
  Record record = Find(id);
  v1::SensorTrust& trust = *record.mutable_trust();
  if (trust.has_revoke_time()) {
    record.set_certificates_from_s(certificate.validity.from_s);
    trust.clear_revoke_time();
  }
  trust.set_site(trust.invited_site());
  *trust.mutable_capture_points() = trust.invited_capture_points();
  TakeTokenBack(record);
  *trust.mutable_enroll_time() =
      TimeUtil::NanosecondsToTimestamp(clock_.WallNs());
  trust.mutable_certificate_expire_time()->set_seconds(
      certificate.validity.to_s);
  v1::AuditEntry note =
      EntryOf(sensor, v1::AUDIT_ACT_CERTIFY_SENSOR, id, absl::OkStatus());
  note.set_detail(DetailOf(certificate));
  return Write(record, std::move(note));
}

absl::Status SensorBook::Renewed(const std::string& id,
                                 const pki::IssuedCertificate& certificate,
                                 const Caller& sensor) {
  MutexLock write_lock(write_mutex_);
  Record record = Find(id);
  // While the certificate was made.
  if (record.trust().has_revoke_time()) return Revoked(id);
  record.mutable_trust()->mutable_certificate_expire_time()->set_seconds(
      certificate.validity.to_s);
  v1::AuditEntry note =
      EntryOf(sensor, v1::AUDIT_ACT_CERTIFY_SENSOR, id, absl::OkStatus());
  note.set_detail(DetailOf(certificate));
  return Write(record, std::move(note));
}

absl::StatusOr<v1::SensorTrust> SensorBook::Revoke(const std::string& id,
                                                   const Caller& by) {
  MutexLock write_lock(write_mutex_);
  ASSIGN_OR_RETURN(Record record, FindOrNew(id));
  v1::SensorTrust& trust = *record.mutable_trust();
  if (trust.has_revoke_time() && !unwritten_.contains(id)) return trust;
  *trust.mutable_revoke_time() =
      TimeUtil::NanosecondsToTimestamp(clock_.WallNs());
  // Whoever has it must not come in by it.
  TakeTokenBack(record);
  // The disk may be full of what this very sensor sends.
  Remember(record);
  const absl::Status written = Write(
      record, EntryOf(by, v1::AUDIT_ACT_REVOKE_SENSOR, id, absl::OkStatus()));
  if (written.ok()) return trust;
  unwritten_.insert(id);
  return absl::UnavailableError(absl::StrCat(
      "sensor '", id,
      "' is refused from now on, but that cannot be written, and after a "
      "restart it would not be; revoke it again when this is cured: ",
      written.message()));
}

absl::StatusOr<v1::SensorTrust> SensorBook::Allow(const std::string& id,
                                                  const Caller& by) {
  MutexLock write_lock(write_mutex_);
  Record record = Find(id);
  if (record.id().empty()) {
    return absl::NotFoundError(
        absl::StrCat("nothing was ever decided about sensor '", id, "'"));
  }
  if (!record.trust().has_revoke_time()) {
    return absl::FailedPreconditionError(
        absl::StrCat("sensor '", id, "' is not revoked"));
  }
  record.mutable_trust()->clear_revoke_time();
  RETURN_IF_ERROR(Write(
      record, EntryOf(by, v1::AUDIT_ACT_ALLOW_SENSOR, id, absl::OkStatus())));
  return record.trust();
}

store::v1::SensorRecord SensorBook::Find(const std::string& id) const {
  MutexLock lock(mutex_);
  const auto found = records_.find(id);
  return found == records_.end() ? Record() : found->second;
}

absl::StatusOr<store::v1::SensorRecord> SensorBook::FindOrNew(
    const std::string& id) const {
  Record record = Find(id);
  if (!record.id().empty()) return record;
  MutexLock lock(mutex_);
  if (records_.size() >= kMaxRecords) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there are ", kMaxRecords, " records of sensors"));
  }
  record.set_id(id);
  return record;
}

absl::Status SensorBook::Write(const Record& record, v1::AuditEntry note) {
  AccessChange change;
  change.sensors.push_back(record);
  RETURN_IF_ERROR(audit_.Append(std::move(note), std::move(change)));
  unwritten_.erase(record.id());
  Remember(record);
  return absl::OkStatus();
}

void SensorBook::Remember(const Record& record) {
  {
    MutexLock lock(mutex_);
    records_[record.id()] = record;
  }
  ++changes_;
}

}  // namespace callbraid::collector
