#include "sensor/tls/key_log_follower.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::sensor {
namespace {

using ::testing::HasSubstr;

ClientRandom RandomOf(int n) {
  ClientRandom random = {};
  random[31] = static_cast<uint8_t>(n);
  return random;
}

std::string Line(int n) {
  char random[65];
  std::snprintf(random, sizeof(random), "%064x", n);
  return "CLIENT_RANDOM " + std::string(random) + " " + std::string(96, '1') +
         "\n";
}

class KeyLogFollowerTest : public testing::Test {
 protected:
  void Append(const std::string& text) {
    std::ofstream(path_, std::ios::app) << text;
  }
  bool Has(int n) { return keys_.Find(RandomOf(n)).has_value(); }

  fakes::TempDir dir_;
  const std::string path_ = dir_.path() + "/keys.log";
  fakes::FakeClock clock_;
  TlsKeys keys_{{}, clock_};
  KeyLogFollower follower_{{path_}, keys_};
};

TEST_F(KeyLogFollowerTest, ReadsWhatIsAppended) {
  follower_.Poll();  // Not there yet.
  Append(Line(1));
  follower_.Poll();
  EXPECT_TRUE(Has(1));
  const std::string line = Line(2);
  Append(line.substr(0, 90));
  follower_.Poll();
  EXPECT_FALSE(Has(2));
  Append(line.substr(90));
  follower_.Poll();
  EXPECT_TRUE(Has(2));
}

TEST_F(KeyLogFollowerTest, GoesOnWithAFileThatWasCutToNothing) {
  Append(Line(1) + Line(2));
  follower_.Poll();
  std::filesystem::resize_file(path_, 0);
  follower_.Poll();
  Append(Line(3));
  follower_.Poll();
  EXPECT_TRUE(Has(3));
}

TEST_F(KeyLogFollowerTest, ReadsTheRestOfAFileThatIsReplacedAndTheNext) {
  Append(Line(1));
  follower_.Poll();
  Append(Line(2));
  std::filesystem::rename(path_, path_ + ".1");
  Append(Line(3));
  follower_.Poll();
  follower_.Poll();
  EXPECT_TRUE(Has(1) && Has(2) && Has(3));
}

TEST_F(KeyLogFollowerTest, ReadsAPipeAlsoAfterItsWriterEnded) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  follower_.Poll();
  for (int n = 1; n <= 2; ++n) {
    const int writer = open(path_.c_str(), O_WRONLY | O_NONBLOCK);
    ASSERT_GE(writer, 0);
    const std::string line = Line(n);
    ASSERT_EQ(write(writer, line.data(), line.size()),
              static_cast<ssize_t>(line.size()));
    follower_.Poll();
    close(writer);
    follower_.Poll();
    EXPECT_TRUE(Has(n));
  }
}

TEST_F(KeyLogFollowerTest, PassesOverLinesThatAreNone) {
  Append("not a key log\n" + std::string(100'000, 'x') + "\n" + Line(1));
  follower_.Poll();
  EXPECT_TRUE(Has(1));
  EXPECT_EQ(keys_.size(), 1u);
}

TEST_F(KeyLogFollowerTest, ReadsAWholeFileAlsoWithoutALastLineEnd) {
  Append(Line(1) + Line(2).substr(0, Line(2).size() - 1));
  ASSERT_TRUE(follower_.ReadAll().ok());
  EXPECT_TRUE(Has(1) && Has(2));
}

TEST_F(KeyLogFollowerTest, SaysWhatCannotBeRead) {
  EXPECT_THAT(std::string(follower_.ReadAll().message()),
              HasSubstr("keys.log': No such file"));
  ASSERT_EQ(mkdir(path_.c_str(), 0700), 0);
  EXPECT_THAT(std::string(follower_.ReadAll().message()),
              HasSubstr("Is a directory"));
}

TEST(TlsKeys, ForgetsWhatIsOldAndWhatIsTooMuch) {
  fakes::FakeClock clock;
  TlsKeys keys({.max_connections = 2, .keep = absl::Seconds(10)}, clock);
  EXPECT_FALSE(keys.active());
  const uint64_t before = keys.generation();
  keys.AddText(Line(1) + Line(2) + Line(3));
  EXPECT_TRUE(keys.active());
  EXPECT_NE(keys.generation(), before);
  EXPECT_FALSE(keys.Find(RandomOf(1)));
  EXPECT_TRUE(keys.Find(RandomOf(2)));
  clock.Advance(11'000'000'000);
  keys.Add(Line(4));
  keys.Expire();
  EXPECT_FALSE(keys.Find(RandomOf(2)));
  EXPECT_TRUE(keys.Find(RandomOf(4)));
}

TEST(TlsKeys, CountsMalformedLines) {
  fakes::FakeClock clock;
  TlsKeys keys({}, clock);
  EXPECT_EQ(keys.AddText("x y z\n" + Line(1) + "nonsense"), 2u);
  EXPECT_EQ(keys.size(), 1u);
}

}  // namespace
}  // namespace callbraid::sensor
