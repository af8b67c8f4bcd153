#include "collector/events/cdr_row.h"

#include <algorithm>
#include <string>

#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

v1::CallEvent Settled() {
  v1::CallEvent event;
  event.set_kind(v1::CALL_EVENT_KIND_SETTLED);
  v1::Call& call = *event.mutable_call();
  call.set_id("00ff");
  call.set_caller("+4930");
  call.set_callee("a,\"b\"\r\n");
  call.set_state(v1::CALL_STATE_COMPLETED);
  call.set_end_reason(v1::END_REASON_BYE);
  call.set_final_status(200);
  call.mutable_start_time()->set_seconds(1'700'000'000);
  call.mutable_answer_time()->set_seconds(1'700'000'001);
  call.mutable_answer_time()->set_nanos(250'000'000);
  call.mutable_end_time()->set_seconds(1'700'000'060);
  call.add_legs()->add_observations()->set_site("berlin");
  for (const char* codec : {"PCMU", "PCMA", "PCMU"}) {
    v1::Stream& stream = *call.add_streams();
    stream.set_codec(codec);
    stream.set_packets(10);
    stream.set_lost(1);
  }
  call.add_flags(v1::CALL_FLAG_ONE_WAY);
  call.add_flags(v1::CALL_FLAG_CAPTURE_LOSS);
  call.add_sensors("s1");
  call.add_sensors("s2");
  call.set_listening_mos(4.0349);
  call.mutable_ringing_time()->set_seconds(1'700'000'000);
  call.mutable_ringing_time()->set_nanos(730'000'000);
  call.set_ended_by(v1::SIDE_CALLEE);
  call.set_release_cause(16);
  return event;
}

TEST(CdrRow, HasAFieldForEachColumn) {
  EXPECT_EQ(CdrRow(CdrFormat::kCsv, Settled()),
            "00ff,+4930,\"a,\"\"b\"\"\r\n\",2023-11-14T22:13:20Z,"
            "2023-11-14T22:13:21.250Z,2023-11-14T22:14:20Z,completed,bye,200,"
            "1.250,58.750,1,3,PCMA PCMU,30,3,one_way capture_loss,berlin,"
            "s1 s2,,,4.03,0.730,callee,16,\r\n");
}

TEST(CdrRow, LeavesOutWhatIsNotKnown) {
  v1::CallEvent event;
  event.set_kind(v1::CALL_EVENT_KIND_SETTLED);
  event.mutable_call()->set_id("00ff");
  EXPECT_EQ(CdrRow(CdrFormat::kCsv, event),
            "00ff,,,,,,unspecified,unspecified,,,,0,0,,0,0,,,,,,,,,,\r\n");
}

TEST(CdrRow, OfACallThatIsPartOfAnotherNamesThat) {
  v1::CallEvent event;
  event.set_kind(v1::CALL_EVENT_KIND_MERGED);
  event.set_call_id("00ff");
  event.set_merged_into("aa");
  const std::string row = CdrRow(CdrFormat::kCsv, event);
  EXPECT_EQ(row, "00ff,,,,,,,,,,,,,,,,,,,,,,,,,aa\r\n");
  const std::string header = CdrHeader(CdrFormat::kCsv);
  EXPECT_EQ(std::count(row.begin(), row.end(), ','),
            std::count(header.begin(), header.end(), ','));
  EXPECT_EQ(CdrRow(CdrFormat::kJsonLines, event),
            "{\"id\":\"00ff\",\"mergedInto\":\"aa\"}\n");
}

TEST(CdrRow, InJsonIsTheCall) {
  const v1::CallEvent event = Settled();
  const std::string row = CdrRow(CdrFormat::kJsonLines, event);
  EXPECT_EQ(row.find('\n'), row.size() - 1);
  v1::Call call;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(row, &call).ok());
  EXPECT_EQ(call.SerializeAsString(), event.call().SerializeAsString());
  EXPECT_EQ(CdrHeader(CdrFormat::kJsonLines), "");
}

}  // namespace
}  // namespace callbraid::collector
