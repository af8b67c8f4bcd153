#include "sensor/spool/kept_index.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

namespace callbraid::sensor {
namespace {

// Lowest number and how many from there to the highest, however they came.
std::pair<uint16_t, uint16_t> NumbersOf(const v1::MediaChunk& chunk) {
  int lowest = 0;
  int highest = 0;
  for (int i = 1; i < static_cast<int>(chunk.packet_count()); ++i) {
    const int deviation = chunk.sequence_deviations().empty()
                              ? 0
                              : chunk.sequence_deviations(i - 1);
    lowest = std::min(lowest, i + deviation);
    highest = std::max(highest, i + deviation);
  }
  return {
      static_cast<uint16_t>(static_cast<int>(chunk.first_sequence()) + lowest),
      static_cast<uint16_t>(highest - lowest + 1)};
}

bool Overlap(const KeptIndex::Chunk& chunk, uint16_t first, uint32_t packets) {
  return static_cast<uint16_t>(chunk.sequence - first) < packets ||
         static_cast<uint16_t>(first - chunk.sequence) < chunk.count;
}

}  // namespace

void KeptIndex::Add(uint32_t capture_point, const v1::MediaChunk& chunk,
                    uint64_t number) {
  const auto source = FromProto(chunk.source());
  const auto destination = FromProto(chunk.destination());
  if (!source || !destination) return;
  const auto [sequence, count] = NumbersOf(chunk);
  streams_[{capture_point, {*source, *destination}, chunk.ssrc()}].push_back(
      {chunk.first_time_ns(), number, sequence, count});
  ++size_;
}

std::vector<KeptIndex::Chunk> KeptIndex::Find(const KeptStream& stream,
                                              uint16_t first_sequence,
                                              uint32_t packets,
                                              int64_t near_ns) const {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return {};
  const std::vector<Chunk>& chunks = found->second;
  auto nearest = chunks.end();
  for (auto chunk = chunks.begin(); chunk != chunks.end(); ++chunk) {
    if (!Overlap(*chunk, first_sequence, packets)) continue;
    if (nearest == chunks.end() || std::abs(chunk->time_ns - near_ns) <
                                       std::abs(nearest->time_ns - near_ns)) {
      nearest = chunk;
    }
  }
  if (nearest == chunks.end()) return {};
  // Those of one gap follow each other.
  auto begin = nearest;
  while (begin != chunks.begin() &&
         Overlap(*std::prev(begin), first_sequence, packets)) {
    --begin;
  }
  const auto end = std::find_if_not(
      nearest, chunks.end(), [first_sequence, packets](const Chunk& chunk) {
        return Overlap(chunk, first_sequence, packets);
      });
  return {begin, end};
}

void KeptIndex::ForgetBefore(uint64_t number) {
  size_ = 0;
  for (auto it = streams_.begin(); it != streams_.end();) {
    std::vector<Chunk>& chunks = it->second;
    const auto kept = std::find_if(
        chunks.begin(), chunks.end(),
        [number](const Chunk& chunk) { return chunk.frame >= number; });
    chunks.erase(chunks.begin(), kept);
    size_ += chunks.size();
    if (chunks.empty()) {
      streams_.erase(it++);
    } else {
      ++it;
    }
  }
}

}  // namespace callbraid::sensor
