#include "collector/ingest/sensor_budget.h"

#include <algorithm>

namespace callbraid::collector {
namespace {

constexpr uint32_t kDefaultMibPerSecond = 64;
constexpr uint32_t kDefaultFramesPerSecond = 50'000;
constexpr uint32_t kDefaultObservationsPerMinute = 60'000;
// What may be saved up: a sensor that was away for a moment catches up at once.
constexpr double kSavedSeconds = 4;
constexpr double kSavedSecondsOfObservations = 60;

double Or(uint32_t value, uint32_t fallback) {
  return value == 0 ? fallback : value;
}

}  // namespace

SensorBudget::SensorBudget(const v1::IngestConfig& config, int64_t now_ns)
    : filled_ns_(now_ns),
      bytes_(Or(config.max_mib_per_second(), kDefaultMibPerSecond) *
                 (size_t{1} << 20),
             kSavedSeconds),
      frames_(Or(config.max_frames_per_second(), kDefaultFramesPerSecond),
              kSavedSeconds),
      observations_(Or(config.max_observations_per_minute(),
                       kDefaultObservationsPerMinute) /
                        60,
                    kSavedSecondsOfObservations) {}

void SensorBudget::Bucket::Fill(int64_t elapsed_ns) {
  left_ = std::min(size_, left_ + per_ns_ * static_cast<double>(elapsed_ns));
}

bool SensorBudget::IsOpen(int64_t now_ns) {
  const int64_t elapsed_ns = now_ns - filled_ns_;
  filled_ns_ = now_ns;
  bool open = true;
  for (Bucket* const bucket : {&bytes_, &frames_, &observations_}) {
    bucket->Fill(elapsed_ns);
    open = open && !bucket->overdrawn();
  }
  return open;
}

void SensorBudget::Spend(size_t bytes, uint64_t frames, uint64_t observations) {
  bytes_.Take(static_cast<double>(bytes));
  frames_.Take(static_cast<double>(frames));
  observations_.Take(static_cast<double>(observations));
}

}  // namespace callbraid::collector
