#include "collector/store/rocksdb_coordination_store.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "common/base/status_macros.h"

namespace callbraid::collector {

absl::StatusOr<uint64_t> RocksDbCoordinationStore::GetWatermark(
    const std::string& sensor, uint64_t spool_id) {
  // Without it the sensor sends all that it still has once more.
  ASSIGN_OR_RETURN(
      const std::optional<std::string> value,
      engine_.GetUnlessDamaged(Family::kWatermarks,
                               EncodeWatermarkKey(sensor, spool_id)));
  if (!value) return uint64_t{0};
  const auto sequence = DecodeBe64(*value);
  if (!sequence) return engine_.Damaged(Family::kWatermarks);
  return *sequence;
}

absl::StatusOr<v1::Sensor> RocksDbCoordinationStore::GetSensor(
    const std::string& id) {
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   engine_.Get(Family::kSensors, id));
  if (!value) return absl::NotFoundError("no sensor '" + id + "'");
  v1::Sensor sensor;
  if (!sensor.ParseFromString(*value)) {
    return engine_.Damaged(Family::kSensors);
  }
  return sensor;
}

absl::StatusOr<std::vector<v1::Sensor>>
RocksDbCoordinationStore::ListSensors() {
  std::vector<v1::Sensor> sensors;
  const auto iterator = engine_.NewIterator(Family::kSensors);
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    const rocksdb::Slice value = iterator->value();
    if (!sensors.emplace_back().ParseFromArray(
            value.data(), static_cast<int>(value.size()))) {
      return engine_.Damaged(Family::kSensors);
    }
  }
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  return sensors;
}

absl::Status RocksDbCoordinationStore::Put(const CommitGroup& group,
                                           RocksDbBatch& batch) {
  std::map<std::pair<std::string, uint64_t>, uint64_t> watermarks;
  for (const SpoolWatermark& watermark : group.watermarks) {
    uint64_t& highest = watermarks[{watermark.sensor, watermark.spool_id}];
    highest = std::max(highest, watermark.sequence);
  }
  for (const auto& [spool, sequence] : watermarks) {
    ASSIGN_OR_RETURN(const uint64_t stored,
                     GetWatermark(spool.first, spool.second));
    if (sequence <= stored) continue;
    batch.Put(Family::kWatermarks,
              EncodeWatermarkKey(spool.first, spool.second),
              EncodeBe64(sequence));
  }

  for (const v1::Sensor& sensor : group.sensors) {
    batch.Put(Family::kSensors, sensor.id(), sensor.SerializeAsString());
  }

  std::map<std::string, int64_t> ends;
  for (const CaptureEnd& end : group.capture_ends) {
    const auto [time, added] = ends.try_emplace(
        EncodeCaptureEndKey(end.sensor, end.capture_point), end.time_ns);
    if (!added) time->second = std::max(time->second, end.time_ns);
  }
  for (const auto& [key, time_ns] : ends) {
    ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                     engine_.GetUnlessDamaged(Family::kCaptureEnds, key));
    const std::string value = EncodeTime(time_ns);
    if (stored && *stored >= value) continue;
    batch.Put(Family::kCaptureEnds, key, value);
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
