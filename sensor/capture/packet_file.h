#ifndef CALLBRAID_SENSOR_CAPTURE_PACKET_FILE_H_
#define CALLBRAID_SENSOR_CAPTURE_PACKET_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "sensor/capture/packet_source.h"

namespace callbraid::sensor {

// A capture file, packet by packet. One thread.
class PacketFile {
 public:
  virtual ~PacketFile() = default;

  // False at the end of the file. `packet` is a view: valid until the next
  // call. Errors say what is wrong, but not with which file: DATA_LOSS (it is
  // damaged from here on), INVALID_ARGUMENT (the filter is none for this link
  // type).
  virtual absl::StatusOr<bool> Next(CapturedPacket& packet) = 0;

  // TLS secrets that the file has before that packet, as lines of a key log;
  // empty if there are none. Whoever has handed them on wipes them.
  virtual const std::string& key_log() const = 0;
  virtual void WipeKeyLog() = 0;
};

// Opens a pcap file (by libpcap) or a pcapng file (PcapngFile), or a pipe; gzip
// (RFC 1952) or Zstandard (RFC 8878) may have compressed either. Of an empty
// `filter` (libpcap's expressions) everything passes.
//
// Errors say what file and why: NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT
// (empty, no capture file, bad filter), UNIMPLEMENTED (compressed in another
// way; the message says how to undo that), UNAVAILABLE.
absl::StatusOr<std::unique_ptr<PacketFile>> OpenPacketFile(
    const std::string& path, const std::string& filter);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_PACKET_FILE_H_
