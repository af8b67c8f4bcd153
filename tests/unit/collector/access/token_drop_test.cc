#include "collector/access/token_drop.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "collector/access/token_secret.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

class TokenDropTest : public testing::Test {
 protected:
  TokenDropTest() { EXPECT_TRUE(audit_.Load().ok()); }

  store::v1::TokenRecord Record() {
    v1::CreateTokenRequest request;
    request.set_name("first");
    request.set_role(v1::ROLE_ADMIN);
    return *NewTokenRecord(request, secret_, "", clock_.WallNs());
  }
  std::string File() {
    return data_ + "/new-tokens/" + Record().token().id() + ".token";
  }

  const fakes::TempDir dir_;
  const std::string data_ = dir_.path() + "/data";
  const std::string secret_ = NewTokenSecret();
  fakes::FakeClock clock_;
  MemoryStore store_;
  v1::AccessConfig config_;
  AuditLog audit_{config_, store_.access(), clock_};
  TokenBook book_{store_.access(), audit_, clock_};
};

TEST_F(TokenDropTest, WhatIsDroppedIsTakenUpOnce) {
  ASSERT_TRUE(DropToken(data_, Record()).ok());
  struct stat info;
  ASSERT_EQ(stat(File().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  std::ifstream file(File());
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(bytes.find(secret_.substr(4)), std::string::npos);

  AdoptTokens(data_, book_);
  EXPECT_FALSE(std::filesystem::exists(File()));
  ASSERT_NE(book_.Find(HashOfToken(secret_)), nullptr);
  EXPECT_EQ(book_.Find(HashOfToken(secret_))->role, v1::ROLE_ADMIN);
  const auto log = audit_.List({});
  ASSERT_EQ(log->entries_size(), 1);
  EXPECT_EQ(log->entries(0).credential(), v1::CREDENTIAL_DATA_FOLDER);
  EXPECT_EQ(log->entries(0).target(), Record().token().id());
}

TEST_F(TokenDropTest, ARevokedTokenDoesNotComeBack) {
  const store::v1::TokenRecord record = Record();
  ASSERT_TRUE(DropToken(data_, record).ok());
  AdoptTokens(data_, book_);
  ASSERT_TRUE(book_.Revoke(record.token().id(), Caller()).ok());
  ASSERT_TRUE(DropToken(data_, record).ok());
  AdoptTokens(data_, book_);
  EXPECT_FALSE(book_.Find(HashOfToken(secret_))->Check(clock_.WallNs()).ok());
}

TEST_F(TokenDropTest, WaitsUntilTheDiskTakesIt) {
  ASSERT_TRUE(DropToken(data_, Record()).ok());
  store_.FailCommitsWith(absl::UnavailableError("full"), 1);
  AdoptTokens(data_, book_);
  EXPECT_TRUE(std::filesystem::exists(File()));
  EXPECT_EQ(book_.Find(HashOfToken(secret_)), nullptr);
  AdoptTokens(data_, book_);
  EXPECT_NE(book_.Find(HashOfToken(secret_)), nullptr);
}

TEST_F(TokenDropTest, PutsAsideWhatIsNoToken) {
  ASSERT_TRUE(DropToken(data_, Record()).ok());
  const std::string folder = data_ + "/new-tokens/";
  std::ofstream(folder + "a.token") << "rubbish";
  std::ofstream(folder + "empty.token");
  std::filesystem::create_symlink("/etc/passwd", folder + "link.token");
  std::ofstream(folder + "half.token.part") << "rubbish";
  store::v1::TokenRecord expired = Record();
  expired.mutable_token()->mutable_expire_time()->set_seconds(1);
  std::ofstream(folder + "old.token") << expired.SerializeAsString();
  store::v1::TokenRecord other = Record();
  other.mutable_token()->set_id("0123456789abcdef");
  std::ofstream(folder + "other.token") << other.SerializeAsString();
  AdoptTokens(data_, book_);
  EXPECT_EQ(book_.List().tokens_size(), 1);
  for (const char* name : {"a", "empty", "link", "old", "other"}) {
    EXPECT_TRUE(std::filesystem::exists(
        std::filesystem::symlink_status(folder + name + ".token.refused")))
        << name;
  }
  AdoptTokens(data_ + "/nowhere", book_);
}

}  // namespace
}  // namespace callbraid::collector
