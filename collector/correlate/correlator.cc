#include "collector/correlate/correlator.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "collector/correlate/braider.h"
#include "collector/correlate/work_queue.h"
#include "common/base/log.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/base/thread.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = EvidencePolicy::kMs;
// An observation is looked at again after this, or half of its age up to the
// second: the numbers of a long stream are not news, and looks are most of what
// a call costs. What its dialog says, answer and end, does not wait.
constexpr int64_t kShortestWaitNs = 250 * kMs;
constexpr int64_t kLongestWaitNs = 10'000 * kMs;
constexpr int64_t kSweepNs = 2000 * kMs;
constexpr int64_t kForgetNs = 300'000 * kMs;
constexpr int64_t kRetryNs = 1000 * kMs;
constexpr int64_t kLogNs = 60'000 * kMs;
constexpr absl::Duration kTick = absl::Milliseconds(250);
constexpr absl::Duration kIdleTick = absl::Seconds(2);
// About a second of work, after which what came meanwhile has its turn.
constexpr size_t kMaxBatch = 4096;
// A survey of the clocks is followed by so many times its own length without
// one: a hundredth of a core is what people may cost here.
constexpr int64_t kSurveyRestRatio = 100;

}  // namespace

struct Correlator::Impl {
  Impl(Store& the_store, const v1::CorrelateConfig& config,
       const Clock& the_clock, CallSink& sink, MediaWishSink* wishes)
      : store(the_store),
        clock(the_clock),
        braider(the_store, config, sink, wishes) {}

  void Run();
  // Waits for work if there is none, and takes over what was noted; false when
  // it is time to stop. Sets `flush_ticket` to the flush that is waited for.
  bool Await(uint64_t& flush_ticket);
  void FinishFlush(uint64_t ticket);
  absl::Status Work(bool everything);
  bool IsStopping();
  absl::Status ProcessBatch(const std::vector<ObservationId>& batch);
  absl::Status Sweep();
  absl::Status SurveyClocks(bool at_once);
  std::vector<ObservationId> TakeBatch(bool everything);
  void Report(const absl::Status& status);

  Store& store;
  const Clock& clock;

  Mutex mutex;
  CondVar changed;
  CondVar flushed;
  std::map<std::string, absl::flat_hash_set<ObservationId>> noted
      ABSL_GUARDED_BY(mutex);
  // Of `queue`, when it was looked at last.
  std::map<std::string, size_t> queued ABSL_GUARDED_BY(mutex);
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  bool started ABSL_GUARDED_BY(mutex) = false;
  uint64_t flush_asked ABSL_GUARDED_BY(mutex) = 0;
  uint64_t flush_done ABSL_GUARDED_BY(mutex) = 0;

  // Only the thread, from here on.
  Braider braider;
  Watermarks watermarks;
  std::vector<v1::Sensor> sensors;
  // Whether anything was looked at since `clocks` was set.
  bool to_survey = true;
  int64_t next_survey_ns = 0;
  ClockBoard clocks;
  WorkQueue queue;
  int64_t next_sweep_ns = 0;
  int64_t next_forget_ns = 0;
  int64_t next_log_ns = 0;
  Thread thread;
};

bool Correlator::Impl::Await(uint64_t& flush_ticket) {
  std::map<std::string, absl::flat_hash_set<ObservationId>> taken;
  std::map<std::string, size_t> sizes = queue.SizeBySensor();
  const bool busy = queue.HasDue(clock.MonotonicNs());
  {
    MutexLock lock(mutex);
    queued = sizes;
    if (!stopping && !busy && flush_asked == flush_done) {
      changed.WaitFor(mutex,
                      queue.empty() && noted.empty() ? kIdleTick : kTick);
    }
    if (stopping) return false;
    flush_ticket = flush_asked == flush_done ? 0 : flush_asked;
    taken.swap(noted);
    for (const auto& [sensor, ids] : taken) sizes[sensor] += ids.size();
    queued = std::move(sizes);
  }
  const int64_t now = clock.MonotonicNs();
  for (const auto& [sensor, ids] : taken) {
    for (const ObservationId& id : ids) {
      braider.NoteCommitted(id);
      const int64_t wait =
          std::clamp(braider.AgeNs(id) / 2, kShortestWaitNs, kLongestWaitNs);
      queue.Add(sensor, id, now + wait);
    }
  }
  return true;
}

void Correlator::Impl::FinishFlush(uint64_t ticket) {
  MutexLock lock(mutex);
  flush_done = std::max(flush_done, ticket);
  flushed.NotifyAll();
}

void Correlator::Impl::Run() {
  uint64_t ticket = 0;
  while (Await(ticket)) {
    Report(Work(ticket != 0));
    if (ticket != 0) FinishFlush(ticket);
  }
}

bool Correlator::Impl::IsStopping() {
  MutexLock lock(mutex);
  return stopping;
}

absl::Status Correlator::Impl::Work(bool everything) {
  if (everything || clock.MonotonicNs() >= next_sweep_ns) {
    next_sweep_ns = clock.MonotonicNs() + kSweepNs;
    RETURN_IF_ERROR(Sweep());
    RETURN_IF_ERROR(SurveyClocks(/*at_once=*/everything));
  }
  do {
    RETURN_IF_ERROR(ProcessBatch(TakeBatch(everything)));
  } while (everything && !queue.empty() && !IsStopping());
  return everything ? SurveyClocks(/*at_once=*/true) : absl::OkStatus();
}

// For people, who can wait: among many sensors with hours of common traffic it
// costs more than the calls do.
absl::Status Correlator::Impl::SurveyClocks(bool at_once) {
  const int64_t begin_ns = clock.MonotonicNs();
  if (!to_survey || (!at_once && begin_ns < next_survey_ns)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(auto found, braider.SurveyClocks(sensors));
  const int64_t end_ns = clock.MonotonicNs();
  next_survey_ns = end_ns + kSurveyRestRatio * (end_ns - begin_ns);
  clocks.Set(std::move(found));
  to_survey = false;
  return absl::OkStatus();
}

// Calls for which the capture points' progress is news.
absl::Status Correlator::Impl::Sweep() {
  if (clock.MonotonicNs() >= next_forget_ns) {
    next_forget_ns = clock.MonotonicNs() + kForgetNs;
    braider.ForgetUnused();
  }
  ASSIGN_OR_RETURN(sensors, store.coordination().ListSensors());
  const UplinkClocks before = watermarks.uplinks();
  watermarks = Watermarks(sensors, clock.WallNs(), braider.policy());
  if (!(watermarks.uplinks() == before)) {
    RETURN_IF_ERROR(braider.Process({}, watermarks));
  }
  for (const ObservationId& id : braider.Due(watermarks)) {
    queue.Add(braider.SensorOf(id), id, 0);
  }
  return absl::OkStatus();
}

std::vector<ObservationId> Correlator::Impl::TakeBatch(bool everything) {
  constexpr int64_t kAnyTime = std::numeric_limits<int64_t>::max();
  std::vector<ObservationId> batch =
      queue.Take(everything ? kAnyTime : clock.MonotonicNs(), kMaxBatch);
  // What else changed in the same calls goes with it, so that they are written
  // once.
  const size_t due = batch.size();
  for (size_t i = 0; i < due; ++i) {
    for (const ObservationId& id : braider.CompanionsOf(batch[i])) {
      if (queue.Remove(id)) batch.push_back(id);
    }
  }
  return batch;
}

absl::Status Correlator::Impl::ProcessBatch(
    const std::vector<ObservationId>& batch) {
  if (batch.empty()) return absl::OkStatus();
  to_survey = true;
  absl::Status status = braider.Process(batch, watermarks);
  if (!status.ok()) {
    const int64_t retry_ns = clock.MonotonicNs() + kRetryNs;
    for (const ObservationId& id : batch) {
      queue.Add(braider.SensorOf(id), id, retry_ns);
    }
  }
  return status;
}

void Correlator::Impl::Report(const absl::Status& status) {
  // What was deleted meanwhile is left out next time.
  if (status.ok() || absl::IsAborted(status) ||
      clock.MonotonicNs() < next_log_ns) {
    return;
  }
  next_log_ns = clock.MonotonicNs() + kLogNs;
  spdlog::warn("correlation waits for the store: {}", status.ToString());
}

Correlator::Correlator(Store& store, const v1::CorrelateConfig& config,
                       const Clock& clock, CallSink& sink,
                       MediaWishSink* wishes)
    : impl_(std::make_unique<Impl>(store, config, clock, sink, wishes)) {}

Correlator::~Correlator() { Stop(); }

void Correlator::Stop() {
  {
    MutexLock lock(impl_->mutex);
    impl_->stopping = true;
    impl_->changed.NotifyAll();
    impl_->flushed.NotifyAll();
  }
  impl_->thread.Join();
}

absl::Status Correlator::Start() {
  ASSIGN_OR_RETURN(const std::vector<ObservationId> unsettled,
                   impl_->store.facts().Unsettled());
  impl_->braider.Expect(unsettled);
  // Those of one time together: they are what each other's evidence rests on.
  // Whose each is will be known when it was looked at.
  int64_t due_ns = -static_cast<int64_t>(unsettled.size());
  for (const ObservationId& id : unsettled) {
    impl_->queue.Add(/*sensor=*/"", id, due_ns++);
  }
  {
    MutexLock lock(impl_->mutex);
    impl_->started = true;
  }
  impl_->thread = Thread("correlator", [impl = impl_.get()] { impl->Run(); });
  return absl::OkStatus();
}

void Correlator::OnCommitted(const std::string& sensor,
                             const std::vector<ObservationId>& changed) {
  MutexLock lock(impl_->mutex);
  const bool was_idle = impl_->noted.empty();
  impl_->noted[sensor].insert(changed.begin(), changed.end());
  if (was_idle) impl_->changed.NotifyOne();
}

size_t Correlator::Backlog(const std::string& sensor) const {
  MutexLock lock(impl_->mutex);
  const auto noted = impl_->noted.find(sensor);
  const auto queued = impl_->queued.find(sensor);
  return (noted == impl_->noted.end() ? 0 : noted->second.size()) +
         (queued == impl_->queued.end() ? 0 : queued->second);
}

const ClockBoard& Correlator::clocks() const { return impl_->clocks; }

void Correlator::Flush() {
  MutexLock lock(impl_->mutex);
  if (!impl_->started) return;
  const uint64_t ticket = ++impl_->flush_asked;
  impl_->changed.NotifyOne();
  while (!impl_->stopping && impl_->flush_done < ticket) {
    impl_->flushed.Wait(impl_->mutex);
  }
}

}  // namespace callbraid::collector
