#ifndef CALLBRAID_SENSOR_TLS_KEY_LOG_FOLLOWER_H_
#define CALLBRAID_SENSOR_TLS_KEY_LOG_FOLLOWER_H_

#include <sys/stat.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "sensor/tls/tls_keys.h"

namespace callbraid::sensor {

// Reads key logs as they grow, and hands their lines to the keys: files that
// somebody appends to, cuts to nothing or replaces, and pipes (FIFOs). What is
// odd about a file is logged once, until that changes; what is in it never.
//
// Not thread-safe.
class KeyLogFollower {
 public:
  // `keys` must outlive this.
  KeyLogFollower(const std::vector<std::string>& paths, TlsKeys& keys);
  KeyLogFollower(const KeyLogFollower&) = delete;
  KeyLogFollower& operator=(const KeyLogFollower&) = delete;
  ~KeyLogFollower();

  // Reads what the files have now. An error (NOT_FOUND, PERMISSION_DENIED,
  // INVALID_ARGUMENT) says which of them cannot be read, and why; for who will
  // not look again.
  absl::Status ReadAll();
  // Reads what is new, also of files that were not there before. Takes as long
  // as there is something, but no more than some MiB of each file.
  void Poll();

 private:
  struct File {
    std::string path;
    int fd = -1;
    struct stat state = {};
    uint64_t offset = 0;
    uint64_t lines = 0;
    // Of a line whose end is still to come.
    std::string line;
    // That line is too long for one.
    bool overlong = false;
    // As logged; empty if all is well.
    std::string complaint;
    bool told_malformed = false;
    bool told_readable = false;
  };

  absl::Status Open(File& file);
  // False if there is nothing more for now.
  bool Read(File& file);
  void TakeBytes(File& file, std::string_view bytes);
  void TakeLine(File& file);
  // Goes on with what has its path now, if that is another file, or was cut.
  void Renew(File& file);
  void Close(File& file);

  TlsKeys& keys_;
  std::vector<File> files_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_KEY_LOG_FOLLOWER_H_
