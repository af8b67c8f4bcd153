#ifndef CALLBRAID_SENSOR_SPOOL_SPOOL_SERIES_H_
#define CALLBRAID_SENSOR_SPOOL_SPOOL_SERIES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "sensor/spool/spool.h"
#include "sensor/spool/spool_writer.h"

namespace callbraid::sensor {

// The spools of one lane, one after the other: the newest takes what is
// captured, the others hold what could not be delivered in time. So what is new
// need not stand in line behind a backlog, and yet each spool is delivered in
// order, as the protocol wants it.
//
// Together they take no more room than one: the oldest makes room, and before
// that a spare spool, which shares it. Folders are NAME, NAME-2, NAME-3, ...;
// one that was delivered is removed.
//
// Thread-safe.
class SpoolSeries {
 public:
  // With those that the collector has to know, too (uplink.proto: 8).
  static constexpr size_t kMostSpools = 4;
  // Less than that is delivered before anyone would notice.
  static constexpr uint64_t kBacklogBytes = uint64_t{1} << 20;

  // `options.dir` is the folder of the first spool. A lossless series, of
  // files, is one spool. `spare` holds what may go before anything of the
  // series does; may be null. `clock` must outlive the series.
  static absl::StatusOr<std::unique_ptr<SpoolSeries>> Open(
      SpoolOptions options, SpoolWriterOptions writer, const Clock& clock,
      std::shared_ptr<Spool> spare = nullptr);
  ~SpoolSeries();

  // Where to write, and which of the series that is. Whoever sees another
  // number than before ends what it has begun and goes on with the new writer:
  // nothing that belongs together in order may be in two spools.
  uint64_t number() const { return number_; }
  std::shared_ptr<SpoolWriter> writer() const ABSL_LOCKS_EXCLUDED(mutex_);

  // The newest first.
  std::vector<std::shared_ptr<Spool>> spools() const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // If there is a backlog: what is captured from now on goes to a spool of its
  // own. False if there is none, or no further spool can be made.
  bool SetBacklogApart() ABSL_LOCKS_EXCLUDED(mutex_);

  // Removes older spools that are delivered and that nobody writes to any more.
  // Call now and then.
  void RemoveDelivered() ABSL_LOCKS_EXCLUDED(mutex_);

  uint64_t pending_frames() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Since when the oldest frame waits, by the clock's wall time; 0 if none
  // does.
  int64_t WaitingSinceNs() const ABSL_LOCKS_EXCLUDED(mutex_);

  // What the series leaves of its room to the spare spool.
  uint64_t room_for_spare() const ABSL_LOCKS_EXCLUDED(mutex_);
  // For what is dearer than all of this, on a disk that is full: discards a
  // segment of the spare spool, or else of the oldest that has one to give.
  bool DiscardOldest() ABSL_LOCKS_EXCLUDED(mutex_);

  // See SpoolWriter; of all.
  void Abandon() ABSL_LOCKS_EXCLUDED(mutex_);
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Member {
    uint64_t number = 0;
    std::string dir;
    std::shared_ptr<Spool> spool;
    // Null for one that an earlier process left.
    std::shared_ptr<SpoolWriter> writer;
  };

  SpoolSeries(SpoolOptions options, SpoolWriterOptions writer,
              const Clock& clock, std::shared_ptr<Spool> spare);
  absl::Status OpenAll() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::Status Add(uint64_t number) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void StartWriter() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::string DirOf(uint64_t number) const;
  // For `bytes` more in the newest.
  void MakeRoom(size_t bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  uint64_t SpareBytes() const;

  const SpoolOptions options_;
  SpoolWriterOptions writer_options_;
  const Clock& clock_;
  const std::shared_ptr<Spool> spare_;
  std::atomic<uint64_t> number_ = 0;

  mutable Mutex mutex_;
  // Oldest first.
  std::deque<Member> members_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_SPOOL_SERIES_H_
