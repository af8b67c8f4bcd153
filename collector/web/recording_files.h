#ifndef CALLBRAID_COLLECTOR_WEB_RECORDING_FILES_H_
#define CALLBRAID_COLLECTOR_WEB_RECORDING_FILES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "collector/web/recording_file.h"
#include "collector/web/rpc_channel.h"
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
  // Who asks, and for what.
  struct Request {
    RpcCredentials credentials;
    std::string call;
    // A serialized GetAudioRequest.
    std::string audio;

    auto Key() const {
      return std::tie(credentials.address, credentials.authorization, audio);
    }
    bool operator<(const Request& other) const { return Key() < other.Key(); }
  };
  struct Found {
    std::shared_ptr<RecordingFile> file;
    // Whoever gets it must write it. Of another one it must be asked whether
    // `credentials` still may have it.
    bool is_new = false;
  };

  // Files are made in `folder`.
  RecordingFiles(std::string folder, const Clock& clock)
      : folder_(std::move(folder)), clock_(clock) {}

  // The one that there is, if `goes_on` (a later part of it is asked for) or it
  // is younger than ten seconds: two requests of one page. Else a new one, for
  // a call may have gone on. RESOURCE_EXHAUSTED: too much is read by others.
  absl::StatusOr<Found> Open(const Request& request, bool goes_on)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // It is of no more use: it failed, or may not be heard any more.
  void Drop(const Request& request, const RecordingFile* file)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Lets go what was not asked for. What anyone can read all the same: what is
  // left, and what was let go, then or before, and somebody still reads.
  std::map<Request, std::vector<std::shared_ptr<RecordingFile>>> Forget()
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Kept {
    std::shared_ptr<RecordingFile> file;
    int64_t made_ns = 0;
    int64_t used_ns = 0;
  };
  struct Made {
    Request request;
    std::weak_ptr<RecordingFile> file;
  };

  void MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Of all that somebody has, kept or not.
  uint64_t BytesInUse() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string folder_;
  const Clock& clock_;
  Mutex mutex_;
  uint64_t next_tag_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<Request, Kept> kept_ ABSL_GUARDED_BY(mutex_);
  // Kept or not, for as long as anybody has them.
  std::vector<Made> all_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_RECORDING_FILES_H_
