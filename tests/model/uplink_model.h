#ifndef CALLBRAID_TESTS_MODEL_UPLINK_MODEL_H_
#define CALLBRAID_TESTS_MODEL_UPLINK_MODEL_H_

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

// One spool, one collector and all that can happen to them, as docs/protocol.md
// tells it. The decisions are the product's own (ResumeAfter(), SensorSession);
// disks, queues and faults are modelled, with one frame to a batch and to a
// segment.

namespace callbraid::model {

// What a frame is about: 1, 2, ... in the order in which they were captured.
using Content = uint8_t;
using Contents = std::set<Content>;

// How often each thing may happen in one history.
struct Budget {
  int frames = 3;
  int kills = 1;
  int power_failures = 1;
  int discards = 1;
  // A copy of the sensor's disk is made, and put back later.
  int images = 1;
  int cuts = 2;
  int collector_kills = 1;
  // A copy of the store is made, and put back later.
  int backups = 1;
  auto operator<=>(const Budget&) const = default;
};

// What is in the folder of a spool. Sequences are those in the segments.
struct Disk {
  uint64_t first = 1;
  std::vector<Content> frames;
  // So many of `frames` survive a power failure.
  uint64_t synced = 0;
  bool has_meta = false;
  uint64_t spool_id = 0;
  uint64_t base = 0;
  uint64_t acked = 0;
  uint64_t unconfirmed = 0;
  auto operator<=>(const Disk&) const = default;

  uint64_t next() const { return first + frames.size(); }
};

// The process, while it runs.
struct Sensor {
  uint64_t acked = 0;
  uint64_t recovered_next = 1;
  uint64_t sent_end = 1;
  auto operator<=>(const Sensor&) const = default;
};

struct Batch {
  uint64_t first_sequence = 0;
  uint64_t discarded_before = 0;
  Content frame = 0;
  auto operator<=>(const Batch&) const = default;
};

struct Connection {
  uint64_t spool_id = 0;
  uint64_t next = 1;      // At the sensor.
  uint64_t accepted = 0;  // At the collector.
  std::deque<Batch> up;
  std::deque<uint64_t> acks;
  auto operator<=>(const Connection&) const = default;
};

struct Store {
  Contents frames;
  std::map<uint64_t, uint64_t> watermarks;  // By spool id.
  auto operator<=>(const Store&) const = default;
};

struct State {
  Budget left;
  Content captured = 0;
  uint64_t spool_ids = 0;  // Drawn so far.
  Disk disk;
  std::optional<Disk> image;
  std::optional<Sensor> sensor;
  std::optional<Connection> connection;
  Store store;
  std::optional<Store> backup;
  // Taken by the collector, and not committed; with what becomes of the
  // watermark.
  Contents group;
  std::map<uint64_t, uint64_t> group_watermarks;
  // What may be missing: discarded, not synced, gone with a disk that was
  // replaced. Everything else must not be.
  Contents excused;
  auto operator<=>(const State&) const = default;
};

struct Step {
  std::string what;
  State state;
};

// All that can happen next. A rule that was broken on the way is put into
// `broken`.
std::vector<Step> StepsFrom(const State& state, std::string& broken);

// What is wrong with `state`; empty if nothing is.
std::string Fault(const State& state);

// Lets everything go well from here on until nothing is left to do.
State Settle(State state, std::string& broken);

}  // namespace callbraid::model

#endif  // CALLBRAID_TESTS_MODEL_UPLINK_MODEL_H_
