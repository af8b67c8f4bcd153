#ifndef CALLBRAID_TESTS_FAKES_TUNNELS_H_
#define CALLBRAID_TESTS_FAKES_TUNNELS_H_

#include <utility>
#include <vector>

#include "callbraid/v1/census.pb.h"
#include "tests/fakes/packet_builder.h"

// Tunnels of every kind, around the same packet or frame.
namespace callbraid::fakes::tunnels {

// What is in the tunnels.
inline PacketBuilder Voice() {
  return PacketBuilder()
      .From("192.0.2.1", 4000)
      .To("192.0.2.2", 4002)
      .SourceMac({2, 1, 1, 1, 1, 1})
      .IpId(9)
      .Payload(Rtp().Build());
}
inline Bytes Frame() { return Voice().Vlan(7).Ethernet(); }
inline Bytes Packet() { return Voice().Ip(); }
inline Bytes Packet6() {
  return Voice().From("2001:db8::1", 4000).To("2001:db8::2", 4002).Ip();
}

inline Bytes operator+(Bytes left, const Bytes& right) {
  Append(left, right);
  return left;
}

// Around these.
inline Bytes Link(uint16_t ether_type, const Bytes& inside) {
  Bytes frame = {2, 9, 9, 9, 9, 9, 2, 8, 8, 8, 8, 8};
  AppendU16(frame, ether_type);
  return frame + inside;
}
inline PacketBuilder Between() {
  return PacketBuilder().From("10.9.9.1", 50000).IpId(1);
}
inline Bytes InIp(uint8_t protocol, const Bytes& inside, bool v6 = false) {
  PacketBuilder outer = Between().Payload(inside);
  if (v6) outer.From("2001:db8::91", 1).To("2001:db8::92", 1);
  Bytes ip = outer.Ip();
  const size_t header = v6 ? 40 : 20;
  // Takes out the UDP header.
  ip.erase(ip.begin() + static_cast<ptrdiff_t>(header),
           ip.begin() + static_cast<ptrdiff_t>(header) + 8);
  if (v6) {
    ip[6] = protocol;
    ip[4] = static_cast<uint8_t>((ip.size() - 40) >> 8);
    ip[5] = static_cast<uint8_t>(ip.size() - 40);
  } else {
    ip[9] = protocol;
    ip[2] = static_cast<uint8_t>(ip.size() >> 8);
    ip[3] = static_cast<uint8_t>(ip.size());
  }
  return Link(v6 ? 0x86dd : 0x0800, ip);
}
inline Bytes InUdp(uint16_t port, const Bytes& inside) {
  return Between().To("10.9.9.2", port).Payload(inside).Ethernet();
}

inline const Bytes kErspan2 = {0x10, 0, 0x88, 0xbe, 0, 0, 0, 5,
                               0x10, 1, 0x18, 100,  0, 0, 0, 7};
inline const Bytes kErspan3 = {0x10, 0,   0x22, 0xeb, 0, 0, 0, 5, 0x20, 1,
                               0x18, 100, 1,    2,    3, 4, 0, 0, 0,    0};
inline Bytes Erspan3With(uint8_t high, uint8_t low) {
  Bytes header = kErspan3;
  header[18] = high;
  header[19] = low;
  return header;
}

// Type II, by the number that its GRE header bears.
inline Bytes InErspan(uint8_t number, const Bytes& frame) {
  Bytes header = kErspan2;
  header[7] = number;
  return InIp(47, header + frame);
}

struct TunnelCase {
  const char* name;
  v1::TunnelKind kind;
  Bytes frame;
  // Whose link header the datagram has: that of Frame(), or the outer one.
  bool is_frame_inside = true;
};

inline std::vector<TunnelCase> LinkTunnels() {
  return {
      {"VN-Tag", v1::TUNNEL_KIND_VN_TAG,
       Link(0x8926, Bytes{0x80, 1, 0, 2, 8, 0} + Packet()), false},
      {"E-Tag", v1::TUNNEL_KIND_VN_TAG,
       Link(0x893f, Bytes{0, 1, 0, 2, 0, 0, 8, 0} + Packet()), false},
      {"PBB", v1::TUNNEL_KIND_PBB, Link(0x88e7, Bytes{0, 0, 1, 0} + Frame())},
      {"MPLS", v1::TUNNEL_KIND_MPLS,
       Link(0x8847, Bytes{0, 1, 0, 64, 0, 2, 1, 64} + Packet()), false},
      {"MPLS with IPv6", v1::TUNNEL_KIND_MPLS,
       Link(0x8848, Bytes{0, 0, 0x21, 64} + Packet6()), false},
      {"pseudowire with control word", v1::TUNNEL_KIND_MPLS,
       Link(0x8847, Bytes{0, 1, 1, 64, 0, 0, 0, 0} + Frame())},
      {"pseudowire with numbers", v1::TUNNEL_KIND_MPLS,
       Link(0x8847, Bytes{0, 1, 1, 64, 0, 0, 0, 9} + Frame())},
      {"pseudowire", v1::TUNNEL_KIND_MPLS,
       Link(0x8847, Bytes{0, 1, 1, 64} + Frame())},
      {"PPPoE", v1::TUNNEL_KIND_PPPOE,
       Link(0x8864, Bytes{0x11, 0, 0, 1, 0, 202, 0, 0x21} + Packet()), false},
      {"PPPoE with IPv6", v1::TUNNEL_KIND_PPPOE,
       Link(0x8864, Bytes{0x11, 0, 0, 1, 0, 222, 0, 0x57} + Packet6()), false},
  };
}

inline std::vector<TunnelCase> IpTunnels() {
  return {
      {"IP in IP", v1::TUNNEL_KIND_IP_IN_IP, InIp(4, Packet()), false},
      {"6in4", v1::TUNNEL_KIND_IP_IN_IP, InIp(41, Packet6()), false},
      {"4in6", v1::TUNNEL_KIND_IP_IN_IP, InIp(4, Packet(), true), false},
      {"GRE", v1::TUNNEL_KIND_GRE, InIp(47, Bytes{0, 0, 8, 0} + Packet()),
       false},
      {"GRE with checksum, key and sequence", v1::TUNNEL_KIND_GRE,
       InIp(47, Bytes{0xb0, 0, 0x86, 0xdd, 1, 2, 0, 0, 0, 0, 0, 3, 0, 0, 0, 4} +
                    Packet6()),
       false},
      {"GRE in IPv6 with a frame", v1::TUNNEL_KIND_NVGRE,
       InIp(47, Bytes{0x20, 0, 0x65, 0x58, 0, 0, 0, 3} + Frame(), true)},
      {"ERSPAN I", v1::TUNNEL_KIND_ERSPAN,
       InIp(47, Bytes{0, 0, 0x88, 0xbe} + Frame())},
      {"ERSPAN II", v1::TUNNEL_KIND_ERSPAN, InIp(47, kErspan2 + Frame())},
      {"ERSPAN III", v1::TUNNEL_KIND_ERSPAN, InIp(47, kErspan3 + Frame())},
      {"ERSPAN III with subheader", v1::TUNNEL_KIND_ERSPAN,
       InIp(47, Erspan3With(0, 1) + Bytes(8) + Frame())},
      {"ERSPAN III of a Nexus", v1::TUNNEL_KIND_ERSPAN,
       InIp(47, Erspan3With(0x1e, 0) + Bytes(8) + Frame())},
      {"ERSPAN III with IP", v1::TUNNEL_KIND_ERSPAN,
       InIp(47, Erspan3With(0x08, 0) + Packet()), false},
      {"L2TPv3", v1::TUNNEL_KIND_L2TP, InIp(115, Bytes{0, 0, 0, 1} + Frame())},
      {"L2TPv3 with cookie and sublayer", v1::TUNNEL_KIND_L2TP,
       InIp(115, Bytes{0, 0, 0, 1} + Bytes(8, 0xcc) + Bytes(4) + Frame())},
  };
}

inline std::vector<TunnelCase> UdpTunnels() {
  return {
      {"VXLAN", v1::TUNNEL_KIND_VXLAN,
       InUdp(4789, Bytes{8, 0, 0, 0, 0, 0, 42, 0} + Frame())},
      {"VXLAN on Linux's old port", v1::TUNNEL_KIND_VXLAN,
       InUdp(8472, Bytes{8, 0, 0, 0, 0, 0, 42, 0} + Frame())},
      {"VXLAN-GPE with a frame", v1::TUNNEL_KIND_VXLAN,
       InUdp(4790, Bytes{0x0c, 0, 0, 3, 0, 0, 42, 0} + Frame())},
      {"VXLAN-GPE with IP", v1::TUNNEL_KIND_VXLAN,
       InUdp(4790, Bytes{0x0c, 0, 0, 1, 0, 0, 42, 0} + Packet()), false},
      {"Geneve with options", v1::TUNNEL_KIND_GENEVE,
       InUdp(6081,
             Bytes{2, 0x40, 0x65, 0x58, 0, 0, 42, 0} + Bytes(8) + Frame())},
      {"Geneve with IP", v1::TUNNEL_KIND_GENEVE,
       InUdp(6081, Bytes{0, 0, 8, 0, 0, 0, 42, 0} + Packet()), false},
      {"GTP-U", v1::TUNNEL_KIND_GTP_U,
       InUdp(2152, Bytes{0x30, 255, 0, 200, 0, 0, 0, 1} + Packet()), false},
      {"GTP-U with an extension", v1::TUNNEL_KIND_GTP_U,
       InUdp(2152, Bytes{0x34, 255, 0, 228, 0, 0, 0, 1, 0, 0, 0, 0x85, 1, 0x10,
                         9, 0} +
                       Packet6()),
       false},
      {"TZSP", v1::TUNNEL_KIND_TZSP,
       InUdp(37008, Bytes{1, 0, 0, 1, 0, 0x29, 2, 0, 60, 1} + Frame())},
      {"L2TPv2", v1::TUNNEL_KIND_L2TP,
       InUdp(1701, Bytes{0x4a, 2, 0, 220, 0, 1, 0,    2, 0, 3,
                         0,    4, 0, 2,   0, 0, 0xff, 3, 0, 0x21} +
                       Packet()),
       false},
      {"L2TPv3 in UDP", v1::TUNNEL_KIND_L2TP,
       InUdp(1701, Bytes{0, 3, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4} + Frame())},
  };
}

inline std::vector<TunnelCase> AllTunnels() {
  std::vector<TunnelCase> all = LinkTunnels();
  for (TunnelCase& c : IpTunnels()) all.push_back(std::move(c));
  for (TunnelCase& c : UdpTunnels()) all.push_back(std::move(c));
  return all;
}

}  // namespace callbraid::fakes::tunnels

#endif  // CALLBRAID_TESTS_FAKES_TUNNELS_H_
