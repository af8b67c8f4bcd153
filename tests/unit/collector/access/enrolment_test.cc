#include "collector/access/enrolment.h"

#include <cstdint>
#include <fstream>
#include <string>

#include "common/pki/enrolment_token.h"
#include "common/pki/request.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/authority.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

using testing::HasSubstr;

class EnrolmentTest : public testing::Test {
 protected:
  EnrolmentTest() {
    Write("ca.pem", authority_.pem().certificate);
    Write("ca.key", authority_.pem().key);
    const fakes::PemPair server = authority_.SignServer();
    Write("collector.pem", server.certificate);
    config_.mutable_tls()->set_ca(Path("ca.pem"));
    config_.mutable_tls()->set_cert(Path("collector.pem"));
    config_.mutable_enroll()->set_ca_cert(Path("ca.pem"));
    config_.mutable_enroll()->set_ca_key(Path("ca.key"));
    config_.mutable_enroll()->set_valid_days(2);
    *config_.mutable_access() = AccessConfig();
    sensor_.address = "10.0.0.7";
  }
  static v1::AccessConfig AccessConfig() {
    v1::AccessConfig config;
    config.set_bad_tokens_per_minute(10);
    config.set_audit_days(10);
    config.set_audit_entries(100'000);
    return config;
  }
  std::string Path(const std::string& name) const {
    return dir_.path() + "/" + name;
  }
  void Write(const std::string& name, const std::string& contents) const {
    std::ofstream(Path(name)) << contents;
  }
  static v1::EnrollSensorRequest Invitation() {
    v1::EnrollSensorRequest request;
    request.set_id("s1");
    request.set_site("berlin");
    return request;
  }
  std::string WhyBadFiles() {
    return std::string(Enrolment::CheckFiles(config_).message());
  }

  fakes::TempDir dir_;
  const fakes::Authority authority_;
  // The files are of now.
  fakes::FakeClock clock_{SystemClock().WallNs()};
  MemoryStore store_;
  v1::CollectorConfig config_;
  AuditLog audit_{AccessConfig(), store_.access(), clock_};
  SensorBook book_{{}, store_.access(), audit_, clock_};
  const std::string key_ = *pki::NewKey();
  Caller sensor_;
};

TEST_F(EnrolmentTest, ATokenBecomesACertificate) {
  Enrolment enrolment(config_, book_, clock_);
  const auto invited = enrolment.Invite(Invitation(), Caller());
  ASSERT_TRUE(invited.ok()) << invited.status();
  const auto token = pki::ParseEnrolmentToken(invited->token());
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->sensor_id, "s1");
  const auto authorities = enrolment.GetAuthorities("10.0.0.7");
  const auto parsed = pki::ParseCertificates(authorities->authorities_pem());
  EXPECT_EQ(pki::KeyHash(*parsed->front()), token->authority);

  v1::EnrollRequest request;
  request.set_secret(token->secret);
  request.set_request_pem(*pki::MakeRequest(key_, "s1"));
  const auto made = enrolment.Enroll(request, sensor_);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(sensor_.name, "s1");
  EXPECT_TRUE(pki::CheckPair(made->certificate_pem(), key_).ok());
  EXPECT_EQ(made->expire_time().seconds(),
            clock_.WallNs() / 1'000'000'000 + 2 * 86'400);
  EXPECT_EQ(book_.TrustOf("s1")->certificate_expire_time().seconds(),
            made->expire_time().seconds());
  // Once.
  EXPECT_TRUE(
      absl::IsUnauthenticated(enrolment.Enroll(request, sensor_).status()));
}

TEST_F(EnrolmentTest, ABadRequestDoesNotUseTheTokenUp) {
  Enrolment enrolment(config_, book_, clock_);
  const auto token = pki::ParseEnrolmentToken(
      enrolment.Invite(Invitation(), Caller())->token());
  v1::EnrollRequest request;
  request.set_secret(token->secret);
  request.set_request_pem(*pki::MakeRequest(key_, "s2"));
  EXPECT_TRUE(
      absl::IsInvalidArgument(enrolment.Enroll(request, sensor_).status()));
  request.set_request_pem(*pki::MakeRequest(key_, "s1"));
  EXPECT_TRUE(enrolment.Enroll(request, sensor_).ok());
}

TEST_F(EnrolmentTest, GuessingIsSlow) {
  Enrolment enrolment(config_, book_, clock_);
  const auto token = pki::ParseEnrolmentToken(
      enrolment.Invite(Invitation(), Caller())->token());
  v1::EnrollRequest guess;
  guess.set_request_pem(*pki::MakeRequest(key_, "s1"));
  int unauthenticated = 0;
  int exhausted = 0;
  for (int i = 0; i < 100; ++i) {
    guess.set_secret(pki::NewSecret());
    const absl::Status status = enrolment.Enroll(guess, sensor_).status();
    unauthenticated += absl::IsUnauthenticated(status);
    exhausted += absl::IsResourceExhausted(status);
  }
  EXPECT_EQ(unauthenticated, 10);
  EXPECT_EQ(exhausted, 90);
  // Also with the right one, from there; not from elsewhere.
  guess.set_secret(token->secret);
  EXPECT_TRUE(
      absl::IsResourceExhausted(enrolment.Enroll(guess, sensor_).status()));
  Caller other;
  other.address = "10.0.0.8";
  EXPECT_TRUE(enrolment.Enroll(guess, other).ok());
}

TEST_F(EnrolmentTest, RenewsForWhoIsEnrolled) {
  Enrolment enrolment(config_, book_, clock_);
  const int64_t now_s = clock_.WallNs() / 1'000'000'000;
  const pki::Validity present = {now_s - 60, now_s + 60};
  v1::RenewRequest request;
  request.set_request_pem(*pki::MakeRequest(key_, "s1"));
  sensor_.name = "s1";
  EXPECT_TRUE(absl::IsPermissionDenied(
      enrolment.Renew(request, present, sensor_).status()));
  v1::EnrollRequest first;
  first.set_request_pem(request.request_pem());
  first.set_secret(pki::ParseEnrolmentToken(
                       enrolment.Invite(Invitation(), Caller())->token())
                       ->secret);
  ASSERT_TRUE(enrolment.Enroll(first, sensor_).ok());
  const auto next = enrolment.Renew(request, present, sensor_);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_TRUE(pki::CheckPair(next->certificate_pem(), key_).ok());
  // Not for another sensor.
  request.set_request_pem(*pki::MakeRequest(key_, "s2"));
  EXPECT_TRUE(absl::IsInvalidArgument(
      enrolment.Renew(request, present, sensor_).status()));
  // Not for ever so often.
  absl::Status last;
  for (int i = 0; i < 10; ++i) {
    last = enrolment.Renew(request, present, sensor_).status();
  }
  EXPECT_TRUE(absl::IsResourceExhausted(last));
}

TEST_F(EnrolmentTest, IsOffWithoutAKey) {
  config_.clear_enroll();
  Enrolment off(config_, book_, clock_);
  EXPECT_TRUE(Enrolment::CheckFiles(config_).ok());
  for (const absl::Status& status :
       {off.Invite(Invitation(), Caller()).status(),
        off.GetAuthorities("10.0.0.7").status()}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(status));
    EXPECT_THAT(std::string(status.message()), HasSubstr("enrolment is off"));
  }
}

TEST_F(EnrolmentTest, RefusesInvitationsThatMakeNoSense) {
  Enrolment enrolment(config_, book_, clock_);
  const auto refused = [&](auto change) {
    v1::EnrollSensorRequest request = Invitation();
    change(request);
    return absl::IsInvalidArgument(
        enrolment.Invite(request, Caller()).status());
  };
  EXPECT_TRUE(refused([](auto& request) { request.clear_id(); }));
  EXPECT_TRUE(refused([](auto& request) { request.set_id("a:b"); }));
  EXPECT_TRUE(refused([](auto& request) { request.clear_site(); }));
  EXPECT_TRUE(refused([](auto& request) { request.add_capture_points(""); }));
  EXPECT_TRUE(
      refused([](auto& request) { request.set_valid_seconds(31 * 86'400); }));
}

TEST_F(EnrolmentTest, SaysWhichFileIsNotInOrder) {
  EXPECT_EQ(WhyBadFiles(), "");
  config_.mutable_enroll()->set_ca_key(Path("nowhere"));
  EXPECT_THAT(WhyBadFiles(), HasSubstr("nowhere"));
  config_.mutable_enroll()->set_ca_key(Path("ca.key"));

  const fakes::Authority other("other");
  Write("other.pem", other.pem().certificate);
  config_.mutable_tls()->set_ca(Path("other.pem"));
  EXPECT_THAT(WhyBadFiles(), HasSubstr("(enroll.ca_cert) is not in"));
  config_.mutable_tls()->set_ca(Path("ca.pem"));

  config_.mutable_enroll()->set_server_ca(Path("other.pem"));
  EXPECT_THAT(WhyBadFiles(), HasSubstr("set enroll.server_ca"));
  // With both, as during a roll-over.
  Write("both.pem", other.pem().certificate + authority_.pem().certificate);
  config_.mutable_enroll()->set_server_ca(Path("both.pem"));
  EXPECT_EQ(WhyBadFiles(), "");
}

}  // namespace
}  // namespace callbraid::collector
