#include "collector/timeline/leg_marks.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/memory_store.h"
#include "tests/unit/collector/query/stored_call.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kMs = 1'000'000;

v1::CallFrame Info(int64_t after_ns, int cseq, const std::string& digit,
                   bool from_initiator = true) {
  v1::CallFrame frame;
  v1::SipFrame& sip = *frame.mutable_sip();
  sip.set_time_ns(kStartNs + after_ns);
  *sip.mutable_source() =
      EndpointOf(from_initiator ? "10.10.0.101" : "10.10.0.10", 5060);
  *sip.mutable_destination() =
      EndpointOf(from_initiator ? "10.10.0.10" : "10.10.0.101", 5060);
  const std::string body =
      absl::StrCat("Signal=", digit, "\r\nDuration=120\r\n");
  sip.set_message(absl::StrCat(
      "INFO sip:103@a SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK", cseq,
      "\r\nFrom: <sip:1@a>;tag=", from_initiator ? "1" : "2",
      "\r\nTo: <sip:2@a>;tag=3\r\nCall-ID: c1\r\nCSeq: ", cseq,
      " INFO\r\nContent-Type: application/dtmf-relay\r\nContent-Length: ",
      body.size(), "\r\n\r\n", body));
  return frame;
}

class LegMarksTest : public testing::Test {
 protected:
  LegMarksTest() : call_("a") {}

  void Add(const ObservationId& id, const v1::CallFrame& frame) {
    call_.AddFrame(id, frame.sip().time_ns(), frame);
  }
  std::vector<std::string> Read() {
    v1::Leg& leg = *call_.call().mutable_legs(0);
    leg.set_source("10.10.0.101:5060");
    leg.set_destination("10.10.0.10:5060");
    call_.StoreIn(store_);
    const auto marks = MarksOfLeg(store_, call_.record(), leg);
    EXPECT_TRUE(marks.ok()) << marks.status();
    std::vector<std::string> told;
    for (const TimelineMark& mark : *marks) {
      EXPECT_EQ(mark.event.leg_id(), "leg");
      told.push_back(
          absl::StrCat((mark.time_ns - kStartNs) / kMs, " ", mark.what,
                       mark.side == v1::SIDE_CALLER ? " caller" : " callee"));
    }
    return told;
  }

  MemoryStore store_;
  StoredCall call_;
};

TEST_F(LegMarksTest, EachRequestIsOneKeyHoweverOftenItIsSeen) {
  const ObservationId near = call_.AddDialog("s1");
  const ObservationId far = call_.AddDialog("s2");
  Add(near, Info(0, 1, "4"));
  Add(near, Info(500 * kMs, 1, "4"));  // Sent again.
  Add(near, Info(700 * kMs, 2, "4"));
  Add(near, Info(900 * kMs, 2, "9", /*from_initiator=*/false));
  Add(far, Info(2 * kMs, 1, "4"));
  Add(far, Info(2000 * kMs, 3, "#"));  // Missed at s1.
  EXPECT_THAT(Read(), ElementsAre("0 4 caller", "700 4 caller", "900 9 callee",
                                  "2000 # caller"));
}

TEST_F(LegMarksTest, TimesAreThoseOfTheCall) {
  const ObservationId far = call_.AddDialog("s2");
  Add(far, Info(30'000 * kMs, 1, "4"));
  call_.SetOffset("s2", -30'000 * kMs);
  EXPECT_THAT(Read(), ElementsAre("0 4 caller"));
}

TEST_F(LegMarksTest, DamagedFramesAreLeftOut) {
  const ObservationId id = call_.AddDialog("s1");
  v1::CallFrame frame = Info(0, 1, "4");
  frame.mutable_sip()->set_message("INFO sip:103@a SIP/2.0\r\n\r\n");
  Add(id, frame);
  v1::CallFrame rtcp;
  rtcp.mutable_rtcp()->set_packet("x");
  call_.AddFrame(id, kStartNs + 1, rtcp);
  EXPECT_TRUE(Read().empty());
}

}  // namespace
}  // namespace callbraid::collector
