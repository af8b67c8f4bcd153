#include "collector/ingest/h323_leg.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/h323_bytes.h"
#include "tests/fakes/leg_frames.h"

namespace callbraid::collector {
namespace {

using fakes::At;
using fakes::kMs;
using fakes::kSecond;
using fakes::LegFolder;
using store::v1::DialogObservation;

constexpr int64_t kStart = int64_t{1'700'000'000} * kSecond;
const FlowKey kCall{At("10.0.0.1", 40000), At("10.0.0.2", 1720)};
const FlowKey kBack = kCall.Reversed();
const FlowKey kControl{At("10.0.0.1", 40001), At("10.0.0.2", 30000)};
const FlowKey kControlBack = kControl.Reversed();

struct Step {
  int64_t ms;
  FlowKey flow;
  std::string message;
};

// Somebody calls, is answered, holds, presses keys, and hangs up; H.245 has a
// connection of its own.
std::vector<Step> SlowCall() {
  return {
      {0, kCall, fakes::H323SlowSetup()},
      {500, kBack, fakes::H323Alerting()},
      {3000, kBack, fakes::H323Connect()},
      {3010, kControlBack, fakes::H323Capabilities()},
      {3020, kControl, fakes::H323OpenG729()},
      {3030, kControlBack, fakes::H323AckAtCallee()},
      {3040, kControlBack, fakes::H323OpenG729()},
      {3050, kControl, fakes::H323AckAtCaller()},
      {4000, kControl, fakes::H323Signal()},
      {4100, kControlBack, fakes::H323Alphanumeric()},
      {5000, kControl, fakes::H323NoCapabilities()},
      {5010, kControlBack, fakes::H323Close()},
      {7000, kControlBack, fakes::H323OpenG729()},
      {7010, kControl, fakes::H323AckAtCaller()},
      {9000, kControl, fakes::H323EndSession()},
      {9010, kCall, fakes::H323Release()},
  };
}

void Fold(const std::vector<Step>& steps, LegFolder& folder) {
  for (const Step& step : steps) {
    ASSERT_EQ(folder.Fold(kStart + step.ms * kMs, step.flow, step.message),
              FoldResult::kStored)
        << "at " << step.ms;
  }
}

LegFolder Folder() {
  return LegFolder(v1::SIGNALLING_PROTOCOL_H323, "s1", v1::TRANSPORT_TCP);
}

std::vector<DialogObservation> CallsOf(const std::vector<Step>& steps) {
  LegFolder folder = Folder();
  Fold(steps, folder);
  return folder.Calls();
}

std::vector<std::string> LinesOf(const DialogObservation& call) {
  std::vector<std::string> lines;
  for (const auto& media : call.media()) {
    std::string line = media.from_initiator() ? "caller " : "callee ";
    line += FromProto(media.rtp())->ToString() + " " + media.direction();
    for (const auto& codec : media.codecs()) {
      line += " " + std::to_string(codec.payload_type()) + "=" + codec.name();
    }
    lines.push_back(line);
  }
  return lines;
}

TEST(H323Leg, IsOneCallBetweenTwoHosts) {
  const auto calls = CallsOf(SlowCall());
  ASSERT_EQ(calls.size(), 1u);
  const DialogObservation& call = calls[0];
  EXPECT_EQ(call.protocol(), v1::SIGNALLING_PROTOCOL_H323);
  EXPECT_EQ(call.call_id(), fakes::kH323CallId);
  EXPECT_EQ(call.from_tag(), "10.0.0.1");
  EXPECT_EQ(FromProto(call.initiator())->ToString(), "10.0.0.1:40000");
  EXPECT_FALSE(call.began_before());
  EXPECT_EQ(call.from_uri(), "tel:1001");
  EXPECT_EQ(call.to_uri(), "tel:2002");
  EXPECT_EQ(call.invite_time_ns(), kStart);
  EXPECT_EQ(call.ringing_time_ns(), kStart + 500 * kMs);
  EXPECT_EQ(call.answer_time_ns(), kStart + 3000 * kMs);
  EXPECT_EQ(call.end_time_ns(), kStart + 9010 * kMs);
  EXPECT_EQ(call.end_reason(), v1::END_REASON_BYE);
  EXPECT_EQ(call.release_cause(), 16u);
  EXPECT_EQ(call.messages(), SlowCall().size());
}

TEST(H323Leg, HasTheChannelsOfBothSidesAndTheHold) {
  const DialogObservation call = CallsOf(SlowCall()).at(0);
  EXPECT_EQ(
      LinesOf(call),
      (std::vector<std::string>{
          "callee 10.0.0.2:6004 sendrecv 18=G729 101=telephone-event",
          "caller 10.0.0.1:5004 sendrecv 18=G729",
          "caller 10.0.0.1:5004 sendonly 18=G729", "caller 0.0.0.0:0 inactive",
          "caller 10.0.0.1:5004 sendrecv 18=G729"}));
}

TEST(H323Leg, HasTheKeysOfBothSides) {
  const DialogObservation call = CallsOf(SlowCall()).at(0);
  std::string keys;
  for (const auto& key : call.keys()) {
    keys += (key.from_initiator() ? "caller " : "callee ") + key.digit() + " ";
  }
  EXPECT_EQ(keys, "caller 7 callee 4 callee 2 ");
}

TEST(H323Leg, HasTheChannelsOfFastStart) {
  const auto calls = CallsOf({{0, kCall, fakes::H323Setup()},
                              {900, kBack, fakes::H323FastConnect()},
                              {950, kCall, fakes::H323KeypadInformation()}});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].from_name(), "Alice");
  EXPECT_EQ(
      LinesOf(calls[0]),
      (std::vector<std::string>{"caller 10.0.0.1:5004 sendrecv 8=PCMA 0=PCMU",
                                "callee 10.0.0.2:6004 sendrecv 8=PCMA"}));
  ASSERT_EQ(calls[0].keys_size(), 1);
  EXPECT_EQ(calls[0].keys(0).digit(), "5");
}

// What it says of itself later, too.
TEST(H323Leg, SeesTheCallerWhereATranslatorPutsIt) {
  const auto calls = CallsOf({{0, kCall, fakes::H323TranslatedSetup()}});
  EXPECT_EQ(LinesOf(calls.at(0)),
            std::vector<std::string>{"caller 10.0.0.1:5004 sendrecv 8=PCMA"});
  // As on the other side of the translator.
  EXPECT_EQ(calls[0].from_tag(), "192.168.0.1");
}

// Where a segment was lost, one connection is behind the other.
TEST(H323Leg, WaitsInNoConnectionForTheOther) {
  const auto calls = CallsOf({{0, kCall, fakes::H323SlowSetup()},
                              {500, kBack, fakes::H323Alerting()},
                              {3000, kBack, fakes::H323Connect()},
                              {600, kControl, fakes::H323OpenG729()},
                              {610, kControlBack, fakes::H323AckAtCallee()}});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(LinesOf(calls[0]),
            std::vector<std::string>{"callee 10.0.0.2:6004 sendrecv 18=G729"});
}

TEST(H323Leg, IsDialledDigitByDigit) {
  const auto calls = CallsOf({{0, kCall, fakes::H323SlowSetup()},
                              {50, kCall, fakes::H323KeypadInformation()}});
  EXPECT_EQ(calls.at(0).to_uri(), "tel:20025");
  EXPECT_EQ(calls[0].keys_size(), 0);
}

TEST(H323Leg, HasTheChannelsThatWereTunnelled) {
  const std::string open = fakes::H323Tunnel();
  const auto calls =
      CallsOf({{0, kCall, fakes::H323SlowSetup()}, {10, kCall, open}});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].messages(), 2u);
  EXPECT_EQ(calls[0].media_size(), 0);
}

TEST(H323Leg, IsRefusedWithACause) {
  const auto calls = CallsOf(
      {{0, kCall, fakes::H323SlowSetup()}, {100, kBack, fakes::H323Busy()}});
  EXPECT_EQ(calls.at(0).end_reason(), v1::END_REASON_REFUSED);
  EXPECT_EQ(calls.at(0).release_cause(), 17u);
  EXPECT_EQ(calls.at(0).ended_by(), v1::SIDE_CALLEE);
  const auto cancelled = CallsOf(
      {{0, kCall, fakes::H323SlowSetup()}, {100, kCall, fakes::H323Release()}});
  EXPECT_EQ(cancelled.at(0).end_reason(), v1::END_REASON_CANCELLED);
  EXPECT_EQ(cancelled.at(0).ended_by(), v1::SIDE_CALLER);
}

TEST(H323Leg, BeganBeforeWhereTheSetupWasNotSeen) {
  const auto calls = CallsOf(
      {{0, kBack, fakes::H323Connect()}, {9, kCall, fakes::H323Release()}});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_TRUE(calls[0].began_before());
  EXPECT_EQ(FromProto(calls[0].initiator())->ToString(), "10.0.0.1:40000");
  EXPECT_EQ(calls[0].end_reason(), v1::END_REASON_BYE);
  // What only ends is no call.
  EXPECT_TRUE(CallsOf({{0, kCall, fakes::H323Release()}}).empty());
}

// A gatekeeper routes the call signalling, and H.245 passes it by.
TEST(H323Leg, HasH245BetweenOtherHosts) {
  const FlowKey to_gatekeeper{At("10.0.0.1", 40000), At("10.0.0.9", 1720)};
  const auto calls =
      CallsOf({{0, to_gatekeeper, fakes::H323SlowSetup()},
               {500, to_gatekeeper.Reversed(), fakes::H323Alerting()},
               {600, kControl, fakes::H323OpenG729()},
               {610, kControlBack, fakes::H323AckAtCallee()}});
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(LinesOf(calls[0]),
            std::vector<std::string>{"callee 10.0.0.2:6004 sendrecv 18=G729"});
}

TEST(H323Leg, TakesNoH245ThatNobodyAnnounced) {
  const FlowKey other{At("10.0.0.1", 40001), At("10.0.0.2", 30001)};
  const auto calls = CallsOf({{0, kCall, fakes::H323SlowSetup()},
                              {500, kBack, fakes::H323Alerting()},
                              {610, other, fakes::H323AckAtCaller()}});
  EXPECT_EQ(calls.at(0).media_size(), 0);
}

TEST(H323Leg, IsTheSameAfterARestartAnywhere) {
  const std::vector<Step> steps = SlowCall();
  LegFolder whole = Folder();
  Fold(steps, whole);
  const auto wanted = whole.Dump();
  for (size_t at = 1; at < steps.size(); ++at) {
    LegFolder folder = Folder();
    Fold({steps.begin(), steps.begin() + static_cast<ptrdiff_t>(at)}, folder);
    folder.Commit();
    folder.Restart();
    Fold({steps.begin() + static_cast<ptrdiff_t>(at), steps.end()}, folder);
    EXPECT_EQ(folder.Dump(), wanted) << "restart after " << at;
  }
}

// Whoever joins a conference has its identifier: that makes no call of them.
TEST(H323Leg, HasNoGuidOfAConferenceThatItJoins) {
  const auto guids = [](const std::string& setup) {
    int count = 0;
    const auto calls = CallsOf({{0, kCall, setup}});
    for (const auto& link : calls.at(0).links()) {
      count += link.kind() == store::v1::LINK_KIND_CISCO_GUID ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(guids(fakes::H323Setup()), 1);
  EXPECT_EQ(guids(fakes::H323JoiningSetup()), 0);
}

TEST(H323Leg, RefusesWhatIsNoH323) {
  LegFolder folder = Folder();
  EXPECT_EQ(folder.Fold(kStart, kCall, "INVITE sip:a@b SIP/2.0\r\n"),
            FoldResult::kMalformed);
}

}  // namespace
}  // namespace callbraid::collector
