#include "collector/web/login_sessions.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

class LoginSessionsTest : public testing::Test {
 protected:
  fakes::FakeClock clock_;
  LoginSessions sessions_{absl::Hours(1), clock_};
};

TEST_F(LoginSessionsTest, ASecretStandsForItsToken) {
  const std::string ann = sessions_.Open("ann's token");
  const std::string bob = sessions_.Open("bob's token");
  EXPECT_NE(ann, bob);
  EXPECT_EQ(sessions_.TokenOf(ann), "ann's token");
  EXPECT_EQ(sessions_.TokenOf(bob), "bob's token");
  EXPECT_EQ(sessions_.TokenOf(""), "");
  EXPECT_EQ(sessions_.TokenOf("ann's token"), "");
  EXPECT_EQ(sessions_.TokenOf(ann + "x"), "");
}

TEST_F(LoginSessionsTest, IsOverWhenItIsClosed) {
  const std::string ann = sessions_.Open("ann's token");
  sessions_.Close(ann);
  EXPECT_EQ(sessions_.TokenOf(ann), "");
  sessions_.Close(ann);
  sessions_.Close("nobody's");
}

TEST_F(LoginSessionsTest, IsOverWhenItWasNotUsedForLong) {
  const std::string ann = sessions_.Open("ann's token");
  for (int i = 0; i < 3; ++i) {
    clock_.Advance(absl::ToInt64Nanoseconds(absl::Minutes(59)));
    EXPECT_EQ(sessions_.TokenOf(ann), "ann's token");
  }
  clock_.Advance(absl::ToInt64Nanoseconds(absl::Minutes(61)));
  EXPECT_EQ(sessions_.TokenOf(ann), "");
}

TEST_F(LoginSessionsTest, ThereAreOnlySoManyAndTheIdlestGoes) {
  const std::string first = sessions_.Open("first");
  const std::string second = sessions_.Open("second");
  clock_.Advance(kSecond);
  EXPECT_EQ(sessions_.TokenOf(first), "first");
  for (int i = 0; i < 9'999; ++i) {
    clock_.Advance(1);
    sessions_.Open(std::to_string(i));
  }
  EXPECT_EQ(sessions_.TokenOf(second), "");
  EXPECT_EQ(sessions_.TokenOf(first), "first");
}

TEST_F(LoginSessionsTest, OneTokenCannotPushOthersOut) {
  const std::string ann = sessions_.Open("ann");
  const std::string first = sessions_.Open("bob");
  std::string last;
  for (int i = 0; i < 10'000; ++i) {
    clock_.Advance(1);
    last = sessions_.Open("bob");
  }
  EXPECT_EQ(sessions_.TokenOf(ann), "ann");
  EXPECT_EQ(sessions_.TokenOf(first), "");
  EXPECT_EQ(sessions_.TokenOf(last), "bob");
}

}  // namespace
}  // namespace callbraid::collector
