#include "collector/web/login_sessions.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace callbraid::collector {
namespace {

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
  clock_.Advance(absl::ToInt64Nanoseconds(absl::Seconds(1)));
  EXPECT_EQ(sessions_.TokenOf(first), "first");
  for (int i = 0; i < 9'999; ++i) {
    clock_.Advance(absl::ToInt64Nanoseconds(absl::Nanoseconds(1)));
    sessions_.Open("more");
  }
  EXPECT_EQ(sessions_.TokenOf(second), "");
  EXPECT_EQ(sessions_.TokenOf(first), "first");
}

}  // namespace
}  // namespace callbraid::collector
