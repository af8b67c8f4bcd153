#ifndef CALLBRAID_SENSOR_CAPTURE_CAPTURE_FILE_H_
#define CALLBRAID_SENSOR_CAPTURE_CAPTURE_FILE_H_

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace callbraid::sensor {

struct CloseFile {
  void operator()(FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

struct CaptureFile {
  // At its beginning.
  File file;
  // By its first bytes; it need not be a capture file at all.
  bool is_pcapng = false;
};

// Opens a capture file to be read once. What gzip compressed (RFC 1952) is
// decompressed as it is read; where it is damaged or cut off, reading fails. A
// pipe is read as it is.
//
// Errors: NOT_FOUND, PERMISSION_DENIED, UNIMPLEMENTED (compressed in another
// way; the message says how to undo that), UNAVAILABLE.
absl::StatusOr<CaptureFile> OpenCaptureFile(const std::string& path);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_CAPTURE_FILE_H_
