#ifndef CALLBRAID_COLLECTOR_INGEST_SENSOR_SESSION_H_
#define CALLBRAID_COLLECTOR_INGEST_SENSOR_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/uplink.pb.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// INVALID_ARGUMENT, for people, if `hello` breaks the rules of uplink.proto.
absl::Status CheckHello(const v1::Hello& hello);

// One connection of one sensor: the order of its spools, its acks and its
// credit. Decides, and does nothing else. One thread.
class SensorSession {
 public:
  // `hello` was checked. `watermarks`: how far the store has each of its
  // spools. The sensor may be `window_bytes` ahead of the commits.
  SensorSession(v1::Hello hello, const std::vector<SpoolWatermark>& watermarks,
                uint64_t window_bytes);

  const v1::Hello& hello() const { return hello_; }
  const std::string& sensor() const { return hello_.sensor_id(); }

  v1::Welcome Welcome(const std::string& version, int64_t clock_ns) const;

  // Takes a batch of `bytes`; returns how many of its first frames were
  // delivered before. INVALID_ARGUMENT if it breaks the rules: the connection
  // must end.
  absl::StatusOr<int> Accept(const v1::FrameBatch& batch, size_t bytes);

  // How far this session has come since the last commit: for the next one.
  std::vector<SpoolWatermark> Uncommitted() const;

  // What was accepted is durable. What to tell the sensor: an ack of all that
  // is new to it, and the credit when it has grown worth a message.
  struct Answer {
    v1::Ack ack;
    v1::Credit credit;
  };
  // Without `give_credit` the sensor may send what it was granted before, and
  // no more.
  Answer Committed(bool give_credit);

  // Frames that the sensor announced as discarded.
  uint64_t discarded_frames() const { return discarded_frames_; }

 private:
  struct Spool {
    uint64_t accepted = 0;
    uint64_t stored = 0;
    // Tell the sensor again: it sent what was stored already.
    bool repeat_ack = false;
  };

  const v1::Hello hello_;
  const uint64_t window_bytes_;
  std::map<uint64_t, Spool> spools_;
  uint64_t accepted_bytes_ = 0;
  uint64_t credit_bytes_;
  uint64_t discarded_frames_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_SENSOR_SESSION_H_
