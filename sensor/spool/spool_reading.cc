// Spool::Read(): what is delivered, from the cache or from the disk.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "sensor/spool/spool.h"

namespace callbraid::sensor {
namespace {

// How long the disk may fail to read before that counts as damage.
constexpr int64_t kPatienceNs = 60'000'000'000;

}  // namespace

std::optional<SpoolBatch> Spool::Read(uint64_t sequence) {
  MutexLock read(read_mutex_);
  uint64_t want = 0;
  uint64_t base = 0;
  {
    MutexLock lock(mutex_);
    base = meta_.base;
    if (sequence >= next_ - base) return std::nullopt;
    want = sequence + base;
  }
  // Every turn moves `want` on, or ends.
  for (;;) {
    Segment segment;
    {
      MutexLock lock(mutex_);
      if (const SpoolBatch* cached = cache_.Find(want)) {
        // Keeps no deleted segment alive while the cache does the work.
        if (segments_.empty() || reader_segment_ < segments_.front().first) {
          reader_ = SegmentReader();
        }
        SpoolBatch batch = *cached;
        batch.first_sequence -= base;
        return batch;
      }
      const auto found = std::partition_point(
          segments_.begin(), segments_.end(),
          [want](const Segment& s) { return s.next <= want; });
      if (found == segments_.end()) return std::nullopt;
      segment = *found;
    }
    Record record;
    switch (ReadSegment(segment, want, record)) {
      case SegmentReader::Result::kRecord:
        return SpoolBatch{
            record.first_sequence - base, record.frame_count,
            std::make_shared<const std::string>(std::move(record.frames))};
      case SegmentReader::Result::kEnd:
        want = segment.next;
        break;
      case SegmentReader::Result::kUnreadable:
        if (MayBecomeReadable(segment)) return std::nullopt;
        want = OnDamage(segment.first, want);
        break;
      case SegmentReader::Result::kDamaged:
        want = OnDamage(segment.first, want);
        break;
    }
  }
}

SegmentReader::Result Spool::ReadSegment(const Segment& segment,
                                         uint64_t sequence, Record& record) {
  if (!reader_.is_open() || reader_segment_ != segment.first ||
      reader_.passed_sequence() > sequence) {
    auto opened = SegmentReader::Open(SegmentPath(options_.dir, segment.first));
    if (!opened.ok()) {
      return absl::IsNotFound(opened.status())
                 ? SegmentReader::Result::kDamaged
                 : SegmentReader::Result::kUnreadable;
    }
    reader_ = *std::move(opened);
    reader_segment_ = segment.first;
  }
  reader_.SkipTo(sequence, segment.bytes);
  const auto result = reader_.Next(segment.bytes, record);
  if (result == SegmentReader::Result::kUnreadable) {
    reader_ = SegmentReader();
  } else if (segment.first == unreadable_segment_) {
    unreadable_segment_ = 0;
  }
  return result;
}

bool Spool::MayBecomeReadable(const Segment& segment) {
  const Clock& clock =
      options_.clock != nullptr ? *options_.clock : system_clock_;
  const int64_t now_ns = clock.MonotonicNs();
  if (unreadable_segment_ != segment.first) {
    unreadable_segment_ = segment.first;
    unreadable_since_ns_ = now_ns;
    spdlog::error(absl::StrCat(
        "spool ", options_.dir,
        ": the disk cannot read what waits; it is tried again for a minute"));
  }
  return now_ns - unreadable_since_ns_ < kPatienceNs;
}

uint64_t Spool::OnDamage(uint64_t segment, uint64_t sequence) {
  uint64_t go_on = 0;
  uint64_t frames = 0;
  {
    MutexLock lock(mutex_);
    const auto found = std::partition_point(
        segments_.begin(), segments_.end(),
        [segment](const Segment& s) { return s.first < segment; });
    // Discarded while we read it: no damage.
    if (found == segments_.end() || found->first != segment) return sequence;
    go_on = found->next;
    const auto cached = cache_.first_sequence();
    if (cached && *cached > sequence) go_on = std::min(go_on, *cached);
    if (go_on >= sendable_next_) sendable_next_ = sequence;
    if (found->damaged) return go_on;
    found->damaged = true;
    frames = go_on - std::min(go_on, std::max(sequence, found->first));
    meta_.discarded_frames += frames;
  }
  spdlog::warn(absl::StrCat("spool ", options_.dir, ": a segment is damaged; ",
                            frames, " frames are lost"));
  return go_on;
}

}  // namespace callbraid::sensor
