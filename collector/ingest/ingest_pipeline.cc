#include "collector/ingest/ingest_pipeline.h"

#include <algorithm>
#include <variant>

#include "absl/time/time.h"
#include "collector/ingest/plausible.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr uint32_t kDefaultMaxSensors = 1000;
constexpr uint32_t kDefaultCommitMs = 50;
constexpr uint32_t kDefaultWindowMib = 8;

// A group this large is worth a commit at once.
constexpr size_t kMaxGroupBytes = size_t{4} << 20;
// Of batches in the queue, from all sensors.
constexpr size_t kMaxQueuedBytes = size_t{256} << 20;
// Events that all connections together may have in the queue.
constexpr size_t kMaxEvents = size_t{1} << 18;
// Observations of one sensor that wait to be braided. More, and the sensor must
// wait: it has a spool on disk, the queue is in memory.
constexpr size_t kMaxBacklog = 200'000;
// How often somebody who waits for its budget is looked at.
constexpr int kHeldWaitMs = 20;
// A minute.
constexpr uint32_t kRefusalLines = 2;
constexpr uint32_t kAllRefusalLines = 60;
constexpr size_t kMaxRefused = 4096;
constexpr absl::Duration kFirstRetry = absl::Milliseconds(100);
constexpr absl::Duration kLastRetry = absl::Seconds(5);

uint32_t Or(uint32_t value, uint32_t fallback) {
  return value == 0 ? fallback : value;
}

bool IsEmpty(const CommitGroup& group) {
  return group.frames.empty() && group.observations.empty() &&
         group.watermarks.empty() && group.sensors.empty() &&
         group.reports.empty() && group.capture_ends.empty();
}

}  // namespace

IngestPipeline::IngestPipeline(const v1::IngestConfig& config,
                               const std::string& version, Store& store,
                               const SensorGate& gate, CommitListener& listener,
                               const Clock& clock, MediaOrders* orders)
    : config_(config),
      max_sensors_(Or(config.max_sensors(), kDefaultMaxSensors)),
      commit_ns_(int64_t{Or(config.commit_ms(), kDefaultCommitMs)} * 1'000'000),
      window_bytes_(uint64_t{Or(config.window_mib(), kDefaultWindowMib)} << 20),
      version_(version),
      store_(store),
      gate_(gate),
      listener_(listener),
      clock_(clock),
      orders_(orders),
      registry_(clock),
      lines_(kRefusalLines, kMaxRefused, clock),
      all_lines_(kAllRefusalLines, 1, clock),
      folder_(store, ObservationFolder::kCapacity, LinkHeaders(config)),
      queue_(kMaxEvents) {}

IngestPipeline::~IngestPipeline() { Stop(); }

absl::Status IngestPipeline::Load() {
  RETURN_IF_ERROR(registry_.Load(store_.coordination()));
  reports_.Load(registry_.ListSensors(Scope::All()));
  return absl::OkStatus();
}

void IngestPipeline::Start() {
  thread_ = Thread("ingest", [this] {
    // Idle, it wakes to write what it knows of the sensors.
    while (RunOnce(1000)) {
    }
  });
}

void IngestPipeline::Stop() {
  queue_.Close();
  {
    MutexLock lock(stop_mutex_);
    stopping_ = true;
    stopped_.NotifyAll();
  }
  thread_.Join();
  for (const auto& [peer, connection] : connections_) {
    connection.peer->End(absl::UnavailableError("the collector stops"));
  }
  connections_.clear();
  by_sensor_.clear();
}

bool IngestPipeline::Push(UplinkEvent event) {
  const size_t bytes = event.bytes;
  queued_bytes_ += bytes;
  if (queue_.Push(std::move(event))) return true;
  queued_bytes_ -= bytes;
  return false;
}

bool IngestPipeline::Congested() const {
  return queued_bytes_ > kMaxQueuedBytes;
}

bool IngestPipeline::RunOnce(int wait_ms) {
  ForgetDeleted();
  CheckConnections();
  if (orders_ != nullptr) {
    const std::vector<ObservationId> given_up = orders_->OnTime();
    if (!given_up.empty()) listener_.OnCommitted("", given_up);
  }
  ProcessHeld();
  auto event = queue_.Pop(
      absl::Milliseconds(AnyHeld() ? std::min(wait_ms, kHeldWaitMs) : wait_ms));
  const int64_t deadline_ns = clock_.MonotonicNs() + commit_ns_;
  while (event) {
    Handle(*std::move(event));
    const int64_t rest_ns = deadline_ns - clock_.MonotonicNs();
    if (rest_ns <= 0 || group_bytes_ >= kMaxGroupBytes) break;
    event = queue_.Pop(absl::Nanoseconds(rest_ns));
  }
  return Commit() && !queue_.closed_and_empty();
}

void IngestPipeline::Process(UplinkEvent event) {
  UplinkPeer* const peer = event.peer.get();
  if (auto* hello = std::get_if<v1::Hello>(&event.what)) {
    OnHello(event.peer, std::move(*hello));
  } else if (auto* batch = std::get_if<v1::FrameBatch>(&event.what)) {
    OnBatch(peer, *batch, event.bytes);
  } else if (auto* heartbeat = std::get_if<v1::Heartbeat>(&event.what)) {
    const auto connection = connections_.find(peer);
    if (connection != connections_.end()) {
      const std::string& sensor = connection->second.session->sensor();
      registry_.Heard(sensor, *heartbeat);
      reports_.AddSpools(sensor, heartbeat->spools(), clock_.WallNs());
    }
  } else {
    OnClosed(peer);
  }
  consumed_.emplace_back(std::move(event.peer), event.bytes);
}

void IngestPipeline::OnBatch(UplinkPeer* peer, const v1::FrameBatch& batch,
                             size_t bytes) {
  const auto connection = connections_.find(peer);
  // Of a connection that was ended since.
  if (connection == connections_.end()) return;
  SensorSession& session = *connection->second.session;
  const absl::StatusOr<int> repeated = session.Accept(batch, bytes);
  if (!repeated.ok()) {
    FrameCounts counts;
    counts.malformed = static_cast<uint64_t>(batch.frames_size());
    registry_.Received(session.sensor(), bytes, counts);
    Refuse(peer, session.sensor(), {"sequence", repeated.status()});
    return;
  }
  FrameCounts counts;
  counts.repeated = static_cast<uint64_t>(*repeated);
  group_bytes_ += bytes;
  const uint64_t begun = folder_.begun_observations();
  const uint64_t expanded = folder_.expanded_bytes();
  if (FoldFrames(session, batch, *repeated, counts)) {
    registry_.Received(session.sensor(), bytes, counts);
  }
  BudgetOf(session.sensor())
      .Spend(bytes + folder_.expanded_bytes() - expanded,
             static_cast<uint64_t>(batch.frames_size()),
             folder_.begun_observations() - begun);
}

bool IngestPipeline::FoldFrames(const SensorSession& session,
                                const v1::FrameBatch& batch, int begin,
                                FrameCounts& counts) {
  const v1::Hello& hello = session.hello();
  const int64_t now_ns = clock_.WallNs();
  for (int i = begin; i < batch.frames_size(); ++i) {
    const v1::CallFrame& frame = batch.frames(i);
    if (frame.capture_point() >=
        static_cast<uint32_t>(hello.capture_points_size())) {
      ++counts.malformed;
      continue;
    }
    const v1::CapturePoint& point =
        hello.capture_points(static_cast<int>(frame.capture_point()));
    if (!IsPlausible(frame, IsLive(point), now_ns)) {
      ++counts.absurd;
      continue;
    }
    const FrameOrigin origin{hello.sensor_id(), hello.site(), point.name()};
    FoldResult result = FoldResult::kMalformed;
    if (!Retry([&] {
          const auto folded = folder_.Fold(origin, frame, group_);
          if (folded.ok()) result = *folded;
          return folded.status();
        })) {
      return false;
    }
    switch (result) {
      case FoldResult::kStored:
        ++counts.stored;
        if (frame.has_capture()) {
          registry_.Report(hello.sensor_id(), frame.capture_point(),
                           frame.capture());
          reports_.Add(origin.sensor, origin.capture_point, frame.capture());
          phones_.Add(origin, frame.capture(), now_ns);
        }
        break;
      case FoldResult::kRepeated:
        ++counts.repeated;
        break;
      case FoldResult::kMalformed:
        ++counts.malformed;
        break;
      case FoldResult::kDeleted:
        ++counts.deleted;
        break;
    }
  }
  return true;
}

void IngestPipeline::ForgetDeleted() {
  const RecentDeletions& deletions = store_.facts().deletions();
  const uint64_t number = deletions.number();
  if (number != forgotten_) folder_.Forget(deletions.Since(forgotten_));
  group_.deletions = forgotten_ = number;
}

bool IngestPipeline::Commit() {
  folder_.Collect(group_);
  for (const auto& [peer, connection] : connections_) {
    for (SpoolWatermark& watermark : connection.session->Uncommitted()) {
      group_.watermarks.push_back(std::move(watermark));
    }
  }
  group_.sensors = registry_.TakeDue();
  if (!IsEmpty(group_) && !Retry([this] { return store_.Commit(group_); })) {
    return false;
  }
  folder_.Committed(clock_.MonotonicNs());
  Answer();
  std::map<std::string, std::vector<ObservationId>> changed;
  for (const ObservationUpsert& upsert : group_.observations) {
    changed[upsert.sensor].push_back(upsert.id);
  }
  group_ = {};
  // It may be in the middle of a round.
  group_.deletions = forgotten_;
  group_bytes_ = 0;
  for (const auto& [sensor, ids] : changed) listener_.OnCommitted(sensor, ids);
  return true;
}

void IngestPipeline::Answer() {
  for (const auto& [peer, connection] : connections_) {
    const std::string& sensor = connection.session->sensor();
    SensorSession::Answer answer =
        connection.session->Committed(listener_.Backlog(sensor) < kMaxBacklog);
    if (answer.ack.watermarks_size() > 0) {
      registry_.Acknowledged(sensor, answer.ack);
      v1::ConnectResponse response;
      *response.mutable_ack() = std::move(answer.ack);
      peer->Send(std::move(response));
    }
    if (answer.credit.bytes() > 0) {
      v1::ConnectResponse response;
      *response.mutable_credit() = answer.credit;
      peer->Send(std::move(response));
    }
  }
  for (const auto& [peer, bytes] : consumed_) {
    queued_bytes_ -= bytes;
    peer->Consumed(bytes);
  }
  consumed_.clear();
}

void IngestPipeline::OnRecovered() {
  spdlog::info("the store can be written again");
  retries_ = 0;
}

bool IngestPipeline::WaitToRetry(const absl::Status& status) {
  if (retries_++ == 0) {
    spdlog::error(
        "the store cannot be written, nothing is acknowledged until it can: {}",
        std::string(status.message()));
  }
  const absl::Duration pause =
      std::min(kFirstRetry * (1 << std::min(retries_ - 1, 10)), kLastRetry);
  MutexLock lock(stop_mutex_);
  // Woken for nothing, it tries early: no harm done.
  if (!stopping_) stopped_.WaitFor(stop_mutex_, pause);
  return !stopping_;
}

}  // namespace callbraid::collector
