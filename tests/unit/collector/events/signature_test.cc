#include "collector/events/signature.h"

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

class SecretTest : public testing::Test {
 protected:
  absl::StatusOr<std::string> Read(const std::string& contents) {
    std::ofstream(path_) << contents;
    return ReadWebhookSecret(path_);
  }

  const fakes::TempDir dir_;
  const std::string path_ = dir_.path() + "/secret";
};

TEST_F(SecretTest, IsTheFileWithoutTheEndOfItsLine) {
  EXPECT_EQ(Read("0123456789abcdef\r\n").value(), "0123456789abcdef");
}

TEST_F(SecretTest, IsRefusedInWordsThatDoNotTellIt) {
  for (const char* bad : {"", "too short\n", "whsec_!!!notbase64!!!"}) {
    const auto secret = Read(bad);
    ASSERT_TRUE(absl::IsInvalidArgument(secret.status())) << bad;
    EXPECT_THAT(std::string(secret.status().message()),
                testing::StartsWith(path_));
    EXPECT_THAT(std::string(secret.status().message()),
                testing::Not(testing::HasSubstr("short")));
  }
  EXPECT_TRUE(absl::IsInvalidArgument(Read(std::string(1025, 'x')).status()));
  EXPECT_TRUE(absl::IsNotFound(ReadWebhookSecret(path_ + "x").status()));
}

// The example of the Standard Webhooks libraries.
TEST_F(SecretTest, SignsAsOthersDo) {
  const std::string secret =
      Read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").value();
  EXPECT_EQ(SignWebhook(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
                        R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

}  // namespace
}  // namespace callbraid::collector
