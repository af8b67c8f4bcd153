#ifndef CALLBRAID_COLLECTOR_WEB_RECORDING_FILE_H_
#define CALLBRAID_COLLECTOR_WEB_RECORDING_FILE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "collector/web/body_source.h"
#include "common/base/mutex.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::collector {

// A recording on disk, in a file without a name, which readers follow while it
// is written: it is rendered once, as fast as that goes, however slowly and in
// whatever pieces browsers take it. Thread-safe.
class RecordingFile : public std::enable_shared_from_this<RecordingFile> {
 public:
  // Will be in `folder`, once there is something to write. `tag` tells it from
  // others.
  RecordingFile(std::string folder, uint64_t tag)
      : folder_(std::move(folder)), tag_(tag) {}
  ~RecordingFile();

  // For the writer. The size is 0 if it is not known yet; `findings` as in
  // GetAudioResponse, in one line. False: what follows is of no use, for there
  // is no room on the disk.
  bool Begin(uint64_t total_bytes, std::string findings)
      ABSL_LOCKS_EXCLUDED(mutex_);
  bool Append(const std::string& bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  void Finish(const grpc::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

  struct Head {
    // Not OK: there is nothing to read.
    grpc::Status status;
    uint64_t total_bytes = 0;
    std::string findings;
  };
  // Calls `then`, here or in the writer's thread, when the head is known.
  void WhenBegun(std::function<void(const Head&)> then)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // `length` bytes from `first` on, or what there is.
  std::shared_ptr<BodySource> Read(uint64_t first, uint64_t length);

  // Cuts everyone who reads it.
  void CutReaders() ABSL_LOCKS_EXCLUDED(mutex_);

  uint64_t tag() const { return tag_; }
  bool failed() const ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return finished_ && !status_.ok();
  }
  // What it takes on disk, or will; 0 until it has begun.
  uint64_t bytes() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  class Reader;

  absl::Status Open() ABSL_LOCKS_EXCLUDED(mutex_);
  Head HeadNow() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Tell() ABSL_LOCKS_EXCLUDED(mutex_);
  void Wake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string folder_;
  const uint64_t tag_;
  mutable Mutex mutex_;
  int file_ ABSL_GUARDED_BY(mutex_) = -1;
  bool cut_ ABSL_GUARDED_BY(mutex_) = false;
  bool begun_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status status_ ABSL_GUARDED_BY(mutex_);
  uint64_t total_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t written_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string findings_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::function<void(const Head&)>> waiting_
      ABSL_GUARDED_BY(mutex_);
  // Connections that are suspended until there is more.
  std::vector<MHD_Connection*> asleep_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_RECORDING_FILE_H_
