#include "collector/web/metrics_whole.h"

#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "collector/web/metrics_writer.h"

namespace callbraid::collector {
namespace {

struct SinkMetric {
  const char* name;
  MetricKind kind;
  const char* help;
  uint64_t SinkState::*value;
};

constexpr SinkMetric kOfSinks[] = {
    {"callbraid_events_delivered_total", MetricKind::kCounter,
     "Events that the sink took.", &SinkState::delivered},
    {"callbraid_events_failed_attempts_total", MetricKind::kCounter,
     "Attempts that failed and are made again.", &SinkState::failed_attempts},
    {"callbraid_events_waiting", MetricKind::kGauge,
     "Events that the sink has not come to yet.", &SinkState::waiting},
};

constexpr std::pair<const char*, uint64_t SinkState::*> kLostOfSinks[] = {
    {"refused", &SinkState::refused},
    {"expired", &SinkState::expired},
    {"gone", &SinkState::gone},
};

void AddSinks(const std::vector<SinkState>& sinks, std::string& out) {
  const auto labels = [](const SinkState& sink) {
    return MetricLabels{{"sink", sink.name}, {"type", sink.type}};
  };
  Metric down(out, "callbraid_events_sink_down", MetricKind::kGauge,
              "1 while the sink takes nothing.");
  for (const SinkState& sink : sinks) down.Add(labels(sink), sink.down ? 1 : 0);
  for (const SinkMetric& of : kOfSinks) {
    Metric metric(out, of.name, of.kind, of.help);
    for (const SinkState& sink : sinks) {
      metric.Add(labels(sink), sink.*of.value);
    }
  }
  Metric lost(out, "callbraid_events_lost_total", MetricKind::kCounter,
              "Events that the sink never gets, by reason.");
  for (const SinkState& sink : sinks) {
    for (const auto& [reason, value] : kLostOfSinks) {
      MetricLabels with_reason = labels(sink);
      with_reason.emplace_back("reason", reason);
      lost.Add(with_reason, sink.*value);
    }
  }
  Metric oldest(out, "callbraid_events_oldest_seconds", MetricKind::kGauge,
                "Age of the oldest event that the sink has not taken.");
  for (const SinkState& sink : sinks) {
    oldest.Add(labels(sink), MetricSeconds(sink.oldest_ns));
  }
}

struct RetentionMetric {
  const char* name;
  MetricKind kind;
  const char* help;
  uint64_t value;
};

void AddRetention(const RetentionState& state, std::string& out) {
  const auto whole_seconds = [](int64_t ns) {
    return static_cast<uint64_t>(ns / 1'000'000'000);
  };
  const RetentionMetric metrics[] = {
      {"callbraid_store_bytes", MetricKind::kGauge,
       "What the data folder keeps.", state.use.bytes},
      {"callbraid_store_free_bytes", MetricKind::kGauge,
       "Free in the file system of the data folder.", state.use.free_bytes},
      {"callbraid_store_disk_bytes", MetricKind::kGauge,
       "Size of that file system.", state.use.total_bytes},
      {"callbraid_store_oldest_media_seconds", MetricKind::kGauge,
       "Unix time of the oldest media that are kept; 0: none are.",
       whole_seconds(state.use.oldest_media_ns.value_or(0))},
      {"callbraid_retention_expired_calls_total", MetricKind::kCounter,
       "Calls deleted because of their age.", state.expired_calls},
      {"callbraid_retention_drops_for_room_total", MetricKind::kCounter,
       "Times that media were deleted to make room.", state.drops_for_room},
      {"callbraid_retention_full", MetricKind::kGauge,
       "1 while there is too little room and nothing may be deleted.",
       state.is_full ? uint64_t{1} : 0},
      {"callbraid_retention_last_run_seconds", MetricKind::kGauge,
       "Unix time of the last run by age; 0 before.",
       whole_seconds(state.last_run_ns)},
  };
  for (const RetentionMetric& of : metrics) {
    Metric(out, of.name, of.kind, of.help).Add({}, of.value);
  }
}

// Only labels that say something.
void AddAlerts(const std::vector<v1::Alert>& alerts, std::string& out) {
  Metric open(out, "callbraid_alert", MetricKind::kGauge,
              "1 while this is wrong with the recorder; docs/events.md.");
  for (const v1::Alert& alert : alerts) {
    const std::string kind = absl::AsciiStrToLower(
        absl::StripPrefix(v1::AlertKind_Name(alert.kind()), "ALERT_KIND_"));
    MetricLabels labels = {{"kind", kind},
                           {"site", alert.site()},
                           {"sensor", alert.sensor()},
                           {"capture_point", alert.capture_point()},
                           {"setting", alert.setting()}};
    std::erase_if(labels,
                  [](const auto& label) { return label.second.empty(); });
    open.Add(labels, 1);
  }
}

}  // namespace

void AddWholeMetrics(const WholeState& whole, std::string& out) {
  AddSinks(whole.sinks, out);
  AddRetention(whole.retention, out);
  AddAlerts(whole.alerts, out);
}

}  // namespace callbraid::collector
