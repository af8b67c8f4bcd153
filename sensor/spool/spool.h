#ifndef CALLBRAID_SENSOR_SPOOL_SPOOL_H_
#define CALLBRAID_SENSOR_SPOOL_SPOOL_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "callbraid/v1/uplink.pb.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "sensor/spool/file.h"
#include "sensor/spool/record_cache.h"
#include "sensor/spool/segment.h"
#include "sensor/spool/spool_meta.h"
#include "sensor/spool/wakeup.h"

namespace callbraid::sensor {

struct SpoolOptions {
  // Made if it is missing. One spool and one process to a folder.
  std::string dir;
  v1::SpoolLane lane = v1::SPOOL_LANE_UNSPECIFIED;
  // Of all segments together.
  uint64_t limit_bytes = uint64_t{512} << 20;
  // A segment is freed as a whole. 0: a 64th of the limit, at most 16 MiB.
  uint64_t segment_bytes = 0;
  size_t cache_bytes = size_t{4} << 20;
  // Raised when there is something new to read. May be null.
  Wakeup* appended = nullptr;
  // Null: the machine's.
  const Clock* clock = nullptr;
};

// The frames of one lane, on disk until the collector has stored them: a
// bounded ring of segments in a folder (segment.h, spool_meta.h).
//
// Frames are numbered from 1 on (docs/protocol.md). What Append() has taken
// survives the end of the process, and a power failure from the next Sync() on.
// When the spool is full the oldest segment is discarded, and counted.
//
// Thread-safe. Meant for one thread that appends and one that reads and
// acknowledges: neither waits for the other's disk access.
class Spool {
 public:
  // FAILED_PRECONDITION: another process has this spool, or a later version
  // wrote it. Else whatever the disk answers.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(SpoolOptions options);
  ~Spool();

  // On an error (the disk is full, gone or broken) nothing was appended: try
  // again, or Lose() the frames.
  absl::Status Append(std::shared_ptr<const std::string> frames,
                      uint32_t frame_count)
      ABSL_LOCKS_EXCLUDED(append_mutex_, read_mutex_, mutex_);

  // `frames` frames that should have come here now were lost: they are numbered
  // all the same, so that the collector learns of the gap.
  void Lose(uint64_t frames) ABSL_LOCKS_EXCLUDED(append_mutex_, mutex_);

  // Waits until `bytes` can be appended without discarding anything. False on
  // timeout.
  bool WaitForRoom(size_t bytes, absl::Duration timeout)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Makes what was appended survive a power failure.
  absl::Status Sync() ABSL_LOCKS_EXCLUDED(append_mutex_, mutex_);

  // The batch that holds frame `sequence`, or else the next there is. Nullopt
  // when there is none, or when the disk cannot read it: ask again. Only what
  // it has not read for a minute is given up as damaged. Reads the disk unless
  // the cache has it.
  std::optional<SpoolBatch> Read(uint64_t sequence)
      ABSL_LOCKS_EXCLUDED(read_mutex_, mutex_);

  // The first that is on the disk, acknowledged or not.
  uint64_t oldest_sequence() const ABSL_LOCKS_EXCLUDED(mutex_);

  // Everything up to and including `sequence` can be forgotten.
  void Ack(uint64_t sequence) ABSL_LOCKS_EXCLUDED(mutex_);

  // Everything that there is can be forgotten, and is off the disk.
  void Clear() ABSL_LOCKS_EXCLUDED(append_mutex_, read_mutex_, mutex_);

  // `removed` is another spool of this lane: what it had discarded is counted
  // here from now on.
  void TakeOverCounter(Spool& removed) ABSL_LOCKS_EXCLUDED(mutex_);

  // From the next Append() on.
  void set_limit_bytes(uint64_t limit) ABSL_LOCKS_EXCLUDED(mutex_);
  // Discards the oldest segment, as a full spool does. False if only the one
  // that grows is left.
  bool DiscardOldest() ABSL_LOCKS_EXCLUDED(mutex_);

  // The collector has frames that this spool does not know it ever had: some
  // were lost by a power failure, or the folder is an old copy. Gives the
  // frames that came since Open() new names: another spool id, and numbers from
  // 1 on. What there was before, the collector has.
  absl::Status Renew() ABSL_LOCKS_EXCLUDED(append_mutex_, mutex_);

  // The collector knows no other frames under the numbers of ours: it can be
  // sent to. On an error this is not remembered for the next Open(), which may
  // then ask for a Renew() that was not needed.
  absl::Status Confirm() ABSL_LOCKS_EXCLUDED(append_mutex_, mutex_);

  // next_sequence as found by Open(), the first time since Confirm() or since
  // the spool was made: the collector can have nothing from there on. 1 after
  // Renew().
  uint64_t recovered_next_sequence() const ABSL_LOCKS_EXCLUDED(mutex_);

  v1::SpoolState State() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Frames that are not acknowledged.
  uint64_t pending_frames() const ABSL_LOCKS_EXCLUDED(mutex_);
  // About how many bytes these are, and how many there are on disk.
  uint64_t pending_bytes() const ABSL_LOCKS_EXCLUDED(mutex_);
  uint64_t bytes() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Segment {
    uint64_t first = 0;
    // One above the last frame in it, or of what was lost after that.
    uint64_t next = 0;
    uint64_t bytes = 0;
    // Of first..next: frames that never were in it.
    uint64_t lost = 0;
    // A part of it was found to be unreadable.
    bool damaged = false;
    // Wall clock, about; of what an earlier process left.
    int64_t begun_ns = 0;
  };

  // When which frame came.
  struct Mark {
    uint64_t sequence = 0;
    int64_t time_ns = 0;
  };

  explicit Spool(SpoolOptions options);
  void AddMark(uint64_t sequence, int64_t time_ns)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int64_t WaitingSinceNs() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Recover() ABSL_LOCKS_EXCLUDED(append_mutex_, mutex_);
  absl::StatusOr<std::vector<Segment>> ListSegments() const;
  // Finds the end of the newest segment and cuts off what a power failure left
  // behind it; false if no segment is there at all.
  absl::StatusOr<bool> RecoverNewest(Segment& newest)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(append_mutex_);
  absl::Status PrepareSegment(uint64_t first, size_t bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(append_mutex_) ABSL_LOCKS_EXCLUDED(mutex_);
  // When the disk is full: gives back even the segment that grows, if all that
  // is in it is acknowledged. Acks free only those before it.
  void FreeAcknowledged() ABSL_EXCLUSIVE_LOCKS_REQUIRED(append_mutex_)
      ABSL_LOCKS_EXCLUDED(read_mutex_, mutex_);
  absl::Status PersistMeta() ABSL_EXCLUSIVE_LOCKS_REQUIRED(append_mutex_)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // As PopSegment(); counts what is lost with it.
  void DiscardSegment(std::vector<uint64_t>& freed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Takes the oldest segment off the ring; its file is the caller's to delete.
  void PopSegment(std::vector<uint64_t>& freed)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DeleteFiles(const std::vector<uint64_t>& segments) const;
  // The first record of `segment` that does not end before `sequence`.
  SegmentReader::Result ReadSegment(const Segment& segment, uint64_t sequence,
                                    Record& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(read_mutex_) ABSL_LOCKS_EXCLUDED(mutex_);
  // The disk failed to read `segment`: is it worth to try again?
  bool MayBecomeReadable(const Segment& segment)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(read_mutex_);
  // Counts what can no longer be read from `sequence` on; returns where to go
  // on.
  uint64_t OnDamage(uint64_t segment, uint64_t sequence)
      ABSL_LOCKS_EXCLUDED(mutex_);
  uint64_t PendingFrames() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const SystemClock system_clock_;
  const SpoolOptions options_;
  File lock_file_;

  // Held while the disk is written. Before mutex_.
  Mutex append_mutex_;
  SegmentWriter writer_ ABSL_GUARDED_BY(append_mutex_);
  // A segment was made since the folder was last synced; data since the file.
  bool folder_dirty_ ABSL_GUARDED_BY(append_mutex_) = false;
  bool data_dirty_ ABSL_GUARDED_BY(append_mutex_) = false;
  uint64_t persisted_acked_ ABSL_GUARDED_BY(append_mutex_) = 0;
  uint32_t syncs_ ABSL_GUARDED_BY(append_mutex_) = 0;

  // Held while the disk is read. After append_mutex_, before mutex_.
  Mutex read_mutex_;
  SegmentReader reader_ ABSL_GUARDED_BY(read_mutex_);
  uint64_t reader_segment_ ABSL_GUARDED_BY(read_mutex_) = 0;
  // The segment that the disk fails to read, 0 if it reads, and since when.
  uint64_t unreadable_segment_ ABSL_GUARDED_BY(read_mutex_) = 0;
  int64_t unreadable_since_ns_ ABSL_GUARDED_BY(read_mutex_) = 0;

  // Never held during disk access. Sequences are those in the segments.
  mutable Mutex mutex_;
  CondVar room_;
  // Oldest first; the last is the one that grows.
  std::deque<Segment> segments_ ABSL_GUARDED_BY(mutex_);
  RecordCache cache_ ABSL_GUARDED_BY(mutex_);
  // Ascending; at most one a second, and fewer of what waits for long.
  std::deque<Mark> marks_ ABSL_GUARDED_BY(mutex_);
  SpoolMeta meta_ ABSL_GUARDED_BY(mutex_);
  uint64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t limit_bytes_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_ ABSL_GUARDED_BY(mutex_) = 1;
  // One above the last frame that can still be sent.
  uint64_t sendable_next_ ABSL_GUARDED_BY(mutex_) = 1;
  uint64_t recovered_next_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_SPOOL_H_
