#include "sensor/decap/neighbour.h"

#include "gtest/gtest.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {
namespace {

using ::callbraid::fakes::Bytes;

// "Who has 10.0.0.9? Tell 10.0.0.7", by 02:00:00:00:00:07.
Bytes Request() {
  return {0,  1, 8, 0, 6, 4, 0, 1, 2, 0, 0,  0, 0, 7,
          10, 0, 0, 7, 0, 0, 0, 0, 0, 0, 10, 0, 0, 9};
}

TEST(ParseArp, TellsWhoHasWhichAddress) {
  LinkHeader link;
  link.vlan_ids[0] = 20;
  link.vlan_count = 1;
  const auto neighbour = ParseArp(Request(), link);
  ASSERT_TRUE(neighbour.has_value());
  EXPECT_EQ(neighbour->address.ToString(), "10.0.0.7");
  EXPECT_EQ(neighbour->link.source_mac,
            (std::array<uint8_t, 6>{2, 0, 0, 0, 0, 7}));
  EXPECT_TRUE(neighbour->link.has_mac);
  EXPECT_EQ(neighbour->link.vlan_ids[0], 20);
}

TEST(ParseArp, RejectsAProbeWhichHasNoAddressYet) {
  Bytes probe = Request();
  for (size_t i = 14; i < 18; ++i) probe[i] = 0;
  EXPECT_FALSE(ParseArp(probe, {}).has_value());
}

TEST(ParseArp, RejectsOtherKindsOfHardwareAndProtocol) {
  for (const size_t at : {1u, 2u, 4u, 5u}) {
    Bytes other = Request();
    other[at] ^= 1;
    EXPECT_FALSE(ParseArp(other, {}).has_value()) << at;
  }
}

TEST(ParseArp, RejectsEveryTruncationOfTheSender) {
  const Bytes arp = Request();
  for (size_t size = 0; size < 18; ++size) {
    EXPECT_FALSE(ParseArp(std::span(arp).first(size), {}).has_value()) << size;
  }
  // Of the target nothing is needed.
  EXPECT_TRUE(ParseArp(std::span(arp).first(18), {}).has_value());
}

}  // namespace
}  // namespace callbraid::sensor
