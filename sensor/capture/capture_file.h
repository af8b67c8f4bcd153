#ifndef CALLBRAID_SENSOR_CAPTURE_CAPTURE_FILE_H_
#define CALLBRAID_SENSOR_CAPTURE_CAPTURE_FILE_H_

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "sensor/capture/pcapng_secrets.h"

namespace callbraid::sensor {

struct CloseFile {
  void operator()(FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<FILE, CloseFile>;

// Opens a capture file for libpcap to read, from its beginning on. One that
// gzip compressed (RFC 1952) is decompressed as it is read; where it is damaged
// or cut off, reading fails. A pipe is read as it is. What libpcap reads,
// `secrets` see, unless it is no pcapng file; they must outlive the file.
//
// Errors: NOT_FOUND, PERMISSION_DENIED, UNIMPLEMENTED (compressed in another
// way; the message says how to undo that), UNAVAILABLE.
absl::StatusOr<File> OpenCaptureFile(const std::string& path,
                                     PcapngSecrets& secrets);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_CAPTURE_FILE_H_
