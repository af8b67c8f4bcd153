#include "sensor/capture/bpf_filter.h"

#include <pcap/pcap.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "sensor/capture/pcap_handle.h"
#include "tests/fakes/packet_builder.h"

namespace callbraid::sensor {
namespace {

using ::callbraid::fakes::Append;
using ::callbraid::fakes::Bytes;
using ::callbraid::fakes::PacketBuilder;

// A compiled filter for one link type.
class Filter {
 public:
  explicit Filter(const FilterOptions& options, int link_type = DLT_EN10MB) {
    const PcapHandle pcap(pcap_open_dead(link_type, 65535));
    const std::string expression = DefaultFilter(options, link_type);
    EXPECT_EQ(pcap_compile(pcap.get(), &program_, expression.c_str(), 1,
                           PCAP_NETMASK_UNKNOWN),
              0)
        << expression << ": " << pcap_geterr(pcap.get());
  }
  ~Filter() { pcap_freecode(&program_); }

  bool Passes(const Bytes& frame) const {
    pcap_pkthdr header = {};
    header.caplen = header.len = static_cast<bpf_u_int32>(frame.size());
    return pcap_offline_filter(&program_, &header, frame.data()) != 0;
  }
  size_t instructions() const { return program_.bf_len; }

 private:
  bpf_program program_ = {};
};

PacketBuilder Rtp() { return PacketBuilder().Payload(std::string(172, 'r')); }
PacketBuilder SipOverTcp(uint16_t port = 5060) {
  return Rtp().From("192.0.2.1", 40000).To("192.0.2.2", port).Tcp(1);
}
PacketBuilder V6(PacketBuilder builder, uint16_t port = 5060) {
  return builder.From("2001:db8::1", 40000).To("2001:db8::2", port);
}

TEST(DefaultFilter, PassesUdpAndSipOverTcpUnderAnyTags) {
  const Filter filter({});
  for (int tags = 0; tags <= 4; ++tags) {
    PacketBuilder udp = Rtp();
    PacketBuilder tcp = SipOverTcp();
    PacketBuilder web = SipOverTcp(443);
    for (int tag = 0; tag < tags; ++tag) {
      const uint16_t type = tag + 1 < tags ? 0x88a8 : 0x8100;
      udp.Vlan(100, type);
      tcp.Vlan(100, type);
      web.Vlan(100, type);
    }
    EXPECT_TRUE(filter.Passes(udp.Ethernet())) << tags;
    EXPECT_TRUE(filter.Passes(tcp.Ethernet())) << tags;
    EXPECT_FALSE(filter.Passes(web.Ethernet())) << tags;
    EXPECT_TRUE(filter.Passes(V6(udp).Ethernet())) << tags;
    EXPECT_TRUE(filter.Passes(V6(tcp).Ethernet())) << tags;
    EXPECT_FALSE(filter.Passes(V6(web, 443).Ethernet())) << tags;
  }
}

TEST(DefaultFilter, PassesEveryFragment) {
  const Filter filter({});
  const PacketBuilder udp =
      PacketBuilder().IpId(7).Payload(std::string(3000, 'x'));
  const PacketBuilder tcp = PacketBuilder(udp).To("10.0.0.2", 5060).Tcp(1);
  for (const PacketBuilder& whole : {udp, tcp, V6(udp), V6(tcp)}) {
    for (const Bytes& fragment : whole.Fragments(1400)) {
      EXPECT_TRUE(filter.Passes(fragment));
    }
    for (const Bytes& fragment :
         PacketBuilder(whole).Vlan(1).Vlan(2).Fragments(1400)) {
      EXPECT_TRUE(filter.Passes(fragment));
    }
  }
}

TEST(DefaultFilter, PassesUdpBehindIpv6Options) {
  const Filter filter({});
  EXPECT_TRUE(filter.Passes(
      V6(Rtp()).Extensions(60, {17, 0, 1, 4, 0, 0, 0, 0}).Ethernet()));
}

TEST(DefaultFilter, StopsIcmpAndPassesArp) {
  const Filter filter({});
  Bytes frame = Rtp().Ethernet();
  frame[23] = 1;  // ICMP.
  EXPECT_FALSE(filter.Passes(frame));
  // It tells the MAC addresses of phones.
  frame[13] = 6;  // ARP.
  EXPECT_TRUE(filter.Passes(frame));
  frame[13] = 0;  // Neither.
  EXPECT_FALSE(filter.Passes(frame));
}

TEST(DefaultFilter, PassesWhatTellsOfSignallingElsewhere) {
  const Filter filter({});
  for (const char* start : {"SIP/2.0 200 OK\r\n", "INVITE sip:a SIP/2.0\r\n",
                            "REGISTER sip:a SIP/2.0\r\n", "OPTIONS sip:a"}) {
    const PacketBuilder odd = SipOverTcp(5080).Payload(start);
    EXPECT_TRUE(filter.Passes(odd.Ethernet())) << start;
    EXPECT_TRUE(filter.Passes(PacketBuilder(odd).Vlan(7).Ethernet())) << start;
  }
  EXPECT_FALSE(filter.Passes(SipOverTcp(5080).Payload("GET / ").Ethernet()));
  EXPECT_FALSE(filter.Passes(SipOverTcp(5080).Payload("").Ethernet()));
  EXPECT_TRUE(filter.Passes(SipOverTcp(5061).Ethernet()));
}

TEST(DefaultFilter, PassesTunnelsUnderAnyTags) {
  const Filter filter({});
  for (int tags = 0; tags <= 4; ++tags) {
    PacketBuilder packet = Rtp();
    for (int tag = 0; tag < tags; ++tag) packet.Vlan(100);
    const auto at = static_cast<size_t>(4 * tags);
    // IP in IP, 6in4, GRE, L2TPv3; not OSPF.
    for (const uint8_t protocol : {4, 41, 47, 115, 89}) {
      Bytes v4 = packet.Ethernet();
      v4[at + 23] = protocol;
      EXPECT_EQ(filter.Passes(v4), protocol != 89) << int{protocol};
      Bytes v6 = V6(packet).Ethernet();
      v6[at + 20] = protocol;
      EXPECT_EQ(filter.Passes(v6), protocol != 89) << int{protocol};
    }
    // MPLS, PPPoE, VN-Tag, E-Tag, PBB; not LLDP.
    for (const uint16_t type :
         {0x8847, 0x8848, 0x8864, 0x8926, 0x893f, 0x88e7, 0x88cc}) {
      Bytes frame = packet.Ethernet();
      frame[at + 12] = static_cast<uint8_t>(type >> 8);
      frame[at + 13] = static_cast<uint8_t>(type);
      EXPECT_EQ(filter.Passes(frame), type != 0x88cc) << type << tags;
    }
  }
}

TEST(DefaultFilter, PassesEveryFragmentOfATunnel) {
  const Filter filter({});
  for (Bytes fragment :
       PacketBuilder().Payload(std::string(3000, 'x')).Fragments(1400)) {
    fragment[23] = 47;
    EXPECT_TRUE(filter.Passes(fragment));
  }
}

TEST(DefaultFilter, PassesOneInSixtyFourOfTheRest) {
  const Filter filter({});
  Bytes esp = SipOverTcp(80).Ethernet();
  esp[23] = 50;
  int passed = 0;
  for (int checksum = 0; checksum < 65536; ++checksum) {
    esp[24] = static_cast<uint8_t>(checksum >> 8);
    esp[25] = static_cast<uint8_t>(checksum);
    passed += filter.Passes(esp) ? 1 : 0;
  }
  EXPECT_EQ(passed, 65536 / 64);
}

TEST(DefaultFilter, TakesTheSipPortsFromItsOptions) {
  const Filter filter({.sip_ports = {5070, 5080}, .collector = ""});
  EXPECT_TRUE(filter.Passes(SipOverTcp(5070).Ethernet()));
  EXPECT_TRUE(filter.Passes(SipOverTcp(5080).Ethernet()));
  EXPECT_FALSE(filter.Passes(SipOverTcp(5060).Ethernet()));
  // The port may be that of either side.
  EXPECT_TRUE(filter.Passes(Rtp().From("10.0.0.1", 5070).Tcp(1).Ethernet()));
}

TEST(DefaultFilter, LeavesOutTheUplinkInBothDirections) {
  const Filter filter({.sip_ports = {5060}, .collector = "192.0.2.2:5060"});
  EXPECT_FALSE(filter.Passes(SipOverTcp().Ethernet()));
  EXPECT_FALSE(filter.Passes(SipOverTcp().Vlan(3).Ethernet()));
  EXPECT_FALSE(filter.Passes(
      Rtp().From("192.0.2.2", 5060).To("10.0.0.1", 40000).Tcp(1).Ethernet()));
  EXPECT_TRUE(filter.Passes(SipOverTcp().To("192.0.2.3", 5060).Ethernet()));
  EXPECT_TRUE(filter.Passes(Rtp().To("192.0.2.2", 5060).Ethernet()));
}

TEST(DefaultFilter, LeavesOutAnUplinkOverIpv6) {
  const Filter filter({.sip_ports = {}, .collector = "[2001:db8::2]:5060"});
  EXPECT_FALSE(filter.Passes(V6(SipOverTcp()).Ethernet()));
  EXPECT_TRUE(filter.Passes(SipOverTcp().Ethernet()));
}

TEST(DefaultFilter, LeavesOutThePortOfACollectorThatIsNamed) {
  const Filter filter({.sip_ports = {}, .collector = "collector.example:5060"});
  EXPECT_FALSE(filter.Passes(SipOverTcp().Ethernet()));
}

TEST(DefaultFilter, LetsNothingButAddressAndPortIntoTheExpression) {
  for (const char* collector :
       {"", "host", "host:", "host:1 or icmp", "a) or (icmp:123456", ":x"}) {
    EXPECT_EQ(
        DefaultFilter({.sip_ports = {}, .collector = collector}, DLT_EN10MB),
        DefaultFilter({}, DLT_EN10MB))
        << collector;
  }
}

TEST(DefaultFilter, CompilesForLinkTypesWithoutTags) {
  const FilterOptions options = {.sip_ports = {}, .collector = "192.0.2.9:1"};
  EXPECT_TRUE(Filter(options, DLT_RAW).Passes(Rtp().Ip()));
  EXPECT_FALSE(Filter(options, DLT_RAW).Passes(SipOverTcp(80).Ip()));
  Bytes v1 = {0, 0, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0, 0x08, 0x00};
  Append(v1, Rtp().Ip());
  EXPECT_TRUE(Filter(options, DLT_LINUX_SLL).Passes(v1));
  Bytes v2 = {0x08, 0, 0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 1, 2, 3, 4, 5, 6, 0, 0};
  Append(v2, Rtp().Ip());
  EXPECT_TRUE(Filter(options, DLT_LINUX_SLL2).Passes(v2));
  EXPECT_GT(Filter(options, DLT_NULL).instructions(), 1u);
}

TEST(DefaultFilter, PassesEveryFragmentBehindFourTags) {
  const Filter filter({});
  PacketBuilder udp = PacketBuilder().IpId(7).Payload(std::string(3000, 'x'));
  for (uint16_t tag = 1; tag <= 4; ++tag) udp.Vlan(tag);
  for (const Bytes& fragment : udp.Fragments(1400)) {
    EXPECT_TRUE(filter.Passes(fragment));
  }
}

TEST(DefaultFilter, LeavesOutTheUplinkBehindAnyTags) {
  const Filter filter({.sip_ports = {5060}, .collector = "192.0.2.2:5060"});
  PacketBuilder uplink = SipOverTcp();
  for (uint16_t tag = 1; tag <= 4; ++tag) {
    EXPECT_FALSE(filter.Passes(uplink.Vlan(tag).Ethernet())) << tag;
  }
}

// On an interface libpcap also asks for a tag that the kernel took off, which
// makes a filter 2.4 times as long at most.
TEST(DefaultFilter, FitsIntoTheKernelWhateverThePorts) {
  constexpr size_t kMaxInstructions = 4096 * 10 / 25;
  for (const uint16_t ports : {0, 1, 16, 17, 32, 33, 1000}) {
    FilterOptions options = {.sip_ports = {},
                             .collector = "[2001:db8::2]:4700"};
    for (uint16_t i = 0; i < ports; ++i) {
      options.sip_ports.push_back(static_cast<uint16_t>(5060 + 2 * i));
    }
    const Filter filter(options);
    EXPECT_LT(filter.instructions(), kMaxInstructions) << ports;
    PacketBuilder last = SipOverTcp(
        ports == 0 ? 5060 : static_cast<uint16_t>(5060 + 2 * (ports - 1)));
    for (uint16_t tag = 0; tag <= 4; ++tag) {
      EXPECT_TRUE(filter.Passes(last.Ethernet())) << ports << ' ' << tag;
      last.Vlan(100);
    }
  }
}

// Of which only H.225.0 says where it is; RDP has TPKT, too.
TEST(DefaultFilter, PassesH245OnAnyPort) {
  const Filter filter({});
  const auto passes = [&filter](std::string_view payload) {
    return filter.Passes(PacketBuilder()
                             .From("192.0.2.1", 40000)
                             .To("192.0.2.2", 11000)
                             .Tcp(1)
                             .Payload(std::string(payload))
                             .Ethernet());
  };
  EXPECT_TRUE(passes(std::string_view("\x03\0\0\x07\x21\x80\x01", 7)));
  EXPECT_FALSE(passes(std::string_view("\x03\0\0\x0b\x02\xf0\x80rdp.", 11)));
  EXPECT_FALSE(passes("GET / HTTP/1.1"));
}

}  // namespace
}  // namespace callbraid::sensor
