#ifndef CALLBRAID_COLLECTOR_ALERTS_ALERT_RULES_H_
#define CALLBRAID_COLLECTOR_ALERTS_ALERT_RULES_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/time/time.h"
#include "callbraid/v1/completeness.pb.h"
#include "callbraid/v1/diagnosis.pb.h"
#include "callbraid/v1/event.pb.h"
#include "callbraid/v1/sensor.pb.h"

namespace callbraid::collector {

// A certificate of the collector's own.
struct OwnCertificate {
  // "tls.cert".
  std::string setting;
  int64_t to_s = 0;  // Since the epoch.
};

// What alerts are made of.
struct AlertFacts {
  int64_t now_ns = 0;
  // Of all sites.
  v1::DiagnoseResponse diagnosis;
  // With their trust.
  std::vector<v1::Sensor> sensors;
  // Of the file system that the data lies on; 0 if not known.
  uint64_t disk_bytes = 0;
  uint64_t disk_free_bytes = 0;
  std::vector<OwnCertificate> certificates;
  // Answered calls of the last hour; none if not all could be counted.
  std::vector<v1::DayCompleteness> completeness;
  // 0: nobody asks for that.
  uint32_t min_whole_percent = 0;
};

// What is wrong now: one alert of each kind for what it is of, without
// begin_time. By the doctor's verdicts where there is one, else by the same
// thresholds as deploy/grafana/alerts.yaml, which a test compares. Pure.
std::vector<v1::Alert> JudgeAlerts(const AlertFacts& facts);

// What an alert is of, and with that what tells one from another.
using AlertKey = std::tuple<v1::AlertKind, std::string, std::string,
                            std::string, std::string>;
AlertKey KeyOf(const v1::Alert& alert);

// What nothing new is known of: what was wrong there still is.
struct Unknown {
  // Nobody knows what they see.
  std::set<std::string> away_sensors = {};
  // All sites but these answered too few calls of late to tell their share of
  // whole ones. nullopt: nobody asks for shares.
  std::optional<std::set<std::string>> sites_but = std::nullopt;

  bool Has(const v1::Alert& alert) const;
};
Unknown UnknownOf(const AlertFacts& facts);

// How long something must be wrong before it is told of.
absl::Duration HoldOf(v1::AlertKind kind);

inline constexpr uint64_t kSpoolFullPercent = 70;
inline constexpr int64_t kCertificateDays = 14;
inline constexpr uint64_t kDiskFreePercent = 10;
inline constexpr uint64_t kEnoughAnswered = 20;

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ALERTS_ALERT_RULES_H_
