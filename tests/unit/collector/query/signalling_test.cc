#include "collector/query/signalling.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/memory_store.h"
#include "tests/unit/collector/query/stored_call.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kMs = 1'000'000;

std::vector<std::string> SeenBy(const v1::GetSignallingResponse& response) {
  std::vector<std::string> seen;
  for (const v1::SipRecord& message : response.messages()) {
    seen.push_back(message.sensor() + " " + message.summary());
  }
  return seen;
}

TEST(ReadSignalling, OrdersTheMessagesOfAllSensorsByAlignedTime) {
  MemoryStore store;
  StoredCall call("a");
  const ObservationId near = call.AddDialog("s1");
  const ObservationId far = call.AddDialog("s2");
  call.AddSip(near, 0, "INVITE sip:103@a SIP/2.0");
  call.AddSip(near, 20 * kMs, "SIP/2.0 180 Ringing");
  // The clock of s2 is half a minute ahead.
  call.AddSip(far, 30'001 * kMs, "INVITE sip:103@a SIP/2.0");
  call.AddSip(far, 30'019 * kMs, "SIP/2.0 180 Ringing");
  call.SetOffset("s1", 0);
  call.SetOffset("s2", -30'000 * kMs);
  call.StoreIn(store);

  v1::GetSignallingResponse response;
  ASSERT_TRUE(ReadSignalling(store, call.record(), SignallingLimits(),
                             PressedKeys::kShown, response)
                  .ok());
  EXPECT_THAT(SeenBy(response),
              ElementsAre("s1 INVITE", "s2 INVITE", "s2 180 Ringing",
                          "s1 180 Ringing"));
  EXPECT_FALSE(response.truncated());

  const v1::SipRecord& second = response.messages(1);
  EXPECT_EQ(second.time().seconds() - second.aligned_time().seconds(), 30);
  EXPECT_EQ(second.source(), "10.10.0.101:5060");
  EXPECT_EQ(second.destination(), "10.10.0.10:5060");
  EXPECT_EQ(second.transport(), v1::TRANSPORT_UDP);
  EXPECT_EQ(second.capture_point(), "span0");
  EXPECT_EQ(second.leg_id(), "leg");
}

// SDES keys of SDP (RFC 4568): of no use to who reads a ladder.
TEST(ReadSignalling, MasksMediaKeys) {
  constexpr char kKey[] = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
  MemoryStore store;
  StoredCall call("a");
  call.AddSip(call.AddDialog("s1"), 0,
              std::string("INVITE sip:103@a SIP/2.0\r\n\r\n"
                          "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:") +
                  kKey + "\r\n");
  call.StoreIn(store);
  v1::GetSignallingResponse response;
  ASSERT_TRUE(ReadSignalling(store, call.record(), SignallingLimits(),
                             PressedKeys::kShown, response)
                  .ok());
  ASSERT_EQ(response.messages_size(), 1);
  EXPECT_EQ(response.DebugString().find(kKey), std::string::npos);
  EXPECT_NE(response.messages(0).message().find("inline:****"),
            std::string::npos);
}

TEST(ReadSignalling, MasksPressedKeysUnlessTheyAreShown) {
  MemoryStore store;
  StoredCall call("a");
  call.AddSip(call.AddDialog("s1"), 0,
              "INFO sip:103@a SIP/2.0\r\nContent-Type: application/dtmf-relay"
              "\r\n\r\nSignal=5\r\n");
  call.StoreIn(store);
  for (const bool shown : {false, true}) {
    v1::GetSignallingResponse response;
    ASSERT_TRUE(
        ReadSignalling(store, call.record(), SignallingLimits(),
                       shown ? PressedKeys::kShown : PressedKeys::kMasked,
                       response)
            .ok());
    ASSERT_EQ(response.messages_size(), 1);
    EXPECT_NE(
        response.messages(0).message().find(shown ? "Signal=5" : "Signal=x"),
        std::string::npos);
  }
}

TEST(ReadSignalling, KeepsTheEarliestWithinItsLimits) {
  MemoryStore store;
  StoredCall call("a");
  const ObservationId id = call.AddDialog("s1");
  for (int i = 0; i < 20; ++i) call.AddSip(id, i * kMs, "BYE sip:a SIP/2.0");
  call.StoreIn(store);

  v1::GetSignallingResponse by_count;
  ASSERT_TRUE(ReadSignalling(store, call.record(), {.messages = 3},
                             PressedKeys::kShown, by_count)
                  .ok());
  ASSERT_EQ(by_count.messages_size(), 3);
  EXPECT_TRUE(by_count.truncated());
  EXPECT_EQ(by_count.messages(2).time().nanos(), 2 * kMs);

  const size_t size = by_count.messages(0).message().size();
  v1::GetSignallingResponse by_bytes;
  ASSERT_TRUE(ReadSignalling(store, call.record(), {.bytes = 2 * size + 1},
                             PressedKeys::kShown, by_bytes)
                  .ok());
  EXPECT_EQ(by_bytes.messages_size(), 2);
  EXPECT_TRUE(by_bytes.truncated());
}

TEST(ReadSignalling, SkipsFramesThatAreNoSip) {
  MemoryStore store;
  StoredCall call("a");
  const ObservationId id = call.AddDialog("s1");
  v1::CallFrame rtcp;
  rtcp.mutable_rtcp()->set_packet("x");
  call.AddFrame(id, kStartNs, rtcp);
  call.StoreIn(store);
  v1::GetSignallingResponse response;
  ASSERT_TRUE(ReadSignalling(store, call.record(), SignallingLimits(),
                             PressedKeys::kShown, response)
                  .ok());
  EXPECT_EQ(response.messages_size(), 0);
}

}  // namespace
}  // namespace callbraid::collector
