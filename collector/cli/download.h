#ifndef CALLBRAID_COLLECTOR_CLI_DOWNLOAD_H_
#define CALLBRAID_COLLECTOR_CLI_DOWNLOAD_H_

#include <cstdint>
#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/cli/session.h"

namespace callbraid::cli {

// INVALID_ARGUMENT, with an example of a file's name, without a path.
absl::Status CheckOutput(const std::string& path, const char* example);

// A file that comes in pieces: written as PATH.part and renamed when whole, so
// that PATH is never half a file. "-" is standard output. Shows progress on a
// terminal when it takes more than a second.
class Download {
 public:
  // `session` must outlive the download.
  Download(Session& session, std::string path);
  // Removes what is not whole.
  ~Download();
  Download(const Download&) = delete;
  Download& operator=(const Download&) = delete;

  // Size of the whole; 0 if not known.
  void SetTotal(uint64_t bytes) { total_ = bytes; }
  // The first piece creates the file: a request that fails leaves no trace.
  absl::Status Write(const std::string& piece);
  // All was written. INTERNAL: nothing was.
  absl::Status Close();

 private:
  absl::Status Open();
  bool to_stdout() const { return path_ == "-"; }
  std::string part() const { return path_ + ".part"; }
  absl::Status Failed(const std::string& what) const;
  void ShowProgress();

  Session& session_;
  const std::string path_;
  std::ofstream file_;
  bool opened_ = false;
  bool whole_ = true;
  bool shown_ = false;
  int64_t next_progress_ns_;
  uint64_t written_ = 0;
  uint64_t total_ = 0;
};

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_DOWNLOAD_H_
