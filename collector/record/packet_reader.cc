#include "collector/record/packet_reader.h"

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

}  // namespace

PacketReader::PacketReader(MediaStore& store, const ObservationSource& source)
    : store_(store), source_(source) {}

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
                       ReadChunk(frame_.media(), packets_);
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
  if (!any_read_) return source_.bucket_ranges;
  const uint32_t from = BucketOf(last_read_.time_ns);
  std::vector<uint32_t> ranges;
  for (size_t i = 0; i + 1 < source_.bucket_ranges.size(); i += 2) {
    const uint32_t last = source_.bucket_ranges[i + 1];
    if (last < from) continue;
    ranges.push_back(std::max(source_.bucket_ranges[i], from));
    ranges.push_back(last);
  }
  return ranges;
}

}  // namespace callbraid::collector
