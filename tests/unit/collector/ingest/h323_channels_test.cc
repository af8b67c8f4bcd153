#include "collector/ingest/h323_channels.h"

#include <cstdint>
#include <string>

#include "common/h323/tpkt.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/h323_bytes.h"

namespace callbraid::collector {
namespace {

using fakes::At;
using store::v1::ExchangeObservation;

const FlowKey kCall{At("10.0.0.1", 40000), At("10.0.0.2", 1720)};
const H323Channels kOfCaller(kCall, "leg");
const H323Channels kOfCallee(kCall.Reversed(), "leg");

H245Message Close(uint16_t channel) {
  H245Message close;
  close.kind = H245Kind::kClose;
  close.channel = channel;
  return close;
}

H245Message Open(uint16_t channel, const char* kind) {
  H245Message open;
  open.kind = H245Kind::kOpen;
  open.channel = channel;
  open.forward.emplace().kind = kind;
  return open;
}

// A gateway that offers ten codecs in each call of one connection.
TEST(H323Channels, KeepsNoOfferThatIsNotAccepted) {
  const std::string setup_bytes = fakes::H323Setup().substr(kTpktHeaderBytes);
  const std::string connect_bytes =
      fakes::H323FastConnect().substr(kTpktHeaderBytes);
  auto setup = ParseH225(setup_bytes);
  auto connect = ParseH225(connect_bytes);
  ASSERT_TRUE(setup && connect);
  for (uint16_t channel = 2; channel <= 10; ++channel) {
    setup->fast_start.push_back(Open(channel, "audio"));
  }
  ExchangeObservation exchange;
  for (uint16_t call = 1; call <= 60; ++call) {
    const std::string leg = std::to_string(call);
    setup->q931.call_reference = call;
    NoteCallReference(kCall, setup->q931, leg, call, exchange);
    H323Channels(kCall, leg).NoteFastStart(*setup, call, exchange);
    H323Channels(kCall.Reversed(), leg).NoteFastStart(*connect, call, exchange);
  }
  setup->q931.call_reference = 1;
  EXPECT_EQ(LegOfCallReference(kCall, setup->q931, exchange), "1");
  H245Message ack;
  ack.kind = H245Kind::kOpenAck;
  ack.channel = connect->fast_start.at(0).channel;
  ack.forward.emplace().rtp = At("10.0.0.2", 6004);
  const auto accepted =
      H323Channels(kCall.Reversed(), "1").Acknowledged(ack, exchange);
  ASSERT_TRUE(accepted);
  ASSERT_EQ(accepted->payloads.size(), 1u);
  EXPECT_EQ(accepted->payloads[0].name, "PCMA");
}

TEST(H323Channels, HoldsNoMoreThanItsLimit) {
  ExchangeObservation exchange;
  for (uint16_t channel = 1; channel <= 300; ++channel) {
    kOfCaller.Note(Open(channel, "video"), channel, exchange);
  }
  EXPECT_EQ(exchange.keys_size(), 256);
  EXPECT_FALSE(kOfCaller.ClosesAudio(Close(300), exchange));
}

TEST(H323Channels, TakesNoUnknownChannelForTheAudioThatIsKnown) {
  ExchangeObservation exchange;
  EXPECT_TRUE(kOfCaller.ClosesAudio(Close(9), exchange));
  kOfCallee.Note(Open(1, "audio"), 1, exchange);
  kOfCaller.Note(Open(2, "video"), 2, exchange);
  // The other side's, and another leg's, say nothing of it.
  H323Channels(kCall, "other").Note(Open(1, "audio"), 3, exchange);
  EXPECT_TRUE(kOfCaller.ClosesAudio(Close(9), exchange));
  EXPECT_FALSE(kOfCaller.ClosesAudio(Close(2), exchange));
  kOfCaller.Note(Open(1, "audio"), 4, exchange);
  EXPECT_FALSE(kOfCaller.ClosesAudio(Close(9), exchange));
  EXPECT_TRUE(kOfCaller.ClosesAudio(Close(1), exchange));
  kOfCaller.Note(Close(1), 5, exchange);
  EXPECT_TRUE(kOfCaller.ClosesAudio(Close(9), exchange));
}

}  // namespace
}  // namespace callbraid::collector
