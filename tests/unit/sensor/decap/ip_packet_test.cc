#include "sensor/decap/ip_packet.h"

#include "gtest/gtest.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {
namespace {

using ::callbraid::fakes::Bytes;
using ::callbraid::fakes::PacketBuilder;

struct Parsed {
  std::optional<Discard> discard;
  IpPacket packet;
};

Parsed Parse(std::span<const uint8_t> bytes, size_t wire_length = 0) {
  Parsed parsed;
  parsed.discard = ParseIp(bytes, wire_length != 0 ? wire_length : bytes.size(),
                           parsed.packet);
  return parsed;
}

PacketBuilder V4() { return PacketBuilder().Payload("0123456789"); }
PacketBuilder V6() {
  return V4().From("2001:db8::1", 4000).To("2001:db8::2", 4002);
}

// Options with `next` behind them, 8 or 16 bytes.
Bytes Options(uint8_t next, uint8_t eights = 0) {
  Bytes header = {next, eights, 1, 4, 0, 0, 0, 0};
  header.resize(header.size() + size_t{8} * eights);
  return header;
}

TEST(ParseIp, ReadsIpv4WithOptions) {
  const Bytes bytes = V4().Dscp(46).IpId(77).IpOptions(Bytes(8, 1)).Ip();
  const Parsed parsed = Parse(bytes);
  ASSERT_FALSE(parsed.discard);
  EXPECT_EQ(parsed.packet.source.ToString(), "10.0.0.1");
  EXPECT_EQ(parsed.packet.destination.ToString(), "10.0.0.2");
  EXPECT_EQ(parsed.packet.protocol, 17);
  EXPECT_EQ(parsed.packet.dscp, 46);
  EXPECT_EQ(parsed.packet.id, 77u);
  EXPECT_FALSE(parsed.packet.is_fragment);
  EXPECT_FALSE(parsed.packet.truncated());
  EXPECT_EQ(parsed.packet.payload.size(), 18u);
}

TEST(ParseIp, ReadsIpv6WithExtensionHeaders) {
  Bytes extensions = Options(43);             // Hop-by-hop, then routing,
  fakes::Append(extensions, Options(60, 1));  // then destination options,
  fakes::Append(extensions, Options(17));     // then UDP.
  const Parsed parsed = Parse(V6().Dscp(34).Extensions(0, extensions).Ip());
  ASSERT_FALSE(parsed.discard);
  EXPECT_TRUE(parsed.packet.is_v6);
  EXPECT_EQ(parsed.packet.source.ToString(), "2001:db8::1");
  EXPECT_EQ(parsed.packet.protocol, 17);
  EXPECT_EQ(parsed.packet.dscp, 34);
  EXPECT_EQ(parsed.packet.payload.size(), 18u);
  EXPECT_FALSE(parsed.packet.truncated());
}

TEST(ParseIp, GivesUpOnExtensionHeadersWithoutEnd) {
  Bytes eight;
  for (int i = 0; i < 7; ++i) fakes::Append(eight, Options(60));
  Bytes nine = eight;
  fakes::Append(eight, Options(17));
  fakes::Append(nine, Options(60));
  fakes::Append(nine, Options(17));
  EXPECT_FALSE(Parse(V6().Extensions(60, eight).Ip()).discard);
  EXPECT_EQ(Parse(V6().Extensions(60, nine).Ip()).discard,
            Discard::kTooManyExtensions);
}

TEST(ParseIp, TrimsEthernetPadding) {
  for (Bytes bytes : {V4().Ip(), V6().Ip()}) {
    bytes.resize(bytes.size() + 20);
    const Parsed parsed = Parse(bytes);
    ASSERT_FALSE(parsed.discard);
    EXPECT_EQ(parsed.packet.payload.size(), 18u);
    EXPECT_FALSE(parsed.packet.truncated());
  }
}

TEST(ParseIp, TakesTheWireLengthWhereTheHeaderSaysZero) {
  for (const Bytes& bytes : {V4().IpLength(0).Ip(), V6().IpLength(0).Ip()}) {
    // The header is 20 or 40 bytes, and 1000 more were on the wire.
    const size_t header = bytes.size() - 18;
    const Parsed parsed = Parse(bytes, header + 1000);
    ASSERT_FALSE(parsed.discard);
    EXPECT_EQ(parsed.packet.payload.size(), 18u);
    EXPECT_EQ(parsed.packet.payload_length, 1000u);
    EXPECT_TRUE(parsed.packet.truncated());
  }
}

TEST(ParseIp, ReadsFragmentHeaders) {
  const Bytes part(16, 'x');
  const Bytes v4 = V4().IpId(9).Fragment(64, true, part);
  Parsed parsed = Parse(std::span(v4).subspan(14));
  ASSERT_FALSE(parsed.discard);
  EXPECT_TRUE(parsed.packet.is_fragment);
  EXPECT_TRUE(parsed.packet.more_fragments);
  EXPECT_EQ(parsed.packet.fragment_offset, 64);

  const Bytes v6 = V6().IpId(0x12345678).Fragment(128, false, part);
  parsed = Parse(std::span(v6).subspan(14));
  ASSERT_FALSE(parsed.discard);
  EXPECT_TRUE(parsed.packet.is_fragment);
  EXPECT_FALSE(parsed.packet.more_fragments);
  EXPECT_EQ(parsed.packet.fragment_offset, 128);
  EXPECT_EQ(parsed.packet.id, 0x12345678u);
  EXPECT_EQ(parsed.packet.protocol, 17);
  EXPECT_EQ(parsed.packet.payload.size(), 16u);
}

TEST(ParseIp, DoesNotCallAnAtomicFragmentAFragment) {
  const Bytes frame = V6().Fragment(0, false, V6().Transport());
  const Parsed parsed = Parse(std::span(frame).subspan(14));
  ASSERT_FALSE(parsed.discard);
  EXPECT_FALSE(parsed.packet.is_fragment);
  EXPECT_EQ(parsed.packet.payload.size(), 18u);
}

TEST(ParseIp, RefusesEveryTruncationOfItsHeaders) {
  const Bytes v4 = V4().IpOptions(Bytes(4, 1)).Ip();
  for (size_t size = 0; size < 24; ++size) {
    EXPECT_EQ(Parse(std::span(v4).first(size), v4.size()).discard,
              Discard::kTruncatedIp)
        << size;
  }
  const Bytes v6 = V6().Extensions(0, Options(17)).Ip();
  for (size_t size = 0; size < 48; ++size) {
    EXPECT_EQ(Parse(std::span(v6).first(size), v6.size()).discard,
              Discard::kTruncatedIp)
        << size;
  }
}

TEST(ParseIp, RefusesHeadersThatContradictThemselves) {
  Bytes bytes = V4().Ip();
  bytes[0] = 0x44;  // A header of 16 bytes.
  EXPECT_EQ(Parse(bytes).discard, Discard::kBadIp);
  bytes[0] = 0x55;  // Version 5.
  EXPECT_EQ(Parse(bytes).discard, Discard::kBadIp);
  EXPECT_EQ(Parse(V4().IpLength(19).Ip()).discard, Discard::kBadIp);
  // An extension header longer than the packet.
  EXPECT_EQ(Parse(V6().Extensions(0, {17, 200, 0, 0, 0, 0, 0, 0}).Ip()).discard,
            Discard::kBadIp);
}

}  // namespace
}  // namespace callbraid::sensor
