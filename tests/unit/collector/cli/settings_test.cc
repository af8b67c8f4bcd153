#include "collector/cli/settings.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "gtest/gtest.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::cli {
namespace {

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    std::filesystem::create_directories(home_.path() + "/.config/callbraid");
    variables_["HOME"] = home_.path();
  }

  void WriteFile(const std::string& yaml) {
    std::ofstream(home_.path() + "/.config/callbraid/client.yaml") << yaml;
  }
  absl::StatusOr<v1::ClientConfig> Result() {
    return Settings(flags_, [this](const char* name) -> const char* {
      const auto variable = variables_.find(name);
      return variable == variables_.end() ? nullptr : variable->second.c_str();
    });
  }

  const fakes::TempDir home_;
  std::map<std::string, std::string> variables_;
  ConnectionFlags flags_;
};

TEST_F(SettingsTest, DefaultToTheLocalCollectorWithTls) {
  EXPECT_EQ(Result()->collector(), "127.0.0.1:4700");
  EXPECT_FALSE(Result()->insecure());
}

TEST_F(SettingsTest, FlagBeatsEnvironmentBeatsFile) {
  WriteFile("collector: file:1\n");
  EXPECT_EQ(Result()->collector(), "file:1");
  variables_["CALLBRAID_COLLECTOR"] = "variable:2";
  EXPECT_EQ(Result()->collector(), "variable:2");
  flags_.collector = "flag:3";
  EXPECT_EQ(Result()->collector(), "flag:3");
}

TEST_F(SettingsTest, PlaintextByFlagOverridesTlsOfTheFile) {
  WriteFile("tls:\n  ca: ca.pem\n  cert: c.pem\n  key: k.pem\n");
  flags_.insecure = true;
  EXPECT_TRUE(Result()->insecure());
  EXPECT_EQ(Result()->tls().ca(), "");
}

TEST_F(SettingsTest, TlsByEnvironmentOverridesPlaintextOfTheFile) {
  WriteFile("insecure: true\n");
  variables_["CALLBRAID_TLS_CA"] = "ca.pem";
  EXPECT_FALSE(Result()->insecure());
  EXPECT_EQ(Result()->tls().ca(), "ca.pem");
}

TEST_F(SettingsTest, RefuseATruthValueThatIsNone) {
  variables_["CALLBRAID_INSECURE"] = "maybe";
  EXPECT_FALSE(Result().ok());
  variables_["CALLBRAID_INSECURE"] = "1";
  EXPECT_TRUE(Result()->insecure());
}

TEST_F(SettingsTest, NameTheFileThatIsWrong) {
  WriteFile("colector: a:1\n");
  const auto settings = Result();
  ASSERT_FALSE(settings.ok());
  EXPECT_NE(std::string(settings.status().message()).find("client.yaml:1"),
            std::string::npos);
}

TEST_F(SettingsTest, RefuseAMissingFileOnlyIfAFlagNamesIt) {
  EXPECT_TRUE(Result().ok());
  flags_.config = home_.path() + "/absent.yaml";
  EXPECT_EQ(Result().status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SettingsTest, ATokenComesFromAFileOrTheEnvironment) {
  const auto token = [this] {
    return ReadToken(
        flags_,
        [this](const char* name) -> const char* {
          const auto variable = variables_.find(name);
          return variable == variables_.end() ? nullptr
                                              : variable->second.c_str();
        },
        *Result());
  };
  const auto file = [this](const std::string& name, const std::string& text) {
    std::ofstream(home_.path() + "/" + name) << text;
    return home_.path() + "/" + name;
  };
  EXPECT_EQ(*token(), "");
  WriteFile("token_file: " + file("a", "cbt_a\n") + "\n");
  EXPECT_EQ(*token(), "cbt_a");
  variables_["CALLBRAID_TOKEN_FILE"] = file("b", "cbt_b");
  EXPECT_EQ(*token(), "cbt_b");
  variables_["CALLBRAID_TOKEN"] = "cbt_c";
  EXPECT_EQ(*token(), "cbt_c");
  flags_.token_file = file("d", " cbt_d \r\n");
  EXPECT_EQ(*token(), "cbt_d");
  for (const std::string& bad :
       {file("e", ""), file("f", "a\nb: c"), file("g", "a b"),
        home_.path() + "/absent", home_.path()}) {
    flags_.token_file = bad;
    EXPECT_TRUE(absl::IsInvalidArgument(token().status())) << bad;
  }
}

}  // namespace
}  // namespace callbraid::cli
