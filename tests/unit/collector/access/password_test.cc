#include "collector/access/password.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

TEST(Password, IsKnownByWhatIsKeptOfIt) {
  store::v1::UserRecord record;
  SetPassword("correct horse", record);
  EXPECT_TRUE(IsPassword("correct horse", record));
  EXPECT_FALSE(IsPassword("correct horsf", record));
  EXPECT_FALSE(IsPassword("", record));
  EXPECT_EQ(record.SerializeAsString().find("horse"), std::string::npos);
}

TEST(Password, TheSameOneIsNotKeptTheSame) {
  store::v1::UserRecord one;
  store::v1::UserRecord other;
  SetPassword("correct horse", one);
  SetPassword("correct horse", other);
  EXPECT_NE(one.key(), other.key());
}

TEST(Password, NobodyHasNone) {
  EXPECT_FALSE(IsPassword("", store::v1::UserRecord()));
  // One that is damaged, or asks for more memory than it may, is none either.
  store::v1::UserRecord record;
  SetPassword("correct horse", record);
  record.set_n(uint64_t{1} << 40);
  EXPECT_FALSE(IsPassword("correct horse", record));
  record.set_n(3);
  EXPECT_FALSE(IsPassword("correct horse", record));
}

// RFC 7914, section 12.
TEST(Password, IsScrypt) {
  store::v1::UserRecord record;
  record.set_salt("NaCl");
  record.set_n(1024);
  record.set_r(8);
  record.set_p(16);
  constexpr char kKey[] =
      "\xfd\xba\xbe\x1c\x9d\x34\x72\x00\x78\x56\xe7\x19\x0d\x01\xe9\xfe\x7c\x6a"
      "\xd7\xcb\xc8\x23\x78\x30\xe7\x73\x76\x63\x4b\x37\x31\x62";
  record.set_key(std::string(kKey, 32));
  EXPECT_TRUE(IsPassword("password", record));
}

TEST(Password, MustBeSomethingThatNobodyGuessesAtOnce) {
  EXPECT_TRUE(CheckPassword("correct horse", "ann").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(CheckPassword("horse", "ann")));
  EXPECT_TRUE(absl::IsInvalidArgument(CheckPassword("", "ann")));
  EXPECT_TRUE(
      absl::IsInvalidArgument(CheckPassword(std::string(201, 'x'), "ann")));
  EXPECT_TRUE(
      absl::IsInvalidArgument(CheckPassword("anna.schmidt", "anna.schmidt")));
}

}  // namespace
}  // namespace callbraid::collector
