#include "collector/web/body_stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "microhttpd.h"

namespace callbraid::collector {

bool BodyStream::Push(std::string bytes) {
  MutexLock lock(mutex_);
  // What nobody will read is not waited for.
  if (state_ != State::kOpen) return true;
  if (bytes.empty()) return !full_;
  queued_ += bytes.size();
  pieces_.push_back(std::move(bytes));
  Wake();
  full_ = queued_ >= kRoomBytes;
  return !full_;
}

void BodyStream::End() { Finish(State::kEnded); }

void BodyStream::Break() { Finish(State::kBroken); }

void BodyStream::Finish(State state) {
  MutexLock lock(mutex_);
  if (state_ != State::kOpen) return;
  state_ = state;
  Wake();
}

long BodyStream::Read(MHD_Connection* connection, char* buffer, size_t size) {
  size_t copied = 0;
  bool room = false;
  {
    MutexLock lock(mutex_);
    while (copied < size && !pieces_.empty()) {
      const std::string& piece = pieces_.front();
      const size_t length = std::min(size - copied, piece.size() - read_);
      std::memcpy(buffer + copied, piece.data() + read_, length);
      copied += length;
      read_ += length;
      queued_ -= length;
      if (read_ < piece.size()) continue;
      pieces_.pop_front();
      read_ = 0;
    }
    if (copied == 0) {
      if (state_ == State::kEnded) return kEnded;
      if (state_ != State::kOpen) return kBroken;
      // Under the lock, so that nobody wakes what does not sleep yet.
      asleep_ = connection;
      MHD_suspend_connection(connection);
      return 0;
    }
    room = full_ && queued_ < kRoomBytes / 2;
    if (room) full_ = false;
  }
  if (room && on_room_) on_room_();
  return static_cast<long>(copied);
}

void BodyStream::Leave() {
  {
    MutexLock lock(mutex_);
    if (state_ == State::kGone) return;
    state_ = State::kGone;
    pieces_.clear();
    queued_ = read_ = 0;
    full_ = false;
    asleep_ = nullptr;
  }
  if (on_gone_) on_gone_();
}

void BodyStream::Wake() {
  if (asleep_ != nullptr)
    MHD_resume_connection(std::exchange(asleep_, nullptr));
}

}  // namespace callbraid::collector
