#include "collector/cli/call_selection.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::cli {
namespace {

// From 101 to 102 in Berlin, talking, seen by s1.
v1::Call Talking() {
  v1::Call call;
  call.set_caller("+4930101");
  call.set_callee("102");
  call.set_state(v1::CALL_STATE_ACTIVE);
  call.add_sensors("s1");
  call.add_legs()->add_observations()->set_site("berlin");
  call.add_streams()->add_observations()->set_site("bonn");
  call.add_flags(v1::CALL_FLAG_ONE_WAY);
  call.mutable_annotation()->add_tags("vip");
  call.set_listening_mos(3.5);
  return call;
}

// Whether what `flags` say is true of `call`.
bool Holds(std::vector<std::string> flags, const v1::Call& call) {
  CallConditions conditions;
  Flags known("");
  conditions.AddFlags(known);
  flags.insert(flags.begin(), "callbraid");
  std::vector<char*> argv;
  for (std::string& flag : flags) argv.push_back(flag.data());
  const auto parsed = known.Parse(static_cast<int>(argv.size()), argv.data());
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(conditions.empty(), flags.size() == 1);
  return conditions.HoldFor(call);
}

TEST(CallConditions, HoldForWhatACallTells) {
  const v1::Call call = Talking();
  EXPECT_TRUE(Holds({}, call));
  EXPECT_TRUE(Holds({}, v1::Call()));
  const std::vector<std::string> good[] = {
      {"--number", "+4930"},
      {"--number", "10"},
      {"--site", "berlin"},
      {"--site", "bonn"},
      {"--sensor", "s1"},
      {"--state", "ringing,active"},
      {"--tag", "vip"},
      {"--flag", "no-media,one-way"},
      {"--mos-above", "3.5"},
      {"--mos-below", "3.6"},
      {"--site", "berlin", "--state", "active", "--number", "102"}};
  for (const auto& flags : good) {
    EXPECT_TRUE(Holds(flags, call)) << flags[0] << " " << flags[1];
    EXPECT_FALSE(Holds(flags, v1::Call())) << flags[0] << " " << flags[1];
  }
}

TEST(CallConditions, AllMustHold) {
  const v1::Call call = Talking();
  const std::vector<std::string> bad[] = {
      {"--number", "4930"},   {"--site", "ber"},
      {"--sensor", "s"},      {"--state", "ringing,completed"},
      {"--tag", "VIP"},       {"--flag", "no-media"},
      {"--mos-above", "3.6"}, {"--mos-below", "3.5"},
      {"--on-hold"},          {"--site", "berlin", "--state", "ringing"}};
  for (const auto& flags : bad) {
    EXPECT_FALSE(Holds(flags, call)) << flags[0];
  }
  v1::Call held = call;
  held.mutable_hold()->set_user("ann");
  EXPECT_TRUE(Holds({"--on-hold"}, held));
}

}  // namespace
}  // namespace callbraid::cli
