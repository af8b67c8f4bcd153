#ifndef CALLBRAID_SENSOR_SPOOL_KEPT_MEDIA_H_
#define CALLBRAID_SENSOR_SPOOL_KEPT_MEDIA_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "callbraid/v1/uplink.pb.h"
#include "common/base/bounded_queue.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/thread.h"
#include "sensor/spool/kept_index.h"
#include "sensor/spool/spool.h"
#include "sensor/spool/spool_sink.h"
#include "sensor/spool/spool_writer.h"

namespace callbraid::sensor {

// The media chunks that are not sent because another sensor sends them: a ring
// on disk, from which those that turn out to be missed are handed on after all.
//
// Thread-safe. Reads on a thread of its own: neither the uplink nor a capture
// waits for it.
class KeptMedia {
 public:
  // Gaps that wait to be handed on; beyond so many they are not, until the
  // collector asks again.
  static constexpr size_t kMaxGaps = 16'384;
  // How often a disk that failed is tried again.
  static constexpr absl::Duration kRetryInterval = absl::Seconds(5);
  // How long what was kept is there when no more is. A collector waits no
  // longer for it.
  static constexpr absl::Duration kExpiry = absl::Hours(24);

  // As v1::MediaOrder has it.
  struct Gap {
    KeptStream stream;
    uint16_t first_sequence = 0;
    uint32_t packets = 0;
    int64_t near_ns = 0;

    friend bool operator==(const Gap&, const Gap&) = default;
    template <typename H>
    friend H AbslHashValue(H hash, const Gap& gap) {
      return H::combine(std::move(hash), gap.stream, gap.first_sequence,
                        gap.packets, gap.near_ns);
    }
  };

  // `options.dir` is the folder, `options.limit_bytes` the room. What it has is
  // dropped when nothing came for `keep_for`. `media` is asked where to hand on
  // to, each time. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<KeptMedia>> Open(
      SpoolOptions options, SpoolWriterOptions writer, absl::Duration keep_for,
      std::function<std::shared_ptr<SpoolWriter>()> media, const Clock& clock);
  // As Close().
  ~KeptMedia();

  // Where capture threads hand chunks to.
  std::shared_ptr<SpoolWriter> writer() const { return writer_; }
  // Whether what is handed over comes to the disk: if not, nothing should be
  // kept that could be sent.
  bool is_well() const {
    return !writer_->is_behind() && !writer_->disk_failed();
  }
  bool empty() const { return spool_->bytes() == 0; }

  // Hands on what there is of it, soon; once, however often that is asked until
  // then.
  void Deliver(const Gap& gap) ABSL_LOCKS_EXCLUDED(mutex_);

  // For what is dearer, on a disk that is full. False: there is nothing to
  // give.
  bool DiscardOldest() { return spool_->DiscardOldest(); }
  // Drops all that it has.
  void Clear() { spool_->Clear(); }

  // Writes what was handed over, and ends the threads. What waits to be handed
  // on is left: it will be asked for again.
  void Close();

 private:
  KeptMedia(std::unique_ptr<Spool> spool, SpoolWriterOptions writer,
            absl::Duration keep_for,
            std::function<std::shared_ptr<SpoolWriter>()> media,
            const Clock& clock);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  // Takes up what came to the ring and left it.
  void Follow();
  void Expire();
  void HandOn(const Gap& gap);
  // Live media goes first.
  void WaitForRoom();

  const std::unique_ptr<Spool> spool_;
  const absl::Duration keep_for_;
  const std::function<std::shared_ptr<SpoolWriter>()> media_;
  const Clock& clock_;
  const std::shared_ptr<SpoolWriter> writer_;
  std::atomic<bool> closing_ = false;
  Mutex mutex_;
  // Those in the queue, and the one that is being handed on.
  absl::flat_hash_set<Gap> waiting_ ABSL_GUARDED_BY(mutex_);
  BoundedQueue<Gap> gaps_;

  // Of the thread.
  KeptIndex index_;
  uint64_t next_ = 1;
  // When the newest that came was captured.
  int64_t newest_ns_ = 0;
  int64_t forgotten_ns_ = 0;
  v1::FrameBatch batch_;
  Thread thread_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_KEPT_MEDIA_H_
