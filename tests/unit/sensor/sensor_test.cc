#include "sensor/sensor.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "sensor/sensor_config.h"
#include "sensor/spool/capture_point_table.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/capture_file.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid::sensor {
namespace {

namespace fs = std::filesystem;

// One that keeps no more media, and what it left when it did.
class SensorThatKept : public testing::Test {
 protected:
  void SetUp() override {
    Leave("kept-media");
    // As many as there may be.
    std::vector<v1::CapturePoint> points(63);
    for (size_t i = 0; i < points.size(); ++i) {
      points[i].set_name(absl::StrCat("eth", i));
      points[i].set_kind(v1::CAPTURE_KIND_INTERFACE);
    }
    ASSERT_TRUE(AgreeOnCapturePoints(spool_, "before", points, true).ok());
  }

  // A chunk of just now.
  void Leave(const std::string& folder) {
    SpoolOptions options;
    options.dir = absl::StrCat(spool_, "/", folder);
    auto spool = Spool::Open(options);
    ASSERT_TRUE(spool.ok()) << spool.status();
    v1::FrameBatch batch;
    *batch.add_frames() = fakes::Stream{.start_ns = clock_.WallNs()}.Run(0, 25);
    const auto frames =
        std::make_shared<const std::string>(batch.SerializeAsString());
    ASSERT_TRUE((*spool)->Append(frames, 1).ok());
  }
  bool HasKept() const {
    const fs::path folder = spool_ + "/kept-media";
    if (!fs::exists(folder)) return false;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".seg") return true;
    }
    return false;
  }
  absl::Status Start(const std::string& id, int files = 1) {
    v1::SensorConfig config;
    config.set_id(id);
    for (int i = 0; i < files; ++i) {
      const std::string path = absl::StrCat(dir_.path(), "/", i, ".pcap");
      fakes::WriteFile(path, fakes::CaptureFile().bytes());
      config.mutable_capture()->add_files(path);
    }
    config.mutable_spool()->set_dir(spool_);
    config.mutable_uplink()->set_collector("localhost:1");
    config.mutable_uplink()->set_insecure(true);
    SetDefaults(config);
    return Sensor::Create(config, "1.2.3", clock_).status();
  }

  const SystemClock clock_{};
  const fakes::TempDir dir_;
  const std::string spool_ = dir_.path() + "/spool";
};

TEST_F(SensorThatKept, HasItStillForWhoAsks) {
  EXPECT_TRUE(Start("before").ok());
  EXPECT_TRUE(HasKept());
}

TEST_F(SensorThatKept, CanBeRenamed) {
  const absl::Status status = Start("after");
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_FALSE(HasKept());
  EXPECT_TRUE(Start("after").ok());
  EXPECT_FALSE(fs::exists(spool_ + "/kept-media"));
}

TEST_F(SensorThatKept, CanHaveAnyNumberOfInterfacesInItsTime) {
  const absl::Status status = Start("before", 2);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_FALSE(HasKept());
}

// What is not delivered stops it, and nothing is dropped for it.
TEST_F(SensorThatKept, CannotBeRenamedBeforeItHasDelivered) {
  Leave("signalling");
  EXPECT_TRUE(absl::IsFailedPrecondition(Start("after")));
  EXPECT_TRUE(HasKept());
}

}  // namespace
}  // namespace callbraid::sensor
