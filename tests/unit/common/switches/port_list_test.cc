#include "common/switches/port_list.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

std::vector<std::string> Names(std::string_view text) {
  const auto ports = ParsePorts(text);
  EXPECT_TRUE(ports.ok()) << ports.status();
  return ports.ok() ? PortNames(*ports) : std::vector<std::string>();
}

TEST(ParsePorts, TakesRangesAsSwitchesWriteThem) {
  EXPECT_THAT(Names("fa0/6 - 8 , fa0/12"),
              ElementsAre("fa0/6", "fa0/7", "fa0/8", "fa0/12"));
  EXPECT_THAT(Names("1/1/6-1/1/7"), ElementsAre("1/1/6", "1/1/7"));
  EXPECT_THAT(Names("A1-A2,B9"), ElementsAre("A1", "A2", "B9"));
  EXPECT_THAT(Names("ether6"), ElementsAre("ether6"));
  EXPECT_THAT(Names("6-7"), ElementsAre("6", "7"));
}

TEST(ParsePorts, KeepsHyphensThatArePartOfAName) {
  EXPECT_THAT(Names("ge-0/0/6"), ElementsAre("ge-0/0/6"));
  EXPECT_THAT(Names("ge-0/0/6-7"), ElementsAre("ge-0/0/6", "ge-0/0/7"));
  EXPECT_THAT(Names("bridge-port"), ElementsAre("bridge-port"));
}

TEST(ParsePorts, RejectsWhatIsNoPort) {
  for (const char* text :
       {"", ",", "fa0/6;reload", "fa0/9-7", "fa0/6-gi0/9", "fa0/1-99999",
        "fa0/9999999", "fa0/6-x", "<port>", "\"6\"", "-all6"}) {
    EXPECT_EQ(ParsePorts(text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(ParsePorts, BoundsTheNumberOfRangesAndPorts) {
  std::string many = "1";
  for (int i = 2; i <= 65; ++i) many += "," + std::to_string(i);
  EXPECT_FALSE(ParsePorts(many).ok());
  EXPECT_FALSE(ParsePorts("1-513").ok());
  EXPECT_THAT(Names("1-512"), SizeIs(512));
  EXPECT_FALSE(ParsePorts(std::string(5000, 'a')).ok());
}

TEST(ContainsPort, KnowsAPortByAnyOfItsNames) {
  const auto ports = *ParsePorts("Gi1/0/6-10");
  EXPECT_TRUE(ContainsPort(ports, "GigabitEthernet1/0/8"));
  EXPECT_TRUE(ContainsPort(ports, "gi1/0/6"));
  EXPECT_FALSE(ContainsPort(ports, "gi1/0/11"));
  EXPECT_FALSE(ContainsPort(ports, "gi2/0/8"));
  EXPECT_FALSE(ContainsPort(ports, "Te1/0/8"));
  EXPECT_FALSE(ContainsPort(ports, "1/0/8"));
  EXPECT_TRUE(ContainsPort(*ParsePorts("1/0/8"), "1/0/8"));
  EXPECT_FALSE(ContainsPort(ports, "CPU"));
}

}  // namespace
}  // namespace callbraid
