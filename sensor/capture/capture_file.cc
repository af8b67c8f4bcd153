#include "sensor/capture/capture_file.h"

#include <stdio_ext.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

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

constexpr std::string_view kPcapng = "\x0a\x0d\x0d\x0a";
constexpr std::string_view kGzip = "\x1f\x8b";
constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd";
// What pzstd begins with: a frame to be skipped (RFC 8878, section 3.1.2), the
// first byte of which is any of 16.
constexpr std::string_view kZstdSkipped = "\x2a\x4d\x18";
constexpr size_t kHeadBytes = 6;

struct Compression {
  std::string_view magic;
  const char* name;
};
constexpr std::array<Compression, 2> kOthers = {{
    {"\xfd\x37zXZ", "xz"},
    {"BZh", "bzip2"},
}};

bool IsZstd(std::string_view head) {
  return head.starts_with(kZstd) ||
         (head.size() >= 4 && (head[0] & 0xf0) == 0x50 &&
          head.substr(1).starts_with(kZstdSkipped));
}

absl::Status CannotOpen(const std::string& path, int error) {
  const std::string text = absl::StrCat("cannot open capture file '", path,
                                        "': ", std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(text);
  if (error == EACCES) return absl::PermissionDeniedError(text);
  return absl::UnavailableError(text);
}

// The first bytes, fewer if there are not so many. False if `read` failed.
template <typename Read>
bool ReadHead(Read read, size_t size, std::string& head) {
  head.resize(size);
  size_t have = 0;
  ssize_t count = 1;
  while (have < size && count > 0) {
    count = read(head.data() + have, size - have);
    if (count > 0) have += static_cast<size_t>(count);
  }
  head.resize(have);
  return count >= 0;
}

// What a stream reads through: what was looked at already, and then the rest.
struct Reading {
  std::string head;
  std::unique_ptr<ByteSource> source;
};

ssize_t ReadCookie(void* cookie, char* buffer, size_t size) {
  auto& reading = *static_cast<Reading*>(cookie);
  if (reading.head.empty()) return reading.source->Read(buffer, size);
  const size_t count = reading.head.copy(buffer, size);
  reading.head.erase(0, count);
  return static_cast<ssize_t>(count);
}
int CloseCookie(void* cookie) {
  delete static_cast<Reading*>(cookie);
  return 0;
}

absl::StatusOr<CaptureFile> ReadThrough(const std::string& path,
                                        std::unique_ptr<ByteSource> source) {
  auto reading = std::make_unique<Reading>();
  const auto read_source = [&source](char* to, size_t size) {
    return source->Read(to, size);
  };
  if (!ReadHead(read_source, kPcapng.size(), reading->head)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot read capture file '", path, "': ", source->error()));
  }
  const bool is_pcapng = reading->head == kPcapng;
  reading->source = std::move(source);
  cookie_io_functions_t functions = {};
  functions.read = ReadCookie;
  functions.close = CloseCookie;
  File file(fopencookie(reading.get(), "r", functions));
  if (file == nullptr) return CannotOpen(path, ENOMEM);
  const ByteSource* const from = reading.release()->source.get();
  ReadFast(file.get());
  return CaptureFile{std::move(file), is_pcapng, from};
}

absl::Status RefuseOthers(const std::string& path, std::string_view head) {
  for (const Compression& other : kOthers) {
    if (!head.starts_with(other.magic)) continue;
    return absl::UnimplementedError(
        absl::StrCat("capture file '", path, "' is compressed by ", other.name,
                     ", which is not read; unpack it on the way: `", other.name,
                     " -dc ", path, " | callbraid-sensor --read /dev/stdin`"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CaptureFile> OpenCaptureFile(const std::string& path) {
  File file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return CannotOpen(path, errno);
  ReadFast(file.get());
  const int fd = fileno(file.get());
  const auto read_file = [fd](char* to, size_t size) {
    return read(fd, to, size);
  };
  std::string head;
  if (!ReadHead(read_file, kHeadBytes, head)) return CannotOpen(path, errno);
  RETURN_IF_ERROR(RefuseOthers(path, head));
  const bool is_gzip = head.starts_with(kGzip);
  const bool is_zstd = IsZstd(head);
  // What was read of a pipe cannot be read again.
  if (!is_gzip && !is_zstd && lseek(fd, 0, SEEK_SET) == 0) {
    return CaptureFile{std::move(file), head.starts_with(kPcapng)};
  }
  auto source = ReadFile(std::move(file), std::move(head));
  if (is_gzip) source = Gunzip(std::move(source));
  if (is_zstd) source = Unzstd(std::move(source));
  return ReadThrough(path, std::move(source));
}

}  // namespace callbraid::sensor
