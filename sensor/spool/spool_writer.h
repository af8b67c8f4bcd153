#ifndef CALLBRAID_SENSOR_SPOOL_SPOOL_WRITER_H_
#define CALLBRAID_SENSOR_SPOOL_SPOOL_WRITER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bounded_queue.h"
#include "common/base/clock.h"
#include "common/base/thread.h"
#include "sensor/spool/spool.h"
#include "sensor/spool/wakeup.h"

namespace callbraid::sensor {

// Frames of one lane on their way from a capture thread to the spool.
struct FrameBuffer {
  // The field `frames` of a v1::FrameBatch, serialized.
  std::string frames;
  uint32_t frame_count = 0;
};

struct SpoolWriterOptions {
  // Of its thread; at most 15 characters.
  std::string thread_name;
  absl::Duration sync_interval = absl::Seconds(1);
  // Buffers between the capture threads and the disk, of up to 256 kB each.
  size_t queue_capacity = 64;
  // Lose nothing: whoever hands over waits for the disk, and for the collector
  // when the spool is full. For capture files. Otherwise nobody waits, and what
  // finds no room is counted and announced to the collector.
  bool lossless = false;
  // It is a ring: the oldest makes room, and that is no loss. While the disk
  // takes nothing (disk_failed()) nothing should be handed over: what was
  // waits.
  bool is_ring = false;
  // How often a disk that failed is tried again, unless frames are lost then.
  absl::Duration retry_interval = absl::Milliseconds(200);
  // All of these may be empty. Called before so many bytes are appended.
  std::function<void(size_t)> make_room;
  // Asked before that: if true, the frames are lost for the sake of others.
  std::function<bool()> give_way;
  // Called when the disk is full. True: something was deleted, try again.
  std::function<bool()> free_disk;
};

// Writes to the spool of one lane what capture threads hand over, on a thread
// of its own: no capture thread ever waits for a disk that carries live
// traffic.
class SpoolWriter {
 public:
  // `spool` and `clock` must outlive the writer.
  SpoolWriter(SpoolWriterOptions options, Spool& spool, const Clock& clock);
  // As Close().
  ~SpoolWriter();

  // From any thread. Waits for room if the writer is lossless.
  void Write(FrameBuffer buffer);

  // From now on the writer waits no longer: what finds no room is lost.
  void Abandon();

  // Writes and syncs all that was handed over, ends the thread. Not
  // thread-safe.
  void Close();

  // More than half of what it can hold waits for the disk.
  bool is_behind() const { return queue_.size() > options_.queue_capacity / 2; }

  // The disk did not take what was written last.
  bool disk_failed() const { return disk_failed_; }

  // Buffers that were handed over so far, and how many are in the spool and
  // synced. Once the second has reached what the first was, so has all that
  // was handed over by then, unless some of it was lost: then it never does.
  uint64_t handed_over() const { return handed_over_; }
  uint64_t synced() const { return synced_; }

  // Frames that were lost before they came to the spool.
  uint64_t lost_frames() const { return total_lost_; }

 private:
  void Run();
  void WriteToSpool(FrameBuffer buffer);
  // False if it was lost.
  bool Append(FrameBuffer buffer);
  void Sync();
  void Lose(uint64_t frames);
  void LogOverflow();
  void LogFailure(const absl::Status& status) const;

  const SpoolWriterOptions options_;
  Spool& spool_;
  const Clock& clock_;
  BoundedQueue<FrameBuffer> queue_;
  std::atomic<bool> abandoned_ = false;
  // Raised by Abandon().
  Wakeup retry_;
  // Lost by a full queue, and not yet told to the spool.
  std::atomic<uint64_t> lost_ = 0;
  std::atomic<uint64_t> total_lost_ = 0;
  std::atomic<uint64_t> handed_over_ = 0;
  std::atomic<uint64_t> synced_ = 0;

  // Of the thread.
  uint64_t appended_ = 0;
  // What was last said about each state.
  std::atomic<bool> disk_failed_ = false;
  bool sync_failed_ = false;
  bool overflowing_ = false;
  uint64_t discarded_frames_ = 0;

  Thread thread_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_SPOOL_WRITER_H_
