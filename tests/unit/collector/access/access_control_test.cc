#include "collector/access/access_control.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "callbraid/v1/query.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "callbraid/v1/uplink.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

using absl::StatusCode;

constexpr int64_t kMinute = 60'000'000'000;

v1::AccessConfig Config() {
  v1::AccessConfig config;
  config.set_audit_days(10);
  config.set_audit_entries(1000);
  config.set_bad_tokens_per_minute(3);
  const auto add = [&config](const char* name, const char* role) {
    v1::AccessClient* client = config.add_clients();
    client->set_name(name);
    client->set_role(role);
    return client;
  };
  add("boss", "admin");
  add("ann", "viewer")->add_sites("berlin");
  add("audrey", "auditor");
  return config;
}

class AccessControlTest : public testing::Test {
 protected:
  AccessControlTest() { EXPECT_TRUE(access_.Load().ok()); }

  static Peer Named(const std::string& name) {
    Peer peer;
    peer.address = "10.0.0.9";
    if (!name.empty()) peer.certificate.common_names = {name};
    return peer;
  }
  static Peer Sending(const std::vector<std::string>& authorization,
                      const std::string& address = "10.0.0.1") {
    Peer peer;
    peer.address = address;
    peer.authorization = authorization;
    return peer;
  }
  template <typename Request>
  StatusCode Ask(const Peer& peer, AccessControl* control = nullptr) {
    return (control == nullptr ? access_ : *control)
        .Admit(peer, *Request::descriptor(), "")
        .status()
        .code();
  }
  std::string Token(v1::Role role = v1::ROLE_VIEWER) {
    v1::CreateTokenRequest request;
    request.set_name("token");
    request.set_role(role);
    const auto made = access_.tokens().Create(request, Caller());
    EXPECT_TRUE(made.ok()) << made.status();
    id_ = made->token().id();
    return made->secret();
  }
  // Of logins that came to nothing, newest first.
  std::vector<v1::AuditEntry> FailedLogins() {
    Refusals();
    std::vector<v1::AuditEntry> failed;
    for (const v1::AuditEntry& entry : Log()) {
      if (entry.act() == v1::AUDIT_ACT_LOG_IN && entry.status() != 0) {
        failed.push_back(entry);
      }
    }
    return failed;
  }
  // Of refusals, newest first.
  std::vector<v1::AuditEntry> Refusals() {
    size_t before = 0;
    do {
      before = Log().size();
      access_.RunOnce(absl::ZeroDuration());
    } while (Log().size() > before);
    std::vector<v1::AuditEntry> refusals;
    for (const v1::AuditEntry& entry : Log()) {
      if (entry.act() == v1::AUDIT_ACT_REFUSED) refusals.push_back(entry);
    }
    return refusals;
  }
  std::vector<v1::AuditEntry> Log() {
    v1::ListAuditRequest request;
    request.set_page_size(1000);
    const auto page = access_.audit().List(request);
    return {page->entries().begin(), page->entries().end()};
  }

  fakes::FakeClock clock_;
  MemoryStore store_;
  AccessControl access_{Config(), false, "", store_.access(), clock_};
  std::string id_;
};

TEST_F(AccessControlTest, ALoginIsSentAsATokenIs) {
  v1::SetUserRequest user;
  user.mutable_user()->set_name("carl");
  user.mutable_user()->set_role(v1::ROLE_OPERATOR);
  user.set_password("correct horse");
  ASSERT_TRUE(access_.SetUser(user, Caller()).ok());
  v1::LogInRequest request;
  request.set_name("carl");
  request.set_password("correct horse");
  const auto login = access_.LogIn(request, Sending({}));
  ASSERT_TRUE(login.ok()) << login.status();
  const Peer peer = Sending({"Bearer " + login->secret()});
  EXPECT_EQ(Ask<v1::ListSensorsRequest>(peer), StatusCode::kOk);
  EXPECT_EQ(Ask<v1::ListTokensRequest>(peer), StatusCode::kPermissionDenied);
  const auto caller =
      access_.Admit(peer, *v1::ListCallsRequest::descriptor(), "");
  EXPECT_EQ(caller->credential, v1::CREDENTIAL_PASSWORD);
  EXPECT_EQ(caller->name, "carl");
  ASSERT_TRUE(access_.RemoveUser("carl", Caller()).ok());
  EXPECT_EQ(Ask<v1::ListSensorsRequest>(peer), StatusCode::kUnauthenticated);
}

TEST_F(AccessControlTest, WhatEndedIsNoGuess) {
  v1::SetUserRequest user;
  user.mutable_user()->set_name("carl");
  user.mutable_user()->set_role(v1::ROLE_VIEWER);
  user.set_password("correct horse");
  ASSERT_TRUE(access_.SetUser(user, Caller()).ok());
  v1::LogInRequest request;
  request.set_name("carl");
  request.set_password("correct horse");
  const std::string login =
      "Bearer " + access_.LogIn(request, Sending({}))->secret();
  const auto shared =
      access_.tokens().Share({}, std::string(32, 'a'), Caller());
  const std::string guest = "Bearer " + shared->secret();
  ASSERT_TRUE(access_.RemoveUser("carl", Caller()).ok());
  ASSERT_TRUE(access_.Revoke(shared->token().id(), Caller()).ok());
  clock_.Advance(kMinute);
  access_.RunOnce(absl::ZeroDuration());
  const auto ask = [&] {
    for (const std::string& ended : {login, guest}) {
      EXPECT_EQ(Ask<v1::GetCallRequest>(Sending({ended})),
                StatusCode::kUnauthenticated);
    }
  };
  for (int i = 0; i < 5; ++i) ask();
  // A page that was open does not lock out who logs in anew.
  EXPECT_TRUE(access_.MayTry("10.0.0.1").ok());
  // Nor does it go on playing where too many guesses came.
  for (int i = 0; i < 4; ++i) Ask<v1::GetCallRequest>(Sending({"Bearer x"}));
  EXPECT_FALSE(access_.MayTry("10.0.0.1").ok());
  ask();
  const auto refusals = Refusals();
  ASSERT_GE(refusals.size(), 2u);
  EXPECT_EQ(refusals.back().user(), "carl");
  EXPECT_EQ(refusals.back().credential(), v1::CREDENTIAL_PASSWORD);
}

TEST_F(AccessControlTest, PasswordsAreNotTriedForEver) {
  v1::LogInRequest request;
  request.set_name("carl");
  request.set_password("wrong horse");
  const auto tries = [&](const std::string& address) {
    return access_.LogIn(request, Sending({}, address)).status().code();
  };
  // Of one address: as many as bad tokens.
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(tries("10.0.0.1"), StatusCode::kUnauthenticated);
  }
  EXPECT_EQ(tries("10.0.0.1"), StatusCode::kResourceExhausted);
  // Of one name, from anywhere.
  int looked_at = 3;
  for (int i = 2; i < 30; ++i) {
    if (tries("10.0.0." + std::to_string(i)) == StatusCode::kUnauthenticated) {
      ++looked_at;
    }
  }
  EXPECT_EQ(looked_at, 20);
}

TEST_F(AccessControlTest, NotesWhoWasNotLoggedInAlsoForALimit) {
  v1::SetUserRequest user;
  user.mutable_user()->set_name("carl");
  user.mutable_user()->set_role(v1::ROLE_VIEWER);
  user.set_password("correct horse");
  ASSERT_TRUE(access_.SetUser(user, Caller()).ok());
  v1::LogInRequest request;
  request.set_password("wrong horse");
  // What is no name may be a password.
  for (const char* name : {"carl", "correct horse", "nobody", "carl"}) {
    request.set_name(name);
    (void)access_.LogIn(request, Sending({}));
  }
  auto failed = FailedLogins();
  ASSERT_EQ(failed.size(), 4u);
  EXPECT_EQ(failed[0].status(), 8u) << "too many of this address";
  EXPECT_EQ(failed[0].target(), "carl");
  EXPECT_EQ(failed[0].address(), "10.0.0.1");
  EXPECT_EQ(failed[1].target(), "");
  EXPECT_EQ(failed[2].target(), "");
  EXPECT_EQ(failed[3].status(), 16u);
  EXPECT_EQ(failed[3].target(), "carl");
  // Of a name, from many addresses.
  for (int i = 2; i < 24; ++i) {
    (void)access_.LogIn(request, Sending({}, absl::StrCat("10.0.0.", i)));
  }
  failed = FailedLogins();
  ASSERT_EQ(failed.size(), 26u);
  EXPECT_EQ(failed[0].status(), 8u) << "too many for this name";
  EXPECT_EQ(failed[0].address(), "10.0.0.23");
}

TEST_F(AccessControlTest, AWrongOldPasswordIsCountedAndNotedAndEndsNothing) {
  v1::SetUserRequest user;
  user.mutable_user()->set_name("carl");
  user.mutable_user()->set_role(v1::ROLE_VIEWER);
  user.set_password("correct horse");
  ASSERT_TRUE(access_.SetUser(user, Caller()).ok());
  v1::LogInRequest request;
  request.set_name("carl");
  request.set_password("correct horse");
  const Peer peer =
      Sending({"Bearer " + access_.LogIn(request, Sending({}))->secret()});
  const auto caller =
      access_.Admit(peer, *v1::ChangePasswordRequest::descriptor(), "");
  ASSERT_TRUE(caller.ok()) << caller.status();
  v1::ChangePasswordRequest change;
  change.set_old_password("wrong horse");
  change.set_new_password("another horse");
  const auto tried = [&] {
    return access_.ChangePassword(change, *caller).code();
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(tried(), StatusCode::kPermissionDenied);
  EXPECT_EQ(tried(), StatusCode::kResourceExhausted);
  EXPECT_EQ(Ask<v1::ListCallsRequest>(peer), StatusCode::kOk);
  Refusals();
  const auto log = Log();
  EXPECT_EQ(std::count_if(log.begin(), log.end(),
                          [](const v1::AuditEntry& entry) {
                            return entry.act() ==
                                       v1::AUDIT_ACT_CHANGE_PASSWORD &&
                                   entry.target() == "carl";
                          }),
            4);
}

TEST_F(AccessControlTest, NothingLongIsRememberedOfWhoTries) {
  v1::LogInRequest request;
  request.set_name(std::string(1 << 20, 'x'));
  request.set_password("correct horse");
  EXPECT_EQ(access_.LogIn(request, Sending({})).status().code(),
            StatusCode::kUnauthenticated);
  EXPECT_TRUE(access_.MayTry("10.0.0.1").ok());
  for (int i = 0; i < 2; ++i) (void)access_.LogIn(request, Sending({}));
  EXPECT_FALSE(access_.MayTry("10.0.0.1").ok());
}

TEST_F(AccessControlTest, AGuestHasANameThatNoUserHas) {
  v1::ShareCallRequest request;
  request.set_name("boss");
  Caller boss;
  boss.name = "boss";
  const auto shared =
      access_.tokens().Share(request, std::string(32, 'a'), boss);
  ASSERT_TRUE(shared.ok()) << shared.status();
  const Peer peer = Sending({"Bearer " + shared->secret()});
  const auto caller =
      access_.Admit(peer, *v1::GetCallRequest::descriptor(), "");
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->name, "guest:boss");
  EXPECT_EQ(Ask<v1::ListCallsRequest>(peer), StatusCode::kPermissionDenied);
}

TEST_F(AccessControlTest, ALinkDoesNotTakeTheThreadsOfEveryone) {
  const auto share = [this] {
    const auto shared =
        access_.tokens().Share({}, std::string(32, 'a'), Caller());
    EXPECT_TRUE(shared.ok()) << shared.status();
    return Sending({"Bearer " + shared->secret()});
  };
  const Peer guest = share();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(Ask<v1::GetTimelineRequest>(guest), StatusCode::kOk);
    EXPECT_EQ(Ask<v1::GetQualityRequest>(guest), StatusCode::kOk);
    EXPECT_EQ(Ask<v1::GetFaxRequest>(guest), StatusCode::kOk);
  }
  EXPECT_EQ(Ask<v1::GetTimelineRequest>(guest), StatusCode::kResourceExhausted);
  EXPECT_EQ(Ask<v1::GetAudioRequest>(guest), StatusCode::kResourceExhausted);
  EXPECT_EQ(Refusals().size(), 2u);
  // What costs nothing is told, and others are not held up, called alike or
  // not.
  EXPECT_EQ(Ask<v1::GetCallRequest>(guest), StatusCode::kOk);
  EXPECT_EQ(Ask<v1::GetTimelineRequest>(share()), StatusCode::kOk);
  const Peer viewer = Sending({"Bearer " + Token()});
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Ask<v1::GetTimelineRequest>(viewer), StatusCode::kOk);
  }
  clock_.Advance(kMinute);
  EXPECT_EQ(Ask<v1::GetTimelineRequest>(guest), StatusCode::kOk);
}

TEST_F(AccessControlTest, ACertificateHasTheRoleOfTheConfiguration) {
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Named("boss")), StatusCode::kOk);
  EXPECT_EQ(Ask<v1::CreateTokenRequest>(Named("boss")), StatusCode::kOk);
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Named("ann")), StatusCode::kOk);
  EXPECT_EQ(Ask<v1::ListSensorsRequest>(Named("ann")),
            StatusCode::kPermissionDenied);
  EXPECT_EQ(Ask<v1::ListAuditRequest>(Named("audrey")), StatusCode::kOk);
  EXPECT_EQ(Ask<v1::GetAudioRequest>(Named("audrey")),
            StatusCode::kPermissionDenied);
}

TEST_F(AccessControlTest, ACallerSeesWhatItsScopeSays) {
  const auto caller =
      access_.Admit(Named("ann"), *v1::ListCallsRequest::descriptor(), "");
  ASSERT_TRUE(caller.ok());
  EXPECT_TRUE(caller->scope.SeesSite("berlin"));
  EXPECT_FALSE(caller->scope.SeesSite("bonn"));
  EXPECT_EQ(caller->name, "ann");
  EXPECT_EQ(caller->method, "callbraid.v1.CallService.ListCalls");
}

TEST_F(AccessControlTest, RefusesWhoIsNobody) {
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Named("")), StatusCode::kUnauthenticated);
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Named("stranger")),
            StatusCode::kPermissionDenied);
  Peer sensor = Named("boss");
  sensor.certificate.sensors = {"s1"};
  EXPECT_EQ(Ask<v1::ListCallsRequest>(sensor), StatusCode::kPermissionDenied);
}

TEST_F(AccessControlTest, NobodyMayCallWhatIsNotInTheTable) {
  EXPECT_EQ(Ask<v1::ConnectRequest>(Named("boss")),
            StatusCode::kPermissionDenied);
}

TEST_F(AccessControlTest, ATokenIsTakenInOneFormOnly) {
  const std::string token = Token();
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({"Bearer " + token})),
            StatusCode::kOk);
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({"bearer " + token})),
            StatusCode::kOk);
  int address = 0;
  for (const std::string& bad :
       {token, "Basic " + token, "Bearer  " + token, "Bearer " + token + " ",
        "Bearer " + token + ", Bearer " + token, "Bearer " + token.substr(1),
        std::string("Bearer "), std::string(), std::string("Bearer"),
        "Bearer " + std::string(100'000, 'a')}) {
    EXPECT_EQ(Ask<v1::ListCallsRequest>(
                  Sending({bad}, absl::StrCat("10.1.0.", ++address))),
              StatusCode::kUnauthenticated)
        << bad.substr(0, 80);
  }
}

TEST_F(AccessControlTest, TwoAuthorizationsAreNone) {
  const std::string token = Token();
  const std::string header = "Bearer " + token;
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({header, header})),
            StatusCode::kUnauthenticated);
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({header, ""})),
            StatusCode::kUnauthenticated);
}

TEST_F(AccessControlTest, ATokenThatIsSentDecides) {
  Peer peer = Named("boss");
  peer.authorization = {"Bearer " + Token(v1::ROLE_VIEWER)};
  EXPECT_EQ(Ask<v1::ListCallsRequest>(peer), StatusCode::kOk);
  EXPECT_EQ(Ask<v1::ListTokensRequest>(peer), StatusCode::kPermissionDenied);
  peer.authorization = {"Bearer nonsense"};
  EXPECT_EQ(Ask<v1::ListCallsRequest>(peer), StatusCode::kUnauthenticated);
}

TEST_F(AccessControlTest, RevokedAndExpiredTokensAreRefused) {
  const std::string first = "Bearer " + Token();
  ASSERT_TRUE(access_.Revoke(id_, Caller()).ok());
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({first})),
            StatusCode::kUnauthenticated);
  const std::string second = "Bearer " + Token();
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({second})), StatusCode::kOk);
  clock_.Advance(91 * 24 * 60 * kMinute);
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({second})),
            StatusCode::kUnauthenticated);
}

TEST_F(AccessControlTest, RevokingEndsWhatRunsOnTheToken) {
  const auto caller = access_.Admit(Sending({"Bearer " + Token()}),
                                    *v1::GetAudioRequest::descriptor(), "");
  ASSERT_TRUE(caller.ok());
  int ended = 0;
  const auto session = access_.sessions().Add(
      *caller, [&ended](const absl::Status&) { ++ended; });
  EXPECT_TRUE(access_.Check(*caller).ok());
  ASSERT_TRUE(access_.Revoke(id_, Caller()).ok());
  EXPECT_EQ(ended, 1);
  EXPECT_TRUE(absl::IsUnauthenticated(access_.Check(*caller)));
}

TEST_F(AccessControlTest, ExpiryEndsWhatRunsOnTheToken) {
  const auto caller = access_.Admit(Sending({"Bearer " + Token()}),
                                    *v1::GetAudioRequest::descriptor(), "");
  int ended = 0;
  const auto session = access_.sessions().Add(
      *caller, [&ended](const absl::Status&) { ++ended; });
  access_.RunOnce(absl::ZeroDuration());
  EXPECT_EQ(ended, 0);
  clock_.Advance(91 * 24 * 60 * kMinute);
  access_.RunOnce(absl::ZeroDuration());
  EXPECT_EQ(ended, 1);
}

TEST_F(AccessControlTest, AnAddressHasSoManyBadTokens) {
  const std::string good = "Bearer " + Token();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({"Bearer x"})),
              StatusCode::kUnauthenticated);
  }
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({"Bearer x"})),
            StatusCode::kResourceExhausted);
  // A good one is not looked at either: its answer would be one to a guess.
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({good})),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({good}, "10.0.0.2")),
            StatusCode::kOk);
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Named("boss")), StatusCode::kOk);
  clock_.Advance(kMinute);
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({good})), StatusCode::kOk);
}

TEST_F(AccessControlTest, NobodyPushesTheRestOutOfTheLogByListening) {
  Caller ann;
  ann.name = "ann";
  Caller bob;
  bob.name = "bob";
  const auto listen = [this](const Caller& caller) {
    return access_.NoteAct(caller, v1::AUDIT_ACT_LISTEN, "call").code();
  };
  for (int i = 0; i < 600; ++i) ASSERT_EQ(listen(ann), StatusCode::kOk);
  EXPECT_EQ(listen(ann), StatusCode::kResourceExhausted);
  EXPECT_EQ(listen(bob), StatusCode::kOk);
  clock_.Advance(kMinute);
  EXPECT_EQ(listen(ann), StatusCode::kOk);
}

TEST_F(AccessControlTest, WhoWasThereBeforeIsNotLockedOutByANeighbour) {
  const std::string good = "Bearer " + Token();
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({good})), StatusCode::kOk);
  for (int i = 0; i < 10; ++i) Ask<v1::ListCallsRequest>(Sending({"Bearer x"}));
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({"Bearer x"})),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({good})), StatusCode::kOk);
}

TEST_F(AccessControlTest, OneMachineHasOneNetworkOfIpv6) {
  for (int i = 0; i < 3; ++i) {
    Ask<v1::ListCallsRequest>(
        Sending({"Bearer x"}, absl::StrCat("2001:db8::", i + 1)));
  }
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({"Bearer x"}, "2001:db8::9")),
            StatusCode::kResourceExhausted);
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({"Bearer x"}, "2001:db8:0:1::")),
            StatusCode::kUnauthenticated);
}

TEST_F(AccessControlTest, NotesWhoWasRefused) {
  Ask<v1::GetAudioRequest>(Named("audrey"));
  Ask<v1::GetAudioRequest>(Named("stranger"));
  const auto refusals = Refusals();
  ASSERT_EQ(refusals.size(), 2u);
  EXPECT_EQ(refusals[1].user(), "audrey");
  EXPECT_EQ(refusals[1].credential(), v1::CREDENTIAL_CERTIFICATE);
  EXPECT_EQ(refusals[1].method(), "callbraid.v1.CallService.GetAudio");
  EXPECT_EQ(refusals[1].address(), "10.0.0.9");
  EXPECT_EQ(refusals[1].status(), 7u);
  EXPECT_EQ(refusals[0].user(), "stranger");
  EXPECT_EQ(refusals[0].credential(), v1::CREDENTIAL_NONE);
}

TEST_F(AccessControlTest, AFloodOfRefusalsIsCountedNotNoted) {
  for (int i = 0; i < 100; ++i) Ask<v1::GetAudioRequest>(Named(""));
  EXPECT_EQ(Refusals().size(), 10u);
  clock_.Advance(kMinute);
  access_.RunOnce(absl::ZeroDuration());
  const auto refusals = Refusals();
  ASSERT_EQ(refusals.size(), 11u);
  EXPECT_EQ(refusals[0].skipped(), 90u);
  // From however many addresses.
  for (int i = 0; i < 1000; ++i) {
    Peer peer;
    peer.address = absl::StrCat("10.", i / 250, ".0.", i % 250);
    Ask<v1::GetAudioRequest>(peer);
  }
  EXPECT_EQ(Refusals().size(), 11u + 90u);
}

TEST_F(AccessControlTest, PlaintextIsOpenButTokensAreChecked) {
  AccessControl open(Config(), true, "", store_.access(), clock_);
  ASSERT_TRUE(open.Load().ok());
  EXPECT_EQ(Ask<v1::CreateTokenRequest>(Peer(), &open), StatusCode::kOk);
  EXPECT_FALSE(open.Barred());
  EXPECT_EQ(Ask<v1::ListCallsRequest>(Sending({"Bearer x"}), &open),
            StatusCode::kUnauthenticated);
}

TEST_F(AccessControlTest, KnowsThatNobodyMayAsk) {
  EXPECT_FALSE(access_.Barred());
  MemoryStore empty;
  AccessControl barred({}, false, "", empty.access(), clock_);
  ASSERT_TRUE(barred.Load().ok());
  EXPECT_TRUE(barred.Barred());
}

TEST(AddressOfPeer, IsWhatPeopleWrite) {
  EXPECT_EQ(AddressOfPeer("ipv4:10.0.0.1:4700"), "10.0.0.1");
  EXPECT_EQ(AddressOfPeer("ipv6:%5B2001:db8::1%5D:4700"), "2001:db8::1");
  EXPECT_EQ(AddressOfPeer("ipv6:[::1]:4700"), "::1");
  EXPECT_EQ(AddressOfPeer("unix:/run/x"), "unix:/run/x");
  EXPECT_EQ(AddressOfPeer("ipv4:"), "");
}

}  // namespace
}  // namespace callbraid::collector
