#include "collector/access/sensor_book.h"

#include <cstdint>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

using testing::HasSubstr;

constexpr int64_t kHourNs = 3'600'000'000'000;

class SensorBookTest : public testing::Test {
 protected:
  SensorBookTest() { Open(); }

  // As after a restart.
  void Open() {
    audit_ =
        std::make_unique<AuditLog>(access_config_, store_.access(), clock_);
    ASSERT_TRUE(audit_->Load().ok());
    book_ =
        std::make_unique<SensorBook>(config_, store_.access(), *audit_, clock_);
    ASSERT_TRUE(book_->Load().ok());
  }
  int64_t NowS() const { return clock_.WallNs() / 1'000'000'000; }
  static v1::Hello Hello(const std::string& site = "berlin",
                         const std::string& point = "eth0") {
    v1::Hello hello;
    hello.set_sensor_id("s1");
    hello.set_site(site);
    hello.add_capture_points()->set_name(point);
    return hello;
  }
  // "" if it may be.
  std::string WhyNot(const v1::Hello& hello) const {
    return WhyNot(hello, {NowS() - 60, NowS() + 3600});
  }
  std::string WhyNot(const v1::Hello& hello,
                     const pki::Validity& certificate) const {
    const auto refusal = book_->Check(hello, certificate);
    if (!refusal) return "";
    EXPECT_FALSE(refusal->status.ok());
    return refusal->reason;
  }
  void Invite(const std::string& hash = "hash",
              const std::string& point = std::string()) {
    v1::EnrollSensorRequest request;
    request.set_id("s1");
    request.set_site("berlin");
    if (!point.empty()) request.add_capture_points(point);
    const absl::Status status =
        book_->Invite(request, hash, NowS() + 3600, Caller());
    ASSERT_TRUE(status.ok()) << status;
  }
  absl::Status Enroll(const std::string& hash = "hash") {
    return book_->Enrolled(hash, {"", {NowS() - 60, NowS() + 86'400}, "5a"},
                           Caller());
  }
  std::vector<v1::AuditAct> Acts() const {
    std::vector<v1::AuditAct> acts;
    const auto entries = audit_->List({});
    for (const auto& entry : entries->entries()) acts.push_back(entry.act());
    return acts;
  }

  fakes::FakeClock clock_;
  MemoryStore store_;
  v1::IngestConfig config_;
  v1::AccessConfig access_config_ = [] {
    v1::AccessConfig config;
    config.set_audit_days(10);
    config.set_audit_entries(100'000);
    return config;
  }();
  std::unique_ptr<AuditLog> audit_;
  std::unique_ptr<SensorBook> book_;
};

TEST_F(SensorBookTest, TakesAnyoneOfWhomNothingWasDecided) {
  EXPECT_EQ(WhyNot(Hello()), "");
}

TEST_F(SensorBookTest, TakesOnlyEnrolledOnesWhenToldTo) {
  config_.set_enrolled_only(true);
  Open();
  EXPECT_EQ(WhyNot(Hello()), "not_enrolled");
  Invite();
  EXPECT_EQ(WhyNot(Hello()), "not_enrolled");
  ASSERT_TRUE(Enroll().ok());
  EXPECT_EQ(WhyNot(Hello()), "");
}

TEST_F(SensorBookTest, NothingChangesBeforeTheTokenIsUsed) {
  Invite();
  EXPECT_EQ(WhyNot(Hello("paris")), "");
  EXPECT_EQ(book_->TrustOf("s1")->site(), "");
  EXPECT_EQ(book_->TrustOf("s1")->invited_site(), "berlin");
  ASSERT_TRUE(Enroll().ok());
  EXPECT_EQ(WhyNot(Hello("paris")), "site");
  EXPECT_EQ(book_->TrustOf("s1")->site(), "berlin");
  EXPECT_EQ(book_->TrustOf("s1")->invited_site(), "");
  // Nor of one that is bound more tightly.
  Invite("second", "eth0");
  EXPECT_EQ(WhyNot(Hello("berlin", "eth1")), "");
  ASSERT_TRUE(book_->Revoke("s1", Caller()).ok());
  ASSERT_TRUE(book_->Allow("s1", Caller()).ok());
  EXPECT_TRUE(book_->TrustOf("s1")->invited_capture_points().empty());
}

TEST_F(SensorBookTest, BindsToASite) {
  Invite();
  ASSERT_TRUE(Enroll().ok());
  EXPECT_EQ(WhyNot(Hello("berlin")), "");
  const auto refusal = book_->Check(Hello("paris"), {});
  ASSERT_TRUE(refusal.has_value());
  EXPECT_TRUE(absl::IsPermissionDenied(refusal->status));
  EXPECT_EQ(refusal->status.message(),
            "sensor 's1' is bound to site 'berlin' and says that it is at "
            "'paris'");
}

TEST_F(SensorBookTest, BindsToCapturePointsIfAnyAreGiven) {
  Invite("hash", "eth0");
  ASSERT_TRUE(Enroll().ok());
  EXPECT_EQ(WhyNot(Hello("berlin", "eth0")), "");
  EXPECT_EQ(WhyNot(Hello("berlin", "eth1")), "capture_point");
}

TEST_F(SensorBookTest, ATokenIsForOneUse) {
  Invite();
  EXPECT_EQ(*book_->SensorOfToken("hash"), "s1");
  EXPECT_TRUE(Enroll().ok());
  EXPECT_TRUE(absl::IsUnauthenticated(Enroll()));
  EXPECT_TRUE(absl::IsUnauthenticated(book_->SensorOfToken("hash").status()));
  EXPECT_TRUE(absl::IsUnauthenticated(book_->SensorOfToken("").status()));
}

TEST_F(SensorBookTest, ATokenExpires) {
  Invite();
  clock_.Advance(kHourNs - 1'000'000'000);
  EXPECT_TRUE(book_->SensorOfToken("hash").ok());
  clock_.Advance(1'000'000'000);
  EXPECT_TRUE(absl::IsUnauthenticated(Enroll()));
}

TEST_F(SensorBookTest, ANewTokenMakesTheOldOneVoid) {
  Invite("old");
  Invite("new");
  EXPECT_TRUE(absl::IsUnauthenticated(Enroll("old")));
  EXPECT_TRUE(Enroll("new").ok());
}

TEST_F(SensorBookTest, RevocationHoldsUntilItIsTakenBack) {
  const uint64_t changes = book_->changes();
  ASSERT_TRUE(book_->Revoke("s1", Caller()).ok());
  EXPECT_NE(book_->changes(), changes);
  EXPECT_EQ(WhyNot(Hello()), "revoked");
  Open();
  EXPECT_EQ(WhyNot(Hello()), "revoked");
  ASSERT_TRUE(book_->Allow("s1", Caller()).ok());
  EXPECT_EQ(WhyNot(Hello()), "");
  EXPECT_TRUE(
      absl::IsFailedPrecondition(book_->Allow("s1", Caller()).status()));
  EXPECT_TRUE(absl::IsNotFound(book_->Allow("s2", Caller()).status()));
}

TEST_F(SensorBookTest, RevocationMakesAWaitingTokenVoid) {
  Invite();
  ASSERT_TRUE(book_->Revoke("s1", Caller()).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(Enroll()));
}

TEST_F(SensorBookTest, EnrolledAgainAfterARevocationOldCertificatesAreVoid) {
  Invite();
  ASSERT_TRUE(Enroll().ok());
  const pki::Validity old = {NowS() - 60, NowS() + 86'400};
  clock_.Advance(kHourNs);
  ASSERT_TRUE(book_->Revoke("s1", Caller()).ok());
  Invite("second");
  // Not before the token is used.
  EXPECT_EQ(WhyNot(Hello()), "revoked");
  ASSERT_TRUE(Enroll("second").ok());
  Open();
  EXPECT_EQ(WhyNot(Hello(), old), "void");
  EXPECT_EQ(WhyNot(Hello(), {NowS() - 60, NowS() + 86'400}), "");
  EXPECT_TRUE(absl::IsPermissionDenied(book_->CheckRenewal("s1", old)));
}

TEST_F(SensorBookTest, ACertificateMayExpireForAGrace) {
  const int64_t now_s = NowS();
  EXPECT_EQ(WhyNot(Hello(), {0, now_s - 600}), "");
  EXPECT_EQ(WhyNot(Hello(), {0, now_s - 601}), "expired");
  EXPECT_EQ(WhyNot(Hello(), {0, 0}), "expired");
  EXPECT_EQ(WhyNot(Hello(), {}), "");
}

TEST_F(SensorBookTest, RenewsWhatWasEnrolledHereAndIsGood) {
  const pki::Validity good = {NowS() - 60, NowS() + 60};
  EXPECT_THAT(std::string(book_->CheckRenewal("s1", good).message()),
              HasSubstr("was not enrolled here"));
  Invite();
  ASSERT_TRUE(Enroll().ok());
  EXPECT_TRUE(book_->CheckRenewal("s1", good).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(
      book_->CheckRenewal("s1", {NowS() - 60, NowS() - 1})));
  ASSERT_TRUE(
      book_->Renewed("s1", {"", {NowS(), NowS() + 999}, ""}, Caller()).ok());
  EXPECT_EQ(book_->TrustOf("s1")->certificate_expire_time().seconds(),
            NowS() + 999);
  ASSERT_TRUE(book_->Revoke("s1", Caller()).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(book_->CheckRenewal("s1", good)));
  EXPECT_TRUE(
      absl::IsPermissionDenied(book_->Renewed("s1", {"", good, ""}, Caller())));
}

TEST_F(SensorBookTest, EverythingIsNoted) {
  Invite();
  ASSERT_TRUE(Enroll().ok());
  ASSERT_TRUE(book_->Renewed("s1", {}, Caller()).ok());
  ASSERT_TRUE(book_->Revoke("s1", Caller()).ok());
  ASSERT_TRUE(book_->Allow("s1", Caller()).ok());
  EXPECT_THAT(Acts(), testing::ElementsAre(v1::AUDIT_ACT_ALLOW_SENSOR,
                                           v1::AUDIT_ACT_REVOKE_SENSOR,
                                           v1::AUDIT_ACT_CERTIFY_SENSOR,
                                           v1::AUDIT_ACT_CERTIFY_SENSOR,
                                           v1::AUDIT_ACT_ENROLL_SENSOR));
}

TEST_F(SensorBookTest, WhatCannotBeNotedDoesNotHappen) {
  Invite();
  store_.FailCommitsWith(absl::UnavailableError("the disk is full"));
  EXPECT_TRUE(absl::IsUnavailable(Enroll()));
  EXPECT_EQ(WhyNot(Hello()), "");
  EXPECT_TRUE(book_->SensorOfToken("hash").ok());
}

TEST_F(SensorBookTest, ARevocationHoldsAlsoWhenTheDiskIsFull) {
  Invite();
  ASSERT_TRUE(Enroll().ok());
  const uint64_t changes = book_->changes();
  store_.FailCommitsWith(absl::UnavailableError("the disk is full"), 1);
  const absl::Status status = book_->Revoke("s1", Caller()).status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("the disk is full"));
  EXPECT_EQ(WhyNot(Hello()), "revoked");
  EXPECT_NE(book_->changes(), changes);
  // Not written, and said so.
  Open();
  EXPECT_EQ(WhyNot(Hello()), "");
  store_.FailCommitsWith(absl::UnavailableError("the disk is full"), 1);
  EXPECT_FALSE(book_->Revoke("s1", Caller()).ok());
  // Asked again, it is.
  EXPECT_TRUE(book_->Revoke("s1", Caller()).ok());
  Open();
  EXPECT_EQ(WhyNot(Hello()), "revoked");
}

TEST_F(SensorBookTest, HoldsNoMoreThanItsBound) {
  for (size_t i = 0; i < SensorBook::kMaxRecords; ++i) {
    ASSERT_TRUE(book_->Revoke("x" + std::to_string(i), Caller()).ok());
  }
  EXPECT_TRUE(
      absl::IsResourceExhausted(book_->Revoke("one more", Caller()).status()));
  v1::EnrollSensorRequest request;
  request.set_id("one more");
  request.set_site("berlin");
  EXPECT_TRUE(absl::IsResourceExhausted(
      book_->Invite(request, "hash", NowS() + 3600, Caller())));
  // Those that it has can still be decided about.
  EXPECT_TRUE(book_->Allow("x5", Caller()).ok());
  EXPECT_TRUE(book_->Revoke("x5", Caller()).ok());
}

TEST_F(SensorBookTest, TheLogTellsCertificatesApart) {
  Invite();
  ASSERT_TRUE(Enroll().ok());
  EXPECT_THAT(audit_->List({})->entries(0).detail(), HasSubstr("serial 5a"));
}

}  // namespace
}  // namespace callbraid::collector
