#ifndef CALLBRAID_COLLECTOR_STORE_RETENTION_STORE_H_
#define CALLBRAID_COLLECTOR_STORE_RETENTION_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/store/call_listing.h"
#include "collector/store/observation_id.h"

namespace callbraid::collector {

struct DiskUse {
  // Of the tables of the data folder.
  uint64_t bytes = 0;
  // Of its file system: what a program without privileges may still write, and
  // all there is.
  uint64_t free_bytes = 0;
  uint64_t total_bytes = 0;
  // Capture time of the oldest frames of media; absent if there are none.
  std::optional<int64_t> oldest_media_ns;
};

// What retention needs of a store: removing what is old, so that its bytes
// leave the disk. One thread calls it; it may take long. Errors as in store.h.
// Killed at any point it leaves a store that goes on: what was deleted is, what
// was not is found again by the next run.
class RetentionStore {
 public:
  virtual ~RetentionStore() = default;

  // Calls that start before `before_ns`, the oldest first, from `from` on (the
  // first: as default), until `visit` returns false.
  virtual absl::Status VisitCalls(
      const std::optional<CallPosition>& from, int64_t before_ns,
      const std::function<bool(const CallPosition&,
                               const store::v1::CallIndexEntry&)>& visit) = 0;

  // NOT_FOUND, FAILED_PRECONDITION (on hold, or in progress): left as it is.
  virtual absl::Status ExpireCall(const ObservationId& call,
                                  int64_t now_ns) = 0;
  // Of the media alone; false if there were none.
  virtual absl::StatusOr<bool> ExpireMedia(const ObservationId& call,
                                           int64_t now_ns) = 0;

  // Drops media that were captured before `before_ns`, rounded down to 10 s:
  // whole table files where it can, so that it costs the same however much that
  // is. Media of calls on hold or in progress stay. Returns whether there were
  // any others: they are gone, though it may be a later run that takes their
  // bytes off the disk.
  virtual absl::StatusOr<bool> DropMedia(int64_t before_ns, int64_t now_ns) = 0;
  // The same, but of each call that begins there `keep` is asked: its media
  // stay, and are looked at here no more (ExpireMedia() is for them). An hour
  // at once: `more` says whether there is more.
  using KeepCall = std::function<bool(const store::v1::CallIndexEntry&)>;
  virtual absl::StatusOr<bool> DropMediaBut(const KeepCall& keep,
                                            int64_t before_ns, int64_t now_ns,
                                            bool& more) = 0;

  // The same of the oldest that may go, until `bytes` of media lie between the
  // first of them and the last, roughly; of none from `before_ns` on. Returns
  // up to when it dropped them; absent: there are none that may go.
  virtual absl::StatusOr<std::optional<int64_t>> DropOldest(uint64_t bytes,
                                                            int64_t before_ns,
                                                            int64_t now_ns) = 0;

  virtual absl::StatusOr<DiskUse> Use() = 0;

  // Looks at a bounded number of things that no call owns, and removes those
  // from before `before_ns`; and what is kept of orders to delete, from before
  // `orders_before_ns`. `cursor` is where it is, "" at first and again when it
  // is through. Returns how many were removed.
  virtual absl::StatusOr<uint64_t> Sweep(int64_t before_ns,
                                         int64_t orders_before_ns,
                                         std::string& cursor) = 0;

  // Takes what was deleted on order off the disk: tables, logs, lists. OK when
  // there is no more of it; UNAVAILABLE: call it again soon. It may take hours:
  // `between` is called between its pieces, and may call the others here.
  virtual absl::Status Purge(const std::function<void()>& between) = 0;
  // Ends what Purge() and DropMedia() wait for, for good. From any thread.
  virtual void Interrupt() = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_RETENTION_STORE_H_
