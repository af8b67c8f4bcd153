#include "collector/query/causal_order.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kMs = 1'000'000;

// Sensor 0 is near the caller, on leg 0; sensor 1 near the callee, on leg 1.
LadderMessage Message(const std::string& what, size_t sensor, int64_t time_ms,
                      int64_t uncertainty_ms = 5) {
  LadderMessage message;
  message.sensor = message.leg = sensor;
  message.aligned_ns = time_ms * kMs;
  message.uncertainty_ns = uncertainty_ms * kMs;
  message.call_id = "call";
  message.branch = "branch" + std::to_string(sensor);
  message.cseq = 1;
  message.method = "INVITE";
  message.forward = what == "INVITE";
  message.status = message.forward ? 0 : std::stoi(what);
  return message;
}

// "INVITE 0" by time.
std::vector<std::string> InOrder(std::vector<LadderMessage> messages,
                                 const std::vector<LegPair>& legs = {{0, 1}}) {
  OrderCausally(legs, messages);
  std::stable_sort(messages.begin(), messages.end(),
                   [](const LadderMessage& a, const LadderMessage& b) {
                     return a.aligned_ns < b.aligned_ns;
                   });
  std::vector<std::string> order;
  for (const LadderMessage& message : messages) {
    order.push_back((message.status == 0 ? message.method
                                         : std::to_string(message.status)) +
                    " " + std::to_string(message.sensor));
  }
  return order;
}

TEST(OrderCausally, LeavesAloneWhatIsInOrder) {
  std::vector<LadderMessage> messages = {
      Message("INVITE", 0, 0), Message("INVITE", 1, 2), Message("200", 1, 8),
      Message("200", 0, 9)};
  const std::vector<LadderMessage> before = messages;
  OrderCausally({{0, 1}}, messages);
  for (size_t i = 0; i < messages.size(); ++i) {
    EXPECT_EQ(messages[i].aligned_ns, before[i].aligned_ns);
  }
}

TEST(OrderCausally, PutsARequestBehindItselfOnTheLegBefore) {
  // The clock of sensor 1 seems to be 4 ms behind.
  EXPECT_THAT(InOrder({Message("INVITE", 0, 0), Message("INVITE", 1, -4),
                       Message("200", 1, 1), Message("200", 0, 9)}),
              ElementsAre("INVITE 0", "INVITE 1", "200 1", "200 0"));
}

TEST(OrderCausally, PutsAResponseBehindItselfOnTheLegItComesFrom) {
  EXPECT_THAT(InOrder({Message("INVITE", 0, 0), Message("INVITE", 1, 4),
                       Message("200", 1, 12), Message("200", 0, 9)}),
              ElementsAre("INVITE 0", "INVITE 1", "200 1", "200 0"));
}

TEST(OrderCausally, PutsAResponseBehindItsRequestWhereverThatWasSeen) {
  LadderMessage invite = Message("INVITE", 0, 10);
  LadderMessage trying = Message("100", 1, 7);
  trying.leg = 0;
  trying.branch = invite.branch;
  EXPECT_THAT(InOrder({trying, invite}), ElementsAre("INVITE 0", "100 1"));
}

TEST(OrderCausally, LetsEachHostSay100ForItself) {
  std::vector<LadderMessage> messages = {
      Message("INVITE", 0, 0), Message("100", 0, 1), Message("INVITE", 1, 2),
      Message("100", 1, 3)};
  EXPECT_THAT(InOrder(messages),
              ElementsAre("INVITE 0", "100 0", "INVITE 1", "100 1"));
}

TEST(OrderCausally, KeepsTheOrderOfASensor) {
  // What follows is taken along.
  EXPECT_THAT(InOrder({Message("INVITE", 0, 0), Message("INVITE", 1, -4),
                       Message("180", 1, -3), Message("200", 1, -2)}),
              ElementsAre("INVITE 0", "INVITE 1", "180 1", "200 1"));
}

TEST(OrderCausally, MovesNothingFurtherThanClocksAreUncertain) {
  std::vector<LadderMessage> messages = {Message("INVITE", 0, 0),
                                         Message("INVITE", 1, -4000)};
  OrderCausally({{0, 1}}, messages);
  EXPECT_EQ(messages[1].aligned_ns, -4000 * kMs);
  messages[1].uncertainty_ns = 5000 * kMs;
  OrderCausally({{0, 1}}, messages);
  EXPECT_GT(messages[1].aligned_ns, messages[0].aligned_ns);
}

TEST(OrderCausally, GoesByTheFirstOfWhatIsSentAgain) {
  // The far leg's INVITE came before the second one of the near leg.
  EXPECT_THAT(InOrder({Message("INVITE", 0, 0), Message("INVITE", 0, 20),
                       Message("INVITE", 1, 5)}),
              ElementsAre("INVITE 0", "INVITE 1", "INVITE 0"));
}

TEST(OrderCausally, DoesNotTakeTheResponseOfOneForkForAnothers) {
  LadderMessage other = Message("180", 2, 6);
  EXPECT_THAT(InOrder({Message("INVITE", 0, 0), Message("180", 0, 5),
                       Message("180", 1, 4), other},
                      {{0, 1, true}, {0, 2, true}}),
              ElementsAre("INVITE 0", "180 1", "180 0", "180 2"));
}

TEST(OrderCausally, EndsWithRequestsThatGoRoundInACircle) {
  std::vector<LadderMessage> messages = {Message("INVITE", 0, 0),
                                         Message("INVITE", 1, 1)};
  OrderCausally({{0, 1}, {1, 0}}, messages);
  EXPECT_LT(messages[0].aligned_ns, 100 * kMs);
}

}  // namespace
}  // namespace callbraid::collector
