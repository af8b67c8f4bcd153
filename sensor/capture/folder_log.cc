#include "sensor/capture/folder_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kNsPerSecond = 1'000'000'000;

absl::Status Failed(const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat("cannot write '", path, "': ", std::strerror(errno)));
}

std::string LineOf(const std::string& name, const FileIdentity& identity) {
  return absl::StrCat(identity.inode, " ", identity.modified_ns, " ",
                      identity.bytes, " ", absl::CEscape(name), "\n");
}

absl::Status WriteAll(int fd, const std::string& text,
                      const std::string& path) {
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t count = write(fd, text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Failed(path);
    done += static_cast<size_t>(count);
  }
  if (fdatasync(fd) != 0) return Failed(path);
  return absl::OkStatus();
}

}  // namespace

FileIdentity FileIdentity::Of(const struct stat& state) {
  return {state.st_ino,
          int64_t{state.st_mtim.tv_sec} * kNsPerSecond + state.st_mtim.tv_nsec,
          static_cast<uint64_t>(state.st_size)};
}

absl::StatusOr<std::unique_ptr<FolderLog>> FolderLog::Open(
    const std::string& path) {
  auto log = std::unique_ptr<FolderLog>(new FolderLog(path));
  RETURN_IF_ERROR(log->Load());
  RETURN_IF_ERROR(log->OpenToAppend());
  return log;
}

FolderLog::~FolderLog() {
  if (fd_ >= 0) close(fd_);
}

absl::Status FolderLog::Load() {
  std::ifstream in(path_);
  for (std::string line; std::getline(in, line);) {
    ++lines_;
    const std::vector<std::string> parts =
        absl::StrSplit(line, absl::MaxSplits(' ', 3));
    FileIdentity identity;
    std::string name;
    if (parts.size() == 4 && absl::SimpleAtoi(parts[0], &identity.inode) &&
        absl::SimpleAtoi(parts[1], &identity.modified_ns) &&
        absl::SimpleAtoi(parts[2], &identity.bytes) &&
        absl::CUnescape(parts[3], &name)) {
      files_[name] = identity;
    }
  }
  return absl::OkStatus();
}

absl::Status FolderLog::OpenToAppend() {
  fd_ = open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (fd_ < 0) return Failed(path_);
  // A line that a crash cut off is ended.
  return lseek(fd_, 0, SEEK_END) > 0 ? WriteAll(fd_, "\n", path_)
                                     : absl::OkStatus();
}

bool FolderLog::Has(const std::string& name,
                    const FileIdentity& identity) const {
  const auto found = files_.find(name);
  return found != files_.end() && found->second == identity;
}

absl::Status FolderLog::Add(const std::string& name,
                            const FileIdentity& identity) {
  files_[name] = identity;
  ++lines_;
  return WriteAll(fd_, LineOf(name, identity), path_);
}

absl::Status FolderLog::Rewrite() {
  const std::string fresh = path_ + ".new";
  const int fd =
      open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (fd < 0) return Failed(fresh);
  std::string text;
  for (const auto& [name, identity] : files_) text += LineOf(name, identity);
  const absl::Status written = WriteAll(fd, text, fresh);
  close(fd);
  RETURN_IF_ERROR(written);
  if (std::rename(fresh.c_str(), path_.c_str()) != 0) return Failed(path_);
  if (fd_ >= 0) close(fd_);
  lines_ = files_.size();
  return OpenToAppend();
}

}  // namespace callbraid::sensor
