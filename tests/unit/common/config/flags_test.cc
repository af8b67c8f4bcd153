#include "common/config/flags.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FlagsTest : public ::testing::Test {
 protected:
  FlagsTest() {
    flags_.String("output,o", "FILE", "where to", output_);
    flags_.Switch("json", "for scripts", json_);
  }
  absl::StatusOr<std::vector<std::string>> Parse(
      std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "program");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    return flags_.Parse(static_cast<int>(argv.size()), argv.data());
  }
  std::string output_;
  bool json_ = false;
  Flags flags_{"usage\n"};
};

TEST_F(FlagsTest, MayStandAnywhere) {
  const auto rest = Parse({"calls", "-o", "a.wav", "show", "--json", "ID"});
  ASSERT_TRUE(rest.ok());
  EXPECT_THAT(*rest, ElementsAre("calls", "show", "ID"));
  EXPECT_EQ(output_, "a.wav");
  EXPECT_TRUE(json_);
}

TEST_F(FlagsTest, TakeValuesAfterEqualsAndEndAtTwoDashes) {
  const auto rest = Parse({"--output=x=y", "--", "--json"});
  ASSERT_TRUE(rest.ok());
  EXPECT_EQ(output_, "x=y");
  EXPECT_THAT(*rest, ElementsAre("--json"));
}

TEST_F(FlagsTest, ExplainMistakes) {
  EXPECT_THAT(std::string(Parse({"--jsno"}).status().message()),
              HasSubstr("did you mean --json?"));
  EXPECT_THAT(std::string(Parse({"-o"}).status().message()),
              HasSubstr("needs a value"));
  EXPECT_THAT(std::string(Parse({"--json=1"}).status().message()),
              HasSubstr("takes no value"));
}

}  // namespace
}  // namespace callbraid
