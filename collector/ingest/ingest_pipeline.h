#ifndef CALLBRAID_COLLECTOR_INGEST_INGEST_PIPELINE_H_
#define CALLBRAID_COLLECTOR_INGEST_INGEST_PIPELINE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "callbraid/v1/config.pb.h"
#include "collector/access/attempt_limiter.h"
#include "collector/access/sensor_gate.h"
#include "collector/ingest/media_orders.h"
#include "collector/ingest/observation_folder.h"
#include "collector/ingest/phone_book.h"
#include "collector/ingest/report_history.h"
#include "collector/ingest/sensor_budget.h"
#include "collector/ingest/sensor_registry.h"
#include "collector/ingest/sensor_session.h"
#include "collector/ingest/uplink_peer.h"
#include "collector/store/commit_listener.h"
#include "collector/store/store.h"
#include "common/base/bounded_queue.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/thread.h"

namespace callbraid::collector {

// From the connections to the store: folds what came within commit_ms, commits
// it as one group, then acknowledges it and tells the listener.
//
// One thread, "ingest", which owns sessions and open observations. When the
// store cannot write, it holds the group and tries again: nothing is
// acknowledged, connections stop reading, the sensors' spools fill; when there
// is room again it all goes on.
//
// A sensor that the gate does not let in any more is sent away before its next
// message is looked at, and within a second if there is none. One that sends
// more than its budget has to wait.
class IngestPipeline final : public UplinkSink {
 public:
  // All must outlive the pipeline. `version` is told to sensors. `orders` hears
  // who is connected; null: none are given.
  IngestPipeline(const v1::IngestConfig& config, const std::string& version,
                 Store& store, const SensorGate& gate, CommitListener& listener,
                 const Clock& clock, MediaOrders* orders = nullptr);
  // As Stop().
  ~IngestPipeline() override;

  // Takes over the sensors that the store knows. Then Start(), or RunOnce() by
  // hand.
  absl::Status Load();
  void Start();

  // Commits and acknowledges what was pushed before, then ends the thread and
  // every connection. If the store cannot write, what is not durable is left to
  // the sensors' spools.
  void Stop() ABSL_LOCKS_EXCLUDED(stop_mutex_);

  // One group: waits up to `wait_ms` for the first event. False when stopped
  // and drained.
  bool RunOnce(int wait_ms);

  const SensorDirectory& sensors() const { return registry_; }
  const ReportHistory& reports() const { return reports_; }
  const PhoneBook& phones() const { return phones_; }

  bool Push(UplinkEvent event) override;
  void OnRefused(const std::string& sensor, const std::string& address,
                 const SensorRefusal& refusal) override;
  bool Congested() const override;

 private:
  struct Connection {
    std::shared_ptr<UplinkPeer> peer;
    std::unique_ptr<SensorSession> session;
    // What came while the sensor's budget was overdrawn, at most window_mib.
    std::deque<UplinkEvent> held;
  };

  // Now, or when the sensor's budget allows.
  void Handle(UplinkEvent event);
  void Process(UplinkEvent event);
  void ProcessHeld();
  bool AnyHeld() const;
  SensorBudget& BudgetOf(const std::string& sensor);
  // Sends away whom the gate lets in no more.
  void CheckConnections();
  void OnHello(const std::shared_ptr<UplinkPeer>& peer, v1::Hello hello);
  // Whether a sensor may connect.
  std::optional<SensorRefusal> CheckSensor(const UplinkPeer& peer,
                                           const v1::Hello& hello) const;
  std::optional<SensorRefusal> MakeRoomFor(const v1::Hello& hello);
  void Refuse(UplinkPeer* peer, const std::string& sensor,
              const SensorRefusal& refusal);
  void OnBatch(UplinkPeer* peer, const v1::FrameBatch& batch, size_t bytes);
  void OnClosed(UplinkPeer* peer);
  // Folds frames from `begin` on; false when stopped before it was done.
  bool FoldFrames(const SensorSession& session, const v1::FrameBatch& batch,
                  int begin, FrameCounts& counts);

  // Lets go of what was deleted since the group before.
  void ForgetDeleted();
  // Makes the group durable, then answers. False when stopped before.
  bool Commit();
  void Answer();
  void Disconnect(UplinkPeer* peer, absl::Status status);
  // Runs `operation` until the store can do it; false when stopped before.
  template <typename Operation>
  bool Retry(const Operation& operation);
  bool WaitToRetry(const absl::Status& status);
  void OnRecovered();

  const v1::IngestConfig config_;
  const uint32_t max_sensors_;
  const int64_t commit_ns_;
  const uint64_t window_bytes_;
  const std::string version_;
  Store& store_;
  const SensorGate& gate_;
  CommitListener& listener_;
  const Clock& clock_;
  MediaOrders* const orders_;
  SensorRegistry registry_;
  ReportHistory reports_;
  PhoneBook phones_;
  // Lines of the log about who was refused: of one sensor, and of all.
  AttemptLimiter lines_;
  AttemptLimiter all_lines_;

  // Of the ingest thread.
  ObservationFolder folder_;
  absl::flat_hash_map<UplinkPeer*, Connection> connections_;
  std::map<std::string, UplinkPeer*> by_sensor_;
  // Of all that ever connected: who comes again does not begin anew.
  std::map<std::string, SensorBudget> budgets_;
  uint64_t checked_changes_ = 0;
  int64_t checked_ns_ = 0;
  CommitGroup group_;
  // RecentDeletions::number() that the folder knows of.
  uint64_t forgotten_ = 0;
  size_t group_bytes_ = 0;
  // Events of the group, to be reported as consumed: peer and bytes.
  std::vector<std::pair<std::shared_ptr<UplinkPeer>, size_t>> consumed_;
  int retries_ = 0;

  BoundedQueue<UplinkEvent> queue_;
  std::atomic<size_t> queued_bytes_ = 0;
  mutable Mutex stop_mutex_;
  CondVar stopped_;
  bool stopping_ ABSL_GUARDED_BY(stop_mutex_) = false;
  Thread thread_;
};

template <typename Operation>
bool IngestPipeline::Retry(const Operation& operation) {
  for (;;) {
    const absl::Status status = operation();
    if (status.ok()) break;
    if (!WaitToRetry(status)) return false;
  }
  if (retries_ > 0) OnRecovered();
  return true;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_INGEST_PIPELINE_H_
