#ifndef CALLBRAID_COLLECTOR_QUERY_RESPONSE_WRITER_H_
#define CALLBRAID_COLLECTOR_QUERY_RESPONSE_WRITER_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/rpc/credentials.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::collector {

// The sending half of one server-streaming call: a bounded queue in front of
// gRPC, which allows one write in flight.
//
// Write() waits for the reader and is for worker threads; Offer() never waits
// and is for threads that must go on. Whoever produces must end the call with
// Close() or Abort(), also after the reader has gone. Thread-safe.
template <typename Response>
class ResponseWriter final : public grpc::ServerWriteReactor<Response> {
 public:
  using Message = std::shared_ptr<const Response>;

  // How long Write() waits for a reader that takes nothing.
  static constexpr absl::Duration kPatience = absl::Minutes(1);

  // A shared_ptr, because the producer may hold the writer a moment longer than
  // gRPC does. `on_cancel` is called at most once, from a reaction, when the
  // reader went away before the end.
  static std::shared_ptr<ResponseWriter> Create(
      size_t capacity, std::function<void()> on_cancel = nullptr) {
    std::shared_ptr<ResponseWriter> writer(
        new ResponseWriter(capacity, std::move(on_cancel)));
    writer->self_ = writer;
    return writer;
  }

  // Queues `message` when at most half of the room is taken (the rest is for
  // Offer()). CANCELLED: the reader is gone. RESOURCE_EXHAUSTED: it takes
  // nothing.
  absl::Status Write(Message message) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    while (MustWait()) {
      if (!room_.WaitFor(mutex_, kPatience) && MustWait()) {
        // Else it would stay until whoever does not read leaves.
        pending_.clear();
        return absl::ResourceExhaustedError(
            "the reader took nothing for a minute");
      }
    }
    if (cancelled_ || ending_) return absl::CancelledError("the reader left");
    pending_.push_back(std::move(message));
    MaybeWrite();
    return absl::OkStatus();
  }

  // Returns false if there is no room. What is offered to a reader that has
  // gone is dropped.
  bool Offer(Message message) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    if (cancelled_ || ending_) return true;
    if (pending_.size() >= capacity_) return false;
    pending_.push_back(std::move(message));
    MaybeWrite();
    return true;
  }

  // Ends the call with `status` after what is queued. Later calls of Close()
  // and Abort() change nothing.
  void Close(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_) {
    End(status, /*drop_pending=*/false);
  }
  // The same, without what is queued.
  void Abort(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_) {
    End(status, /*drop_pending=*/true);
  }

  bool cancelled() const ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return cancelled_;
  }

  // Whether what is written from now on is of no use.
  bool ended() const ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return cancelled_ || ending_.has_value();
  }

  void OnWriteDone(bool ok) override ABSL_LOCKS_EXCLUDED(mutex_) {
    std::optional<grpc::Status> finish;
    {
      MutexLock lock(mutex_);
      writing_ = false;
      in_flight_.reset();
      if (!ok) {
        cancelled_ = true;
        pending_.clear();
      }
      MaybeWrite();
      finish = TakeFinish();
      room_.NotifyAll();
    }
    if (finish) this->Finish(*finish);
  }

  void OnCancel() override ABSL_LOCKS_EXCLUDED(mutex_) {
    std::function<void()> on_cancel;
    {
      MutexLock lock(mutex_);
      cancelled_ = true;
      pending_.clear();
      on_cancel = std::move(on_cancel_);
      room_.NotifyAll();
    }
    if (on_cancel) on_cancel();
  }

  void OnDone() override { const auto self = std::move(self_); }

 private:
  ResponseWriter(size_t capacity, std::function<void()> on_cancel)
      : capacity_(capacity), on_cancel_(std::move(on_cancel)) {}

  void End(const absl::Status& status, bool drop_pending)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    std::optional<grpc::Status> finish;
    {
      MutexLock lock(mutex_);
      if (ending_) return;
      ending_ = ToGrpc(status);
      if (drop_pending) pending_.clear();
      finish = TakeFinish();
      room_.NotifyAll();
    }
    // Not under the lock: the call may be done, and this deleted, at once.
    if (finish) this->Finish(*finish);
  }

  bool MustWait() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !cancelled_ && !ending_ && pending_.size() >= (capacity_ + 1) / 2;
  }

  void MaybeWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || pending_.empty()) return;
    in_flight_ = std::move(pending_.front());
    pending_.pop_front();
    writing_ = true;
    this->StartWrite(in_flight_.get());
  }

  // The status to finish with, once, when all was written.
  std::optional<grpc::Status> TakeFinish()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (!ending_ || finished_ || writing_ || !pending_.empty()) {
      return std::nullopt;
    }
    finished_ = true;
    return ending_;
  }

  const size_t capacity_;
  std::shared_ptr<ResponseWriter> self_;  // Until OnDone().

  mutable Mutex mutex_;
  CondVar room_;
  std::deque<Message> pending_ ABSL_GUARDED_BY(mutex_);
  Message in_flight_ ABSL_GUARDED_BY(mutex_);
  std::function<void()> on_cancel_ ABSL_GUARDED_BY(mutex_);
  std::optional<grpc::Status> ending_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool cancelled_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_RESPONSE_WRITER_H_
