#include "collector/access/user_book.h"

#include <memory>
#include <string>

#include "collector/access/token_secret.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

using ::testing::SizeIs;

constexpr int64_t kHour = 3'600'000'000'000;
constexpr char kPassword[] = "correct horse";

class UserBookTest : public testing::Test {
 protected:
  UserBookTest() { EXPECT_TRUE(book_.Load().ok()); }

  static v1::SetUserRequest Request(const std::string& password) {
    v1::SetUserRequest request;
    request.mutable_user()->set_name("ann");
    request.mutable_user()->set_role(v1::ROLE_VIEWER);
    request.mutable_user()->mutable_scope()->add_sites("berlin");
    request.set_password(password);
    return request;
  }
  void Set(const std::string& password) {
    const auto set = book_.Set(Request(password), Caller());
    EXPECT_TRUE(set.ok()) << set.status();
  }
  absl::StatusOr<v1::LogInResponse> LogIn(const std::string& password,
                                          const std::string& name = "ann") {
    v1::LogInRequest request;
    request.set_name(name);
    request.set_password(password);
    return book_.LogIn(request, Caller());
  }
  std::shared_ptr<Grant> Find(const std::string& secret) {
    return book_.Find(HashOfToken(secret));
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
  UserBook book_{store_.access(), audit_, clock_};
};

TEST_F(UserBookTest, ALoginGivesWhatTheUserMayForADay) {
  Set(kPassword);
  const auto login = LogIn(kPassword);
  ASSERT_TRUE(login.ok()) << login.status();
  const auto grant = Find(login->secret());
  ASSERT_NE(grant, nullptr);
  EXPECT_EQ(grant->name, "ann");
  EXPECT_EQ(grant->role, v1::ROLE_VIEWER);
  EXPECT_TRUE(grant->scope.SeesSite("berlin"));
  EXPECT_FALSE(grant->scope.SeesSite("bonn"));
  EXPECT_TRUE(grant->Check(clock_.WallNs()).ok());
  EXPECT_FALSE(grant->Check(clock_.WallNs() + 24 * kHour).ok());
  EXPECT_TRUE(book_.List().users(0).has_last_login_time());
}

TEST_F(UserBookTest, NobodyIsToldWhetherTheNameWasRight) {
  Set(kPassword);
  const absl::Status wrong = LogIn("another horse").status();
  const absl::Status unknown = LogIn(kPassword, "bob").status();
  EXPECT_TRUE(absl::IsUnauthenticated(wrong));
  EXPECT_EQ(wrong, unknown);
  EXPECT_TRUE(absl::IsUnauthenticated(LogIn("", "").status()));
}

TEST_F(UserBookTest, AChangeEndsWhoIsLoggedIn) {
  Set(kPassword);
  const auto first = Find(LogIn(kPassword)->secret());
  // The password stays.
  Set("");
  EXPECT_FALSE(first->Check(clock_.WallNs()).ok());
  const auto second = Find(LogIn(kPassword)->secret());
  Set("another horse");
  EXPECT_FALSE(second->Check(clock_.WallNs()).ok());
  EXPECT_FALSE(LogIn(kPassword).ok());
  const auto third = Find(LogIn("another horse")->secret());
  ASSERT_TRUE(book_.Remove("ann", Caller()).ok());
  EXPECT_FALSE(third->Check(clock_.WallNs()).ok());
  EXPECT_FALSE(LogIn("another horse").ok());
  EXPECT_TRUE(absl::IsNotFound(book_.Remove("ann", Caller())));
}

TEST_F(UserBookTest, ARemovalHoldsAlsoWhenTheDiskIsFull) {
  Set(kPassword);
  const auto grant = Find(LogIn(kPassword)->secret());
  store_.FailCommitsWith(absl::UnavailableError("full"), 1);
  EXPECT_TRUE(absl::IsUnavailable(book_.Remove("ann", Caller())));
  EXPECT_FALSE(grant->Check(clock_.WallNs()).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(LogIn(kPassword).status()));
  EXPECT_THAT(*store_.access().ListUsers(), SizeIs(1));
  // Asked again, it is written.
  EXPECT_TRUE(book_.Remove("ann", Caller()).ok());
  EXPECT_THAT(*store_.access().ListUsers(), SizeIs(0));
  Set(kPassword);
  EXPECT_TRUE(LogIn(kPassword).ok());
}

TEST_F(UserBookTest, WhoIsSetAfterAllIsNotBarred) {
  Set(kPassword);
  store_.FailCommitsWith(absl::UnavailableError("full"), 2);
  EXPECT_TRUE(absl::IsUnavailable(book_.Remove("ann", Caller())));
  EXPECT_TRUE(absl::IsUnavailable(book_.Set(Request(""), Caller()).status()));
  EXPECT_TRUE(absl::IsUnauthenticated(LogIn(kPassword).status()));
  Set("");
  EXPECT_TRUE(LogIn(kPassword).ok());
}

TEST_F(UserBookTest, AChangeEndsLoginsAlsoWhenTheDiskIsFull) {
  v1::SetUserRequest request = Request(kPassword);
  request.mutable_user()->set_role(v1::ROLE_OPERATOR);
  ASSERT_TRUE(book_.Set(request, Caller()).ok());
  const auto grant = Find(LogIn(kPassword)->secret());
  store_.FailCommitsWith(absl::UnavailableError("full"), 1);
  EXPECT_TRUE(absl::IsUnavailable(book_.Set(Request(""), Caller()).status()));
  EXPECT_FALSE(grant->Check(clock_.WallNs()).ok());
  EXPECT_EQ(book_.List().users(0).role(), v1::ROLE_OPERATOR)
      << "it does not hold, as the answer says";
  Set("");
  EXPECT_EQ(Find(LogIn(kPassword)->secret())->role, v1::ROLE_VIEWER);
}

TEST_F(UserBookTest, PeopleChangeTheirOwnPasswords) {
  Set(kPassword);
  const std::string other = LogIn(kPassword)->secret();
  Caller ann;
  ann.name = "ann";
  ann.grant = Find(LogIn(kPassword)->secret());
  v1::ChangePasswordRequest request;
  request.set_old_password("wrong horse");
  request.set_new_password("another horse");
  EXPECT_TRUE(absl::IsPermissionDenied(book_.ChangePassword(request, ann)));
  EXPECT_TRUE(ann.grant->Check(clock_.WallNs()).ok());
  request.set_old_password(kPassword);
  request.set_new_password("short");
  EXPECT_TRUE(absl::IsInvalidArgument(book_.ChangePassword(request, ann)));
  request.set_new_password("another horse");
  EXPECT_TRUE(book_.ChangePassword(request, ann).ok());
  EXPECT_TRUE(ann.grant->Check(clock_.WallNs()).ok());
  EXPECT_FALSE(Find(other)->Check(clock_.WallNs()).ok())
      << "logged in with what is no more";
  EXPECT_TRUE(LogIn("another horse").ok());
  // A token that happens to be called like the user.
  Caller token;
  token.name = "ann";
  EXPECT_TRUE(absl::IsFailedPrecondition(book_.ChangePassword(request, token)));
}

TEST_F(UserBookTest, WhatEndedIsKnownOn) {
  Set(kPassword);
  const std::string first = LogIn(kPassword)->secret();
  clock_.Advance(kHour);
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(LogIn(kPassword).ok());
  ASSERT_NE(Find(first), nullptr) << "the oldest of more than fifty";
  EXPECT_TRUE(Find(first)->revoked);
  const std::string second = LogIn(kPassword)->secret();
  ASSERT_TRUE(book_.Remove("ann", Caller()).ok());
  ASSERT_NE(Find(second), nullptr);
  EXPECT_EQ(Find(second)->name, "ann");
  EXPECT_TRUE(Find(second)->revoked);
  Set(kPassword);
  const std::string third = LogIn(kPassword)->secret();
  clock_.Advance(25 * kHour);
  ASSERT_TRUE(LogIn(kPassword).ok());
  ASSERT_NE(Find(third), nullptr);
  EXPECT_FALSE(Find(third)->Check(clock_.WallNs()).ok());
}

TEST_F(UserBookTest, UsersOutliveTheCollectorAndLoginsDoNot) {
  Set(kPassword);
  const std::string secret = LogIn(kPassword)->secret();
  UserBook restarted(store_.access(), audit_, clock_);
  ASSERT_TRUE(restarted.Load().ok());
  EXPECT_EQ(restarted.Find(HashOfToken(secret)), nullptr);
  v1::LogInRequest request;
  request.set_name("ann");
  request.set_password(kPassword);
  EXPECT_TRUE(restarted.LogIn(request, Caller()).ok());
}

TEST_F(UserBookTest, WhatNobodyCanBeIsRefused) {
  EXPECT_TRUE(
      absl::IsInvalidArgument(book_.Set(Request(""), Caller()).status()))
      << "a new user needs a password";
  v1::SetUserRequest request = Request(kPassword);
  request.mutable_user()->set_name("a b");
  EXPECT_TRUE(absl::IsInvalidArgument(book_.Set(request, Caller()).status()));
  request = Request(kPassword);
  request.mutable_user()->set_role(v1::ROLE_ADMIN);
  EXPECT_TRUE(absl::IsInvalidArgument(book_.Set(request, Caller()).status()))
      << "an admin has no scope";
  EXPECT_THAT(book_.List().users(), SizeIs(0));
}

TEST_F(UserBookTest, WhatAUserSeesIsNoted) {
  Set(kPassword);
  v1::SetUserRequest request = Request("");
  request.mutable_user()->mutable_scope()->add_numbers("+4930*");
  ASSERT_TRUE(book_.Set(request, Caller()).ok());
  request.mutable_user()->clear_scope();
  ASSERT_TRUE(book_.Set(request, Caller()).ok());
  for (int i = 0; i < 100; ++i) {
    request.mutable_user()->mutable_scope()->add_sites(
        std::to_string(1000 + i) + std::string(60, 'x'));
  }
  ASSERT_TRUE(book_.Set(request, Caller()).ok());
  const auto log = audit_.List({});
  ASSERT_EQ(log->entries_size(), 4);
  EXPECT_EQ(log->entries(3).detail(), "viewer, password set, sees berlin");
  EXPECT_EQ(log->entries(2).detail(), "viewer, sees berlin, +4930*");
  EXPECT_EQ(log->entries(1).detail(), "viewer, sees all");
  EXPECT_THAT(log->entries(0).detail(), testing::EndsWith("x and 97 more"));
}

TEST_F(UserBookTest, EverythingIsNotedAndNoPassword) {
  Set(kPassword);
  ASSERT_TRUE(LogIn(kPassword).ok());
  ASSERT_TRUE(book_.Remove("ann", Caller()).ok());
  const auto log = audit_.List({});
  ASSERT_EQ(log->entries_size(), 3);
  EXPECT_EQ(log->entries(2).act(), v1::AUDIT_ACT_SET_USER);
  EXPECT_EQ(log->entries(1).act(), v1::AUDIT_ACT_LOG_IN);
  EXPECT_EQ(log->entries(0).act(), v1::AUDIT_ACT_REMOVE_USER);
  EXPECT_EQ(log->SerializeAsString().find("horse"), std::string::npos);
}

}  // namespace
}  // namespace callbraid::collector
