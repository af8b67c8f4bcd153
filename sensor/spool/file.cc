#include "sensor/spool/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace callbraid::sensor {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr mode_t kFolderMode = 0700;

absl::Status Failed(const std::string& action, const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot ", action, " ", path));
}

}  // namespace

absl::StatusOr<File> File::Open(const std::string& path, int flags) {
  File file;
  do {
    file.fd_ = open(path.c_str(), flags | O_CLOEXEC, kFileMode);
  } while (file.fd_ < 0 && errno == EINTR);
  if (file.fd_ < 0) return Failed("open", path);
  file.path_ = path;
  return file;
}

File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

File::~File() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<uint64_t> File::Size() const {
  struct stat status = {};
  if (fstat(fd_, &status) != 0) return Failed("look at", path_);
  return static_cast<uint64_t>(status.st_size);
}

int64_t File::WrittenNs() const {
  struct stat info = {};
  if (fstat(fd_, &info) != 0) return 0;
  return int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
}

absl::StatusOr<size_t> File::ReadAt(uint64_t offset,
                                    std::span<char> out) const {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = pread(fd_, out.data() + done, out.size() - done,
                              static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Failed("read", path_);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

absl::Status File::WriteAt(uint64_t offset, std::span<const char> head,
                           std::span<const char> body) const {
  while (!head.empty() || !body.empty()) {
    const std::array<iovec, 2> parts = {
        iovec{const_cast<char*>(head.data()), head.size()},
        iovec{const_cast<char*>(body.data()), body.size()}};
    const ssize_t wrote =
        pwritev(fd_, parts.data(), parts.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return Failed("write", path_);
    const auto count = static_cast<size_t>(wrote);
    const size_t of_head = std::min(count, head.size());
    head = head.subspan(of_head);
    body = body.subspan(count - of_head);
    offset += count;
  }
  return absl::OkStatus();
}

absl::Status File::Truncate(uint64_t size) const {
  if (ftruncate(fd_, static_cast<off_t>(size)) != 0) {
    return Failed("truncate", path_);
  }
  return absl::OkStatus();
}

absl::Status File::Sync() const {
  if (fdatasync(fd_) != 0) return Failed("sync", path_);
  return absl::OkStatus();
}

absl::Status MakeFolder(const std::string& dir) {
  for (size_t end = 0; end != std::string::npos;) {
    end = dir.find('/', end + 1);
    const std::string part = dir.substr(0, end);
    if (mkdir(part.c_str(), kFolderMode) == 0) continue;
    const int error = errno;
    // A folder above may exist without our being allowed to make it.
    struct stat status = {};
    if (stat(part.c_str(), &status) == 0) continue;
    if (error == EEXIST) {
      return absl::FailedPreconditionError(absl::StrCat(
          part, " is a link to what does not exist; is its disk mounted?"));
    }
    errno = error;
    return Failed("make the folder", part);
  }
  struct stat status = {};
  if (stat(dir.c_str(), &status) != 0) return Failed("look at", dir);
  if (!S_ISDIR(status.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(dir, " is no folder"));
  }
  return absl::OkStatus();
}

absl::Status SyncFolder(const std::string& dir) {
  ASSIGN_OR_RETURN(const File folder, File::Open(dir, O_RDONLY | O_DIRECTORY));
  if (fsync(folder.fd()) != 0) return Failed("sync", dir);
  return absl::OkStatus();
}

absl::Status ReplaceFile(const std::string& dir, const std::string& name,
                         const std::string& contents) {
  const std::string path = absl::StrCat(dir, "/", name);
  const std::string draft = absl::StrCat(path, ".new");
  // What an earlier try left; or a link, which must not be followed.
  unlink(draft.c_str());
  {
    ASSIGN_OR_RETURN(const File file,
                     File::Open(draft, O_WRONLY | O_CREAT | O_EXCL));
    // Who could read what was there can read what is there.
    struct stat replaced = {};
    if (stat(path.c_str(), &replaced) == 0) {
      fchmod(file.fd(), replaced.st_mode & 0777);
    }
    RETURN_IF_ERROR(file.WriteAt(0, contents, {}));
    RETURN_IF_ERROR(file.Sync());
  }
  if (rename(draft.c_str(), path.c_str()) != 0) return Failed("replace", path);
  return SyncFolder(dir);
}

absl::StatusOr<std::string> ReadFile(const std::string& path, size_t limit) {
  ASSIGN_OR_RETURN(const File file, File::Open(path, O_RDONLY));
  ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  if (size > limit) {
    return absl::OutOfRangeError(absl::StrCat(path, " is too large"));
  }
  std::string contents(size, '\0');
  ASSIGN_OR_RETURN(const size_t got, file.ReadAt(0, contents));
  contents.resize(got);
  return contents;
}

}  // namespace callbraid::sensor
