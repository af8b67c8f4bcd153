#include "collector/timeline/telephone_events.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = 1'000'000;

std::string Payload(uint8_t event, uint16_t duration, bool end = false) {
  return {static_cast<char>(event), static_cast<char>(end ? 0x8a : 0x0a),
          static_cast<char>(duration >> 8), static_cast<char>(duration & 0xff)};
}

std::string Keys(const TelephoneEvents& events) {
  std::string keys;
  for (const TelephoneEvent& event : events.events()) {
    keys += DigitOf(event.event);
  }
  return keys;
}

TEST(TelephoneEvents, ManyPacketsAreOneKey) {
  TelephoneEvents events;
  for (int i = 0; i < 8; ++i) {
    events.OnPacket(i * 20 * kMs, 1000,
                    Payload(5, static_cast<uint16_t>(160 * i)));
  }
  for (int i = 0; i < 3; ++i) {
    events.OnPacket(160 * kMs, 1000, Payload(5, 1280, true));
  }
  ASSERT_EQ(Keys(events), "5");
  EXPECT_EQ(events.events()[0].time_ns, 0);
  EXPECT_EQ(events.events()[0].duration, 1280u);
}

TEST(TelephoneEvents, TheSameKeyTwiceIsTwo) {
  TelephoneEvents events;
  events.OnPacket(0, 1000, Payload(1, 800, true));
  events.OnPacket(200 * kMs, 2600, Payload(1, 800, true));
  EXPECT_EQ(Keys(events), "11");
}

TEST(TelephoneEvents, OneEndThatArrivedIsEnough) {
  TelephoneEvents events;
  events.OnPacket(0, 1000, Payload(11, 800, true));
  EXPECT_EQ(Keys(events), "#");
}

TEST(TelephoneEvents, PacketsMayBeLateAndTwice) {
  TelephoneEvents events;
  events.OnPacket(0, 1000, Payload(1, 800, true));
  events.OnPacket(100 * kMs, 2600, Payload(2, 400));
  events.OnPacket(101 * kMs, 1000, Payload(1, 640));
  events.OnPacket(120 * kMs, 2600, Payload(2, 800, true));
  events.OnPacket(120 * kMs, 2600, Payload(2, 800, true));
  EXPECT_EQ(Keys(events), "12");
  EXPECT_EQ(events.events()[0].duration, 800u);
}

// Section 2.5.1.3.
TEST(TelephoneEvents, AKeyHeldForLongGoesOnInAnotherSegment) {
  TelephoneEvents events;
  uint32_t timestamp = 4'294'900'000;  // Wraps.
  for (int segment = 0; segment < 3; ++segment) {
    events.OnPacket(segment * 8192 * kMs, timestamp, Payload(9, 30'000));
    events.OnPacket(segment * 8192 * kMs + kMs, timestamp, Payload(9, 65535));
    timestamp += 65535;
  }
  events.OnPacket(30'000 * kMs, timestamp, Payload(9, 100, true));
  ASSERT_EQ(Keys(events), "9");
  EXPECT_EQ(events.events()[0].duration, 3u * 65535 + 100);
}

TEST(TelephoneEvents, SeveralInOnePacketFollowEachOther) {
  TelephoneEvents events;
  events.OnPacket(0, 1000, Payload(1, 800, true) + Payload(2, 900, true));
  // The second alone, with its own timestamp, is the same one.
  events.OnPacket(20 * kMs, 1800, Payload(2, 900, true));
  EXPECT_EQ(Keys(events), "12");
}

TEST(TelephoneEvents, WhatIsNoEventIsLeftOut) {
  TelephoneEvents events;
  events.OnPacket(0, 1000, "");
  events.OnPacket(0, 1000, "abc");
  EXPECT_TRUE(events.events().empty());
  events.OnPacket(0, 1000, Payload(3, 800) + "xyz");
  EXPECT_EQ(Keys(events), "3");
}

TEST(TelephoneEvents, ATimestampThatMovesOnIsNoKeyOfItsOwn) {
  TelephoneEvents events;
  for (uint16_t i = 0; i < 8; ++i) {
    events.OnPacket(i * 20 * kMs, 1000u + i * 160u,
                    Payload(5, static_cast<uint16_t>(160 * (i + 1))));
  }
  EXPECT_EQ(Keys(events), "5");
}

TEST(TelephoneEvents, KeepsSoMany) {
  TelephoneEvents events;
  for (uint32_t i = 0; i < TelephoneEvents::kMaxEvents + 10; ++i) {
    events.OnPacket(i * kMs, i * 1000, Payload(1, 100, true));
  }
  EXPECT_EQ(events.events().size(), TelephoneEvents::kMaxEvents);
}

TEST(TelephoneEvents, KeysAndTonesHaveNames) {
  std::string keys;
  for (uint8_t event = 0; event <= 16; ++event) keys += DigitOf(event);
  EXPECT_EQ(keys, "0123456789*#ABCD!");
  EXPECT_EQ(DigitOf(17), "");
  EXPECT_EQ(ToneOf(36), "CNG");
  EXPECT_EQ(ToneOf(192), "event 192");
}

TEST(TelephoneEvents, LooksLikeOneWithoutSdp) {
  EXPECT_TRUE(LooksLikeTelephoneEvent(Payload(16, 800)));
  EXPECT_FALSE(LooksLikeTelephoneEvent(Payload(17, 800)));
  EXPECT_FALSE(LooksLikeTelephoneEvent(Payload(1, 800) + "x"));
  EXPECT_FALSE(LooksLikeTelephoneEvent(std::string(4, '\0')));
  EXPECT_FALSE(LooksLikeTelephoneEvent(std::string("\x01\x4a\x00\x10", 4)));
}

}  // namespace
}  // namespace callbraid::collector
