#ifndef CALLBRAID_SENSOR_SPOOL_FILE_H_
#define CALLBRAID_SENSOR_SPOOL_FILE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace callbraid::sensor {

// An owned file descriptor. Moves; closes when destroyed.
//
// Errors of everything here: the errno as a status, with the path.
class File {
 public:
  File() = default;
  // `flags` as for open(2); new files are readable by their owner alone, for
  // they hold what people say.
  static absl::StatusOr<File> Open(const std::string& path, int flags);

  File(File&& other) noexcept { *this = std::move(other); }
  File& operator=(File&& other) noexcept;
  ~File();

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  const std::string& path() const { return path_; }

  absl::StatusOr<uint64_t> Size() const;
  // When it was last written to, in ns since the epoch; 0 if that is not known.
  int64_t WrittenNs() const;
  // Reads until `out` is full or the file ends; returns how much.
  absl::StatusOr<size_t> ReadAt(uint64_t offset, std::span<char> out) const;
  // Writes all of `head` and then `body`, or fails; after a failure some of it
  // may be there.
  absl::Status WriteAt(uint64_t offset, std::span<const char> head,
                       std::span<const char> body) const;
  absl::Status Truncate(uint64_t size) const;
  // Returns when the data are on the disk.
  absl::Status Sync() const;

 private:
  int fd_ = -1;
  std::string path_;
};

// Makes `dir` and what is missing above it.
absl::Status MakeFolder(const std::string& dir);

// Makes new and removed names in `dir` durable.
absl::Status SyncFolder(const std::string& dir);

// Replaces `dir`/`name`: whoever reads it, also after a power failure, finds
// the old contents or the new, whole.
absl::Status ReplaceFile(const std::string& dir, const std::string& name,
                         const std::string& contents);

// NOT_FOUND; OUT_OF_RANGE if it is larger than `limit`.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t limit);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_FILE_H_
