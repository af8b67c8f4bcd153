#include "sensor/signalling/controlled_media.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "sensor/flow/expected_media.h"

namespace callbraid::sensor {
namespace {

Endpoint At(std::string_view address, uint16_t port) {
  return {*IpAddress::Parse(address), port};
}

class ControlledMediaTest : public testing::Test {
 protected:
  void Mgcp(const FlowKey& flow, std::string_view text) {
    const auto message = ParseMgcp(text);
    ASSERT_TRUE(message) << text;
    media_.OnMgcp(flow, *message);
  }

  const FlowKey to_gateway_{At("10.0.0.2", 2727), At("10.0.0.1", 2427)};
  ExpectedMedia expected_{100};
  SignallingCounters counters_;
  DialogTable dialogs_{expected_, AskedFor({"101"}), 100};
  ControlledMedia media_{dialogs_, counters_};
};

TEST_F(ControlledMediaTest, KnowsWhoSpeaksMgcpInEitherDirection) {
  EXPECT_FALSE(media_.SpeakMgcp(to_gateway_));
  Mgcp(to_gateway_, "AUEP 1 *@gw MGCP 1.0\r\n");
  EXPECT_TRUE(media_.SpeakMgcp(to_gateway_));
  EXPECT_TRUE(media_.SpeakMgcp(to_gateway_.Reversed()));
  EXPECT_FALSE(media_.SpeakMgcp({At("10.0.0.3", 2427), At("10.0.0.2", 2727)}));
}

TEST_F(ControlledMediaTest, ExpectsWhatSdpNamesInResponsesAndCommands) {
  Mgcp(to_gateway_, "CRCX 7 aaln/1@gw MGCP 1.0\r\nC: A1\r\nM: recvonly\r\n");
  Mgcp(to_gateway_.Reversed(),
       "200 7 OK\r\nI: 1\r\n\r\nv=0\r\nc=IN IP4 10.0.0.1\r\n"
       "m=audio 4000 RTP/AVP 0\r\n");
  Mgcp(to_gateway_,
       "MDCX 8 aaln/1@gw MGCP 1.0\r\nC: A1\r\nI: 1\r\n\r\nv=0\r\n"
       "c=IN IP4 10.0.0.9\r\nm=audio 5000 RTP/AVP 0 96\r\n"
       "a=rtpmap:96 opus/48000/2\r\n");
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.1", 4000)));
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.9", 5000)));
  EXPECT_EQ(expected_.ClockRate(At("10.0.0.9", 5000), 96), 48'000u);
  // Whom it is from is not known, so it is never spare.
  EXPECT_TRUE(expected_.CallOf(At("10.0.0.1", 4000)).asked_for());
  EXPECT_EQ(expected_.CallOf(At("10.0.0.9", 5000)).id, 0u);
}

TEST_F(ControlledMediaTest, ExpectsWhatSccpNames) {
  // OpenReceiveChannelAck: status, address, port, party.
  const std::string ack(
      "\x14\0\0\0\0\0\0\0\x22\0\0\0\0\0\0\0\x0a\0\0\1\xa0\x0f\0\0\7\0\0\0", 28);
  media_.OnSccp({At("10.0.0.1", 50000), At("10.0.0.2", 2000)}, ack);
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.1", 4000)));
  media_.OnSccp({At("10.0.0.1", 50000), At("10.0.0.2", 2000)},
                ack.substr(0, 20));
  EXPECT_EQ(expected_.size(), 2u);  // RTP and RTCP.
}

TEST_F(ControlledMediaTest, MakesRoomForNewPairsAndCountsIt) {
  for (uint32_t i = 0; i < 4200; ++i) {
    const uint8_t bytes[] = {10, 1, static_cast<uint8_t>(i >> 8),
                             static_cast<uint8_t>(i)};
    Mgcp({{*IpAddress::FromBytes(bytes), 2427}, At("10.0.0.2", 2727)},
         "AUEP 1 *@gw MGCP 1.0\r\n");
  }
  EXPECT_EQ(counters_.Get(SignallingDiscard::kMgcpEvicted), 4200u - 4096u);
}

}  // namespace
}  // namespace callbraid::sensor
