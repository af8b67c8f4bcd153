#include "common/sccp/sccp_message.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "common/sccp/sccp_codec.h"
#include "common/sccp/sccp_summary.h"
#include "gtest/gtest.h"
#include "tests/fakes/sccp_bytes.h"

namespace callbraid {
namespace {

using Bytes = fakes::SccpBytes;

constexpr std::string_view kAddress("\x0a\0\0\1", 4);

// As versions from 17 on have it: an address with its kind.
Bytes StartMedia17() {
  return Bytes()
      .U32(11)
      .U32(22)
      .U32(0)
      .Raw(kAddress)
      .Zeros(12)
      .U32(4000)
      .U32(20)
      .U32(4)
      .Zeros(16)
      .U32(33)
      .U32(1)
      .U32(0x000e0010)
      .Raw(std::string(32, 'k'))
      .Zeros(8)
      .Zeros(8)
      .U32(101)
      .Zeros(12);
}

TEST(ParseSccp, ReadsStartMediaTransmissionOfEitherLayout) {
  const std::string old = Bytes()
                              .U32(11)
                              .U32(22)
                              .Raw(kAddress)
                              .U32(4000)
                              .U32(20)
                              .U32(11)
                              .Zeros(16)
                              .U32(33)
                              .Message(SccpId::kStartMediaTransmission, 3);
  // A call manager may send version 0 whatever the layout.
  for (const std::string& bytes :
       {old, StartMedia17().Message(SccpId::kStartMediaTransmission, 20),
        StartMedia17().Message(SccpId::kStartMediaTransmission, 0)}) {
    const auto message = ParseSccp(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->conference, 11u);
    EXPECT_EQ(message->party, 22u);
    ASSERT_TRUE(message->media);
    EXPECT_EQ(message->media->ToString(), "10.0.0.1:4000");
    EXPECT_EQ(message->call_reference, 33u);
    EXPECT_EQ(message->payload, bytes == old ? 11u : 4u);
    EXPECT_EQ(message->event_type, bytes == old ? 0 : 101);
  }
}

TEST(ParseSccp, ReadsOpenReceiveChannelAckOfEitherLayout) {
  const std::string old =
      Bytes().U32(0).Raw(kAddress).U32(4000).U32(22).Message(
          SccpId::kOpenReceiveChannelAck, 0);
  const std::string typed = Bytes()
                                .U32(0)
                                .U32(0)
                                .Raw(kAddress)
                                .Zeros(12)
                                .U32(4000)
                                .U32(22)
                                .U32(33)
                                .Message(SccpId::kOpenReceiveChannelAck, 18);
  const std::string v6 = Bytes()
                             .U32(0)
                             .U32(1)
                             .Raw("\x20\1\x0d\xb8")
                             .Zeros(11)
                             .Raw("\1")
                             .U32(4000)
                             .U32(22)
                             .Message(SccpId::kOpenReceiveChannelAck, 18);
  EXPECT_EQ(ParseSccp(old)->media->ToString(), "10.0.0.1:4000");
  EXPECT_EQ(ParseSccp(old)->party, 22u);
  EXPECT_EQ(ParseSccp(typed)->media->ToString(), "10.0.0.1:4000");
  EXPECT_EQ(ParseSccp(typed)->call_reference, 33u);
  EXPECT_EQ(ParseSccp(v6)->media->ToString(), "[2001:db8::1]:4000");
}

TEST(ParseSccp, ReadsCallInfoOfEitherKind) {
  const std::string fixed = Bytes()
                                .Text("Alice", 40)
                                .Text("101", 24)
                                .Text("Bob", 40)
                                .Text("102", 24)
                                .U32(1)
                                .U32(33)
                                .U32(2)
                                .Message(SccpId::kCallInfo, 0);
  const auto variable = [](std::string_view strings, uint32_t version) {
    return Bytes().U32(1).U32(33).U32(2).Zeros(20).Raw(strings).Message(
        SccpId::kCallInfoV2, version);
  };
  using std::string_view_literals::operator""sv;
  for (const std::string& bytes :
       {fixed,
        variable("101\0"
                 "102\0\0\0\0\0\0\0Alice\0Bob\0"sv,
                 12),
        variable("101\0"
                 "101\0"
                 "102\0\0\0\0\0\0\0Alice\0Bob\0\0\0"sv,
                 20)}) {
    const auto message = ParseSccp(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->calling_number, "101");
    EXPECT_EQ(message->called_number, "102");
    EXPECT_EQ(message->calling_name, "Alice");
    EXPECT_EQ(message->called_name, "Bob");
    EXPECT_EQ(message->call_reference, 33u);
    EXPECT_EQ(message->call_type, SccpCallType::kOutbound);
  }
}

TEST(ParseSccp, ReadsDialledNumbersOfEitherLayout) {
  const std::string old =
      Bytes().Text("307", 24).U32(1).U32(33).Message(SccpId::kDialedNumber, 3);
  const std::string longer =
      Bytes().Text("307", 25).U32(1).U32(33).Zeros(3).Message(
          SccpId::kDialedNumber);
  for (const std::string& bytes : {old, longer}) {
    const auto message = ParseSccp(bytes);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->dialled, "307");
    EXPECT_EQ(message->line, 1u);
    EXPECT_EQ(message->call_reference, 33u);
  }
}

TEST(ParseSccp, ReadsKeysStatesAndNames) {
  EXPECT_EQ(ParseSccp(Bytes().U32(15).Message(SccpId::kKeypadButton))->digit,
            '#');
  EXPECT_EQ(ParseSccp(Bytes().U32(14).Message(SccpId::kKeypadButton))->digit,
            '*');
  EXPECT_EQ(ParseSccp(Bytes().U32(99).Message(SccpId::kKeypadButton))->digit,
            '\0');
  const auto state =
      ParseSccp(Bytes().U32(4).U32(1).U32(33).Message(SccpId::kCallState));
  EXPECT_EQ(state->state, SccpCallState::kRingIn);
  EXPECT_EQ(SccpSummary(*state), "CallState RingIn");
  const std::string bytes =
      Bytes().Text("SEP001122334455", 16).Zeros(20).Message(SccpId::kRegister);
  EXPECT_EQ(ParseSccp(bytes)->device_name, "SEP001122334455");
}

TEST(ParseSccp, SurvivesEveryTruncation) {
  const std::string whole =
      StartMedia17().Message(SccpId::kStartMediaTransmission);
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto message = ParseSccp(std::string_view(whole).substr(0, size));
    EXPECT_EQ(message.has_value(), size >= kSccpHeaderBytes) << size;
  }
}

TEST(MaskSccpKeys, OverwritesKeysAlone) {
  std::string bytes = StartMedia17().Message(SccpId::kStartMediaTransmission);
  const auto before = *ParseSccp(bytes);
  const size_t size = bytes.size();
  MaskSccpKeys(bytes);
  EXPECT_EQ(bytes.size(), size);
  EXPECT_EQ(bytes.find('k'), std::string::npos);
  const auto after = *ParseSccp(bytes);
  EXPECT_EQ(after.media, before.media);
  EXPECT_EQ(after.event_type, before.event_type);
  std::string cut =
      StartMedia17().Message(SccpId::kStartMediaTransmission).substr(0, 90);
  MaskSccpKeys(cut);
  EXPECT_EQ(cut.find('k'), std::string::npos);
}

TEST(MaskSccpDigit, OverwritesTheButtonAlone) {
  std::string bytes =
      Bytes().U32(5).U32(1).U32(77).Message(SccpId::kKeypadButton);
  MaskSccpDigit(bytes);
  EXPECT_EQ(ParseSccp(bytes)->digit, '\0');
  EXPECT_EQ(ParseSccp(bytes)->call_reference, 77u);
  std::string other = StartMedia17().Message(SccpId::kStartMediaTransmission);
  const std::string before = other;
  MaskSccpDigit(other);
  EXPECT_EQ(other, before);
  std::string cut = Bytes().Message(SccpId::kKeypadButton);
  MaskSccpDigit(cut);
  EXPECT_TRUE(ParseSccp(cut));
}

TEST(SccpPayload, KnowsPayloadTypesOfStaticCodecsAlone) {
  EXPECT_EQ(SccpPayload(4)->name, "PCMU");
  EXPECT_EQ(SccpPayload(11)->type, 18);
  EXPECT_FALSE(SccpPayload(90));  // Opus.
}

}  // namespace
}  // namespace callbraid
