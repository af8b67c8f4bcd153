#ifndef CALLBRAID_SENSOR_CAPTURE_FOLDER_WATCH_H_
#define CALLBRAID_SENSOR_CAPTURE_FOLDER_WATCH_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "sensor/capture/folder_log.h"

namespace callbraid::sensor {

// Which files of a folder are finished: nobody writes to them any more. Those
// that the log has are left out, as are folders and names that begin with '.'.
//
// A file is finished when its writer closed it or renamed it into the folder
// (inotify(7)), if nobody else has it open for writing; if that was not seen,
// when nobody has it open (a read lease can be had; fcntl(2)) and it is
// unchanged for a second; or, where leases are not to be had, unchanged for
// `settle`. The folder is looked through at the start, every few seconds, and
// when inotify has lost events.
//
// At most 100,000 files are known at once. Not thread-safe.
class FolderWatch {
 public:
  struct File {
    std::string name;
    FileIdentity identity;
  };

  // `log` and `clock` must outlive the watch. NOT_FOUND, PERMISSION_DENIED,
  // INVALID_ARGUMENT (no folder), UNAVAILABLE; the message says which and why.
  static absl::StatusOr<std::unique_ptr<FolderWatch>> Open(
      const std::string& path, absl::Duration settle, FolderLog& log,
      const Clock& clock);
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;
  ~FolderWatch();

  // The finished file that was changed first; of several, the first by name.
  // Nullopt if there is none for now.
  std::optional<File> Next();
  // Do not name this file again, unless it changes.
  void Forget(const File& file);

  // Waits for something to happen in the folder, `at_most` so long.
  void Wait(absl::Duration at_most);

  // Somebody is writing a file that will be read.
  bool is_written_to() const { return is_written_to_; }

 private:
  struct Candidate {
    FileIdentity identity;
    // Monotonic: when it was seen to be as it is.
    int64_t since_ns = 0;
    // Its writer closed it, or it was renamed into the folder.
    bool closed = false;
    // Handed out, or not to be.
    bool forgotten = false;
    bool told = false;
    // When it was last looked for.
    uint64_t scan = 0;
  };
  enum class Writers : uint8_t { kNone, kSome, kUnknown };

  FolderWatch(std::string path, absl::Duration settle, FolderLog& log,
              const Clock& clock);
  absl::Status Start();
  void TakeEvents();
  void Scan();
  // Looks at the file again; nullptr if it is gone, or none that is read.
  Candidate* Look(const std::string& name);
  bool IsFinished(const std::string& name, Candidate& candidate);
  Writers WritersOf(const std::string& name) const;

  const std::string path_;
  const int64_t settle_ns_;
  FolderLog& log_;
  const Clock& clock_;
  int inotify_ = -1;
  int64_t next_scan_ns_ = 0;
  uint64_t scans_ = 0;
  bool is_written_to_ = false;
  bool told_too_many_ = false;
  std::string told_failure_;
  std::map<std::string, Candidate> candidates_;
  // Of these, those that are to be read.
  std::set<std::string> waiting_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_FOLDER_WATCH_H_
