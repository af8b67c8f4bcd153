#ifndef CALLBRAID_COLLECTOR_WEB_BODY_STREAM_H_
#define CALLBRAID_COLLECTOR_WEB_BODY_STREAM_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "collector/web/body_source.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// The body of a response that is made while it is sent: a bounded queue between
// whoever makes it and the server, which may find it empty and then sleeps.
//
// Push(), End() and Break() are for the maker, from any thread; the rest is the
// server's. Shared by both.
class BodyStream final : public BodySource {
 public:
  // Queued before the maker is asked to wait.
  static constexpr size_t kRoomBytes = 256 << 10;

  // Both are called from the server's threads, without locks: `on_room` when
  // there is room again after Push() said that there was none; `on_gone` once,
  // when nobody will read any more. Before the stream is shared.
  void OnRoom(std::function<void()> on_room) { on_room_ = std::move(on_room); }
  void OnGone(std::function<void()> on_gone) { on_gone_ = std::move(on_gone); }

  // Takes `bytes` in any case. False: wait for `on_room` before the next.
  bool Push(std::string bytes) ABSL_LOCKS_EXCLUDED(mutex_);
  // Nothing follows.
  void End() ABSL_LOCKS_EXCLUDED(mutex_);
  void Break() override ABSL_LOCKS_EXCLUDED(mutex_);

  long Read(MHD_Connection* connection, char* buffer, size_t size) override
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Leave() override ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  enum class State { kOpen, kEnded, kBroken, kGone };

  void Finish(State state) ABSL_LOCKS_EXCLUDED(mutex_);
  void Wake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::function<void()> on_room_;
  std::function<void()> on_gone_;
  Mutex mutex_;
  std::deque<std::string> pieces_ ABSL_GUARDED_BY(mutex_);
  // Of the first piece, what was read.
  size_t read_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t queued_ ABSL_GUARDED_BY(mutex_) = 0;
  bool full_ ABSL_GUARDED_BY(mutex_) = false;
  State state_ ABSL_GUARDED_BY(mutex_) = State::kOpen;
  // While it is suspended.
  MHD_Connection* asleep_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_BODY_STREAM_H_
