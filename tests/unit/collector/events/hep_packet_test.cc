#include "collector/events/hep_packet.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

Endpoint At(const char* address, uint16_t port) {
  return {*IpAddress::Parse(address), port};
}

std::string Bytes(std::initializer_list<int> bytes) {
  return std::string(bytes.begin(), bytes.end());
}

HepPacket Packet() {
  HepPacket packet;
  packet.flow = {At("10.0.0.1", 5060), At("10.0.0.2", 5070)};
  packet.time_ns = 1'700'000'000'123'456'789;
  packet.capture_id = 2001;
  packet.correlation_id = "abc";
  packet.node = "s1";
  packet.payload = "SIP";
  return packet;
}

TEST(EncodeHep, WritesEachChunkWithItsLength) {
  EXPECT_EQ(EncodeHep(Packet()),
            "HEP3" + Bytes({0, 119}) +                                 //
                Bytes({0, 0, 0, 1, 0, 7, 2}) +                         // IPv4
                Bytes({0, 0, 0, 2, 0, 7, 17}) +                        // UDP
                Bytes({0, 0, 0, 3, 0, 10, 10, 0, 0, 1}) +              //
                Bytes({0, 0, 0, 4, 0, 10, 10, 0, 0, 2}) +              //
                Bytes({0, 0, 0, 7, 0, 8, 5060 >> 8, 5060 & 255}) +     //
                Bytes({0, 0, 0, 8, 0, 8, 5070 >> 8, 5070 & 255}) +     //
                Bytes({0, 0, 0, 9, 0, 10, 0x65, 0x53, 0xf1, 0x00}) +   //
                Bytes({0, 0, 0, 10, 0, 10, 0x00, 0x01, 0xe2, 0x40}) +  //
                Bytes({0, 0, 0, 11, 0, 7, 1}) +                        // SIP
                Bytes({0, 0, 0, 12, 0, 10, 0, 0, 2001 >> 8, 2001 & 255}) +
                Bytes({0, 0, 0, 17, 0, 9}) + "abc" +  //
                Bytes({0, 0, 0, 19, 0, 8}) + "s1" +   //
                Bytes({0, 0, 0, 15, 0, 9}) + "SIP");
}

TEST(EncodeHep, OfIpv6HasAddressesOf16Bytes) {
  HepPacket packet = Packet();
  packet.flow.source = At("2001:db8::1", 5060);
  const std::string bytes = EncodeHep(packet);
  EXPECT_NE(bytes.find(Bytes({0, 0, 0, 1, 0, 7, 10, 0, 0})), std::string::npos);
  EXPECT_NE(bytes.find(Bytes({0, 0, 0, 5, 0, 22, 0x20, 0x01, 0x0d, 0xb8})),
            std::string::npos);
  // What is IPv4 is mapped.
  EXPECT_NE(bytes.find(Bytes({0, 0, 0, 6, 0, 22,   0,    0,  0, 0, 0,
                              0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 2})),
            std::string::npos);
}

TEST(EncodeHep, CutsWhatNoDatagramTakes) {
  HepPacket packet = Packet();
  const std::string payload(65'535, 'x');
  const std::string call_id(70'000, 'y');
  packet.payload = payload;
  packet.correlation_id = call_id;
  const std::string bytes = EncodeHep(packet);
  EXPECT_EQ(bytes.size(), 65'507u);
  EXPECT_EQ(bytes.substr(4, 2), Bytes({65'507 >> 8, 65'507 & 255}));
}

}  // namespace
}  // namespace callbraid::collector
