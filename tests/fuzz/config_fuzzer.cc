// A settings file, as any operator may write it: read as each program does.
// What is taken must be taken again from the settings that it came to, and
// defaults filled in twice are those filled in once.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "callbraid/v1/config.pb.h"
#include "collector/collector_config.h"
#include "common/config/load_config.h"
#include "sensor/sensor_config.h"

namespace {

template <typename Config>
bool Read(const std::string& yaml, Config& config) {
  const absl::Status status =
      callbraid::ParseConfig(yaml, "settings.yaml", config);
  // Whoever reads it must know where to look.
  if (!status.ok() && status.message().empty()) std::abort();
  return status.ok();
}

void ReadSensor(const std::string& yaml) {
  callbraid::v1::SensorConfig config;
  if (!Read(yaml, config)) return;
  callbraid::sensor::SetDefaults(config);
  const std::string once = config.SerializeAsString();
  callbraid::sensor::SetDefaults(config);
  if (config.SerializeAsString() != once) std::abort();
  (void)callbraid::sensor::Validate(config);
}

void ReadCollector(const std::string& yaml) {
  callbraid::v1::CollectorConfig config;
  if (!Read(yaml, config)) return;
  const auto complete = callbraid::collector::Complete(config);
  if (!complete.ok()) return;
  const auto again = callbraid::collector::Complete(*complete);
  if (!again.ok() ||
      again->SerializeAsString() != complete->SerializeAsString()) {
    std::abort();
  }
}

void ReadClient(const std::string& yaml) {
  callbraid::v1::ClientConfig config;
  (void)Read(yaml, config);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string yaml(reinterpret_cast<const char*>(data), size);
  ReadSensor(yaml);
  ReadCollector(yaml);
  ReadClient(yaml);
  return 0;
}
