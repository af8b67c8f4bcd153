// Who is connected, may be, and has to wait: the part of the pipeline that
// knows sensors, not frames.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/ingest/ingest_pipeline.h"
#include "collector/ingest/plausible.h"
#include "common/base/log.h"

namespace callbraid::collector {
namespace {

// A second sensor under a connected id is refused until the first has been
// silent for so long (heartbeats come every second).
constexpr int64_t kSilenceNs = 10'000'000'000;
// How often connections are checked when no operator decided anything: for
// certificates that expire.
constexpr int64_t kCheckNs = 1'000'000'000;

}  // namespace

void IngestPipeline::OnHello(const std::shared_ptr<UplinkPeer>& peer,
                             v1::Hello hello) {
  std::optional<SensorRefusal> refusal = CheckSensor(*peer, hello);
  // What the sensor sent over its last connection counts.
  if (!refusal && !Commit()) return;
  if (!refusal) refusal = MakeRoomFor(hello);
  std::vector<SpoolWatermark> watermarks;
  for (const v1::SpoolState& spool : hello.spools()) {
    if (refusal) break;
    const bool found = Retry([&] {
      const auto sequence = store_.coordination().GetWatermark(
          hello.sensor_id(), spool.spool_id());
      if (!sequence.ok()) return sequence.status();
      watermarks.push_back({hello.sensor_id(), spool.spool_id(), *sequence});
      return absl::OkStatus();
    });
    if (!found) return;
  }
  if (!refusal && !registry_.Connected(hello, peer->address())) {
    refusal = SensorRefusal{"too_many",
                            absl::ResourceExhaustedError("too many sensors")};
  }
  if (refusal) return Refuse(peer.get(), hello.sensor_id(), *refusal);
  spdlog::info("sensor {} connected from {}", hello.sensor_id(),
               peer->address());
  Connection& connection = connections_[peer.get()];
  connection.peer = peer;
  by_sensor_[hello.sensor_id()] = peer.get();
  connection.session = std::make_unique<SensorSession>(
      std::move(hello), watermarks, window_bytes_);
  v1::ConnectResponse response;
  *response.mutable_welcome() =
      connection.session->Welcome(version_, clock_.WallNs());
  peer->Send(std::move(response));
  if (orders_ != nullptr) {
    orders_->Connected(connection.session->hello(), peer);
  }
}

std::optional<SensorRefusal> IngestPipeline::CheckSensor(
    const UplinkPeer& peer, const v1::Hello& hello) const {
  if (connections_.contains(&peer)) {
    return SensorRefusal{"second_hello",
                         absl::InvalidArgumentError("a second hello")};
  }
  if (absl::Status status = CheckHello(hello); !status.ok()) {
    return SensorRefusal{"hello", std::move(status)};
  }
  if (auto refusal = gate_.Check(hello, peer.certificate())) return refusal;
  if (absl::Status status = CheckClock(hello, clock_.WallNs()); !status.ok()) {
    return SensorRefusal{"clock", std::move(status)};
  }
  return std::nullopt;
}

std::optional<SensorRefusal> IngestPipeline::MakeRoomFor(
    const v1::Hello& hello) {
  const auto held = by_sensor_.find(hello.sensor_id());
  if (held == by_sensor_.end()) {
    if (by_sensor_.size() < max_sensors_) return std::nullopt;
    return SensorRefusal{"too_many",
                         absl::ResourceExhaustedError(absl::StrCat(
                             "already ", by_sensor_.size(),
                             " sensors connected (ingest.max_sensors)"))};
  }
  UplinkPeer* const old = held->second;
  const bool same =
      connections_[old].session->hello().instance_id() == hello.instance_id();
  if (!same && clock_.MonotonicNs() - old->last_heard_ns() <= kSilenceNs) {
    return SensorRefusal{
        "already_connected",
        absl::AlreadyExistsError(absl::StrCat(
            "sensor '", hello.sensor_id(), "' is connected from ",
            old->address(), "; give each sensor an id of its own"))};
  }
  Disconnect(old, absl::AbortedError("replaced by a newer connection"));
  return std::nullopt;
}

void IngestPipeline::Refuse(UplinkPeer* peer, const std::string& sensor,
                            const SensorRefusal& refusal) {
  if (connections_.contains(peer)) {
    // Before the session goes, to which `sensor` may belong.
    registry_.Refused(sensor, refusal.reason);
    return Disconnect(peer, refusal.status);
  }
  OnRefused(sensor, peer->address(), refusal);
  peer->End(refusal.status);
}

void IngestPipeline::OnRefused(const std::string& sensor,
                               const std::string& address,
                               const SensorRefusal& refusal) {
  registry_.Refused(sensor, refusal.reason);
  if (lines_.Take(sensor) && all_lines_.Take("")) {
    spdlog::warn("sensor from {} refused: {}", address,
                 std::string(refusal.status.message()));
  }
}

void IngestPipeline::OnClosed(UplinkPeer* peer) {
  // So that it still hears the acks of what it sent.
  if (connections_.contains(peer) && !Commit()) return;
  if (connections_.contains(peer)) {
    Disconnect(peer, absl::OkStatus());
  } else {
    peer->End(absl::OkStatus());
  }
}

void IngestPipeline::Disconnect(UplinkPeer* peer, absl::Status status) {
  const auto found = connections_.find(peer);
  const SensorSession& session = *found->second.session;
  spdlog::info("sensor {} disconnected from {}{}{}", session.sensor(),
               peer->address(), status.ok() ? "" : ": ",
               std::string(status.message()));
  for (SpoolWatermark& watermark : session.Uncommitted()) {
    group_.watermarks.push_back(std::move(watermark));
  }
  // What was held is not taken any more: the sensor's spool has it.
  for (UplinkEvent& event : found->second.held) {
    consumed_.emplace_back(std::move(event.peer), event.bytes);
  }
  registry_.Disconnected(session.sensor());
  if (orders_ != nullptr) orders_->Disconnected(session.sensor());
  by_sensor_.erase(session.sensor());
  peer->End(std::move(status));
  connections_.erase(found);
}

void IngestPipeline::CheckConnections() {
  const uint64_t changes = gate_.changes();
  const int64_t now_ns = clock_.MonotonicNs();
  if (changes == checked_changes_ && now_ns - checked_ns_ < kCheckNs) return;
  checked_changes_ = changes;
  checked_ns_ = now_ns;
  std::vector<std::pair<UplinkPeer*, SensorRefusal>> refused;
  for (const auto& [peer, connection] : connections_) {
    auto refusal = gate_.Check(connection.session->hello(),
                               connection.peer->certificate());
    if (refusal) refused.emplace_back(peer, *std::move(refusal));
  }
  for (const auto& [peer, refusal] : refused) {
    Refuse(peer, connections_[peer].session->sensor(), refusal);
  }
}

SensorBudget& IngestPipeline::BudgetOf(const std::string& sensor) {
  return budgets_.try_emplace(sensor, config_, clock_.MonotonicNs())
      .first->second;
}

void IngestPipeline::Handle(UplinkEvent event) {
  if (gate_.changes() != checked_changes_) CheckConnections();
  const auto found = connections_.find(event.peer.get());
  if (found == connections_.end()) return Process(std::move(event));
  Connection& connection = found->second;
  const std::string& sensor = connection.session->sensor();
  if (connection.held.empty()) {
    if (BudgetOf(sensor).IsOpen(clock_.MonotonicNs())) {
      return Process(std::move(event));
    }
    registry_.HeldBack(sensor);
  }
  connection.held.push_back(std::move(event));
}

bool IngestPipeline::AnyHeld() const {
  return std::any_of(
      connections_.begin(), connections_.end(),
      [](const auto& entry) { return !entry.second.held.empty(); });
}

void IngestPipeline::ProcessHeld() {
  std::vector<UplinkPeer*> waiting;
  for (const auto& [peer, connection] : connections_) {
    if (!connection.held.empty()) waiting.push_back(peer);
  }
  for (UplinkPeer* const peer : waiting) {
    // It may go, by what it sent.
    for (auto found = connections_.find(peer);
         found != connections_.end() && !found->second.held.empty() &&
         BudgetOf(found->second.session->sensor()).IsOpen(clock_.MonotonicNs());
         found = connections_.find(peer)) {
      UplinkEvent event = std::move(found->second.held.front());
      found->second.held.pop_front();
      Process(std::move(event));
    }
  }
}

}  // namespace callbraid::collector
