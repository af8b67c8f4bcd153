#include "sensor/spool/spool.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::sensor {
namespace {

constexpr uint64_t kMaxSegmentBytes = uint64_t{16} << 20;
// How far one segment can be from the whole: with less the ring would have to
// throw away much for a little.
constexpr uint64_t kSegmentsInLimit = 64;
constexpr uint64_t kFewestSegments = 4;
constexpr int64_t kMarkEveryNs = 1'000'000'000;
constexpr size_t kMaxMarks = 4096;
// The acknowledged position is a convenience (what is sent again is ignored),
// so it is written with every tenth Sync() only.
constexpr uint32_t kSyncsPerMeta = 10;

SpoolOptions WithSegmentSize(SpoolOptions options) {
  if (options.segment_bytes == 0) {
    options.segment_bytes =
        std::min(options.limit_bytes / kSegmentsInLimit, kMaxSegmentBytes);
  }
  options.segment_bytes =
      std::min(options.segment_bytes, options.limit_bytes / kFewestSegments);
  return options;
}

}  // namespace

Spool::Spool(SpoolOptions options)
    : options_(WithSegmentSize(std::move(options))),
      cache_(options_.cache_bytes),
      limit_bytes_(options_.limit_bytes) {}

Spool::~Spool() {
  Sync().IgnoreError();
  MutexLock append(append_mutex_);
  PersistMeta().IgnoreError();
}

absl::Status Spool::PersistMeta() {
  SpoolMeta meta;
  {
    MutexLock lock(mutex_);
    meta = meta_;
  }
  if (meta.spool_id == 0) return absl::OkStatus();  // Open() failed.
  RETURN_IF_ERROR(WriteSpoolMeta(options_.dir, meta));
  persisted_acked_ = meta.acked;
  return absl::OkStatus();
}

void Spool::PopSegment(std::vector<uint64_t>& freed) {
  const Segment& oldest = segments_.front();
  freed.push_back(oldest.first);
  bytes_ -= oldest.bytes;
  meta_.acked = std::max(meta_.acked, oldest.next - 1);
  segments_.pop_front();
  cache_.RemoveBefore(meta_.acked + 1);
  room_.NotifyAll();
}

void Spool::DiscardSegment(std::vector<uint64_t>& freed) {
  const Segment& oldest = segments_.front();
  const uint64_t from = std::max(oldest.first, meta_.acked + 1);
  const uint64_t frames = oldest.next - std::min(oldest.next, from);
  meta_.discarded_frames += frames - std::min(frames, oldest.lost);
  PopSegment(freed);
}

bool Spool::DiscardOldest() {
  std::vector<uint64_t> discarded;
  {
    MutexLock lock(mutex_);
    if (segments_.size() < 2) return false;
    DiscardSegment(discarded);
  }
  DeleteFiles(discarded);
  return true;
}

void Spool::TakeOverCounter(Spool& removed) {
  uint64_t discarded = 0;
  {
    MutexLock lock(removed.mutex_);
    discarded = std::exchange(removed.meta_.discarded_frames, 0);
  }
  MutexLock lock(mutex_);
  meta_.discarded_frames += discarded;
}

void Spool::set_limit_bytes(uint64_t limit) {
  MutexLock lock(mutex_);
  limit_bytes_ = limit;
}

void Spool::DeleteFiles(const std::vector<uint64_t>& segments) const {
  for (const uint64_t first : segments) {
    unlink(SegmentPath(options_.dir, first).c_str());
  }
}

absl::Status Spool::PrepareSegment(uint64_t first, size_t bytes) {
  const bool has_room =
      writer_.is_open() && (writer_.bytes() <= kSegmentHeaderBytes ||
                            writer_.bytes() + bytes <= options_.segment_bytes);
  if (!has_room) {
    if (writer_.is_open()) RETURN_IF_ERROR(writer_.Sync());
    ASSIGN_OR_RETURN(writer_, SegmentWriter::Create(options_.dir, first));
    folder_dirty_ = true;
    MutexLock lock(mutex_);
    segments_.push_back(
        {.first = first, .next = first, .bytes = writer_.bytes()});
    bytes_ += writer_.bytes();
  }
  std::vector<uint64_t> discarded;
  {
    MutexLock lock(mutex_);
    while (bytes_ + bytes > limit_bytes_ && segments_.size() > 1) {
      DiscardSegment(discarded);
    }
  }
  DeleteFiles(discarded);
  return absl::OkStatus();
}

absl::Status Spool::Append(std::shared_ptr<const std::string> frames,
                           uint32_t frame_count) {
  if (frame_count == 0 || frame_count > kMaxRecordFrames ||
      frames->size() > kMaxRecordBytes) {
    return absl::InvalidArgumentError("no batch of frames");
  }
  const size_t bytes = kRecordHeaderBytes + frames->size();
  {
    MutexLock append(append_mutex_);
    uint64_t first = 0;
    {
      MutexLock lock(mutex_);
      first = next_;
    }
    absl::Status status = PrepareSegment(first, bytes);
    if (status.ok()) status = writer_.Append(first, frame_count, *frames);
    if (!status.ok()) {
      FreeAcknowledged();
      return status;
    }
    data_dirty_ = true;
    MutexLock lock(mutex_);
    AddMark(first, absl::GetCurrentTimeNanos());
    next_ = sendable_next_ = first + frame_count;
    segments_.back().next = next_;
    segments_.back().bytes = writer_.bytes();
    bytes_ += bytes;
    cache_.Add({first, frame_count, std::move(frames)});
  }
  if (options_.appended != nullptr) options_.appended->Raise();
  return absl::OkStatus();
}

void Spool::AddMark(uint64_t sequence, int64_t time_ns) {
  while (marks_.size() > 1 && marks_[1].sequence <= meta_.acked + 1) {
    marks_.pop_front();
  }
  if (!marks_.empty() && time_ns - marks_.back().time_ns < kMarkEveryNs) return;
  if (marks_.size() >= kMaxMarks) {
    for (size_t i = 1; i < marks_.size(); ++i) {
      marks_.erase(marks_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  marks_.push_back({sequence, time_ns});
}

int64_t Spool::WaitingSinceNs() const {
  if (PendingFrames() == 0) return 0;
  int64_t since_ns = 0;
  for (const Mark& mark : marks_) {
    if (since_ns != 0 && mark.sequence > meta_.acked + 1) break;
    since_ns = mark.time_ns;
  }
  return since_ns;
}

uint64_t Spool::oldest_sequence() const {
  MutexLock lock(mutex_);
  const uint64_t oldest = segments_.empty() ? next_ : segments_.front().first;
  return oldest - std::min(oldest, meta_.base);
}

void Spool::FreeAcknowledged() {
  std::vector<uint64_t> freed;
  {
    MutexLock lock(mutex_);
    if (segments_.empty() || segments_.back().next > meta_.acked + 1) return;
    while (!segments_.empty()) PopSegment(freed);
  }
  writer_ = SegmentWriter();
  data_dirty_ = false;
  {
    // As long as it is open it takes its room on the disk.
    MutexLock read(read_mutex_);
    reader_ = SegmentReader();
  }
  DeleteFiles(freed);
  // Without a segment it is only here that the numbers used so far are kept.
  PersistMeta().IgnoreError();
}

void Spool::Lose(uint64_t frames) {
  MutexLock append(append_mutex_);
  MutexLock lock(mutex_);
  meta_.discarded_frames += frames;
  next_ += frames;
  if (segments_.empty()) return;
  segments_.back().next = next_;
  segments_.back().lost += frames;
}

bool Spool::WaitForRoom(size_t bytes, absl::Duration timeout) {
  // A new segment may be needed, with its header.
  const size_t need = bytes + kRecordHeaderBytes + kSegmentHeaderBytes;
  MutexLock lock(mutex_);
  while (bytes_ + need > limit_bytes_ && PendingFrames() > 0) {
    if (!room_.WaitFor(mutex_, timeout)) {
      return bytes_ + need <= limit_bytes_ || PendingFrames() == 0;
    }
  }
  return true;
}

absl::Status Spool::Sync() {
  MutexLock append(append_mutex_);
  if (data_dirty_) {
    RETURN_IF_ERROR(writer_.Sync());
    data_dirty_ = false;
  }
  if (folder_dirty_) {
    RETURN_IF_ERROR(SyncFolder(options_.dir));
    folder_dirty_ = false;
  }
  if (++syncs_ % kSyncsPerMeta != 0) return absl::OkStatus();
  {
    MutexLock lock(mutex_);
    if (meta_.acked == persisted_acked_) return absl::OkStatus();
  }
  return PersistMeta();
}

void Spool::Ack(uint64_t sequence) {
  std::vector<uint64_t> freed;
  {
    MutexLock lock(mutex_);
    const uint64_t newest = next_ - 1 - meta_.base;
    const uint64_t acked = meta_.base + std::min(sequence, newest);
    if (acked <= meta_.acked) return;
    meta_.acked = acked;
    cache_.RemoveBefore(acked + 1);
    while (segments_.size() > 1 && segments_.front().next <= acked + 1) {
      PopSegment(freed);
    }
    room_.NotifyAll();
  }
  DeleteFiles(freed);
}

void Spool::Clear() {
  MutexLock append(append_mutex_);
  {
    MutexLock lock(mutex_);
    meta_.acked = next_ - 1;
  }
  FreeAcknowledged();
}

absl::Status Spool::Renew() {
  MutexLock append(append_mutex_);
  SpoolMeta renewed;
  {
    MutexLock lock(mutex_);
    renewed = meta_;
    renewed.spool_id = RandomSpoolId();
    renewed.base = recovered_next_ - 1;
    renewed.acked = std::max(renewed.acked, renewed.base);
    renewed.unconfirmed = 0;
  }
  RETURN_IF_ERROR(WriteSpoolMeta(options_.dir, renewed));
  std::vector<uint64_t> freed;
  {
    MutexLock lock(mutex_);
    meta_.spool_id = renewed.spool_id;
    meta_.base = renewed.base;
    meta_.acked = std::max(meta_.acked, renewed.base);
    meta_.unconfirmed = 0;
    cache_.RemoveBefore(meta_.acked + 1);
    while (segments_.size() > 1 && segments_.front().next <= meta_.acked + 1) {
      PopSegment(freed);
    }
  }
  DeleteFiles(freed);
  return absl::OkStatus();
}

absl::Status Spool::Confirm() {
  MutexLock append(append_mutex_);
  {
    MutexLock lock(mutex_);
    if (meta_.unconfirmed == 0) return absl::OkStatus();
    meta_.unconfirmed = 0;
  }
  return PersistMeta();
}

uint64_t Spool::recovered_next_sequence() const {
  MutexLock lock(mutex_);
  return recovered_next_ - meta_.base;
}

uint64_t Spool::PendingFrames() const {
  return sendable_next_ - std::min(sendable_next_, meta_.acked + 1);
}

uint64_t Spool::pending_frames() const {
  MutexLock lock(mutex_);
  return PendingFrames();
}

uint64_t Spool::pending_bytes() const {
  MutexLock lock(mutex_);
  uint64_t bytes = 0;
  for (const Segment& segment : segments_) {
    if (segment.next <= meta_.acked + 1) continue;
    const uint64_t frames = segment.next - segment.first;
    const uint64_t pending =
        segment.next - std::max(segment.first, meta_.acked + 1);
    bytes += segment.bytes / frames * pending;
  }
  return bytes;
}

uint64_t Spool::bytes() const {
  MutexLock lock(mutex_);
  return bytes_;
}

v1::SpoolState Spool::State() const {
  MutexLock lock(mutex_);
  v1::SpoolState state;
  state.set_spool_id(meta_.spool_id);
  state.set_lane(options_.lane);
  state.set_first_sequence((PendingFrames() > 0 ? meta_.acked + 1 : next_) -
                           meta_.base);
  state.set_next_sequence(next_ - meta_.base);
  state.set_bytes(bytes_);
  state.set_limit_bytes(limit_bytes_);
  state.set_discarded_frames(meta_.discarded_frames);
  state.set_waiting_since_ns(WaitingSinceNs());
  return state;
}

}  // namespace callbraid::sensor
