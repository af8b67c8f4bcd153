#include "sensor/spool/capture_point_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "sensor/spool/file.h"

namespace callbraid::sensor {
namespace {

constexpr char kName[] = "capture_points";
// Of v1::Hello.
constexpr size_t kMaxCapturePoints = 64;

template <typename Table>
auto Find(Table& table, const v1::CapturePoint& point) {
  return std::find_if(
      table.begin(), table.end(), [&point](const v1::CapturePoint& other) {
        return other.kind() == point.kind() && other.name() == point.name();
      });
}

absl::StatusOr<v1::Hello> ReadTable(const std::string& dir) {
  const std::string path = absl::StrCat(dir, "/", kName);
  v1::Hello table;
  const auto contents = ReadFile(path, size_t{1} << 20);
  if (absl::IsNotFound(contents.status())) return table;
  RETURN_IF_ERROR(contents.status());
  if (!table.ParseFromString(*contents)) {
    return absl::DataLossError(absl::StrCat(
        path, " is damaged; empty the folder ", dir,
        ", which loses the frames in it, or name another with --spool"));
  }
  return table;
}

}  // namespace

absl::StatusOr<std::vector<v1::CapturePoint>> AgreeOnCapturePoints(
    const std::string& dir, const std::string& sensor_id,
    const std::vector<v1::CapturePoint>& wanted, bool spool_is_empty) {
  std::vector<v1::CapturePoint> table;
  if (!spool_is_empty) {
    ASSIGN_OR_RETURN(const v1::Hello before, ReadTable(dir));
    if (!before.sensor_id().empty() && before.sensor_id() != sensor_id) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the spool ", dir, " holds frames of the sensor '",
          before.sensor_id(), "' that are not delivered; start it as '",
          before.sensor_id(), "' first, or name another folder with --spool"));
    }
    table.assign(before.capture_points().begin(),
                 before.capture_points().end());
  }
  for (const v1::CapturePoint& point : wanted) {
    const auto known = Find(table, point);
    if (known == table.end()) {
      table.push_back(point);
    } else {
      // Its settings may have changed since.
      *known = point;
    }
  }
  if (table.size() > kMaxCapturePoints) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the spool ", dir, " holds frames of ", table.size() - wanted.size(),
        " other capture points, with which there would be more than ",
        kMaxCapturePoints,
        "; let it deliver them first, or name another folder with --spool"));
  }
  v1::Hello after;
  after.set_sensor_id(sensor_id);
  after.mutable_capture_points()->Assign(table.begin(), table.end());
  RETURN_IF_ERROR(ReplaceFile(dir, kName, after.SerializeAsString()));
  return table;
}

uint32_t CapturePointIndex(const std::vector<v1::CapturePoint>& table,
                           const v1::CapturePoint& point) {
  return static_cast<uint32_t>(Find(table, point) - table.begin());
}

}  // namespace callbraid::sensor
