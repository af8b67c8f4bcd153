#include "sensor/capture/capture_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace callbraid::sensor {
namespace {

// A packet costs 50 ns with it, 75 without.
constexpr size_t kBufferBytes = 256 * 1024;

constexpr std::string_view kGzip = "\x1f\x8b";
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

ssize_t ReadGzip(void* cookie, char* buffer, size_t size) {
  const gzFile file = static_cast<gzFile>(cookie);
  const int count =
      gzread(file, buffer,
             static_cast<unsigned>(std::min<size_t>(size, kBufferBytes)));
  // zlib calls it an end where the file was cut off.
  int error = Z_OK;
  gzerror(file, &error);
  return count == 0 && error != Z_OK ? -1 : count;
}
int CloseGzip(void* cookie) {
  return gzclose_r(static_cast<gzFile>(cookie)) == Z_OK ? 0 : -1;
}

absl::StatusOr<File> OpenGzip(const std::string& path) {
  const gzFile gzip = gzopen(path.c_str(), "rbe");
  if (gzip == nullptr) return CannotOpen(path, errno);
  cookie_io_functions_t functions = {};
  functions.read = ReadGzip;
  functions.close = CloseGzip;
  File file(fopencookie(gzip, "r", functions));
  if (file == nullptr) {
    gzclose_r(gzip);
    return CannotOpen(path, ENOMEM);
  }
  return file;
}

}  // namespace

absl::StatusOr<File> OpenCaptureFile(const std::string& path) {
  File file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) return CannotOpen(path, errno);
  std::setvbuf(file.get(), nullptr, _IOFBF, kBufferBytes);
  // What was read of a pipe cannot be read again.
  if (std::fseek(file.get(), 0, SEEK_SET) != 0) return file;
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
  if (begin.substr(0, kGzip.size()) == kGzip) {
    ASSIGN_OR_RETURN(file, OpenGzip(path));
    std::setvbuf(file.get(), nullptr, _IOFBF, kBufferBytes);
  } else {
    std::rewind(file.get());
  }
  return file;
}

}  // namespace callbraid::sensor
