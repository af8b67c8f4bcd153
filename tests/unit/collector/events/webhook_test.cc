#include "collector/events/webhook.h"

#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "collector/events/signature.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_event_feed.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::collector {
namespace {

// What a receiver saw, and how it answers.
struct Receiver {
  std::function<int(const v1::CallEvent&)> answer = [](const v1::CallEvent&) {
    return 200;
  };
  std::vector<std::string> taken;
  std::vector<size_t> rounds;
  HttpPost last;
};

class FakePoster final : public HttpPoster {
 public:
  explicit FakePoster(Receiver& receiver) : receiver_(receiver) {}
  std::vector<HttpAnswer> Post(const std::vector<HttpPost>& posts) override {
    std::vector<HttpAnswer> answers;
    receiver_.rounds.push_back(posts.size());
    for (const HttpPost& post : posts) {
      v1::CallEvent event;
      EXPECT_TRUE(
          google::protobuf::util::JsonStringToMessage(post.body, &event).ok());
      HttpAnswer& answer = answers.emplace_back();
      answer.status = receiver_.answer(event);
      if (answer.status == 0) answer.error = "nobody there";
      if (answer.status == 200) receiver_.taken.push_back(event.id());
      receiver_.last = post;
    }
    return answers;
  }
  void Interrupt() override {}

 private:
  Receiver& receiver_;
};

class WebhookTest : public testing::Test {
 protected:
  WebhookTest() {
    std::ofstream(secret_file_) << "0123456789abcdef";
    v1::WebhookConfig config;
    config.set_name("crm");
    config.set_url("http://crm.example/token");
    config.set_secret_file(secret_file_);
    config.set_parallel(4);
    webhook_ = std::make_unique<Webhook>(
        config, feed_, meter_, std::make_unique<FakePoster>(receiver_), clock_);
  }
  // For `seconds`, as the thread does.
  void Run(double seconds) {
    const int64_t end =
        clock_.MonotonicNs() + static_cast<int64_t>(seconds * 1e9);
    while (clock_.MonotonicNs() < end) {
      clock_.Advance(absl::ToInt64Nanoseconds(webhook_->RunOnce()));
    }
  }

  fakes::FakeClock clock_;
  const fakes::TempDir dir_;
  const std::string secret_file_ = dir_.path() + "/secret";
  fakes::FakeEventFeed feed_;
  SinkMeter meter_{"crm", "webhook"};
  Receiver receiver_;
  std::unique_ptr<Webhook> webhook_;
};

TEST_F(WebhookTest, SignsWhatItSends) {
  feed_.Add("a");
  Run(1);
  const std::string signature = SignWebhook("0123456789abcdef", "a#1",
                                            1'700'000'000, receiver_.last.body);
  EXPECT_THAT(receiver_.last.headers,
              testing::IsSupersetOf<std::string>(
                  {"webhook-id: a#1", "webhook-timestamp: 1700000000",
                   "webhook-signature: " + signature}));
  EXPECT_EQ(meter_.state().delivered, 1u);
  EXPECT_EQ(feed_.done(), 1u);
}

TEST_F(WebhookTest, SendsOfOneCallOneAfterTheOtherAndOfSeveralAtOnce) {
  for (const char* call : {"a", "a", "b", "c", "a"}) feed_.Add(call);
  Run(1);
  EXPECT_THAT(receiver_.rounds, testing::ElementsAre(3, 1, 1));
  EXPECT_THAT(receiver_.taken,
              testing::ElementsAre("a#1", "b#3", "c#4", "a#2", "a#5"));
}

TEST_F(WebhookTest, AMergeWaitsForBothCalls) {
  feed_.Add("a");
  feed_.Add("b");
  feed_.Add("a", /*merged_into=*/"b");
  feed_.Add("b");
  Run(1);
  EXPECT_THAT(receiver_.rounds, testing::ElementsAre(2, 1, 1));
  EXPECT_THAT(receiver_.taken,
              testing::ElementsAre("a#1", "b#2", "a#3", "b#4"));
}

TEST_F(WebhookTest, AFailureHoldsUpTheSameCallOnly) {
  int failures = 2;
  receiver_.answer = [&](const v1::CallEvent& event) {
    return event.id() == "a#1" && failures-- > 0 ? 500 : 200;
  };
  for (const char* call : {"a", "b", "a", "b"}) feed_.Add(call);
  Run(0.9);
  EXPECT_THAT(receiver_.taken, testing::ElementsAre("b#2", "b#4"));
  EXPECT_EQ(feed_.done(), 0u);
  Run(5);
  EXPECT_THAT(receiver_.taken,
              testing::ElementsAre("b#2", "b#4", "a#1", "a#3"));
  EXPECT_EQ(feed_.done(), 4u);
  EXPECT_EQ(meter_.state().failed_attempts, 2u);
  EXPECT_FALSE(meter_.state().down);
}

TEST_F(WebhookTest, AnOutageLosesNothingAndIsProbedByOneEventAtATime) {
  bool up = false;
  receiver_.answer = [&](const v1::CallEvent&) { return up ? 200 : 0; };
  for (int i = 0; i < 1000; ++i) feed_.Add("call" + std::to_string(i % 300));
  Run(3600);
  EXPECT_TRUE(meter_.state().down);
  EXPECT_EQ(meter_.state().refused, 0u);
  // 1, 2, 4... 32 s, then each minute; the first one before it was known.
  EXPECT_LE(receiver_.rounds.size(), 67u);
  EXPECT_GE(receiver_.rounds.size(), 60u);
  EXPECT_EQ(receiver_.rounds.back(), 1u);
  up = true;
  Run(61);
  EXPECT_FALSE(meter_.state().down);
  EXPECT_EQ(receiver_.taken.size(), 1000u);
  EXPECT_EQ(feed_.done(), 1000u);
  std::map<std::string, int> newest;
  for (const std::string& id : receiver_.taken) {
    const size_t at = id.find('#');
    int& before = newest[id.substr(0, at)];
    EXPECT_LT(before, std::stoi(id.substr(at + 1))) << id;
    before = std::stoi(id.substr(at + 1));
  }
}

TEST_F(WebhookTest, GivesUpWhatIsNeverTakenWhileOthersAre) {
  receiver_.answer = [&](const v1::CallEvent& event) {
    return event.call_id() == "bad" ? 400 : 200;
  };
  feed_.Add("bad");
  Run(10);
  EXPECT_TRUE(meter_.state().down);
  feed_.Add("good");
  Run(60);
  EXPECT_FALSE(meter_.state().down);
  EXPECT_EQ(meter_.state().refused, 0u);
  Run(30 * 60);
  EXPECT_EQ(meter_.state().refused, 1u);
  EXPECT_FALSE(meter_.state().down);
  EXPECT_EQ(feed_.done(), 2u);
}

TEST_F(WebhookTest, OneThatIsNeverTakenHoldsUpNoOtherCall) {
  receiver_.answer = [&](const v1::CallEvent& event) {
    return event.call_id() == "bad" ? 400 : 200;
  };
  feed_.Add("bad");
  for (int i = 0; i < 1000; ++i) feed_.Add("call" + std::to_string(i));
  Run(60);
  EXPECT_EQ(receiver_.taken.size(), 1000u);
  EXPECT_EQ(std::set(receiver_.taken.begin(), receiver_.taken.end()).size(),
            1000u);
  EXPECT_FALSE(meter_.state().down);
  // After a restart all of it would be told again.
  EXPECT_EQ(feed_.done(), 0u);
  Run(30 * 60);
  EXPECT_EQ(meter_.state().refused, 1u);
  EXPECT_EQ(feed_.done(), 1001u);
}

TEST_F(WebhookTest, ABoundedNumberGetsAheadOfOneThatIsNeverTaken) {
  receiver_.answer = [&](const v1::CallEvent& event) {
    return event.call_id() == "bad" ? 400 : 200;
  };
  feed_.Add("bad");
  // Between are those that this sink is not told of.
  for (int i = 0; i < 300; ++i) {
    feed_.Add(std::to_string(i)).sequence = 100'001 + i;
  }
  Run(60);
  EXPECT_EQ(receiver_.taken.size(), 255u);
  Run(30 * 60);
  EXPECT_EQ(receiver_.taken.size(), 300u);
  EXPECT_EQ(feed_.done(), 100'300u);
}

TEST_F(WebhookTest, ACallThatIsNoMoreIsCounted) {
  feed_.Add("a");
  feed_.Forget("a");
  feed_.Add("b");
  Run(1);
  EXPECT_THAT(receiver_.taken, testing::ElementsAre("b#2"));
  EXPECT_EQ(meter_.state().gone, 1u);
  EXPECT_EQ(feed_.done(), 2u);
}

TEST_F(WebhookTest, ASecretThatCannotBeReadIsAnOutage) {
  std::ofstream(secret_file_) << "short";
  feed_.Add("a");
  Run(5);
  EXPECT_TRUE(meter_.state().down);
  std::ofstream(secret_file_) << "fedcba9876543210";
  Run(60);
  EXPECT_THAT(receiver_.taken, testing::ElementsAre("a#1"));
}

}  // namespace
}  // namespace callbraid::collector
