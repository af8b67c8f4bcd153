#include "collector/events/syslog_message.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

v1::CallEvent Ended() {
  v1::CallEvent event;
  event.set_kind(v1::CALL_EVENT_KIND_ENDED);
  event.set_call_id("00ff");
  event.mutable_time()->set_seconds(1'700'000'000);
  event.mutable_time()->set_nanos(123'456'789);
  v1::Call& call = *event.mutable_call();
  call.set_caller("+4930");
  call.set_callee("200");
  call.set_state(v1::CALL_STATE_COMPLETED);
  call.mutable_end_time()->set_seconds(1'700'000'000);
  call.set_end_reason(v1::END_REASON_BYE);
  call.set_final_status(200);
  return event;
}

TEST(SyslogMessage, IsThatOfRfc5424) {
  EXPECT_EQ(SyslogMessage({16, "host", 7}, Ended()),
            "<134>1 2023-11-14T22:13:20.123456Z host callbraid-collector 7 "
            "ended - \xEF\xBB\xBF"
            "call ended id=\"00ff\" caller=\"+4930\" callee=\"200\" "
            "state=\"completed\" end=\"2023-11-14T22:13:20Z\" "
            "end_reason=\"bye\" status=\"200\"");
}

TEST(SyslogMessage, AnAlertHasItsSeverity) {
  v1::CallEvent event;
  event.set_kind(v1::CALL_EVENT_KIND_ALERT_BEGAN);
  event.mutable_time()->set_seconds(1'700'000'000);
  v1::Alert& alert = *event.mutable_alert();
  alert.set_kind(v1::ALERT_KIND_CAPTURE_LOSS);
  alert.set_severity(v1::SEVERITY_PROBLEM);
  alert.set_site("berlin");
  alert.set_sensor("s1");
  alert.set_capture_point("eth0");
  alert.set_text("It drops.");
  alert.set_cure("A larger ring.");
  alert.mutable_begin_time()->set_seconds(1'699'999'700);
  EXPECT_EQ(SyslogMessage({16, "host", 7}, event),
            "<131>1 2023-11-14T22:13:20Z host callbraid-collector 7 "
            "alert_began - \xEF\xBB\xBF"
            "alert began kind=\"capture_loss\" severity=\"problem\" "
            "site=\"berlin\" sensor=\"s1\" capture_point=\"eth0\" "
            "since=\"2023-11-14T22:08:20Z\" text=\"It drops.\" "
            "cure=\"A larger ring.\"");
  alert.set_severity(v1::SEVERITY_WARNING);
  EXPECT_EQ(SyslogMessage({16, "host", 7}, event).substr(0, 5), "<132>");
  event.set_kind(v1::CALL_EVENT_KIND_ALERT_ENDED);
  EXPECT_THAT(SyslogMessage({16, "host", 7}, event),
              testing::AllOf(testing::StartsWith("<133>"),
                             testing::HasSubstr("\xEF\xBB\xBF"
                                                "alert ended kind=")));
}

TEST(SyslogMessage, WhatACallerCallsItselfBreaksNoLine) {
  v1::CallEvent event = Ended();
  event.mutable_call()->set_caller("a\"\\\n\x1b[1m");
  EXPECT_THAT(SyslogMessage({}, event),
              testing::HasSubstr(R"( caller="a\"\\??[1m" )"));
}

TEST(SyslogMessage, IsBoundedAtTheBeginningOfACharacter) {
  v1::CallEvent event = Ended();
  std::string name;
  for (int i = 0; i < 1000; ++i) name += "\xC3\xA9";
  event.mutable_call()->set_caller("x" + name);
  event.mutable_call()->set_callee(name);
  const std::string message = SyslogMessage({}, event);
  EXPECT_LT(message.size(), 2049u);
  EXPECT_THAT(message, testing::HasSubstr("\xC3\xA9\" callee=\"\xC3\xA9"));
}

TEST(SyslogMessage, AHostThatIsNoneIsLeftOut) {
  EXPECT_THAT(SyslogMessage({16, "a b", 7}, Ended()),
              testing::HasSubstr("Z - callbraid-collector"));
}

}  // namespace
}  // namespace callbraid::collector
