#include "sensor/capture/capture_file.h"

#include <stdio_ext.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace callbraid::sensor {
namespace {

// A packet costs 50 ns with it, 75 without.
constexpr size_t kBufferBytes = 256 * 1024;

// Two reads a packet, each of which would take the stream's lock; but a file
// has one reader.
void ReadFast(std::FILE* file) {
  std::setvbuf(file, nullptr, _IOFBF, kBufferBytes);
  __fsetlocking(file, FSETLOCKING_BYCALLER);
}

constexpr std::string_view kGzip = "\x1f\x8b";
constexpr std::string_view kPcapng = "\x0a\x0d\x0d\x0a";
struct Compression {
  std::string_view magic;
  const char* name;
  const char* command;
};
constexpr std::array<Compression, 3> kOthers = {{
    {"\x28\xb5\x2f\xfd", "zstd", "zstd -d"},
    {"\xfd\x37zXZ", "xz", "xz -d"},
    {"BZh", "bzip2", "bzip2 -d"},
}};

absl::Status CannotOpen(const std::string& path, int error) {
  const std::string text = absl::StrCat("cannot open capture file '", path,
                                        "': ", std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(text);
  if (error == EACCES) return absl::PermissionDeniedError(text);
  return absl::UnavailableError(text);
}

// What is read through: what was looked at already, and then one of the two.
struct Reading {
  ~Reading() {
    if (gzip != nullptr) gzclose_r(gzip);
  }
  File file;
  gzFile gzip = nullptr;
  std::string head = {};
};

ssize_t ReadFrom(Reading& reading, char* buffer, size_t size) {
  if (reading.gzip == nullptr) {
    const size_t count = std::fread(buffer, 1, size, reading.file.get());
    if (count == 0 && std::ferror(reading.file.get()) != 0) return -1;
    return static_cast<ssize_t>(count);
  }
  const int count =
      gzread(reading.gzip, buffer,
             static_cast<unsigned>(std::min<size_t>(size, kBufferBytes)));
  // zlib calls it an end where the file was cut off.
  int error = Z_OK;
  gzerror(reading.gzip, &error);
  return count == 0 && error != Z_OK ? -1 : count;
}

ssize_t ReadCookie(void* cookie, char* buffer, size_t size) {
  auto& reading = *static_cast<Reading*>(cookie);
  if (reading.head.empty()) return ReadFrom(reading, buffer, size);
  const size_t count = std::min(size, reading.head.size());
  reading.head.copy(buffer, count);
  reading.head.erase(0, count);
  return static_cast<ssize_t>(count);
}
int CloseCookie(void* cookie) {
  delete static_cast<Reading*>(cookie);
  return 0;
}

absl::StatusOr<CaptureFile> ReadThrough(const std::string& path,
                                        std::unique_ptr<Reading> reading) {
  std::string& head = reading->head;
  head.resize(kPcapng.size());
  size_t have = 0;
  while (have < head.size()) {
    const ssize_t count =
        ReadFrom(*reading, head.data() + have, head.size() - have);
    if (count <= 0) break;
    have += static_cast<size_t>(count);
  }
  head.resize(have);
  const bool is_pcapng = head == kPcapng;
  cookie_io_functions_t functions = {};
  functions.read = ReadCookie;
  functions.close = CloseCookie;
  File file(fopencookie(reading.get(), "r", functions));
  if (file == nullptr) return CannotOpen(path, ENOMEM);
  reading.release();  // CloseCookie() frees it.
  ReadFast(file.get());
  return CaptureFile{std::move(file), is_pcapng};
}

}  // namespace

absl::StatusOr<CaptureFile> OpenCaptureFile(const std::string& path) {
  File file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return CannotOpen(path, errno);
  ReadFast(file.get());
  // What was read of a pipe cannot be read again.
  if (std::fseek(file.get(), 0, SEEK_SET) != 0) {
    return ReadThrough(
        path, std::unique_ptr<Reading>(new Reading{std::move(file), nullptr}));
  }
  std::array<char, 6> head = {};
  const std::string_view begin(
      head.data(), std::fread(head.data(), 1, head.size(), file.get()));
  for (const Compression& compression : kOthers) {
    if (begin.substr(0, compression.magic.size()) != compression.magic) {
      continue;
    }
    return absl::UnimplementedError(absl::StrCat(
        "capture file '", path, "' is compressed by ", compression.name,
        ", which is not read; undo it first (", compression.command, ")"));
  }
  if (begin.starts_with(kGzip)) {
    const gzFile gzip = gzopen(path.c_str(), "rbe");
    if (gzip == nullptr) return CannotOpen(path, errno);
    return ReadThrough(path,
                       std::unique_ptr<Reading>(new Reading{nullptr, gzip}));
  }
  const bool is_pcapng = begin.starts_with(kPcapng);
  std::rewind(file.get());
  return CaptureFile{std::move(file), is_pcapng};
}

}  // namespace callbraid::sensor
