#include "collector/access/token_drop.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

namespace fs = std::filesystem;

constexpr char kFolder[] = "/new-tokens";
constexpr char kEnding[] = ".token";
constexpr size_t kMaxFileBytes = 16 << 10;

absl::Status Failed(const std::string& path) {
  return absl::PermissionDeniedError(
      absl::StrCat(path, ": cannot be written: ", std::strerror(errno)));
}

// Of root's the collector could not read.
absl::Status GiveToOwnerOf(const std::string& data, const std::string& path) {
  struct stat info;
  if (stat(data.c_str(), &info) != 0 ||
      (geteuid() == 0 && lchown(path.c_str(), info.st_uid, info.st_gid) != 0)) {
    return Failed(path);
  }
  return absl::OkStatus();
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

absl::StatusOr<store::v1::TokenRecord> ReadFile(const std::string& path) {
  const Descriptor file(
      open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  std::array<char, kMaxFileBytes> bytes;
  const ssize_t size =
      file.get() < 0 ? -1 : read(file.get(), bytes.data(), bytes.size());
  store::v1::TokenRecord record;
  if (size < 0) return absl::InvalidArgumentError(std::strerror(errno));
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(size))) {
    return absl::InvalidArgumentError("damaged");
  }
  return record;
}

}  // namespace

absl::Status DropToken(const std::string& data,
                       const store::v1::TokenRecord& record) {
  const std::string folder = data + kFolder;
  std::error_code error;
  if (fs::create_directories(data, error); error) {
    return absl::PermissionDeniedError(
        absl::StrCat(data, ": cannot be made: ", error.message()));
  }
  if (mkdir(folder.c_str(), 0700) == 0) {
    RETURN_IF_ERROR(GiveToOwnerOf(data, folder));
  } else if (errno != EEXIST) {
    return Failed(folder);
  }
  const std::string path =
      absl::StrCat(folder, "/", record.token().id(), kEnding);
  const std::string part = path + ".part";
  {
    const Descriptor file(
        open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const std::string bytes = record.SerializeAsString();
    if (file.get() < 0 ||
        write(file.get(), bytes.data(), bytes.size()) !=
            static_cast<ssize_t>(bytes.size()) ||
        fsync(file.get()) != 0) {
      return Failed(part);
    }
  }
  RETURN_IF_ERROR(GiveToOwnerOf(data, part));
  // Whole or not at all: the collector may be looking.
  return rename(part.c_str(), path.c_str()) == 0 ? absl::OkStatus()
                                                 : Failed(path);
}

void AdoptTokens(const std::string& data, TokenBook& book) {
  std::error_code error;
  for (fs::directory_iterator file(data + kFolder, error), end;
       !error && file != end; file.increment(error)) {
    const std::string path = file->path().string();
    if (!absl::EndsWith(path, kEnding)) continue;
    const auto record = ReadFile(path);
    const absl::Status status =
        record.ok() ? book.Adopt(*record) : record.status();
    // It is tried again when the disk takes it.
    if (absl::IsUnavailable(status)) continue;
    if (status.ok() || absl::IsAlreadyExists(status)) {
      std::remove(path.c_str());
      continue;
    }
    spdlog::warn("{}: no token: {}", path, std::string(status.message()));
    if (std::rename(path.c_str(), (path + ".refused").c_str()) != 0) {
      std::remove(path.c_str());
    }
  }
}

}  // namespace callbraid::collector
