#include "sensor/decap/link_layer.h"

#include <pcap/dlt.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {
namespace {

using ::callbraid::fakes::Append;
using ::callbraid::fakes::Bytes;
using ::callbraid::fakes::PacketBuilder;
using ::testing::ElementsAre;

Bytes operator+(Bytes left, const Bytes& right) {
  Append(left, right);
  return left;
}

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

// A data frame with a class (QoS) from a phone, behind 12 bytes of radiotap;
// what is behind the frame is its checksum.
Bytes Wireless(uint8_t flags, const Bytes& after = {0, 0}) {
  Bytes frame = {0, 0, 12, 0, 4, 0, 0, 0, 2, 0, 0, 0, 0x88, flags, 0, 0};
  for (const uint8_t address : {1, 2, 3}) Append(frame, Bytes(6, address));
  Append(frame, Bytes{0x10, 0});
  Append(frame, after);
  Append(frame, Bytes{0xaa, 0xaa, 3, 0, 0, 0, 8, 0});
  Append(frame, Packet().Ip());
  Append(frame, Bytes{1, 2, 3, 4});
  return frame;
}

TEST(ParseLink, ReadsDataFramesOfWirelessNetworks) {
  struct Case {
    uint8_t flags;
    Bytes after;
    uint8_t source;
    uint8_t destination;
  };
  for (const Case& c :
       {Case{0, {0, 0}, 2, 1}, Case{1, {0, 0}, 2, 3}, Case{2, {0, 0}, 3, 1},
        Case{3, {4, 4, 4, 4, 4, 4, 0, 0}, 4, 3},
        Case{0x81, {0, 0, 9, 9, 9, 9}, 2, 3}}) {
    SCOPED_TRACE(int{c.flags});
    const Bytes frame = Wireless(c.flags, c.after);
    const Parsed parsed = Parse(DLT_IEEE802_11_RADIO, frame);
    ASSERT_FALSE(parsed.discard);
    EXPECT_TRUE(parsed.link.has_mac);
    EXPECT_EQ(parsed.link.source_mac[0], c.source);
    EXPECT_EQ(parsed.link.destination_mac[0], c.destination);
    EXPECT_EQ(parsed.ip.size(), Packet().Ip().size() + 4);
    const Bytes bare(frame.begin() + 12, frame.end());
    EXPECT_FALSE(Parse(DLT_IEEE802_11, bare).discard);
  }
}

// A radiotap header of these words of bits and fields.
Bytes Radiotap(const std::vector<uint32_t>& present, const Bytes& fields) {
  const size_t length = 4 + 4 * present.size() + fields.size();
  Bytes header = {0, 0, static_cast<uint8_t>(length), 0};
  for (const uint32_t bits : present) {
    for (int shift = 0; shift < 32; shift += 8) {
      header.push_back(static_cast<uint8_t>(bits >> shift));
    }
  }
  Append(header, fields);
  return header;
}

// Some chips fill up what is before the packet to a multiple of 4 bytes.
TEST(ParseLink, SkipsThePaddingOfWirelessFramesWhereRadiotapTellsOfIt) {
  constexpr uint32_t kTime = 1;
  constexpr uint32_t kFlags = 2;
  constexpr uint32_t kRate = 4;
  constexpr uint32_t kMore = 0x80000000;
  const Bytes time(8, 0xff);
  const auto with = [](Bytes before, uint8_t flags) {
    before.push_back(flags);
    return before;
  };
  struct Case {
    Bytes radiotap;
    bool is_padded;
  };
  const std::vector<Case> cases = {
      {Radiotap({kFlags}, {0x20}), true},
      {Radiotap({kFlags}, {0x10}), false},  // A checksum at the end.
      {Radiotap({kFlags | kRate}, {0x30, 2}), true},
      {Radiotap({kRate}, {0x20}), false},
      {Radiotap({kTime | kFlags}, with(time, 0x20)), true},
      {Radiotap({kTime | kFlags}, with(time, 0)), false},
      // The time is aligned to 8 bytes from the beginning.
      {Radiotap({kTime | kFlags | kMore, 0}, with(Bytes(4, 0) + time, 0x20)),
       true},
      {Radiotap({kFlags | kMore, kMore | kRate, 0}, {0x20, 9}), true},
      // Fields that are not there.
      {Radiotap({kTime | kFlags}, {0x20}), false},
      {Radiotap({kFlags | kMore}, {}), false},
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    const Bytes radio = cases[i].radiotap;
    const Bytes padding = cases[i].is_padded ? Bytes{0xee, 0xee} : Bytes{};
    // Behind the class; and without one, where nothing is to be filled up.
    const Bytes with_class = Wireless(1, Bytes{0, 0} + padding);
    Bytes frame = radio;
    frame.insert(frame.end(), with_class.begin() + 12, with_class.end());
    Parsed parsed = Parse(DLT_IEEE802_11_RADIO, frame);
    ASSERT_FALSE(parsed.discard);
    EXPECT_EQ(parsed.ip.size(), Packet().Ip().size() + 4);
    Bytes without_class = Wireless(1, {});
    without_class[12] = 0x08;
    frame = radio;
    frame.insert(frame.end(), without_class.begin() + 12, without_class.end());
    parsed = Parse(DLT_IEEE802_11_RADIO, frame);
    ASSERT_FALSE(parsed.discard);
    EXPECT_EQ(parsed.ip.size(), Packet().Ip().size() + 4);
  }
}

TEST(ParseLink, LeavesWirelessFramesThatHoldNoPacket) {
  // Encrypted; several packets in one.
  EXPECT_EQ(Parse(DLT_IEEE802_11_RADIO, Wireless(0x41)).discard,
            Discard::kNotIp);
  EXPECT_EQ(Parse(DLT_IEEE802_11_RADIO, Wireless(1, {0x80, 0})).discard,
            Discard::kNotIp);
  // A beacon, an acknowledgement, data without data.
  for (const uint8_t type : {0x80, 0xd4, 0xc8}) {
    EXPECT_EQ(Parse(DLT_IEEE802_11, Bytes{type, 0, 0, 0, 1, 2, 3, 4}).discard,
              Discard::kNotIp);
  }
  const Bytes whole = Wireless(1);
  for (size_t size = 0; size < 12 + 26 + 8; ++size) {
    EXPECT_EQ(Parse(DLT_IEEE802_11_RADIO, std::span(whole).first(size)).discard,
              Discard::kTruncatedLink)
        << size;
  }
}

TEST(ParseLink, HandsOnPppoeAndMplsAsWhatTheyAre) {
  const Bytes bytes(20);
  Parsed parsed = Parse(DLT_PPP_ETHER, bytes);
  EXPECT_EQ(parsed.discard, Discard::kNotIp);
  EXPECT_EQ(parsed.link.ether_type, 0x8864);
  EXPECT_EQ(parsed.ip.size(), bytes.size());
  parsed = Parse(DLT_MPLS, bytes);
  EXPECT_EQ(parsed.discard, Discard::kNotIp);
  EXPECT_EQ(parsed.link.ether_type, 0x8847);
}

TEST(ParseLink, CountsLinkTypesThatItDoesNotKnow) {
  EXPECT_EQ(Parse(DLT_USB, Packet().Ethernet()).discard,
            Discard::kUnknownLinkType);
}

}  // namespace
}  // namespace callbraid::sensor
