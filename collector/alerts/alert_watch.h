#ifndef CALLBRAID_COLLECTOR_ALERTS_ALERT_WATCH_H_
#define CALLBRAID_COLLECTOR_ALERTS_ALERT_WATCH_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "collector/access/sensor_book.h"
#include "collector/alerts/alert_book.h"
#include "collector/alerts/alert_rules.h"
#include "collector/doctor/gather.h"
#include "collector/store/event_log.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/thread.h"

namespace callbraid::collector {

// Looks every minute whether anything is wrong with the recorder, while anybody
// asks: a sink of events, or who reads Open(). For sinks it notes in the log of
// events what began and what ended: each once, also when the collector is
// killed between.
//
// Its thread, "alerts", reads what a diagnosis does.
class AlertWatch {
 public:
  // `config` as from Complete(). References, and what the sources refer to,
  // must outlive it.
  AlertWatch(const v1::CollectorConfig& config, const FactSources& sources,
             const SensorBook& sensors, EventLog& log, const Clock& clock);
  // As Stop().
  ~AlertWatch();

  // After EventLog::StartLog(). Errors of the store.
  absl::Status Start();
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  // What is wrong, as of the last look; nothing before there was one. Who asks
  // again within ten minutes has one made every minute.
  std::vector<v1::Alert> Open() ABSL_LOCKS_EXCLUDED(mutex_);

  // One look. The thread's own. CANCELLED: Stop() was called meanwhile.
  absl::Status Look() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::StatusOr<AlertFacts> Gather() const;
  void AddDisk(AlertFacts& facts) const;
  void AddCertificates(AlertFacts& facts) const;
  void Run();
  // False when it is time to stop.
  bool Wait(absl::Duration time) ABSL_LOCKS_EXCLUDED(mutex_);
  bool IsStopping() const ABSL_LOCKS_EXCLUDED(mutex_);
  bool IsAsked() const ABSL_LOCKS_EXCLUDED(mutex_);
  // What was wrong when somebody last asked.
  void Forget() ABSL_LOCKS_EXCLUDED(mutex_);

  const v1::CollectorConfig config_;
  // Sinks are told.
  const bool tells_;
  const FactSources sources_;
  const SensorBook& sensors_;
  EventLog& log_;
  const Clock& clock_;
  AlertBook book_;
  Thread thread_;

  mutable Mutex mutex_;
  CondVar stop_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<v1::Alert> open_ ABSL_GUARDED_BY(mutex_);
  // Monotonic; of Open().
  std::optional<int64_t> asked_ns_ ABSL_GUARDED_BY(mutex_);
};

// Whether any sink of `config` asks for alerts.
bool WantsAlerts(const v1::EventsConfig& config);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ALERTS_ALERT_WATCH_H_
