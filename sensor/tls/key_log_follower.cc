#include "sensor/tls/key_log_follower.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"

namespace callbraid::sensor {
namespace {

// Of a line: a label, 32 and 48 bytes in hexadecimal.
constexpr size_t kMaxLineBytes = 1024;
constexpr size_t kReadBytes = size_t{64} << 10;
constexpr int kReadsPerPoll = 64;

void Wipe(std::string& text) {
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

absl::Status CannotRead(const std::string& path, int error) {
  const std::string text = absl::StrCat("cannot read the key log '", path,
                                        "': ", std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(text);
  if (error == EACCES) return absl::PermissionDeniedError(text);
  return absl::InvalidArgumentError(text);
}

}  // namespace

KeyLogFollower::KeyLogFollower(const std::vector<std::string>& paths,
                               TlsKeys& keys)
    : keys_(keys) {
  for (const std::string& path : paths) files_.emplace_back().path = path;
}

KeyLogFollower::~KeyLogFollower() {
  for (File& file : files_) Close(file);
}

absl::Status KeyLogFollower::Open(File& file) {
  // A pipe that nobody writes to would be waited for otherwise.
  const int fd = open(file.path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return CannotRead(file.path, errno);
  struct stat state = {};
  if (fstat(fd, &state) != 0 || S_ISDIR(state.st_mode)) {
    close(fd);
    return CannotRead(file.path, EISDIR);
  }
  if ((state.st_mode & S_IROTH) != 0 && !file.told_readable) {
    file.told_readable = true;
    spdlog::warn(absl::StrCat("anybody on this machine can read the key log '",
                              file.path, "'; chmod o-r it"));
  }
  file.fd = fd;
  file.state = state;
  file.offset = 0;
  file.lines = 0;
  // So that it never moves, which would leave a copy behind.
  file.line.reserve(kMaxLineBytes);
  return absl::OkStatus();
}

void KeyLogFollower::Close(File& file) {
  if (file.fd >= 0) close(file.fd);
  file.fd = -1;
  Wipe(file.line);
  file.overlong = false;
}

absl::Status KeyLogFollower::ReadAll() {
  for (File& file : files_) {
    if (file.fd < 0) {
      const absl::Status opened = Open(file);
      if (!opened.ok()) return opened;
    }
    while (Read(file)) {
    }
    // Its last line may lack an end.
    if (!S_ISFIFO(file.state.st_mode) && !file.line.empty()) TakeLine(file);
  }
  return absl::OkStatus();
}

void KeyLogFollower::Poll() {
  for (File& file : files_) {
    if (file.fd < 0) {
      const absl::Status opened = Open(file);
      const std::string complaint(opened.message());
      if (!opened.ok() && file.complaint != complaint) {
        spdlog::warn(absl::StrCat(complaint, "; it is looked for again"));
      } else if (opened.ok() && !file.complaint.empty()) {
        spdlog::info(
            absl::StrCat("the key log '", file.path, "' is there now"));
      }
      file.complaint = complaint;
      if (!opened.ok()) continue;
    }
    int reads = 0;
    while (reads < kReadsPerPoll && Read(file)) ++reads;
    if (reads < kReadsPerPoll) Renew(file);
  }
}

bool KeyLogFollower::Read(File& file) {
  std::array<char, kReadBytes> bytes;
  const ssize_t count = read(file.fd, bytes.data(), bytes.size());
  if (count <= 0) return false;
  const auto size = static_cast<size_t>(count);
  file.offset += size;
  TakeBytes(file, {bytes.data(), size});
  OPENSSL_cleanse(bytes.data(), size);
  return true;
}

void KeyLogFollower::TakeBytes(File& file, std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t end = bytes.find('\n');
    const std::string_view part = bytes.substr(0, end);
    if (file.line.size() + part.size() > kMaxLineBytes) {
      file.overlong = true;
    } else {
      file.line.append(part);
    }
    if (end == std::string_view::npos) return;
    TakeLine(file);
    bytes.remove_prefix(end + 1);
  }
}

void KeyLogFollower::TakeLine(File& file) {
  ++file.lines;
  const bool malformed =
      file.overlong || keys_.Add(file.line) == KeyLogLine::kMalformed;
  Wipe(file.line);
  file.overlong = false;
  if (!malformed || file.told_malformed) return;
  file.told_malformed = true;
  spdlog::warn(absl::StrCat(
      "line ", file.lines, " of the key log '", file.path,
      "' is not one of SSLKEYLOGFILE (LABEL CLIENT-RANDOM SECRET); such lines "
      "are skipped, and this is said once"));
}

void KeyLogFollower::Renew(File& file) {
  struct stat now = {};
  // Between two, there may be none.
  if (stat(file.path.c_str(), &now) != 0) return;
  if (now.st_ino != file.state.st_ino || now.st_dev != file.state.st_dev) {
    Close(file);  // The next poll opens the other.
  } else if (S_ISREG(now.st_mode) &&
             static_cast<uint64_t>(now.st_size) < file.offset) {
    lseek(file.fd, 0, SEEK_SET);
    file.offset = 0;
    file.lines = 0;
    Wipe(file.line);
  }
}

}  // namespace callbraid::sensor
