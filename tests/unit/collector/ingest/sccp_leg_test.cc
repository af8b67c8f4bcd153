#include "collector/ingest/sccp_leg.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/sccp/sccp_message.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/leg_frames.h"
#include "tests/fakes/sccp_bytes.h"

namespace callbraid::collector {
namespace {

using fakes::At;
using fakes::kMs;
using fakes::kSecond;
using fakes::LegFolder;
using fakes::SccpBytes;
using store::v1::DialogObservation;

constexpr int64_t kStart = int64_t{1'700'000'000} * kSecond;
constexpr uint32_t kCall = 33;
constexpr uint32_t kParty = 22;
const FlowKey kToManager{At("10.0.0.1", 50000), At("10.0.0.2", 2000)};
const FlowKey kToPhone = kToManager.Reversed();

struct Step {
  int64_t ms;
  FlowKey flow;
  std::string message;
};

std::string State(SccpCallState state, uint32_t call = kCall) {
  return SccpBytes()
      .U32(static_cast<uint32_t>(state))
      .U32(1)
      .U32(call)
      .Zeros(12)
      .Message(SccpId::kCallState);
}

std::string CallInfo(SccpCallType type) {
  return SccpBytes()
      .U32(1)
      .U32(kCall)
      .U32(static_cast<uint32_t>(type))
      .Zeros(20)
      .Text("101", 4)
      .Text("", 1)
      .Text("102", 4)
      .Zeros(6)
      .Text("Alice", 6)
      .Text("Bob", 4)
      .Message(SccpId::kCallInfoV2);
}

std::string Key(uint32_t button) {
  return SccpBytes().U32(button).Message(SccpId::kKeypadButton, 0);
}

std::string OpenChannel() {
  return SccpBytes()
      .U32(kCall)
      .U32(kParty)
      .U32(20)
      .U32(4)
      .Zeros(8)
      .U32(kCall)
      .Zeros(48 + 8)
      .U32(101)
      .Message(SccpId::kOpenReceiveChannel, 3);
}

// Of an old phone: it does not say of which call.
std::string OpenAck(uint16_t port, uint32_t status = 0) {
  return SccpBytes()
      .U32(status)
      .Raw(std::string_view("\x0a\0\0\1", 4))
      .U32(port)
      .U32(kParty)
      .Message(SccpId::kOpenReceiveChannelAck, 3);
}

std::string StartMedia(uint16_t port) {
  return SccpBytes()
      .U32(kCall)
      .U32(kParty)
      .Raw(std::string_view("\x0a\0\0\x09", 4))
      .U32(port)
      .U32(20)
      .U32(4)
      .Zeros(16)
      .U32(kCall)
      .Message(SccpId::kStartMediaTransmission, 3);
}

std::string Stop(SccpId id) {
  return SccpBytes().U32(kCall).U32(kParty).U32(kCall).Message(id, 3);
}

// Somebody dials, is answered, holds, presses a key, and hangs up.
std::vector<Step> OutboundCall() {
  return {
      {0, kToManager,
       SccpBytes()
           .Text("SEP001122334455", 16)
           .Zeros(20)
           .Message(SccpId::kRegister, 0)},
      {10, kToPhone, State(SccpCallState::kOffHook)},
      {500, kToManager, Key(1)},
      {600, kToManager, Key(0)},
      {700, kToPhone, State(SccpCallState::kProceed)},
      {701, kToPhone, CallInfo(SccpCallType::kOutbound)},
      {800, kToPhone, State(SccpCallState::kRingOut)},
      {3000, kToPhone, OpenChannel()},
      {3001, kToPhone, State(SccpCallState::kConnected)},
      {3005, kToManager, OpenAck(4000)},
      {3010, kToPhone, StartMedia(5000)},
      {5000, kToManager, Key(15)},
      {6000, kToPhone, Stop(SccpId::kCloseReceiveChannel)},
      {6001, kToPhone, Stop(SccpId::kStopMediaTransmission)},
      {6002, kToPhone, State(SccpCallState::kHold)},
      {9000, kToPhone, OpenChannel()},
      {9001, kToPhone, State(SccpCallState::kConnected)},
      {9005, kToManager, OpenAck(4002)},
      {9010, kToPhone, StartMedia(5000)},
      {12000, kToPhone, Stop(SccpId::kCloseReceiveChannel)},
      {12001, kToPhone, Stop(SccpId::kStopMediaTransmission)},
      {12002, kToPhone, State(SccpCallState::kOnHook)},
  };
}

void Fold(const std::vector<Step>& steps, LegFolder& folder) {
  for (const Step& step : steps) {
    ASSERT_EQ(folder.Fold(kStart + step.ms * kMs, step.flow, step.message),
              FoldResult::kStored)
        << "at " << step.ms;
  }
}

std::vector<DialogObservation> CallsOf(const std::vector<Step>& steps) {
  LegFolder folder(v1::SIGNALLING_PROTOCOL_SCCP);
  Fold(steps, folder);
  return folder.Calls();
}

TEST(SccpLeg, IsOneCallOfAPhone) {
  const auto calls = CallsOf(OutboundCall());
  ASSERT_EQ(calls.size(), 1u);
  const DialogObservation& call = calls[0];
  EXPECT_EQ(call.protocol(), v1::SIGNALLING_PROTOCOL_SCCP);
  EXPECT_EQ(call.call_id(), "33");
  EXPECT_EQ(call.from_tag(), "10.0.0.1");
  EXPECT_EQ(FromProto(call.initiator())->ToString(), "10.0.0.1:50000");
  EXPECT_FALSE(call.began_before());
  EXPECT_EQ(call.from_uri(), "tel:101");
  EXPECT_EQ(call.to_uri(), "tel:102");
  EXPECT_EQ(call.from_name(), "Alice");
  EXPECT_EQ(call.to_name(), "Bob");
  EXPECT_EQ(call.invite_time_ns(), kStart + 700 * kMs);
  EXPECT_EQ(call.ringing_time_ns(), kStart + 800 * kMs);
  EXPECT_EQ(call.answer_time_ns(), kStart + 3001 * kMs);
  EXPECT_EQ(call.end_time_ns(), kStart + 12'002 * kMs);
  EXPECT_EQ(call.end_reason(), v1::END_REASON_BYE);
  ASSERT_EQ(call.keys_size(), 1);
  EXPECT_EQ(call.keys(0).digit(), "#");
  // But for the registration, all of them.
  EXPECT_EQ(call.messages(), 21u);
}

TEST(SccpLeg, HasTheMediaOfBothSidesAndTheHold) {
  const DialogObservation call = CallsOf(OutboundCall()).at(0);
  std::vector<std::string> lines;
  for (const auto& media : call.media()) {
    lines.push_back((media.from_initiator() ? "phone " : "peer ") +
                    FromProto(media.rtp())->ToString() + " " +
                    media.direction());
  }
  EXPECT_EQ(lines,
            (std::vector<std::string>{
                "phone 10.0.0.1:4000 sendrecv", "peer 10.0.0.9:5000 sendrecv",
                "phone 0.0.0.0:0 inactive", "peer 0.0.0.0:0 inactive",
                "phone 0.0.0.0:4000 sendonly", "phone 10.0.0.1:4002 sendrecv",
                "peer 10.0.0.9:5000 sendrecv"}));
  EXPECT_EQ(call.media(0).codecs(0).name(), "PCMU");
  EXPECT_EQ(call.media(0).codecs(1).name(), "telephone-event");
  EXPECT_EQ(call.media(0).codecs(1).payload_type(), 101u);
}

TEST(SccpLeg, IsOneCallOfAPhoneThatRang) {
  const auto calls = CallsOf({{0, kToPhone, State(SccpCallState::kRingIn)},
                              {1, kToPhone, CallInfo(SccpCallType::kInbound)},
                              {9, kToPhone, State(SccpCallState::kOnHook)}});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(FromProto(calls[0].initiator())->ToString(), "10.0.0.2:2000");
  EXPECT_EQ(calls[0].ringing_time_ns(), kStart);
  EXPECT_EQ(calls[0].answer_time_ns(), 0);
  EXPECT_EQ(calls[0].end_reason(), v1::END_REASON_CANCELLED);
}

std::string OnHook() {
  return SccpBytes().U32(0).U32(0).Message(SccpId::kOnHook);
}

TEST(SccpLeg, TellsThatThePhoneWasHungUp) {
  std::vector<Step> steps = OutboundCall();
  // Nothing tells: a key of the phone's display, or the other side.
  EXPECT_EQ(CallsOf(steps).at(0).ended_by(), v1::SIDE_UNSPECIFIED);
  steps.insert(steps.end() - 3, {11'990, kToManager, OnHook()});
  EXPECT_EQ(CallsOf(steps).at(0).ended_by(), v1::SIDE_CALLER);
}

TEST(SccpLeg, AReceiverThatIsPutDownOnHoldEndsNothing) {
  std::vector<Step> steps = OutboundCall();
  steps.resize(15);
  steps.push_back({7000, kToManager, OnHook()});
  steps.push_back({12'000, kToPhone, State(SccpCallState::kOnHook)});
  const DialogObservation call = CallsOf(steps).at(0);
  EXPECT_EQ(call.end_reason(), v1::END_REASON_BYE);
  EXPECT_EQ(call.ended_by(), v1::SIDE_UNSPECIFIED);
}

TEST(SccpLeg, BeganBeforeWhereItsStateSaysSo) {
  const auto calls = CallsOf({{0, kToPhone, State(SccpCallState::kConnected)},
                              {9, kToPhone, State(SccpCallState::kOnHook)}});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_TRUE(calls[0].began_before());
  EXPECT_EQ(calls[0].end_reason(), v1::END_REASON_BYE);
}

TEST(SccpLeg, IsOfAConferenceBridgeThatIsToldOfMediaAlone) {
  const auto calls = CallsOf({{0, kToPhone, OpenChannel()},
                              {1, kToPhone, StartMedia(5000)},
                              {5, kToManager, OpenAck(4000)}});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_FALSE(calls[0].began_before());
  EXPECT_EQ(calls[0].answer_time_ns(), kStart + kMs);
  EXPECT_EQ(calls[0].media_size(), 2);
}

TEST(SccpLeg, NamesNoMediaThatFailed) {
  const auto calls = CallsOf(
      {{0, kToPhone, OpenChannel()}, {5, kToManager, OpenAck(4000, 1)}});
  EXPECT_EQ(calls.at(0).media_size(), 0);
}

TEST(SccpLeg, IsTheSameAfterARestartAnywhere) {
  const std::vector<Step> steps = OutboundCall();
  LegFolder whole(v1::SIGNALLING_PROTOCOL_SCCP);
  Fold(steps, whole);
  const auto wanted = whole.Dump();
  for (size_t at = 1; at < steps.size(); ++at) {
    LegFolder folder(v1::SIGNALLING_PROTOCOL_SCCP);
    Fold({steps.begin(), steps.begin() + static_cast<ptrdiff_t>(at)}, folder);
    folder.Commit();
    folder.Restart();
    Fold({steps.begin() + static_cast<ptrdiff_t>(at), steps.end()}, folder);
    EXPECT_EQ(folder.Dump(), wanted) << "restart after " << at;
  }
}

TEST(SccpLeg, CarriesOnFromDayToDay) {
  LegFolder folder(v1::SIGNALLING_PROTOCOL_SCCP);
  std::vector<Step> steps = OutboundCall();
  steps.resize(11);
  Fold(steps, folder);
  // A long call: what was opened yesterday is closed today.
  EXPECT_EQ(folder.Fold(kStart + 90'000 * kSecond, kToPhone,
                        State(SccpCallState::kOnHook)),
            FoldResult::kStored);
  const auto calls = folder.Calls();
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].end_time_ns(), kStart + 90'000 * kSecond);
}

TEST(SccpLeg, RefusesWhatIsNoSccp) {
  LegFolder folder(v1::SIGNALLING_PROTOCOL_SCCP);
  EXPECT_EQ(folder.Fold(kStart, kToPhone, "INVITE sip:a@b SIP/2.0\r\n"),
            FoldResult::kMalformed);
}

}  // namespace
}  // namespace callbraid::collector
