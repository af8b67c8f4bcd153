#include "collector/access/sessions.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

Caller CallerWithToken(int64_t expire_ns) {
  Caller caller;
  caller.grant = std::make_shared<Grant>(v1::Token(), Scope::All(), expire_ns);
  return caller;
}

TEST(Sessions, EndWithTheirTokenOnly) {
  Sessions sessions;
  std::vector<std::string> ended;
  const Caller first = CallerWithToken(100);
  const Caller second = CallerWithToken(200);
  const auto note = [&ended](const std::string& name) {
    return [&ended, name](const absl::Status& status) {
      EXPECT_TRUE(absl::IsUnauthenticated(status));
      ended.push_back(name);
    };
  };
  const auto a = sessions.Add(first, note("first"));
  const auto b = sessions.Add(second, note("second"));
  sessions.EndDead(99);
  EXPECT_TRUE(ended.empty());
  sessions.EndDead(100);
  EXPECT_EQ(ended, std::vector<std::string>{"first"});
}

TEST(Sessions, EndWhenTheTokenIsRevoked) {
  Sessions sessions;
  auto grant = std::make_shared<Grant>(v1::Token(), Scope::All(), 1000);
  Caller caller;
  caller.grant = grant;
  std::shared_ptr<void> session;
  int ended = 0;
  // As a stream does it: what ends goes.
  session = sessions.Add(caller, [&](const absl::Status&) {
    ++ended;
    session.reset();
  });
  grant->revoked = true;
  sessions.EndDead(0);
  sessions.EndDead(0);
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(sessions.size(), 0u);
}

TEST(Sessions, AreForgottenWhenTheyAreOver) {
  Sessions sessions;
  auto session = sessions.Add(CallerWithToken(1), [](const absl::Status&) {
    ADD_FAILURE() << "ended after its end";
  });
  EXPECT_EQ(sessions.size(), 1u);
  session.reset();
  EXPECT_EQ(sessions.size(), 0u);
  sessions.EndDead(2);
}

TEST(Sessions, EndWithTheirCertificate) {
  Sessions sessions;
  Caller caller;
  caller.certificate_end_s = 100;
  int ended = 0;
  const auto session = sessions.Add(caller, [&](const absl::Status& status) {
    EXPECT_TRUE(absl::IsUnauthenticated(status));
    ++ended;
  });
  sessions.EndDead(100'999'999'999);
  EXPECT_EQ(ended, 0);
  sessions.EndDead(101'000'000'000);
  EXPECT_EQ(ended, 1);
}

TEST(Sessions, OfNothingThatCouldEndNeedNoWatching) {
  Sessions sessions;
  EXPECT_EQ(sessions.Add(Caller(), [](const absl::Status&) {}), nullptr);
}

}  // namespace
}  // namespace callbraid::collector
