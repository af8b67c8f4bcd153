#ifndef CALLBRAID_SENSOR_CAPTURE_FOLDER_LOG_H_
#define CALLBRAID_SENSOR_CAPTURE_FOLDER_LOG_H_

#include <sys/stat.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace callbraid::sensor {

// What a file in a folder was when it was looked at: if any of it differs, it
// is another file, though the name may be the same (tcpdump -W writes to the
// same names again and again).
struct FileIdentity {
  uint64_t inode = 0;
  int64_t modified_ns = 0;
  uint64_t bytes = 0;

  static FileIdentity Of(const struct stat& state);
  bool operator==(const FileIdentity&) const = default;
};

// Which files of a folder have been read, also in earlier lives of the sensor.
//
// On disk a line each, appended and synced: inode, time of the last change in
// ns, size, and name with C's escapes. A line that makes no sense is passed
// over: that file is read again, which does no harm. Not thread-safe.
class FolderLog {
 public:
  // Makes the file if it is missing. UNAVAILABLE with what is wrong.
  static absl::StatusOr<std::unique_ptr<FolderLog>> Open(
      const std::string& path);
  FolderLog(const FolderLog&) = delete;
  FolderLog& operator=(const FolderLog&) = delete;
  ~FolderLog();

  bool Has(const std::string& name, const FileIdentity& identity) const;
  // Durable when this returns OK; remembered in any case. UNAVAILABLE.
  absl::Status Add(const std::string& name, const FileIdentity& identity);
  // Forgets the files that are not in `present`, so that the log does not grow
  // with what is long gone. Writes it anew if that is worth it.
  template <typename Names>
  absl::Status KeepOnly(const Names& present) {
    for (auto it = files_.begin(); it != files_.end();) {
      it = present.count(it->first) > 0 ? std::next(it) : files_.erase(it);
    }
    return lines_ > 2 * files_.size() + kSlackLines ? Rewrite()
                                                    : absl::OkStatus();
  }

  size_t size() const { return files_.size(); }

 private:
  static constexpr size_t kSlackLines = 1000;

  explicit FolderLog(std::string path) : path_(std::move(path)) {}
  absl::Status Load();
  absl::Status Rewrite();
  absl::Status OpenToAppend();

  const std::string path_;
  int fd_ = -1;
  size_t lines_ = 0;
  std::map<std::string, FileIdentity> files_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_FOLDER_LOG_H_
