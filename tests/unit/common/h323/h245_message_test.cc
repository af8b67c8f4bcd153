#include "common/h323/h245_message.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/h323/h323_message.h"
#include "common/h323/tpkt.h"
#include "gtest/gtest.h"
#include "tests/fakes/h323_bytes.h"

namespace callbraid {
namespace {

std::string Body(const std::string& message) {
  return message.substr(kTpktHeaderBytes);
}

TEST(ParseH245, ReadsCapabilities) {
  const std::string bytes = Body(fakes::H323Capabilities());
  const auto some = ParseH245(bytes);
  ASSERT_TRUE(some);
  EXPECT_EQ(some->kind, H245Kind::kCapabilities);
  EXPECT_EQ(some->name, "terminalCapabilitySet");
  EXPECT_EQ(some->event_type, 101);
  EXPECT_FALSE(some->pauses);
}

TEST(ParseH245, TakesOnlyAWholeEmptySetForAPause) {
  const std::string bytes = Body(fakes::H323NoCapabilities());
  EXPECT_TRUE(ParseH245(bytes)->pauses);
  const std::string some = Body(fakes::H323Capabilities());
  for (size_t size = 0; size < some.size(); ++size) {
    const auto cut = ParseH245(std::string_view(some).substr(0, size));
    EXPECT_FALSE(cut && cut->pauses) << size;
  }
}

TEST(ParseH245, ReadsWhatIsOpened) {
  const std::string bytes = Body(fakes::H323OpenG729());
  const auto open = ParseH245(bytes);
  ASSERT_TRUE(open);
  EXPECT_EQ(open->kind, H245Kind::kOpen);
  EXPECT_EQ(open->channel, 101);
  ASSERT_TRUE(open->forward);
  EXPECT_FALSE(open->reverse);
  EXPECT_EQ(open->forward->kind, "audio");
  EXPECT_EQ(open->forward->protocol, "RTP/AVP");
  ASSERT_EQ(open->forward->payloads.size(), 1u);
  EXPECT_EQ(open->forward->payloads[0].type, 18);
  EXPECT_EQ(open->forward->payloads[0].name, "G729");
  EXPECT_EQ(open->forward->payloads[0].clock_rate, 8000u);
}

TEST(ParseH245, ReadsFaxInBothDirections) {
  const std::string bytes = Body(fakes::H323OpenT38());
  const auto open = ParseH245(bytes);
  ASSERT_TRUE(open && open->forward && open->reverse);
  EXPECT_EQ(open->forward->kind, "image");
  EXPECT_EQ(open->forward->protocol, "udptl");
  EXPECT_EQ(open->reverse->rtp.ToString(), "10.0.0.1:5004");
}

TEST(ParseH245, ReadsWhereAChannelIsReceived) {
  const std::string bytes = Body(fakes::H323AckAtCallee());
  const auto ack = ParseH245(bytes);
  ASSERT_TRUE(ack);
  EXPECT_EQ(ack->kind, H245Kind::kOpenAck);
  EXPECT_EQ(ack->channel, 101);
  ASSERT_TRUE(ack->forward);
  EXPECT_EQ(ack->forward->rtp.ToString(), "10.0.0.2:6004");
  EXPECT_EQ(ack->forward->rtcp.ToString(), "10.0.0.2:6005");
  EXPECT_TRUE(ack->forward->payloads.empty());
}

TEST(ParseH245, ReadsKeysOfEitherKind) {
  const std::string signal = Body(fakes::H323Signal());
  EXPECT_EQ(ParseH245(signal)->input, "7");
  EXPECT_TRUE(ParseH245(signal)->is_signal);
  const std::string text = Body(fakes::H323Alphanumeric());
  EXPECT_EQ(ParseH245(text)->input, "42");
  EXPECT_FALSE(ParseH245(text)->is_signal);
}

TEST(ParseH245, NamesTheRest) {
  const std::string close = Body(fakes::H323Close());
  EXPECT_EQ(ParseH245(close)->kind, H245Kind::kClose);
  EXPECT_EQ(ParseH245(close)->channel, 101);
  const std::string end = Body(fakes::H323EndSession());
  EXPECT_EQ(ParseH245(end)->kind, H245Kind::kEndSession);
  // masterSlaveDeterminationAck, roundTripDelayRequest.
  EXPECT_EQ(ParseH245("\x20\x80")->name, "masterSlaveDeterminationAck");
  EXPECT_EQ(ParseH245("\x09\x01")->name, "roundTripDelayRequest");
  EXPECT_FALSE(ParseH245(""));
}

TEST(IsH245CapabilitySet, GoesByTheObjectIdentifier) {
  EXPECT_TRUE(IsH245CapabilitySet(Body(fakes::H323Capabilities())));
  EXPECT_TRUE(IsH245CapabilitySet(Body(fakes::H323NoCapabilities())));
  EXPECT_FALSE(IsH245CapabilitySet(Body(fakes::H323OpenG729())));
  EXPECT_FALSE(IsH245CapabilitySet(Body(fakes::H323Setup())));
}

// openLogicalChannelAck of channel 1 with an encryptionSync, the third
// extension: its bytes are a key.
TEST(MaskH323Keys, OverwritesTheKeyAndNothingElse) {
  const std::string with_key =
      fakes::FromHex("0300001122c00000044006") + "secret";
  std::string masked = with_key;
  MaskH323Keys(masked, /*is_datagram=*/false);
  EXPECT_EQ(masked.size(), with_key.size());
  EXPECT_EQ(masked.find("secr"), std::string::npos);
  EXPECT_EQ(masked.substr(0, 11), with_key.substr(0, 11));
  std::string without = fakes::H323AckAtCallee();
  MaskH323Keys(without, /*is_datagram=*/false);
  EXPECT_EQ(without, fakes::H323AckAtCallee());
}

// encryptionUpdate and encryptionUpdateCommand (H.235.6); SRTP's in the
// channel that is opened (H.235.8); an acknowledgement; fastStart; and what is
// behind tokens that are not read.
std::vector<std::string> MessagesWithKeys() {
  std::vector<std::string> messages = {fakes::H323SecureSetup(),
                                       fakes::H323SecureProgress()};
  for (const char* const hex :
       {"4c0000820a00600005736563726574", "4c00008d0a00600005736563726574",
        "030000032040184008131000060008816b0008010016067365637265744113800a0400"
        "01000a000001138d",
        "22c0000004400a00600005736563726574"}) {
    const std::string message = fakes::FromHex(hex);
    const char size = static_cast<char>(message.size() + kTpktHeaderBytes);
    messages.push_back(std::string{3, 0, 0, size} + message);
    messages.push_back(fakes::H323Tunnelling({message}));
    // Beyond what is read of the list.
    std::vector<std::string> many(64, "\x4a\x40");
    many.push_back(message);
    messages.push_back(fakes::H323Tunnelling(many));
  }
  return messages;
}

TEST(MaskH323Keys, LeavesNothingOfAKeyWhereverTheMessageIsCut) {
  constexpr std::string_view kKey = "secret";
  for (const std::string& message : MessagesWithKeys()) {
    const size_t key = message.find(kKey);
    ASSERT_NE(key, std::string::npos);
    for (size_t size = key + 1; size <= message.size(); ++size) {
      std::string masked = message.substr(0, size);
      MaskH323Keys(masked, /*is_datagram=*/false);
      ASSERT_EQ(masked.size(), size);
      EXPECT_EQ(masked.substr(key, kKey.size()),
                std::string(std::min(size - key, kKey.size()), '\0'))
          << absl::BytesToHexString(message) << " of " << size << " bytes";
    }
  }
}

// Nothing but what a fault hides is masked.
TEST(MaskH323Keys, KeepsWhatIsBeforeAFault) {
  const std::string cut = fakes::H323Setup().substr(0, 100);
  std::string masked = cut;
  MaskH323Keys(masked, /*is_datagram=*/false);
  EXPECT_EQ(H323Summary(*ParseH323(masked, false)),
            H323Summary(*ParseH323(cut, false)));
  for (const std::string& whole :
       {fakes::H323Setup(), fakes::H323Tunnel(), fakes::H323Capabilities(),
        fakes::H323OpenT38(), fakes::H323Signal(), fakes::H323EndSession()}) {
    std::string same = whole;
    MaskH323Keys(same, /*is_datagram=*/false);
    EXPECT_EQ(same, whole);
  }
}

}  // namespace
}  // namespace callbraid
