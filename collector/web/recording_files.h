#ifndef CALLBRAID_COLLECTOR_WEB_RECORDING_FILES_H_
#define CALLBRAID_COLLECTOR_WEB_RECORDING_FILES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "collector/web/recording_file.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// The recordings that somebody is playing, so that a player that goes to and
// fro has each rendered, and noted in the audit log, once. Of nobody else: what
// one may hear another must ask for.
//
// At most 64, of 4 GiB together. One is let go when it was not asked for in
// five minutes, or when another one needs its place. Thread-safe.
class RecordingFiles {
 public:
  // Files are made in `folder`.
  RecordingFiles(std::string folder, const Clock& clock)
      : folder_(std::move(folder)), clock_(clock) {}

  struct Found {
    std::shared_ptr<RecordingFile> file;
    // Whoever gets it must write it.
    bool is_new = false;
  };
  // Of `key`: who asks, and for what. The one that there is, if `goes_on` (a
  // later part of it is asked for) or it is younger than ten seconds: two
  // requests of one page. Else a new one, for a call may have gone on.
  // UNAVAILABLE: no file can be made.
  absl::StatusOr<Found> Open(const std::string& key, bool goes_on)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Lets go what was not asked for. Every 15 seconds.
  void Forget() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Kept {
    std::shared_ptr<RecordingFile> file;
    int64_t made_ns = 0;
    int64_t used_ns = 0;
  };

  void MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string folder_;
  const Clock& clock_;
  Mutex mutex_;
  std::map<std::string, Kept> kept_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_RECORDING_FILES_H_
