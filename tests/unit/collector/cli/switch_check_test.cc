#include "collector/cli/switch_check.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::cli {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr v1::SwitchFamily kFamily = v1::SWITCH_FAMILY_CISCO_IOS;

std::string Session(const std::string& rx, const std::string& tx,
                    const std::string& both,
                    const std::string& destination = "Fa0/3") {
  return "Session 1\n---------\nType : Local Session\nSource Ports :\n"
         "    RX Only : " +
         rx + "\n    TX Only : " + tx + "\n    Both : " + both +
         "\nDestination Ports : " + destination +
         "\n    Encapsulation : Replicate\n";
}

constexpr char kMacs[] =
    "Vlan    Mac Address       Type        Ports\n"
    "  10    0210.0000.0101    DYNAMIC     Fa0/6\n"
    "  10    0210.0000.0103    DYNAMIC     Fa0/9\n"
    "  10    0210.0000.0201    DYNAMIC     Gi0/1\n"
    "  10    0210.0000.0202    DYNAMIC     Gi0/1\n"
    "  10    0210.0000.0203    DYNAMIC     Gi0/1\n"
    "  10    0210.0000.0204    DYNAMIC     Gi0/1\n"
    "  10    0210.0000.0205    DYNAMIC     Gi0/1\n";

v1::SignallingHost Phone(const std::string& mac, uint32_t calls,
                         uint32_t heard) {
  v1::SignallingHost host;
  host.set_address("10.10.0.103");
  host.set_number("103");
  host.set_mac(mac);
  host.set_calls(calls);
  host.set_calls_heard(heard);
  return host;
}

std::vector<SwitchFinding> Check(const std::string& shown,
                                 const std::vector<v1::SignallingHost>& hosts) {
  v1::DiagnoseResponse diagnosis;
  for (const auto& host : hosts) *diagnosis.add_hosts() = host;
  return CheckSwitch(ParseShowOutput(shown), diagnosis, kFamily);
}

// The worst finding.
SwitchFinding Worst(const std::string& shown,
                    const std::vector<v1::SignallingHost>& hosts = {}) {
  const auto findings = Check(shown, hosts);
  return findings.empty() ? SwitchFinding() : findings.front();
}

TEST(CheckSwitch, SaysThatASingleSourceIsRxOnly) {
  const SwitchFinding worst = Worst(Session("Fa0/5", "None", "None"));
  EXPECT_EQ(worst.severity, v1::SEVERITY_PROBLEM);
  EXPECT_THAT(worst.text, HasSubstr("RX only on its single source Fa0/5"));
  EXPECT_THAT(worst.commands,
              Contains("monitor session 1 source interface Fa0/5 both"));
}

TEST(CheckSwitch, SaysThatASessionIsTxOnly) {
  const SwitchFinding worst = Worst(Session("None", "Fa0/5-6", "None"));
  EXPECT_EQ(worst.severity, v1::SEVERITY_PROBLEM);
  EXPECT_THAT(worst.text, HasSubstr("TX only"));
  EXPECT_THAT(worst.commands,
              Contains("monitor session 1 source interface Fa0/5 - 6 rx"));
}

TEST(CheckSwitch, SaysThatBothDirectionsOfManyPortsDouble) {
  const SwitchFinding worst = Worst(Session("None", "None", "Fa0/5-10"));
  EXPECT_EQ(worst.severity, v1::SEVERITY_WARNING);
  EXPECT_THAT(worst.text, HasSubstr("comes twice"));
  EXPECT_THAT(worst.commands,
              Contains("monitor session 1 source interface Fa0/5 - 10 rx"));
  EXPECT_THAT(worst.commands,
              Contains("monitor session 1 destination interface Fa0/3 "
                       "encapsulation replicate"));
}

TEST(CheckSwitch, IsContentWithBothDirectionsOfThePbxAlone) {
  EXPECT_THAT(Check(Session("None", "None", "Fa0/5"), {}), IsEmpty());
}

TEST(CheckSwitch, SeesWhatIsMissingOfASession) {
  EXPECT_THAT(Worst(Session("None", "None", "None")).text,
              HasSubstr("no source ports"));
  EXPECT_THAT(Worst(Session("None", "None", "Fa0/5", "None")).text,
              HasSubstr("no destination port"));
  EXPECT_THAT(Worst(Session("None", "None", "Fa0/3")).text,
              HasSubstr("cannot be both"));
  EXPECT_THAT(
      Worst("No SPAN configuration is present in the system for session [1]")
          .text,
      HasSubstr("no such SPAN session"));
}

TEST(CheckSwitch, NamesThePortOfAPhoneThatIsNotHeard) {
  const SwitchFinding worst = Worst(Session("Fa0/5-8", "None", "None") + kMacs,
                                    {Phone("02:10:00:00:01:03", 3, 0)});
  EXPECT_EQ(worst.severity, v1::SEVERITY_PROBLEM);
  EXPECT_THAT(worst.text, HasSubstr("Port Fa0/9 of phone 103 (10.10.0.103)"));
  EXPECT_THAT(worst.commands,
              ElementsAre("configure terminal",
                          "monitor session 1 source interface Fa0/9 rx", "end",
                          "write memory"));
}

TEST(CheckSwitch, DoesNotBlameAPortThatIsASource) {
  const auto findings = Check(Session("None", "None", "Fa0/6") + kMacs,
                              {Phone("02:10:00:00:01:01", 3, 3)});
  EXPECT_THAT(findings, IsEmpty());
  EXPECT_EQ(Worst(Session("None", "None", "Fa0/6") + kMacs,
                  {Phone("02:10:00:00:01:01", 3, 1)})
                .severity,
            v1::SEVERITY_WARNING);
}

TEST(CheckSwitch, KnowsAnUplinkByItsManyHosts) {
  const SwitchFinding worst = Worst(Session("None", "None", "Fa0/6") + kMacs,
                                    {Phone("02:10:00:00:02:03", 3, 0)});
  EXPECT_THAT(worst.text, HasSubstr("behind port Gi0/1 with 4 others"));
}

TEST(CheckSwitch, AsksForTheMacTableWhereItIsNotThere) {
  const SwitchFinding worst = Worst(Session("None", "None", "Fa0/6"),
                                    {Phone("02:10:00:00:01:03", 3, 0)});
  EXPECT_THAT(worst.text, HasSubstr("paste the MAC address table"));
  EXPECT_THAT(worst.commands,
              ElementsAre("show mac address-table address 0210.0000.0103"));
}

TEST(RenderFindings, PutsCommandsUnderWhatTheyCure) {
  const std::string text =
      RenderFindings({{v1::SEVERITY_PROBLEM, "Bad \x1b[31m.", {"do this"}}});
  EXPECT_EQ(text.rfind("PROBLEM  Bad ", 0), 0u);
  EXPECT_THAT(text, HasSubstr("\n           do this\n"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace callbraid::cli
