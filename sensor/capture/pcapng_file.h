#ifndef CALLBRAID_SENSOR_CAPTURE_PCAPNG_FILE_H_
#define CALLBRAID_SENSOR_CAPTURE_PCAPNG_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "sensor/capture/capture_file.h"
#include "sensor/capture/packet_file.h"

namespace callbraid::sensor {

// Reads pcapng (draft-ietf-opsawg-pcapng): any number of sections, in either
// byte order, and in each of interfaces, whose link types, snapshot lengths and
// units of time may differ, which libpcap does not read; and the TLS key logs
// of Decryption Secrets Blocks, which it passes over.
//
// A Simple Packet Block, which bears no time, has that of the packet before. A
// packet of more than 256 KiB, an interface that was not described or a length
// that does not fit is damage; what is not known is passed over. Memory is
// bounded by a block of 16 MiB and 65,536 interfaces. One thread.
class PcapngFile final : public PacketFile {
 public:
  // `file` is at its beginning, and begins as pcapng does.
  PcapngFile(File file, std::string filter);
  PcapngFile(const PcapngFile&) = delete;
  PcapngFile& operator=(const PcapngFile&) = delete;
  ~PcapngFile() override;

  absl::StatusOr<bool> Next(CapturedPacket& packet) override;
  const std::string& key_log() const override { return key_log_; }
  void WipeKeyLog() override;

 private:
  struct Interface {
    // DLT_...
    int link_type = 0;
    // 0: no limit.
    uint32_t snaplen = 0;
    // A unit of time is 10^-resolution seconds, or 2^-resolution.
    uint8_t resolution = 6;
    bool is_binary = false;
    // In seconds, to be added.
    int64_t offset_s = 0;
  };
  struct Filter;
  class Fields;

  // Reads a block; false at the end of the file. If its type is one that is
  // read, its body is in block_.
  absl::StatusOr<bool> ReadBlock();
  absl::Status BeginSection();
  // `length`: bytes of the block that are still to come.
  absl::Status ReadBody(size_t length, bool wanted);
  absl::Status AddInterface();
  // True if that is a packet that passes the filter.
  absl::StatusOr<bool> TakePacket(CapturedPacket& packet);
  void TakeSecrets();
  absl::StatusOr<bool> Passes(const CapturedPacket& packet);
  uint32_t Number(const uint8_t* bytes) const;

  const File file_;
  const std::string filter_;
  // By link type, as they come.
  std::vector<std::unique_ptr<Filter>> filters_;

  // Of the section.
  bool big_endian_ = false;
  std::vector<Interface> interfaces_;

  uint32_t block_type_ = 0;
  std::vector<uint8_t> block_;
  int64_t last_time_ns_ = 0;
  std::string key_log_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_PCAPNG_FILE_H_
