#include "common/h323/h225_message.h"

#include <string>
#include <string_view>
#include <vector>

#include "common/h323/h323_message.h"
#include "common/h323/tpkt.h"
#include "gtest/gtest.h"
#include "tests/fakes/h323_bytes.h"

namespace callbraid {
namespace {

std::string Body(const std::string& message) {
  return message.substr(kTpktHeaderBytes);
}

TEST(ReadTpktSize, BelievesNoHeaderThatMakesNoSense) {
  using namespace std::string_view_literals;
  EXPECT_EQ(ReadTpktSize("\x03\0\0\x07..."sv), 7u);
  EXPECT_EQ(ReadTpktSize("\x03\0\0\x04"sv), 4u);
  EXPECT_FALSE(ReadTpktSize("\x03\0\0\x03"sv));
  EXPECT_FALSE(ReadTpktSize("\x03\0\0"sv));
  EXPECT_FALSE(ReadTpktSize("\x03\x01\0\x07"sv));
  EXPECT_FALSE(ReadTpktSize("\x02\0\0\x07"sv));
}

TEST(ParseH225, ReadsASetupWithFastStart) {
  const std::string bytes = Body(fakes::H323Setup());
  const auto setup = ParseH225(bytes);
  ASSERT_TRUE(setup);
  EXPECT_TRUE(setup->complete);
  EXPECT_EQ(setup->q931.type, Q931Type::kSetup);
  EXPECT_EQ(setup->q931.call_reference, 7);
  EXPECT_TRUE(setup->q931.from_originator);
  EXPECT_EQ(setup->q931.display, "Alice");
  EXPECT_EQ(setup->call_id, fakes::kH323CallId);
  EXPECT_EQ(setup->conference_id, "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf");
  EXPECT_EQ(setup->caller.number, "1001");
  EXPECT_EQ(setup->caller.id, "Alice");
  EXPECT_EQ(setup->callee.number, "2002");
  ASSERT_EQ(setup->fast_start.size(), 3u);
  const H245Message& speak = setup->fast_start[0];
  ASSERT_TRUE(speak.forward);
  EXPECT_FALSE(speak.reverse);
  EXPECT_EQ(speak.forward->payloads.at(0).name, "PCMA");
  EXPECT_EQ(speak.forward->rtp.port, 0);
  const H245Message& hear = setup->fast_start[2];
  EXPECT_FALSE(hear.forward);
  ASSERT_TRUE(hear.reverse);
  EXPECT_EQ(hear.reverse->payloads.at(0).name, "PCMU");
  EXPECT_EQ(hear.reverse->rtp.ToString(), "10.0.0.1:5004");
  EXPECT_EQ(hear.reverse->rtcp.ToString(), "10.0.0.1:5005");
}

TEST(ParseH225, TakesTheNumbersOfQ931) {
  const std::string bytes = Body(fakes::H323SlowSetup());
  const auto setup = ParseH225(bytes);
  ASSERT_TRUE(setup);
  EXPECT_EQ(setup->caller.number, "1001");
  EXPECT_EQ(setup->callee.number, "2002");
  EXPECT_TRUE(setup->fast_start.empty());
}

TEST(TranslationOf, GoesByThePortOfTheConnection) {
  const std::string bytes = Body(fakes::H323TranslatedSetup());
  const auto setup = ParseH225(bytes);
  ASSERT_TRUE(setup);
  const IpAddress seen = *IpAddress::Parse("10.0.0.1");
  const auto translation = TranslationOf(*setup, {seen, 40000});
  ASSERT_TRUE(translation);
  EXPECT_EQ(translation->named.ToString(), "192.168.0.1");
  EXPECT_EQ(translation->seen, seen);
  // A gatekeeper passes it on; nobody translates.
  EXPECT_FALSE(TranslationOf(*setup, {seen, 40002}));
  EXPECT_FALSE(
      TranslationOf(*setup, {*IpAddress::Parse("192.168.0.1"), 40000}));
  const std::string other = Body(fakes::H323Setup());
  EXPECT_FALSE(TranslationOf(*ParseH225(other), {seen, 40000}));
}

TEST(ParseH225, ReadsWhereH245IsSpoken) {
  const std::string bytes = Body(fakes::H323Alerting());
  const auto alerting = ParseH225(bytes);
  ASSERT_TRUE(alerting);
  EXPECT_FALSE(alerting->q931.from_originator);
  EXPECT_EQ(alerting->h245_address->ToString(), "10.0.0.2:30000");
}

TEST(ParseH225, ReadsH245ThatIsTunnelled) {
  const std::string bytes = Body(fakes::H323Tunnel());
  const auto facility = ParseH225(bytes);
  ASSERT_TRUE(facility);
  ASSERT_EQ(facility->tunnelled.size(), 2u);
  EXPECT_EQ(facility->tunnelled[0].kind, H245Kind::kCapabilities);
  EXPECT_EQ(facility->tunnelled[0].event_type, 101);
  EXPECT_EQ(facility->tunnelled[1].kind, H245Kind::kOpen);
  EXPECT_EQ(facility->tunnelled[1].channel, 3);
}

// Each of many that are none must be looked at to find that out.
TEST(ParseH225, LooksAtNoMoreItemsThanItsLimit) {
  // Claims 4,095 extensions in no bytes.
  const std::string none = fakes::FromHex("0280000080020ffe");
  const std::string end_session = "\x4a\x40";
  std::vector<std::string> items(63, none);
  items.push_back(end_session);
  const std::string bytes = Body(fakes::H323Tunnelling(items));
  const auto full = ParseH225(bytes);
  ASSERT_TRUE(full);
  EXPECT_TRUE(full->complete);
  ASSERT_EQ(full->tunnelled.size(), 1u);
  EXPECT_EQ(full->tunnelled[0].kind, H245Kind::kEndSession);
  items.insert(items.begin(), none);
  const std::string more_bytes = Body(fakes::H323Tunnelling(items));
  const auto more = ParseH225(more_bytes);
  ASSERT_TRUE(more);
  EXPECT_FALSE(more->complete);
  EXPECT_TRUE(more->tunnelled.empty());
}

TEST(ParseH225, ReadsCauseAndKeypad) {
  const std::string busy = Body(fakes::H323Busy());
  EXPECT_EQ(ParseH225(busy)->q931.cause, 17);
  EXPECT_EQ(Q850Name(17), "user busy");
  EXPECT_EQ(Q850Name(0), "");
  const std::string keypad = Body(fakes::H323KeypadInformation());
  EXPECT_EQ(ParseH225(keypad)->q931.keypad, "5");
}

TEST(ParseH225, KeepsWhatIsThereOfACutMessage) {
  const std::string bytes = Body(fakes::H323Setup());
  size_t with_caller = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = ParseH225(std::string_view(bytes).substr(0, size));
    EXPECT_EQ(cut.has_value(), size >= 5) << size;
    if (!cut) continue;
    EXPECT_FALSE(cut->complete) << size;
    with_caller += cut->caller.number == "1001" ? 1 : 0;
  }
  // The aliases are in the first half.
  EXPECT_GT(with_caller, bytes.size() / 2);
}

TEST(ParseQ931, PassesOverOtherCodesets) {
  using namespace std::string_view_literals;
  // Locked to codeset 6, where 0x28 is no display; back; one element of 7.
  const auto message = ParseQ931(
      "\x08\x02\x00\x01\x05\x96\x28\x01x\x90\x9f\x28\x01y\x28\x01z"sv);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->display, "z");
}

TEST(IsH225, GoesByTheObjectIdentifier) {
  EXPECT_TRUE(IsH225(Body(fakes::H323Setup())));
  EXPECT_TRUE(IsH225(Body(fakes::H323Busy())));
  EXPECT_FALSE(IsH225(Body(fakes::H323Capabilities())));
  std::string other = Body(fakes::H323Setup());
  other[other.find("\x91\x4a")] = 'x';
  EXPECT_FALSE(IsH225(other));
}

TEST(ParseRas, ReadsNamesAndTheNumbersOfAnAdmission) {
  const std::string request = fakes::RasAdmissionRequest();
  const auto ras = ParseRas(request);
  ASSERT_TRUE(ras);
  EXPECT_EQ(ras->name, "admissionRequest");
  EXPECT_EQ(ras->caller.number, "1001");
  EXPECT_EQ(ras->callee.number, "2002");
  EXPECT_EQ(ras->call_id, fakes::kH323CallId);
  EXPECT_EQ(H323Summary(*ras), "admissionRequest 1001 -> 2002");
  EXPECT_EQ(ParseRas(std::string(1, '\x0e'))->name, "registrationRequest");
  EXPECT_FALSE(ParseRas(""));
}

TEST(ParseH323, TellsItsProtocolsApart) {
  EXPECT_TRUE(std::holds_alternative<H225Message>(
      *ParseH323(fakes::H323Setup(), false)));
  EXPECT_TRUE(std::holds_alternative<H245Message>(
      *ParseH323(fakes::H323Capabilities(), false)));
  EXPECT_FALSE(ParseH323("INVITE sip:a@b SIP/2.0", false));
  EXPECT_FALSE(ParseH323(fakes::H323Setup().substr(0, 4), false));
}

TEST(TellsPressedKeys, OfUserInputAndWhatCannotBeRead) {
  EXPECT_TRUE(TellsPressedKeys(fakes::H323Signal(), false));
  EXPECT_TRUE(TellsPressedKeys(fakes::H323Alphanumeric(), false));
  EXPECT_TRUE(TellsPressedKeys("no message", false));
  EXPECT_FALSE(TellsPressedKeys(fakes::H323Setup(), false));
  EXPECT_FALSE(TellsPressedKeys(fakes::H323Tunnel(), false));
}

TEST(H323Summary, SaysItInWords) {
  const auto of = [](const std::string& message) {
    return H323Summary(*ParseH323(message, false));
  };
  EXPECT_EQ(of(fakes::H323Setup()), "Setup 1001 -> 2002 (fastStart)");
  EXPECT_EQ(of(fakes::H323Alerting()), "Alerting (H.245 at 10.0.0.2:30000)");
  EXPECT_EQ(of(fakes::H323Busy()), "ReleaseComplete (17 user busy)");
  EXPECT_EQ(of(fakes::H323Tunnel()),
            "Facility: terminalCapabilitySet, openLogicalChannel 3 PCMA");
  EXPECT_EQ(of(fakes::H323NoCapabilities()), "terminalCapabilitySet (empty)");
  EXPECT_EQ(of(fakes::H323AckAtCallee()),
            "openLogicalChannelAck 101 10.0.0.2:6004");
  EXPECT_EQ(of(fakes::H323Signal()), "userInput 7");
}

}  // namespace
}  // namespace callbraid
