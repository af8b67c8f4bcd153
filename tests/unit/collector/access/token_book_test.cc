#include "collector/access/token_book.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/access/token_secret.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kHour = 3'600'000'000'000;
constexpr int64_t kDay = 24 * kHour;

class TokenBookTest : public testing::Test {
 protected:
  TokenBookTest() { EXPECT_TRUE(book_.Load().ok()); }

  static v1::CreateTokenRequest Request(const std::string& name = "ann") {
    v1::CreateTokenRequest request;
    request.set_name(name);
    request.set_role(v1::ROLE_VIEWER);
    return request;
  }
  v1::CreateTokenResponse Create(const std::string& name = "ann") {
    const auto response = book_.Create(Request(name), Caller());
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::CreateTokenResponse();
  }
  std::shared_ptr<Grant> Find(const std::string& secret) {
    return book_.Find(HashOfToken(secret));
  }
  void ExpectRefused(const v1::CreateTokenRequest& request,
                     const std::string& field) {
    const auto response = book_.Create(request, Caller());
    EXPECT_TRUE(absl::IsInvalidArgument(response.status()));
    EXPECT_THAT(std::string(response.status().message()),
                testing::StartsWith(field));
  }

  fakes::FakeClock clock_;
  MemoryStore store_;
  v1::AccessConfig config_ = [] {
    v1::AccessConfig config;
    config.set_audit_days(10);
    config.set_audit_entries(100'000);
    return config;
  }();
  AuditLog audit_{config_, store_.access(), clock_};
  TokenBook book_{store_.access(), audit_, clock_};
};

TEST_F(TokenBookTest, ATokenHas256RandomBits) {
  std::set<std::string> secrets;
  for (int i = 0; i < 100; ++i) {
    const std::string secret = NewTokenSecret();
    EXPECT_EQ(secret.size(), 4 + 43u);
    EXPECT_TRUE(LooksLikeToken(secret));
    secrets.insert(secret);
  }
  EXPECT_EQ(secrets.size(), 100u);
}

TEST_F(TokenBookTest, KeepsNothingButAHash) {
  const std::string secret = Create().secret();
  const auto records = store_.access().ListTokens();
  ASSERT_EQ(records->size(), 1u);
  const std::string stored = records->front().SerializeAsString();
  EXPECT_EQ(stored.find(secret), std::string::npos);
  EXPECT_EQ(stored.find(secret.substr(4, 20)), std::string::npos);
  EXPECT_EQ(records->front().hash(), HashOfToken(secret));
  EXPECT_EQ(book_.List().DebugString().find(secret), std::string::npos);
}

TEST_F(TokenBookTest, FindsATokenAlsoAfterARestart) {
  const v1::CreateTokenResponse made = Create();
  ASSERT_NE(Find(made.secret()), nullptr);
  EXPECT_EQ(Find(NewTokenSecret()), nullptr);
  TokenBook next(store_.access(), audit_, clock_);
  ASSERT_TRUE(next.Load().ok());
  const auto grant = next.Find(HashOfToken(made.secret()));
  ASSERT_NE(grant, nullptr);
  EXPECT_EQ(grant->role, v1::ROLE_VIEWER);
  EXPECT_EQ(grant->id, made.token().id());
}

TEST_F(TokenBookTest, ATokenExpires) {
  v1::CreateTokenRequest request = Request();
  request.mutable_expire_time()->set_seconds(clock_.WallNs() / 1'000'000'000 +
                                             60);
  const auto grant = Find(book_.Create(request, Caller())->secret());
  EXPECT_TRUE(grant->Check(clock_.WallNs()).ok());
  clock_.Advance(60'000'000'000);
  EXPECT_TRUE(absl::IsUnauthenticated(grant->Check(clock_.WallNs())));
  // Without a wish: 90 days.
  EXPECT_EQ(Find(Create().secret())->expire_ns / kDay,
            clock_.WallNs() / kDay + 90);
}

TEST_F(TokenBookTest, RevokingHoldsAtOnceAndForEver) {
  const v1::CreateTokenResponse made = Create();
  const auto grant = Find(made.secret());
  ASSERT_TRUE(book_.Revoke(made.token().id(), Caller()).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(grant->Check(clock_.WallNs())));
  EXPECT_TRUE(book_.List().tokens(0).has_revoke_time());
  TokenBook next(store_.access(), audit_, clock_);
  ASSERT_TRUE(next.Load().ok());
  EXPECT_FALSE(
      next.Find(HashOfToken(made.secret()))->Check(clock_.WallNs()).ok());
  EXPECT_TRUE(absl::IsNotFound(book_.Revoke("0123", Caller()).status()));
}

TEST_F(TokenBookTest, ARevocationHoldsAlsoWhenTheDiskIsFull) {
  const v1::CreateTokenResponse made = Create();
  store_.FailCommitsWith(absl::UnavailableError("full"), 1);
  EXPECT_TRUE(
      absl::IsUnavailable(book_.Revoke(made.token().id(), Caller()).status()));
  EXPECT_FALSE(Find(made.secret())->Check(clock_.WallNs()).ok());
  EXPECT_FALSE(store_.access().ListTokens()->front().token().has_revoke_time());
  // Asked again, it is written.
  EXPECT_TRUE(book_.Revoke(made.token().id(), Caller()).ok());
  EXPECT_TRUE(store_.access().ListTokens()->front().token().has_revoke_time());
}

TEST_F(TokenBookTest, MaintenanceDoesNotUndoARevocation) {
  const v1::CreateTokenResponse made = Create();
  book_.Used(*Find(made.secret()), "10.0.0.1");
  ASSERT_TRUE(book_.Revoke(made.token().id(), Caller()).ok());
  ASSERT_TRUE(book_.Maintain().ok());
  const v1::Token stored = store_.access().ListTokens()->front().token();
  EXPECT_TRUE(stored.has_revoke_time());
  EXPECT_TRUE(stored.has_last_use_time());
}

TEST_F(TokenBookTest, TellsTheLastUseByTheHour) {
  const v1::CreateTokenResponse made = Create();
  EXPECT_FALSE(book_.List().tokens(0).has_last_use_time());
  book_.Used(*Find(made.secret()), "10.0.0.1");
  EXPECT_EQ(book_.List().tokens(0).last_use_time().seconds(),
            clock_.WallNs() / kHour * 3600);
}

TEST_F(TokenBookTest, ForgetsTokensAMonthAfterTheyExpired) {
  Create();
  clock_.Advance(119 * kDay);
  ASSERT_TRUE(book_.Maintain().ok());
  EXPECT_EQ(book_.List().tokens_size(), 1);
  clock_.Advance(2 * kDay);
  ASSERT_TRUE(book_.Maintain().ok());
  EXPECT_EQ(book_.List().tokens_size(), 0);
  EXPECT_TRUE(store_.access().ListTokens()->empty());
}

TEST_F(TokenBookTest, HoldsNoMoreThanItsBound) {
  for (size_t i = 0; i < TokenBook::kMaxTokens; ++i) Create();
  EXPECT_TRUE(
      absl::IsResourceExhausted(book_.Create(Request(), Caller()).status()));
}

TEST_F(TokenBookTest, RefusesWhatIsNoToken) {
  for (const std::string& name : {std::string(), std::string("a b"),
                                  std::string(65, 'a'), std::string("a\nb")}) {
    ExpectRefused(Request(name), "name");
  }
  v1::CreateTokenRequest request = Request();
  request.set_role(v1::ROLE_UNSPECIFIED);
  ExpectRefused(request, "role");
  request = Request();
  request.mutable_expire_time()->set_seconds(1);
  ExpectRefused(request, "expire_time");
  request.mutable_expire_time()->set_seconds(253'402'300'799);
  ExpectRefused(request, "expire_time");
  request = Request();
  request.mutable_scope()->add_sites("");
  ExpectRefused(request, "sites");
  request = Request();
  request.set_role(v1::ROLE_ADMIN);
  request.mutable_scope()->add_sites("berlin");
  ExpectRefused(request, "scope");
}

TEST_F(TokenBookTest, AGuestIsShownOneCallForAWhile) {
  const std::string call(32, 'a');
  Caller by;
  by.name = "ann";
  v1::Scope berlin;
  berlin.add_sites("berlin");
  by.scope = *Scope::Parse(berlin);
  v1::ShareCallRequest request;
  request.set_name("lawyer");
  const auto shared = book_.Share(request, call, by);
  ASSERT_TRUE(shared.ok()) << shared.status();
  EXPECT_EQ(shared->path(), "/calls/" + call + "#share=" + shared->secret());
  const std::shared_ptr<Grant> grant = Find(shared->secret());
  ASSERT_NE(grant, nullptr);
  EXPECT_EQ(grant->role, v1::ROLE_GUEST);
  EXPECT_EQ(grant->expire_ns, clock_.WallNs() + 7 * kDay);
  v1::Call seen;
  seen.set_id(call);
  seen.add_legs()->add_observations()->set_site("berlin");
  EXPECT_TRUE(grant->scope.Sees(seen));
  seen.mutable_legs(0)->mutable_observations(0)->set_site("bonn");
  EXPECT_FALSE(grant->scope.Sees(seen)) << "who shared it sees it no more";
  seen.mutable_legs(0)->mutable_observations(0)->set_site("berlin");
  seen.set_id(std::string(32, 'b'));
  EXPECT_FALSE(grant->scope.Sees(seen));

  request.mutable_expire_time()->set_seconds((clock_.WallNs() + 31 * kDay) /
                                             1'000'000'000);
  EXPECT_TRUE(absl::IsInvalidArgument(book_.Share(request, call, by).status()));
  const auto log = audit_.List({});
  ASSERT_EQ(log->entries_size(), 1);
  EXPECT_EQ(log->entries(0).act(), v1::AUDIT_ACT_SHARE_CALL);
  EXPECT_EQ(log->entries(0).target(), call);
  EXPECT_EQ(log->entries(0).user(), "ann");
  EXPECT_THAT(log->entries(0).detail(), testing::HasSubstr("lawyer"));
}

TEST_F(TokenBookTest, GuestsAreMadeBySharingAlone) {
  v1::CreateTokenRequest request = Request();
  request.mutable_scope()->add_calls(std::string(32, 'a'));
  ExpectRefused(request, "scope");
  request.set_role(v1::ROLE_GUEST);
  ExpectRefused(request, "role");
}

TEST_F(TokenBookTest, GuestsThatEndedAreKnownForADay) {
  const auto shared = book_.Share({}, std::string(32, 'a'), Caller());
  ASSERT_TRUE(book_.Revoke(shared->token().id(), Caller()).ok());
  const auto other = book_.Share({}, std::string(32, 'a'), Caller());
  clock_.Advance(23 * kHour);
  ASSERT_TRUE(book_.Maintain().ok());
  ASSERT_NE(Find(shared->secret()), nullptr);
  EXPECT_TRUE(Find(shared->secret())->revoked);
  clock_.Advance(2 * kHour);
  ASSERT_TRUE(book_.Maintain().ok());
  EXPECT_EQ(Find(shared->secret()), nullptr);
  clock_.Advance(6 * kDay);
  ASSERT_TRUE(book_.Maintain().ok());
  ASSERT_NE(Find(other->secret()), nullptr);
  EXPECT_FALSE(Find(other->secret())->Check(clock_.WallNs()).ok());
  clock_.Advance(kDay);
  ASSERT_TRUE(book_.Maintain().ok());
  EXPECT_EQ(Find(other->secret()), nullptr);
  EXPECT_TRUE(store_.access().ListTokens()->empty());
}

TEST_F(TokenBookTest, GuestsThatEndedTakeNoPlace) {
  const std::string call(32, 'a');
  std::vector<v1::ShareCallResponse> shared;
  for (size_t i = 0; i < TokenBook::kMaxTokens / 2; ++i) {
    auto one = book_.Share({}, call, Caller());
    ASSERT_TRUE(one.ok()) << one.status();
    shared.push_back(*std::move(one));
  }
  EXPECT_TRUE(
      absl::IsResourceExhausted(book_.Share({}, call, Caller()).status()));
  ASSERT_TRUE(book_.Revoke(shared[7].token().id(), Caller()).ok());
  clock_.Advance(kHour);
  ASSERT_TRUE(book_.Revoke(shared[3].token().id(), Caller()).ok());
  // The one that ended first makes room.
  EXPECT_TRUE(book_.Share({}, call, Caller()).ok());
  EXPECT_EQ(Find(shared[7].secret()), nullptr);
  EXPECT_NE(Find(shared[3].secret()), nullptr);
  for (size_t i = 0; i < TokenBook::kMaxTokens / 2; ++i) Create();
  // Among all tokens, too.
  Create("program");
  EXPECT_EQ(Find(shared[3].secret()), nullptr);
  EXPECT_EQ(store_.access().ListTokens()->size(), TokenBook::kMaxTokens);
  EXPECT_TRUE(
      absl::IsResourceExhausted(book_.Create(Request(), Caller()).status()));
}

}  // namespace
}  // namespace callbraid::collector
