#include "tests/model/uplink_model.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "callbraid/v1/uplink.pb.h"
#include "collector/ingest/sensor_session.h"
#include "sensor/uplink/resumption.h"

namespace callbraid::model {
namespace {

constexpr size_t kOnTheirWay = 2;

uint64_t AckedOf(const State& state) {
  return state.sensor ? state.sensor->acked : state.disk.acked;
}

// Spool::Ack(), of a sequence on the wire. The segment that grows stays.
void Acknowledge(uint64_t sequence, State& state) {
  Disk& disk = state.disk;
  const uint64_t newest = disk.next() - 1 - disk.base;
  const uint64_t acked = disk.base + std::min(sequence, newest);
  state.sensor->acked = std::max(state.sensor->acked, acked);
  while (disk.frames.size() > 1 && disk.first <= state.sensor->acked) {
    disk.frames.erase(disk.frames.begin());
    ++disk.first;
    if (disk.synced > 0) --disk.synced;
  }
}

// Spool::Open().
void Start(State& state) {
  Disk& disk = state.disk;
  Sensor& sensor = state.sensor.emplace();
  const uint64_t next = std::max(disk.acked + 1, disk.next());
  if (disk.frames.empty()) disk.first = next;
  sensor.recovered_next = next;
  if (disk.has_meta) {
    if (disk.unconfirmed == 0 || disk.unconfirmed > next) {
      disk.unconfirmed = next;
    }
    sensor.recovered_next = disk.unconfirmed;
  } else {
    disk.has_meta = true;
    disk.spool_id = ++state.spool_ids;
    disk.base = disk.first - 1;
  }
  disk.acked = std::max(disk.acked, disk.first - 1);
  sensor.acked = disk.acked;
}

// Spool::Renew().
void Renew(State& state) {
  Disk& disk = state.disk;
  disk.spool_id = ++state.spool_ids;
  disk.base = state.sensor->recovered_next - 1;
  disk.unconfirmed = 0;
  state.sensor->sent_end = 1;
  state.sensor->acked = std::max(state.sensor->acked, disk.base);
  disk.acked = state.sensor->acked;
  Acknowledge(0, state);
}

void Commit(State& state) {
  state.store.frames.insert(state.group.begin(), state.group.end());
  for (const auto& [spool, sequence] : state.group_watermarks) {
    uint64_t& stored = state.store.watermarks[spool];
    stored = std::max(stored, sequence);
  }
  state.group.clear();
  state.group_watermarks.clear();
  if (!state.connection) return;
  const auto stored = state.store.watermarks.find(state.connection->spool_id);
  if (stored == state.store.watermarks.end()) return;
  // The newest ack says it all.
  state.connection->acks = {stored->second};
}

// Hello and welcome, and what the sensor makes of it (Uplink::Resume()).
void Connect(State& state) {
  Commit(state);
  Disk& disk = state.disk;
  Sensor& sensor = *state.sensor;
  v1::Watermark watermark;
  const auto stored = state.store.watermarks.find(disk.spool_id);
  if (stored != state.store.watermarks.end()) {
    watermark.set_received(stored->second);
    watermark.set_stored(stored->second);
  }
  const uint64_t recovered =
      sensor.recovered_next - std::min(sensor.recovered_next, disk.base);
  const auto resumption =
      sensor::ResumeAfter(watermark, std::max(recovered, sensor.sent_end));
  if (resumption.renew) {
    Renew(state);
    return;
  }
  Connection& connection = state.connection.emplace();
  connection.spool_id = disk.spool_id;
  connection.next = resumption.next;
  connection.accepted = watermark.stored();
  Acknowledge(watermark.stored(), state);
  disk.unconfirmed = 0;
}

// The next frame to send, by its sequence on the wire.
std::optional<uint64_t> NextToSend(const State& state) {
  const Disk& disk = state.disk;
  const uint64_t oldest = disk.first - std::min(disk.first, disk.base);
  const uint64_t sequence = std::max(state.connection->next, oldest);
  if (sequence + disk.base >= disk.next()) return std::nullopt;
  return sequence;
}

void Send(State& state) {
  Connection& connection = *state.connection;
  const uint64_t sequence = *NextToSend(state);
  Batch batch;
  batch.first_sequence = sequence;
  batch.discarded_before = sequence - connection.next;
  batch.frame =
      state.disk.frames[sequence + state.disk.base - state.disk.first];
  connection.up.push_back(batch);
  connection.next = sequence + 1;
  state.sensor->sent_end = std::max(state.sensor->sent_end, sequence + 1);
}

// A batch comes to the collector.
void Take(State& state, std::string& broken) {
  Connection& connection = *state.connection;
  const Batch batch = connection.up.front();
  connection.up.pop_front();
  v1::Hello hello;
  hello.set_sensor_id("s1");
  hello.add_spools()->set_spool_id(connection.spool_id);
  collector::SensorSession session(
      hello, {{"s1", connection.spool_id, connection.accepted}}, 1000);
  v1::FrameBatch message;
  message.set_spool_id(connection.spool_id);
  message.set_first_sequence(batch.first_sequence);
  message.set_discarded_before(batch.discarded_before);
  message.add_frames();
  const auto repeated = session.Accept(message, 1);
  if (!repeated.ok()) {
    broken = std::string(repeated.status().message());
    return;
  }
  if (*repeated == 1) return;
  connection.accepted = session.Uncommitted().at(0).sequence;
  state.group_watermarks[connection.spool_id] = connection.accepted;
  state.group.insert(batch.frame);
}

void Discard(State& state) {
  Disk& disk = state.disk;
  if (disk.first > state.sensor->acked) {
    state.excused.insert(disk.frames.front());
  }
  state.sensor->acked = std::max(state.sensor->acked, disk.first);
  disk.frames.erase(disk.frames.begin());
  ++disk.first;
  if (disk.synced > 0) --disk.synced;
}

void FailPower(State& state) {
  Disk& disk = state.disk;
  for (size_t i = disk.synced; i < disk.frames.size(); ++i) {
    state.excused.insert(disk.frames[i]);
  }
  disk.frames.resize(disk.synced);
  state.sensor.reset();
  state.connection.reset();
}

// What `now` has and `then` does not is gone.
void Excuse(const Contents& now, const Contents& then, State& state) {
  std::set_difference(now.begin(), now.end(), then.begin(), then.end(),
                      std::inserter(state.excused, state.excused.end()));
}

void PutImageBack(State& state) {
  const auto frames = [](const Disk& disk) {
    return Contents(disk.frames.begin(), disk.frames.end());
  };
  Excuse(frames(state.disk), frames(*state.image), state);
  state.disk = *state.image;
  state.disk.synced = state.disk.frames.size();
  state.image.reset();
}

void PutBackupBack(State& state) {
  Excuse(state.store.frames, state.backup->frames, state);
  state.store = *state.backup;
  state.backup.reset();
}

void KillCollector(State& state) {
  state.group.clear();
  state.group_watermarks.clear();
  state.connection.reset();
}

class Steps {
 public:
  using Change = std::function<void(State&)>;

  void Add(bool possible, const char* what, Change change) {
    if (possible) steps_.emplace_back(what, std::move(change));
  }
  bool empty() const { return steps_.empty(); }
  // The one that was added last.
  void TakeLast(State& state) const { steps_.back().second(state); }
  std::vector<Step> TakeEach(const State& from) const {
    std::vector<Step> taken;
    taken.reserve(steps_.size());
    for (const auto& [what, change] : steps_) {
      taken.push_back({what, from});
      change(taken.back().state);
    }
    return taken;
  }

 private:
  std::vector<std::pair<const char*, Change>> steps_;
};

void AddWork(const State& from, Steps& steps, std::string& broken) {
  const bool runs = from.sensor.has_value();
  const bool connected = from.connection.has_value();
  steps.Add(runs && from.left.frames > 0, "capture", [](State& s) {
    --s.left.frames;
    s.disk.frames.push_back(++s.captured);
  });
  steps.Add(runs && from.disk.synced < from.disk.frames.size(), "sync",
            [](State& s) { s.disk.synced = s.disk.frames.size(); });
  steps.Add(runs && from.disk.acked != from.sensor->acked, "write meta",
            [](State& s) { s.disk.acked = s.sensor->acked; });
  steps.Add(!runs, "start", Start);
  steps.Add(runs && !connected, "connect", Connect);
  steps.Add(connected && from.connection->up.size() < kOnTheirWay &&
                NextToSend(from).has_value(),
            "send", Send);
  steps.Add(connected && !from.connection->up.empty(), "take",
            [&broken](State& s) { Take(s, broken); });
  steps.Add(!from.group_watermarks.empty(), "commit", Commit);
  steps.Add(connected && !from.connection->acks.empty(), "ack", [](State& s) {
    Acknowledge(std::min(s.connection->acks.front(), s.connection->next - 1),
                s);
    s.connection->acks.pop_front();
  });
}

void AddFaults(const State& from, Steps& steps) {
  const bool runs = from.sensor.has_value();
  steps.Add(runs && from.left.kills > 0, "kill sensor", [](State& s) {
    --s.left.kills;
    s.sensor.reset();
    s.connection.reset();
  });
  steps.Add(runs && from.left.power_failures > 0, "power failure",
            [](State& s) {
              --s.left.power_failures;
              FailPower(s);
            });
  steps.Add(runs && from.left.discards > 0 && from.disk.frames.size() > 1,
            "discard", [](State& s) {
              --s.left.discards;
              Discard(s);
            });
  steps.Add(from.left.images > 0 && !from.disk.frames.empty(), "make image",
            [](State& s) {
              --s.left.images;
              s.image = s.disk;
            });
  steps.Add(!runs && from.image, "put image back", PutImageBack);
  steps.Add(from.connection && from.left.cuts > 0, "cut", [](State& s) {
    --s.left.cuts;
    s.connection.reset();
  });
  steps.Add(from.left.collector_kills > 0, "kill collector", [](State& s) {
    --s.left.collector_kills;
    KillCollector(s);
  });
  steps.Add(from.left.backups > 0 && !from.store.frames.empty(), "make backup",
            [](State& s) {
              --s.left.backups;
              s.backup = s.store;
            });
  steps.Add(from.backup.has_value(), "put backup back", [](State& s) {
    KillCollector(s);
    PutBackupBack(s);
  });
}

}  // namespace

std::vector<Step> StepsFrom(const State& state, std::string& broken) {
  Steps steps;
  AddWork(state, steps, broken);
  AddFaults(state, steps);
  return steps.TakeEach(state);
}

std::string Fault(const State& state) {
  Contents safe = state.excused;
  safe.insert(state.store.frames.begin(), state.store.frames.end());
  const Disk& disk = state.disk;
  for (size_t i = 0; i < disk.frames.size(); ++i) {
    if (disk.first + i > AckedOf(state)) safe.insert(disk.frames[i]);
  }
  for (Content frame = 1; frame <= state.captured; ++frame) {
    if (safe.count(frame) == 0) {
      return "frame " + std::to_string(frame) +
             " is neither stored nor in the spool";
    }
  }
  return "";
}

State Settle(State state, std::string& broken) {
  state.left = {.frames = 0,
                .kills = 0,
                .power_failures = 0,
                .discards = 0,
                .images = 0,
                .cuts = 0,
                .collector_kills = 0,
                .backups = 0};
  state.image.reset();
  state.backup.reset();
  for (int turns = 0; turns < 100; ++turns) {
    Steps steps;
    AddWork(state, steps, broken);
    if (steps.empty()) return state;
    steps.TakeLast(state);
  }
  if (broken.empty()) broken = "it does not come to rest";
  return state;
}

}  // namespace callbraid::model
