#ifndef CALLBRAID_COLLECTOR_INGEST_UPLINK_PEER_H_
#define CALLBRAID_COLLECTOR_INGEST_UPLINK_PEER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "absl/status/status.h"
#include "callbraid/v1/uplink.pb.h"
#include "collector/access/sensor_gate.h"
#include "common/pki/certificate.h"

namespace callbraid::collector {

// A sensor's connection, as the ingest thread sees it. Implemented by the gRPC
// reactor. Thread-safe; nothing blocks; nothing has an effect after the end of
// the connection.
class UplinkPeer {
 public:
  virtual ~UplinkPeer() = default;
  virtual void Send(v1::ConnectResponse response) = 0;
  // The connection ends with `status`, after what was sent.
  virtual void End(absl::Status status) = 0;
  // An event of `bytes` was dealt with: there is room for another.
  virtual void Consumed(size_t bytes) = 0;
  // "address:port".
  virtual const std::string& address() const = 0;
  // Monotonic time when anything last came.
  virtual int64_t last_heard_ns() const = 0;
  // When its certificate holds; for ever, in plaintext.
  virtual pki::Validity certificate() const { return {}; }
};

// The sensor sends no more: closed, broken or cancelled.
struct UplinkClosed {};

// What came from a sensor, on its way to the ingest thread.
struct UplinkEvent {
  // Shared: the connection may end while its events are in the queue, and gRPC
  // decides when.
  std::shared_ptr<UplinkPeer> peer;
  std::variant<v1::Hello, v1::FrameBatch, v1::Heartbeat, UplinkClosed> what;
  // Serialized size, about what it takes of memory.
  size_t bytes = 0;
};

// Where connections hand their events to.
class UplinkSink {
 public:
  virtual ~UplinkSink() = default;
  // False if it takes nothing any more. Never blocks.
  virtual bool Push(UplinkEvent event) = 0;
  // A connection was refused before there was a session: counted by its reason
  // for the sensor that it claims to be, "" if it did not say. Not by way of
  // the queue, in which strangers must not take room.
  virtual void OnRefused(const std::string& sensor, const std::string& address,
                         const SensorRefusal& refusal) = 0;
  // Whether all connections together are so far ahead of the disk that each
  // should read no more until its own events have been dealt with.
  virtual bool Congested() const = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_UPLINK_PEER_H_
