#include "collector/clocks/clock_survey.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "collector/clocks/common_traffic.h"
#include "collector/index/merged_others.h"
#include "collector/store/clock_window.h"
#include "collector/store/proto_time.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Windows that are looked at, the newest first.
constexpr int64_t kWindows = 6;
// Of drift to speak of: enough windows.
constexpr size_t kEnoughPairs = 256;

int64_t NewestOf(const v1::Sensor& sensor) {
  int64_t newest = 0;
  for (const v1::SensorCapturePoint& point : sensor.capture_points()) {
    newest = std::max<int64_t>(newest, point.report().time_ns());
  }
  return newest;
}

// `fit` leads from the sensor to the reference, so it is what the sensor's
// clock is behind.
v1::SensorClock ToProto(const ClockFit& fit, bool content,
                        const std::string& reference) {
  v1::SensorClock clock;
  clock.set_reference(reference);
  clock.set_source(!content        ? v1::CLOCK_SOURCE_SIGNALLING
                   : fit.both_ways ? v1::CLOCK_SOURCE_BOTH_WAYS
                                   : v1::CLOCK_SOURCE_ONE_WAY);
  // As it is now.
  const ClockPiece& last = fit.sets.empty()
                               ? fit.pieces.back()
                               : fit.PieceAt(fit.sets.back().time_ns);
  clock.set_offset_ns(-last.offset_ns);
  clock.set_uncertainty_ns(static_cast<uint64_t>(last.uncertainty_ns));
  clock.set_drift_ppm(last.drift_ppm == 0 ? 0 : -last.drift_ppm);
  clock.set_drift_uncertainty_ppm(last.drift_uncertainty_ppm);
  *clock.mutable_time() = ToTimestamp(last.reference_ns);
  clock.set_samples(fit.points);
  if (!fit.sets.empty()) {
    v1::ClockStep& step = *clock.mutable_last_step();
    *step.mutable_time() = ToTimestamp(fit.sets.back().time_ns);
    step.set_size_ns(-fit.sets.back().change_ns);
  }
  return clock;
}

}  // namespace

absl::Status ClockSurvey::Compare(const std::string& sensor, int64_t time_ns,
                                  ClockFits& fits,
                                  std::map<std::string, bool>& content) {
  std::map<std::string, CommonTraffic> common;
  size_t pairs = 0;
  // What the sensor told of itself may be some seconds old.
  const int64_t newest = ClockWindowOf(time_ns) + 1;
  for (int64_t window = newest;
       window > newest - kWindows && pairs < kEnoughPairs; --window) {
    ASSIGN_OR_RETURN(const std::vector<const Node*> nodes,
                     samples_.Sampled({sensor, window}));
    for (const Node* node : nodes) {
      const auto by =
          node->is_dialog ? Candidates::By::kDialog : Candidates::By::kContent;
      ASSIGN_OR_RETURN(const Candidates::Found* const mine,
                       candidates_.Sharing(*node, by));
      for (const Node* other : mine->nodes) {
        if (SameSensor(*other, *node) || other->is_dialog != node->is_dialog) {
          continue;
        }
        ASSIGN_OR_RETURN(const Candidates::Found* const theirs,
                         candidates_.Sharing(*other, by));
        const MergedOthers merged(*mine, *theirs);
        if (!SampleClocks(*node, *other, merged.others(), policy_)) continue;
        CommonTraffic& seen = common[other->sensor()];
        if (node->is_dialog) {
          seen.AddDialog(*node, *other);
        } else {
          seen.AddStream(*node, *other);
        }
        ++pairs;
      }
    }
  }
  for (const auto& [other, seen] : common) {
    auto there = seen.Fit();
    auto back = seen.FitBack();
    if (!there || !back) continue;
    fits.try_emplace({sensor, other}, *std::move(there));
    fits.try_emplace({other, sensor}, *std::move(back));
    content[sensor] = content[sensor] || seen.has_content();
    content[other] = content[other] || seen.has_content();
  }
  return absl::OkStatus();
}

absl::StatusOr<std::map<std::string, v1::SensorClock>> ClockSurvey::Take(
    const std::vector<v1::Sensor>& sensors) {
  ClockFits fits;
  std::map<std::string, bool> content;
  std::set<std::string> ids;
  for (const v1::Sensor& sensor : sensors) {
    ids.insert(sensor.id());
    const int64_t newest_ns = NewestOf(sensor);
    if (newest_ns == 0) continue;
    RETURN_IF_ERROR(Compare(sensor.id(), newest_ns, fits, content));
  }
  std::map<std::string, v1::SensorClock> clocks;
  for (const std::string& reference : ids) {
    if (clocks.count(reference) != 0) continue;
    for (const auto& [sensor, fit] : ConnectClocks(fits, reference)) {
      if (sensor != reference && ids.count(sensor) != 0) {
        clocks[sensor] = ToProto(fit, content[sensor], reference);
        clocks[reference].set_source(v1::CLOCK_SOURCE_REFERENCE);
        clocks[reference].set_reference(reference);
      }
    }
  }
  return clocks;
}

}  // namespace callbraid::collector
