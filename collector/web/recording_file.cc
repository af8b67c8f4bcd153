#include "collector/web/recording_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "microhttpd.h"

namespace callbraid::collector {

// One reader's place in it.
class RecordingFile::Reader final : public BodySource {
 public:
  Reader(std::shared_ptr<RecordingFile> file, uint64_t first, uint64_t length)
      : file_(std::move(file)), at_(first), left_(length) {}

  long Read(MHD_Connection* connection, char* buffer, size_t size) override
      ABSL_LOCKS_EXCLUDED(file_->mutex_) {
    if (left_ == 0) return kEnded;
    uint64_t there = 0;
    {
      MutexLock lock(file_->mutex_);
      if (broken_) return kBroken;
      there = file_->written_ > at_ ? file_->written_ - at_ : 0;
      if (there == 0 && file_->finished_) {
        return file_->status_.ok() ? kEnded : kBroken;
      }
      if (there == 0) {
        // Under the lock, so that nobody wakes what does not sleep yet.
        file_->asleep_.push_back(connection);
        MHD_suspend_connection(connection);
        return 0;
      }
    }
    const size_t wanted = std::min({static_cast<uint64_t>(size), left_, there});
    const ssize_t got =
        pread(file_->file_, buffer, wanted, static_cast<off_t>(at_));
    if (got <= 0) return kBroken;
    at_ += static_cast<uint64_t>(got);
    left_ -= static_cast<uint64_t>(got);
    return got;
  }

  void Break() override ABSL_LOCKS_EXCLUDED(file_->mutex_) {
    MutexLock lock(file_->mutex_);
    broken_ = true;
    file_->Wake();
  }

  void Leave() override {}

 private:
  const std::shared_ptr<RecordingFile> file_;
  // Of the server's thread.
  uint64_t at_;
  uint64_t left_;
  bool broken_ ABSL_GUARDED_BY(file_->mutex_) = false;
};

absl::StatusOr<std::shared_ptr<RecordingFile>> RecordingFile::Create(
    const std::string& folder) {
  std::string path = absl::StrCat(folder, "/playing-XXXXXX");
  const int file = mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) {
    return absl::UnavailableError(
        absl::StrCat("there is no room for a recording: ", folder, ": ",
                     std::strerror(errno)));
  }
  unlink(path.c_str());
  return std::shared_ptr<RecordingFile>(new RecordingFile(file));
}

RecordingFile::~RecordingFile() { close(file_); }

void RecordingFile::Begin(uint64_t total_bytes, std::string findings) {
  {
    MutexLock lock(mutex_);
    if (begun_) return;
    begun_ = true;
    total_bytes_ = total_bytes;
    findings_ = std::move(findings);
  }
  Tell();
}

void RecordingFile::Append(const std::string& bytes) {
  uint64_t at = 0;
  {
    MutexLock lock(mutex_);
    if (finished_) return;
    at = written_;
  }
  // There is one writer.
  const ssize_t put =
      pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at));
  if (put != static_cast<ssize_t>(bytes.size())) {
    return Finish(
        {grpc::StatusCode::UNAVAILABLE, "there is no room for a recording"});
  }
  MutexLock lock(mutex_);
  written_ = at + bytes.size();
  Wake();
}

void RecordingFile::Finish(const grpc::Status& status) {
  {
    MutexLock lock(mutex_);
    if (std::exchange(finished_, true)) return;
    status_ = status;
    if (status.ok()) total_bytes_ = written_;
    Wake();
  }
  Tell();
}

void RecordingFile::WhenBegun(std::function<void(const Head&)> then) {
  {
    MutexLock lock(mutex_);
    waiting_.push_back(std::move(then));
    if (!begun_ && !finished_) return;
  }
  Tell();
}

std::shared_ptr<BodySource> RecordingFile::Read(uint64_t first,
                                                uint64_t length) {
  return std::make_shared<Reader>(shared_from_this(), first, length);
}

uint64_t RecordingFile::bytes() const {
  MutexLock lock(mutex_);
  return std::max(total_bytes_, written_);
}

RecordingFile::Head RecordingFile::HeadNow() const {
  // What failed later has a head all the same; its readers are cut.
  return {begun_ ? grpc::Status::OK : status_, total_bytes_, findings_};
}

void RecordingFile::Tell() {
  std::vector<std::function<void(const Head&)>> waiting;
  Head head;
  {
    MutexLock lock(mutex_);
    waiting.swap(waiting_);
    head = HeadNow();
  }
  for (const auto& then : waiting) then(head);
}

void RecordingFile::Wake() {
  for (MHD_Connection* const connection : asleep_) {
    MHD_resume_connection(connection);
  }
  asleep_.clear();
}

}  // namespace callbraid::collector
