#ifndef CALLBRAID_SENSOR_CAPTURE_FILE_SOURCE_H_
#define CALLBRAID_SENSOR_CAPTURE_FILE_SOURCE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "common/base/clock.h"
#include "sensor/capture/packet_file.h"
#include "sensor/capture/packet_source.h"

namespace callbraid::sensor {

// How fast a file is read, as a multiple of the speed it was captured at;
// empty: as fast as can be. From "", "max", "real", or a factor such as "10" or
// "0.5".
absl::StatusOr<std::optional<double>> ParseSpeed(std::string_view text);

// Packets from a pcap or pcapng file, which may be compressed by gzip or
// Zstandard, or come by a pipe, and the TLS secrets that a pcapng file may hold
// (as `editcap --inject-secrets` puts them there). They keep the times of the
// file; when paced, only the moment of handing on follows the monotonic clock.
class FileSource final : public PacketSource {
 public:
  // Of `config` it takes speed and, if set, filter: there is no built-in filter
  // for files. `clock` must outlive the source. Errors say what file and why:
  // those of OpenPacketFile(), INVALID_ARGUMENT (bad speed).
  static absl::StatusOr<std::unique_ptr<FileSource>> Open(
      const std::string& path, const v1::CaptureConfig& config,
      const Clock& clock);

  absl::StatusOr<bool> Read(PacketSink& sink) override;
  // Async-signal-safe.
  void Stop() override { stopped_.store(true, std::memory_order_relaxed); }
  CaptureCounters counters() override { return counters_; }
  const std::string& name() const override { return name_; }
  int64_t watermark_ns() const override { return watermark_ns_; }

 private:
  FileSource(const std::string& path, std::unique_ptr<PacketFile> file,
             std::optional<double> speed, const Clock& clock);

  // Reads the next packet into pending_. False at the end of the file.
  absl::StatusOr<bool> Advance();
  // Sets pending_'s due time.
  void Schedule();
  void HandOn(PacketSink& sink);
  void HandOnKeys(PacketSink& sink);

  const std::string path_;
  const std::string name_;
  const std::unique_ptr<PacketFile> file_;
  const std::optional<double> speed_;
  const Clock& clock_;
  std::atomic<bool> stopped_ = false;

  // Points into the file's buffer: until the next packet is read.
  std::optional<CapturedPacket> pending_;
  int64_t pending_due_ns_ = 0;  // Monotonic.
  struct Start {
    int64_t capture_ns;
    int64_t monotonic_ns;
  };
  std::optional<Start> start_;
  CaptureCounters counters_;
  int64_t watermark_ns_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_FILE_SOURCE_H_
