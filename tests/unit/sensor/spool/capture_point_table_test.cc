#include "sensor/spool/capture_point_table.h"

#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

v1::CapturePoint Point(const std::string& name,
                       v1::CaptureKind kind = v1::CAPTURE_KIND_FILE) {
  v1::CapturePoint point;
  point.set_name(name);
  point.set_kind(kind);
  return point;
}

class CapturePointTableTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "tableXXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override { fs::remove_all(dir_); }

  std::string dir_;
};

TEST_F(CapturePointTableTest, KeepsTheIndexOfWhatIsStillInTheSpool) {
  ASSERT_TRUE(
      AgreeOnCapturePoints(dir_, "s", {Point("a"), Point("b")}, true).ok());
  const auto table =
      AgreeOnCapturePoints(dir_, "s", {Point("c"), Point("b")}, false);
  ASSERT_TRUE(table.ok());
  ASSERT_THAT(*table, SizeIs(3));
  EXPECT_EQ(CapturePointIndex(*table, Point("a")), 0u);
  EXPECT_EQ(CapturePointIndex(*table, Point("b")), 1u);
  EXPECT_EQ(CapturePointIndex(*table, Point("c")), 2u);
}

TEST_F(CapturePointTableTest, BeginsAnewWhenTheSpoolIsEmpty) {
  ASSERT_TRUE(AgreeOnCapturePoints(dir_, "s", {Point("a")}, true).ok());
  const auto table = AgreeOnCapturePoints(dir_, "t", {Point("b")}, true);
  ASSERT_TRUE(table.ok());
  EXPECT_THAT(*table, SizeIs(1));
}

TEST_F(CapturePointTableTest, TellsAFileFromAnInterfaceOfTheSameName) {
  ASSERT_TRUE(AgreeOnCapturePoints(dir_, "s", {Point("eth0")}, true).ok());
  const auto table = AgreeOnCapturePoints(
      dir_, "s", {Point("eth0", v1::CAPTURE_KIND_INTERFACE)}, false);
  ASSERT_TRUE(table.ok());
  EXPECT_THAT(*table, SizeIs(2));
}

TEST_F(CapturePointTableTest, TakesOverNewSettings) {
  ASSERT_TRUE(AgreeOnCapturePoints(dir_, "s", {Point("a")}, true).ok());
  v1::CapturePoint changed = Point("a");
  changed.set_filter("udp");
  const auto table = AgreeOnCapturePoints(dir_, "s", {changed}, false);
  ASSERT_TRUE(table.ok());
  ASSERT_THAT(*table, SizeIs(1));
  EXPECT_EQ(table->front().filter(), "udp");
}

TEST_F(CapturePointTableTest, RefusesFramesOfAnotherSensor) {
  ASSERT_TRUE(AgreeOnCapturePoints(dir_, "s", {Point("a")}, true).ok());
  const auto table = AgreeOnCapturePoints(dir_, "t", {Point("a")}, false);
  EXPECT_EQ(table.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(table.status().message()), HasSubstr("'s'"));
}

}  // namespace
}  // namespace callbraid::sensor
