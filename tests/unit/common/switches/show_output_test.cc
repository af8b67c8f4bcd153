#include "common/switches/show_output.h"

#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kCatalyst[] =
    "Switch#show monitor session 1\r\n"
    "Session 1\r\n"
    "---------\r\n"
    "Type                   : Local Session\r\n"
    "Source Ports           :\r\n"
    "    RX Only            : Fa0/6-7,Fa0/12\r\n"
    "    TX Only            : None\r\n"
    "    Both               : Fa0/5\r\n"
    "Source VLANs           :\r\n"
    "    RX Only            : None\r\n"
    "    Both               : None\r\n"
    "Destination Ports      : Fa0/3\r\n"
    "    Encapsulation      : Replicate\r\n"
    "          Ingress      : Disabled\r\n"
    "Switch#show mac address-table\r\n"
    "          Mac Address Table\r\n"
    "Vlan    Mac Address       Type        Ports\r\n"
    "----    -----------       --------    -----\r\n"
    " All    0100.0ccc.cccc    STATIC      CPU\r\n"
    "  10    0210.0000.0103    DYNAMIC     Fa0/9\r\n";

TEST(ParseShowOutput, ReadsASessionOfACatalyst) {
  const ShowOutput output = ParseShowOutput(kCatalyst);
  ASSERT_THAT(output.sessions, SizeIs(1));
  const ShownSession& session = output.sessions[0];
  EXPECT_EQ(session.session, 1);
  EXPECT_THAT(PortNames(session.rx), ElementsAre("Fa0/6", "Fa0/7", "Fa0/12"));
  EXPECT_THAT(session.tx, IsEmpty());
  EXPECT_THAT(PortNames(session.both), ElementsAre("Fa0/5"));
  EXPECT_FALSE(session.has_source_vlans);
  EXPECT_THAT(PortNames(session.destinations), ElementsAre("Fa0/3"));
  EXPECT_EQ(session.encapsulation, "Replicate");
  EXPECT_FALSE(output.says_none);
}

TEST(ParseShowOutput, ReadsTheMacTableBehindIt) {
  const ShowOutput output = ParseShowOutput(kCatalyst);
  // What is at the CPU is on no port.
  ASSERT_THAT(output.macs, SizeIs(1));
  EXPECT_EQ(output.macs[0].mac, "02:10:00:00:01:03");
  EXPECT_EQ(output.macs[0].vlan_id, 10u);
  EXPECT_EQ(output.macs[0].port, "Fa0/9");
}

TEST(ParseShowOutput, ReadsASessionOfANexus) {
  const ShowOutput output = ParseShowOutput(
      "   session 2\n---------------\ntype              : local\n"
      "state             : down (Session admin shut)\nsource intf       :\n"
      "    rx            : Eth1/6        Eth1/7\n    tx            : Eth1/8\n"
      "source VLANs      :\n    rx            : 10\n"
      "destination ports : Eth1/3\n");
  ASSERT_THAT(output.sessions, SizeIs(1));
  EXPECT_THAT(PortNames(output.sessions[0].rx),
              ElementsAre("Eth1/6", "Eth1/7"));
  EXPECT_THAT(PortNames(output.sessions[0].tx), ElementsAre("Eth1/8"));
  EXPECT_TRUE(output.sessions[0].has_source_vlans);
  EXPECT_EQ(output.sessions[0].state, "down (Session admin shut)");
}

TEST(ParseShowOutput, FollowsAListOverTheEndOfALine) {
  const ShowOutput output = ParseShowOutput(
      "Session 1\n    Both               : Gi1/0/1-4,\n"
      "                         Gi1/0/9\nDestination Ports      : Gi1/0/24\n");
  ASSERT_THAT(output.sessions, SizeIs(1));
  EXPECT_THAT(PortNames(output.sessions[0].both), SizeIs(5));
}

TEST(ParseShowOutput, HearsThatThereIsNoSession) {
  EXPECT_TRUE(ParseShowOutput("No SPAN configuration is present in the system "
                              "for session [1].\n")
                  .says_none);
}

TEST(ParseShowOutput, ReadsMacTablesOfOthers) {
  const ShowOutput nexus = ParseShowOutput(
      "   VLAN     MAC Address      Type      age     Secure NTFY Ports\n"
      "*   10     0210.0000.0103   dynamic  0         F      F    Eth1/9\n");
  ASSERT_THAT(nexus.macs, SizeIs(1));
  EXPECT_EQ(nexus.macs[0].port, "Eth1/9");
  EXPECT_EQ(nexus.macs[0].vlan_id, 10u);
  const ShowOutput aruba = ParseShowOutput(
      "  MAC Address   Port  VLAN\n  ------------- ----- ----\n"
      "  021000-000103 A9    10\n");
  ASSERT_THAT(aruba.macs, SizeIs(1));
  EXPECT_EQ(aruba.macs[0].port, "A9");
  const ShowOutput cx = ParseShowOutput(
      "MAC Address          VLAN     Type                      Port\n"
      "02:10:00:00:01:03    10       dynamic                   1/1/9\n");
  ASSERT_THAT(cx.macs, SizeIs(1));
  EXPECT_EQ(cx.macs[0].port, "1/1/9");
}

TEST(ParseShowOutput, SurvivesAnythingOfAnyLength) {
  EXPECT_THAT(ParseShowOutput("").sessions, IsEmpty());
  std::mt19937 random(7);
  const std::string alphabet = std::string(kCatalyst) + "\0\xff:-,\n ";
  for (int round = 0; round < 2000; ++round) {
    std::string text(kCatalyst);
    for (int i = 0; i < 20; ++i) {
      text[random() % text.size()] = alphabet[random() % alphabet.size()];
    }
    const ShowOutput output = ParseShowOutput(text);
    for (const ShownSession& session : output.sessions) {
      EXPECT_LE(PortNames(session.both).size(), 64u * 512);
    }
  }
  std::string sessions;
  for (int i = 0; i < 1000; ++i) sessions += "Session 1\n";
  EXPECT_THAT(ParseShowOutput(sessions).sessions,
              SizeIs(ShowOutput::kMaxSessions));
}

}  // namespace
}  // namespace callbraid
