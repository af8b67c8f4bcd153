#ifndef CALLBRAID_SENSOR_CAPTURE_PACKET_SOURCE_H_
#define CALLBRAID_SENSOR_CAPTURE_PACKET_SOURCE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/census.pb.h"

namespace callbraid::sensor {

// One frame off the wire. A view: valid until the sink returns.
struct CapturedPacket {
  // As stamped by NIC, kernel or file. Never corrected.
  int64_t time_ns = 0;
  // DLT_... value (libpcap) of `bytes`.
  int link_type = 0;
  std::span<const uint8_t> bytes;
  // Length on the wire; more than bytes.size() if the capture cut the frame.
  uint32_t wire_length = 0;
};

class PacketSink {
 public:
  virtual ~PacketSink() = default;
  virtual void OnPacket(const CapturedPacket& packet) = 0;
  // Secrets of TLS that the capture has with it, as lines of a key log; they
  // should come before the packets that they are for. Valid until the sink
  // returns.
  virtual void OnKeyLog(std::string_view /*lines*/) {}
};

// Drops are totals since the source was opened.
struct CaptureCounters {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t kernel_drops = 0;
  uint64_t interface_drops = 0;
};

// Where packets come from: an interface, a capture file, or a folder of them;
// one capture point.
//
// One thread reads; Stop() may be called from any, also from a signal handler.
class PacketSource {
 public:
  virtual ~PacketSource() = default;

  // Hands packets to `sink` until there is nothing more for now (live: after
  // about the read timeout; file: after a bounded number). False when nothing
  // will ever follow: end of file, or drained after Stop(). Errors: DATA_LOSS
  // (the file is damaged from here on), UNAVAILABLE (the interface is gone).
  virtual absl::StatusOr<bool> Read(PacketSink& sink) = 0;

  // Read() hands on what has been captured so far and then returns false.
  virtual void Stop() = 0;

  virtual CaptureCounters counters() = 0;

  // Of a source whose packets come in parts (the files of a folder): true once
  // for each part that was handed on to its end. In their order, PartIsSafe()
  // says of each that what came of it survives power loss.
  virtual bool TakePart() { return false; }
  virtual void PartIsSafe() {}

  // What the kernel says of the interface, about a second old; null of a file.
  // Lives as long as the source.
  virtual const v1::InterfaceState* interface_state() const { return nullptr; }

  // Interface name, or file name without its folder.
  virtual const std::string& name() const = 0;

  // The time up to which everything captured has been handed on: for a live
  // source the wall clock less its latency, for a file its last packet.
  virtual int64_t watermark_ns() const = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_PACKET_SOURCE_H_
