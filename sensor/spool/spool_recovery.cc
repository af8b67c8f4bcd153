// Spool::Open(): what an earlier process, or a power failure, left behind.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "sensor/spool/spool.h"

namespace callbraid::sensor {
namespace {

absl::StatusOr<File> LockFolder(const std::string& dir) {
  const std::string path = absl::StrCat(dir, "/lock");
  ASSIGN_OR_RETURN(File file, File::Open(path, O_RDWR | O_CREAT));
  if (flock(file.fd(), LOCK_EX | LOCK_NB) == 0) return file;
  if (errno != EWOULDBLOCK) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot lock ", path));
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the spool ", dir,
                   " is in use by another process; stop that one, or give each "
                   "sensor a folder of its own"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Spool>> Spool::Open(SpoolOptions options) {
  RETURN_IF_ERROR(MakeFolder(options.dir));
  ASSIGN_OR_RETURN(File lock_file, LockFolder(options.dir));
  auto spool = std::unique_ptr<Spool>(new Spool(std::move(options)));
  spool->lock_file_ = std::move(lock_file);
  RETURN_IF_ERROR(spool->Recover());
  return spool;
}

absl::StatusOr<std::vector<Spool::Segment>> Spool::ListSegments() const {
  DIR* folder = opendir(options_.dir.c_str());
  if (folder == nullptr) {
    return absl::ErrnoToStatus(errno,
                               absl::StrCat("cannot list ", options_.dir));
  }
  std::vector<Segment> segments;
  while (const dirent* entry = readdir(folder)) {
    const auto first = ParseSegmentName(entry->d_name);
    if (first) segments.push_back({.first = *first});
  }
  closedir(folder);
  std::sort(
      segments.begin(), segments.end(),
      [](const Segment& a, const Segment& b) { return a.first < b.first; });
  int64_t left_ns = 0;
  for (size_t i = 0; i < segments.size(); ++i) {
    Segment& segment = segments[i];
    ASSIGN_OR_RETURN(
        const File file,
        File::Open(SegmentPath(options_.dir, segment.first), O_RDONLY));
    ASSIGN_OR_RETURN(segment.bytes, file.Size());
    // A segment is begun when the one before it is left.
    segment.begun_ns = left_ns == 0 ? file.WrittenNs() : left_ns;
    left_ns = file.WrittenNs();
    // Every segment but the newest is whole: it was synced before the next one
    // was made. That spares reading the whole spool at the start.
    segment.next = i + 1 < segments.size() ? segments[i + 1].first : 0;
  }
  return segments;
}

absl::StatusOr<bool> Spool::RecoverNewest(Segment& newest) {
  const std::string path = SegmentPath(options_.dir, newest.first);
  ASSIGN_OR_RETURN(SegmentReader reader, SegmentReader::Open(path));
  Record record;
  auto last = SegmentReader::Result::kRecord;
  while (last == SegmentReader::Result::kRecord) {
    last = reader.Next(newest.bytes, record);
  }
  // What cannot be read may be whole: nothing is cut off.
  if (last == SegmentReader::Result::kUnreadable) {
    return absl::Status(
        reader.failure().code(),
        absl::StrCat(reader.failure().message(),
                     "; start again when the disk can be read, or move that "
                     "file away, which loses the frames in it"));
  }
  newest.next = std::max(newest.first, reader.passed_sequence());
  if (reader.offset() < newest.bytes) {
    spdlog::warn(absl::StrCat(
        "spool ", options_.dir, ": ", newest.bytes - reader.offset(),
        " bytes after the last whole record are dropped (power failure or "
        "damage)"));
  }
  if (reader.offset() == 0) {
    if (unlink(path.c_str()) != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("cannot remove ", path));
    }
    return false;
  }
  newest.bytes = reader.offset();
  ASSIGN_OR_RETURN(writer_, SegmentWriter::Reopen(path, newest.bytes));
  return true;
}

absl::Status Spool::Recover() {
  ASSIGN_OR_RETURN(auto meta, ReadSpoolMeta(options_.dir));
  ASSIGN_OR_RETURN(auto segments, ListSegments());
  MutexLock append(append_mutex_);
  uint64_t next = meta ? meta->acked + 1 : 1;
  if (!segments.empty()) {
    Segment newest = segments.back();
    segments.pop_back();
    ASSIGN_OR_RETURN(const bool usable, RecoverNewest(newest));
    if (usable) segments.push_back(newest);
    next = std::max(next, newest.next);
  }
  {
    MutexLock lock(mutex_);
    const uint64_t oldest = segments.empty() ? next : segments.front().first;
    recovered_next_ = next;
    if (meta) {
      meta_ = *meta;
      // Kept from an earlier start that never heard a collector: what came
      // since then is no more certain than it was.
      if (meta_.unconfirmed == 0 || meta_.unconfirmed > next) {
        meta_.unconfirmed = next;
      }
      recovered_next_ = meta_.unconfirmed;
    } else {
      // No collector knows anything under a new id.
      meta_ = {.spool_id = RandomSpoolId(), .base = oldest - 1};
    }
    meta_.acked = std::max(meta_.acked, oldest - 1);
    next_ = sendable_next_ = next;
    for (const Segment& segment : segments) bytes_ += segment.bytes;
    segments_.assign(segments.begin(), segments.end());
    for (const Segment& segment : segments_) {
      AddMark(segment.first, segment.begun_ns);
    }
  }
  return PersistMeta();
}

}  // namespace callbraid::sensor
