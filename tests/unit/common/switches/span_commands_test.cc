#include "common/switches/span_commands.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

SpanSession Session(std::string_view sources, std::string destination,
                    v1::SpanDirection direction = v1::SPAN_DIRECTION_RX) {
  SpanSession session;
  session.sources = *ParsePorts(sources);
  session.destination = std::move(destination);
  session.direction = direction;
  return session;
}

std::vector<std::string> Commands(const std::string& family,
                                  const SpanSession& session) {
  const auto commands = SpanCommands(*ParseSwitchFamily(family), session);
  EXPECT_TRUE(commands.ok()) << commands.status();
  return commands.ok() ? *commands : std::vector<std::string>();
}

TEST(SpanCommands, SetUpACatalyst2960) {
  EXPECT_THAT(
      Commands("cisco-ios", Session("fa0/5,fa0/6-10", "fa0/3")),
      ElementsAre("configure terminal", "no monitor session 1",
                  "monitor session 1 source interface fa0/5 , fa0/6 - 10 rx",
                  "monitor session 1 destination interface fa0/3 "
                  "encapsulation replicate",
                  "end", "show monitor session 1", "write memory"));
}

TEST(SpanCommands, SetUpANexus) {
  EXPECT_THAT(
      Commands("cisco-nxos", Session("Ethernet1/6-10", "Ethernet1/3",
                                     v1::SPAN_DIRECTION_BOTH)),
      ElementsAre(
          "configure terminal", "interface Ethernet1/3", "  switchport",
          "  switchport monitor", "  no shutdown", "no monitor session 1",
          "monitor session 1", "  source interface Ethernet1/6-10 both",
          "  destination interface Ethernet1/3", "  no shut", "end",
          "show monitor session 1", "copy running-config startup-config"));
}

TEST(SpanCommands, SetUpArubaOsSwitch) {
  EXPECT_THAT(Commands("aruba-os", Session("A1-A5,B2", "A24")),
              ElementsAre("configure", "no mirror 1", "mirror 1 port A24",
                          "interface A1-A5,B2 monitor all in mirror 1", "exit",
                          "show monitor 1", "write memory"));
}

TEST(SpanCommands, SetUpArubaCx) {
  EXPECT_THAT(Commands("aruba-cx", Session("1/1/6-7", "1/1/3")),
              ElementsAre("configure terminal", "no mirror session 1",
                          "mirror session 1", "    source interface 1/1/6 rx",
                          "    source interface 1/1/7 rx",
                          "    destination interface 1/1/3", "    enable",
                          "end", "show mirror 1", "write memory"));
}

TEST(SpanCommands, SetUpJuniper) {
  EXPECT_THAT(
      Commands("juniper",
               Session("ge-0/0/6", "ge-0/0/3", v1::SPAN_DIRECTION_BOTH)),
      ElementsAre(
          "configure", "delete forwarding-options analyzer callbraid1",
          "set forwarding-options analyzer callbraid1 input ingress interface "
          "ge-0/0/6.0",
          "set forwarding-options analyzer callbraid1 input egress interface "
          "ge-0/0/6.0",
          "set forwarding-options analyzer callbraid1 output interface "
          "ge-0/0/3.0",
          "commit and-quit", "show forwarding-options analyzer"));
}

TEST(SpanCommands, SetUpMikrotik) {
  EXPECT_THAT(Commands("mikrotik", Session("ether6", "ether3")),
              Contains("/interface ethernet switch set switch1 "
                       "mirror-source=ether6 mirror-target=ether3"));
  EXPECT_THAT(Commands("mikrotik-crs", Session("ether6-7", "ether3")),
              ElementsAre("/interface ethernet switch port set [find] "
                          "mirror-ingress=no mirror-egress=no",
                          "/interface ethernet switch port set ether6 "
                          "mirror-ingress=yes mirror-egress=no",
                          "/interface ethernet switch port set ether7 "
                          "mirror-ingress=yes mirror-egress=no",
                          "/interface ethernet switch set switch1 "
                          "mirror-target=ether3",
                          "/interface ethernet switch port print"));
}

TEST(SpanCommands, SetUpDellAndItsKin) {
  for (const char* family : {"dell-os6", "edgeswitch", "netgear"}) {
    const auto commands = Commands(family, Session("0/6-7", "0/3"));
    EXPECT_THAT(commands,
                Contains("monitor session 1 source interface 0/7 rx"));
    EXPECT_THAT(commands,
                Contains("monitor session 1 destination interface 0/3"));
    EXPECT_THAT(commands, Contains("monitor session 1 mode"));
  }
  // Both directions are the default and have no word.
  EXPECT_THAT(
      Commands("netgear", Session("0/6", "0/3", v1::SPAN_DIRECTION_BOTH)),
      Contains("monitor session 1 source interface 0/6"));
  EXPECT_THAT(
      Commands("dell-os10", Session("ethernet1/1/6", "ethernet1/1/3")),
      ElementsAre("configure terminal", "no monitor session 1",
                  "interface ethernet1/1/3", " no switchport", " no shutdown",
                  " exit", "monitor session 1 type local",
                  " source interface ethernet1/1/6 rx",
                  " destination interface ethernet1/1/3", " no shut", " end",
                  "show monitor session all", "write memory"));
}

TEST(SpanCommands, SetUpALinuxBridge) {
  EXPECT_THAT(
      Commands("linux", Session("p6", "span0")),
      ElementsAre("ip link set dev span0 nomaster up arp off",
                  "tc qdisc replace dev p6 clsact",
                  // Given twice, the commands still make one copy.
                  "tc filter del dev p6 ingress prio 101 2>/dev/null || true",
                  "tc filter add dev p6 ingress prio 101 protocol all u32 "
                  "match u32 0 0 action mirred egress mirror dev span0 "
                  "continue",
                  // Was it `both` before?
                  "tc filter del dev p6 egress prio 101 2>/dev/null || true"));
}

TEST(SpanCommands, RefuseWhatTheSwitchCannotDo) {
  for (const char* family : {"mikrotik", "unifi"}) {
    const auto commands =
        SpanCommands(*ParseSwitchFamily(family), Session("6-7", "3"));
    EXPECT_THAT(std::string(commands.status().message()),
                HasSubstr("mirrors one port"));
  }
  SpanSession fifth = Session("6", "3");
  fifth.session = 5;
  EXPECT_FALSE(SpanCommands(v1::SWITCH_FAMILY_ARUBA_CX, fifth).ok());
  fifth.session = 67;
  EXPECT_FALSE(SpanCommands(v1::SWITCH_FAMILY_CISCO_IOS, fifth).ok());
}

TEST(SpanCommands, RefuseADestinationThatIsASource) {
  const auto commands = SpanCommands(v1::SWITCH_FAMILY_CISCO_IOS,
                                     Session("fa0/1-8", "FastEthernet0/3"));
  EXPECT_THAT(std::string(commands.status().message()),
              HasSubstr("both source and destination"));
  EXPECT_FALSE(
      SpanCommands(v1::SWITCH_FAMILY_CISCO_IOS, Session("fa0/1", "")).ok());
}

TEST(SpanCommands, AddASourceInEveryFamily) {
  for (const std::string& name : SwitchFamilyNames()) {
    SpanSession session;
    session.sources = {LiteralPort("<port of 10.0.0.7>")};
    const auto family = *ParseSwitchFamily(name);
    const auto commands = AddSourceCommands(family, session);
    ASSERT_TRUE(commands.ok()) << name << ": " << commands.status();
    EXPECT_THAT(*commands, Contains(HasSubstr("<port of 10.0.0.7>"))) << name;
    EXPECT_THAT(*commands, Not(Contains(HasSubstr("no monitor")))) << name;
    EXPECT_FALSE(SwitchFamilyTitle(family).empty());
    EXPECT_FALSE(ShowSpanCommand(family, 1).empty());
    EXPECT_FALSE(FindMacCommand(family, "02:10:00:00:01:03").empty());
  }
}

TEST(SwitchFamily, EveryOneOfTheApiHasAName) {
  EXPECT_EQ(SwitchFamilyNames().size() + 1,
            static_cast<size_t>(v1::SwitchFamily_ARRAYSIZE));
  EXPECT_THAT(std::string(ParseSwitchFamily("x").status().message()),
              HasSubstr("cisco-ios"));
}

TEST(FindMacCommand, WritesTheAddressAsTheSwitchDoes) {
  EXPECT_EQ(FindMacCommand(v1::SWITCH_FAMILY_CISCO_IOS, "02:10:00:00:01:03"),
            "show mac address-table address 0210.0000.0103");
  EXPECT_EQ(
      FindMacCommand(v1::SWITCH_FAMILY_ARUBA_OS_SWITCH, "02:10:00:00:01:03"),
      "show mac-address 021000-000103");
}

}  // namespace
}  // namespace callbraid
