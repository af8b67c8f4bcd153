#ifndef CALLBRAID_SENSOR_CAPTURE_CAPTURE_FILE_H_
#define CALLBRAID_SENSOR_CAPTURE_CAPTURE_FILE_H_

#include <string>

#include "absl/status/statusor.h"
#include "sensor/capture/unpack.h"

namespace callbraid::sensor {

struct CaptureFile {
  // At its beginning.
  File file;
  // By its first bytes; it need not be a capture file at all.
  bool is_pcapng = false;
  // What `file` reads from, if it is not just a file: says why reading failed.
  // Lives as long as `file` is open.
  const ByteSource* source = nullptr;
};

// Opens a capture file, or a pipe, to be read once. What gzip (RFC 1952) or
// Zstandard (RFC 8878) compressed is decompressed as it is read; where it is
// damaged or cut off, reading fails.
//
// Errors: NOT_FOUND, PERMISSION_DENIED, INVALID_ARGUMENT (nothing can be
// decompressed), UNIMPLEMENTED (compressed in another way; the message says how
// to undo that), UNAVAILABLE.
absl::StatusOr<CaptureFile> OpenCaptureFile(const std::string& path);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_CAPTURE_FILE_H_
