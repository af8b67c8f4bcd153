#include "collector/web/recording_file.h"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/credentials.h"
#include "microhttpd.h"

namespace callbraid::collector {
namespace {

// Must be left on the disk.
constexpr uint64_t kLeastFreeBytes = 256 << 20;

}  // namespace

// One reader's place in it.
class RecordingFile::Reader final : public BodySource {
 public:
  Reader(std::shared_ptr<RecordingFile> file, uint64_t first, uint64_t length)
      : file_(std::move(file)), at_(first), left_(length) {}

  long Read(MHD_Connection* connection, char* buffer, size_t size) override
      ABSL_LOCKS_EXCLUDED(file_->mutex_) {
    if (left_ == 0) return kEnded;
    uint64_t there = 0;
    int file = -1;
    {
      MutexLock lock(file_->mutex_);
      if (broken_ || file_->cut_) return kBroken;
      file = file_->file_;
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
    const ssize_t got = pread(file, buffer, wanted, static_cast<off_t>(at_));
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

RecordingFile::~RecordingFile() {
  MutexLock lock(mutex_);
  if (file_ >= 0) close(file_);
}

// The disk is the store's, too: that comes first.
absl::Status RecordingFile::Open() {
  struct statvfs disk = {};
  if (statvfs(folder_.c_str(), &disk) == 0 &&
      uint64_t{disk.f_bavail} * disk.f_frsize < kLeastFreeBytes) {
    return absl::UnavailableError(
        "the collector's disk is nearly full: no recording can be played");
  }
  std::string path = absl::StrCat(folder_, "/playing-XXXXXX");
  const int file = mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) {
    return absl::UnavailableError(absl::StrCat(
        "no file for a recording can be made in the collector's data folder: ",
        std::strerror(errno)));
  }
  unlink(path.c_str());
  MutexLock lock(mutex_);
  file_ = file;
  return absl::OkStatus();
}

bool RecordingFile::Begin(uint64_t total_bytes, std::string findings) {
  {
    MutexLock lock(mutex_);
    if (begun_ || finished_) return begun_;
  }
  if (absl::Status opened = Open(); !opened.ok()) {
    Finish(ToGrpc(opened));
    return false;
  }
  {
    MutexLock lock(mutex_);
    begun_ = true;
    total_bytes_ = total_bytes;
    findings_ = std::move(findings);
  }
  Tell();
  return true;
}

bool RecordingFile::Append(const std::string& bytes) {
  uint64_t at = 0;
  int file = -1;
  {
    MutexLock lock(mutex_);
    if (finished_) return false;
    at = written_;
    file = file_;
  }
  // There is one writer.
  const ssize_t put =
      pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(at));
  if (put != static_cast<ssize_t>(bytes.size())) {
    Finish({grpc::StatusCode::UNAVAILABLE, "the collector's disk is full"});
    return false;
  }
  MutexLock lock(mutex_);
  written_ = at + bytes.size();
  Wake();
  return true;
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

void RecordingFile::CutReaders() {
  MutexLock lock(mutex_);
  cut_ = true;
  Wake();
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
