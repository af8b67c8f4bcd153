#include "common/config/load_config.h"

#include <string>

#include "callbraid/v1/config.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& yaml) {
  v1::SensorConfig config;
  return std::string(ParseConfig(yaml, "s.yaml", config).message());
}

TEST(ParseConfig, BindsNestedMessagesListsAndScalars) {
  v1::SensorConfig config;
  const auto status = ParseConfig(
      "id: s1\n"
      "capture:\n  interfaces: [eth1, eth2]\n  ring_mib: 128\n"
      "uplink:\n  insecure: true\n  tls: {ca: a.pem}\n",
      "s.yaml", config);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(config.id(), "s1");
  EXPECT_EQ(config.capture().interfaces_size(), 2);
  EXPECT_EQ(config.capture().ring_mib(), 128u);
  EXPECT_TRUE(config.uplink().insecure());
  EXPECT_EQ(config.uplink().tls().ca(), "a.pem");
}

TEST(ParseConfig, NamesPlaceAndNearestKey) {
  EXPECT_EQ(ErrorOf("id: s1\ncapture:\n  ring_mb: 4\n"),
            "s.yaml:3:3: unknown key 'ring_mb'; did you mean 'ring_mib'?");
  EXPECT_THAT(ErrorOf("colour: blue\n"), HasSubstr("known here: id, site"));
}

TEST(ParseConfig, NamesPlaceOfAWrongType) {
  EXPECT_EQ(ErrorOf("capture:\n  ring_mib: lots\n"),
            "s.yaml:2:13: 'ring_mib' expects a whole number of 0 or more, not "
            "'lots'");
  EXPECT_THAT(ErrorOf("capture:\n  ring_mib: -1\n"), HasSubstr("s.yaml:2:13"));
  EXPECT_THAT(ErrorOf("capture:\n  interfaces: eth0\n"),
              HasSubstr("expects a list"));
  EXPECT_THAT(ErrorOf("capture: 5\n"), HasSubstr("s.yaml:1:10"));
}

TEST(ParseConfig, RefusesAKeyTwiceAndBadYaml) {
  EXPECT_THAT(ErrorOf("id: a\nid: b\n"), HasSubstr("twice"));
  EXPECT_THAT(ErrorOf("id: [a\n"), HasSubstr("not valid YAML"));
}

TEST(LoadConfig, SaysWhichFileCannotBeRead) {
  v1::SensorConfig config;
  const auto status = LoadConfig("/nonexistent/s.yaml", config);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nonexistent/s.yaml"));
}

}  // namespace
}  // namespace callbraid
