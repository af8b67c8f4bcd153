#include "sensor/decap/link_layer.h"

#include <pcap/dlt.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {
namespace {

using ::callbraid::fakes::Append;
using ::callbraid::fakes::Bytes;
using ::callbraid::fakes::PacketBuilder;
using ::testing::ElementsAre;

struct Parsed {
  std::optional<Discard> discard;
  LinkHeader link;
  std::span<const uint8_t> ip;
};

Parsed Parse(int link_type, std::span<const uint8_t> frame) {
  Parsed parsed;
  parsed.discard = ParseLink(link_type, frame, parsed.link, parsed.ip);
  return parsed;
}

PacketBuilder Packet() { return PacketBuilder().Payload(std::string(64, 'x')); }

TEST(ParseLink, FindsIpAndMacsInEthernet) {
  const Bytes frame = Packet()
                          .SourceMac({1, 2, 3, 4, 5, 6})
                          .DestinationMac({7, 8, 9, 10, 11, 12})
                          .Ethernet();
  const Parsed parsed = Parse(DLT_EN10MB, frame);
  ASSERT_FALSE(parsed.discard);
  EXPECT_TRUE(parsed.link.has_mac);
  EXPECT_THAT(parsed.link.source_mac, ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(parsed.link.destination_mac, ElementsAre(7, 8, 9, 10, 11, 12));
  EXPECT_EQ(parsed.link.vlan_count, 0);
  EXPECT_EQ(Bytes(parsed.ip.begin(), parsed.ip.end()), Packet().Ip());
}

TEST(ParseLink, FollowsFourTagsOfAnyKindOutermostFirst) {
  const Bytes frame = Packet()
                          .Vlan(100, 0x88a8)
                          .Vlan(0xe000 | 200)  // With a priority.
                          .Vlan(300, 0x9100)
                          .Vlan(400, 0x9200)
                          .Ethernet();
  const Parsed parsed = Parse(DLT_EN10MB, frame);
  ASSERT_FALSE(parsed.discard);
  EXPECT_EQ(parsed.link.vlan_count, 4);
  EXPECT_THAT(parsed.link.vlan_ids, ElementsAre(100, 200, 300, 400));
  EXPECT_EQ(Bytes(parsed.ip.begin(), parsed.ip.end()), Packet().Ip());
}

TEST(ParseLink, RefusesAFifthTag) {
  PacketBuilder builder = Packet();
  for (uint16_t id = 1; id <= 5; ++id) builder.Vlan(id);
  EXPECT_EQ(Parse(DLT_EN10MB, builder.Ethernet()).discard,
            Discard::kTooManyTags);
}

TEST(ParseLink, SaysNotIpForArpAndForLengths) {
  Bytes frame = Packet().Ethernet();
  frame[13] = 0x06;  // ARP.
  EXPECT_EQ(Parse(DLT_EN10MB, frame).discard, Discard::kNotIp);
  frame[12] = 0;  // 802.3, spanning tree.
  frame[13] = 0x26;
  EXPECT_EQ(Parse(DLT_EN10MB, frame).discard, Discard::kNotIp);
}

TEST(ParseLink, RefusesEveryTruncationOfTheHeader) {
  const Bytes frame = Packet().Vlan(1).Vlan(2).Ethernet();
  for (size_t size = 0; size < 22; ++size) {
    EXPECT_EQ(Parse(DLT_EN10MB, std::span(frame).first(size)).discard,
              Discard::kTruncatedLink)
        << size;
  }
  EXPECT_FALSE(Parse(DLT_EN10MB, std::span(frame).first(22)).discard);
}

TEST(ParseLink, ReadsCookedFramesWithAndWithoutTag) {
  Bytes v1 = {0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0x08, 0x00};
  Append(v1, Packet().Ip());
  Parsed parsed = Parse(DLT_LINUX_SLL, v1);
  ASSERT_FALSE(parsed.discard);
  EXPECT_FALSE(parsed.link.has_mac);
  EXPECT_EQ(Bytes(parsed.ip.begin(), parsed.ip.end()), Packet().Ip());

  Bytes v2 = {0x81, 0, 0, 0, 0, 0, 0, 3, 0, 1,  0,    6,
              1,    2, 3, 4, 5, 6, 0, 0, 0, 77, 0x08, 0};
  Append(v2, Packet().Ip());
  parsed = Parse(DLT_LINUX_SLL2, v2);
  ASSERT_FALSE(parsed.discard);
  EXPECT_EQ(parsed.link.vlan_count, 1);
  EXPECT_EQ(parsed.link.vlan_ids[0], 77);
  EXPECT_EQ(Bytes(parsed.ip.begin(), parsed.ip.end()), Packet().Ip());

  EXPECT_EQ(Parse(DLT_LINUX_SLL, std::span(v1).first(15)).discard,
            Discard::kTruncatedLink);
  EXPECT_EQ(Parse(DLT_LINUX_SLL2, std::span(v2).first(19)).discard,
            Discard::kTruncatedLink);
}

TEST(ParseLink, ReadsLoopbackInBothByteOrders) {
  for (const Bytes& family :
       {Bytes{2, 0, 0, 0}, Bytes{0, 0, 0, 2}, Bytes{30, 0, 0, 0}}) {
    Bytes frame = family;
    Append(frame, Packet().Ip());
    const Parsed parsed = Parse(DLT_NULL, frame);
    ASSERT_FALSE(parsed.discard);
    EXPECT_EQ(parsed.ip.size(), frame.size() - 4);
  }
  EXPECT_EQ(Parse(DLT_LOOP, Bytes{0, 0, 0, 7, 0x45}).discard, Discard::kNotIp);
  EXPECT_EQ(Parse(DLT_NULL, Bytes{2, 0, 0}).discard, Discard::kTruncatedLink);
}

TEST(ParseLink, ReadsPppInEachOfItsForms) {
  for (const Bytes& header : {Bytes{0xff, 0x03, 0x00, 0x21}, Bytes{0x00, 0x21},
                              Bytes{0xff, 0x03, 0x57}, Bytes{0x57}}) {
    Bytes frame = header;
    Append(frame, Packet().Ip());
    for (const int link_type : {DLT_PPP, DLT_PPP_SERIAL}) {
      const Parsed parsed = Parse(link_type, frame);
      ASSERT_FALSE(parsed.discard);
      EXPECT_EQ(parsed.ip.size(), frame.size() - header.size());
    }
  }
  EXPECT_EQ(Parse(DLT_PPP, Bytes{0xff, 0x03, 0xc0, 0x21, 1}).discard,
            Discard::kNotIp);  // Link control.
  EXPECT_EQ(Parse(DLT_PPP, Bytes{0xff, 0x03, 0x00}).discard,
            Discard::kTruncatedLink);
}

TEST(ParseLink, ReadsCiscoHdlc) {
  Bytes frame = {0x0f, 0x00, 0x08, 0x00};
  Append(frame, Packet().Ip());
  const Parsed parsed = Parse(DLT_C_HDLC, frame);
  ASSERT_FALSE(parsed.discard);
  EXPECT_EQ(parsed.ip.size(), frame.size() - 4);
  EXPECT_EQ(Parse(DLT_C_HDLC, Bytes{0x0f, 0x00, 0x80, 0x35, 1}).discard,
            Discard::kNotIp);  // SLARP.
  EXPECT_EQ(Parse(DLT_C_HDLC, Bytes{0x0f, 0x00, 0x08}).discard,
            Discard::kTruncatedLink);
}

TEST(ParseLink, TakesRawIpAsItIs) {
  const Bytes ip = Packet().Ip();
  for (const int link_type : {DLT_RAW, DLT_IPV4, DLT_IPV6}) {
    const Parsed parsed = Parse(link_type, ip);
    ASSERT_FALSE(parsed.discard);
    EXPECT_EQ(parsed.ip.size(), ip.size());
  }
}

TEST(ParseLink, CountsLinkTypesThatItDoesNotKnow) {
  EXPECT_EQ(Parse(DLT_IEEE802_11, Packet().Ethernet()).discard,
            Discard::kUnknownLinkType);
}

}  // namespace
}  // namespace callbraid::sensor
