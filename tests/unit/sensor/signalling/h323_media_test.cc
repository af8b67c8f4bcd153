#include "sensor/signalling/h323_media.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "sensor/flow/expected_media.h"
#include "tests/fakes/h323_bytes.h"

namespace callbraid::sensor {
namespace {

Endpoint At(std::string_view address, uint16_t port) {
  return {*IpAddress::Parse(address), port};
}

class H323MediaTest : public testing::Test {
 protected:
  const FlowKey call_{At("10.0.0.1", 40000), At("10.0.0.2", 1720)};
  const FlowKey control_{At("10.0.0.1", 40001), At("10.0.0.2", 30000)};
  ExpectedMedia expected_{100};
  SignallingCounters counters_;
  DialogTable dialogs_{expected_, AskedFor({"1001"}), 100};
  H323Media media_{dialogs_, counters_};
};

TEST_F(H323MediaTest, ExpectsTheChannelsOfFastStart) {
  EXPECT_TRUE(media_.OnMessage(call_, fakes::H323Setup()));
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.1", 5004)));
  EXPECT_TRUE(media_.OnMessage(call_.Reversed(), fakes::H323FastConnect()));
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.2", 6004)));
  EXPECT_EQ(expected_.ClockRate(At("10.0.0.2", 6004), 8), 8000u);
  // One call, and whom it is from is not known, so it is never spare.
  EXPECT_EQ(expected_.CallOf(At("10.0.0.1", 5004)).id,
            expected_.CallOf(At("10.0.0.2", 6004)).id);
  EXPECT_TRUE(expected_.CallOf(At("10.0.0.1", 5004)).asked_for());
}

TEST_F(H323MediaTest, ExpectsWhatIsAcknowledgedWithTheCodecThatWasAskedFor) {
  media_.OnMessage(control_, fakes::H323OpenG729());
  EXPECT_EQ(expected_.size(), 0u);
  media_.OnMessage(control_.Reversed(), fakes::H323AckAtCallee());
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.2", 6004)));
  EXPECT_EQ(expected_.ClockRate(At("10.0.0.2", 6004), 18), 8000u);
}

TEST_F(H323MediaTest, ExpectsFax) {
  media_.OnMessage(control_, fakes::H323OpenT38());
  EXPECT_TRUE(expected_.ExpectsUdptl(At("10.0.0.1", 5004)));
  EXPECT_FALSE(expected_.ExpectsRtp(At("10.0.0.1", 5004)));
}

TEST_F(H323MediaTest, KnowsWhereH245IsSpokenAlsoBehindATranslator) {
  EXPECT_FALSE(media_.IsH245(control_));
  const FlowKey translated{At("192.0.2.2", 1720), At("10.0.0.1", 40000)};
  media_.OnMessage(translated, fakes::H323Alerting());
  EXPECT_TRUE(media_.IsH245(control_));
  EXPECT_TRUE(media_.IsH245(control_.Reversed()));
  EXPECT_TRUE(media_.IsH245({At("10.0.0.1", 40001), At("192.0.2.2", 30000)}));
  EXPECT_FALSE(media_.IsH245({At("10.0.0.1", 40001), At("10.0.0.2", 30001)}));
}

TEST_F(H323MediaTest, ExpectsMediaWhereATranslatorPutsTheCaller) {
  media_.OnMessage(call_, fakes::H323TranslatedSetup());
  EXPECT_TRUE(expected_.ExpectsRtp(At("192.168.0.1", 5004)));
  EXPECT_TRUE(expected_.ExpectsRtp(At("10.0.0.1", 5004)));
}

TEST_F(H323MediaTest, TellsWhatIsCutFromWhatIsNone) {
  std::string cut = fakes::H323Setup();
  cut.resize(cut.size() - 20);
  EXPECT_TRUE(media_.OnMessage(call_, cut));
  EXPECT_EQ(counters_.Get(SignallingDiscard::kBadH323), 1u);
  EXPECT_FALSE(media_.OnMessage(call_, "\x03"));
  EXPECT_EQ(counters_.Get(SignallingDiscard::kBadH323), 1u);
}

TEST_F(H323MediaTest, MakesRoomForNewAddressesAndCountsIt) {
  for (uint16_t port = 1; port <= 8200; ++port) {
    media_.ExpectH245({At("10.0.0.1", 1), At("10.0.0.2", port)});
  }
  EXPECT_EQ(counters_.Get(SignallingDiscard::kH323Evicted), 8200u - 8192u);
}

TEST_F(H323MediaTest, CountsChannelsThatMakeRoom) {
  for (uint16_t port = 1; port <= 8200; ++port) {
    media_.OnMessage({At("10.0.0.1", port), At("10.0.0.2", 30000)},
                     fakes::H323OpenG729());
  }
  EXPECT_EQ(counters_.Get(SignallingDiscard::kH323Evicted), 8200u - 8192u);
}

TEST_F(H323MediaTest, CountsTranslatedCallersThatMakeRoom) {
  const std::string setup = fakes::H323TranslatedSetup();
  const size_t named = setup.find("\xc0\xa8");
  ASSERT_NE(named, std::string::npos);
  for (int caller = 0; caller < 1030; ++caller) {
    std::string message = setup;
    message[named + 2] = static_cast<char>(caller >> 8);
    message[named + 3] = static_cast<char>(caller);
    media_.OnMessage(call_, message);
  }
  EXPECT_EQ(counters_.Get(SignallingDiscard::kH323Evicted), 1030u - 1024u);
}

}  // namespace
}  // namespace callbraid::sensor
