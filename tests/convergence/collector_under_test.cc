#include "tests/convergence/collector_under_test.h"

#include <algorithm>
#include <string_view>

#include "collector/record/recorder.h"
#include "collector/store/scope.h"
#include "gtest/gtest.h"
#include "xxhash.h"

namespace callbraid::convergence {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// Ends of captures are told at once, other news of sensors every 10 s.
constexpr int64_t kNewsNs = 11 * kSecond;

v1::IngestConfig IngestConfigOfTests() {
  v1::IngestConfig config;
  config.set_commit_ms(1);
  config.set_window_mib(64);
  // Time stands still: nothing would pay for more.
  config.set_max_mib_per_second(100'000);
  config.set_max_frames_per_second(100'000'000);
  config.set_max_observations_per_minute(1'000'000'000);
  return config;
}

class Hashing final : public collector::RecordingSink {
 public:
  absl::Status Begin(uint64_t total_bytes) override {
    text_ = std::to_string(total_bytes) + " bytes";
    return absl::OkStatus();
  }
  absl::Status Write(std::string_view bytes) override {
    hash_ = XXH3_64bits_withSeed(bytes.data(), bytes.size(), hash_);
    return absl::OkStatus();
  }
  std::string ToString() const { return text_ + ", " + std::to_string(hash_); }

 private:
  std::string text_;
  uint64_t hash_ = 0;
};

}  // namespace

void Watcher::OnCallUpdated(const v1::Call& call) {
  calls_[call.id()] = call;
  ids_.insert(call.id());
  for (const v1::Leg& leg : call.legs()) {
    ids_.insert(leg.id());
    for (const auto& seen : leg.observations()) ids_.insert(seen.id());
  }
  for (const v1::Stream& stream : call.streams()) {
    ids_.insert(stream.id());
    for (const auto& seen : stream.observations()) ids_.insert(seen.id());
  }
}

void Watcher::OnCallMerged(const std::string& id, const std::string& into) {
  calls_.erase(id);
  ids_.insert(into);
  ++merged_;
}

class CollectorUnderTest::Peer final : public collector::UplinkPeer {
 public:
  explicit Peer(const fakes::FakeClock& clock) : clock_(clock) {}

  void Send(v1::ConnectResponse response) override {
    if (response.has_welcome()) welcome = response.welcome();
  }
  void End(absl::Status status) override {
    if (!status.ok() && !absl::IsUnavailable(status)) {
      ADD_FAILURE() << "a sensor was refused: " << status;
    }
  }
  void Consumed(size_t) override {}
  const std::string& address() const override { return address_; }
  int64_t last_heard_ns() const override { return clock_.MonotonicNs(); }

  std::optional<v1::Welcome> welcome;

 private:
  const fakes::FakeClock& clock_;
  const std::string address_ = "10.0.0.1:99";
};

CollectorUnderTest::CollectorUnderTest(std::vector<SensorScript> sensors,
                                       size_t held)
    : scripts_(std::move(sensors)), connections_(scripts_.size()) {
  config_.set_max_observations(static_cast<uint32_t>(held));
  Open();
}

CollectorUnderTest::~CollectorUnderTest() { Close(/*orderly=*/false); }

size_t CollectorUnderTest::Left(size_t sensor, size_t lane) const {
  return scripts_[sensor].lanes[lane].size() - connections_[sensor].sent[lane];
}

void CollectorUnderTest::Open() {
  auto store = collector::RocksDbStore::Open(dir_.path() + "/data");
  ASSERT_TRUE(store.ok()) << store.status();
  store_ = *std::move(store);
  correlator_ = std::make_unique<collector::Correlator>(*store_, config_,
                                                        clock_, watcher_);
  pipeline_ = std::make_unique<collector::IngestPipeline>(
      IngestConfigOfTests(), "test", *store_, gate_, *correlator_, clock_);
  ASSERT_TRUE(pipeline_->Load().ok());
  ASSERT_TRUE(correlator_->Start().ok());
}

void CollectorUnderTest::Close(bool orderly) {
  if (orderly) {
    Commit();
    Correlate();
  }
  pipeline_.reset();
  correlator_.reset();
  store_.reset();
  for (Connection& connection : connections_) connection.peer.reset();
}

void CollectorUnderTest::Restart(bool orderly) {
  std::vector<size_t> connected;
  for (size_t i = 0; i < connections_.size(); ++i) {
    if (connections_[i].peer != nullptr) connected.push_back(i);
  }
  Close(orderly);
  Open();
  for (const size_t sensor : connected) Connect(sensor);
}

uint64_t CollectorUnderTest::SpoolId(size_t sensor, size_t lane) const {
  return 1000 * (sensor + 1) + 2 * connections_[sensor].generation + lane + 1;
}

void CollectorUnderTest::Connect(size_t sensor) {
  const SensorScript& script = scripts_[sensor];
  Connection& connection = connections_[sensor];
  connection.peer = std::make_shared<Peer>(clock_);
  v1::Hello hello;
  hello.set_sensor_id(script.id);
  hello.set_site(script.site);
  hello.set_instance_id(7);
  for (const std::string& point : script.points) {
    hello.add_capture_points()->set_name(point);
  }
  for (size_t lane = 0; lane < 2; ++lane) {
    hello.add_spools()->set_spool_id(SpoolId(sensor, lane));
  }
  ASSERT_TRUE(pipeline_->Push({connection.peer, std::move(hello), 0}));
  Commit();
  ASSERT_TRUE(connection.peer->welcome.has_value());
  for (size_t lane = 0; lane < 2; ++lane) {
    connection.sent[lane] =
        connection.peer->welcome->watermarks(static_cast<int>(lane)).stored();
  }
}

void CollectorUnderTest::Send(size_t sensor, size_t lane, size_t count,
                              size_t repeated) {
  Connection& connection = connections_[sensor];
  if (connection.peer == nullptr) Connect(sensor);
  const auto& frames = scripts_[sensor].lanes[lane];
  size_t& sent = connection.sent[lane];
  const size_t begin = sent - std::min(repeated, sent);
  const size_t end = std::min(sent + count, frames.size());
  if (begin == end) return;
  v1::FrameBatch batch;
  batch.set_spool_id(SpoolId(sensor, lane));
  batch.set_first_sequence(begin + 1);
  for (size_t i = begin; i < end; ++i) *batch.add_frames() = frames[i];
  const size_t bytes = batch.ByteSizeLong();
  ASSERT_TRUE(pipeline_->Push({connection.peer, std::move(batch), bytes}));
  sent = end;
}

void CollectorUnderTest::Commit() { pipeline_->RunOnce(0); }

void CollectorUnderTest::Correlate() { correlator_->Flush(); }

void CollectorUnderTest::ReadAgain(size_t sensor) {
  Connection& connection = connections_[sensor];
  if (connection.peer != nullptr) {
    pipeline_->Push({connection.peer, collector::UplinkClosed(), 0});
    Commit();
    connection.peer.reset();
  }
  ++connection.generation;
  connection.sent = {};
}

std::vector<std::string> CollectorUnderTest::CallIds() {
  std::vector<std::string> ids;
  v1::ListCallsRequest request;
  request.set_page_size(1000);
  do {
    auto page = store_->facts().ListCalls(request, collector::Scope::All());
    if (!page.ok()) {
      ADD_FAILURE() << page.status();
      break;
    }
    for (const v1::Call& call : page->calls) ids.push_back(call.id());
    request.set_page_token(page->next_page_token);
  } while (!request.page_token().empty());
  return ids;
}

StoredCalls CollectorUnderTest::Stored() {
  Commit();
  // The registry's news of the sensors are written every 10 s.
  clock_.Advance(kNewsNs);
  Commit();
  Correlate();
  StoredCalls stored;
  for (const std::string& id : CallIds()) {
    auto record = store_->facts().GetCall(id, collector::Scope::All());
    if (!record.ok()) {
      ADD_FAILURE() << id << ": " << record.status();
      continue;
    }
    Hashing sink;
    const absl::Status rendered =
        collector::RenderCall(*store_, *record, {}, sink);
    stored.recordings[id] =
        rendered.ok() ? sink.ToString() : std::string(rendered.ToString());
    record->mutable_call()->clear_revision();
    stored.records[id] = record->SerializeAsString();
  }
  return stored;
}

std::string CollectorUnderTest::WatchedAmiss() {
  const std::vector<std::string> ids = CallIds();
  if (ids.size() != watcher_.calls().size()) {
    return std::to_string(watcher_.calls().size()) + " calls were told of, " +
           std::to_string(ids.size()) + " are stored";
  }
  for (const std::string& id : ids) {
    const auto told = watcher_.calls().find(id);
    if (told == watcher_.calls().end()) return id + " was not told of";
    const auto record = store_->facts().GetCall(id, collector::Scope::All());
    if (!record.ok() || record->call().SerializeAsString() !=
                            told->second.SerializeAsString()) {
      return id + " is not as it was told";
    }
  }
  return "";
}

std::vector<std::string> CollectorUnderTest::UnknownIds() {
  std::vector<std::string> unknown;
  for (const std::string& id : watcher_.ids()) {
    if (!store_->facts().GetCall(id, collector::Scope::All()).ok())
      unknown.push_back(id);
  }
  return unknown;
}

}  // namespace callbraid::convergence
