#include "sensor/flow/zrtp_flows.h"

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "common/net/endpoint.h"
#include "gtest/gtest.h"
#include "tests/fakes/packet_builder.h"
#include "tests/fakes/zrtp.h"

namespace callbraid::sensor {
namespace {

using fakes::Bytes;
using fakes::Zrtp;

constexpr int64_t kSecond = 1'000'000'000;

Endpoint At(std::string_view address, uint16_t port) {
  return {*IpAddress::Parse(address), port};
}

const FlowKey kFlow = {At("10.0.0.1", 4000), At("10.0.0.2", 4002)};

TEST(ParseZrtp, TellsTheMessagesApart) {
  EXPECT_EQ(ParseZrtp(Zrtp("Hello   ")), ZrtpMessage::kHello);
  EXPECT_EQ(ParseZrtp(Zrtp("HelloACK")), ZrtpMessage::kOther);
  EXPECT_EQ(ParseZrtp(Zrtp("Confirm1")), ZrtpMessage::kOther);
  EXPECT_EQ(ParseZrtp(Zrtp("Confirm2")), ZrtpMessage::kConfirm2);
  EXPECT_EQ(ParseZrtp(Zrtp("Conf2ACK")), ZrtpMessage::kConf2Ack);
}

TEST(ParseZrtp, NeedsFirstByteAndCookie) {
  const Bytes whole = Zrtp("Confirm2");
  for (const auto& [at, value] :
       {std::pair(0, 0x0f), std::pair(0, 0x14), std::pair(0, 0x80),
        std::pair(4, 0x5b), std::pair(7, 0x51)}) {
    Bytes other = whole;
    other[static_cast<size_t>(at)] = static_cast<uint8_t>(value);
    EXPECT_FALSE(ParseZrtp(other)) << at << ' ' << value;
  }
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto message = ParseZrtp(std::span(whole).first(size));
    if (size < 12) {
      EXPECT_FALSE(message) << size;
    } else {
      EXPECT_EQ(message,
                size < 24 ? ZrtpMessage::kOther : ZrtpMessage::kConfirm2)
          << size;
    }
  }
  Bytes no_message = whole;
  no_message[12] = 0;
  EXPECT_EQ(ParseZrtp(no_message), ZrtpMessage::kOther);
}

TEST(ZrtpFlows, AreSecureInBothDirectionsOnceTheKeysAreConfirmed) {
  ZrtpFlows flows;
  flows.OnMessage(kFlow, ZrtpMessage::kHello, 1);
  flows.OnMessage(kFlow, ZrtpMessage::kOther, 2);
  EXPECT_EQ(flows.SecureSince(kFlow), 0);
  flows.OnMessage(kFlow, ZrtpMessage::kConfirm2, 3);
  flows.OnMessage(kFlow.Reversed(), ZrtpMessage::kConf2Ack, 4);
  EXPECT_EQ(flows.SecureSince(kFlow), 3);
  EXPECT_EQ(flows.SecureSince(kFlow.Reversed()), 3);
  EXPECT_EQ(flows.SecureSince({kFlow.source, kFlow.source}), 0);
}

TEST(ZrtpFlows, BeginAnewWithAHello) {
  ZrtpFlows flows;
  flows.OnMessage(kFlow, ZrtpMessage::kConf2Ack, 3);
  flows.OnMessage(kFlow.Reversed(), ZrtpMessage::kHello, 4);
  EXPECT_EQ(flows.SecureSince(kFlow), 0);
  flows.OnMessage(kFlow, ZrtpMessage::kConfirm2, 5);
  EXPECT_EQ(flows.SecureSince(kFlow), 5);
}

TEST(ZrtpFlows, AreForgottenUnlessInUse) {
  ZrtpFlows flows;
  flows.OnTick(kSecond);
  flows.OnMessage(kFlow, ZrtpMessage::kConfirm2, 3);
  flows.OnTick(300 * kSecond);
  flows.Refresh(kFlow.Reversed());
  flows.OnTick(599 * kSecond);
  EXPECT_EQ(flows.SecureSince(kFlow), 3);
  flows.OnTick(601 * kSecond);
  EXPECT_EQ(flows.SecureSince(kFlow), 0);
  flows.Refresh(kFlow);
  EXPECT_EQ(flows.size(), 0u);
}

TEST(ZrtpFlows, AreBounded) {
  ZrtpFlows flows;
  for (uint32_t i = 0; i < 2 * ZrtpFlows::kMaxFlows; ++i) {
    const auto low = static_cast<uint16_t>(i);
    flows.OnMessage({At("10.0.0.1", low), At("10.0.0.2", 1)},
                    ZrtpMessage::kConfirm2, 3);
  }
  EXPECT_EQ(flows.size(), ZrtpFlows::kMaxFlows);
}

}  // namespace
}  // namespace callbraid::sensor
