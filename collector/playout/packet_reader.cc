#include "collector/playout/packet_reader.h"

#include <algorithm>

#include "collector/store/buckets.h"

namespace callbraid::collector {
namespace {

// Read-ahead ends with the first of these: a minute of a stream.
constexpr size_t kBatchFrames = 128;
constexpr size_t kBatchBytes = size_t{1} << 20;

// Capture times come from outside: beyond these (years 1970 to 2116) they are
// nonsense, and arithmetic with them could overflow.
constexpr int64_t kMaxTimeNs = int64_t{1} << 62;

std::vector<uint32_t> RangesFrom(const std::vector<uint32_t>& ranges,
                                 uint32_t bucket) {
  std::vector<uint32_t> left;
  for (size_t i = 0; i + 1 < ranges.size(); i += 2) {
    if (ranges[i + 1] < bucket) continue;
    left.push_back(std::max(ranges[i], bucket));
    left.push_back(ranges[i + 1]);
  }
  return left;
}

}  // namespace

// Packets of a frame come after the frame's own time.
ObservationSource StartingAt(ObservationSource source, int64_t time_ns) {
  const int64_t raw_ns = time_ns - source.offset_ns;
  if (time_ns <= source.first_time_ns || raw_ns <= 0) return source;
  source.bucket_ranges = RangesFrom(source.bucket_ranges, BucketOf(raw_ns));
  source.first_time_ns = raw_ns - raw_ns % kBucketNs + source.offset_ns;
  return source;
}

PacketReader::PacketReader(MediaStore& store, const ObservationSource& source)
    : store_(store), source_(source) {}

void PacketReader::Follow(int64_t until_ns) {
  std::vector<uint32_t>& ranges = source_.bucket_ranges;
  until_raw_ns_ = until_ns - source_.offset_ns;
  const uint32_t last = BucketOf(until_raw_ns_);
  if (ranges.empty()) {
    ranges = {BucketOf(source_.first_time_ns - source_.offset_ns), last};
  }
  ranges.back() = std::max(ranges.back(), last);
  all_read_ = false;
}

const ChunkPacket* PacketReader::Peek() {
  for (;;) {
    while (next_packet_ < packets_.size()) {
      ChunkPacket& packet = packets_[next_packet_];
      if (packet.time_ns >= 0 && packet.time_ns <= kMaxTimeNs) return &packet;
      ++next_packet_;
    }
    if (!NextChunk()) return nullptr;
  }
}

bool PacketReader::NextChunk() {
  packets_.clear();
  next_packet_ = 0;
  for (;;) {
    if (frames_.empty()) ReadAhead();
    if (frames_.empty() || !status_.ok()) return false;
    const bool sound = frame_.ParseFromString(frames_.front()) &&
                       frame_.has_media() &&
                       ReadChunk(frame_.media(), decoder_, packets_);
    frames_.pop_front();
    if (!sound) {
      packets_.clear();
      continue;
    }
    for (ChunkPacket& packet : packets_) {
      // Unsigned: must not overflow before Peek() has judged it.
      packet.time_ns =
          static_cast<int64_t>(static_cast<uint64_t>(packet.time_ns) +
                               static_cast<uint64_t>(source_.offset_ns));
    }
    return true;
  }
}

// From the bucket of the last frame read on; what was read of it before is
// passed over.
void PacketReader::ReadAhead() {
  if (all_read_) return;
  all_read_ = true;
  size_t bytes = 0;
  const auto visit = [this, &bytes](const FrameRecord& record) {
    const Position position = {record.time_ns, record.ordinal};
    if (any_read_ && position <= last_read_) return true;
    if (record.time_ns > until_raw_ns_) return false;
    if (frames_.size() >= kBatchFrames || bytes >= kBatchBytes) {
      all_read_ = false;
      return false;
    }
    any_read_ = true;
    last_read_ = position;
    frames_.push_back(record.frame);
    bytes += record.frame.size();
    return true;
  };
  status_ = store_.ReadFrames(source_.id, BucketsToRead(), visit);
}

std::vector<uint32_t> PacketReader::BucketsToRead() const {
  return any_read_
             ? RangesFrom(source_.bucket_ranges, BucketOf(last_read_.time_ns))
             : source_.bucket_ranges;
}

}  // namespace callbraid::collector
