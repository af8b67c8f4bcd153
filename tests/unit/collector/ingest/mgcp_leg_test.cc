#include "collector/ingest/mgcp_leg.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/leg_frames.h"

namespace callbraid::collector {
namespace {

using fakes::At;
using fakes::kMs;
using fakes::kSecond;
using fakes::LegFolder;
using store::v1::DialogObservation;

constexpr int64_t kStart = int64_t{1'700'000'000} * kSecond;
const FlowKey kToGateway{At("10.0.0.2", 2427), At("10.0.0.1", 2427)};
const FlowKey kToAgent = kToGateway.Reversed();

struct Step {
  int64_t ms;
  FlowKey flow;
  std::string message;
};

std::string Sdp(const std::string& address, int port) {
  return "\r\nv=0\r\nc=IN IP4 " + address + "\r\nm=audio " +
         std::to_string(port) + " RTP/AVP 0\r\n";
}

// Somebody is called, answers and hangs up.
std::vector<Step> InboundCall() {
  return {
      {0, kToGateway,
       "CRCX 24 AALN/1@GW MGCP 1.0\r\nC: A1\r\nM: recvonly\r\n"
       "S: L/rg, L/ci(05/04/08/36,2002,Bob)\r\n"},
      {12, kToAgent, "200 24 OK\r\nI: 3\r\n" + Sdp("10.0.0.1", 4000)},
      {2100, kToAgent, "NTFY 901 aaln/1@gw MGCP 1.0\r\nO: L/hd\r\n"},
      {2101, kToGateway, "200 901 OK\r\n"},
      {2104, kToGateway,
       "MDCX 25 AALN/1@GW MGCP 1.0\r\nC: A1\r\nI: 3\r\nM: sendrecv\r\nS: \r\n" +
           Sdp("10.0.0.9", 5000)},
      {2108, kToAgent, "200 25 OK\r\n"},
      {8800, kToGateway,
       "MDCX 26 AALN/1@GW MGCP 1.0\r\nC: A1\r\nM: recvonly\r\n"},
      {8801, kToAgent, "200 26 OK\r\n"},
      {8804, kToGateway, "DLCX 27 AALN/1@GW MGCP 1.0\r\nC: A1\r\nI: 3\r\n"},
      {8806, kToAgent, "250 27 OK\r\nP: PS=334\r\n"},
  };
}

// Somebody dials, is answered, presses a key, and hangs up.
std::vector<Step> OutboundCall() {
  std::vector<Step> steps = {
      {0, kToAgent, "NTFY 1 aaln/1@gw MGCP 1.0\r\nO: L/hd\r\n"},
      {1, kToGateway, "200 1 OK\r\n"},
      // Sent again: the response was late.
      {2, kToAgent, "NTFY 1 aaln/1@gw MGCP 1.0\r\nO: L/hd\r\n"},
      {3, kToGateway,
       "RQNT 59 aaln/1@gw MGCP 1.0\r\nR: D/[0-9*#]\r\nS: L/dl\r\n"},
      {4, kToAgent, "200 59 OK\r\n"},
      {1000, kToAgent, "NTFY 2 aaln/1@gw MGCP 1.0\r\nO: D/2\r\n"},
      {1001, kToGateway, "200 2 OK\r\n"},
      {1500, kToAgent, "NTFY 3 aaln/1@gw MGCP 1.0\r\nO: D/0,D/1\r\n"},
      // Sent again: the response was lost.
      {1600, kToAgent, "NTFY 3 aaln/1@gw MGCP 1.0\r\nO: D/0,D/1\r\n"},
      {1601, kToGateway, "200 3 OK\r\n"},
      {1700, kToGateway,
       "CRCX 61 aaln/1@gw MGCP 1.0\r\nC: A2\r\nM: recvonly\r\n"},
      {1701, kToAgent, "200 61 OK\r\nI: 4\r\n" + Sdp("10.0.0.1", 4002)},
      {1900, kToGateway, "RQNT 62 aaln/1@gw MGCP 1.0\r\nS: G/rt\r\n"},
      {1901, kToAgent, "200 62 OK\r\n"},
      {4400, kToGateway,
       "MDCX 63 aaln/1@gw MGCP 1.0\r\nC: A2\r\nI: 4\r\nM: sendrecv\r\n" +
           Sdp("10.0.0.9", 5002)},
      {4401, kToAgent, "200 63 OK\r\n"},
      {5700, kToAgent, "NTFY 4 aaln/1@gw MGCP 1.0\r\nO: D/7\r\n"},
      {5701, kToGateway, "200 4 OK\r\n"},
      {9000, kToAgent, "NTFY 5 aaln/1@gw MGCP 1.0\r\nO: L/hu\r\n"},
      {9001, kToGateway, "200 5 OK\r\n"},
      {9002, kToGateway, "DLCX 65 aaln/1@gw MGCP 1.0\r\nC: A2\r\nI: 4\r\n"},
      {9004, kToAgent, "250 65 OK\r\n"},
  };
  return steps;
}

void Fold(const std::vector<Step>& steps, LegFolder& folder) {
  for (const Step& step : steps) {
    ASSERT_EQ(folder.Fold(kStart + step.ms * kMs, step.flow, step.message),
              FoldResult::kStored)
        << step.message;
  }
}

std::vector<DialogObservation> CallsOf(const std::vector<Step>& steps) {
  LegFolder folder(v1::SIGNALLING_PROTOCOL_MGCP);
  Fold(steps, folder);
  return folder.Calls();
}

TEST(MgcpLeg, IsOneCallOfAnEndpointThatRang) {
  const auto calls = CallsOf(InboundCall());
  ASSERT_EQ(calls.size(), 1u);
  const DialogObservation& call = calls[0];
  EXPECT_EQ(call.protocol(), v1::SIGNALLING_PROTOCOL_MGCP);
  EXPECT_EQ(call.call_id(), "A1");
  EXPECT_EQ(call.from_tag(), "aaln/1@gw");
  EXPECT_EQ(FromProto(call.initiator())->ToString(), "10.0.0.2:2427");
  EXPECT_EQ(call.from_uri(), "tel:2002");
  EXPECT_EQ(call.from_name(), "Bob");
  EXPECT_EQ(call.to_uri(), "aaln/1@gw");
  EXPECT_EQ(call.invite_time_ns(), kStart);
  EXPECT_EQ(call.ringing_time_ns(), kStart);
  EXPECT_EQ(call.answer_time_ns(), kStart + 2100 * kMs);
  EXPECT_EQ(call.end_time_ns(), kStart + 8804 * kMs);
  EXPECT_EQ(call.end_reason(), v1::END_REASON_BYE);
  // But for two that answer the gateway, all of them.
  EXPECT_EQ(call.messages(), 10u);
}

TEST(MgcpLeg, HasTheMediaOfBothSides) {
  const DialogObservation call = CallsOf(InboundCall()).at(0);
  // Media that stops with the call is no hold.
  ASSERT_EQ(call.media_size(), 3);
  EXPECT_FALSE(call.media(0).from_initiator());
  EXPECT_EQ(FromProto(call.media(0).rtp())->ToString(), "10.0.0.1:4000");
  EXPECT_EQ(call.media(0).direction(), "recvonly");
  EXPECT_EQ(call.media(0).codecs(0).name(), "PCMU");
  EXPECT_TRUE(call.media(1).from_initiator());
  EXPECT_EQ(FromProto(call.media(1).rtp())->ToString(), "10.0.0.9:5000");
  EXPECT_FALSE(call.media(2).from_initiator());
  EXPECT_EQ(call.media(2).direction(), "sendrecv");
  EXPECT_EQ(call.media(2).time_ns(), kStart + 2104 * kMs);
}

TEST(MgcpLeg, IsOneCallOfAnEndpointThatDialled) {
  const auto calls = CallsOf(OutboundCall());
  ASSERT_EQ(calls.size(), 1u);
  const DialogObservation& call = calls[0];
  EXPECT_EQ(call.call_id(), "A2");
  EXPECT_EQ(FromProto(call.initiator())->ToString(), "10.0.0.1:2427");
  EXPECT_EQ(call.from_uri(), "aaln/1@gw");
  EXPECT_EQ(call.to_uri(), "tel:201");
  EXPECT_EQ(call.invite_time_ns(), kStart + 1700 * kMs);
  EXPECT_EQ(call.ringing_time_ns(), kStart + 1900 * kMs);
  EXPECT_EQ(call.answer_time_ns(), kStart + 4400 * kMs);
  EXPECT_EQ(call.end_time_ns(), kStart + 9000 * kMs);
  EXPECT_EQ(call.end_reason(), v1::END_REASON_BYE);
  ASSERT_EQ(call.keys_size(), 1);
  EXPECT_EQ(call.keys(0).digit(), "7");
  EXPECT_TRUE(call.keys(0).from_initiator());
  EXPECT_EQ(call.messages(), 22u);
}

TEST(MgcpLeg, TellsTheNextCallOfAnEndpointApart) {
  std::vector<Step> steps = InboundCall();
  for (Step step : OutboundCall()) {
    step.ms += 20'000;
    steps.push_back(step);
  }
  const auto calls = CallsOf(steps);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].call_id(), "A1");
  EXPECT_EQ(calls[0].messages(), 10u);
  EXPECT_EQ(calls[1].call_id(), "A2");
}

TEST(MgcpLeg, IsNoCallWhereNobodyConnected) {
  EXPECT_TRUE(
      CallsOf({{0, kToAgent, "NTFY 1 aaln/1@gw MGCP 1.0\r\nO: L/hd\r\n"},
               {9, kToAgent, "NTFY 2 aaln/1@gw MGCP 1.0\r\nO: D/1\r\n"},
               {99, kToAgent, "NTFY 3 aaln/1@gw MGCP 1.0\r\nO: L/hu\r\n"},
               {100, kToAgent, "RSIP 4 *@gw MGCP 1.0\r\nRM: restart\r\n"},
               {101, kToGateway, "AUEP 5 aaln/1@gw MGCP 1.0\r\nF: A\r\n"},
               {102, kToAgent, "200 5 OK\r\nA: a:PCMU\r\n"}})
          .empty());
}

TEST(MgcpLeg, IsUnansweredWhereItRangAlone) {
  const auto calls =
      CallsOf({{0, kToGateway, "RQNT 7 aaln/1@gw MGCP 1.0\r\nS: L/rg\r\n"},
               {5000, kToGateway,
                "CRCX 8 aaln/1@gw MGCP 1.0\r\nC: A3\r\nM: recvonly\r\n"},
               {9000, kToGateway, "DLCX 9 aaln/1@gw MGCP 1.0\r\nC: A3\r\n"}});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].call_id(), "A3");
  EXPECT_EQ(calls[0].answer_time_ns(), 0);
  EXPECT_EQ(calls[0].end_reason(), v1::END_REASON_CANCELLED);
}

TEST(MgcpLeg, IsRefusedWhereTheGatewayHasNoConnection) {
  const auto calls = CallsOf(
      {{0, kToGateway, "CRCX 8 aaln/1@gw MGCP 1.0\r\nC: A3\r\nM: sendrecv\r\n"},
       {9, kToAgent, "403 8 no resources\r\n"}});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].end_reason(), v1::END_REASON_REFUSED);
}

TEST(MgcpLeg, TellsWhoHungUp) {
  // The agent deletes the connection of a phone that is still off the hook.
  EXPECT_EQ(CallsOf(InboundCall()).at(0).ended_by(), v1::SIDE_CALLER);
  EXPECT_EQ(CallsOf(OutboundCall()).at(0).ended_by(), v1::SIDE_CALLER);
  std::vector<Step> steps = InboundCall();
  steps.insert(steps.begin() + 6,
               {8790, kToAgent, "NTFY 902 aaln/1@gw MGCP 1.0\r\nO: L/hu\r\n"});
  EXPECT_EQ(CallsOf(steps).at(0).ended_by(), v1::SIDE_CALLEE);
  // Of a bridge nobody knows.
  const auto bridged = CallsOf(
      {{0, kToGateway,
        "CRCX 8 rtpbridge/7@mgw MGCP 1.0\r\nC: 2\r\nM: sendrecv\r\n" +
            Sdp("10.0.0.9", 5000)},
       {5, kToAgent, "200 8 OK\r\nI: 1\r\n" + Sdp("10.0.0.1", 4000)},
       {5000, kToGateway, "DLCX 9 rtpbridge/7@mgw MGCP 1.0\r\nC: 2\r\n"}});
  EXPECT_EQ(bridged.at(0).end_reason(), v1::END_REASON_BYE);
  EXPECT_EQ(bridged.at(0).ended_by(), v1::SIDE_UNSPECIFIED);
}

TEST(MgcpLeg, SaysWhoHolds) {
  std::vector<Step> steps = InboundCall();
  steps.resize(6);
  steps.push_back({4000, kToGateway,
                   "MDCX 30 aaln/1@gw MGCP 1.0\r\nC: A1\r\nM: recvonly\r\n"});
  steps.push_back({6000, kToGateway,
                   "MDCX 31 aaln/1@gw MGCP 1.0\r\nC: A1\r\nM: sendrecv\r\n"});
  const DialogObservation call = CallsOf(steps).at(0);
  // The gateway hears music of the other side, which is the agent's.
  ASSERT_EQ(call.media_size(), 7);
  EXPECT_EQ(call.media(3).direction(), "recvonly");
  EXPECT_TRUE(call.media(4).from_initiator());
  EXPECT_EQ(call.media(4).direction(), "sendonly");
  EXPECT_EQ(call.media(6).direction(), "sendrecv");
}

TEST(MgcpLeg, FollowsAnEndpointThatTheGatewayChose) {
  const auto calls = CallsOf(
      {{0, kToGateway,
        "CRCX 8 rtpbridge/*@mgw MGCP 1.0\r\nC: 2\r\nM: sendrecv\r\n" +
            Sdp("10.0.0.9", 5000)},
       {5, kToAgent,
        "200 8 OK\r\nI: 1\r\nZ: rtpbridge/7@mgw\r\n" + Sdp("10.0.0.1", 4000)},
       {5000, kToGateway, "DLCX 9 rtpbridge/7@mgw MGCP 1.0\r\nC: 2\r\n"}});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].from_tag(), "rtpbridge/7@mgw");
  EXPECT_EQ(calls[0].media_size(), 2);
  EXPECT_EQ(calls[0].end_reason(), v1::END_REASON_BYE);
}

TEST(MgcpLeg, IsTheSameAfterARestartAnywhere) {
  const std::vector<Step> steps = OutboundCall();
  LegFolder whole(v1::SIGNALLING_PROTOCOL_MGCP);
  Fold(steps, whole);
  const auto wanted = whole.Dump();
  for (size_t at = 1; at < steps.size(); ++at) {
    LegFolder folder(v1::SIGNALLING_PROTOCOL_MGCP);
    Fold({steps.begin(), steps.begin() + static_cast<ptrdiff_t>(at)}, folder);
    folder.Commit();
    folder.Restart();
    // The last one comes again: it had not been acknowledged.
    const Step& last = steps[at - 1];
    EXPECT_EQ(folder.Fold(kStart + last.ms * kMs, last.flow, last.message),
              FoldResult::kRepeated);
    Fold({steps.begin() + static_cast<ptrdiff_t>(at), steps.end()}, folder);
    EXPECT_EQ(folder.Dump(), wanted) << "restart after " << at;
  }
}

TEST(MgcpLeg, RefusesWhatIsNoMgcp) {
  LegFolder folder(v1::SIGNALLING_PROTOCOL_MGCP);
  EXPECT_EQ(folder.Fold(kStart, kToAgent, "INVITE sip:a@b SIP/2.0\r\n"),
            FoldResult::kMalformed);
  EXPECT_EQ(folder.Fold(kStart, kToAgent, ""), FoldResult::kMalformed);
}

}  // namespace
}  // namespace callbraid::collector
