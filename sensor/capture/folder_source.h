#ifndef CALLBRAID_SENSOR_CAPTURE_FOLDER_SOURCE_H_
#define CALLBRAID_SENSOR_CAPTURE_FOLDER_SOURCE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "common/base/clock.h"
#include "sensor/capture/file_source.h"
#include "sensor/capture/folder_log.h"
#include "sensor/capture/folder_watch.h"
#include "sensor/capture/packet_source.h"

namespace callbraid::sensor {

// Of its capture point: as configured, or the last part of the path.
std::string FolderName(const v1::FolderConfig& folder);

// Packets of the capture files that another program writes into a folder: of
// each file once it is finished, in order of the time of its last change. One
// capture point that has no end. What is no capture file, or is damaged, is
// told once, and read as far as it goes.
//
// A file is a part (PacketSource::TakePart()). When it is safe, it goes into
// the log of those that were read, and is kept, deleted or moved as configured;
// one that was not safe when the sensor ended is read again.
//
// While nobody writes into the folder, time goes on for three minutes after the
// last packet, so that what has ended is handed on.
class FolderSource final : public PacketSource {
 public:
  // `log_path`: where it is kept what has been read. `clock` must outlive the
  // source. Errors: those of FolderLog, FolderWatch and ParseSpeed();
  // INVALID_ARGUMENT, NOT_FOUND (where files are to be moved to).
  static absl::StatusOr<std::unique_ptr<FolderSource>> Open(
      const v1::FolderConfig& folder, const std::string& log_path,
      const v1::CaptureConfig& config, const Clock& clock);

  absl::StatusOr<bool> Read(PacketSink& sink) override;
  // Async-signal-safe.
  void Stop() override { stopped_.store(true, std::memory_order_relaxed); }
  CaptureCounters counters() override;
  const std::string& name() const override { return name_; }
  int64_t watermark_ns() const override;

  bool TakePart() override;
  void PartIsSafe() override;

 private:
  FolderSource(const v1::FolderConfig& folder, const v1::CaptureConfig& config,
               const Clock& clock)
      : folder_(folder), config_(config), clock_(clock) {}

  std::string PathOf(const std::string& name) const;
  void OpenNext();
  void EndFile(const absl::Status& status);
  // Deletes or moves the file, if it is still the same.
  absl::Status Dispose(const FolderWatch::File& file) const;

  const v1::FolderConfig folder_;
  const v1::CaptureConfig config_;
  const Clock& clock_;
  std::string name_;
  std::unique_ptr<FolderLog> log_;
  std::unique_ptr<FolderWatch> watch_;
  std::atomic<bool> stopped_ = false;

  // The file that is read; null if there is none.
  std::unique_ptr<FileSource> source_;
  FolderWatch::File file_;
  struct Part {
    FolderWatch::File file;
    // It stays where it is.
    bool is_damaged = false;
  };
  // Read to their end, and not safe yet; oldest first.
  std::deque<Part> unsafe_;
  bool part_ended_ = false;
  bool told_failure_ = false;

  // Of the files before.
  CaptureCounters counters_;
  int64_t watermark_ns_ = 0;
  // Monotonic: since when nothing is read, and nobody writes; 0 if so.
  int64_t idle_since_ns_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_FOLDER_SOURCE_H_
